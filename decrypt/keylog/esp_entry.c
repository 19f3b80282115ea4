/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds the SAs of a list to the key ring. */
#include "decrypt/keylog/esp_entry.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/crypto/algorithm.h"
#include "proto/ike_numbers.h"

/* Transform IDs of types 1 and 3, RFC 7296 3.3.2, that lists leave in doubt. */
enum {
    ENCR_NULL = 11,
    ENCR_AES_CCM_8 = 14,
    ENCR_AES_GCM_8 = 18,
    ENCR_CAMELLIA_CCM_8 = 25,
    AUTH_HMAC_MD5_96 = 1,
    AUTH_HMAC_SHA1_96 = 2,
    AUTH_HMAC_SHA2_256_128 = 12,
    AUTH_HMAC_SHA2_384_192 = 13,
    AUTH_HMAC_SHA2_512_256 = 14,
};

const char *ike_esp_entry_key(ike_esp_key_bytes *key, ike_text text)
{
    key->length = 0;
    if (ike_text_length(text) == 0 || ike_text_is(text, "0x"))
        return NULL;
    return ike_text_bytes(text, key->bytes, sizeof key->bytes, &key->length);
}

/* ---- algorithms ------------------------------------------------------------------------------ */

static bool read_encryption(const ike_esp_entry *entry, ike_suite *suite)
{
    size_t length = entry->encryption_key.length;
    if (entry->encryption_id == 0)
        return ike_encryption_by_name(entry->encryption, length, &suite->encryption,
                                      &suite->key_bits);
    const ike_encr *encr = ike_encr_find(entry->encryption_id);
    if (encr == NULL || length < encr->salt_length)
        return false;
    suite->encryption = entry->encryption_id;
    suite->key_bits = encr->key_bits[1] != 0 ? (uint16_t)((length - encr->salt_length) * 8) : 0;
    return encr->mode == IKE_MODE_NULL || ike_encr_takes_bits(encr, suite->key_bits);
}

/* The usual HMAC of a key of this length. */
static uint16_t integrity_of_length(size_t key_bytes)
{
    static const struct {
        size_t bytes;
        uint16_t id;
    } macs[] = {
        {16, AUTH_HMAC_MD5_96},       {20, AUTH_HMAC_SHA1_96},      {32, AUTH_HMAC_SHA2_256_128},
        {48, AUTH_HMAC_SHA2_384_192}, {64, AUTH_HMAC_SHA2_512_256},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(macs); i++)
        if (macs[i].bytes == key_bytes)
            return macs[i].id;
    return 0;
}

static bool read_integrity(const ike_esp_entry *entry, ike_suite *suite)
{
    suite->integrity = entry->integrity_id;
    if (entry->integrity_id != 0)
        return true;
    if (entry->integrity[0] != '\0')
        return ike_integrity_by_name(entry->integrity, entry->icv_bits, &suite->integrity);
    suite->integrity = integrity_of_length(entry->integrity_key.length);
    return suite->integrity != 0 || entry->integrity_key.length == 0;
}

bool ike_esp_entry_suite(const ike_esp_entry *entry, ike_suite *suite)
{
    *suite = (ike_suite){0};
    return (entry->encryption[0] != '\0' || entry->encryption_id != 0) &&
           read_encryption(entry, suite) && read_integrity(entry, suite);
}

/* ---- other lengths of the ICV ---------------------------------------------------------------- */

enum { ALTERNATIVES_MAX = 8 };

/* The AEAD ciphers that differ from this one in their ICV alone: three numbers in a row. */
static unsigned aead_alternatives(uint16_t id, uint16_t others[ALTERNATIVES_MAX])
{
    static const uint16_t first[] = {ENCR_AES_CCM_8, ENCR_AES_GCM_8, ENCR_CAMELLIA_CCM_8};
    unsigned count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
        for (uint16_t other = first[i]; id >= first[i] && id < first[i] + 3 && other < first[i] + 3;
             other++)
            if (other != id)
                others[count++] = other;
    return count;
}

