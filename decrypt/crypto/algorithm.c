/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of algorithms. */
#include "decrypt/crypto/algorithm.h"

#include <string.h>

#include <glib.h>

/* ---- encryption ------------------------------------------------------------------------------ */

#define AES_BITS                                                                                   \
    {                                                                                              \
        128, 192, 256                                                                              \
    }
#define AES_AEAD(number, label, how, salt, tag, evp)                                               \
    {                                                                                              \
        .id = number, .name = label, .mode = how, .key_bits = AES_BITS, .default_bits = 128,       \
        .salt_length = salt, .iv_length = 8, .block_length = 1, .icv_length = tag, .openssl = evp  \
    }

/* Defaults for a missing Key Length: RFC 3602 3, 3686 5.2, 4312 4, 2451 2.3. */
static const ike_encr encr_table[] = {
    {.id = 1,
     .name = "DES-IV64",
     .mode = IKE_MODE_CBC,
     .key_bits = {64},
     .default_bits = 64,
     .iv_length = 8,
     .block_length = 8,
     .legacy = true,
     .openssl = "DES-CBC"},
    {.id = 2,
     .name = "DES-CBC",
     .mode = IKE_MODE_CBC,
     .key_bits = {64},
     .default_bits = 64,
     .iv_length = 8,
     .block_length = 8,
     .legacy = true,
     .openssl = "DES-CBC"},
    {.id = 3,
     .name = "3DES-CBC",
     .mode = IKE_MODE_CBC,
     .key_bits = {192},
     .default_bits = 192,
     .iv_length = 8,
     .block_length = 8,
     .openssl = "DES-EDE3-CBC"},
    {.id = 6,
     .name = "CAST-CBC",
     .mode = IKE_MODE_CBC,
     .key_bits = {40, 128},
     .key_range = true,
     .default_bits = 128,
     .iv_length = 8,
     .block_length = 8,
     .legacy = true,
     .openssl = "CAST5-CBC"},
    {.id = 7,
     .name = "BLOWFISH-CBC",
     .mode = IKE_MODE_CBC,
     .key_bits = {40, 448},
     .key_range = true,
     .default_bits = 128,
     .iv_length = 8,
     .block_length = 8,
     .legacy = true,
     .openssl = "BF-CBC"},
    {.id = 11, .name = "NULL", .mode = IKE_MODE_NULL, .block_length = 1},
    {.id = 12,
     .name = "AES-CBC",
     .mode = IKE_MODE_CBC,
     .key_bits = AES_BITS,
     .default_bits = 128,
     .iv_length = 16,
     .block_length = 16,
     .openssl = "AES-%u-CBC"},
    {.id = 13,
     .name = "AES-CTR",
     .mode = IKE_MODE_CTR,
     .key_bits = AES_BITS,
     .default_bits = 128,
     .salt_length = 4,
     .iv_length = 8,
     .block_length = 1,
     .openssl = "AES-%u-CTR"},
    AES_AEAD(14, "AES-CCM-8", IKE_MODE_CCM, 3, 8, "AES-%u-CCM"),
    AES_AEAD(15, "AES-CCM-12", IKE_MODE_CCM, 3, 12, "AES-%u-CCM"),
    AES_AEAD(16, "AES-CCM-16", IKE_MODE_CCM, 3, 16, "AES-%u-CCM"),
    AES_AEAD(18, "AES-GCM-8", IKE_MODE_GCM, 4, 8, "AES-%u-GCM"),
    AES_AEAD(19, "AES-GCM-12", IKE_MODE_GCM, 4, 12, "AES-%u-GCM"),
    AES_AEAD(20, "AES-GCM-16", IKE_MODE_GCM, 4, 16, "AES-%u-GCM"),
    AES_AEAD(21, "NULL-AES-GMAC", IKE_MODE_GMAC, 4, 16, "AES-%u-GCM"),
    {.id = 23,
     .name = "CAMELLIA-CBC",
     .mode = IKE_MODE_CBC,
     .key_bits = AES_BITS,
     .default_bits = 128,
     .iv_length = 16,
     .block_length = 16,
     .openssl = "CAMELLIA-%u-CBC"},
    {.id = 24,
     .name = "CAMELLIA-CTR",
     .mode = IKE_MODE_CTR,
     .key_bits = AES_BITS,
     .default_bits = 128,
     .salt_length = 4,
     .iv_length = 8,
     .block_length = 1,
     .openssl = "CAMELLIA-%u-CTR"},
    /* OpenSSL has no CCM of Camellia: ccm.c makes it from the block cipher. */
    AES_AEAD(25, "CAMELLIA-CCM-8", IKE_MODE_CCM, 3, 8, "CAMELLIA-%u-ECB"),
    AES_AEAD(26, "CAMELLIA-CCM-12", IKE_MODE_CCM, 3, 12, "CAMELLIA-%u-ECB"),
    AES_AEAD(27, "CAMELLIA-CCM-16", IKE_MODE_CCM, 3, 16, "CAMELLIA-%u-ECB"),
    {.id = 28,
     .name = "ChaCha20-Poly1305",
     .mode = IKE_MODE_POLY1305,
     .key_bits = {256},
     .default_bits = 256,
     .salt_length = 4,
     .iv_length = 8,
     .block_length = 1,
     .icv_length = 16,
     .openssl = "ChaCha20-Poly1305"},
    {.id = 29,
     .name = "AES-CCM-8-IIV",
     .mode = IKE_MODE_CCM,
     .key_bits = AES_BITS,
     .default_bits = 128,
     .salt_length = 3,
     .iv_length = 8,
     .block_length = 1,
     .icv_length = 8,
     .implicit_iv = true,
     .openssl = "AES-%u-CCM"},
    {.id = 30,
     .name = "AES-GCM-16-IIV",
     .mode = IKE_MODE_GCM,
     .key_bits = AES_BITS,
     .default_bits = 128,
     .salt_length = 4,
     .iv_length = 8,
     .block_length = 1,
     .icv_length = 16,
     .implicit_iv = true,
     .openssl = "AES-%u-GCM"},
    {.id = 31,
     .name = "ChaCha20-Poly1305-IIV",
     .mode = IKE_MODE_POLY1305,
     .key_bits = {256},
     .default_bits = 256,
     .salt_length = 4,
     .iv_length = 8,
     .block_length = 1,
     .icv_length = 16,
     .implicit_iv = true,
     .openssl = "ChaCha20-Poly1305"},
};

