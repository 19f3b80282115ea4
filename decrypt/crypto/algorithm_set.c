/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Negotiated algorithms and the keys that they take. */
#include "decrypt/crypto/algorithm_set.h"

#include "proto/keyed_hash.h"

bool ike_algorithms_of_suite(const ike_suite *suite, ike_algorithms *algorithms)
{
    *algorithms = (ike_algorithms){
        .encr = ike_encr_find(suite->encryption),
        .integ = ike_integ_find(suite->integrity),
        .prf = ike_prf_find(suite->prf),
    };
    if (!algorithms->encr || !algorithms->integ || !ike_encr_is_supported(algorithms->encr))
        return false;
    if (ike_encr_is_aead(algorithms->encr))
        algorithms->integ = NULL;
    algorithms->key_bits = suite->key_bits ? suite->key_bits : algorithms->encr->default_bits;
    return ike_encr_takes_bits(algorithms->encr, algorithms->key_bits);
}

/* Ciphers by how often they are met. */
static const uint16_t aeads[] = {
    IKEV2_ENCR_AES_GCM_16,     IKEV2_ENCR_CHACHA20_POLY1305,  IKEV2_ENCR_AES_GCM_12,
    IKEV2_ENCR_AES_GCM_8,      IKEV2_ENCR_AES_CCM_16,         IKEV2_ENCR_AES_CCM_12,
    IKEV2_ENCR_AES_CCM_8,      IKEV2_ENCR_CAMELLIA_CCM_16,    IKEV2_ENCR_CAMELLIA_CCM_12,
    IKEV2_ENCR_CAMELLIA_CCM_8, IKEV2_ENCR_NULL_AUTH_AES_GMAC,
};
static const uint16_t ciphers[] = {
    IKEV2_ENCR_AES_CBC,      IKEV2_ENCR_3DES,         IKEV2_ENCR_AES_CTR,
    IKEV2_ENCR_CAMELLIA_CBC, IKEV2_ENCR_CAMELLIA_CTR, IKEV2_ENCR_DES,
    IKEV2_ENCR_BLOWFISH,     IKEV2_ENCR_CAST,         IKEV2_ENCR_NULL,
};
static const uint16_t integrity_algorithms[] = {
    IKEV2_INTEG_HMAC_SHA2_256_128, IKEV2_INTEG_HMAC_SHA1_96,  IKEV2_INTEG_HMAC_SHA2_384_192,
    IKEV2_INTEG_HMAC_SHA2_512_256, IKEV2_INTEG_HMAC_MD5_96,   IKEV2_INTEG_AES_XCBC_96,
    IKEV2_INTEG_AES_CMAC_96,       IKEV2_INTEG_HMAC_SHA1_160, IKEV2_INTEG_HMAC_MD5_128,
    IKE_INTEGRITY_SHA256_96,       IKE_INTEGRITY_RIPEMD_96,
};

static bool takes_length(const ike_encr *encr, size_t length)
{
    if (encr->mode == IKE_MODE_NULL)
        return length == 0;
    return length > encr->salt_length &&
           ike_encr_takes_bits(encr, (unsigned)(length - encr->salt_length) * 8);
}

static bool each_integrity(ike_algorithms *algorithms, size_t length, ike_algorithms_use use,
                           void *user)
{
    for (size_t i = 0; i < sizeof integrity_algorithms / sizeof integrity_algorithms[0]; i++) {
        algorithms->integ = ike_integ_find(integrity_algorithms[i]);
        if (algorithms->integ->key_length == length && use(user, algorithms))
            return true;
    }
    return false;
}

bool ike_each_algorithms(size_t encryption_length, size_t integrity_length, bool esp,
                         ike_algorithms_use use, void *user)
{
    const uint16_t *ids = integrity_length ? ciphers : aeads;
    size_t count =
        integrity_length ? sizeof ciphers / sizeof ciphers[0] : sizeof aeads / sizeof aeads[0];

    for (size_t i = 0; i < (esp ? count : count - 1); i++) { /* the last is of ESP alone */
        ike_algorithms algorithms = {.encr = ike_encr_find(ids[i])};

        if (!takes_length(algorithms.encr, encryption_length))
            continue;
        algorithms.key_bits = (unsigned)(encryption_length - algorithms.encr->salt_length) * 8;
        if (integrity_length ? each_integrity(&algorithms, integrity_length, use, user)
                             : use(user, &algorithms))
            return true;
    }
    return false;
}

unsigned ike_algorithms_hash(const void *key)
{
    const ike_algorithms *algorithms = key;

    return (unsigned)ike_keyed_hash_words((uintptr_t)algorithms->encr ^ algorithms->key_bits,
                                          (uintptr_t)algorithms->integ ^ (uintptr_t)algorithms->prf
                                                                             << 1);
}

int ike_algorithms_equal(const void *a, const void *b)
{
    const ike_algorithms *left = a, *right = b;

    return left->encr == right->encr && left->key_bits == right->key_bits &&
           left->integ == right->integ && left->prf == right->prf;
}

size_t ike_encryption_key_length(const ike_algorithms *algorithms)
{
    return algorithms->encr->mode == IKE_MODE_NULL
               ? 0
               : ike_encr_key_length(algorithms->encr, algorithms->key_bits);
}

size_t ike_integrity_key_length(const ike_algorithms *algorithms)
{
    return algorithms->integ ? algorithms->integ->key_length : 0;
}

void ike_child_keys_clear(ike_child_keys *keys)
{
    ike_secret_clear(&keys->ei);
    ike_secret_clear(&keys->ai);
    ike_secret_clear(&keys->er);
    ike_secret_clear(&keys->ar);
}

size_t ike_child_keymat_length(const ike_algorithms *child)
{
    return 2 * (ike_encryption_key_length(child) + ike_integrity_key_length(child));
}

/* Copies the next `length` bytes of `from`. */
static void take(ike_span *from, size_t length, ike_secret *to)
{
    ike_secret_set(to, (ike_span){from->data, length});
    from->data += length;
    from->length -= length;
}

bool ike_child_keys_split(const ike_algorithms *child, ike_span keymat, ike_child_keys *keys)
{
    size_t encryption = ike_encryption_key_length(child);
    size_t integrity = ike_integrity_key_length(child);

    if (keymat.length < 2 * (encryption + integrity))
        return false;
    take(&keymat, encryption, &keys->ei);
    take(&keymat, integrity, &keys->ai);
    take(&keymat, encryption, &keys->er);
    take(&keymat, integrity, &keys->ar);
    return true;
}
