/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One generation of keys, and the encrypted payload under it. */
#include "decrypt/ikev2/ikev2_keys.h"

#include <glib.h>
#include <openssl/crypto.h>

#include "proto/network_order.h"

ikev2_generation *ikev2_generation_new(const ike_algorithms *rows)
{
    ikev2_generation *generation = g_new0(ikev2_generation, 1);

    generation->rows = *rows;
    return generation;
}

ikev2_mixed *ikev2_generation_mixed(ikev2_generation *generation)
{
    if (!generation->mixed)
        generation->mixed = g_new0(ikev2_mixed, 1);
    return generation->mixed;
}

void ikev2_generation_free(ikev2_generation *generation)
{
    if (!generation)
        return;
    ike_secret_clear(&generation->sk_d);
    for (unsigned side = IKE_I; side <= IKE_R; side++) {
        ike_secret_clear(&generation->sk_a[side]);
        ike_secret_clear(&generation->sk_e[side]);
        ike_secret_clear(&generation->sk_p[side]);
        ike_cipher_free(generation->cipher[side]);
        ike_mac_free(generation->mac[side]);
        if (generation->mixed)
            ike_secret_clear(&generation->mixed->sk_p[side]);
    }
    if (generation->mixed)
        ike_secret_clear(&generation->mixed->sk_d);
    g_free(generation->mixed);
    g_free(generation);
}

/* ---- payload chains -------------------------------------------------------------------------- */

enum { GENERIC_HEADER = 4 };

static size_t payload_length(const uint8_t *header)
{
    return ike_get_u16(header + 2);
}

/* Whether `plain` without padding is exactly a chain of payloads starting with `next`. */
static bool is_payload_chain(uint8_t next, const uint8_t *plain, size_t length)
{
    size_t at = 0;

    while (next != 0) {
        if (length - at < GENERIC_HEADER || payload_length(plain + at) < GENERIC_HEADER ||
            payload_length(plain + at) > length - at)
            return false;
        next = plain[at];
        at += payload_length(plain + at);
    }
    return at == length;
}

/* ---- one message ----------------------------------------------------------------------------- */

/* The parts of one encrypted payload. The ICV covers the message from the IKE header to the last
 * byte before it; an AEAD authenticates as associated data what stands before the IV. */
typedef struct {
    ike_span aad, iv, ciphertext, icv, covered;
} encrypted_parts;

static size_t icv_length(const ike_algorithms *rows)
{
    return rows->integ ? rows->integ->icv_length : rows->encr->icv_length;
}

static ike_decrypt_status find_parts(const ike_algorithms *rows,
                                     const ike_encrypted_payload *encrypted, encrypted_parts *parts)
{
    size_t iv = ike_encr_wire_iv(rows->encr), icv = icv_length(rows);
    size_t block = MAX(rows->encr->block_length, 1);
    const ike_span body = encrypted->body, message = encrypted->message;

    if (!body.data || body.data < message.data ||
        body.data + body.length > message.data + message.length || body.length < iv + icv + block)
        return IKE_DECRYPT_SHORT;
    parts->aad = (ike_span){message.data, (size_t)(body.data - message.data)};
    parts->iv = (ike_span){body.data, iv};
    parts->ciphertext = (ike_span){body.data + iv, body.length - iv - icv};
    parts->icv = (ike_span){body.data + body.length - icv, icv};
    parts->covered = (ike_span){message.data, (size_t)(parts->icv.data - message.data)};
    return parts->ciphertext.length % block ? IKE_DECRYPT_BLOCK_SIZE : IKE_DECRYPT_OK;
}

static ike_decrypt_status status_of(ike_status status)
{
    switch (status) {
    case IKE_OK:
        return IKE_DECRYPT_OK;
    case IKE_ERR_KEY_LENGTH:
        return IKE_DECRYPT_KEY_LENGTH;
    case IKE_ERR_ICV:
        return IKE_DECRYPT_BAD_ICV;
    case IKE_ERR_DATA_LENGTH:
        return IKE_DECRYPT_BLOCK_SIZE;
    case IKE_ERR_PADDING:
        return IKE_DECRYPT_PADDING;
    default:
        return IKE_DECRYPT_NO_CIPHER;
    }
}

