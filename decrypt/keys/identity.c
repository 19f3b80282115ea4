/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities as people write them, to find their PSK. */
#include <arpa/inet.h>

#include "decrypt/ike_crypto.h"

/* Types of both versions (RFC 2407 4.6.2.1, RFC 7296 3.5). */
enum { ID_IPV4 = 1, ID_FQDN = 2, ID_USER_FQDN = 3, ID_IPV6 = 5, ID_KEY_ID = 11 };

enum { BODY_HEADER = 4 };

char *ike_identity_text(ike_span body)
{
    char text[INET6_ADDRSTRLEN];
    const uint8_t *data;
    size_t length;

    if (body.length <= BODY_HEADER) {
        return NULL;
    }
    data = body.data + BODY_HEADER;
    length = body.length - BODY_HEADER;
    switch (body.data[0]) {
    case ID_IPV4:
        return length == 4 ? g_strdup(inet_ntop(AF_INET, data, text, sizeof text)) : NULL;
    case ID_IPV6:
        return length == 16 ? g_strdup(inet_ntop(AF_INET6, data, text, sizeof text)) : NULL;
    case ID_FQDN:
    case ID_USER_FQDN:
    case ID_KEY_ID:
        return g_strndup((const char *)data, length);
    default:
        return NULL;
    }
}
