/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cursor over a piece of text that is not NUL terminated, and the few steps that the readers
 * of logs take with it. All lengths are bounded by the piece. */
#ifndef IKE_LOG_TEXT_H
#define IKE_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *at, *end;
} ike_text;

static inline size_t ike_text_length(ike_text text)
{
    return (size_t)(text.end - text.at);
}

/* The first character, or NUL when there is none. */
static inline char ike_text_first(ike_text text)
{
    return text.at < text.end ? *text.at : '\0';
}

ike_text ike_text_of(const char *string);

/* Is this all of the text? Does the text begin or end with it? */
bool ike_text_is(ike_text text, const char *literal);
bool ike_text_begins(ike_text text, const char *literal);
bool ike_text_ends(ike_text text, const char *literal);

/* Whether two texts have the same characters. */
bool ike_text_same(ike_text a, ike_text b);

/* How many blanks the text begins with. */
size_t ike_text_count_blanks(ike_text text);

/* Steps over `literal` when the text begins with it. */
bool ike_text_skip(ike_text *text, const char *literal);

/* Steps behind the first occurrence of `literal`; false, and the text untouched, when there is
 * none. */
bool ike_text_after(ike_text *text, const char *literal);

/* Whether the text has `literal`; then `rest` is what stands behind its first occurrence, `front`
 * what stands before it. */
bool ike_text_behind(ike_text text, const char *literal, ike_text *rest);
bool ike_text_before(ike_text text, const char *literal, ike_text *front);

/* Where `literal` begins in the text, NULL when it is not there. */
const char *ike_text_find(ike_text text, const char *literal);

/* The text from its first occurrence of `literal` on, from behind the last digit, letter or
 * underscore before it: false when `literal` is only the end of a longer word. */
bool ike_text_find_word(ike_text text, const char *literal, ike_text *found);

/* Is it a letter, a digit or an underscore? */
bool ike_is_word_character(char c);

/* Is it in the set? Never for NUL, which strchr() finds at the end of any string. */
static inline bool ike_is_any_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Steps over blanks and tabs; cuts them off the end. */
void ike_text_blanks(ike_text *text);
void ike_text_trim(ike_text *text);

/* The text without the blanks at both ends; whether it has nothing but blanks. */
ike_text ike_text_trimmed(ike_text text);
bool ike_text_is_blank(ike_text text);

/* Takes the next word, that is up to a blank; empty at the end. */
ike_text ike_text_word(ike_text *text);

/* The next word without the quotes, brackets, commas and semicolons around it. */
ike_text ike_text_value(ike_text *text);

/* Takes everything before the next `separator` and steps over it; all of the rest when there is
 * none. */
ike_text ike_text_until(ike_text *text, char separator);

/* Copies the text to `copy` of `size` bytes; false: it is empty or does not fit. */
bool ike_text_copy(ike_text text, char *copy, size_t size);

/* Is it the same word, whatever the case of its letters? */
bool ike_text_is_word(ike_text text, const char *literal);

/* The number of hex digits that the text begins with. */
size_t ike_text_hex_run(ike_text text);

/* The whole text, with or without "0x", is hex digits: at most 16 of them as a number. */
bool ike_text_hex_number(ike_text text, uint64_t *number);

/* Takes a decimal number off the front: at least one digit, at most `most`. */
bool ike_text_take_number(ike_text *text, uint64_t most, uint64_t *number);

/* The whole text is a number of 32 bits, in decimal or, with "0x", in hex. */
bool ike_text_number(ike_text text, uint32_t *number);

/* The whole text is a decimal number below 1,000,000,000. */
bool ike_text_decimal(ike_text text, unsigned *number);

/* The whole text, with or without "0x", is pairs of hex digits: at most `size` bytes go to
 * `bytes`, their number to `length`. NULL, or a static text that says what is wrong. */
const char *ike_text_bytes(ike_text text, uint8_t *bytes, size_t size, size_t *length);

/* The whole text is an IPv4 or IPv6 address: 4 or 16 bytes go to `address`. Returns their number,
 * 0 when it is none. */
uint8_t ike_text_address(ike_text text, uint8_t address[16]);

#endif
