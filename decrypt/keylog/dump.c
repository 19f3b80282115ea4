/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects the rows of a hexdump. */
#include "decrypt/keylog/dump.h"

#include <openssl/crypto.h>

#define ROW_BYTES 16

bool ike_dump_begin(ike_dump *dump, size_t expected)
{
    OPENSSL_cleanse(dump->bytes, dump->length);
    dump->length = 0;
    dump->expected = expected;
    return expected <= IKE_DUMP_MAX;
}

static size_t room(const ike_dump *dump)
{
    size_t limit = dump->expected != 0 ? dump->expected : IKE_DUMP_MAX;
    return limit > dump->length && limit <= IKE_DUMP_MAX ? limit - dump->length : 0;
}

static bool is_end_of_octet(ike_text text)
{
    return text.at == text.end || *text.at == ' ';
}

bool ike_dump_row(ike_dump *dump, ike_text row, bool offset)
{
    ike_text_blanks(&row);
    if (offset) {
        unsigned said;
        if (!ike_text_decimal(ike_text_until(&row, ':'), &said) || said != dump->length)
            return false;
        (void)ike_text_skip(&row, " ");
    }
    size_t most = room(dump), count = 0;
    if (most > ROW_BYTES)
        most = ROW_BYTES;
    while (count < most && ike_text_hex_run(row) == 2) {
        int high = ike_hex_digit(row.at[0]), low = ike_hex_digit(row.at[1]);
        dump->bytes[dump->length + count++] = (uint8_t)(high << 4 | low);
        row.at += 2;
        if (!is_end_of_octet(row))
            return false;
        if (ike_text_begins(row, "   "))
            break;
        ike_text_blanks(&row);
    }
    dump->length += count;
    return count > 0;
}

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
        if (!fits || (word > line.at && word[-1] != ' '))
            break;
        run.at = word;
        last = false;
    }
    return run;
}

bool ike_dump_groups(ike_dump *dump, ike_text line, size_t digits)
{
    ike_text run = groups_at_end(line, digits);
    if (run.at == run.end)
        return false;
    size_t start = dump->length, most = start + room(dump);
    while (run.at < run.end) {
        if (*run.at == ' ') {
            run.at++;
            continue;
        }
        if (dump->length == most) {
            dump->length = start;
            return false;
        }
        int high = ike_hex_digit(run.at[0]), low = ike_hex_digit(run.at[1]);
        dump->bytes[dump->length++] = (uint8_t)(high << 4 | low);
        run.at += 2;
    }
    return true;
}

bool ike_dump_complete(const ike_dump *dump)
{
    return dump->expected != 0 ? dump->length == dump->expected : dump->length > 0;
}
