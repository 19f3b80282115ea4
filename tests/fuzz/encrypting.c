/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypting with known keys: the sender's half of RFC 7296 3.14, RFC 5282, RFC 7383, RFC 2409. */
#include "encrypting.h"

#include "../unit/encrypt.h"
#include "decrypt/crypto/mac.h"
#include "proto/network_order.h"

enum { HEADER = 28, GENERIC = 4, KE_LENGTH = 128, V1_BLOCK = 16, V1_SHA1 = 20 };
enum { PAYLOAD_SK = 46, PAYLOAD_SKF = 53, FLAG_INITIATOR = 8 };

static const struct {
    uint16_t encryption, bits, integrity;
} suites[FUZZ_SAS] = {
    {12, 128, 2},  /* AES-CBC-128, HMAC-SHA1-96 */
    {12, 256, 12}, /* AES-CBC-256, HMAC-SHA2-256-128 */
    {20, 256, 0},  /* AES-GCM-16 */
    {13, 128, 5},  /* AES-CTR, AES-XCBC-96 */
    {28, 0, 0},    /* ChaCha20-Poly1305 */
    {3, 0, 1},     /* 3DES, HMAC-MD5-96 */
    {16, 128, 0},  /* AES-CCM-16 */
    {23, 128, 8},  /* Camellia-CBC-128, AES-CMAC-96 */
};

uint64_t fuzz_spi_i(unsigned sa)
{
    return UINT64_C(0xf1f1f1f1f1f1f100) + sa % FUZZ_SAS;
}

uint64_t fuzz_spi_r(unsigned sa)
{
    return UINT64_C(0xe2e2e2e2e2e2e200) + sa % FUZZ_SAS;
}

/* The key of a kind is one byte over and over. */
static ike_span key_of(ike_secret_kind kind, size_t length, uint8_t *buffer)
{
    memset(buffer, 0x30 + (int)kind, length);
    return (ike_span){buffer, length};
}

static void add_ikev2(ike_keyring *ring, unsigned sa)
{
    const ike_encr *encr = ike_encr_find(suites[sa].encryption);
    const ike_integ *integ = ike_integ_find(suites[sa].integrity);
    ike_suite suite = {.encryption = suites[sa].encryption,
                       .key_bits = suites[sa].bits,
                       .integrity = suites[sa].integrity,
                       .prf = 5,
                       .group = 31};
    ike_set_id set = ike_keyring_new_set(ring, IKE_SOURCE_KEYLOG, 2);
    uint8_t buffer[128];

    for (int kind = IKE_SECRET_SK_D; kind <= IKE_SECRET_SK_PR; kind++) {
        size_t length = 32;
        if (kind == IKE_SECRET_SK_EI || kind == IKE_SECRET_SK_ER)
            length = ike_encr_key_length(encr, suites[sa].bits);
        else if (kind == IKE_SECRET_SK_AI || kind == IKE_SECRET_SK_AR)
            length = integ->key_length;
        if (length)
            ike_keyring_set_secret(ring, set, kind, key_of(kind, length, buffer));
    }
    ike_keyring_set_suite(ring, set, &suite);
    ike_keyring_bind_set(ring, set, fuzz_spi_i(sa), fuzz_spi_r(sa));
}

static uint64_t cookie(uint8_t byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

void fuzz_add_keys(ike_keyring *ring)
{
    uint8_t buffer[V1_SHA1];

    for (unsigned sa = 0; sa < FUZZ_SAS; sa++)
        add_ikev2(ring, sa);
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 1, cookie(FUZZ_V1_COOKIE_I),
                           cookie(FUZZ_V1_COOKIE_R), IKE_SECRET_V1_KEY,
                           key_of(IKE_SECRET_V1_KEY, V1_BLOCK, buffer));
    ike_keyring_add_secret(ring, IKE_SOURCE_KEYLOG, 1, cookie(FUZZ_V1_COOKIE_I),
                           cookie(FUZZ_V1_COOKIE_R), IKE_SECRET_V1_SKEYID_D,
                           key_of(IKE_SECRET_V1_SKEYID_D, V1_SHA1, buffer));
}

