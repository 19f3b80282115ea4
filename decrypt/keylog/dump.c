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
    dump->prefix_words = 0;
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
    return (uint8_t)(ike_hex_digit(digits[0]) << 4 | ike_hex_digit(digits[1]));
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
    return count > 0;
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

/* Steps behind the offset in front of the bytes, wherever it stands in the line. */
static bool find_offset(const ike_dump *dump, ike_text *line)
{
    char decimal[16], hex[HEX_OFFSET_DIGITS + 2];
    g_snprintf(decimal, sizeof decimal, "%u: ", (unsigned)dump->length);
    g_snprintf(hex, sizeof hex, "%08x ", (unsigned)dump->length);
    ike_text found;
    for (ike_text rest = *line; ike_text_find_word(rest, decimal, &found); rest.at = found.at + 1) {
        *line = (ike_text){found.at + strlen(decimal), found.end};
        ike_text_blanks(line);
        if (ike_text_hex_run(*line) == 2)
            return true;
    }
    if (!ike_text_find_word(*line, hex, &found))
        return false;
    *line = (ike_text){found.at + strlen(hex), found.end};
    return true;
}

/* 16 pairs in one row may have a gap after the eighth, so blanks mean nothing. */
static size_t take_row(ike_text *row, uint8_t *bytes, size_t most, bool separated)
{
    size_t count = 0;
    ike_text_blanks(row);
    while (count < most && ike_text_length(*row) >= 2 && ike_hex_digit(row->at[0]) >= 0 &&
           ike_hex_digit(row->at[1]) >= 0) {
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
        return count > 0;
    }
    size_t tail = ike_text_length(line);
    if (row.at + 1 < row.end || tail > IKE_DUMP_TAIL_MAX) /* half a pair at most is left */
        return false;
    memcpy(dump->tail, line.at, tail);
    dump->tail_length = tail;
    return true;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Finds the run of hex groups that ends the line: each `digits` long but the last, which may be
 * shorter by whole bytes. */
static ike_text groups_at_end(ike_text line, size_t digits)
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
        while (word > line.at && ike_hex_digit(word[-1]) >= 0)
            word--;
        size_t length = (size_t)(end - word);
        bool fits = length == digits || (last && length > 0 && length < digits && length % 2 == 0);
        if (!fits || (word > line.at && word[-1] != ' ' && word[-1] != '\t'))
            break;
        run.at = word;
        last = false;
    }
    return run;
}

void ike_dump_set_prefix(ike_dump *dump, ike_text before)
{
    dump->prefix_words = 0;
    while (ike_text_length(ike_text_word(&before)) > 0)
        dump->prefix_words++;
}

/* Cuts the last word of a prefix that looks like a group ("[3f2a91c4] " is none, "3f2a91c4 " is).
 */
static ike_text without_prefix(const ike_dump *dump, ike_text line, ike_text run)
{
    ike_text rest = line;
    for (unsigned i = 0; i < dump->prefix_words; i++)
        (void)ike_text_word(&rest);
    ike_text_blanks(&rest);
    bool has_prefix = run.at > line.at;
    return has_prefix && rest.at > run.at && rest.at < run.end ? (ike_text){rest.at, run.end} : run;
}

bool ike_dump_group_row(ike_dump *dump, ike_text line, size_t digits)
{
    ike_text_trim(&line);
    ike_text run = without_prefix(dump, line, groups_at_end(line, digits));
    if (run.at == run.end)
        return false;
    size_t start = dump->length, most = start + bytes_left(dump);
    while (run.at < run.end) {
        if (*run.at == ' ') {
            run.at++;
            continue;
        }
        if (dump->length == most) {
            dump->length = start;
            return false;
        }
        dump->bytes[dump->length++] = byte_at(run.at);
        run.at += 2;
    }
    return true;
}
