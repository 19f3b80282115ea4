/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MikroTik's "/ip ipsec installed-sa print" (detail, terse): NAME=VALUE, over as many lines as the
 * terminal is narrow, a quoted value included.
 *
 *   0  E spi=0xF9F9E7AC src-address=10.9.0.1 dst-address=10.9.0.2 state=mature
 *        auth-algorithm=sha256 enc-algorithm=aes-cbc enc-key-size=256
 *        auth-key="839de041.." enc-key="a4919f7a.." ..
 *
 * The same with one name for both directions in "/ip ipsec manual-sa export", and manual SAs of
 * ipsec.conf (FreeS/WAN, Openswan):
 *
 *   add esp-enc-algorithm=aes-256-cbc esp-enc-key=IN/OUT esp-auth-key=IN/OUT esp-spi=0xIN/0xOUT
 *   spi=0xf9f9e7ac esp=aes-sha1 espenckey=0xa4919f7a.. espauthkey=0x839de041..
 */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"

enum { VALUE_MAX = 2 * IKE_ESP_KEY_MAX, QUOTED_LINES = 8 /* of one value, at most */ };

typedef enum { FIELD_NONE, FIELD_SPI, FIELD_AUTH, FIELD_ENC, FIELD_AUTH_KEY, FIELD_ENC_KEY } field;

typedef struct {
    ike_keylog *log;
    field open; /* a quoted value that has not ended */
    char value[VALUE_MAX + 1];
    size_t length;
    unsigned line, quoted_line;
    ike_esp_entry entries[2]; /* the second: of the other direction, where a value has two */
} mikrotik;

static void end_entries(mikrotik *m)
{
    for (size_t i = 0; i < G_N_ELEMENTS(m->entries); i++)
        ike_keylog_warn(m->log, m->line, ike_esp_entry_use(m->log, &m->entries[i]));
}

static const struct {
    const char *name;
    field field;
} fields[] = {
    {"spi=", FIELD_SPI},
    {"auth-algorithm=", FIELD_AUTH},
    {"enc-algorithm=", FIELD_ENC},
    {"auth-key=", FIELD_AUTH_KEY},
    {"enc-key=", FIELD_ENC_KEY},
    {"esp-spi=", FIELD_SPI},
    {"esp-auth-algorithm=", FIELD_AUTH},
    {"esp-enc-algorithm=", FIELD_ENC},
    {"esp-auth-key=", FIELD_AUTH_KEY},
    {"esp-enc-key=", FIELD_ENC_KEY},
    {"espauthkey=", FIELD_AUTH_KEY},
    {"espenckey=", FIELD_ENC_KEY},
};

/* NULL, or why the value cannot be read. */
static const char *use_one(ike_esp_entry *entry, field which, ike_text value)
{
    uint64_t spi;
    switch (which) {
    case FIELD_SPI:
        entry->has_spi = ike_text_hex_number(value, &spi) && spi <= UINT32_MAX;
        entry->spi = entry->has_spi ? (uint32_t)spi : 0;
        break;
    case FIELD_AUTH:
        ike_esp_set_name(&entry->integrity, value);
        break;
    case FIELD_ENC:
        if (!ike_text_is(value, "none")) /* of AH */
            ike_esp_set_name(&entry->encryption, value);
        break;
    case FIELD_AUTH_KEY:
        return ike_esp_read_key(&entry->integrity, value);
    case FIELD_ENC_KEY:
        return ike_esp_read_key(&entry->encryption, value);
    case FIELD_NONE:
        break;
    }
    return NULL;
}

static bool has_field(const ike_esp_entry *entry, field which)
{
    return (which == FIELD_SPI && entry->has_spi) ||
           (which == FIELD_AUTH && entry->integrity.name[0] != '\0') ||
           (which == FIELD_ENC && entry->encryption.name[0] != '\0') ||
           (which == FIELD_AUTH_KEY && entry->integrity.key_length > 0) ||
           (which == FIELD_ENC_KEY && entry->encryption.key_length > 0);
}

