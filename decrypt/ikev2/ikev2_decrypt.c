/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the Encrypted payload of IKEv2: SK (RFC 7296 3.14, RFC 5282) and SKF (RFC 7383 2.5). */
#include "decrypt/ikev2/ikev2_auth.h"

#include <openssl/crypto.h>

/* The parts of one sealed payload. The ICV covers the message from the IKE header to the last octet
 * before it; an AEAD authenticates as associated data what stands before the IV. */
typedef struct {
    ike_span aad, iv, ciphertext, icv, covered;
} sealed_parts;

static size_t icv_length(const ike_algorithms *rows)
{
    return rows->integ ? rows->integ->icv_length : rows->encr->icv_length;
}

static ike_open_status cut(const ike_algorithms *rows, const ike_sealed *sealed,
                           sealed_parts *parts)
{
    size_t iv = ike_encr_wire_iv(rows->encr), icv = icv_length(rows);
    size_t block = MAX(rows->encr->block_length, 1);
    const ike_span body = sealed->body, message = sealed->message;

    if (!body.data || body.data < message.data ||
        body.data + body.length > message.data + message.length || body.length < iv + icv + block) {
        return IKE_OPEN_SHORT;
    }
    parts->aad = (ike_span){message.data, (size_t)(body.data - message.data)};
    parts->iv = (ike_span){body.data, iv};
    parts->ciphertext = (ike_span){body.data + iv, body.length - iv - icv};
    parts->icv = (ike_span){body.data + body.length - icv, icv};
    parts->covered = (ike_span){message.data, (size_t)(parts->icv.data - message.data)};
    return parts->ciphertext.length % block ? IKE_OPEN_BLOCK_SIZE : IKE_OPEN_OK;
}

static ike_open_status status_of(ike_status status)
{
    switch (status) {
    case IKE_OK:
        return IKE_OPEN_OK;
    case IKE_ERR_KEY_LENGTH:
        return IKE_OPEN_KEY_LENGTH;
    case IKE_ERR_ICV:
        return IKE_OPEN_BAD_ICV;
    case IKE_ERR_DATA_LENGTH:
        return IKE_OPEN_BLOCK_SIZE;
    case IKE_ERR_PADDING:
        return IKE_OPEN_PADDING;
    default:
        return IKE_OPEN_NO_CIPHER;
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
        ikev2_generation_wake(generation);
        generation->cipher[side] =
            ike_cipher_new(generation->rows.encr, ike_secret_span(key), &status);
    }
    return status;
}

static ike_status make_mac(ikev2_generation *generation, unsigned side)
{
    ike_status status = IKE_OK;

    if (!generation->mac[side]) {
        ikev2_generation_wake(generation);
        generation->mac[side] =
            ike_mac_new(generation->rows.integ, ike_secret_span(&generation->sk_a[side]), &status);
    }
    return status;
}

static bool has_mac(const ikev2_generation *generation)
{
    return generation->rows.integ && generation->rows.integ->kind != IKE_MAC_NONE;
}

static ike_status check_mac(ikev2_generation *generation, unsigned side, const sealed_parts *parts)
{
    ike_status status = make_mac(generation, side);

    return status ? status : ike_mac_verify(generation->mac[side], &parts->covered, 1, parts->icv);
}

static ike_status decrypt(ikev2_generation *generation, unsigned side, const sealed_parts *parts,
                          uint8_t *out)
{
    ike_status status = make_cipher(generation, side);

    return status ? status
                  : ike_cipher_decrypt(
                        generation->cipher[side], parts->iv, parts->aad, parts->ciphertext,
                        ike_encr_is_aead(generation->rows.encr) ? parts->icv : (ike_span){NULL, 0},
                        out);
}

static unsigned sender(const ike_sealed *sealed)
{
    return sealed->from_initiator ? IKE_I : IKE_R;
}

