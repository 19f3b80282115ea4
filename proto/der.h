/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small reader of DER (X.690), enough for names, algorithms and lists of revoked certificates. */
#ifndef IKE_DER_H
#define IKE_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    IKE_DER_INTEGER = 0x02,
    IKE_DER_OCTET_STRING = 0x04,
    IKE_DER_OID = 0x06,
    IKE_DER_ENUMERATED = 0x0a,
    IKE_DER_UTC_TIME = 0x17,
    IKE_DER_GENERALIZED_TIME = 0x18,
    IKE_DER_SEQUENCE = 0x30,
    IKE_DER_SET = 0x31,
    IKE_DER_CONTEXT = 0xa0, /* [0], constructed */
};

/* One element; `next` is what follows it in its parent. */
typedef struct {
    uint8_t tag;
    const uint8_t *data;
    size_t length;
    const uint8_t *next;
    size_t rest;
} ike_der;

/* The element at `at`, of which `left` bytes are there; false when it is no complete element with a
 * length of three bytes at most. */
bool ike_der_read(const uint8_t *at, size_t left, ike_der *element);

/* The next one of the same parent. */
bool ike_der_next(ike_der *element);

/* The first one inside, when `outer` has the tag. */
bool ike_der_enter(const ike_der *outer, uint8_t tag, ike_der *inner);

static inline bool ike_der_is_oid(const ike_der *oid, const uint8_t *bytes, size_t length)
{
    return oid->tag == IKE_DER_OID && oid->length == length &&
           memcmp(oid->data, bytes, length) == 0;
}

#endif
