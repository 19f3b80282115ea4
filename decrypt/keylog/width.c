/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a text for trial, as it is and put together at its width. */
#include "decrypt/keylog/width.h"

#include <string.h>

#include "decrypt/keylog/trial.h"

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

unsigned ike_keylog_find_width(const char *text, size_t length)
{
    unsigned width = longest(text, length);
    return width != 0 && ike_keylog_try(text, length, width) > ike_keylog_try(text, length, 0)
               ? width
               : 0;
}
