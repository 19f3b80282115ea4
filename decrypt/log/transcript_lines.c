/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs that were broken at the width of a terminal or mail, printed from the last line to the
 * first, or whose hex was split into groups. */
#include <string.h>

#include "decrypt/log/transcript.h"
#include "decrypt/log/wrap.h"

/* ---- broken lines ---------------------------------------------------------------------------- */

static bool has_two_words(ike_text line)
{
    (void)ike_text_word(&line);
    ike_text_blanks(&line);
    return line.at < line.end;
}

typedef enum { BROKEN_ANYWHERE, BROKEN_AT_BLANKS, BROKEN_AS_MAIL } how_broken;

/* The next of the usual widths of mails. */
static size_t width_of_mail(size_t length)
{
    static const size_t widths[] = {72, 76, 78, 80};
    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++)
        if (length <= widths[i])
            return widths[i];
    return length;
}

/* The length of the longest line; where lines are broken at blanks, a long word alone tells
 * nothing. 0: this is no width, or all lines were filled up to it with blanks and a sign. */
static size_t find_width(const ike_transcript *from, how_broken how)
{
    enum { WIDTH_MIN = 40, WIDTH_USUAL = 80, WIDTH_MAX = 400 };
    size_t at = 0, most = 0;
    char sign = '\0';
    unsigned index = 0;
    bool broken_at_blanks = how != BROKEN_ANYWHERE, filled = true;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        size_t length = ike_text_length(line);
        filled = filled && length > 0 && (most == 0 || (length == most && line.end[-1] == sign));
        sign = length > 0 ? line.end[-1] : '\0';
        if (length < most || (broken_at_blanks && length > WIDTH_USUAL && !has_two_words(line)))
            continue;
        most = length;
    }
    if (most < WIDTH_MIN || most > WIDTH_MAX || filled)
        return 0;
    return how == BROKEN_AS_MAIL ? width_of_mail(most) : most;
}

/* Whether a line was broken behind `line`: at the width, or because the next word had no room. */
static bool goes_on(ike_text line, ike_text next, size_t width, how_broken how)
{
    if (how == BROKEN_ANYWHERE)
        return ike_text_length(line) == width;
    ike_text word = ike_text_word(&next);
    return word.at < word.end && line.at < line.end &&
           ike_text_length(line) + 1 + ike_text_length(word) > width;
}

/* Whether the line behind this one, if it is one of its own, begins with the same characters: they
 * are a prefix. */
static bool has_prefix(const ike_transcript *from, size_t at, unsigned index, ike_text line,
                       size_t width, how_broken how)
{
    enum { PREFIX = 6 };
    ike_text next;
    return ike_transcript_next(from, &at, &index, &next) && !goes_on(line, next, width, how) &&
           ike_text_length(line) >= PREFIX && ike_text_length(next) >= PREFIX &&
           memcmp(line.at, next.at, PREFIX) == 0;
}

/* A line that begins like one of the two before it is one of its own. */
static bool join(const ike_transcript *from, ike_transcript *to, how_broken how)
{
    size_t width = find_width(from, how), at = 0;
    unsigned index = 0;
    bool any = false;
    ike_text first = {NULL, NULL}, before = {NULL, NULL}, last = {NULL, NULL};
    if (width == 0)
        return false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line); last = line) {
        if (last.at != NULL && goes_on(last, line, width, how) &&
            !ike_lines_begin_alike(first, line) && !ike_lines_begin_alike(before, line) &&
            !has_prefix(from, at, index, line, width, how)) {
            g_string_truncate(to->text, to->text->len - 1);
            if (how != BROKEN_ANYWHERE)
                g_string_append_c(to->text, ' ');
            g_string_append_len(to->text, line.at, (gssize)ike_text_length(line));
            g_string_append_c(to->text, '\n');
            any = true;
            continue;
        }
        before = first;
        first = line;
        ike_transcript_append(to, line, ike_transcript_origin(from, index));
    }
    return any;
}

bool ike_join_broken_lines(const ike_transcript *from, ike_transcript *to)
{
    return join(from, to, BROKEN_ANYWHERE);
}

/* Whether nearly all lines have lost something. */
static bool are_shorter(const ike_transcript *lines, const ike_transcript *before)
{
    size_t at = 0, at_before = 0, shorter = 0, count = 0;
    unsigned index = 0, index_before = 0;
    ike_text line, whole;
    while (ike_transcript_next(lines, &at, &index, &line) &&
           ike_transcript_next(before, &at_before, &index_before, &whole)) {
        count++;
        shorter += line.at == line.end || ike_text_length(line) < ike_text_length(whole);
    }
    return shorter >= count - count / 16;
}

/* A logger with short records has its prefix before every part of a line: one that alone is of no
 * use to remove. */
bool ike_join_split_lines(const ike_transcript *from, ike_transcript *to)
{
    ike_transcript *without = ike_transcript_sized(from->text->len + 1);
    bool removed = ike_remove_prefix(from, without) && are_shorter(without, from);
    bool any = join(removed ? without : from, to, BROKEN_ANYWHERE);
    ike_transcript_free(without);
    return any;
}

bool ike_join_mail_lines(const ike_transcript *from, ike_transcript *to)
{
    return join(from, to, BROKEN_AS_MAIL);
}

