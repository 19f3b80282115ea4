/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The preferences, and the key ring of a capture filled from them and from the built-in's
 * decryption tables. */
#ifndef IKE_PREFERENCES_H
#define IKE_PREFERENCES_H

/* Registers the preferences, and the functions that fill the key ring of the session. */
void ike_preferences_register(void);

#endif
