/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register of algorithms: numbers, names, key and ICV lengths. */
#include "decrypt/crypto/algorithm.h"

#include <string.h>

#include <glib.h>

/* ---- encryption ------------------------------------------------------------------------------ */

/* Key lengths in bits: the only one, one of several or any between two, with the default. */
#define BITS(only) .key_bits = {only}, .default_bits = only
#define AES_BITS .key_bits = {128, 192, 256}, .default_bits = 128
#define BITS_BETWEEN(least, most) .key_bits = {least, most}, .key_range = true, .default_bits = 128

/* A row; what follows the named values is of the key, and what few rows have. */
#define CIPHER(number, label, how, evp, ...)                                                       \
    {                                                                                              \
        .id = number, .name = label, .mode = how, .openssl = evp, __VA_ARGS__                      \
    }
#define CBC(number, label, block, evp, ...)                                                        \
    CIPHER(number, label, IKE_MODE_CBC, evp, .iv_length = block, .block_length = block, __VA_ARGS__)
#define CTR(number, label, evp, ...)                                                               \
    CIPHER(number, label, IKE_MODE_CTR, evp, .salt_length = 4, .iv_length = 8, .block_length = 1,  \
           __VA_ARGS__)
#define AEAD(number, label, how, salt, tag, evp, ...)                                              \
    CIPHER(number, label, how, evp, .salt_length = salt, .iv_length = 8, .block_length = 1,        \
           .icv_length = tag, __VA_ARGS__)
#define UNSUPPORTED(number, label)                                                                 \
    CIPHER(number, label, IKE_MODE_UNSUPPORTED, NULL, .block_length = 1)

/* Defaults for a missing Key Length: RFC 3602 3, 3686 5.2, 4312 4, 2451 2.3; of IKEv1 phase 1
 * RFC 2409 appendix B. */