static void put_header(uint8_t *at, uint64_t spi_i, uint64_t spi_r, uint8_t next, uint8_t version,
                       uint8_t exchange, uint8_t flags, uint32_t message_id, size_t length)
{
    ike_put_u64(at, spi_i);
    ike_put_u64(at + 8, spi_r);
    at[16] = next;
    at[17] = version;
    at[18] = exchange;
    at[19] = flags;
    ike_put_u32(at + 20, message_id);
    ike_put_u32(at + 24, (uint32_t)length);
}

/* ---- IKEv2 ----------------------------------------------------------------------------------- */

void fuzz_encrypt(const fuzz_encrypted *how, const uint8_t *plain, size_t length, GByteArray *out)
{
    unsigned sa = how->sa % FUZZ_SAS;
    const ike_encr *encr = ike_encr_find(suites[sa].encryption);
    const ike_integ *integ = ike_integ_find(suites[sa].integrity);
    bool initiator = how->flags & FLAG_INITIATOR;
    size_t iv = ike_encr_wire_iv(encr),
           icv = encr->icv_length ? encr->icv_length : integ->icv_length;
    size_t generic = how->fragments ? GENERIC + 4 : GENERIC;
    size_t block = encr->block_length ? encr->block_length : 1;
    size_t padding = (block - (length + 1) % block) % block;
    size_t body = length + padding + 1;
    size_t head = HEADER + generic, total = head + iv + body + icv;
    uint8_t key[128];
    ike_status status;

    if (total > UINT16_MAX)
        return;
    size_t start = out->len;
    g_byte_array_set_size(out, (guint)(start + total));
    uint8_t *m = out->data + start;
    memset(m, 0, total);
    put_header(m, fuzz_spi_i(sa), fuzz_spi_r(sa), how->fragments ? PAYLOAD_SKF : PAYLOAD_SK, 0x20,
               how->exchange, how->flags, how->message_id, total);
    m[HEADER] = how->first;
    m[HEADER + 2] = (uint8_t)((total - HEADER) >> 8);
    m[HEADER + 3] = (uint8_t)(total - HEADER);
    if (how->fragments) {
        m[HEADER + 4] = (uint8_t)(how->fragment >> 8);
        m[HEADER + 5] = (uint8_t)how->fragment;
        m[HEADER + 6] = (uint8_t)(how->fragments >> 8);
        m[HEADER + 7] = (uint8_t)how->fragments;
    }
    memset(m + head, 0x77, iv);
    if (length)
        memcpy(m + head + iv, plain, length);
    m[head + iv + body - 1] = (uint8_t)padding;

    ike_secret_kind kind = initiator ? IKE_SECRET_SK_EI : IKE_SECRET_SK_ER;
    encrypt(encr, key_of(kind, ike_encr_key_length(encr, suites[sa].bits), key),
            (ike_span){m + head, iv}, (ike_span){m, head}, (ike_span){m + head + iv, body},
            m + head + iv, encr->icv_length ? m + total - icv : NULL);
    if (encr->icv_length)
        return;
    kind = initiator ? IKE_SECRET_SK_AI : IKE_SECRET_SK_AR;
    ike_mac *mac = ike_mac_new(integ, key_of(kind, integ->key_length, key), &status);
    ike_span covered = {m, total - icv};
    if (mac)
        ike_mac_compute(mac, &covered, 1, m + total - icv);
    ike_mac_free(mac);
}

/* ---- IKEv1: AES-CBC-128, SHA-1, group 2, PSK ------------------------------------------------- */

static void put_payload(GByteArray *out, uint8_t next, const uint8_t *body, size_t length)
{
    uint8_t head[GENERIC] = {next, 0, (uint8_t)((length + GENERIC) >> 8),
                             (uint8_t)(length + GENERIC)};

    g_byte_array_append(out, head, GENERIC);
    g_byte_array_append(out, body, (guint)length);
}

