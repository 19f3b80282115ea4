/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hex in many spellings. */
#include "decrypt/keylog/value.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

enum { LONG_RUN = 32 /* digits: a value in one piece */ };

static bool is_sign(char c)
{
    return ike_is_any_of(c, " \t:=<>-({[\"'`|.,;");
}

/* What stands before the signs and values of programs: "[]byte{0x12, 0x34}" of Go, "<Buffer 12 34>"
 * of Node.js, "bytes.fromhex('1234')" of Python. */
static bool skip_wrapper(ike_text *text)
{
    static const char *const wrappers[] = {
        "[]byte",    "[]uint8",     "[]",      "bytearray", "bytes.fromhex",
        "unhexlify", "Buffer.from", "Buffer ", "&[",        "!!binary"};
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
        if (ike_text_skip(text, wrappers[i]))
            return true;
    return false;
}

/* Not the first character of base64url or the sign of a number. */
static bool is_dash(ike_text text)
{
    return ike_text_length(text) < 2 || !ike_is_word_character(text.at[1]);
}

static void skip_signs(ike_text *text)
{
    while (text->at < text->end) {
        if (skip_wrapper(text))
            continue;
        if (!is_sign(*text->at) || (*text->at == '-' && !is_dash(*text)))
            return;
        text->at++;
    }
}

/* What may stand between two groups of digits. */
static bool skip_separator(ike_text *text)
{
    const char *start = text->at;
    if (text->at < text->end && ike_is_any_of(*text->at, ":-,_\\"))
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
        bytes[(*count)++] = (uint8_t)(g_ascii_xdigit_value(text->at[i]) << 4 |
                                      g_ascii_xdigit_value(text->at[i + 1]));
    text->at += digits;
    return true;
}

/* Whether a word goes on behind digits: "_" between digits does not count, nor does an "h". */
static bool goes_on(ike_text behind)
{
    char c = ike_text_first(behind);
    bool last = ike_text_length(behind) < 2 || !ike_is_word_character(behind.at[1]);
    if (c == '_')
        return last || g_ascii_xdigit_value(behind.at[1]) < 0;
    return c != '\0' && ike_is_word_character(c) && !(last && (c == 'h' || c == 'H'));
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
        bool word = goes_on((ike_text){behind, rest.end});
        if (digits == 1 && prefixed && !word && first <= 2 && count < size) {
            bytes[count++] = (uint8_t)g_ascii_xdigit_value(*rest.at++); /* "0x7" */
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

/* A number of 8 bits, signed where Java prints it. */
static bool read_byte(ike_text word, uint8_t *byte)
{
    unsigned number;
    bool negative = ike_text_skip(&word, "-");
    if (!ike_text_decimal(word, &number) || number > (negative ? 128 : UINT8_MAX))
        return false;
    *byte = (uint8_t)(negative ? 256 - number : number);
    return true;
}

/* "34 30 231 33]" in decimal: told from hex by a number of one or three digits, or a sign. */
static size_t read_decimals(ike_text text, char end, uint8_t *bytes, size_t size)
{
    size_t count = 0;
    bool decimal = false;
    text = ike_text_until(&text, end);
    char separator =
        text.at < text.end && memchr(text.at, ',', ike_text_length(text)) != NULL ? ',' : ' ';
    while (text.at < text.end) {
        ike_text number = ike_text_until(&text, separator);
        ike_text_trim(&number);
        if (number.at == number.end)
            continue;
        if (count == size || !read_byte(number, &bytes[count++]))
            return 0;
        decimal = decimal || ike_text_length(number) != 2;
    }
    return decimal ? count : 0;
}

static bool is_base64(char c)
{
    return ike_is_word_character(c) || ike_is_any_of(c, "+/-");
}

/* Digits, with "0x" before and signs between them. */
static bool looks_like_hex(ike_text text)
{
    enum { LEAST = 11 };
    (void)skip_0x(&text);
    const char *at = text.at;
    while (at < text.end && (g_ascii_xdigit_value(*at) >= 0 || *at == '_' || *at == '-'))
        at++;
    return at - text.at >= LEAST;
}

/* One word of base64 with its padding, of at least 16 bytes, that is no word of a text: it has
 * capitals, small letters, and digits or signs (or many capitals), and is no hex. */
static size_t read_base64(ike_text text, uint8_t *bytes, size_t size)
{
    enum { LEAST = 22, LEAST_PADDED = 11, MANY = 5, LOWER = 1, UPPER = 2, OTHER = 4 };
    unsigned kinds = 0, capitals = 0;
    const char *at = text.at;
    for (; at < text.end && is_base64(*at); at++) {
        capitals += g_ascii_isupper(*at);
        kinds |= *at >= 'a' && *at <= 'z' ? LOWER : *at >= 'A' && *at <= 'Z' ? UPPER : OTHER;
    }
    if (capitals > MANY && kinds == (LOWER | UPPER))
        kinds |= OTHER;
    size_t length = (size_t)(at - text.at), padding = 0;
    while (at < text.end && *at == '=' && padding < 2) {
        at++;
        padding++;
        kinds |= OTHER;
    }
    if (length < (padding > 0 ? LEAST_PADDED : LEAST) || looks_like_hex(text) ||
        length / 4 * 3 + 3 > size || (padding > 0 && (length + padding) % 4 != 0) ||
        length % 4 == 1 || kinds != (LOWER | UPPER | OTHER))
        return 0;
    static const char *const pads[] = {"", NULL, "==", "="};
    char *copy = g_strdup_printf("%.*s%s", (int)length, text.at, pads[length % 4]);
    (void)g_strdelimit(copy, "-", '+'); /* of base64url (RFC 4648 5) */
    (void)g_strdelimit(copy, "_", '/');
    gsize count = 0;
    guchar *decoded = g_base64_decode(copy, &count);
    memcpy(bytes, decoded, count);
    OPENSSL_cleanse(decoded, count);
    OPENSSL_cleanse(copy, strlen(copy));
    g_free(decoded);
    g_free(copy);
    return count;
}

size_t ike_value_read(ike_text text, uint8_t *bytes, size_t size)
{
    skip_signs(&text);
    for (const char *end = "]>"; *end != '\0' && text.at < text.end; end++)
        if (memchr(text.at, *end, ike_text_length(text)) != NULL) {
            size_t count = read_decimals(text, *end, bytes, size);
            if (count > 0)
                return count;
        }
    size_t count = read_base64(text, bytes, size);
    return count > 0 ? count : read_groups(text, bytes, size);
}
