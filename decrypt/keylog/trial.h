/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a text for trial, to see in which layout most of it makes sense. */
#ifndef IKE_KEYLOG_TRIAL_H
#define IKE_KEYLOG_TRIAL_H

#include <stddef.h>

/* How much of a text is recognised: bytes of secrets, then SAs that they are bound to, then few
 * warnings. 0: nothing. All of it is thrown away. */
size_t ike_keylog_try(const char *text, size_t length);

#endif
