/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the tables that people fill in Wireshark: hex text and names become secrets. */
#include <string.h>

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/secret.h"
#include "decrypt/keys/keyring.h"
#include "proto/network_order.h"

enum {
    SPI_BYTES = 8,
    IKEV1_KEY_MIN = 5, /* CAST and Blowfish (RFC 2409 B) */
    IKEV1_KEY_MAX = 56,
};

/* Hex as people write it: separators (space, colon, dash, dot) between bytes, "0x" in front. */
static bool parse_hex(const char *text, ike_secret *bytes)
{
    size_t at = 0;
    uint8_t *out;

    ike_secret_clear(bytes);
    if (!text)
        return true;
    text += strspn(text, " \t");
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    if (!*text)
        return true;
    out = ike_secret_resize(bytes, strlen(text));
    while (*text) {
        if (!g_ascii_isxdigit(*text) && strchr(" :-.\t", *text)) {
            text++;
            continue;
        }
        int high = g_ascii_xdigit_value(text[0]), low = g_ascii_xdigit_value(text[1]);
        if (high < 0 || low < 0) {
            ike_secret_clear(bytes);
            return false;
        }
        out[at++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    bytes->length = at; /* what lies behind was never written */
    return true;
}

static bool parse_spi(const char *text, uint64_t *spi)
{
    ike_secret bytes = {0};
    bool good = parse_hex(text, &bytes) && bytes.length == SPI_BYTES;

    *spi = good ? ike_get_u64(bytes.data) : 0;
    ike_secret_clear(&bytes);
    return good;
}

typedef struct {
    ike_secret ei, er, ai, ar;
} row_keys;

/* What is wrong with the keys of a row, or NULL. An empty key is allowed on one side: then only the
 * other direction is decrypted. */
static const char *judge_row(const row_keys *keys, const ike_encr *encr, unsigned bits,
                             const ike_integ *integ)
{
    size_t length = ike_encr_key_length(encr, bits);

    if (encr->mode == IKE_MODE_NULL)
        length = 0;
    if ((keys->ei.length && keys->ei.length != length) ||
        (!keys->ei.length && length && !keys->er.length))
        return "SK_ei: invalid length for the encryption algorithm";
    if (keys->er.length && keys->er.length != length)
        return "SK_er: invalid length for the encryption algorithm";
    if (ike_encr_is_aead(encr)) {
        return integ->id == IKEV2_INTEG_NONE || integ->kind == IKE_MAC_NONE
                   ? NULL
                   : "An AEAD cipher takes no integrity algorithm: NONE is the one to choose";
    }
    if (integ->kind == IKE_MAC_NONE)
        return NULL; /* nothing is checked with SK_a, which may be there all the same */
    if ((keys->ai.length && keys->ai.length != integ->key_length) ||
        (!keys->ai.length && integ->key_length && !keys->ar.length))
        return "SK_ai: invalid length for the integrity algorithm";
    if (keys->ar.length && keys->ar.length != integ->key_length)
        return "SK_ar: invalid length for the integrity algorithm";
    return NULL;
}

static void store_row(ike_keyring *ring, uint64_t spi_i, uint64_t spi_r, const row_keys *keys,
                      const ike_encr *encr, uint16_t bits, const ike_integ *integ)
{
    ike_set_id set;
    ike_suite suite = {.encryption = encr->id,
                       .key_bits = bits,
                       .integrity = ike_encr_is_aead(encr) ? 0 : integ->id};

    set = ike_keyring_new_row(ring, 2);
    ike_keyring_bind_set(ring, set, spi_i, spi_r);
    ike_keyring_set_suite(ring, set, &suite);
    ike_keyring_set_secret(ring, set, IKE_SECRET_SK_EI, ike_secret_span(&keys->ei));
    ike_keyring_set_secret(ring, set, IKE_SECRET_SK_ER, ike_secret_span(&keys->er));
    ike_keyring_set_secret(ring, set, IKE_SECRET_SK_AI, ike_secret_span(&keys->ai));
    ike_keyring_set_secret(ring, set, IKE_SECRET_SK_AR, ike_secret_span(&keys->ar));
}

static const char *add_row(ike_keyring *ring, uint64_t spi_i, uint64_t spi_r, const row_keys *keys,
                           const char *encryption, const char *integrity)
{
    uint16_t cipher, bits, mac;

    if (!encryption || !ike_encryption_by_name(encryption, 0, &cipher, &bits))
        return "Unknown encryption algorithm";
    if (!integrity || !ike_integrity_by_name(integrity, 0, &mac))
        return "Unknown integrity algorithm";
    const ike_encr *encr = ike_encr_find(cipher);
    const ike_integ *integ = ike_integ_find(mac);
    const char *wrong = judge_row(keys, encr, bits, integ);
    if (!wrong)
        store_row(ring, spi_i, spi_r, keys, encr, bits, integ);
    return wrong;
}

const char *ike_keyring_add_ikev2_row(ike_keyring *ring, const char *spi_i, const char *spi_r,
                                      const char *sk_ei, const char *sk_er, const char *encryption,
                                      const char *sk_ai, const char *sk_ar, const char *integrity)
{
    row_keys keys = {{0}, {0}, {0}, {0}};
    uint64_t initiator = 0, responder = 0;
    const char *wrong;

    if (!parse_spi(spi_i, &initiator))
        wrong = "The initiator's SPI has to be 8 bytes in hex";
    else if (!parse_spi(spi_r, &responder))
        wrong = "The responder's SPI has to be 8 bytes in hex";
    else if (!parse_hex(sk_ei, &keys.ei) || !parse_hex(sk_er, &keys.er) ||
             !parse_hex(sk_ai, &keys.ai) || !parse_hex(sk_ar, &keys.ar))
        wrong = "A key is not written in hex";
    else
        wrong = add_row(ring, initiator, responder, &keys, encryption, integrity);
    ike_secret_clear(&keys.ei);
    ike_secret_clear(&keys.er);
    ike_secret_clear(&keys.ai);
    ike_secret_clear(&keys.ar);
    return wrong;
}

const char *ike_keyring_add_ikev1_row(ike_keyring *ring, const char *cookie, const char *key)
{
    ike_secret bytes = {0};
    uint64_t initiator = 0;
    const char *wrong = NULL;

    if (!parse_spi(cookie, &initiator)) {
        wrong = "The initiator's cookie has to be 8 bytes in hex";
    } else if (!parse_hex(key, &bytes)) {
        wrong = "The key is not written in hex";
    } else if (bytes.length < IKEV1_KEY_MIN || bytes.length > IKEV1_KEY_MAX) {
        wrong = "The key has to be 5 to 56 bytes in hex";
    } else {
        ike_set_id set = ike_keyring_new_row(ring, 1);

        ike_keyring_bind_set(ring, set, initiator, 0);
        if (!ike_keyring_set_secret(ring, set, IKE_SECRET_V1_KEY, ike_secret_span(&bytes)))
            wrong = "The key is too long";
    }
    ike_secret_clear(&bytes);
    return wrong;
}

/* PSKs as ipsec.secrets has them: "0x" hex, "0s" base64, else the text itself. */
static bool parse_psk(const char *text, ike_secret *psk)
{
    if (g_ascii_strncasecmp(text, "0x", 2) == 0)
        return parse_hex(text, psk);
    if (g_ascii_strncasecmp(text, "0s", 2) == 0) {
        gsize length = 0;
        guchar *bytes = g_base64_decode(text + 2, &length);

        ike_secret_set(psk, (ike_span){bytes, length});
        if (length)
            memset(bytes, 0, length);
        g_free(bytes);
        return true;
    }
    ike_secret_set(psk, (ike_span){(const uint8_t *)text, strlen(text)});
    return true;
}

const char *ike_keyring_add_psk_row(ike_keyring *ring, const char *peer, const char *psk)
{
    ike_secret bytes = {0};
    const char *wrong = NULL;

    if (!psk || !parse_psk(psk, &bytes))
        wrong = "The PSK begins with 0x and is not written in hex";
    else if (!bytes.length)
        wrong = "The PSK is empty";
    else if (!ike_keyring_add_psk_of_row(ring, peer, ike_secret_span(&bytes)))
        wrong = "The PSK or the peer's name is too long";
    ike_secret_clear(&bytes);
    return wrong;
}