/* The cipher of one side, created once. */
static ike_status create_cipher(ikev2_generation *generation, unsigned side)
{
    ike_status status = IKE_OK;

    if (!generation->cipher[side]) {
        const ike_secret *key = &generation->sk_e[side];

        if (key->length != ike_encr_key_length(generation->rows.encr, generation->rows.key_bits))
            return IKE_ERR_KEY_LENGTH;
        generation->cipher[side] =
            ike_cipher_new(generation->rows.encr, ike_secret_span(key), &status);
    }
    return status;
}

static ike_status create_mac(ikev2_generation *generation, unsigned side)
{
    ike_status status = IKE_OK;

    if (!generation->mac[side]) {
        generation->mac[side] =
            ike_mac_new(generation->rows.integ, ike_secret_span(&generation->sk_a[side]), &status);
    }
    return status;
}

static bool has_mac(const ikev2_generation *generation)
{
    return generation->rows.integ && generation->rows.integ->kind != IKE_MAC_NONE;
}

static ike_status check_mac(ikev2_generation *generation, unsigned side,
                            const encrypted_parts *parts)
{
    ike_status status = create_mac(generation, side);

    return status ? status : ike_mac_verify(generation->mac[side], &parts->covered, 1, parts->icv);
}

static ike_status decrypt(ikev2_generation *generation, unsigned side, const encrypted_parts *parts,
                          uint8_t *out)
{
    ike_status status = create_cipher(generation, side);

    return status ? status
                  : ike_cipher_decrypt(
                        generation->cipher[side], parts->iv, parts->aad, parts->ciphertext,
                        ike_encr_is_aead(generation->rows.encr) ? parts->icv : (ike_span){NULL, 0},
                        out);
}

static unsigned sender(const ike_encrypted_payload *encrypted)
{
    return encrypted->from_initiator ? IKE_I : IKE_R;
}

ike_decrypt_status ikev2_misfit(const ike_algorithms *rows, const ike_encrypted_payload *encrypted)
{
    encrypted_parts parts;

    return find_parts(rows, encrypted, &parts);
}

ike_status ikev2_generation_verify(ikev2_generation *generation,
                                   const ike_encrypted_payload *encrypted)
{
    unsigned side = sender(encrypted);
    encrypted_parts parts;
    ike_status status;

    if (find_parts(&generation->rows, encrypted, &parts) != IKE_DECRYPT_OK)
        return IKE_ERR_DATA_LENGTH;
    if (has_mac(generation)) {
        if (generation->sk_e[side].length !=
            ike_encr_key_length(generation->rows.encr, generation->rows.key_bits))
            return IKE_ERR_KEY_LENGTH;
        return check_mac(generation, side, &parts);
    }
    if (!ike_encr_is_aead(generation->rows.encr))
        return IKE_ERR_ARGUMENT;

    uint8_t *plain = g_malloc(parts.ciphertext.length);
    status = decrypt(generation, side, &parts, plain);
    OPENSSL_cleanse(plain, parts.ciphertext.length);
    g_free(plain);
    return status;
}

static bool padding_fits(const uint8_t *plain, size_t length)
{
    return length > 0 && (size_t)plain[length - 1] + 1 <= length;
}

/* The type of the first payload inside: SK and SKF name it in their generic header, which stands
 * before the body (SKF: with the two fragment numbers). -1: a fragment, or no header. */
static int first_payload(const ike_encrypted_payload *encrypted)
{
    if (encrypted->fragment || encrypted->body.data - encrypted->message.data < 4)
        return -1;
    return *(encrypted->body.data - 4);
}

/* Whether all of it is a payload chain; a fragment, a piece of one, is checked by its padding. */
static bool chain_fits(const ike_encrypted_payload *encrypted, const uint8_t *plain, size_t length)
{
    int first = first_payload(encrypted);

    return padding_fits(plain, length) &&
           (first < 0 || is_payload_chain((uint8_t)first, plain, length - plain[length - 1] - 1u));
}

/* Whether it begins like one: enough where the ICV was right, so that a sender's mistakes in the
 * payloads show. */
static bool starts_well(const ike_encrypted_payload *encrypted, const uint8_t *plain, size_t length)
{
    int first = first_payload(encrypted);
    size_t payloads = padding_fits(plain, length) ? length - plain[length - 1] - 1u : 0;
    size_t claimed = payloads >= 4 ? ike_get_u16(plain + 2) : 0;

    if (first < 0)
        return padding_fits(plain, length);
    return first == 0 ? padding_fits(plain, length) : claimed >= 4 && claimed <= payloads;
}

