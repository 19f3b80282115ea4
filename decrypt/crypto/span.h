/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Borrowed bytes. */
#ifndef IKE_SPAN_H
#define IKE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `length` bytes at `data`, which somebody else owns. */
typedef struct {
    const uint8_t *data;
    size_t length;
} ike_span;

#endif
