/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities of peers as text, to look up their secrets. */
#ifndef IKE_IDENTITY_H
#define IKE_IDENTITY_H

#include "proto/ike_span.h"

/* The one form of an identity as people write it: addresses as inet_ntop() prints them, names in
 * lower case, distinguished names as "type=value" sorted out of any order of writing ("C=DE, O=x",
 * "/C=DE/O=x", with or without spaces). The caller frees it with g_free. */
char *ike_identity_canonical(const char *text);

/* The identity in the body of an ID payload (type, 3 bytes, data; RFC 2407 4.6.2, RFC 7296 3.5) as
 * text; NULL for types that have no such form. The caller frees it with g_free. */
char *ike_identity_text(ike_span body);

#endif
