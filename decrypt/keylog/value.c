/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hex in many spellings. */
#include "decrypt/keylog/value.h"

#include <string.h>

enum { LONG_RUN = 32 /* digits: a value in one piece */ };

static bool is_sign(char c)
{
    return c != '\0' && strchr(" \t:=<>-({[\"'`|", c) != NULL;
}

static void skip_signs(ike_text *text)
{
    while (text->at < text->end && is_sign(*text->at))
        text->at++;
}

/* What may stand between two groups of digits. */
static bool skip_separator(ike_text *text)
{
    const char *start = text->at;
    if (text->at < text->end && strchr(":-,", *text->at) != NULL)
        text->at++;
    ike_text_blanks(text);
    return text->at > start && text->at - start < 3; /* more blanks: a column of characters */
}

static void skip_0x(ike_text *text)
{
    if (!ike_text_skip(text, "0x"))
        (void)ike_text_skip(text, "0X");
}

static bool take_digits(ike_text *text, size_t digits, uint8_t *bytes, size_t size, size_t *count)
{
    if (*count + digits / 2 > size)
        return false;
    for (size_t i = 0; i < digits; i += 2)
        bytes[(*count)++] =
            (uint8_t)(ike_hex_digit(text->at[i]) << 4 | ike_hex_digit(text->at[i + 1]));
    text->at += digits;
    return true;
}

/* Groups of the same number of digits; the last may be shorter. */
static size_t read_groups(ike_text text, uint8_t *bytes, size_t size)
{
    size_t count = 0, first = 0;
    for (;;) { /* ends with the first group that does not fit */
        ike_text rest = text;
        skip_0x(&rest);
        size_t digits = ike_text_hex_run(rest);
        const char *behind = rest.at + digits;
        bool word = behind < rest.end && ike_is_word_character(*behind);
        if (digits < 2 || digits % 2 != 0 || word || (first != 0 && digits > first))
            return count;
        if (!take_digits(&rest, digits, bytes, size, &count))
            return 0;
        bool last = first >= LONG_RUN || digits >= LONG_RUN || (first != 0 && digits < first);
        first = first == 0 ? digits : first;
        text = rest;
        if (last || !skip_separator(&text))
            return count;
    }
}

/* "34 30 231 33]" in decimal: told from hex by a number of one or three digits. */
static size_t read_decimals(ike_text text, uint8_t *bytes, size_t size)
{
    size_t count = 0;
    bool decimal = false;
    text = ike_text_until(&text, ']');
    while (text.at < text.end) {
        unsigned number;
        ike_text word = ike_text_value(&text);
        if (word.at == word.end)
            continue;
        if (!ike_text_decimal(word, &number) || number > UINT8_MAX || count == size)
            return 0;
        decimal = decimal || ike_text_length(word) != 2;
        bytes[count++] = (uint8_t)number;
    }
    return decimal ? count : 0;
}

size_t ike_value_read(ike_text text, uint8_t *bytes, size_t size)
{
    skip_signs(&text);
    if (text.at < text.end && memchr(text.at, ']', ike_text_length(text)) != NULL) {
        size_t count = read_decimals(text, bytes, size);
        if (count > 0)
            return count;
    }
    return read_groups(text, bytes, size);
}
