/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are wiped when they go: keys, shared secrets, plaintext of key exchanges. */
#ifndef IKE_SECRET_H
#define IKE_SECRET_H

#include "proto/ike_span.h"

/* Owned bytes. All zero is the empty secret: no init is needed beyond `= {0}`. */
typedef struct {
    uint8_t *data; /* NULL when length is 0 */
    size_t length;
} ike_secret;

/* Sets to `length` zero bytes and returns them for writing (NULL for 0). The old value is wiped. */
uint8_t *ike_secret_resize(ike_secret *secret, size_t length);

/* Sets to a copy of the bytes, which may lie inside the secret itself. */
void ike_secret_set(ike_secret *secret, ike_span bytes);

/* The same where the secret is empty and there are bytes. */
void ike_secret_fill(ike_secret *secret, ike_span bytes);

/* Sets to the parts joined; they may lie inside the secret. */
void ike_secret_join(const ike_span *parts, size_t count, ike_secret *secret);

/* Hands the bytes of `from` over to `to`; `from` is empty afterwards. */
void ike_secret_move(ike_secret *to, ike_secret *from);

/* Same bytes? In constant time for equal lengths. */
bool ike_secret_equal(const ike_secret *a, const ike_secret *b);

/* Wipes and empties. */
void ike_secret_clear(ike_secret *secret);

/* The bytes, borrowed. */
static inline ike_span ike_secret_span(const ike_secret *secret)
{
    return (ike_span){secret->data, secret->length};
}

#endif
