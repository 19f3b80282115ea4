/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_SPAN_H
#define IKE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: of a packet, a key log, a secret. */
typedef struct {
    const uint8_t *data; /* NULL when there are none */
    size_t length;
} ike_span;

/* Not for secrets: the time depends on the bytes. */
static inline bool ike_span_equal(ike_span a, ike_span b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

#endif