/* With its key only the truncation of SHA-256 is in doubt; without it every length is. */
static unsigned integrity_alternatives(const ike_esp_entry *entry, uint16_t id,
                                       uint16_t others[ALTERNATIVES_MAX])
{
    static const uint16_t bits[] = {256, 192, 160, 128, 96, 64};
    unsigned count = 0;
    if (entry->integrity_key.length > 0) {
        if (id == AUTH_HMAC_SHA2_256_128)
            others[count++] = IKE_INTEGRITY_SHA256_96;
        else if (id == IKE_INTEGRITY_SHA256_96)
            others[count++] = AUTH_HMAC_SHA2_256_128;
        return count;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++)
        if (id != IKE_INTEGRITY_ANY + bits[i])
            others[count++] = (uint16_t)(IKE_INTEGRITY_ANY + bits[i]);
    return count;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static bool add(ike_keylog *log, const ike_esp_entry *entry, const ike_suite *suite)
{
    ike_esp_key key = {.spi = entry->spi,
                       .address_bytes = entry->address_bytes,
                       .has_suite = suite != NULL,
                       .esn_known = entry->esn_known};
    memcpy(key.destination, entry->destination, sizeof key.destination);
    if (suite != NULL)
        key.suite = *suite;
    key.suite.esn = entry->esn;
    key.encryption = (ike_span){entry->encryption_key.bytes, entry->encryption_key.length};
    key.integrity = (ike_span){entry->integrity_key.bytes, entry->integrity_key.length};
    return ike_keylog_add_esp(log, &key);
}

/* AH has an integrity key alone; how it is truncated the ICV of the packets shows. */
static const char *use_ah(ike_keylog *log, const ike_esp_entry *entry)
{
    ike_suite suite = {0};
    ike_esp_key key = {.protocol = IKEV2_PROTOCOL_AH,
                       .spi = entry->spi,
                       .address_bytes = entry->address_bytes,
                       .esn_known = entry->esn_known};
    if (!entry->has_spi || entry->integrity_key.length == 0)
        return NULL;
    if (!read_integrity(entry, &suite))
        return "an integrity algorithm by this name is not known";
    memcpy(key.destination, entry->destination, sizeof key.destination);
    key.has_suite = entry->integrity[0] != '\0' && suite.integrity < IKE_INTEGRITY_ANY;
    key.suite = suite;
    key.suite.esn = entry->esn;
    key.integrity = (ike_span){entry->integrity_key.bytes, entry->integrity_key.length};
    return ike_keylog_add_esp(log, &key) ? NULL : "a key longer than any algorithm has";
}

/* The ICV without its key: its length by the name, if there is one. */
static uint16_t unchecked(uint16_t integrity)
{
    const ike_integ *integ = integrity != 0 ? ike_integ_find(integrity) : NULL;
    if (integ == NULL)
        return integrity >= IKE_INTEGRITY_ANY ? integrity : (uint16_t)(IKE_INTEGRITY_ANY + 96);
    return (uint16_t)(IKE_INTEGRITY_ANY + integ->icv_length * 8);
}

/* The key ring tries the newest first. */
static const char *add_all(ike_keylog *log, ike_esp_entry *entry, ike_suite *suite)
{
    uint16_t others[ALTERNATIVES_MAX];
    bool aead = ike_encr_is_aead(ike_encr_find(suite->encryption));
    if (aead) {
        suite->integrity = 0;
        entry->integrity_key.length = 0;
    } else if (entry->integrity_key.length == 0 && entry->integrity[0] != '\0') {
        suite->integrity = unchecked(suite->integrity);
    }
    unsigned count = aead ? aead_alternatives(suite->encryption, others)
                          : integrity_alternatives(entry, suite->integrity, others);
    for (unsigned i = 0; i < count; i++) {
        ike_suite other = *suite;
        *(aead ? &other.encryption : &other.integrity) = others[i];
        (void)add(log, entry, &other);
    }
    return add(log, entry, suite) ? NULL : "keys longer than these algorithms have";
}

static const char *use(ike_keylog *log, ike_esp_entry *entry)
{
    ike_suite suite = {0};
    bool keys = entry->encryption_key.length + entry->integrity_key.length > 0;
    bool named = entry->encryption[0] != '\0' || entry->encryption_id != 0;
    if (!entry->has_spi || (!keys && !named))
        return NULL;
    if (!named) {
        (void)add(log, entry, NULL); /* as negotiated in the capture, or what fits */
        return NULL;
    }
    if (!read_encryption(entry, &suite))
        return "an encryption algorithm by this name and key length is not known";
    if (!keys && suite.encryption != ENCR_NULL)
        return NULL; /* the keys are hidden, or this is a policy */
    if (!read_integrity(entry, &suite))
        return "an integrity algorithm by this name is not known";
    return add_all(log, entry, &suite);
}

const char *ike_esp_entry_use(ike_keylog *log, ike_esp_entry *entry)
{
    const char *why = entry->of_ah ? use_ah(log, entry) : use(log, entry);
    OPENSSL_cleanse(entry, sizeof *entry);
    return why;
}
