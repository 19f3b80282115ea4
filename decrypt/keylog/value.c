/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hex in many spellings. */
#include "decrypt/keylog/value.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

enum { LONG_RUN = 32 /* digits: a value in one piece */ };

static bool is_sign(char c)
{
    return c != '\0' && strchr(" \t:=<>-({[\"'`|.,", c) != NULL;
}

/* What stands before the signs and values of programs: "[]byte{0x12, 0x34}" of Go, "<Buffer 12 34>"
 * of Node.js, "bytes.fromhex('1234')" of Python. */
static bool skip_wrapper(ike_text *text)
{
    static const char *const wrappers[] = {"[]byte",    "[]uint8",     "bytearray", "bytes.fromhex",
                                           "unhexlify", "Buffer.from", "Buffer ",   "&["};
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
        if (ike_text_skip(text, wrappers[i]))
            return true;
    return false;
}

static void skip_signs(ike_text *text)
{
    while (text->at < text->end) {
        if (skip_wrapper(text))
            continue;
        if (!is_sign(*text->at))
            return;
        text->at++;
    }
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

static bool skip_0x(ike_text *text)
{
    return ike_text_skip(text, "0x") || ike_text_skip(text, "0X");
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
        bool prefixed = skip_0x(&rest);
        size_t digits = ike_text_hex_run(rest);
        const char *behind = rest.at + digits;
        bool word = behind < rest.end && ike_is_word_character(*behind);
        if (digits == 1 && prefixed && !word && first <= 2 && count < size) {
            bytes[count++] = (uint8_t)ike_hex_digit(*rest.at++); /* "0x7" */
            first = 2;
            text = rest;
            if (!skip_separator(&text))
                return count;
            continue;
        }
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

static bool is_base64(char c)
{
    return ike_is_word_character(c) ? c != '_' : c == '+' || c == '/';
}

/* One word of base64 with its padding, of at least 16 bytes, that is no word of a text: it has
 * capitals, small letters, and digits or signs, and is no hex with something behind it. */
static size_t read_base64(ike_text text, uint8_t *bytes, size_t size)
{
    enum { LEAST = 22, LEAST_PADDED = 11, LEAST_HEX = 11, LOWER = 1, UPPER = 2, OTHER = 4 };
    unsigned kinds = 0;
    const char *at = text.at;
    for (; at < text.end && is_base64(*at); at++)
        kinds |= *at >= 'a' && *at <= 'z' ? LOWER : *at >= 'A' && *at <= 'Z' ? UPPER : OTHER;
    size_t length = (size_t)(at - text.at), padding = 0;
    while (at < text.end && *at == '=' && padding < 2) {
        at++;
        padding++;
        kinds |= OTHER;
    }
    if (length < (padding > 0 ? LEAST_PADDED : LEAST) || ike_text_hex_run(text) >= LEAST_HEX ||
        length / 4 * 3 + 3 > size || (length + padding) % 4 != 0 ||
        kinds != (LOWER | UPPER | OTHER))
        return 0;
    char *copy = g_strndup(text.at, length + padding);
    gsize count = 0;
    guchar *decoded = g_base64_decode(copy, &count);
    memcpy(bytes, decoded, count);
    OPENSSL_cleanse(decoded, count);
    OPENSSL_cleanse(copy, length);
    g_free(decoded);
    g_free(copy);
    return count;
}

size_t ike_value_read(ike_text text, uint8_t *bytes, size_t size)
{
    skip_signs(&text);
    if (text.at < text.end && memchr(text.at, ']', ike_text_length(text)) != NULL) {
        size_t count = read_decimals(text, bytes, size);
        if (count > 0)
            return count;
    }
    size_t count = read_base64(text, bytes, size);
    return count > 0 ? count : read_groups(text, bytes, size);
}
