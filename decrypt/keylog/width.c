/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a text for trial, as it is and put together at its width. */
#include "decrypt/keylog/width.h"

#include <string.h>

#include "decrypt/keylog/keylog.h"

enum { WIDTH_MIN = 40, WIDTH_MAX = 400, LINES_MIN = 2 };

/* The length of the longest line, when it is that of several. */
static unsigned longest(const char *text, size_t length)
{
    size_t most = 0;
    unsigned lines = 0;
    for (const char *at = text, *end = text + length; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line = (size_t)((newline != NULL ? newline : end) - at);
        if (line > most)
            lines = 0;
        if (line >= most) {
            most = line;
            lines++;
        }
        at = newline != NULL ? newline + 1 : end;
    }
    return lines >= LINES_MIN && most >= WIDTH_MIN && most <= WIDTH_MAX ? (unsigned)most : 0;
}

static size_t secret_bytes(const char *text, size_t length, unsigned width)
{
    ike_keyring *ring = ike_keyring_new(NULL, NULL);
    ike_keylog *log = ike_keylog_new(ring, IKE_SOURCE_KEYLOG, "");
    ike_keylog_set_width(log, width);
    ike_keylog_feed(log, text, length);
    ike_keylog_finish(log);
    size_t bytes = ike_keylog_secret_bytes(log);
    ike_keylog_free(log);
    ike_keyring_free(ring);
    return bytes;
}

unsigned ike_keylog_find_width(const char *text, size_t length)
{
    unsigned width = longest(text, length);
    return width != 0 && secret_bytes(text, length, width) > secret_bytes(text, length, 0) ? width
                                                                                           : 0;
}
