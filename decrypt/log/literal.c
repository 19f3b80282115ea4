/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns bytes between quotes into hex. */
#include "decrypt/log/literal.h"

#include <glib.h>
#include <string.h>

typedef struct {
    size_t bytes, hex_escapes; /* \xNN among them */
} literal;

/* The byte that the text begins with, escaped or not; steps over it. -1: there is none. */
static int take_byte(ike_text *text, literal *found)
{
    static const char from[] = "nrtabfv0\\\"'", to[] = "\n\r\t\a\b\f\v\0\\\"'";
    uint8_t byte;
    size_t length;
    if (text->at == text->end || (uint8_t)*text->at < ' ' || (uint8_t)*text->at >= 0x7f)
        return -1;
    found->bytes++;
    if (*text->at != '\\' || text->end - text->at < 2)
        return (uint8_t)*text->at++;
    if (text->at[1] == 'x') {
        if (text->end - text->at < 4 ||
            ike_text_bytes((ike_text){text->at + 2, text->at + 4}, &byte, 1, &length) != NULL)
            return -1;
        found->hex_escapes++;
        text->at += 4;
        return byte;
    }
    const char *escape = strchr(from, text->at[1]);
    if (escape == NULL || text->at[1] == '\0')
        return -1;
    text->at += 2;
    return (uint8_t)to[escape - from];
}

/* Copies the string whose quote the text begins with, as hex when it is a literal: one that is
 * mostly text is none. false: it has no end, or holds what no literal does. */
static bool take_literal(ike_text *text, bool is_bytes, char **out)
{
    char quote = *text->at, *start = *out;
    ike_text rest = {text->at + 1, text->end};
    literal found = {0, 0};
    while (rest.at < rest.end && *rest.at != quote) {
        int byte = take_byte(&rest, &found);
        if (byte < 0)
            break;
        *(*out)++ = "0123456789abcdef"[byte >> 4];
        *(*out)++ = "0123456789abcdef"[byte & 15];
    }
    bool good = rest.at < rest.end && *rest.at == quote && found.hex_escapes > 0 &&
                (is_bytes || found.hex_escapes * 3 >= found.bytes);
    if (good) {
        text->at = rest.at + 1;
        return true;
    }
    *out = start;
    if (rest.at == rest.end || *rest.at != quote)
        return false;
    size_t length = (size_t)(rest.at + 1 - text->at); /* a string of text */
    memcpy(*out, text->at, length);
    *out += length;
    text->at = rest.at + 1;
    return true;
}

bool ike_has_literal(ike_text line)
{
    return memchr(line.at, '\\', ike_text_length(line)) != NULL &&
           ike_text_find(line, "\\x") != NULL;
}

/* Copies a run of \\xNN without quotes as hex. */
static bool take_escapes(ike_text *text, char **out)
{
    enum { LEAST = 8, LENGTH = 4 };
    size_t count = 0;
    ike_text rest = *text;
    for (; ike_text_begins(rest, "\\x"); rest.at += LENGTH, count++)
        if (ike_text_length(rest) < LENGTH ||
            ike_text_hex_run((ike_text){rest.at + 2, rest.at + LENGTH}) != 2)
            break;
    if (count < LEAST)
        return false;
    for (; text->at < rest.at; text->at += LENGTH) {
        *(*out)++ = text->at[2];
        *(*out)++ = text->at[3];
    }
    return true;
}

/* A line with quotes that are no literals is walked through once for each: so at most so often. */
enum { FAILURES_MAX = 16 };

char *ike_literals_to_hex(ike_text line, char *out)
{
    unsigned failures = 0;
    for (ike_text rest = line; rest.at < rest.end;) {
        char c = *rest.at;
        bool is_bytes =
            rest.at > line.at && rest.at[-1] == 'b' &&
            (rest.at - 1 == line.at || !ike_is_word_character(rest.at[-2])); /* no hex digit */
        bool begins = is_bytes || rest.at == line.at || !ike_is_word_character(rest.at[-1]);
        if ((c == '\'' || c == '"') && begins && failures < FAILURES_MAX) {
            char *before = out;
            if (is_bytes)
                out--; /* the b goes */
            if (take_literal(&rest, is_bytes, &out))
                continue;
            out = before;
            failures++;
        }
        if (c == '\\' && take_escapes(&rest, &out))
            continue;
        *out++ = c;
        rest.at++;
    }
    return out;
}
