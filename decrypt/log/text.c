/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cursor over a piece of text: words, numbers, hex and addresses. */
#include "decrypt/log/text.h"

#include <glib.h>
#include <string.h>
#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#endif

ike_text ike_text_of(const char *string)
{
    return (ike_text){string, string + strlen(string)};
}

bool ike_text_begins(ike_text text, const char *literal)
{
    size_t length = strlen(literal);
    return ike_text_length(text) >= length && memcmp(text.at, literal, length) == 0;
}

bool ike_text_ends(ike_text text, const char *literal)
{
    size_t length = strlen(literal);
    return ike_text_length(text) >= length && memcmp(text.end - length, literal, length) == 0;
}

bool ike_text_is(ike_text text, const char *literal)
{
    return ike_text_length(text) == strlen(literal) && ike_text_begins(text, literal);
}

bool ike_text_same(ike_text a, ike_text b)
{
    return ike_text_length(a) == ike_text_length(b) && memcmp(a.at, b.at, ike_text_length(a)) == 0;
}

size_t ike_text_count_blanks(ike_text text)
{
    const char *start = text.at;
    ike_text_blanks(&text);
    return (size_t)(text.at - start);
}

bool ike_text_skip(ike_text *text, const char *literal)
{
    if (!ike_text_begins(*text, literal))
        return false;
    text->at += strlen(literal);
    return true;
}

bool ike_text_after(ike_text *text, const char *literal)
{
    ike_text rest = *text;
    while (rest.at < rest.end) {
        rest.at = memchr(rest.at, literal[0], ike_text_length(rest));
        if (rest.at == NULL)
            return false;
        if (ike_text_skip(&rest, literal)) {
            *text = rest;
            return true;
        }
        rest.at++;
    }
    return false;
}

bool ike_text_behind(ike_text text, const char *literal, ike_text *rest)
{
    if (!ike_text_after(&text, literal))
        return false;
    *rest = text;
    return true;
}

const char *ike_text_find(ike_text text, const char *literal)
{
    return ike_text_after(&text, literal) ? text.at - strlen(literal) : NULL;
}

bool ike_text_before(ike_text text, const char *literal, ike_text *front)
{
    const char *found = ike_text_find(text, literal);
    if (found == NULL)
        return false;
    *front = (ike_text){text.at, found};
    return true;
}

bool ike_is_word_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool ike_text_find_word(ike_text text, const char *literal, ike_text *found)
{
    ike_text rest = text;
    while (ike_text_after(&rest, literal)) {
        const char *start = rest.at - strlen(literal);
        if (start > text.at && ike_is_word_character(start[-1]))
            continue;
        *found = (ike_text){start, text.end};
        return true;
    }
    return false;
}

bool ike_text_copy(ike_text text, char *copy, size_t size)
{
    size_t length = ike_text_length(text);
    if (length == 0 || length >= size)
        return false;
    memcpy(copy, text.at, length);
    copy[length] = '\0';
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ike_text_is_word(ike_text text, const char *literal)
{
    size_t length = strlen(literal);
    if (ike_text_length(text) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (lower(text.at[i]) != lower(literal[i]))
            return false;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void ike_text_blanks(ike_text *text)
{
    while (text->at < text->end && is_blank(*text->at))
        text->at++;
}

void ike_text_trim(ike_text *text)
{
    ike_text_blanks(text);
    while (text->at < text->end && is_blank(text->end[-1]))
        text->end--;
}

ike_text ike_text_trimmed(ike_text text)
{
    ike_text_trim(&text);
    return text;
}

bool ike_text_is_blank(ike_text text)
{
    ike_text_blanks(&text);
    return text.at == text.end;
}

ike_text ike_text_word(ike_text *text)
{
    ike_text_blanks(text);
    ike_text word = {text->at, text->at};
    while (word.end < text->end && !is_blank(*word.end))
        word.end++;
    text->at = word.end;
    return word;
}

static bool is_around(char c)
{
    return ike_is_any_of(c, "\"'`,;[](){}<>");
}

ike_text ike_text_value(ike_text *text)
{
    ike_text word = ike_text_word(text);
    while (word.at < word.end && is_around(*word.at))
        word.at++;
    while (word.at < word.end && is_around(word.end[-1]))
        word.end--;
    return word;
}

ike_text ike_text_until(ike_text *text, char separator)
{
    ike_text part = *text;
    const char *found = NULL;
    if (part.at < part.end)
        found = memchr(part.at, separator, ike_text_length(part));
    part.end = found != NULL ? found : text->end;
    text->at = found != NULL ? found + 1 : text->end;
    return part;
}

size_t ike_text_hex_run(ike_text text)
{
    const char *at = text.at;
    while (at < text.end && g_ascii_xdigit_value(*at) >= 0)
        at++;
    return (size_t)(at - text.at);
}

static void skip_0x(ike_text *text)
{
    if (!ike_text_skip(text, "0x"))
        (void)ike_text_skip(text, "0X");
}

bool ike_text_hex_number(ike_text text, uint64_t *number)
{
    skip_0x(&text);
    size_t digits = ike_text_length(text);
    if (digits == 0 || digits > 16 || ike_text_hex_run(text) != digits)
        return false;
    *number = 0;
    for (; text.at < text.end; text.at++)
        *number = *number << 4 | (uint64_t)g_ascii_xdigit_value(*text.at);
    return true;
}

bool ike_text_take_number(ike_text *text, uint64_t most, uint64_t *number)
{
    const char *at = text->at;
    uint64_t value = 0;
    for (; at < text->end && *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (at == text->at)
        return false;
    text->at = at;
    *number = value;
    return true;
}

bool ike_text_decimal(ike_text text, unsigned *number)
{
    enum { MOST = 999999999 };
    uint64_t value = 0;
    bool good = ike_text_take_number(&text, MOST, &value) && text.at == text.end;
    *number = (unsigned)value;
    return good;
}

bool ike_text_number(ike_text text, uint32_t *number)
{
    uint64_t value = 0;
    bool good = ike_text_begins(text, "0x") || ike_text_begins(text, "0X")
                    ? ike_text_hex_number(text, &value) && value <= UINT32_MAX
                    : ike_text_take_number(&text, UINT32_MAX, &value) && text.at == text.end;
    *number = (uint32_t)value;
    return good;
}

const char *ike_text_bytes(ike_text text, uint8_t *bytes, size_t size, size_t *length)
{
    skip_0x(&text);
    size_t digits = ike_text_length(text);
    *length = 0;
    if (digits == 0)
        return "no value";
    if (ike_text_hex_run(text) != digits)
        return "not a hex string";
    if (digits % 2 != 0)
        return "odd number of hex digits: the value is incomplete";
    if (digits / 2 > size)
        return "longer than any secret";
    for (size_t i = 0; i < digits; i += 2) {
        int high = g_ascii_xdigit_value(text.at[i]), low = g_ascii_xdigit_value(text.at[i + 1]);
        bytes[(*length)++] = (uint8_t)(high << 4 | low);
    }
    return NULL;
}

uint8_t ike_text_address(ike_text text, uint8_t address[16])
{
    char copy[INET6_ADDRSTRLEN + 1];
    size_t length = ike_text_length(text);
    if (length == 0 || length >= sizeof copy)
        return 0;
    memcpy(copy, text.at, length);
    copy[length] = '\0';
    memset(address, 0, 16);
    if (inet_pton(AF_INET, copy, address) == 1)
        return 4;
    return inet_pton(AF_INET6, copy, address) == 1 ? 16 : 0;
}
