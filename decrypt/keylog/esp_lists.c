/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP SAs as lists of words and values, whatever stands between:
 *
 *   VPP       spi 4194953132 (0xf9f9e7ac) protocol:esp .. crypto alg aes-cbc-256 key a491..
 *   VPP       ipsec sa add 1 spi 4194953132 esp crypto-key a491.. crypto-alg aes-cbc-256 ..
 *   DPDK      sa out 4194953132 cipher_algo aes-256-cbc cipher_key a4:91:.. auth_algo ..
 *   Scapy     SecurityAssociation(ESP, spi=0xf9f9e7ac, crypt_algo='AES-CBC', crypt_key=..)
 *   IOS       set session-key outbound esp 4194953132 cipher a491.. authenticator 839d..
 *   JSON      "spi":"0xf9f9e7ac","enc":{"alg":"cbc(aes)","key":"0xa491.."},..
 *   KLIPS     ipsec spi --spi 0xf9f9e7ac --proto esp --enckey 0xa491.. --authkey 0x839d..
 *   Solaris   add esp spi 0xf9f9e7ac encr_alg aes encrkey a491.. auth_alg sha1 authkey 839d..
 *   OpenBSD   ipsecadm new esp -spi f9f9e7ac -enc aes -auth sha1 -key a491.. -authkey 839d..
 *   Junos     .. manual direction inbound encryption key hexadecimal a491..
 *   OpenConnect  ESP encryption type AES-256-CBC (RFC3602) key 0xa491..
 */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/crypto/algorithm.h"
#include "decrypt/keylog/esp_entry.h"
#include "decrypt/keylog/value.h"

typedef enum {
    WORD_SPI,
    WORD_ENC, /* what follows is of the cipher, or of the integrity algorithm */
    WORD_AUTH,
    WORD_NAME, /* of the algorithm that was spoken of */
    WORD_KEY,
    WORD_ENC_NAME,
    WORD_AUTH_NAME,
    WORD_ENC_KEY,
    WORD_AUTH_KEY,
    WORD_NONE
} word_use;

static const struct {
    const char *word; /* in small letters, with '_' for '-' */
    word_use use;
} words[] = {
    {"spi", WORD_SPI},
    {"esp", WORD_SPI}, /* of IOS */
    {"out", WORD_SPI}, /* of DPDK */
    {"in", WORD_SPI},
    {"crypto", WORD_ENC},
    {"enc", WORD_ENC},
    {"encryption", WORD_ENC},
    {"aead", WORD_ENC},
    {"integrity", WORD_AUTH},
    {"auth", WORD_AUTH},
    {"authentication", WORD_AUTH},
    {"auth_trunc", WORD_AUTH},
    {"alg", WORD_NAME},
    {"algorithm", WORD_NAME},
    {"type", WORD_NAME},
    {"key", WORD_KEY},
    {"crypto_alg", WORD_ENC_NAME},
    {"cipher_algo", WORD_ENC_NAME},
    {"aead_algo", WORD_ENC_NAME},
    {"crypt_algo", WORD_ENC_NAME},
    {"encr_alg", WORD_ENC_NAME},
    {"integ_alg", WORD_AUTH_NAME},
    {"auth_alg", WORD_AUTH_NAME},
    {"auth_algo", WORD_AUTH_NAME},
    {"crypto_key", WORD_ENC_KEY},
    {"cipher_key", WORD_ENC_KEY},
    {"aead_key", WORD_ENC_KEY},
    {"crypt_key", WORD_ENC_KEY},
    {"cipher", WORD_ENC_KEY},
    {"encryption_key", WORD_ENC_KEY},
    {"encrkey", WORD_ENC_KEY},
    {"enckey", WORD_ENC_KEY},
    {"integ_key", WORD_AUTH_KEY},
    {"auth_key", WORD_AUTH_KEY},
    {"authentication_key", WORD_AUTH_KEY},
    {"integrity_key", WORD_AUTH_KEY},
    {"authkey", WORD_AUTH_KEY},
    {"authenticator", WORD_AUTH_KEY},
};

typedef struct {
    ike_keylog *log;
    unsigned line; /* of the SPI */
    bool of_auth;  /* what "alg" and "key" are of */
    bool hex;      /* SPIs are hex without "0x" */
    ike_esp_entry entry;
} esp_lists;

static void end_entry(esp_lists *w)
{
    if (w->entry.encryption.key_length + w->entry.integrity.key_length > 0)
        ike_keylog_warn(w->log, w->line, ike_esp_entry_use(w->log, &w->entry));
    OPENSSL_cleanse(&w->entry, sizeof w->entry);
}

static bool is_separator(char c)
{
    return ike_is_any_of(c, " \t=,\"'{}[];");
}

/* The next word; what stands before it is skipped. "cbc(aes)" keeps its brackets. */
static ike_text next_word(ike_text *text)
{
    while (text->at < text->end && (is_separator(*text->at) || ike_is_any_of(*text->at, ":()")))
        text->at++;
    ike_text word = {text->at, text->at};
    while (word.end < text->end && !is_separator(*word.end))
        word.end++;
    text->at = word.end;
    if (word.at < word.end && word.end[-1] == ')' && ike_text_find(word, "(") == NULL)
        word.end--;
    return word;
}