typedef struct {
    uint16_t number; /* of IKEv1 */
    uint32_t id;     /* of our row */
} number_map;

/* RFC 2409 appendix A and IANA's IKE attributes. */
static const number_map v1_encr[] = {{1, 2}, {3, 7}, {5, 3}, {6, 6}, {7, 12}, {8, 23}};

/* RFC 2407 4.4.4 and IANA's ESP transform identifiers; 251 is KAME's NULL. */
static const number_map v1_esp[] = {
    {1, 1},   {2, 2},   {3, 3},   {6, 6},   {7, 7},   {11, 11}, {12, 12}, {13, 13},  {14, 14},
    {15, 15}, {16, 16}, {18, 18}, {19, 19}, {20, 20}, {22, 23}, {23, 21}, {251, 11},
};

/* RFC 2407 4.5 and IANA's Authentication Algorithm. */
static const number_map v1_auth[] = {
    {1, 1}, {2, 2}, {5, 12}, {6, 13}, {7, 14}, {9, 5}, {11, 9}, {12, 10}, {13, 11},
};

/* RFC 2409 appendix A: hash to the PRF row with its HMAC. */
static const number_map v1_hash[] = {{1, 1}, {2, 2}, {4, 5}, {5, 6}, {6, 7}};

static bool map_number(const number_map *map, size_t rows, uint16_t number, uint32_t *id)
{
    for (size_t i = 0; i < rows; i++) {
        if (map[i].number == number) {
            *id = map[i].id;
            return true;
        }
    }
    return false;
}

const ike_encr *ike_encr_find(uint16_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(encr_table); i++) {
        if (encr_table[i].id == id) {
            return &encr_table[i];
        }
    }
    return NULL;
}

