/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the Encrypted payload of IKEv2: SK (RFC 7296 3.14, RFC 5282) and SKF (RFC 7383 2.5). */
#include "decrypt/ikev2/ikev2_auth.h"

#include <openssl/crypto.h>

/* The parts of one sealed payload. The ICV covers the message from the IKE header to the last byte
 * before it; an AEAD authenticates as associated data what stands before the IV. */
typedef struct {
    ike_span aad, iv, ciphertext, icv, covered;
} encrypted_parts;

static size_t icv_length(const ike_algorithms *rows)
{
    return rows->integ ? rows->integ->icv_length : rows->encr->icv_length;
}

static ike_decrypt_status truncated(const ike_algorithms *rows,
                                    const ike_encrypted_payload *encrypted, encrypted_parts *parts)
{
    size_t iv = ike_encr_wire_iv(rows->encr), icv = icv_length(rows);
    size_t block = MAX(rows->encr->block_length, 1);
    const ike_span body = encrypted->body, message = encrypted->message;

    if (!body.data || body.data < message.data ||
        body.data + body.length > message.data + message.length || body.length < iv + icv + block) {
        return IKE_DECRYPT_SHORT;
    }
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

/* The contexts of one side, made once. */
static ike_status make_cipher(ikev2_generation *generation, unsigned side)
{
    ike_status status = IKE_OK;

    if (!generation->cipher[side]) {
        const ike_secret *key = &generation->sk_e[side];

        if (key->length != ike_encr_key_length(generation->rows.encr, generation->rows.key_bits)) {
            return IKE_ERR_KEY_LENGTH;
        }
        ikev2_generation_create_context(generation);
        generation->cipher[side] =
            ike_cipher_new(generation->rows.encr, ike_secret_span(key), &status);
    }
    return status;
}

static ike_status make_mac(ikev2_generation *generation, unsigned side)
{
    ike_status status = IKE_OK;

    if (!generation->mac[side]) {
        ikev2_generation_create_context(generation);
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
    ike_status status = make_mac(generation, side);

    return status ? status : ike_mac_verify(generation->mac[side], &parts->covered, 1, parts->icv);
}

static ike_status decrypt(ikev2_generation *generation, unsigned side, const encrypted_parts *parts,
                          uint8_t *out)
{
    ike_status status = make_cipher(generation, side);

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

ike_status ikev2_generation_fits(ikev2_generation *generation,
                                 const ike_encrypted_payload *encrypted)
{
    unsigned side = sender(encrypted);
    encrypted_parts parts;
    ike_status status;

    switch (truncated(&generation->rows, encrypted, &parts)) {
    case IKE_DECRYPT_OK:
        break;
    default:
        return IKE_ERR_DATA_LENGTH;
    }
    if (has_mac(generation)) {
        if (generation->sk_e[side].length !=
            ike_encr_key_length(generation->rows.encr, generation->rows.key_bits)) {
            return IKE_ERR_KEY_LENGTH;
        }
        return check_mac(generation, side, &parts);
    }
    if (!ike_encr_is_aead(generation->rows.encr)) {
        return IKE_ERR_ARGUMENT;
    }

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

/* The type of the first payload inside: SK and SKF say it in their generic header, which stands
 * before the body (SKF: with the two fragment numbers). -1: a fragment, or no header. */
static int first_payload(const ike_encrypted_payload *encrypted)
{
    if (encrypted->fragment || encrypted->body.data - encrypted->message.data < 4) {
        return -1;
    }
    return *(encrypted->body.data - 4);
}

/* Whether all of it is a payload chain; a fragment, as a piece of one, is judged by its padding. */
static bool chain_fits(const ike_encrypted_payload *encrypted, const uint8_t *plain, size_t length)
{
    int first = first_payload(encrypted);

    return padding_fits(plain, length) &&
           (first < 0 || ikev2_chain_fits((uint8_t)first, plain, length - plain[length - 1] - 1u));
}

/* Whether it begins like one: enough where the ICV was right, so that a sender's mistakes in the
 * payloads show. */
static bool starts_well(const ike_encrypted_payload *encrypted, const uint8_t *plain, size_t length)
{
    int first = first_payload(encrypted);
    size_t payloads = padding_fits(plain, length) ? length - plain[length - 1] - 1u : 0;
    size_t claimed = payloads >= 4 ? (size_t)plain[2] << 8 | plain[3] : 0;

    if (first < 0) {
        return padding_fits(plain, length);
    }
    return first == 0 ? padding_fits(plain, length) : claimed >= 4 && claimed <= payloads;
}

/* What the ICV should have been, for the tree. Not known for an AEAD. */
static void compute_icv(ikev2_generation *generation, unsigned side, const encrypted_parts *parts,
                        ike_decrypted_payload *result)
{
    if (generation->rows.integ->kind != IKE_MAC_GMAC &&
        ike_mac_length(generation->mac[side]) <= sizeof result->icv &&
        ike_mac_compute(generation->mac[side], &parts->covered, 1, result->icv) == IKE_OK) {
        result->icv_computed = ike_mac_length(generation->mac[side]);
    }
}

static void give_plain(const encrypted_parts *parts, uint8_t *plain, ike_decrypted_payload *result)
{
    result->status = IKE_DECRYPT_OK;
    result->plain = plain;
    result->plain_length = parts->ciphertext.length;
    result->pad_length = plain[parts->ciphertext.length - 1];
}

/* Opens with these keys. Keys that the user gave for this SA open also when the ICV does not fit,
 * or cannot be checked, if what comes out is a payload chain. */
static ike_decrypt_status open_with(ikev2_generation *generation,
                                    const ike_encrypted_payload *encrypted,
                                    ike_decrypted_payload *result)
{
    unsigned side = sender(encrypted);
    encrypted_parts parts;
    ike_status status;

    result->layout_known = true;
    result->iv_length = ike_encr_wire_iv(generation->rows.encr);
    result->icv_length = icv_length(&generation->rows);
    result->status = truncated(&generation->rows, encrypted, &parts);
    if (result->status != IKE_DECRYPT_OK) {
        return result->status;
    }
    if (has_mac(generation)) {
        status = check_mac(generation, side, &parts);
        result->icv_checked = status == IKE_OK || status == IKE_ERR_ICV;
        result->icv_ok = status == IKE_OK;
        if (status == IKE_ERR_ICV) {
            compute_icv(generation, side, &parts, result);
        }
        if (status != IKE_OK && !(status == IKE_ERR_ICV && generation->from_table)) {
            return result->status = status_of(status);
        }
    }

    uint8_t *plain = g_malloc(parts.ciphertext.length);
    status = decrypt(generation, side, &parts, plain);
    if (ike_encr_is_aead(generation->rows.encr)) {
        result->icv_checked = status == IKE_OK || status == IKE_ERR_ICV;
        result->icv_ok = status == IKE_OK;
    }
    result->key_source = generation->origin;
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
        give_plain(&parts, plain, result);
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

    if (truncated(&generation->rows, encrypted, &parts) != IKE_DECRYPT_OK) {
        return false;
    }
    plain = g_malloc(parts.ciphertext.length);
    well = decrypt(generation, side, &parts, plain) == IKE_OK &&
           starts_well(encrypted, plain, parts.ciphertext.length);
    OPENSSL_cleanse(plain, parts.ciphertext.length);
    g_free(plain);
    return well;
}

/* The layout is shown also when nothing opens, if the algorithms are known. */
static void tell_layout(const ikev2_sa *sa, ike_decrypted_payload *result)
{
    if (!result->layout_known && sa->computable) {
        result->layout_known = true;
        result->iv_length = ike_encr_wire_iv(sa->rows->encr);
        result->icv_length = icv_length(sa->rows);
    }
}

static bool open_known(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                       const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    if (hint && hint->generation && hint->generation <= sa->generation_count) {
        result->hint.generation = hint->generation;
        return open_with(sa->generations[hint->generation - 1], encrypted, result) ==
               IKE_DECRYPT_OK;
    }
    for (uint8_t number = sa->generation_count; number > 0; number--) {
        ike_decrypted_payload trial = {.status = IKE_DECRYPT_NO_KEY};

        if (open_with(sa->generations[number - 1], encrypted, &trial) == IKE_DECRYPT_OK) {
            *result = trial;
            result->hint.generation = number;
            return true;
        }
        if (number == sa->generation_count) {
            *result = trial;
        }
    }
    return false;
}

/* What the user's row says about a message that nothing fits. */
static bool open_given(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                       ike_decrypted_payload *result)
{
    ikev2_generation *from_table = ikev2_table_keys(crypto);
    bool decrypted;

    if (!from_table) {
        return false;
    }
    *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NO_KEY};
    decrypted = open_with(from_table, encrypted, result) == IKE_DECRYPT_OK;
    ikev2_generation_free(from_table);
    return decrypted;
}

bool ikev2_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    ikev2_sa *sa = crypto->v2;
    ike_decrypt_status why;
    ikev2_generation *found;

    if (open_known(sa, encrypted, hint, result)) {
        if (encrypted->first_pass && encrypted->fragment && result->icv_ok) {
            ikev2_auth_first_fragment(crypto, encrypted);
        }
        return true;
    }
    found = encrypted->first_pass ? ikev2_find_keys(crypto, encrypted, &why) : NULL;
    if (found) {
        uint8_t number;

        found->verified = true;
        ikev2_complete(crypto, found);
        number = ikev2_sa_store(sa, found);
        *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NO_KEY};
        if (number && open_with(found, encrypted, result) == IKE_DECRYPT_OK) {
            result->hint.generation = number;
            if (encrypted->fragment) {
                ikev2_auth_first_fragment(crypto, encrypted);
            }
            return true;
        }
        return false;
    }
    if (open_given(crypto, encrypted, result)) {
        return true;
    }
    if (encrypted->first_pass && result->status == IKE_DECRYPT_NO_KEY) {
        result->status = why;
    }
    tell_layout(sa, result);
    return false;
}