bool ike_join_wrapped_lines(const ike_transcript *from, ike_transcript *to)
{
    return join(from, to, BROKEN_AT_BLANKS);
}

/* ---- order ----------------------------------------------------------------------------------- */

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
static bool may_be_newest_first(const ike_transcript *from)
{
    int last = -1, growing = 0;
    size_t at = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        int now = time_in(line);
        if (now >= 0 && last >= 0 && now != last)
            growing += now > last ? 1 : -1;
        last = now >= 0 ? now : last;
    }
    return growing <= 0;
}

bool ike_reverse_lines(const ike_transcript *from, ike_transcript *to)
{
    if (!may_be_newest_first(from))
        return false;
    const char *text = from->text->str, *end = text + from->text->len;
    for (unsigned index = from->lines->len; index-- > 0;) {
        const char *line = end - 1; /* at its newline */
        while (line > text && line[-1] != '\n')
            line--;
        ike_transcript_append(to, (ike_text){line, end - 1}, ike_transcript_origin(from, index));
        end = line;
    }
    return true;
}

/* ---- groups of digits ------------------------------------------------------------------------ */

/* The end of groups of the same number of digits with the same sign between them; the last may be
 * shorter. NULL: there are fewer than four, or 8 bytes. */
static const char *end_of_groups(ike_text text)
{
    enum { LEAST = 16, GROUPS = 4 };
    size_t first = ike_text_hex_run(text), digits = 0, groups = 0;
    const char *end = NULL;
    char separator = text.at + first < text.end ? text.at[first] : '\0';
    if (!ike_is_any_of(separator, " :-_") || first < 2 || first > LEAST || first % 2 != 0)
        return NULL;
    for (;;) { /* ends with the first group that is no such one */
        size_t run = ike_text_hex_run(text);
        if (run == 0 || run > first || run % 2 != 0 ||
            (text.at + run < text.end && g_ascii_isalpha(text.at[run])))
            break;
        digits += run;
        groups++;
        end = text.at + run;
        if (run < first || end == text.end || *end != separator)
            break;
        text.at = end + 1;
    }
    return groups >= GROUPS && digits >= LEAST ? end : NULL;
}

static void append_digits(GString *out, const char *at, const char *end)
{
    for (; at < end; at++)
        if (g_ascii_xdigit_value(*at) >= 0)
            g_string_append_c(out, *at);
}

/* "key=32 b7 59 f0 ..": the first of the groups is their number of bytes. */
static bool is_length_of_groups(ike_text groups)
{
    unsigned bytes, digits = 0;
    ike_text first = {groups.at, groups.at + ike_text_hex_run(groups)};
    for (const char *at = first.end; at < groups.end; at++)
        digits += g_ascii_xdigit_value(*at) >= 0;
    return ike_text_decimal(first, &bytes) && digits == 2 * bytes;
}

/* ike_line_edit: "0X" and "h" go, too. */
static bool join_groups_of_line(GString *out, ike_text line)
{
    enum { LONG_RUN = 16 };
    bool any = false;
    for (const char *start = line.at; line.at < line.end;) {
        bool begins = line.at == start || !ike_is_word_character(line.at[-1]) ||
                      (line.at - start >= 2 && line.at[-2] == '0' && (line.at[-1] | 0x20) == 'x');
        const char *end = begins ? end_of_groups(line) : NULL;
        size_t run = begins ? ike_text_hex_run(line) : 0;
        if (end != NULL && line.at > start && line.at[-1] == '=' &&
            is_length_of_groups((ike_text){line.at, end})) {
            g_string_append_len(out, line.at, (gssize)run + 1);
            line.at += run + 1;
        } else if (end != NULL) {
            append_digits(out, line.at, end);
            line.at = end;
            any = true;
        } else if (run >= LONG_RUN && line.at + run < line.end && (line.at[run] | 0x20) == 'h') {
            append_digits(out, line.at, line.at + run);
            line.at += run + 1;
            any = true;
        } else {
            bool capital = begins && ike_text_begins(line, "0X");
            size_t length = capital ? 2 : 1;
            g_string_append_len(out, capital ? "0x" : line.at, (gssize)length);
            line.at += length;
            any = any || capital;
        }
    }
    return any;
}

bool ike_join_groups(const ike_transcript *from, ike_transcript *to)
{
    return ike_transcript_edit(from, to, true, join_groups_of_line);
}

/* ike_line_edit: long runs of digits get the "0x" that some programs want. */
static bool mark_hex_of_line(GString *out, ike_text line)
{
    enum { LONG_RUN = 32 };
    bool any = false;
    for (const char *start = line.at; line.at < line.end;) {
        size_t run = ike_text_hex_run(line);
        bool bare = run >= LONG_RUN && (line.at == start || !ike_is_word_character(line.at[-1]));
        any = any || bare;
        if (bare)
            g_string_append(out, "0x");
        g_string_append_len(out, line.at, (gssize)MAX(run, 1));
        line.at += MAX(run, 1);
    }
    return any;
}

bool ike_mark_hex(const ike_transcript *from, ike_transcript *to)
{
    return ike_transcript_edit(from, to, true, mark_hex_of_line);
}