static const ike_encr encr_table[] = {
    CBC(IKEV2_ENCR_DES_IV64, "DES-IV64", 8, "DES-CBC", BITS(64), .legacy = true),
    CBC(IKEV2_ENCR_DES, "DES-CBC", 8, "DES-CBC", BITS(64), .legacy = true),
    CBC(IKEV2_ENCR_3DES, "3DES-CBC", 8, "DES-EDE3-CBC", BITS(192)),
    CBC(IKEV2_ENCR_CAST, "CAST-CBC", 8, "CAST5-CBC", BITS_BETWEEN(40, 128), .legacy = true),
    CBC(IKEV2_ENCR_BLOWFISH, "BLOWFISH-CBC", 8, "BF-CBC", BITS_BETWEEN(40, 448), .phase1_bits = 448,
        .legacy = true),
    CIPHER(IKEV2_ENCR_NULL, "NULL", IKE_MODE_NULL, NULL, .block_length = 1),
    CBC(IKEV2_ENCR_AES_CBC, "AES-CBC", 16, "AES-%u-CBC", AES_BITS),
    CTR(IKEV2_ENCR_AES_CTR, "AES-CTR", "AES-%u-CTR", AES_BITS),
    AEAD(IKEV2_ENCR_AES_CCM_8, "AES-CCM-8", IKE_MODE_CCM, 3, 8, "AES-%u-CCM", AES_BITS),
    AEAD(IKEV2_ENCR_AES_CCM_12, "AES-CCM-12", IKE_MODE_CCM, 3, 12, "AES-%u-CCM", AES_BITS),
    AEAD(IKEV2_ENCR_AES_CCM_16, "AES-CCM-16", IKE_MODE_CCM, 3, 16, "AES-%u-CCM", AES_BITS),
    AEAD(IKEV2_ENCR_AES_GCM_8, "AES-GCM-8", IKE_MODE_GCM, 4, 8, "AES-%u-GCM", AES_BITS),
    AEAD(IKEV2_ENCR_AES_GCM_12, "AES-GCM-12", IKE_MODE_GCM, 4, 12, "AES-%u-GCM", AES_BITS),
    AEAD(IKEV2_ENCR_AES_GCM_16, "AES-GCM-16", IKE_MODE_GCM, 4, 16, "AES-%u-GCM", AES_BITS),
    AEAD(IKEV2_ENCR_NULL_AUTH_AES_GMAC, "NULL-AES-GMAC", IKE_MODE_GMAC, 4, 16, "AES-%u-GCM",
         AES_BITS),
    CBC(IKEV2_ENCR_CAMELLIA_CBC, "CAMELLIA-CBC", 16, "CAMELLIA-%u-CBC", AES_BITS),
    CTR(IKEV2_ENCR_CAMELLIA_CTR, "CAMELLIA-CTR", "CAMELLIA-%u-CTR", AES_BITS),
    /* OpenSSL has no CCM of Camellia: ccm.c makes it from the block cipher. */
    AEAD(IKEV2_ENCR_CAMELLIA_CCM_8, "CAMELLIA-CCM-8", IKE_MODE_CCM, 3, 8, "CAMELLIA-%u-ECB",
         AES_BITS),
    AEAD(IKEV2_ENCR_CAMELLIA_CCM_12, "CAMELLIA-CCM-12", IKE_MODE_CCM, 3, 12, "CAMELLIA-%u-ECB",
         AES_BITS),
    AEAD(IKEV2_ENCR_CAMELLIA_CCM_16, "CAMELLIA-CCM-16", IKE_MODE_CCM, 3, 16, "CAMELLIA-%u-ECB",
         AES_BITS),
    AEAD(IKEV2_ENCR_CHACHA20_POLY1305, "ChaCha20-Poly1305", IKE_MODE_POLY1305, 4, 16,
         "ChaCha20-Poly1305", BITS(256)),
    AEAD(IKEV2_ENCR_AES_CCM_8_IIV, "AES-CCM-8-IIV", IKE_MODE_CCM, 3, 8, "AES-%u-CCM", AES_BITS,
         .implicit_iv = true),
    AEAD(IKEV2_ENCR_AES_GCM_16_IIV, "AES-GCM-16-IIV", IKE_MODE_GCM, 4, 16, "AES-%u-GCM", AES_BITS,
         .implicit_iv = true),
    AEAD(IKEV2_ENCR_CHACHA20_POLY1305_IIV, "ChaCha20-Poly1305-IIV", IKE_MODE_POLY1305, 4, 16,
         "ChaCha20-Poly1305", BITS(256), .implicit_iv = true),
    CBC(IKE_ENCR_SEED_CBC, "SEED-CBC", 16, "SEED-CBC", BITS(128), .legacy = true),
    UNSUPPORTED(IKEV2_ENCR_RC5, "RC5"),
    UNSUPPORTED(IKEV2_ENCR_IDEA, "IDEA"),
    UNSUPPORTED(IKEV2_ENCR_3IDEA, "3IDEA"),
    UNSUPPORTED(IKEV2_ENCR_DES_IV32, "DES-IV32"),
    UNSUPPORTED(IKE_ENCR_RC4, "RC4"),
    UNSUPPORTED(IKEV2_ENCR_KUZNYECHIK_MGM_KTREE, "KUZNYECHIK-MGM-KTREE"),
    UNSUPPORTED(IKEV2_ENCR_MAGMA_MGM_KTREE, "MAGMA-MGM-KTREE"),
    UNSUPPORTED(IKEV2_ENCR_KUZNYECHIK_MGM_MAC_KTREE, "KUZNYECHIK-MGM-MAC-KTREE"),
    UNSUPPORTED(IKEV2_ENCR_MAGMA_MGM_MAC_KTREE, "MAGMA-MGM-MAC-KTREE"),
};

typedef struct {
    uint16_t number, id; /* of IKEv1; of our row */
} number_map;

