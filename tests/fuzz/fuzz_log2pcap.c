/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs for ike-log2pcap: what comes out is a valid pcapng, and not much more than went in. */
#include <glib.h>

#include "fuzz.h"
#include "tools/log2pcap/convert.h"

enum { ENHANCED_PACKET = 6, BLOCK_HEADER = 8, BLOCK_MIN = 12, OUT_BASE = 4 * 1024 * 1024 };

static uint32_t get32(const uint8_t *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof number);
    return number;
}

/* Counts the packets of a pcapng, whose blocks and packets lie inside each other. */
static unsigned count_packets(const GByteArray *capture)
{
    unsigned count = 0;

    for (size_t at = 0; at < capture->len;) {
        const uint8_t *block = capture->data + at;
        g_assert_cmpuint(capture->len - at, >=, BLOCK_MIN);
        uint32_t length = get32(block + 4);
        g_assert_cmpuint(length, >=, BLOCK_MIN);
        g_assert_cmpuint(length, <=, capture->len - at);
        g_assert_cmpuint(length % 4, ==, 0);
        g_assert_cmpuint(get32(block + length - 4), ==, length);
        if (get32(block) == ENHANCED_PACKET) {
            uint32_t captured = get32(block + BLOCK_HEADER + 12);
            g_assert_cmpuint(captured, <=, length - BLOCK_MIN);
            g_assert_cmpuint(captured, <=, get32(block + BLOCK_HEADER + 16));
            count++;
        }
        at += length;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    ike_text log = {(const char *)data, (const char *)data + size};
    GByteArray *out = g_byte_array_new();

    log_conversion result = log_convert(log, 1764218747, size % 2, out);
    g_assert_cmpuint(count_packets(out), ==, result.packets);
    g_assert_cmpuint(out->len, <=, OUT_BASE + 64 * size);
    g_byte_array_unref(out);
    return 0;
}
