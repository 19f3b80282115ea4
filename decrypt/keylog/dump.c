/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects the rows of a hexdump. */
#include "decrypt/keylog/dump.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

enum { ROW_BYTES = 16, HEX_OFFSET_DIGITS = 8 };

bool ike_dump_begin(ike_dump *dump, size_t expected)
{
    OPENSSL_cleanse(dump->bytes, dump->length);
    OPENSSL_cleanse(dump->tail, dump->tail_length);
    dump->length = dump->tail_length = 0;
    dump->has_prefix_group = false;
    dump->skipped = 0;
    dump->expected = expected;
    return expected <= IKE_DUMP_MAX;
}

bool ike_dump_complete(const ike_dump *dump)
{
    return dump->expected != 0 ? dump->length == dump->expected : dump->length > 0;
}

/* How many bytes may still come. */
static size_t bytes_left(const ike_dump *dump)
{
    size_t limit = dump->expected != 0 ? dump->expected : IKE_DUMP_MAX;
    return limit > dump->length && limit <= IKE_DUMP_MAX ? limit - dump->length : 0;
}

static uint8_t byte_at(const char *digits)
{
    return (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
}

/* ---- bytes one by one ------------------------------------------------------------------------ */

/* Takes up to `most` pairs of digits; ends at what is none, and at three blanks. */
static size_t take_pairs(ike_text *row, uint8_t *bytes, size_t most)
{
    size_t count = 0;
    while (count < most && ike_text_hex_run(*row) == 2) {
        ike_text behind = {row->at + 2, row->end};
        if (behind.at < behind.end && *behind.at != ' ' && *behind.at != '\t')
            break;
        bytes[count++] = byte_at(row->at);
        row->at += 2;
        if (ike_text_begins(*row, "   "))
            break;
        ike_text_blanks(row);
    }
    return count;
}

/* Whether `characters` begins with the bytes as characters, '.' for what is not printable. */
static bool are_characters_of(ike_text characters, const uint8_t *bytes, size_t count)
{
    if (ike_text_length(characters) < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char c = characters.at[i];
        bool printable = bytes[i] >= ' ' && bytes[i] < 0x7f;
        if (c != (printable ? (char)bytes[i] : '.') && c != '.')
            return false;
    }
    return true;
}

bool ike_dump_byte_row(ike_dump *dump, ike_text row)
{
    size_t most = MIN(bytes_left(dump), (size_t)ROW_BYTES);
    ike_text_blanks(&row);
    ike_text start = row;
    size_t count = take_pairs(&row, dump->bytes + dump->length, most);
    /* "70 70 6b 2d 31 ab": five bytes and characters that look like a sixth. */
    if (dump->expected == 0 && count > 1 && !ike_text_begins(row, "   ") && row.at < row.end)
        for (size_t fewer = count; fewer > 0; fewer--) {
            ike_text again = start;
            (void)take_pairs(&again, dump->bytes + dump->length, fewer);
            if (are_characters_of(again, dump->bytes + dump->length, fewer)) {
                count = fewer;
                break;
            }
        }
    dump->length += count;
    if (count > 0)
        dump->skipped = 0;
    return count > 0;
}

/* Whether a word may begin behind this character. */
static bool ends_prefix(char c)
{
    return ike_is_any_of(c, " \t:|]>)\"',;=");
}

/* What stands at the end of a line and is made of these characters. */
static ike_text end_of(ike_text line, const char *characters)
{
    const char *at = line.end;
    while (at > line.at && ike_is_any_of(at[-1], characters))
        at--;
    return (ike_text){at, line.end};
}

ike_text ike_dump_value_at_end(const ike_dump *dump, ike_text line)
{
    enum { FIRST_MIN = 16, NEXT_MIN = 8 };
    const size_t least = dump->length > 0 ? NEXT_MIN : FIRST_MIN;
    ike_text_trim(&line);
    ike_text word = end_of(line, "0123456789abcdefABCDEFxX\\,"), first = word;
    if (ike_text_length(word) >= FIRST_MIN && ike_text_after(&first, "0x"))
        return (ike_text){first.at - strlen("0x"), first.end};
    if (ike_text_length(word) >= FIRST_MIN && ike_text_hex_run(word) == ike_text_length(word) &&
        (word.at == line.at || ends_prefix(word.at[-1])))
        return word;
    ike_text run = end_of(line, "0123456789abcdefABCDEF "), rest = run;
    for (word = ike_text_word(&rest); word.at < word.end; word = ike_text_word(&rest))
        if (ike_text_length(word) != 2 ||
            (word.at == run.at && word.at > line.at && !ends_prefix(word.at[-1])))
            run.at = rest.at;
    return ike_text_length(run) >= least ? run : (ike_text){line.end, line.end};
}

/* Words of two letters from a to f are no row. */
bool ike_dump_bar_row(ike_dump *dump, ike_text line)
{
    enum { SURE = 4 };
    while (ike_text_after(&line, "|")) {
        size_t before = dump->length;
        if (!ike_dump_byte_row(dump, line))
            continue;
        if (ike_text_begins(line, "  ") || dump->length - before >= SURE)
            return true;
        dump->length = before;
    }
    return false;
}

/* ---- rows with an offset --------------------------------------------------------------------- */

/* Steps behind the offset in front of the bytes, wherever it stands in the line: decimal, or in the
 * hex of "hexdump -C" or the octal of "od". */
static bool find_offset(const ike_dump *dump, ike_text *line)
{
    unsigned length = (unsigned)dump->length;
    char decimal[16], hex[16], octal[16];
    g_snprintf(decimal, sizeof decimal, "%u: ", length);
    g_snprintf(hex, sizeof hex, "%08x ", length);
    g_snprintf(octal, sizeof octal, "%07o ", length);
    ike_text found;
    for (ike_text rest = *line; ike_text_find_word(rest, decimal, &found); rest.at = found.at + 1) {
        *line = (ike_text){found.at + strlen(decimal), found.end};
        ike_text_blanks(line);
        if (ike_text_hex_run(*line) == 2)
            return true;
    }
    const char *offset = ike_text_find_word(*line, hex, &found) ? hex : octal;
    if (offset == octal && !ike_text_find_word(*line, octal, &found))
        return false;
    *line = (ike_text){found.at + strlen(offset), found.end};
    return true;
}

static bool ends_with(ike_text line, const char *offset)
{
    size_t length = strlen(offset);
    if (ike_text_length(line) < length)
        return false;
    ike_text end = {line.end - length, line.end};
    return ike_text_is_word(end, offset) && (end.at == line.at || ends_prefix(end.at[-1]));
}

bool ike_dump_is_end(const ike_dump *dump, ike_text line)
{
    char hex[16], octal[16];
    g_snprintf(hex, sizeof hex, "%08x", (unsigned)dump->length);
    g_snprintf(octal, sizeof octal, "%07o", (unsigned)dump->length);
    ike_text_trim(&line);
    return dump->length > 0 && (ends_with(line, hex) || ends_with(line, octal));
}

/* 16 pairs in one row may have a gap after the eighth, so blanks mean nothing. */
static size_t take_row(ike_text *row, uint8_t *bytes, size_t most, bool separated)
{
    size_t count = 0;
    ike_text_blanks(row);
    while (count < most && ike_text_length(*row) >= 2 && g_ascii_xdigit_value(row->at[0]) >= 0 &&
           g_ascii_xdigit_value(row->at[1]) >= 0) {
        ike_text behind = {row->at + 2, row->end};
        if (separated && behind.at < behind.end && *behind.at != ' ' && *behind.at != '\t')
            break;
        bytes[count++] = byte_at(row->at);
        row->at += 2;
        ike_text_blanks(row);
    }
    return count;
}

/* The rest of a row that a terminal broke. */
static bool take_tail(ike_dump *dump, ike_text line, size_t most)
{
    char joined[2 * IKE_DUMP_TAIL_MAX];
    size_t length = MIN(ike_text_length(line), sizeof joined - dump->tail_length);
    memcpy(joined, dump->tail, dump->tail_length);
    memcpy(joined + dump->tail_length, line.at, length);
    ike_text row = {joined, joined + dump->tail_length + length};
    bool good = take_row(&row, dump->bytes + dump->length, most, false) == most;
    OPENSSL_cleanse(joined, sizeof joined);
    if (!good)
        return false;
    dump->length += most;
    dump->tail_length = 0;
    dump->skipped = 0;
    return true;
}

bool ike_dump_offset_row(ike_dump *dump, ike_text line)
{
    size_t most = MIN(bytes_left(dump), (size_t)ROW_BYTES);
    if (dump->tail_length > 0 && take_tail(dump, line, most))
        return true;
    if (!find_offset(dump, &line))
        return false;
    ike_text row = line;
    size_t count = take_row(&row, dump->bytes + dump->length, most, true);
    if (dump->expected == 0 || count == most) {
        dump->length += count;
        dump->skipped = 0;
        return count > 0;
    }
    size_t tail = ike_text_length(line);
    if (row.at + 1 < row.end || tail > IKE_DUMP_TAIL_MAX) /* half a pair at most is left */
        return false;
    memcpy(dump->tail, line.at, tail);
    dump->tail_length = tail;
    return true;
}

/* Steps behind an offset in hex. */
static bool skip_hex_offset(ike_text *text, size_t offset)
{
    char hex[2][HEX_OFFSET_DIGITS + 1];
    g_snprintf(hex[0], sizeof hex[0], "%04x", (unsigned)offset);
    g_snprintf(hex[1], sizeof hex[1], "%08x", (unsigned)offset);
    for (unsigned i = 0; i < 2; i++) {
        ike_text found;
        for (ike_text rest = *text; ike_text_find_word(rest, hex[i], &found); rest.at++) {
            rest.at = found.at;
            found.at += strlen(hex[i]);
            if (ike_text_skip(&found, ":") || ike_text_skip(&found, " - ") ||
                ike_text_skip(&found, " | ")) {
                ike_text_blanks(&found);
                *text = found;
                return true;
            }
        }
    }
    return false;
}

/* What follows two blanks are the bytes as characters, but for a gap in the middle. */
bool ike_dump_hex_offset_row(ike_dump *dump, ike_text line)
{
    size_t count = 0;
    if (!skip_hex_offset(&line, dump->length))
        return false;
    while (count < MIN(bytes_left(dump), (size_t)2 * ROW_BYTES) && ike_text_hex_run(line) >= 2) {
        dump->bytes[dump->length + count++] = byte_at(line.at);
        line.at += 2;
        bool middle = count == ROW_BYTES / 2;
        if (ike_text_begins(line, middle ? "   " : "  ") ||
            (count == ROW_BYTES && ike_text_hex_run(line) == 0))
            break;
        while (line.at < line.end && ike_is_any_of(*line.at, " :-"))
            line.at++;
    }
    dump->length += count;
    return count > 0;
}

/* ---- groups ---------------------------------------------------------------------------------- */

enum { GROUP_DIGITS = 8, GROUP_ROW_BYTES = 32, SKIPPED_MAX = 4 };

/* Finds the run of hex groups that ends the line: each of 8 digits but the last, which may be
 * shorter by whole bytes. */
static ike_text groups_at_end(ike_text line)
{
    ike_text_trim(&line);
    ike_text run = {line.end, line.end};
    bool last = true;
    while (run.at > line.at) {
        const char *word = run.at;
        if (!last)
            while (word > line.at && word[-1] == ' ')
                word--;
        const char *end = word;
        if (!last && end == run.at)
            break; /* glued to a prefix */
        while (word > line.at && g_ascii_xdigit_value(word[-1]) >= 0)
            word--;
        size_t length = (size_t)(end - word);
        bool fits = length == GROUP_DIGITS ||
                    (last && length > 0 && length < GROUP_DIGITS && length % 2 == 0);
        if (!fits || (word > line.at && !ends_prefix(word[-1])))
            break;
        run.at = word;
        last = false;
    }
    return run;
}

void ike_dump_set_prefix(ike_dump *dump, ike_text before)
{
    dump->has_prefix_group = false;
    for (ike_text word = ike_text_word(&before); ike_text_length(word) > 0;
         word = ike_text_word(&before)) {
        if (ike_text_length(word) != GROUP_DIGITS || ike_text_hex_run(word) != GROUP_DIGITS)
            continue;
        memcpy(dump->prefix_group, word.at, GROUP_DIGITS);
        dump->has_prefix_group = true;
    }
}

bool ike_dump_skip_line(ike_dump *dump)
{
    return dump->skipped++ < SKIPPED_MAX;
}

static size_t bytes_in(ike_text run)
{
    size_t digits = 0;
    for (; run.at < run.end; run.at++)
        digits += *run.at != ' ';
    return digits / 2;
}

/* Cuts words of a prefix that look like groups off the front of a run: the word that stood before
 * the name, and what is more than a row has. */
static ike_text without_prefix(const ike_dump *dump, ike_text run, size_t most)
{
    ike_text rest = run;
    ike_text word = ike_text_word(&rest);
    bool is_prefix = dump->has_prefix_group && ike_text_length(word) == GROUP_DIGITS &&
                     memcmp(word.at, dump->prefix_group, GROUP_DIGITS) == 0;
    ike_text_blanks(&rest);
    if (is_prefix && rest.at < rest.end)
        run.at = rest.at;
    while (bytes_in(run) > most && ike_text_length(ike_text_word(&run)) > 0)
        ike_text_blanks(&run);
    return run;
}

bool ike_dump_group_row(ike_dump *dump, ike_text line)
{
    ike_text run = groups_at_end(line);
    size_t most = MIN(bytes_left(dump), (size_t)GROUP_ROW_BYTES);
    if (run.at == run.end || most == 0)
        return false;
    run = without_prefix(dump, run, most);
    size_t bytes = bytes_in(run);
    if (bytes == 0 || (dump->length == 0 && bytes < GROUP_DIGITS / 2 && dump->expected != bytes))
        return false; /* a number at the end of a line is no key */
    for (; run.at < run.end; run.at++)
        if (*run.at != ' ') {
            dump->bytes[dump->length++] = byte_at(run.at);
            run.at++;
        }
    dump->skipped = 0;
    return true;
}
