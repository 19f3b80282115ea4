/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ESP and AH SAs of Linux: "ip xfrm state" (with -s, -d, -o, and with policies between), "ip
 * xfrm monitor", and the command "ip xfrm state add" itself.
 *
 *   src 10.9.0.1 dst 10.9.0.2
 *           proto esp spi 0xc9a1b2c3 reqid 1 mode tunnel
 *           replay-window 0 flag af-unspec esn
 *           auth-trunc hmac(sha256) 0x.. 128
 *           enc cbc(aes) 0x..                    or: aead rfc4106(gcm(aes)) 0x.. 128
 *
 * Cilium's keys, whose identifiers are the SPIs: "3 rfc4106(gcm(aes)) 44434241.. 128".
 *
 * It is read word by word: line breaks and prefixes mean nothing. The addresses are left alone:
 * behind a NAT the capture has others. */
#include <glib.h>
#include <string.h>

#include "decrypt/keylog/esp_entry.h"

/* What the next word is. */
typedef enum {
    NEXT_ANY,
    NEXT_PROTOCOL,
    NEXT_SPI_WORD,
    NEXT_SPI,
    NEXT_NAME,
    NEXT_KEY,
    NEXT_BITS, /* of the ICV, perhaps */
} next_word;

typedef enum { ALGORITHM_ENC, ALGORITHM_AUTH, ALGORITHM_AEAD } algorithm;

typedef struct {
    ike_keylog *log;
    next_word next;
    algorithm algorithm;
    unsigned line; /* of the state */
    bool hidden;   /* "<<Keys hidden>>" */
    ike_esp_entry entry;
} xfrm;

static void end_state(xfrm *x)
{
    ike_keylog_warn(x->log, x->line, ike_esp_entry_use(x->log, &x->entry));
    x->next = NEXT_ANY;
}

static const struct {
    const char *word;
    algorithm algorithm;
} algorithms[] = {
    {"enc", ALGORITHM_ENC},
    {"auth", ALGORITHM_AUTH},
    {"auth-trunc", ALGORITHM_AUTH},
    {"aead", ALGORITHM_AEAD},
};

static void keyword(xfrm *x, ike_text word)
{
    if (ike_text_is(word, "proto")) {
        x->next = NEXT_PROTOCOL;
        return;
    }
    if (!x->entry.has_spi)
        return;
    if (ike_text_is(word, "esn"))
        x->entry.esn = true;
    for (size_t i = 0; i < G_N_ELEMENTS(algorithms); i++)
        if (ike_text_is(word, algorithms[i].word)) {
            x->algorithm = algorithms[i].algorithm;
            x->next = NEXT_NAME;
            return;
        }
}

/* "0xc9a1b2c3", "0xc9a1b2c3(3382817475)", "3382817475" */
static void use_spi(xfrm *x, ike_text word)
{
    if (!ike_text_number(ike_text_until(&word, '('), &x->entry.spi) || x->entry.spi == 0) {
        ike_keylog_warn(x->log, 0, "the SPI is incomplete");
        return;
    }
    x->entry.has_spi = true;
    x->entry.esn_known = true;
    x->line = ike_keylog_line_number(x->log);
}

static ike_esp_transform *transform_of(xfrm *x)
{
    return x->algorithm == ALGORITHM_AUTH ? &x->entry.integrity : &x->entry.encryption;
}

static void use_name(xfrm *x, ike_text name)
{
    ike_esp_transform *transform = transform_of(x);
    transform->name[0] = '\0';
    ike_esp_set_name(transform, name);
}

static void use_key(xfrm *x, ike_text word)
{
    const char *why = NULL;
    if (ike_text_find(word, "hidden") != NULL || ike_text_begins(word, "<<")) {
        if (!x->hidden)
            why = "the keys are hidden: run ip xfrm state as root and without \"nokeys\"";
        x->hidden = true;
    } else {
        why = ike_esp_read_key(transform_of(x), word);
    }
    if (why != NULL) {
        ike_keylog_warn(x->log, 0, why);
        memset(&x->entry, 0, sizeof x->entry);
    }
}

/* "128" is the ICV in bits, "(256" and "bits)" are the key's. */
static bool use_bits(xfrm *x, ike_text word)
{
    unsigned bits;
    if (ike_text_first(word) == '(' || ike_text_is(word, "bits)"))
        return true;
    x->next = NEXT_ANY;
    if (!ike_text_decimal(word, &bits))
        return false;
    if (x->algorithm == ALGORITHM_AUTH) {
        x->entry.icv_bits = bits;
    } else if (x->algorithm == ALGORITHM_AEAD) {
        char *name = x->entry.encryption.name;
        size_t length = strlen(name);
        g_snprintf(name + length, IKE_ESP_NAME_SIZE - length, " %u", bits / 8 % 100);
    }
    return true;
}