ike_status ikev2_generation_fits(ikev2_generation *generation, const ike_sealed *sealed)
{
    unsigned side = sender(sealed);
    sealed_parts parts;
    ike_status status;

    switch (cut(&generation->rows, sealed, &parts)) {
    case IKE_OPEN_OK:
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
static int first_payload(const ike_sealed *sealed)
{
    if (sealed->fragment || sealed->body.data - sealed->message.data < 4) {
        return -1;
    }
    return *(sealed->body.data - 4);
}

/* Whether all of it is a payload chain; a fragment, as a piece of one, is judged by its padding. */
static bool chain_fits(const ike_sealed *sealed, const uint8_t *plain, size_t length)
{
    int first = first_payload(sealed);

    return padding_fits(plain, length) &&
           (first < 0 || ikev2_chain_fits((uint8_t)first, plain, length - plain[length - 1] - 1u));
}

/* Whether it begins like one: enough where the ICV was right, so that a sender's mistakes in the
 * payloads show. */
static bool starts_well(const ike_sealed *sealed, const uint8_t *plain, size_t length)
{
    int first = first_payload(sealed);
    size_t payloads = padding_fits(plain, length) ? length - plain[length - 1] - 1u : 0;
    size_t claimed = payloads >= 4 ? (size_t)plain[2] << 8 | plain[3] : 0;

    if (first < 0) {
        return padding_fits(plain, length);
    }
    return first == 0 ? padding_fits(plain, length) : claimed >= 4 && claimed <= payloads;
}

/* What the ICV should have been, for the tree. Not known for an AEAD. */
static void compute_icv(ikev2_generation *generation, unsigned side, const sealed_parts *parts,
                        ike_opened *result)
{
    if (generation->rows.integ->kind != IKE_MAC_GMAC &&
        ike_mac_length(generation->mac[side]) <= sizeof result->icv &&
        ike_mac_compute(generation->mac[side], &parts->covered, 1, result->icv) == IKE_OK) {
        result->icv_computed = ike_mac_length(generation->mac[side]);
    }
}

static void give_plain(const sealed_parts *parts, uint8_t *plain, ike_opened *result)
{
    result->status = IKE_OPEN_OK;
    result->plain = plain;
    result->plain_length = parts->ciphertext.length;
    result->pad_length = plain[parts->ciphertext.length - 1];
}

/* Opens with these keys. Keys that the user gave for this SA open also when the ICV does not fit,
 * or cannot be checked, if what comes out is a payload chain. */
static ike_open_status open_with(ikev2_generation *generation, const ike_sealed *sealed,
                                 ike_opened *result)
{
    unsigned side = sender(sealed);
    sealed_parts parts;
    ike_status status;

    result->layout_known = true;
    result->iv_length = ike_encr_wire_iv(generation->rows.encr);
    result->icv_length = icv_length(&generation->rows);
    result->status = cut(&generation->rows, sealed, &parts);
    if (result->status != IKE_OPEN_OK) {
        return result->status;
    }
    if (has_mac(generation)) {
        status = check_mac(generation, side, &parts);
        result->icv_checked = status == IKE_OK || status == IKE_ERR_ICV;
        result->icv_ok = status == IKE_OK;
        if (status == IKE_ERR_ICV) {
            compute_icv(generation, side, &parts, result);
        }
        if (status != IKE_OK && !(status == IKE_ERR_ICV && generation->given)) {
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
        result->status = generation->given ? IKE_OPEN_WRONG_KEY : IKE_OPEN_PADDING;
    } else if (result->icv_ok && generation->given &&
               !starts_well(sealed, plain, parts.ciphertext.length)) {
        result->status = IKE_OPEN_WRONG_KEY;
    } else if (!result->icv_ok && !chain_fits(sealed, plain, parts.ciphertext.length)) {
        result->status = result->icv_checked ? IKE_OPEN_BAD_ICV : IKE_OPEN_WRONG_KEY;
    } else {
        give_plain(&parts, plain, result);
        return IKE_OPEN_OK;
    }
    g_free(plain);
    return result->status;
}

bool ikev2_generation_opens_well(ikev2_generation *generation, const ike_sealed *sealed)
{
    unsigned side = sender(sealed);
    sealed_parts parts;
    uint8_t *plain;
    bool well;

    if (cut(&generation->rows, sealed, &parts) != IKE_OPEN_OK) {
        return false;
    }
    plain = g_malloc(parts.ciphertext.length);
    well = decrypt(generation, side, &parts, plain) == IKE_OK &&
           starts_well(sealed, plain, parts.ciphertext.length);
    OPENSSL_cleanse(plain, parts.ciphertext.length);
    g_free(plain);
    return well;
}

/* The layout is shown also when nothing opens, if the algorithms are known. */
static void tell_layout(const ikev2_sa *sa, ike_opened *result)
{
    if (!result->layout_known && sa->computable) {
        result->layout_known = true;
        result->iv_length = ike_encr_wire_iv(sa->rows->encr);
        result->icv_length = icv_length(sa->rows);
    }
}

static bool open_known(ikev2_sa *sa, const ike_sealed *sealed, const ike_open_hint *hint,
                       ike_opened *result)
{
    if (hint && hint->generation && hint->generation <= sa->generation_count) {
        result->hint.generation = hint->generation;
        return open_with(sa->generations[hint->generation - 1], sealed, result) == IKE_OPEN_OK;
    }
    for (uint8_t number = sa->generation_count; number > 0; number--) {
        ike_opened trial = {.status = IKE_OPEN_NO_KEY};

        if (open_with(sa->generations[number - 1], sealed, &trial) == IKE_OPEN_OK) {
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
static bool open_given(ike_crypto *crypto, const ike_sealed *sealed, ike_opened *result)
{
    ikev2_generation *given = ikev2_given_keys(crypto);
    bool opened;

    if (!given) {
        return false;
    }
    *result = (ike_opened){.status = IKE_OPEN_NO_KEY};
    opened = open_with(given, sealed, result) == IKE_OPEN_OK;
    ikev2_generation_free(given);
    return opened;
}

bool ikev2_open(ike_crypto *crypto, const ike_sealed *sealed, const ike_open_hint *hint,
                ike_opened *result)
{
    ikev2_sa *sa = crypto->v2;
    ike_open_status why;
    ikev2_generation *found;

    if (open_known(sa, sealed, hint, result)) {
        if (sealed->first_pass && sealed->fragment && result->icv_ok) {
            ikev2_auth_first_fragment(crypto, sealed);
        }
        return true;
    }
    found = sealed->first_pass ? ikev2_find_keys(crypto, sealed, &why) : NULL;
    if (found) {
        uint8_t number;

        found->verified = true;
        ikev2_complete(crypto, found);
        number = ikev2_sa_keep(sa, found);
        *result = (ike_opened){.status = IKE_OPEN_NO_KEY};
        if (number && open_with(found, sealed, result) == IKE_OPEN_OK) {
            result->hint.generation = number;
            if (sealed->fragment) {
                ikev2_auth_first_fragment(crypto, sealed);
            }
            return true;
        }
        return false;
    }
    if (open_given(crypto, sealed, result)) {
        return true;
    }
    if (sealed->first_pass && result->status == IKE_OPEN_NO_KEY) {
        result->status = why;
    }
    tell_layout(sa, result);
    return false;
}
