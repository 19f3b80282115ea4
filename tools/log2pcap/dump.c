/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/dump.h"

#include <string.h>

enum {
    SHORT_ROW = 16, /* bytes of a row of charon and pluto */
    LONG_ROW = 32,  /* of racoon, isakmpd, iked, vpnc */
    MAX_IDLE = 64,  /* lines between two rows: those of other threads */
};

void log_dump_init(log_dump *dump)
{
    *dump = (log_dump){.bytes = g_byte_array_new()};
}

void log_dump_clear(log_dump *dump)
{
    g_byte_array_unref(dump->bytes);
}

size_t log_take_pairs(ike_text *text, uint8_t *bytes, size_t count)
{
    size_t pairs = 0, length;

    for (; pairs < count; text->at += 2) {
        ike_text rest = *text;
        ike_text_blanks(&rest);
        if (ike_text_length(rest) < 2 ||
            ike_text_bytes((ike_text){rest.at, rest.at + 2}, bytes + pairs, 1, &length))
            break;
        text->at = rest.at;
        pairs++;
    }
    return pairs;
}

void log_dump_begin(log_dump *dump, uint64_t expected)
{
    g_byte_array_set_size(dump->bytes, 0);
    dump->expected = expected > LOG_DUMP_MAX ? 0 : (size_t)expected;
    dump->idle = 0;
}

bool log_dump_pass(log_dump *dump)
{
    if (++dump->idle > MAX_IDLE)
        dump->expected = 0;
    return dump->expected > 0;
}

/* Bytes of the next row, at most `width`. */
static size_t row_size(const log_dump *dump, size_t width)
{
    size_t left = dump->expected - dump->bytes->len;

    return left < width ? left : width;
}

static bool at_word_end(ike_text rest)
{
    return rest.at == rest.end || g_ascii_isspace(*rest.at);
}

/* Pairs at the front of the text are the next row, where there are enough of them. */
static log_line_use take_pairs(log_dump *dump, ike_text text)
{
    uint8_t row[SHORT_ROW];
    size_t size = row_size(dump, SHORT_ROW);
    size_t pairs = log_take_pairs(&text, row, size);

    if (pairs == size && at_word_end(text)) {
        g_byte_array_append(dump->bytes, row, (unsigned)size);
        dump->idle = 0;
        return LOG_LINE_USED;
    }
    text = ike_text_trimmed(text);
    bool ends = ike_text_length(text) == ike_text_hex_run(text) && ike_text_length(text) <= 1;
    return pairs < size && ends ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
}

/* The line with at most one of the blanks that end it: a row may be cut right behind its bar. */
static ike_text without_padding(ike_text line)
{
    const char *end = ike_text_trimmed(line).end;

    return (ike_text){line.at, end < line.end ? end + 1 : end};
}

log_line_use log_dump_offset_row(log_dump *dump, ike_text line)
{
    char offset[16];
    log_line_use use = LOG_LINE_OTHER;
    ike_text rest = without_padding(line);

    if (!log_dump_is_open(dump) || log_dump_is_complete(dump))
        return LOG_LINE_OTHER;
    g_snprintf(offset, sizeof offset, "%u:", dump->bytes->len);
    while (use != LOG_LINE_USED && ike_text_behind(rest, offset, &rest)) {
        const char *mark = rest.at - strlen(offset);
        if (mark > line.at && !g_ascii_isspace(mark[-1]) && mark[-1] != ']')
            continue;
        log_line_use now = take_pairs(dump, rest);
        use = now == LOG_LINE_OTHER ? use : now;
    }
    return use;
}

log_line_use log_dump_bar_row(log_dump *dump, ike_text line)
{
    log_line_use use = LOG_LINE_OTHER;
    ike_text rest = without_padding(line);

    if (!log_dump_is_open(dump) || log_dump_is_complete(dump))
        return LOG_LINE_OTHER;
    while (use != LOG_LINE_USED && ike_text_behind(rest, "| ", &rest)) {
        log_line_use now = take_pairs(dump, rest);
        use = now == LOG_LINE_OTHER ? use : now;
    }
    return use;
}

/* Takes the last group of up to four bytes off the end of the text; its size, or 0. */
static size_t last_group(ike_text *text, uint8_t group[4])
{
    const char *at = text->end;

    while (at > text->at && text->end - at < 8 && g_ascii_xdigit_value(at[-1]) >= 0)
        at--;
    size_t digits = (size_t)(text->end - at);
    bool alone = at == text->at || g_ascii_isspace(at[-1]);
    if (digits == 0 || digits > 8 || digits % 2 != 0 || (digits < 8 && !alone))
        return 0;
    ike_text pairs = {at, text->end};
    text->end = at;
    return log_take_pairs(&pairs, group, 4);
}

log_line_use log_dump_group_row(log_dump *dump, ike_text line)
{
    uint8_t row[LONG_ROW], group[4];

    if (!log_dump_is_open(dump) || log_dump_is_complete(dump))
        return LOG_LINE_OTHER;
    size_t size = row_size(dump, LONG_ROW), left = size;
    ike_text text = ike_text_trimmed(line);
    while (left > 0) {
        size_t want = left % 4 ? left % 4 : 4;
        if (last_group(&text, group) != want)
            break;
        memcpy(row + left - want, group, want);
        left -= want;
        text = ike_text_trimmed(text);
    }
    if (left == 0) {
        g_byte_array_append(dump->bytes, row, (unsigned)size);
        dump->idle = 0;
        return LOG_LINE_USED;
    }
    /* A wrapped row: as much of it as stands on this line is hex to its end. */
    text = ike_text_trimmed(line);
    bool hex = ike_text_length(text) > 0 && g_ascii_xdigit_value(text.end[-1]) >= 0;
    return hex && ike_text_length(line) >= 40 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
}
