/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands around the text of every line: quotes of mails and Markdown, the signs of "cat -A",
 * the properties of rsyslog, and the prefix of any logger, collector or tool. */
#include <string.h>

#include "decrypt/log/line.h"
#include "decrypt/log/transcript.h"

/* ---- characters ------------------------------------------------------------------------------ */

bool ike_clean_lines(const ike_transcript *from, ike_transcript *to)
{
    ike_unwrapper unwrapper = {.hex = NULL};
    size_t at = 0;
    unsigned index = 0;
    bool any = false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        ike_text clean = line.at < line.end ? ike_clean_line(&unwrapper, line) : line;
        any = any || !ike_text_same(clean, line);
        ike_transcript_append(to, clean, ike_transcript_origin(from, index));
    }
    ike_unwrapper_clear(&unwrapper);
    return any;
}

/* ---- quotes ---------------------------------------------------------------------------------- */

/* ">> ", "> > " of a mail. */
static bool skip_quotes(ike_text *line)
{
    const char *start = line->at;
    while (line->at < line->end && *line->at == '>')
        if (++line->at < line->end && *line->at == ' ')
            line->at++;
    return line->at > start;
}

/* Lines that stand around a quotation: "```", "@@ -0,0 +1,9 @@", "--" of grep. */
static bool is_fence(ike_text line)
{
    return ike_text_begins(line, "```") || ike_text_begins(line, "@@ ") ||
           ike_text_is(line, "--") || ike_text_is(line, "---") || ike_text_is(line, "~~~");
}

/* "`SK_d 1234`": a line between two quotes of the same kind. */
static bool is_closed(ike_text line)
{
    return ike_text_length(line) >= 2 && ike_is_any_of(*line.at, "`'\"*") &&
           line.end[-1] == *line.at;
}

bool ike_remove_quotes(const ike_transcript *from, ike_transcript *to)
{
    size_t at = 0, quoted = 0, closed = 0, lines = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        if (line.at == line.end || is_fence(line))
            continue;
        closed += is_closed(line);
        quoted += skip_quotes(&line);
        lines++;
    }
    if (2 * quoted <= lines && (closed < lines || lines == 0))
        return false;
    at = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        if (2 * quoted > lines)
            (void)skip_quotes(&line);
        else if (is_closed(line))
            line = (ike_text){line.at + 1, line.end - 1};
        ike_transcript_append(to, line, ike_transcript_origin(from, index));
    }
    return true;
}

/* ---- Markdown -------------------------------------------------------------------------------- */

/* "- ", "12. " before a line that is code or begins in bold. */
static void skip_list_mark(ike_text *line)
{
    uint64_t number;
    ike_text rest = *line;
    ike_text_blanks(&rest);
    bool mark = ike_text_skip(&rest, "- ") || ike_text_skip(&rest, "* ") ||
                (ike_text_take_number(&rest, UINT32_MAX, &number) && ike_text_skip(&rest, ". "));
    if (mark && (ike_text_begins(rest, "`") || ike_text_begins(rest, "**")))
        *line = rest;
}

/* "**" at the beginning or the end of a word; "*****" is a password that is left out. */
static bool is_bold(ike_text rest, const char *start)
{
    char before = rest.at > start ? rest.at[-1] : ' ';
    char behind = ike_text_length(rest) > 2 ? rest.at[2] : ' ';
    return ike_text_begins(rest, "**") && before != '*' && behind != '*' &&
           ike_is_word_character(before) != ike_is_word_character(behind);
}

/* ike_line_edit */
static bool append_without_marks(GString *out, ike_text line)
{
    const char *start = line.at;
    skip_list_mark(&line);
    if (ike_text_first(line) == '`' && is_closed(ike_text_trimmed(line))) {
        line = ike_text_trimmed(line);
        line = (ike_text){line.at + 1, line.end - 1};
    }
    bool any = line.at > start;
    while (line.at < line.end) {
        bool escape = *line.at == '\\' && line.at + 1 < line.end &&
                      ike_is_any_of(line.at[1], "_*[]()#|<>`~-.");
        bool bold = is_bold(line, start);
        any = any || escape || bold;
        line.at += escape ? 1 : bold ? 2 : 0;
        if (!bold)
            g_string_append_c(out, *line.at++);
    }
    return any;
}

