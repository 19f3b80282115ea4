/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The most bytes of plaintext that an encrypted message can hold: its length without header, SK
 * header, IV, Pad Length and ICV (RFC 7296 3.14), whose lengths follow from the negotiated
 * algorithms. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

typedef struct {
    uint16_t id;
    uint8_t iv, icv; /* icv 0: that of the integrity algorithm */
} cipher_overhead;

static const cipher_overhead ciphers[] = {
    {IKEV2_ENCR_DES, 8, 0},
    {IKEV2_ENCR_3DES, 8, 0},
    {IKEV2_ENCR_AES_CBC, 16, 0},
    {IKEV2_ENCR_AES_CTR, 8, 0},
    {IKEV2_ENCR_AES_CCM_8, 8, 8},
    {IKEV2_ENCR_AES_CCM_12, 8, 12},
    {IKEV2_ENCR_AES_CCM_16, 8, 16},
    {IKEV2_ENCR_AES_GCM_8, 8, 8},
    {IKEV2_ENCR_AES_GCM_12, 8, 12},
    {IKEV2_ENCR_AES_GCM_16, 8, 16},
    {IKEV2_ENCR_CAMELLIA_CBC, 16, 0},
    {IKEV2_ENCR_CAMELLIA_CCM_8, 8, 8},
    {IKEV2_ENCR_CAMELLIA_CCM_12, 8, 12},
    {IKEV2_ENCR_CAMELLIA_CCM_16, 8, 16},
    {IKEV2_ENCR_CHACHA20_POLY1305, 8, 16},
    {IKEV2_ENCR_AES_CCM_8_IIV, 0, 8},
    {IKEV2_ENCR_AES_GCM_16_IIV, 0, 16},
    {IKEV2_ENCR_CHACHA20_POLY1305_IIV, 0, 16},
};

/* Integrity algorithms and the bytes of their ICVs (RFC 7296 3.3.2, RFC 4868). */
static const struct {
    uint16_t id;
    uint8_t icv;
} integrity[] = {
    {IKEV2_INTEG_HMAC_MD5_96, 12},       {IKEV2_INTEG_HMAC_SHA1_96, 12},
    {IKEV2_INTEG_AES_XCBC_96, 12},       {IKEV2_INTEG_AES_CMAC_96, 12},
    {IKEV2_INTEG_HMAC_SHA2_256_128, 16}, {IKEV2_INTEG_HMAC_SHA2_384_192, 24},
    {IKEV2_INTEG_HMAC_SHA2_512_256, 32},
};

/* PRFs and the bytes of their output (RFC 7296 2.13, RFC 4868, RFC 4434, RFC 4615). */
static const struct {
    uint16_t id;
    uint8_t output;
} prfs[] = {
    {IKEV2_PRF_HMAC_MD5, 16},      {IKEV2_PRF_HMAC_SHA1, 20},     {IKEV2_PRF_AES128_XCBC, 16},
    {IKEV2_PRF_HMAC_SHA2_256, 32}, {IKEV2_PRF_HMAC_SHA2_384, 48}, {IKEV2_PRF_HMAC_SHA2_512, 64},
    {IKEV2_PRF_AES128_CMAC, 16},
};

uint32_t ike_shared_key_auth_bytes(const ike_negotiated *negotiated)
{
    enum { HEADER = 4 + 4, LONGEST = 64 };
    for (size_t i = 0; i < G_N_ELEMENTS(prfs); i++)
        if (prfs[i].id == negotiated->prf)
            return HEADER + prfs[i].output;
    return HEADER + LONGEST;
}

static uint32_t overhead_of(const ike_negotiated *negotiated)
{
    enum { LEAST_IV = 8, LEAST_ICV = 8 };
    uint32_t iv = LEAST_IV, icv = LEAST_ICV; /* of what is not known: the least */
    for (size_t i = 0; i < G_N_ELEMENTS(integrity); i++)
        if (integrity[i].id == negotiated->integrity)
            icv = integrity[i].icv;
    for (size_t i = 0; i < G_N_ELEMENTS(ciphers); i++) {
        if (ciphers[i].id != negotiated->encryption)
            continue;
        iv = ciphers[i].iv;
        if (ciphers[i].icv)
            icv = ciphers[i].icv;
    }
    return iv + icv;
}

uint32_t ike_plaintext_max(const ike_message_record *record)
{
    enum { SK_HEADER = 4, PAD_LENGTH = 1 };
    uint32_t overhead =
        IKE_HEADER + SK_HEADER + PAD_LENGTH + overhead_of(record->exchange->sa->negotiated);
    return record->length > overhead ? record->length - overhead : 0;
}
