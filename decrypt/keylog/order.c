/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells by the times in a log, and by trial, whether its newest line comes first. */
#include "decrypt/keylog/order.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/text.h"
#include "decrypt/keylog/trial.h"

enum { TRIAL_MAX = 1 << 18 }; /* bytes */

/* The seconds of the first "04:32:00" in a line; -1: there is none. */
static int time_in(ike_text line)
{
    enum { LENGTH = 8, LOOK = 64 };
    const char *end = line.at + MIN(ike_text_length(line), (size_t)LOOK);
    for (const char *at = line.at; end - at >= LENGTH; at++) {
        unsigned parts[3], count = 0;
        while (count < 3 &&
               ike_text_decimal((ike_text){at + 3 * count, at + 3 * count + 2}, &parts[count]) &&
               (count == 2 || at[3 * count + 2] == ':'))
            count++;
        if (count == 3)
            return (int)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    }
    return -1;
}

/* Whether times fall more often than they grow, or tell nothing. */
static bool may_be_backwards(ike_text text)
{
    int last = -1, growing = 0;
    while (text.at < text.end) {
        int now = time_in(ike_text_until(&text, '\n'));
        if (now >= 0 && last >= 0 && now != last)
            growing += now > last ? 1 : -1;
        last = now >= 0 ? now : last;
    }
    return growing <= 0;
}

static void turn_bytes(char *from, char *to)
{
    while (from < to) {
        char c = *from;
        *from++ = *--to;
        *to = c;
    }
}

/* All bytes, and then those of each line again. */
unsigned ike_keylog_turn_around(char *text, size_t length)
{
    char *end = text + length;
    unsigned lines = 0;
    if (length > 0 && end[-1] == '\n')
        end--; /* it stays where it is */
    turn_bytes(text, end);
    for (char *at = text; at < end; lines++) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL)
            newline = end;
        turn_bytes(at, newline);
        at = newline + 1;
    }
    return lines;
}

bool ike_keylog_is_newest_first(const char *text, size_t length)
{
    length = MIN(length, (size_t)TRIAL_MAX);
    if (length == 0 || memchr(text, '\0', length) != NULL ||
        !may_be_backwards((ike_text){text, text + length}))
        return false;
    char *copy = g_memdup2(text, length);
    (void)ike_keylog_turn_around(copy, length);
    bool newest_first = ike_keylog_try(copy, length, 0) > ike_keylog_try(text, length, 0);
    OPENSSL_cleanse(copy, length);
    g_free(copy);
    return newest_first;
}
