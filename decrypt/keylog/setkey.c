/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ESP SAs of setkey (FreeBSD, NetBSD, macOS, ipsec-tools), listed by "setkey -D" and added by
 * "setkey -f" or ipsec.conf.
 *
 *   10.9.0.1 10.9.0.2
 *           esp mode=tunnel spi=4193904556(0xf9f9e7ac) reqid=1(0x00000001)
 *           E: aes-cbc  a4919f7a c2feab1d ..
 *           A: hmac-sha2-256  839de041 491da152 ..
 *
 *   add 10.9.0.1 10.9.0.2 esp 0xf9f9e7ac -m tunnel
 *           -E aes-cbc 0xa4919f7ac2feab1d.. -A hmac-sha2-256 0x839de041491da152.. ;
 */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"

enum { DIGITS_MAX = 2 * IKE_ESP_KEY_MAX, COMMAND_LINES = 6 /* and no longer */ };

typedef enum { IN_NOTHING, IN_LIST, IN_COMMAND } setkey_text;
typedef enum { NEXT_ANY, NEXT_SPI, NEXT_NAME, NEXT_KEY } next_word;

typedef struct {
    ike_keylog *log;
    setkey_text where;
    next_word next;
    ike_esp_transform *transform; /* whose key is under way */
    unsigned line;
    char digits[DIGITS_MAX + 1]; /* of a key that a list writes in groups */
    size_t digit_count;
    ike_esp_entry entry;
} setkey;

/* ---- keys ------------------------------------------------------------------------------------ */

static void end_key(setkey *s)
{
    if (s->digit_count > 0) {
        ike_text digits = {s->digits, s->digits + s->digit_count};
        ike_keylog_warn(s->log, 0, ike_esp_read_key(s->transform, digits));
        OPENSSL_cleanse(s->digits, sizeof s->digits);
    }
    s->digit_count = 0;
}

static void end_entry(setkey *s)
{
    end_key(s);
    ike_keylog_warn(s->log, s->line, ike_esp_entry_use(s->log, &s->entry));
    s->where = IN_NOTHING;
    s->next = NEXT_ANY;
}

static void begin_entry(setkey *s, setkey_text where)
{
    end_entry(s);
    s->where = where;
    s->line = ike_keylog_line_number(s->log);
}

/* Groups of digits, up to the first word that is none. */
static bool take_groups(setkey *s, ike_text text)
{
    bool any = false;
    for (ike_text word = ike_text_value(&text); ike_text_length(word) > 0;
         word = ike_text_value(&text)) {
        size_t length = ike_text_length(word);
        if (ike_text_hex_run(word) != length || s->digit_count + length > DIGITS_MAX)
            return any;
        memcpy(s->digits + s->digit_count, word.at, length);
        s->digit_count += length;
        any = true;
    }
    return any;
}

/* ---- setkey -D ------------------------------------------------------------------------------- */

/* "esp mode=tunnel spi=4193904556(0xf9f9e7ac)" */
static bool list_begin(setkey *s, ike_text text)
{
    uint64_t spi;
    ike_text found;
    bool of_ah = ike_text_find_word(text, "ah mode=", &found);
    if (!of_ah && !ike_text_find_word(text, "esp mode=", &found) &&
        !ike_text_find_word(text, "esp-udp mode=", &found))
        return false;
    if (!ike_text_after(&found, "spi=") || !ike_text_after(&found, "(") ||
        !ike_text_hex_number(ike_text_until(&found, ')'), &spi) || spi > UINT32_MAX)
        return false;
    begin_entry(s, IN_LIST);
    s->entry.of_ah = of_ah;
    s->entry.has_spi = true;
    s->entry.spi = (uint32_t)spi;
    return true;
}

/* "E: aes-cbc  a4919f7a c2feab1d" */
static bool list_key(setkey *s, ike_text text, const char *letter, ike_esp_transform *transform)
{
    ike_text found;
    if (!ike_text_find_word(text, letter, &found))
        return false;
    end_key(s);
    found.at += strlen(letter);
    s->transform = transform;
    ike_esp_set_name(transform, ike_text_word(&found));
    (void)take_groups(s, found);
    return true;
}

