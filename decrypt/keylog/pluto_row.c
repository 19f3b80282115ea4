/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of keys, completed with what was logged at their derivation. */
#include "decrypt/keylog/pluto_row.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/records.h"

enum { KEY_MAX = 128 };

/* ---- derivations ---------------------------------------------------------------------------- */

static pluto_derivation *newest(pluto_rows *rows)
{
    return &rows->derivations[rows->newest % PLUTO_DERIVATIONS];
}

static void new_derivation(pluto_rows *rows)
{
    rows->newest++;
    OPENSSL_cleanse(newest(rows), sizeof(pluto_derivation));
}

void pluto_store_sk_p(pluto_rows *rows, unsigned side, ike_span secret)
{
    if (secret.length > PLUTO_SK_P_MAX)
        return;
    if (side == 0 || newest(rows)->sk_p_length[side] != 0)
        new_derivation(rows);
    memcpy(newest(rows)->sk_p[side], secret.data, secret.length);
    newest(rows)->sk_p_length[side] = secret.length;
}

void pluto_store_cipher(pluto_rows *rows, ike_text text, bool *salt)
{
    uint64_t address;
    *salt = false;
    if (!ike_text_after(&text, " symkey ") ||
        !ike_text_hex_number(ike_text_until(&text, ','), &address) || address == 0)
        return;
    if (newest(rows)->key[0] != 0 && newest(rows)->key[1] != 0)
        new_derivation(rows);
    newest(rows)->key[newest(rows)->key[0] != 0] = address;
    ike_text_blanks(&text);
    *salt = ike_text_begins(text, "salt:");
}

void pluto_store_salt(pluto_rows *rows, ike_span salt)
{
    unsigned which = newest(rows)->key[1] != 0;
    if (salt.length > PLUTO_SALT_MAX)
        return;
    memcpy(newest(rows)->salt[which], salt.data, salt.length);
    newest(rows)->salt_length[which] = salt.length;
}

/* The derivation of a key, the latest when NSS used the address before; *which of its two keys. */
static const pluto_derivation *derivation_of(const pluto_rows *rows, uint64_t key, unsigned *which)
{
    for (unsigned i = 0; i < PLUTO_DERIVATIONS && key != 0; i++) {
        const pluto_derivation *d = &rows->derivations[(rows->newest - i) % PLUTO_DERIVATIONS];
        for (*which = 0; *which < 2; ++*which)
            if (d->key[*which] == key)
                return d;
    }
    return NULL;
}

typedef struct {
    ike_text name;
    uint8_t bytes[KEY_MAX];
    size_t length;
} row_key;

/* "aes256:0x..", "none:" */
static const char *read_row_key(ike_text word, row_key *key)
{
    key->name = ike_text_until(&word, ':');
    key->length = 0;
    if (ike_text_length(word) == 0 || ike_text_is(word, "0x"))
        return NULL; /* an AEAD cipher has no integrity key */
    return ike_text_bytes(word, key->bytes, KEY_MAX - PLUTO_SALT_MAX, &key->length);
}

/* The names end with the key length in bits, without anything between: "aes_gcm_16256". */
static bool row_suite(const row_key *encryption, const row_key *integrity, size_t salt,
                      ike_suite *suite)
{
    char bits[8];
    ike_text name = encryption->name;
    size_t digits =
        (size_t)g_snprintf(bits, sizeof bits, "%u", (unsigned)(encryption->length - salt) * 8);
    if (ike_text_length(name) > digits && ike_text_ends(name, bits))
        name.end -= digits;
    return ike_suite_by_names(name, encryption->length, integrity->name, 0, suite);
}

/* The set of these SPIs: each row is one side's half. */
static void find_row_set(pluto_rows *rows, uint64_t spi_i, uint64_t spi_r, ike_secret_kind sk_e)
{
    if (rows->set != 0 && spi_i == rows->spi_i && spi_r == rows->spi_r &&
        !ike_keylog_set_has(rows->log, rows->set, sk_e))
        return;
    rows->set = ike_keylog_new_set(rows->log, 2);
    ike_keylog_bind_set(rows->log, rows->set, spi_i, spi_r);
    rows->spi_i = spi_i;
    rows->spi_r = spi_r;
}

static void put(pluto_rows *rows, ike_secret_kind kind, const uint8_t *bytes, size_t length)
{
    if (length > 0)
        (void)ike_keylog_set_secret(rows->log, rows->set, kind, (ike_span){bytes, length});
}

/* What the row says, or why it cannot be used. */
static const char *read_row(ike_text text, uint64_t *spi_i, uint64_t *spi_r, row_key *integrity,
                            row_key *encryption)
{
    if (!ike_text_hex_number(ike_text_word(&text), spi_i) ||
        !ike_text_hex_number(ike_text_word(&text), spi_r))
        return "a row of keys that is incomplete";
    const char *why = read_row_key(ike_text_value(&text), integrity);
    if (why == NULL)
        why = read_row_key(ike_text_value(&text), encryption);
    if (why == NULL && encryption->length == 0)
        why = "a row of keys that is incomplete";
    return why;
}

static void put_row(pluto_rows *rows, bool initiator, const row_key *integrity, row_key *encryption)
{
    unsigned which;
    ike_suite suite;
    const pluto_derivation *d = derivation_of(rows, rows->key, &which);
    size_t salt = d != NULL ? d->salt_length[which] : 0;
    if (salt > 0)
        memcpy(encryption->bytes + encryption->length, d->salt[which], salt);
    encryption->length += salt;
    put(rows, initiator ? IKE_SECRET_SK_EI : IKE_SECRET_SK_ER, encryption->bytes,
        encryption->length);
    put(rows, initiator ? IKE_SECRET_SK_AI : IKE_SECRET_SK_AR, integrity->bytes, integrity->length);
    if (d != NULL) {
        put(rows, IKE_SECRET_SK_PI, d->sk_p[0], d->sk_p_length[0]);
        put(rows, IKE_SECRET_SK_PR, d->sk_p[1], d->sk_p_length[1]);
    }
    if (row_suite(encryption, integrity, salt, &suite))
        ike_keylog_set_suite(rows->log, rows->set, &suite);
    if (integrity->length == 0 && salt == 0 && !rows->lacks_salt) { /* all AEAD ciphers have one */
        rows->lacks_salt = true;
        ike_keylog_warn(rows->log, 0,
                        "no salt of this AEAD key before it: set plutodebug=all,crypt,private");
    }
}

void pluto_use_row(pluto_rows *rows, ike_text text)
{
    uint64_t spi_i, spi_r;
    row_key integrity, encryption;
    bool initiator = ike_text_is(ike_text_word(&text), "I");
    const char *why = read_row(text, &spi_i, &spi_r, &integrity, &encryption);
    if (why == NULL) {
        find_row_set(rows, spi_i, spi_r, initiator ? IKE_SECRET_SK_EI : IKE_SECRET_SK_ER);
        put_row(rows, initiator, &integrity, &encryption);
        rows->key = 0;
    } else {
        ike_keylog_warn(rows->log, 0, why);
    }
    OPENSSL_cleanse(&encryption, sizeof encryption);
    OPENSSL_cleanse(&integrity, sizeof integrity);
}