/* "enc ecb(cipher_null)" has none, so the word is the next line's. */
static bool has_no_key(const xfrm *x, ike_text word)
{
    return x->algorithm == ALGORITHM_ENC && strstr(x->entry.encryption.name, "null") != NULL &&
           !ike_text_begins(word, "0x");
}

static void use_word(xfrm *x, ike_text word)
{
    next_word next = x->next;
    if (next == NEXT_BITS && use_bits(x, word))
        return;
    x->next = NEXT_ANY;
    switch (next) {
    case NEXT_PROTOCOL:
        if (ike_text_is(word, "esp") || ike_text_is(word, "ah")) {
            end_state(x);
            x->entry.of_ah = ike_text_is(word, "ah");
            x->next = NEXT_SPI_WORD;
        }
        return;
    case NEXT_SPI_WORD: /* a template of a policy has none */
        x->next = ike_text_is(word, "spi") ? NEXT_SPI : NEXT_ANY;
        return;
    case NEXT_SPI:
        use_spi(x, word);
        return;
    case NEXT_NAME:
        use_name(x, word);
        x->next = NEXT_KEY;
        return;
    case NEXT_KEY:
        if (has_no_key(x, word)) {
            keyword(x, word);
        } else {
            x->next = NEXT_BITS;
            use_key(x, word);
        }
        return;
    case NEXT_ANY:
    case NEXT_BITS:
        keyword(x, word);
        return;
    }
}

/* A word; quotes and backslashes around it go ("cbc(aes)" keeps its brackets). */
static ike_text next_token(ike_text *text)
{
    ike_text word = ike_text_word(text);
    while (word.at < word.end && ike_is_any_of(*word.at, "'\"\\"))
        word.at++;
    while (word.at < word.end && ike_is_any_of(word.end[-1], "'\"\\;,"))
        word.end--;
    return word;
}

/* "3 rfc4106(gcm(aes)) 44434241.. 128": the SPI and what "aead" would be before. */
static bool begin_of_pair(xfrm *x, ike_text *text)
{
    uint32_t spi;
    ike_text number = *text;
    const char *name = ike_text_find(*text, "rfc4106(");
    if (name == NULL)
        return false;
    number.end = name;
    ike_text_trim(&number);
    if (number.at < number.end && number.end[-1] == '+')
        number.end--;
    const char *first = number.end;
    while (first > number.at && g_ascii_isdigit(first[-1]))
        first--;
    number.at = first;
    if (!ike_text_number(number, &spi) || spi == 0)
        return false;
    end_state(x);
    x->entry.spi = spi;
    x->entry.has_spi = true;
    x->line = ike_keylog_line_number(x->log);
    x->algorithm = ALGORITHM_AEAD;
    x->next = NEXT_NAME;
    text->at = name;
    return true;
}

static bool is_mine(const xfrm *x, ike_text text)
{
    ike_text found;
    if (ike_text_find(text, "proto esp") != NULL || ike_text_find(text, "proto ah") != NULL)
        return true;
    if (!x->entry.has_spi && x->next == NEXT_ANY)
        return false;
    if (x->next != NEXT_ANY && x->next != NEXT_BITS)
        return true; /* goes on in this line */
    return ike_text_find_word(text, "auth", &found) || ike_text_find_word(text, "enc ", &found) ||
           ike_text_find_word(text, "aead ", &found) || ike_text_find_word(text, "flag ", &found) ||
           ike_text_find_word(text, "src ", &found);
}

static bool xfrm_line(void *state, ike_text text)
{
    xfrm *x = state;
    if (!begin_of_pair(x, &text) && !is_mine(x, text))
        return false;
    const char *src = ike_text_find(text, "src ");
    bool selector = src != NULL && ike_text_find((ike_text){text.at, src}, "sel ") != NULL;
    if (src != NULL && !selector && ike_text_find((ike_text){src, text.end}, " dst ") != NULL)
        end_state(x); /* of another state or a policy */
    while (text.at < text.end) {
        ike_text word = next_token(&text);
        if (word.at < word.end)
            use_word(x, word);
    }
    return true;
}

static bool xfrm_in_dump(const void *state)
{
    return ((const xfrm *)state)->next != NEXT_ANY && ((const xfrm *)state)->next != NEXT_BITS;
}

static void xfrm_finish(void *state)
{
    end_state(state);
}

static const char *const marks[] = {
    "proto esp", "proto ah", "auth-trunc ", "auth ",    "enc ",
    "aead ",     "flag ",    "src ",        "rfc4106(", NULL,
};

const ike_keylog_reader ike_reader_xfrm = {
    .marks = marks,
    .state_bytes = sizeof(xfrm),
    .line = xfrm_line,
    .in_dump = xfrm_in_dump,
    .finish = xfrm_finish,
};