const ike_encr *ike_encr_find_v1(uint16_t id)
{
    uint32_t row;

    return map_number(v1_encr, G_N_ELEMENTS(v1_encr), id, &row) ? ike_encr_find((uint16_t)row)
                                                                : NULL;
}

const ike_encr *ike_encr_find_v1_esp(uint16_t id)
{
    uint32_t row;

    return map_number(v1_esp, G_N_ELEMENTS(v1_esp), id, &row) ? ike_encr_find((uint16_t)row) : NULL;
}

/* The length of a name without the reference in brackets. */
static size_t name_length(const char *name)
{
    size_t length = strcspn(name, "[");

    while (length > 0 && name[length - 1] == ' ') {
        length--;
    }
    return length;
}

/* Names are equal up to the reference, which may be missing in `given`. */
static bool same_name(const char *from_table, const char *ours)
{
    size_t length = name_length(ours);

    return g_ascii_strncasecmp(from_table, ours, length) == 0 && name_length(from_table) == length;
}

/* The same where `format` has %u for a number, which goes to *number. */
static bool same_format(const char *from_table, const char *format, unsigned *number)
{
    size_t before = (size_t)(strstr(format, "%u") - format);
    char *after;

    if (g_ascii_strncasecmp(from_table, format, before) != 0 ||
        !g_ascii_isdigit(from_table[before])) {
        return false;
    }
    *number = (unsigned)g_ascii_strtoull(from_table + before, &after, 10);
    return same_name(after, format + before + 2);
}

/* The built-in's names: "AES-GCM-256 with 16 byte ICV [RFC5282]". */
static const struct {
    const char *format; /* %u is the key length */
    uint16_t id;
} table_names[] = {
    {"NULL", 11},
    {"DES", 2},
    {"DES-CBC", 2},
    {"3DES", 3},
    {"3DES-CBC", 3},
    {"AES-CBC-%u", 12},
    {"AES-CTR-%u", 13},
    {"AES-CCM-%u with 8 octet ICV", 14},
    {"AES-CCM-%u with 12 octet ICV", 15},
    {"AES-CCM-%u with 16 octet ICV", 16},
    {"AES-GCM-%u with 8 octet ICV", 18},
    {"AES-GCM-%u with 12 octet ICV", 19},
    {"AES-GCM-%u with 16 octet ICV", 20},
    {"CAMELLIA-CBC-%u", 23},
    {"CAMELLIA-CTR-%u", 24},
    {"CAMELLIA-CCM-%u with 8 octet ICV", 25},
    {"CAMELLIA-CCM-%u with 12 octet ICV", 26},
    {"CAMELLIA-CCM-%u with 16 octet ICV", 27},
    {"ChaCha20-Poly1305", 28},
};

const ike_encr *ike_encr_find_name(const char *name, unsigned *bits)
{
    for (size_t i = 0; i < G_N_ELEMENTS(table_names); i++) {
        const ike_encr *encr = ike_encr_find(table_names[i].id);
        const char *format = table_names[i].format;
        unsigned given_bits = 0;

        if (strchr(format, '%') == NULL) {
            if (same_name(name, format)) {
                *bits = encr->default_bits;
                return encr;
            }
        } else if (same_format(name, format, &given_bits) &&
                   ike_encr_takes_bits(encr, given_bits)) {
            *bits = given_bits;
            return encr;
        }
    }
    return NULL;
}