/* RFC 2409 appendix A and IANA's IKE attributes. */
static const number_map v1_encr[] = {
    {IKEV1_ENCR_DES_CBC, IKEV2_ENCR_DES},
    {IKEV1_ENCR_IDEA_CBC, IKEV2_ENCR_IDEA},
    {IKEV1_ENCR_BLOWFISH_CBC, IKEV2_ENCR_BLOWFISH},
    {IKEV1_ENCR_RC5_R16_B64_CBC, IKEV2_ENCR_RC5},
    {IKEV1_ENCR_3DES_CBC, IKEV2_ENCR_3DES},
    {IKEV1_ENCR_CAST_CBC, IKEV2_ENCR_CAST},
    {IKEV1_ENCR_AES_CBC, IKEV2_ENCR_AES_CBC},
    {IKEV1_ENCR_CAMELLIA_CBC, IKEV2_ENCR_CAMELLIA_CBC},
};

/* RFC 2407 4.4.4 and IANA's ESP transform identifiers; 251 is KAME's NULL. */
static const number_map v1_esp[] = {
    {IKEV1_ESP_DES_IV64, IKEV2_ENCR_DES_IV64},
    {IKEV1_ESP_DES, IKEV2_ENCR_DES},
    {IKEV1_ESP_3DES, IKEV2_ENCR_3DES},
    {IKEV1_ESP_RC5, IKEV2_ENCR_RC5},
    {IKEV1_ESP_IDEA, IKEV2_ENCR_IDEA},
    {IKEV1_ESP_CAST, IKEV2_ENCR_CAST},
    {IKEV1_ESP_BLOWFISH, IKEV2_ENCR_BLOWFISH},
    {IKEV1_ESP_3IDEA, IKEV2_ENCR_3IDEA},
    {IKEV1_ESP_DES_IV32, IKEV2_ENCR_DES_IV32},
    {IKEV1_ESP_RC4, IKE_ENCR_RC4},
    {IKEV1_ESP_NULL, IKEV2_ENCR_NULL},
    {IKEV1_ESP_AES_CBC, IKEV2_ENCR_AES_CBC},
    {IKEV1_ESP_AES_CTR, IKEV2_ENCR_AES_CTR},
    {IKEV1_ESP_AES_CCM_8, IKEV2_ENCR_AES_CCM_8},
    {IKEV1_ESP_AES_CCM_12, IKEV2_ENCR_AES_CCM_12},
    {IKEV1_ESP_AES_CCM_16, IKEV2_ENCR_AES_CCM_16},
    {IKEV1_ESP_AES_GCM_8, IKEV2_ENCR_AES_GCM_8},
    {IKEV1_ESP_AES_GCM_12, IKEV2_ENCR_AES_GCM_12},
    {IKEV1_ESP_AES_GCM_16, IKEV2_ENCR_AES_GCM_16},
    {IKEV1_ESP_SEED_CBC, IKE_ENCR_SEED_CBC},
    {IKEV1_ESP_CAMELLIA, IKEV2_ENCR_CAMELLIA_CBC},
    {IKEV1_ESP_NULL_AUTH_AES_GMAC, IKEV2_ENCR_NULL_AUTH_AES_GMAC},
    {251, IKEV2_ENCR_NULL},
};

/* RFC 2407 4.5 and IANA's Authentication Algorithm. */
static const number_map v1_auth[] = {
    {IPSEC_AUTH_HMAC_MD5, IKEV2_INTEG_HMAC_MD5_96},
    {IPSEC_AUTH_HMAC_SHA, IKEV2_INTEG_HMAC_SHA1_96},
    {IPSEC_AUTH_HMAC_SHA2_256, IKEV2_INTEG_HMAC_SHA2_256_128},
    {IPSEC_AUTH_HMAC_SHA2_384, IKEV2_INTEG_HMAC_SHA2_384_192},
    {IPSEC_AUTH_HMAC_SHA2_512, IKEV2_INTEG_HMAC_SHA2_512_256},
    {IPSEC_AUTH_HMAC_RIPEMD, IKE_INTEGRITY_RIPEMD_96},
    {IPSEC_AUTH_AES_XCBC_MAC, IKEV2_INTEG_AES_XCBC_96},
    {IPSEC_AUTH_AES_128_GMAC, IKEV2_INTEG_AES_128_GMAC},
    {IPSEC_AUTH_AES_192_GMAC, IKEV2_INTEG_AES_192_GMAC},
    {IPSEC_AUTH_AES_256_GMAC, IKEV2_INTEG_AES_256_GMAC},
};