/* What the ICV should have been, for the tree. Not known for an AEAD. */
static void compute_icv(ikev2_generation *generation, unsigned side, const encrypted_parts *parts,
                        ike_decrypted_payload *result)
{
    if (generation->rows.integ->kind != IKE_MAC_GMAC &&
        ike_mac_length(generation->mac[side]) <= sizeof result->icv &&
        ike_mac_compute(generation->mac[side], &parts->covered, 1, result->icv) == IKE_OK)
        result->icv_computed = ike_mac_length(generation->mac[side]);
}

static void set_plaintext(const encrypted_parts *parts, uint8_t *plain,
                          ike_decrypted_payload *result)
{
    result->status = IKE_DECRYPT_OK;
    result->plain = plain;
    result->plain_length = parts->ciphertext.length;
    result->pad_length = plain[parts->ciphertext.length - 1];
}

void ikev2_set_layout(const ike_algorithms *rows, ike_decrypted_payload *result)
{
    result->layout_known = true;
    result->iv_length = ike_encr_wire_iv(rows->encr);
    result->icv_length = icv_length(rows);
}

ike_decrypt_status ikev2_generation_decrypt(ikev2_generation *generation,
                                            const ike_encrypted_payload *encrypted,
                                            ike_decrypted_payload *result)
{
    unsigned side = sender(encrypted);
    encrypted_parts parts;
    ike_status status;

    ikev2_set_layout(&generation->rows, result);
    result->status = find_parts(&generation->rows, encrypted, &parts);
    if (result->status != IKE_DECRYPT_OK)
        return result->status;
    if (!generation->sk_e[side].length && generation->rows.encr->id != IKEV2_ENCR_NULL)
        return result->status = IKE_DECRYPT_NO_KEY; /* of this direction */
    if (has_mac(generation)) {
        status = check_mac(generation, side, &parts);
        result->icv_checked = status == IKE_OK || status == IKE_ERR_ICV;
        result->icv_ok = status == IKE_OK;
        if (status == IKE_ERR_ICV)
            compute_icv(generation, side, &parts, result);
        if (status != IKE_OK && !(status == IKE_ERR_ICV && generation->from_table))
            return result->status = status_of(status);
    }

    uint8_t *plain = g_malloc(parts.ciphertext.length);
    status = decrypt(generation, side, &parts, plain);
    if (ike_encr_is_aead(generation->rows.encr)) {
        result->icv_checked = status == IKE_OK || status == IKE_ERR_ICV;
        result->icv_ok = status == IKE_OK;
    }
    result->key_source = generation->origin_text;
    if (status != IKE_OK) {
        result->status = status_of(status);
    } else if (result->icv_ok && !padding_fits(plain, parts.ciphertext.length)) {
        result->status = generation->from_table ? IKE_DECRYPT_WRONG_KEY : IKE_DECRYPT_PADDING;
    } else if (result->icv_ok && generation->from_table &&
               !starts_well(encrypted, plain, parts.ciphertext.length)) {
        result->status = IKE_DECRYPT_WRONG_KEY;
    } else if (!result->icv_ok && !chain_fits(encrypted, plain, parts.ciphertext.length)) {
        result->status = result->icv_checked ? IKE_DECRYPT_BAD_ICV : IKE_DECRYPT_WRONG_KEY;
    } else {
        set_plaintext(&parts, plain, result);
        return IKE_DECRYPT_OK;
    }
    g_free(plain);
    return result->status;
}

bool ikev2_generation_decrypts_well(ikev2_generation *generation,
                                    const ike_encrypted_payload *encrypted)
{
    unsigned side = sender(encrypted);
    encrypted_parts parts;
    uint8_t *plain;
    bool well;

    if (find_parts(&generation->rows, encrypted, &parts) != IKE_DECRYPT_OK)
        return false;
    plain = g_malloc(parts.ciphertext.length);
    well = decrypt(generation, side, &parts, plain) == IKE_OK &&
           starts_well(encrypted, plain, parts.ciphertext.length);
    OPENSSL_cleanse(plain, parts.ciphertext.length);
    g_free(plain);
    return well;
}