bool ike_remove_markdown(const ike_transcript *from, ike_transcript *to)
{
    return ike_transcript_edit(from, to, true, append_without_marks);
}

/* ---- cat -A ---------------------------------------------------------------------------------- */

/* ike_line_edit: "^I" is a tab; "$" is the end of the line, other signs like these are nothing. */
static bool append_uncaught(GString *out, ike_text line)
{
    if (line.at < line.end && line.end[-1] == '$')
        line.end--;
    for (; line.at < line.end; line.at++) {
        bool sign =
            *line.at == '^' && line.at + 1 < line.end && line.at[1] >= '@' && line.at[1] <= '_';
        if (!sign || line.at[1] == 'I')
            g_string_append_c(out, sign ? '\t' : *line.at);
        line.at += sign;
    }
    return true;
}

bool ike_undo_cat(const ike_transcript *from, ike_transcript *to)
{
    size_t at = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);)
        if (line.at < line.end && line.end[-1] != '$')
            return false;
    return ike_transcript_edit(from, to, true, append_uncaught);
}

/* ---- prefixes -------------------------------------------------------------------------------- */

enum { PREFIX_MAX = 256, REFERENCES = 8 };

/* "Nov 27 10:00:00 gw charon: ", "auth.log-12-": two lines begin alike if they differ in nothing
 * but the digits of their numbers, the width of blanks, and the sign of grep. Steps behind a piece
 * of both; false: they differ. */
static bool skip_alike(ike_text *a, ike_text *b)
{
    static const char *const runs[] = {"0123456789", " \t"};
    for (size_t i = 0; i < G_N_ELEMENTS(runs); i++) {
        ike_text one = *a, two = *b;
        while (one.at < one.end && ike_is_any_of(*one.at, runs[i]))
            one.at++;
        while (two.at < two.end && ike_is_any_of(*two.at, runs[i]))
            two.at++;
        if (one.at == a->at || two.at == b->at)
            continue;
        *a = one;
        *b = two;
        return true;
    }
    char one = ike_text_first(*a), two = ike_text_first(*b);
    if (one == '\0' || (one != two && (one != ':' || two != '-') && (one != '-' || two != ':')))
        return false;
    a->at++;
    b->at++;
    return true;
}

/* Whether a prefix may end here: behind a sign or blank, but no opening bracket. */
static bool ends_prefix(ike_text start, ike_text rest)
{
    return rest.at > start.at && !ike_is_word_character(rest.at[-1]) &&
           !ike_is_any_of(rest.at[-1], "[(<{") &&
           (rest.at == rest.end || !ike_is_any_of(*rest.at, " \t"));
}

/* Counts for each place in `reference` the lines that are alike up to there. */
static void count_alike(const ike_transcript *from, ike_text reference, size_t counts[])
{
    size_t at = 0;
    unsigned index = 0;
    memset(counts, 0, PREFIX_MAX * sizeof counts[0]);
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);)
        for (ike_text rest = reference; skip_alike(&rest, &line);)
            if (rest.at - reference.at < PREFIX_MAX && ends_prefix(reference, rest))
                counts[rest.at - reference.at]++;
}

/* The length of the prefix that a line has in common with half of the others, and nearly all of
 * those. 0: there is none. *removed: the characters of it in all lines. */
static size_t find_prefix(const ike_transcript *from, ike_text reference, size_t lines,
                          size_t *removed)
{
    size_t counts[PREFIX_MAX], group = 0, best = 0;
    count_alike(from, reference, counts);
    for (size_t i = 0; i < PREFIX_MAX; i++) {
        if (group == 0 && 2 * counts[i] >= lines)
            group = counts[i];
        if (group > 0 && counts[i] > 0 && counts[i] >= group - group / 16)
            best = i;
    }
    *removed = best * counts[best];
    return best;
}

/* The prefix of most of the text, as it stands in one of a few lines. */
static ike_text most_common_prefix(const ike_transcript *from)
{
    ike_text best = {NULL, NULL};
    size_t at = 0, lines = 0, most = 0;
    unsigned index = 0, tried = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);)
        lines += line.at < line.end;
    at = 0;
    size_t step = MAX(lines / REFERENCES, 1), number = 0;
    for (ike_text line;
         lines > 1 && tried < REFERENCES && ike_transcript_next(from, &at, &index, &line);) {
        if (line.at == line.end || number++ % step != 0)
            continue;
        size_t removed, length = find_prefix(from, line, lines, &removed);
        if (removed > most) {
            most = removed;
            best = (ike_text){line.at, line.at + length};
        }
        tried++;
    }
    return best;
}