bool ike_encr_takes_bits(const ike_encr *encr, unsigned bits)
{
    if (encr->mode == IKE_MODE_NULL) {
        return bits == 0;
    }
    if (encr->key_range) {
        return bits % 8 == 0 && bits >= encr->key_bits[0] && bits <= encr->key_bits[1];
    }
    for (size_t i = 0; encr->key_bits[i] != 0; i++) {
        if (encr->key_bits[i] == bits) {
            return true;
        }
    }
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

#define ANY(number, bits)                                                                          \
    {                                                                                              \
        number, "ANY " #bits "-bits of Authentication [No Checking]", IKE_MAC_NONE, NULL, 0,       \
            bits / 8                                                                               \
    }

static const ike_integ integ_table[] = {
    {0, "NONE [RFC4306]", IKE_MAC_NONE, NULL, 0, 0},
    {1, "HMAC_MD5_96 [RFC2403]", IKE_MAC_HMAC, "MD5", 16, 12},
    {2, "HMAC_SHA1_96 [RFC2404]", IKE_MAC_HMAC, "SHA1", 20, 12},
    {5, "AES_XCBC_96 [RFC3566]", IKE_MAC_XCBC, NULL, 16, 12},
    {6, "HMAC_MD5_128 [RFC4595]", IKE_MAC_HMAC, "MD5", 16, 16},
    {7, "HMAC_SHA1_160 [RFC4595]", IKE_MAC_HMAC, "SHA1", 20, 20},
    {8, "AES_CMAC_96 [RFC4494]", IKE_MAC_CMAC, NULL, 16, 12},
    {9, "AES_128_GMAC [RFC4543]", IKE_MAC_GMAC, NULL, 20, 24},
    {10, "AES_192_GMAC [RFC4543]", IKE_MAC_GMAC, NULL, 28, 24},
    {11, "AES_256_GMAC [RFC4543]", IKE_MAC_GMAC, NULL, 36, 24},
    {12, "HMAC_SHA2_256_128 [RFC4868]", IKE_MAC_HMAC, "SHA256", 32, 16},
    {13, "HMAC_SHA2_384_192 [RFC4868]", IKE_MAC_HMAC, "SHA384", 48, 24},
    {14, "HMAC_SHA2_512_256 [RFC4868]", IKE_MAC_HMAC, "SHA512", 64, 32},
    {IKE_INTEG_ID_SHA256_96, "HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]", IKE_MAC_HMAC,
     "SHA256", 32, 12},
    ANY(IKE_INTEG_ID_ANY_64, 64),
    ANY(IKE_INTEG_ID_ANY_96, 96),
    ANY(IKE_INTEG_ID_ANY_128, 128),
    ANY(IKE_INTEG_ID_ANY_160, 160),
    ANY(IKE_INTEG_ID_ANY_192, 192),
    ANY(IKE_INTEG_ID_ANY_256, 256),
};

const ike_integ *ike_integ_find(uint32_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(integ_table); i++) {
        if (integ_table[i].id == id) {
            return &integ_table[i];
        }
    }
    return NULL;
}

const ike_integ *ike_integ_find_v1_esp(uint16_t id)
{
    uint32_t row;

    return map_number(v1_auth, G_N_ELEMENTS(v1_auth), id, &row) ? ike_integ_find(row) : NULL;
}

const ike_integ *ike_integ_find_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(integ_table); i++) {
        if (same_name(name, integ_table[i].name)) {
            return &integ_table[i];
        }
    }
    return NULL;
}

/* ---- pseudo-random functions and hashes ------------------------------------------------------ */

static const ike_prf_alg prf_table[] = {
    {1, "HMAC-MD5", IKE_MAC_HMAC, "MD5", 16, 16},
    {2, "HMAC-SHA1", IKE_MAC_HMAC, "SHA1", 20, 20},
    {4, "AES128-XCBC", IKE_MAC_XCBC, NULL, 16, 16},
    {5, "HMAC-SHA2-256", IKE_MAC_HMAC, "SHA256", 32, 32},
    {6, "HMAC-SHA2-384", IKE_MAC_HMAC, "SHA384", 48, 48},
    {7, "HMAC-SHA2-512", IKE_MAC_HMAC, "SHA512", 64, 64},
    {8, "AES128-CMAC", IKE_MAC_CMAC, NULL, 16, 16},
};

const ike_prf_alg *ike_prf_find(uint16_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(prf_table); i++) {
        if (prf_table[i].id == id) {
            return &prf_table[i];
        }
    }
    return NULL;
}

const ike_prf_alg *ike_hash_find_v1(uint16_t id)
{
    uint32_t row;

    return map_number(v1_hash, G_N_ELEMENTS(v1_hash), id, &row) ? ike_prf_find((uint16_t)row)
                                                                : NULL;
}