/* RFC 2409 appendix A: hash to the PRF row with its HMAC. */
static const number_map v1_hash[] = {{IKEV1_HASH_MD5, IKEV2_PRF_HMAC_MD5},
                                     {IKEV1_HASH_SHA, IKEV2_PRF_HMAC_SHA1},
                                     {IKEV1_HASH_SHA2_256, IKEV2_PRF_HMAC_SHA2_256},
                                     {IKEV1_HASH_SHA2_384, IKEV2_PRF_HMAC_SHA2_384},
                                     {IKEV1_HASH_SHA2_512, IKEV2_PRF_HMAC_SHA2_512}};

/* Our number for one of IKEv1; 0, which no row has, when it is not known. */
static uint16_t map_number(const number_map *map, size_t rows, uint16_t number)
{
    for (size_t i = 0; i < rows; i++)
        if (map[i].number == number)
            return map[i].id;
    return 0;
}

const ike_encr *ike_encr_find(uint16_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(encr_table); i++)
        if (encr_table[i].id == id)
            return &encr_table[i];
    return NULL;
}

const ike_encr *ike_encr_find_v1(uint16_t id)
{
    return ike_encr_find(map_number(v1_encr, G_N_ELEMENTS(v1_encr), id));
}

const ike_encr *ike_encr_find_v1_esp(uint16_t id)
{
    return ike_encr_find(map_number(v1_esp, G_N_ELEMENTS(v1_esp), id));
}

bool ike_encr_is_supported(const ike_encr *encr)
{
    return encr->mode != IKE_MODE_UNSUPPORTED;
}

bool ike_encr_takes_bits(const ike_encr *encr, unsigned bits)
{
    if (encr->mode == IKE_MODE_NULL)
        return bits == 0;
    if (encr->key_range)
        return bits % 8 == 0 && bits >= encr->key_bits[0] && bits <= encr->key_bits[1];
    for (size_t i = 0; encr->key_bits[i] != 0; i++)
        if (encr->key_bits[i] == bits)
            return true;
    return false;
}

bool ike_encr_is_aead(const ike_encr *encr)
{
    return encr->icv_length != 0;
}

size_t ike_encr_key_length(const ike_encr *encr, unsigned bits)
{
    return (bits != 0 ? bits : encr->default_bits) / 8 + encr->salt_length;
}

size_t ike_encr_wire_iv(const ike_encr *encr)
{
    return encr->implicit_iv ? 0 : encr->iv_length;
}

/* ---- integrity ------------------------------------------------------------------------------- */

#define ANY(bits)                                                                                  \
    {                                                                                              \
        IKE_INTEGRITY_ANY + bits, "ANY " #bits "-bits of Authentication [No Checking]",            \
            IKE_MAC_NONE, NULL, 0, bits / 8                                                        \
    }