/* Steps behind the prefix, but for the blanks behind it; false: the line has another beginning. */
static bool skip_prefix(ike_text prefix, ike_text *line)
{
    ike_text rest = *line;
    while (prefix.at < prefix.end)
        if (!skip_alike(&prefix, &rest))
            return false;
    *line = rest;
    return true;
}

/* The blanks that end the prefix are as many in every line: those of the line with the fewest. */
static size_t fewest_blanks(const ike_transcript *from, ike_text prefix)
{
    size_t at = 0, fewest = PREFIX_MAX;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);)
        if (skip_prefix(prefix, &line) && line.at < line.end)
            fewest = MIN(fewest, ike_text_count_blanks(line));
    return fewest;
}

/* Without the prefix; lines without it stay. */
static bool remove_prefix(const ike_transcript *from, ike_transcript *to, bool ends_in_blank)
{
    ike_text prefix = most_common_prefix(from);
    size_t at = 0;
    unsigned index = 0;
    while (ends_in_blank && prefix.end > prefix.at && !ike_is_any_of(prefix.end[-1], " \t"))
        prefix.end--;
    if (prefix.at == prefix.end)
        return false;
    while (prefix.end > prefix.at && ike_is_any_of(prefix.end[-1], " \t"))
        prefix.end--;
    size_t blanks = fewest_blanks(from, prefix);
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        if (skip_prefix(prefix, &line))
            line.at += MIN(blanks, ike_text_count_blanks(line));
        ike_transcript_append(to, line, ike_transcript_origin(from, index));
    }
    return true;
}

bool ike_remove_prefix(const ike_transcript *from, ike_transcript *to)
{
    return remove_prefix(from, to, false);
}

/* ike_line_edit */
static bool append_reversed(GString *out, ike_text line)
{
    while (line.end > line.at)
        g_string_append_c(out, *--line.end);
    return true;
}

/* What is behind the text of most lines: a cell of a table, " host=gw". It is the prefix of the
 * lines read backwards, up to a blank: "==" and "]" are of a value. */
bool ike_remove_suffix(const ike_transcript *from, ike_transcript *to)
{
    ike_transcript *backwards = ike_transcript_sized(from->text->len + 1);
    ike_transcript *without = ike_transcript_sized(from->text->len + 1);
    bool any = ike_transcript_edit(from, backwards, true, append_reversed) &&
               remove_prefix(backwards, without, true) &&
               ike_transcript_edit(without, to, true, append_reversed);
    ike_transcript_free(backwards);
    ike_transcript_free(without);
    return any;
}

/* ---- rsyslog --------------------------------------------------------------------------------- */

/* ike_line_edit: "msg: ' 12[IKE] SK_d'" is the message of a record; its other properties go. Lines
 * that are of no record stay. */
static bool append_message(GString *out, ike_text line)
{
    static const char *const others[] = {
        "Debug line with all properties:",
        "FROMHOST: '",
        "syslogtag '",
        "TIMESTAMP: '",
        "escaped msg: '",
        "inputname: ",
        "rawmsg: '",
        "$!:",
        "$.:",
        "$/:",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (ike_text_begins(line, others[i]))
            return true;
    if (ike_text_skip(&line, "msg: '") && line.at < line.end && line.end[-1] == '\'')
        line.end--;
    g_string_append_len(out, line.at, (gssize)ike_text_length(line));
    return true;
}

/* RSYSLOG_DebugFormat has a line for each of a few properties, two of them with the message. */
bool ike_take_rsyslog_message(const ike_transcript *from, ike_transcript *to)
{
    size_t at = 0;
    unsigned index = 0;
    bool message = false, escaped = false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        message = message || ike_text_begins(line, "msg: '");
        escaped = escaped || ike_text_begins(line, "escaped msg: '");
    }
    return message && escaped && ike_transcript_edit(from, to, false, append_message);
}
