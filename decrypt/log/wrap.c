/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the second half of a broken line from a line of its own. */
#include "decrypt/log/wrap.h"

#include <glib.h>
#include <string.h>

enum {
    WIDTH_MIN = 40, /* no terminal is narrower */
    LONG_RUN = 16,  /* digits: more than a group of a hexdump or a time stamp */
    DIGITS_MAX = 20 /* of a number before each line that a log may have */
};

/* The hex digits at the end of a line. */
static size_t run_at_end(ike_text line)
{
    const char *at = line.end;
    while (at > line.at && g_ascii_xdigit_value(at[-1]) >= 0)
        at--;
    return (size_t)(line.end - at);
}

static char kind_of(char c)
{
    if (c >= '0' && c <= '9')
        return '0';
    if (c >= 'a' && c <= 'z')
        return 'a';
    return c >= 'A' && c <= 'Z' ? 'A' : c;
}

bool ike_lines_begin_alike(ike_text line, ike_text next)
{
    enum { BEGINNING = 10 };
    if (ike_text_length(line) < BEGINNING || ike_text_length(next) < BEGINNING)
        return false;
    for (unsigned i = 0; i < BEGINNING; i++)
        if (kind_of(line.at[i]) != kind_of(next.at[i]))
            return false;
    return true;
}

bool ike_may_be_wrapped(ike_text line)
{
    if (ike_text_length(line) < WIDTH_MIN)
        return false;
    size_t run = run_at_end(line);
    if (run >= LONG_RUN)
        return true;
    const char *before = line.end - run;
    return before - line.at >= 2 && (before[-1] == 'x' || before[-1] == 'X') && before[-2] == '0';
}

static bool has_digit(const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (at[i] >= '0' && at[i] <= '9')
            return true;
    return false;
}

/* Every line of some logs begins with a number: then so does this one. */
static bool begins_alike(ike_text line, ike_text next, size_t run)
{
    return run <= DIGITS_MAX && ike_text_hex_run(line) == run && line.at[run] == next.at[run];
}

bool ike_is_rest_of_line(ike_text line, ike_text next)
{
    size_t run = ike_text_hex_run(next);
    if (run == 0 || (run < ike_text_length(next) && !has_digit(next.at, run)))
        return false; /* "add", "dec": words */
    char behind = next.at + run < next.end ? next.at[run] : ' ';
    if (!ike_is_any_of(behind, " \t\"';)}]") && !(behind == ',' && run != LONG_RUN))
        return false;
    return run == ike_text_length(next) || !begins_alike(line, next, run);
}