static const ike_integ integ_table[] = {
    {IKEV2_INTEG_NONE, "NONE [RFC4306]", IKE_MAC_NONE, NULL, 0, 0},
    {IKEV2_INTEG_HMAC_MD5_96, "HMAC_MD5_96 [RFC2403]", IKE_MAC_HMAC, "MD5", 16, 12},
    {IKEV2_INTEG_HMAC_SHA1_96, "HMAC_SHA1_96 [RFC2404]", IKE_MAC_HMAC, "SHA1", 20, 12},
    {IKEV2_INTEG_AES_XCBC_96, "AES_XCBC_96 [RFC3566]", IKE_MAC_XCBC, NULL, 16, 12},
    {IKEV2_INTEG_HMAC_MD5_128, "HMAC_MD5_128 [RFC4595]", IKE_MAC_HMAC, "MD5", 16, 16},
    {IKEV2_INTEG_HMAC_SHA1_160, "HMAC_SHA1_160 [RFC4595]", IKE_MAC_HMAC, "SHA1", 20, 20},
    {IKEV2_INTEG_AES_CMAC_96, "AES_CMAC_96 [RFC4494]", IKE_MAC_CMAC, NULL, 16, 12},
    {IKEV2_INTEG_AES_128_GMAC, "AES_128_GMAC [RFC4543]", IKE_MAC_GMAC, NULL, 20, 24},
    {IKEV2_INTEG_AES_192_GMAC, "AES_192_GMAC [RFC4543]", IKE_MAC_GMAC, NULL, 28, 24},
    {IKEV2_INTEG_AES_256_GMAC, "AES_256_GMAC [RFC4543]", IKE_MAC_GMAC, NULL, 36, 24},
    {IKEV2_INTEG_HMAC_SHA2_256_128, "HMAC_SHA2_256_128 [RFC4868]", IKE_MAC_HMAC, "SHA256", 32, 16},
    {IKEV2_INTEG_HMAC_SHA2_384_192, "HMAC_SHA2_384_192 [RFC4868]", IKE_MAC_HMAC, "SHA384", 48, 24},
    {IKEV2_INTEG_HMAC_SHA2_512_256, "HMAC_SHA2_512_256 [RFC4868]", IKE_MAC_HMAC, "SHA512", 64, 32},
    {IKE_INTEGRITY_SHA256_96, "HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]", IKE_MAC_HMAC,
     "SHA256", 32, 12},
    {IKE_INTEGRITY_RIPEMD_96, "HMAC_RIPEMD_160_96 [RFC2857]", IKE_MAC_HMAC, "RIPEMD160", 20, 12},
    ANY(64),
    ANY(96),
    ANY(128),
    ANY(160),
    ANY(192),
    ANY(256),
};

const ike_integ *ike_integ_field_variant(const ike_integ *integ)
{
    return integ->id == IKEV2_INTEG_HMAC_SHA2_256_128 ? ike_integ_find(IKE_INTEGRITY_SHA256_96)
                                                      : NULL;
}

const ike_integ *ike_integ_find(uint16_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(integ_table); i++)
        if (integ_table[i].id == id)
            return &integ_table[i];
    return NULL;
}

const ike_integ *ike_integ_find_v1_esp(uint16_t id)
{
    uint16_t row = map_number(v1_auth, G_N_ELEMENTS(v1_auth), id);

    return row ? ike_integ_find(row) : NULL; /* 0 is NONE */
}

/* ---- pseudo-random functions and hashes ------------------------------------------------------ */

static const ike_prf_alg prf_table[] = {
    {IKEV2_PRF_HMAC_MD5, IKE_MAC_HMAC, "MD5", 16, 16},
    {IKEV2_PRF_HMAC_SHA1, IKE_MAC_HMAC, "SHA1", 20, 20},
    {IKEV2_PRF_AES128_XCBC, IKE_MAC_XCBC, NULL, 16, 16},
    {IKEV2_PRF_HMAC_SHA2_256, IKE_MAC_HMAC, "SHA256", 32, 32},
    {IKEV2_PRF_HMAC_SHA2_384, IKE_MAC_HMAC, "SHA384", 48, 48},
    {IKEV2_PRF_HMAC_SHA2_512, IKE_MAC_HMAC, "SHA512", 64, 64},
    {IKEV2_PRF_AES128_CMAC, IKE_MAC_CMAC, NULL, 16, 16},
};

const ike_prf_alg *ike_prf_find(uint16_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(prf_table); i++)
        if (prf_table[i].id == id)
            return &prf_table[i];
    return NULL;
}

const ike_prf_alg *ike_hash_find_v1(uint16_t id)
{
    return ike_prf_find(map_number(v1_hash, G_N_ELEMENTS(v1_hash), id));
}
