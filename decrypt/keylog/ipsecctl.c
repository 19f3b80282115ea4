/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ESP SAs of OpenBSD: "ipsecctl -sa -k" (-v, -m), and static rules of ipsec.conf, whose SPIs
 * and keys are those of both directions with a colon between.
 *
 *   esp tunnel from 10.9.0.1 to 10.9.0.2 spi 0xf9f9e7ac auth hmac-sha2-256 enc aes-256 \
 *           authkey 0x839de041.. \
 *           enckey 0xa4919f7a..
 *
 *   sa: spi 0xf9f9e7ac auth hmac-sha2-256 enc aes-256 state mature ..
 *           key_auth: bits 256: 839de041..
 *           key_encrypt: bits 256: a4919f7a..
 */
#include <glib.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"

enum { BOTH = 2 };

typedef enum {
    NEXT_ANY,
    NEXT_SPI,
    NEXT_NAME,
    NEXT_KEY,
    NEXT_BITS_WORD,
    NEXT_BITS,
} next_word;

typedef struct {
    ike_keylog *log;
    next_word next;
    bool of_integrity; /* the name or key that comes */
    unsigned line;
    ike_esp_entry entries[BOTH];
} ipsecctl;

static void end_rule(ipsecctl *c)
{
    for (unsigned i = 0; i < BOTH; i++)
        ike_keylog_warn(c->log, c->line, ike_esp_entry_use(c->log, &c->entries[i]));
    c->next = NEXT_ANY;
}

static void use_spis(ipsecctl *c, ike_text word)
{
    end_rule(c);
    c->line = ike_keylog_line_number(c->log);
    for (unsigned i = 0; i < BOTH && word.at < word.end; i++) {
        uint64_t spi;
        if (ike_text_hex_number(ike_text_until(&word, ':'), &spi) && spi <= UINT32_MAX) {
            c->entries[i].has_spi = true;
            c->entries[i].spi = (uint32_t)spi;
        }
    }
}

static ike_esp_transform *transform_of(ipsecctl *c, unsigned entry)
{
    return c->of_integrity ? &c->entries[entry].integrity : &c->entries[entry].encryption;
}

static void use_name(ipsecctl *c, ike_text word)
{
    for (unsigned i = 0; i < BOTH; i++)
        ike_esp_set_name(transform_of(c, i), word);
}

static void use_keys(ipsecctl *c, ike_text word)
{
    for (unsigned i = 0; i < BOTH && word.at < word.end; i++)
        ike_keylog_warn(c->log, 0,
                        ike_esp_read_key(transform_of(c, i), ike_text_until(&word, ':')));
}

static const struct {
    const char *word;
    next_word next;
    bool of_integrity;
} keywords[] = {
    {"spi", NEXT_SPI, false},
    {"auth", NEXT_NAME, true},
    {"enc", NEXT_NAME, false},
    {"authkey", NEXT_KEY, true},
    {"enckey", NEXT_KEY, false},
    {"key_auth:", NEXT_BITS_WORD, true},
    {"key_encrypt:", NEXT_BITS_WORD, false},
};

static void keyword(ipsecctl *c, ike_text word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
        if (ike_text_is(word, keywords[i].word)) {
            c->next = keywords[i].next;
            c->of_integrity = keywords[i].of_integrity;
        }
}

static void use_word(ipsecctl *c, ike_text word)
{
    next_word next = c->next;
    c->next = NEXT_ANY;
    switch (next) {
    case NEXT_ANY:
        keyword(c, word);
        break;
    case NEXT_SPI:
        use_spis(c, word);
        break;
    case NEXT_NAME:
        use_name(c, word);
        break;
    case NEXT_KEY:
        use_keys(c, word);
        break;
    case NEXT_BITS_WORD: /* "bits" */
        c->next = NEXT_BITS;
        break;
    case NEXT_BITS: /* "256:" */
        c->next = NEXT_KEY;
        break;
    }
}

static bool ipsecctl_line(void *state, ike_text text)
{
    ipsecctl *c = state;
    ike_text found;
    bool rule = (ike_text_find_word(text, "esp ", &found) && ike_text_find(found, " spi 0x")) ||
                ike_text_find_word(text, "sa: spi 0x", &found);
    if (!rule && !c->entries[0].has_spi)
        return false;
    if (rule)
        text = found;
    while (text.at < text.end) {
        ike_text word = ike_text_value(&text);
        if (word.at < word.end && !ike_text_is(word, "\\"))
            use_word(c, word);
    }
    return true;
}

static bool ipsecctl_in_dump(const void *state)
{
    return ((const ipsecctl *)state)->next != NEXT_ANY;
}

static void ipsecctl_finish(void *state)
{
    end_rule(state);
}

static const char *const marks[] = {
    "esp tunnel ", "esp transport ", "esp from ",     "sa: spi 0x", "authkey 0x",
    "enckey 0x",   "key_auth: ",     "key_encrypt: ", NULL,
};

const ike_keylog_reader ike_reader_ipsecctl = {
    .marks = marks,
    .state_bytes = sizeof(ipsecctl),
    .line = ipsecctl_line,
    .in_dump = ipsecctl_in_dump,
    .finish = ipsecctl_finish,
};
