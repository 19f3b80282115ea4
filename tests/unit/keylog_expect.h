/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a text as a key log, in pieces of many sizes, and compares what came into the key ring. */
#ifndef KEYLOG_EXPECT_H
#define KEYLOG_EXPECT_H

#include <string.h>

#include "recording_keyring.h"

static inline char *read_text(const char *text, size_t length, size_t piece)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    for (size_t at = 0; at < length; at += piece)
        ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, "log", text + at, MIN(piece, length - at),
                             false);
    ike_keyring_add_text(ring, IKE_SOURCE_KEYLOG, "log", "", 0, true);
    char *result = recording_text(ring);
    ike_keyring_free(ring);
    return result;
}

static inline void expect(const char *text, const char *expected)
{
    for (size_t piece = 1; piece < strlen(text) + 7; piece += 7) {
        char *got = read_text(text, strlen(text), piece);
        assert_string_equal(got, expected);
        g_free(got);
    }
}

#endif
