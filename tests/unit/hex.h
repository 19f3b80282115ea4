/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes written as hex in tests, and the comparison of results with them. */
#ifndef IKE_TEST_HEX_H
#define IKE_TEST_HEX_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/ike_span.h"

static uint8_t hex_pool[1 << 18];
static size_t hex_used;

static inline unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c = (char)(c | 0x20);
    assert_true(c >= 'a' && c <= 'f');
    return (unsigned)(c - 'a') + 10;
}

/* The bytes of a hex text; spaces are skipped. They live until the program ends. */
static inline ike_span hex(const char *text)
{
    uint8_t *start = hex_pool + hex_used;
    size_t digits = 0;

    for (; *text != '\0'; text++) {
        if (*text == ' ')
            continue;
        assert_true(hex_used < sizeof hex_pool);
        if (digits % 2 == 0)
            hex_pool[hex_used] = (uint8_t)(hex_digit(*text) << 4);
        else
            hex_pool[hex_used++] |= (uint8_t)hex_digit(*text);
        digits++;
    }
    assert_int_equal(digits % 2, 0);
    return (ike_span){start, digits / 2};
}

/* The bytes of a text, without its final NUL. */
static inline ike_span text_span(const char *text)
{
    return (ike_span){(const uint8_t *)text, strlen(text)};
}

static inline void assert_bytes(const uint8_t *got, size_t length, const char *expected)
{
    ike_span want = hex(expected);

    assert_int_equal(length, want.length);
    if (length > 0)
        assert_memory_equal(got, want.data, length);
}

#endif
