/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges plaintext by its payload chain: what a wrong key gives is never one (almost). */
#include "decrypt/ike_crypto.h"

enum { GENERIC_HEADER = 4 };

static size_t payload_length(const uint8_t *header)
{
    return (size_t)header[2] << 8 | header[3];
}

bool ikev2_chain_fits(uint8_t next, const uint8_t *plain, size_t length)
{
    size_t at = 0;

    while (next != 0) {
        if (length - at < GENERIC_HEADER || payload_length(plain + at) < GENERIC_HEADER ||
            payload_length(plain + at) > length - at) {
            return false;
        }
        next = plain[at];
        at += payload_length(plain + at);
    }
    return at == length;
}

/* Payload types of version 1: RFC 2408 3.1 and what came after, private ones included. */
static bool ikev1_type_exists(uint8_t type)
{
    return type <= 24 || type >= 128;
}

/* The least body of a payload that has fixed fields. */
static size_t ikev1_least_body(uint8_t type)
{
    switch (type) {
    case 1: /* SA: DOI and situation, or DOI alone */
    case 5: /* ID */
        return 4;
    case 6: /* CERT */
    case 7: /* CERT REQ */
        return 1;
    case 8:  /* HASH */
    case 9:  /* SIG */
    case 10: /* NONCE */
        return 8;
    case 11: /* NOTIFY */
    case 12: /* DELETE */
        return 8;
    case 14: /* attributes */
        return 4;
    default:
        return 0;
    }
}

long ikev1_chain_length(uint8_t next, const uint8_t *plain, size_t length)
{
    size_t at = 0;

    if (next == 0) {
        return -1;
    }
    while (next != 0) {
        if (length - at < GENERIC_HEADER || plain[at + 1] != 0 || !ikev1_type_exists(next) ||
            payload_length(plain + at) < GENERIC_HEADER + ikev1_least_body(next) ||
            payload_length(plain + at) > length - at) {
            return -1;
        }
        next = plain[at];
        at += payload_length(plain + at);
    }
    return (long)at;
}
