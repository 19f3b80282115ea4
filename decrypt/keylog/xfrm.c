/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "ip xfrm state" and "ip xfrm monitor" of Linux: the ESP keys of the kernel.
 *   src 10.9.0.1 dst 10.9.0.2
 *           proto esp spi 0xc9a1b2c3 reqid 1 mode tunnel
 *           replay-window 0 flag af-unspec esn
 *           auth-trunc hmac(sha256) 0x.. 128
 *           enc cbc(aes) 0x..                    or: aead rfc4106(gcm(aes)) 0x.. 128
 */
#include "decrypt/keylog/records.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

enum { KEY_MAX = 128, NAME_SIZE = 64 };

typedef struct {
    ike_keylog *log;
    bool in_state, esp, esn;
    uint32_t spi;
    uint8_t auth_key[KEY_MAX], key[KEY_MAX];
    size_t auth_length;
    uint16_t integrity;
    bool auth_known;
} xfrm;

static void complain(xfrm *x, const char *why)
{
    ike_keylog_warn(x->log, 0, why);
}

/* A new state; what the last one left is forgotten. Its addresses are left alone: behind a NAT the
 * capture has others. */
static void begin_state(xfrm *x)
{
    ike_keylog *log = x->log;
    OPENSSL_cleanse(x, sizeof *x);
    x->log = log;
    x->in_state = true;
}

static void proto_line(xfrm *x, ike_text text)
{
    uint64_t spi;
    x->esp = ike_text_is(ike_text_word(&text), "esp");
    if (!x->esp)
        return;
    if (ike_text_is(ike_text_word(&text), "spi") &&
        ike_text_hex_number(ike_text_word(&text), &spi) && spi <= UINT32_MAX) {
        x->spi = (uint32_t)spi;
    } else {
        complain(x, "the SPI is not whole");
        x->esp = false;
    }
}

static void flags(xfrm *x, ike_text text)
{
    if (!ike_text_after(&text, "flag "))
        return;
    for (ike_text word = ike_text_word(&text); ike_text_length(word) > 0;
         word = ike_text_word(&text))
        if (ike_text_is(word, "esn"))
            x->esn = true;
}

/* "NAME 0xKEY [(160 bits)] [BITS]" */
static bool algorithm(xfrm *x, ike_text text, char name[NAME_SIZE], uint8_t *key, size_t *length,
                      unsigned *bits)
{
    ike_text word = ike_text_word(&text), hex = ike_text_word(&text), last;
    size_t name_length = ike_text_length(word);
    *length = 0;
    *bits = 0;
    if (name_length == 0 || name_length >= NAME_SIZE) {
        complain(x, "no name of an algorithm");
        return false;
    }
    memcpy(name, word.at, name_length);
    name[name_length] = '\0';
    const char *why = NULL;
    if (ike_text_length(hex) > 0 && !ike_text_is(hex, "0x"))
        why = ike_text_bytes(hex, key, KEY_MAX, length);
    if (why != NULL) {
        complain(x, why);
        return false;
    }
    while (ike_text_length(last = ike_text_word(&text)) > 0)
        if (!ike_text_decimal(last, bits))
            *bits = 0;
    return true;
}

static void auth_line(xfrm *x, ike_text text)
{
    char name[NAME_SIZE];
    unsigned bits;
    if (!algorithm(x, text, name, x->auth_key, &x->auth_length, &bits))
        return;
    x->auth_known = ike_integrity_by_name(name, bits, &x->integrity);
    if (!x->auth_known)
        complain(x, "an integrity algorithm by this name is not known");
}

/* The cipher is the last of the algorithms: the record is whole. */
static void cipher_line(xfrm *x, ike_text text, bool aead)
{
    char name[NAME_SIZE + 8];
    size_t length;
    unsigned bits;
    if (!x->esp || !algorithm(x, text, name, x->key, &length, &bits))
        return;
    if (aead && bits != 0)
        g_snprintf(name + strlen(name), 8, " %u", bits / 8 % 100);
    ike_esp_key key = {.spi = x->spi, .esn_known = true};
    key.has_suite = true;
    if (!ike_encryption_by_name(name, length, &key.suite.encryption, &key.suite.key_bits)) {
        complain(x, "an encryption algorithm by this name and key length is not known");
        key.has_suite = false;
    }
    if (!aead)
        key.suite.integrity = x->integrity;
    key.suite.esn = x->esn;
    key.encryption = (ike_span){x->key, length};
    key.integrity = (ike_span){x->auth_key, aead ? 0 : x->auth_length};
    if (aead || x->auth_length == 0 || x->auth_known)
        (void)ike_keyring_add_esp(ike_keylog_ring(x->log), ike_keylog_source(x->log), &key);
    x->esp = false;
}

static bool state_line(xfrm *x, ike_text text)
{
    if (ike_text_skip(&text, "proto "))
        proto_line(x, text);
    else if (ike_text_skip(&text, "auth-trunc ") || ike_text_skip(&text, "auth "))
        auth_line(x, text);
    else if (ike_text_skip(&text, "enc "))
        cipher_line(x, text, false);
    else if (ike_text_skip(&text, "aead "))
        cipher_line(x, text, true);
    else if (ike_text_begins(text, "replay-window "))
        flags(x, text);
    else
        return ike_text_begins(text, "sel ") || ike_text_begins(text, "anti-replay") ||
               ike_text_begins(text, "encap ") || ike_text_begins(text, "lifetime ");
    return true;
}

static void *xfrm_open(ike_keylog *log)
{
    xfrm *x = g_new0(xfrm, 1);
    x->log = log;
    return x;
}

static bool xfrm_line(void *state, const ike_keylog_line *line)
{
    xfrm *x = state;
    ike_text text = line->text;
    ike_text_trim(&text);
    (void)(ike_text_skip(&text, "Updated ") || ike_text_skip(&text, "Deleted "));
    if (ike_text_skip(&text, "src ")) {
        (void)ike_text_word(&text);
        if (!ike_text_skip(&text, " dst "))
            return false;
        begin_state(x);
        return true;
    }
    return x->in_state && state_line(x, text);
}

static void xfrm_finish(void *state)
{
    xfrm *x = state;
    if (x->esp && x->auth_length == 0)
        ike_keylog_warn(x->log, 0, "a state without its keys");
    x->esp = false;
}

static void xfrm_close(void *state)
{
    OPENSSL_cleanse(state, sizeof(xfrm));
    g_free(state);
}

const ike_keylog_reader ike_keylog_xfrm = {
    .name = "ip xfrm state",
    .open = xfrm_open,
    .line = xfrm_line,
    .finish = xfrm_finish,
    .close = xfrm_close,
};