static bool list_line(setkey *s, ike_text text)
{
    if (list_key(s, text, "E: ", &s->entry.encryption) ||
        list_key(s, text, "A: ", &s->entry.integrity))
        return true;
    if (ike_text_find(text, "seq=0x") != NULL) {
        end_entry(s);
        return true;
    }
    return s->digit_count > 0 && take_groups(s, text); /* broken by a terminal */
}

/* ---- setkey -f ------------------------------------------------------------------------------- */

static bool is_protocol(ike_text word)
{
    return ike_text_is(word, "esp") || ike_text_is(word, "esp-old") ||
           ike_text_is(word, "esp-udp") || ike_text_is(word, "ah");
}

static void command_word(setkey *s, ike_text word)
{
    next_word next = s->next;
    s->next = NEXT_ANY;
    if (next == NEXT_SPI) {
        s->entry.has_spi = ike_text_number(word, &s->entry.spi);
    } else if (next == NEXT_NAME) {
        ike_esp_set_name(s->transform, word);
        s->next = NEXT_KEY;
    } else if (next == NEXT_KEY && ike_text_begins(word, "0x")) {
        ike_keylog_warn(s->log, 0, ike_esp_read_key(s->transform, word));
    } else if (is_protocol(word)) {
        s->entry.of_ah = ike_text_is(word, "ah");
        s->next = NEXT_SPI;
    } else if (ike_text_is(word, "-E") || ike_text_is(word, "-A")) {
        s->transform = ike_text_is(word, "-A") ? &s->entry.integrity : &s->entry.encryption;
        s->next = NEXT_NAME;
    }
}

/* A key may be text between quotes. */
static bool take_quoted_key(setkey *s, ike_text *text)
{
    ike_text rest = *text;
    ike_text_blanks(&rest);
    if (s->next != NEXT_KEY || !ike_text_skip(&rest, "\""))
        return false;
    ike_text quoted = ike_text_until(&rest, '"');
    ike_esp_set_key(s->transform, ike_text_span(quoted));
    s->next = NEXT_ANY;
    *text = rest;
    return true;
}

static void command_words(setkey *s, ike_text text)
{
    while (text.at < text.end && s->where == IN_COMMAND) {
        if (take_quoted_key(s, &text))
            continue;
        ike_text word = ike_text_word(&text);
        bool last = word.at < word.end && word.end[-1] == ';';
        if (last)
            word.end--;
        if (word.at < word.end)
            command_word(s, word);
        if (last)
            end_entry(s);
    }
}

/* "add SOURCE DESTINATION esp", perhaps with an option before the addresses */
static bool command_begin(setkey *s, ike_text *text)
{
    ike_text found;
    if (!ike_text_find_word(*text, "add ", &found))
        return false;
    ike_text words = {found.at + strlen("add "), found.end}, rest = words;
    if (ike_text_begins(rest, "-"))
        (void)ike_text_word(&rest);
    (void)ike_text_word(&rest);
    (void)ike_text_word(&rest);
    if (!is_protocol(ike_text_word(&rest)))
        return false;
    begin_entry(s, IN_COMMAND);
    *text = words;
    return true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

static bool setkey_line(void *state, ike_text text)
{
    setkey *s = state;
    if (list_begin(s, text))
        return true;
    if (s->where == IN_COMMAND && ike_keylog_line_number(s->log) > s->line + COMMAND_LINES)
        end_entry(s);
    if (command_begin(s, &text) || s->where == IN_COMMAND) {
        command_words(s, text);
        return true;
    }
    return s->where == IN_LIST && list_line(s, text);
}

static bool setkey_in_dump(const void *state)
{
    return ((const setkey *)state)->where != IN_NOTHING;
}

static void setkey_finish(void *state)
{
    end_entry(state);
}

static const char *const marks[] = {"esp mode=", "esp-udp mode=", "ah mode=", "add ", NULL};

const ike_keylog_reader ike_reader_setkey = {
    .marks = marks,
    .state_bytes = sizeof(setkey),
    .line = setkey_line,
    .in_dump = setkey_in_dump,
    .finish = setkey_finish,
};
