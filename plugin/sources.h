/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where keys come from: the built-in's tables and our preferences, into the key ring of the
 * capture. */
#ifndef IKE_SOURCES_H
#define IKE_SOURCES_H

/* Registers the preferences, and the functions that fill the key ring of the session. */
void ike_sources_register(void);

/* A name or text of others between quotes, with what could end them or a line written out. The
 * caller frees it with g_free. */
char *ike_quoted(const char *text);

#endif
