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
    NEXT_AUTH,
    NEXT_ENC,
    NEXT_AUTHKEY,
    NEXT_ENCKEY,
    NEXT_BITS_WORD,
    NEXT_BITS,
} next_word;

typedef struct {
    ike_keylog *log;
    next_word next;
    bool of_integrity; /* the key in bits that comes */
    unsigned line;
    ike_esp_entry entries[BOTH];
} ipsecctl;

static void end_rule(ipsecctl *c)
{
    for (unsigned i = 0; i < BOTH; i++) {
        const char *why = ike_esp_entry_use(c->log, &c->entries[i]);
        if (why != NULL)
            ike_keylog_warn(c->log, c->line, why);
    }
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

static void use_name(ipsecctl *c, ike_text word, bool of_integrity)
{
    for (unsigned i = 0; i < BOTH; i++)
        (void)ike_text_copy(word, of_integrity ? c->entries[i].integrity : c->entries[i].encryption,
                            IKE_ESP_NAME_SIZE);
}

static void use_keys(ipsecctl *c, ike_text word, bool of_integrity)
{
    for (unsigned i = 0; i < BOTH && word.at < word.end; i++) {
        ike_esp_entry *entry = &c->entries[i];
        const char *why =
            ike_esp_entry_key(of_integrity ? &entry->integrity_key : &entry->encryption_key,
                              ike_text_until(&word, ':'));
        if (why != NULL)
            ike_keylog_warn(c->log, 0, why);
    }
}

static const struct {
    const char *word;
    next_word next;
} keywords[] = {
    {"spi", NEXT_SPI},
    {"auth", NEXT_AUTH},
    {"enc", NEXT_ENC},
    {"authkey", NEXT_AUTHKEY},
    {"enckey", NEXT_ENCKEY},
    {"key_auth:", NEXT_BITS_WORD},
    {"key_encrypt:", NEXT_BITS_WORD},
};

static void keyword(ipsecctl *c, ike_text word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
        if (ike_text_is(word, keywords[i].word)) {
            c->next = keywords[i].next;
            c->of_integrity = ike_text_is(word, "key_auth:");
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
    case NEXT_AUTH:
    case NEXT_ENC:
        use_name(c, word, next == NEXT_AUTH);
        break;
    case NEXT_AUTHKEY:
    case NEXT_ENCKEY:
        use_keys(c, word, next == NEXT_AUTHKEY);
        break;
    case NEXT_BITS_WORD: /* "bits" */
        c->next = NEXT_BITS;
        break;
    case NEXT_BITS: /* "256:" */
        c->next = c->of_integrity ? NEXT_AUTHKEY : NEXT_ENCKEY;
        break;
    }
}

static void ipsecctl_begin(void *state, ike_keylog *log)
{
    ipsecctl *c = state;
    c->log = log;
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
    .name = "ipsecctl",
    .marks = marks,
    .state_bytes = sizeof(ipsecctl),
    .begin = ipsecctl_begin,
    .line = ipsecctl_line,
    .in_dump = ipsecctl_in_dump,
    .finish = ipsecctl_finish,
};