/* "IN/OUT", or one value of both. An SA ends where a field of it comes again: the SPI may stand
 * first or last. */
static void use_value(mikrotik *m, field which, ike_text value)
{
    ike_text_trim(&value);
    if (m->entries[0].has_spi && has_field(&m->entries[0], which))
        end_entries(m);
    if (which == FIELD_SPI)
        m->line = ike_keylog_line_number(m->log);
    ike_text first = ike_text_until(&value, '/');
    bool both = which != FIELD_SPI && ike_text_length(value) == 0;
    ike_keylog_warn(m->log, 0, use_one(&m->entries[0], which, first));
    const char *why = use_one(&m->entries[1], which, both ? first : value);
    if (!both) /* else the same again */
        ike_keylog_warn(m->log, 0, why);
}

/* More of a value between quotes, which ends with the second one. */
static void take_quoted(mikrotik *m, ike_text *text)
{
    for (; text->at < text->end && *text->at != '"'; text->at++)
        if (*text->at != ' ' && *text->at != '\t' && *text->at != '\\' && m->length < VALUE_MAX)
            m->value[m->length++] = *text->at;
    if (!ike_text_skip(text, "\""))
        return;
    use_value(m, m->open, (ike_text){m->value, m->value + m->length});
    OPENSSL_cleanse(m->value, m->length);
    m->length = 0;
    m->open = FIELD_NONE;
}

/* A word, which as-value ends with a semicolon. */
static ike_text take_word(ike_text *text)
{
    ike_text word = ike_text_word(text);
    ike_text rest = word;
    ike_text first = ike_text_until(&rest, ';');
    if (first.end < word.end)
        text->at = first.end + 1;
    return first;
}

/* *of_sa is set by a field that other programs do not print: an SPI may be of any. */
static bool take_field(mikrotik *m, ike_text *text, bool *of_sa)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (!ike_text_skip(text, fields[i].name))
            continue;
        *of_sa = *of_sa || fields[i].field != FIELD_SPI;
        if (ike_text_skip(text, "\"")) {
            m->open = fields[i].field;
            m->quoted_line = ike_keylog_line_number(m->log);
            m->length = 0;
            take_quoted(m, text);
        } else {
            ike_text word = take_word(text);
            use_value(m, fields[i].field, ike_text_value(&word));
        }
        return true;
    }
    return false;
}

/* The second quote of a value does not come. */
static void give_up(mikrotik *m)
{
    if (m->open != FIELD_NONE)
        ike_keylog_warn(m->log, m->quoted_line, "the key of this SA is incomplete");
    OPENSSL_cleanse(m->value, m->length);
    m->length = 0;
    m->open = FIELD_NONE;
}

static bool mikrotik_line(void *state, ike_text text)
{
    mikrotik *m = state;
    bool of_sa = m->open != FIELD_NONE;
    if (of_sa && ike_keylog_line_number(m->log) > m->quoted_line + QUOTED_LINES)
        give_up(m);
    if (m->open != FIELD_NONE) {
        ike_text_blanks(&text);
        take_quoted(m, &text);
    }
    while (text.at < text.end) {
        ike_text_blanks(&text);
        if (!take_field(m, &text, &of_sa))
            (void)take_word(&text);
    }
    return of_sa;
}

static bool mikrotik_in_dump(const void *state)
{
    return ((const mikrotik *)state)->open != FIELD_NONE;
}

static void mikrotik_finish(void *state)
{
    mikrotik *m = state;
    give_up(m);
    end_entries(m);
}

static const char *const marks[] = {
    " spi=0x",   "\tspi=0x", "E spi=",     "auth-algorithm=", ";spi=",    "enc-algorithm=",
    "auth-key=", "enc-key=", "espenckey=", "espauthkey=",     "esp-spi=", NULL,
};

const ike_keylog_reader ike_reader_mikrotik = {
    .marks = marks,
    .state_bytes = sizeof(mikrotik),
    .line = mikrotik_line,
    .in_dump = mikrotik_in_dump,
    .finish = mikrotik_finish,
};