void fuzz_v1_plain(unsigned number, GByteArray *out)
{
    static const uint8_t sa[] = {
        0,    0, 0, 1,  0,    0,  0, 1,   /* DOI IPsec, situation */
        0,    0, 0, 40, 1,    1,  0, 1,   /* proposal */
        0,    0, 0, 32, 1,    1,  0, 0,   /* transform KEY_IKE */
        0x80, 1, 0, 7,  0x80, 14, 0, 128, /* AES-CBC, 128 bits */
        0x80, 2, 0, 2,  0x80, 3,  0, 1,   /* SHA-1, PSK */
        0x80, 4, 0, 2,  0x80, 11, 0, 1,   /* group 2 */
    };
    uint8_t ke[KE_LENGTH], nonce[V1_BLOCK];
    size_t start = out->len;

    memset(ke, number == 2 ? 'i' : 'r', sizeof ke);
    memset(nonce, (int)number, sizeof nonce);
    g_byte_array_set_size(out, out->len + HEADER);
    if (number < 2) {
        put_payload(out, 0, sa, sizeof sa);
    } else {
        put_payload(out, 10, ke, sizeof ke);
        put_payload(out, 0, nonce, sizeof nonce);
    }
    put_header(out->data + start, cookie(FUZZ_V1_COOKIE_I), number ? cookie(FUZZ_V1_COOKIE_R) : 0,
               number < 2 ? 1 : 4, 0x10, 2, 0, 0, out->len - start);
}

static void sha1_of(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length,
                    uint8_t iv[V1_BLOCK])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA1);
    uint8_t digest[V1_SHA1];
    gsize length = sizeof digest;

    g_checksum_update(sum, a, (gssize)a_length);
    g_checksum_update(sum, b, (gssize)b_length);
    g_checksum_get_digest(sum, digest, &length);
    g_checksum_free(sum);
    memcpy(iv, digest, V1_BLOCK);
}

/* Where the IV of the next message with this ID lies (RFC 2409 appendix B). */
static uint8_t *v1_iv(fuzz_v1 *state, uint32_t message_id)
{
    if (!state->started) {
        uint8_t i[KE_LENGTH], r[KE_LENGTH];
        memset(i, 'i', sizeof i);
        memset(r, 'r', sizeof r);
        sha1_of(i, sizeof i, r, sizeof r, state->phase1);
        state->started = true;
    }
    if (!message_id)
        return state->phase1;
    for (unsigned n = 0; n < state->later_count; n++)
        if (state->later[n].message_id == message_id)
            return state->later[n].iv;
    unsigned n = state->later_count < G_N_ELEMENTS(state->later) ? state->later_count++ : 0;
    uint8_t id[4];
    ike_put_u32(id, message_id);
    state->later[n].message_id = message_id;
    sha1_of(state->phase1, V1_BLOCK, id, sizeof id, state->later[n].iv);
    return state->later[n].iv;
}

void fuzz_v1_encrypt(fuzz_v1 *state, uint8_t exchange, uint32_t message_id, uint8_t first,
                     const uint8_t *plain, size_t length, GByteArray *out)
{
    size_t body = MAX(V1_BLOCK, (length + V1_BLOCK - 1) / V1_BLOCK * V1_BLOCK);
    size_t start = out->len;
    uint8_t key[V1_BLOCK];

    if (body > UINT16_MAX - HEADER)
        return;
    uint8_t *iv = v1_iv(state, message_id);
    g_byte_array_set_size(out, (guint)(start + HEADER + body));
    uint8_t *m = out->data + start;
    memset(m, 0, HEADER + body);
    put_header(m, cookie(FUZZ_V1_COOKIE_I), cookie(FUZZ_V1_COOKIE_R), first, 0x10, exchange, 1,
               message_id, HEADER + body);
    if (length)
        memcpy(m + HEADER, plain, length);
    encrypt(ike_encr_find(12), key_of(IKE_SECRET_V1_KEY, V1_BLOCK, key), (ike_span){iv, V1_BLOCK},
            (ike_span){0}, (ike_span){m + HEADER, body}, m + HEADER, NULL);
    memcpy(iv, m + HEADER + body - V1_BLOCK, V1_BLOCK);
}
