/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds the SAs of a list to the key ring. */
#include "decrypt/keylog/esp_entry.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/crypto/algorithm.h"
#include "proto/ike_numbers.h"

void ike_esp_set_name(ike_esp_transform *transform, ike_text name)
{
    (void)ike_text_copy(name, transform->name, sizeof transform->name);
}

const char *ike_esp_read_key(ike_esp_transform *transform, ike_text text)
{
    transform->key_length = 0;
    if (ike_text_length(text) == 0 || ike_text_is(text, "0x"))
        return NULL;
    return ike_text_bytes(text, transform->key, sizeof transform->key, &transform->key_length);
}

void ike_esp_set_key(ike_esp_transform *transform, ike_span key)
{
    transform->key_length = MIN(key.length, sizeof transform->key);
    memcpy(transform->key, key.data, transform->key_length);
}

/* ---- algorithms ------------------------------------------------------------------------------ */

static bool read_encryption(const ike_esp_entry *entry, ike_suite *suite)
{
    size_t length = entry->encryption.key_length;
    if (entry->encryption.id == 0)
        return ike_encryption_by_name(entry->encryption.name, length, &suite->encryption,
                                      &suite->key_bits);
    const ike_encr *encr = ike_encr_find(entry->encryption.id);
    if (encr == NULL || length < encr->salt_length)
        return false;
    suite->encryption = entry->encryption.id;
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
        {16, IKEV2_INTEG_HMAC_MD5_96},       {20, IKEV2_INTEG_HMAC_SHA1_96},
        {32, IKEV2_INTEG_HMAC_SHA2_256_128}, {48, IKEV2_INTEG_HMAC_SHA2_384_192},
        {64, IKEV2_INTEG_HMAC_SHA2_512_256},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(macs); i++)
        if (macs[i].bytes == key_bytes)
            return macs[i].id;
    return 0;
}

static bool read_integrity(const ike_esp_entry *entry, ike_suite *suite)
{
    suite->integrity = entry->integrity.id;
    if (entry->integrity.id != 0)
        return true;
    if (entry->integrity.name[0] != '\0')
        return ike_integrity_by_name(entry->integrity.name, entry->icv_bits, &suite->integrity);
    suite->integrity = integrity_of_length(entry->integrity.key_length);
    return suite->integrity != 0 || entry->integrity.key_length == 0;
}

bool ike_esp_entry_suite(const ike_esp_entry *entry, ike_suite *suite)
{
    *suite = (ike_suite){0};
    return (entry->encryption.name[0] != '\0' || entry->encryption.id != 0) &&
           read_encryption(entry, suite) && read_integrity(entry, suite);
}

/* ---- other lengths of the ICV ---------------------------------------------------------------- */

enum { ALTERNATIVES_MAX = 8 };

/* The AEAD ciphers that differ from this one in their ICV alone: three numbers in a row. */
static unsigned aead_alternatives(uint16_t id, uint16_t others[ALTERNATIVES_MAX])
{
    static const uint16_t first[] = {IKEV2_ENCR_AES_CCM_8, IKEV2_ENCR_AES_GCM_8,
                                     IKEV2_ENCR_CAMELLIA_CCM_8};
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
    if (entry->integrity.key_length > 0) {
        if (id == IKEV2_INTEG_HMAC_SHA2_256_128)
            others[count++] = IKE_INTEGRITY_SHA256_96;
        else if (id == IKE_INTEGRITY_SHA256_96)
            others[count++] = IKEV2_INTEG_HMAC_SHA2_256_128;
        return count;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++)
        if (id != IKE_INTEGRITY_ANY + bits[i])
            others[count++] = (uint16_t)(IKE_INTEGRITY_ANY + bits[i]);
    return count;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static ike_span key_of(const ike_esp_transform *transform)
{
    return (ike_span){transform->key, transform->key_length};
}

/* `suite`: NULL where it is not known. */
static bool add(ike_keylog *log, const ike_esp_entry *entry, const ike_suite *suite)
{
    ike_esp_key key = {.protocol = entry->of_ah ? IKEV2_PROTOCOL_AH : 0,
                       .spi = entry->spi,
                       .has_suite = suite != NULL,
                       .esn_known = entry->esn_known};
    if (suite != NULL)
        key.suite = *suite;
    key.suite.esn = entry->esn;
    if (!entry->of_ah)
        key.encryption = key_of(&entry->encryption);
    key.integrity = key_of(&entry->integrity);
    return ike_keylog_add_esp(log, &key);
}

static const char integrity_not_known[] = "an integrity algorithm by this name is not known";

/* AH has an integrity key alone; how it is truncated the ICV of the packets shows. */
static const char *use_ah(ike_keylog *log, const ike_esp_entry *entry)
{
    ike_suite suite = {0};
    if (!entry->has_spi || entry->integrity.key_length == 0)
        return NULL;
    if (!read_integrity(entry, &suite))
        return integrity_not_known;
    bool named = entry->integrity.name[0] != '\0' && suite.integrity < IKE_INTEGRITY_ANY;
    return add(log, entry, named ? &suite : NULL) ? NULL : "a key longer than any algorithm has";
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
        entry->integrity.key_length = 0;
    } else if (entry->integrity.key_length == 0 && entry->integrity.name[0] != '\0') {
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
    bool keys = entry->encryption.key_length + entry->integrity.key_length > 0;
    bool named = entry->encryption.name[0] != '\0' || entry->encryption.id != 0;
    if (!entry->has_spi || (!keys && !named))
        return NULL;
    if (!named) {
        (void)add(log, entry, NULL); /* as negotiated in the capture, or what fits */
        return NULL;
    }
    if (!read_encryption(entry, &suite))
        return "an encryption algorithm by this name and key length is not known";
    if (!keys && suite.encryption != IKEV2_ENCR_NULL)
        return NULL; /* the keys are hidden, or this is a policy */
    if (!read_integrity(entry, &suite))
        return integrity_not_known;
    return add_all(log, entry, &suite);
}

const char *ike_esp_entry_use(ike_keylog *log, ike_esp_entry *entry)
{
    const char *why = entry->of_ah ? use_ah(log, entry) : use(log, entry);
    OPENSSL_cleanse(entry, sizeof *entry);
    return why;
}