static word_use use_of(ike_text word)
{
    char name[24];
    if (ike_text_is(word, "-key"))
        return WORD_ENC_KEY;          /* beside "-authkey" */
    while (ike_text_skip(&word, "-")) /* of an option */
        ;
    if (!ike_text_copy(word, name, sizeof name))
        return WORD_NONE;
    (void)g_strdelimit(name, "-", '_');
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(name, words[i].word) == 0)
            return words[i].use;
    return WORD_NONE;
}

/* A number begins an SA; "esp" and "out" may be followed by something else. */
static void use_spi(esp_lists *w, ike_text value)
{
    uint64_t hex;
    uint32_t spi;
    if (!ike_text_number(value, &spi))
        spi = 0;
    if (w->hex && ike_text_hex_number(value, &hex) && hex <= UINT32_MAX)
        spi = (uint32_t)hex;
    if (spi == 0)
        return;
    end_entry(w);
    w->entry.has_spi = true;
    w->entry.spi = spi;
    w->line = ike_keylog_line_number(w->log);
}

static void use_key(ike_esp_transform *transform, ike_text value)
{
    enum { LEAST = 8 };
    (void)ike_text_skip(&value, "hexadecimal ");
    size_t length = ike_value_read(value, transform->key, sizeof transform->key);
    transform->key_length = length >= LEAST ? length : 0;
}

/* Whether a word is the name of an algorithm, whatever its key's length: "enc aes". */
static bool is_algorithm(ike_text word, bool of_auth)
{
    static const size_t lengths[] = {8, 16, 20, 24, 32, 36};
    char name[IKE_ESP_NAME_SIZE];
    uint16_t id, bits;
    if (!ike_text_copy(word, name, sizeof name))
        return false;
    if (of_auth)
        return ike_integrity_by_name(name, 0, &id);
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++)
        if (ike_encryption_by_name(name, lengths[i], &id, &bits))
            return true;
    return false;
}

/* What "encryption" says next is of another SA. */
static bool is_complete(const ike_esp_transform *transform)
{
    return transform->name[0] != '\0' && transform->key_length > 0;
}

/* `value`: the next word, `rest`: all that follows. Returns what is left. */
static ike_text use_word(esp_lists *w, word_use use, ike_text rest)
{
    ike_esp_entry *entry = &w->entry;
    ike_text behind = rest, value = next_word(&behind);
    if (use == WORD_NAME)
        use = w->of_auth ? WORD_AUTH_NAME : WORD_ENC_NAME;
    if (use == WORD_KEY)
        use = w->of_auth ? WORD_AUTH_KEY : WORD_ENC_KEY;
    switch (use) {
    case WORD_SPI:
        use_spi(w, value);
        return rest;
    case WORD_ENC:
    case WORD_AUTH:
        w->of_auth = use == WORD_AUTH;
        if (!is_complete(w->of_auth ? &entry->integrity : &entry->encryption) &&
            is_algorithm(value, w->of_auth))
            return use_word(w, w->of_auth ? WORD_AUTH_NAME : WORD_ENC_NAME, rest);
        return rest;
    case WORD_ENC_NAME:
        ike_esp_set_name(&entry->encryption, value);
        return behind;
    case WORD_AUTH_NAME:
        ike_esp_set_name(&entry->integrity, value);
        return behind;
    case WORD_ENC_KEY:
    case WORD_AUTH_KEY:
        while (rest.at < rest.end && (is_separator(*rest.at) || *rest.at == ':'))
            rest.at++;
        if (entry->has_spi)
            use_key(use == WORD_ENC_KEY ? &entry->encryption : &entry->integrity, rest);
        return rest;
    default:
        return rest;
    }
}

/* "encryption" and "auth" alone are words of other lists, too: their lines go to the next reader.
 */
static bool esp_lists_line(void *state, ike_text line)
{
    esp_lists *w = state;
    bool used = false;
    w->hex = ike_text_find(line, "ipsecadm ") != NULL;
    for (ike_text word = next_word(&line); word.at < word.end; word = next_word(&line)) {
        word_use use = use_of(word);
        used |= use != WORD_NONE && use != WORD_ENC && use != WORD_AUTH;
        line = use_word(w, use, line);
    }
    return used && w->entry.has_spi;
}

static void esp_lists_finish(void *state)
{
    end_entry(state);
}

static const char *const marks[] = {
    "protocol:esp",
    "crypto alg ",
    "integrity alg ",
    "crypto-key ",
    "crypto_key ",
    "cipher_key ",
    "aead_key ",
    "crypt_key=",
    "session-key ",
    "\"spi\":\"0x",
    "\"spi\": \"0x",
    "--enckey ",
    "--authkey ",
    "encr_alg ",
    "encrkey ",
    "manual direction ",
    "ipsecadm ",
    "ESP: SPI 0x",
    "ESP encryption type ",
    "ESP authentication type ",
    "\"encryption",
    "\"integrity",
    "\"auth",
    "\"enc",
    NULL,
};

const ike_keylog_reader ike_reader_esp_lists = {
    .marks = marks,
    .state_bytes = sizeof(esp_lists),
    .line = esp_lists_line,
    .finish = esp_lists_finish,
};
