/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs that were broken at the width of a terminal or mail, or whose hex was split into groups. */
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

typedef enum { BROKEN_ANYWHERE, BROKEN_INDENTED, BROKEN_AT_BLANKS, BROKEN_AS_MAIL } how_broken;

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
    bool broken_at_blanks = how > BROKEN_INDENTED, filled = true;
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
    if (how == BROKEN_INDENTED)
        return ike_text_length(line) == width && ike_is_any_of(ike_text_first(next), " \t");
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

/* The fewest blanks that a line behind one of full width begins with: the others are of the text.
 * 0: there is no such line, or one blank may be of the text. */
static size_t find_indentation(const ike_transcript *from, size_t width)
{
    size_t at = 0, fewest = width;
    unsigned index = 0;
    ike_text last = {NULL, NULL};
    for (ike_text line; ike_transcript_next(from, &at, &index, &line); last = line)
        if (last.at != NULL && ike_text_length(last) == width)
            fewest = MIN(fewest, ike_text_count_blanks(line));
    return fewest > 1 && fewest < width ? fewest : 0;
}

/* A line that begins like one of the two before it is one of its own. */
static bool join(const ike_transcript *from, ike_transcript *to, how_broken how)
{
    size_t width = find_width(from, how), at = 0;
    size_t indentation = how == BROKEN_INDENTED ? find_indentation(from, width) : 0;
    unsigned index = 0;
    bool any = false;
    ike_text first = {NULL, NULL}, before = {NULL, NULL}, last = {NULL, NULL};
    if (width == 0 || (how == BROKEN_INDENTED && indentation == 0))
        return false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line); last = line) {
        if (last.at != NULL && goes_on(last, line, width, how) &&
            !ike_lines_begin_alike(first, line) && !ike_lines_begin_alike(before, line) &&
            !has_prefix(from, at, index, line, width, how)) {
            g_string_truncate(to->text, to->text->len - 1);
            if (how > BROKEN_INDENTED)
                g_string_append_c(to->text, ' ');
            ike_text rest = line;
            rest.at += indentation;
            g_string_append_len(to->text, rest.at, (gssize)ike_text_length(rest));
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

bool ike_join_indented_lines(const ike_transcript *from, ike_transcript *to)
{
    return join(from, to, BROKEN_INDENTED);
}

/* RFC 3676 4.2: a line that ends in a blank goes on in the next. */
bool ike_join_flowed_lines(const ike_transcript *from, ike_transcript *to)
{
    enum { WIDTH_MIN = 40 };
    size_t at = 0;
    unsigned index = 0;
    bool goes_on = false, any = false;
    ike_text last = {NULL, NULL};
    for (ike_text line; ike_transcript_next(from, &at, &index, &line); last = line) {
        if (goes_on && !ike_lines_begin_alike(last, line)) {
            any = true;
            g_string_truncate(to->text, to->text->len - 1);
            g_string_append_len(to->text, line.at, (gssize)ike_text_length(line));
            g_string_append_c(to->text, '\n');
        } else {
            ike_transcript_append(to, line, ike_transcript_origin(from, index));
        }
        goes_on = ike_text_length(line) >= WIDTH_MIN && line.end[-1] == ' ';
    }
    return any;
}

/* ike_line_edit */
static bool append_trimmed(GString *out, ike_text line)
{
    const char *end = line.end;
    while (line.end > line.at && line.end[-1] == ' ')
        line.end--;
    g_string_append_len(out, line.at, (gssize)ike_text_length(line));
    return line.end < end;
}

/* A copy of the screen has each line filled to its width. */
bool ike_remove_padding(const ike_transcript *from, ike_transcript *to)
{
    size_t at = 0, width = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        size_t length = ike_text_length(line);
        if (width != 0 && length != 0 && length != width)
            return false;
        width = MAX(width, length);
    }
    return ike_transcript_edit(from, to, true, append_trimmed);
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

/* ---- groups of digits ------------------------------------------------------------------------ */

/* The end of groups of the same number of digits with the same sign between them; the last may be
 * shorter. NULL: there are fewer than four, or 8 bytes. */
static const char *end_of_groups(ike_text text)
{
    enum { LEAST = 16, GROUPS = 4 };
    size_t first = ike_text_hex_run(text), digits = 0, groups = 0;
    const char *end = NULL;
    char separator = text.at + first < text.end ? text.at[first] : '\0';
    if (!ike_is_any_of(separator, " :-_.") || first < 2 || first > LEAST || first % 2 != 0)
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

/* The end of "0xb7, 0x59, 0xf0 ..": NULL, there are fewer than 8. */
static const char *end_of_marked_bytes(ike_text text)
{
    enum { LEAST = 8 };
    size_t count = 0;
    const char *end = NULL;
    while ((ike_text_skip(&text, "0x") || ike_text_skip(&text, "0X")) &&
           ike_text_hex_run(text) == 2) {
        end = text.at += 2;
        count++;
        (void)ike_text_skip(&text, ",");
        (void)ike_text_skip(&text, " ");
    }
    return count >= LEAST ? end : NULL;
}

/* "0xb759f0.." of them. */
static void append_marked_bytes(GString *out, ike_text bytes)
{
    g_string_append(out, "0x");
    while (bytes.at < bytes.end) {
        if (!ike_text_skip(&bytes, "0x") && !ike_text_skip(&bytes, "0X")) {
            bytes.at++;
            continue;
        }
        g_string_append_len(out, bytes.at, 2);
        bytes.at += 2;
    }
}

/* The end of "x'b759f0..'": NULL, it is none. */
static const char *end_of_hex_string(ike_text text)
{
    if (!ike_text_skip(&text, "x'") && !ike_text_skip(&text, "X'"))
        return NULL;
    text.at += ike_text_hex_run(text);
    return ike_text_skip(&text, "'") ? text.at : NULL;
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
        const char *marked = begins ? end_of_marked_bytes(line) : NULL;
        const char *string = begins ? end_of_hex_string(line) : NULL;
        size_t run = begins ? ike_text_hex_run(line) : 0;
        if (marked != NULL) {
            append_marked_bytes(out, (ike_text){line.at, marked});
            line.at = marked;
            any = true;
        } else if (string != NULL) {
            append_digits(out, line.at + 2, string);
            line.at = string;
            any = true;
        } else if (end != NULL && line.at > start && line.at[-1] == '=' &&
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
