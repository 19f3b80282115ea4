/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/ikev1/ikev1_push.h"

#include <string.h>

#include <openssl/crypto.h>

#include "decrypt/group/download.h"
#include "decrypt/group/group_auth.h"
#include "decrypt/ikev1/ikev1_plaintext.h"
#include "proto/ike_numbers.h"
#include "proto/keyed_hash.h"
#include "proto/network_order.h"

enum { MOST_PADDING = 255 };

static ike_rekey_sa *find_keks(const ikev1_sa *sa, ike_span message)
{
    return message.length < IKE_HEADER
               ? NULL
               : ike_group_store_find_rekey(sa->base.capture->group, ike_get_u64(message.data),
                                            ike_get_u64(message.data + 8));
}

/* ---- from key logs --------------------------------------------------------------------------- */

enum { MAX_SETS = 16 };

/* The ciphers that an IV and a key of together this length may be of. */
static void add_kek(const ikev1_sa *sa, const ike_key_set *set, ike_span kek)
{
    static const uint16_t ciphers[] = {IKEV2_ENCR_AES_CBC, IKEV2_ENCR_3DES, IKEV2_ENCR_DES};
    uint8_t spi[IKE_REKEY_SPI];

    ike_put_u64(spi, set->initiator_spi);
    ike_put_u64(spi + 8, set->responder_spi);
    for (size_t i = 0; i < G_N_ELEMENTS(ciphers); i++) {
        const ike_encr *encr = ike_encr_find(ciphers[i]);
        size_t iv = encr->iv_length, key = kek.length > iv ? kek.length - iv : 0;
        ike_rekey_sa added = {.gdoi = true,
                              .computable = true,
                              .algorithms = {.encr = encr, .key_bits = (unsigned)(8 * key)},
                              .origin = ike_key_set_origin(set, IKE_SECRET_GDOI_KEK, "KEK")};

        if (!key || !ike_encr_takes_bits(encr, added.algorithms.key_bits) ||
            ike_encr_key_length(encr, added.algorithms.key_bits) != key)
            continue;
        ike_secret_set(&added.iv, (ike_span){kek.data, iv});
        ike_secret_set(&added.encryption, (ike_span){kek.data + iv, key});
        ike_group_store_add_rekey(sa->base.capture->group, spi, &added);
    }
}

/* Those that a key log binds to these cookies; the first time that they are asked for. */
static void add_logged_keks(const ikev1_sa *sa)
{
    const ike_sa_keys *keys = ike_keyring_sa_keys(sa->base.capture->ring);
    const ike_key_set *set =
        ike_sa_keys_bound(keys, sa->base.initiator_spi, sa->base.responder_spi, 0);

    for (unsigned i = 0; set && i < MAX_SETS; set = set->next_bound, i++) {
        ike_span kek = ike_key_set_secret(set, IKE_SECRET_GDOI_KEK);

        if (kek.length)
            add_kek(sa, set, kek);
    }
}

/* ---- decryption ------------------------------------------------------------------------------ */

/* Nothing authenticates it but SIG, which is inside: the payload chain shows the right key. */
static long decrypt_with(ike_rekey_sa *kek, const ike_encrypted_payload *encrypted, uint8_t *plain)
{
    ike_status status = IKE_OK;
    long chain = -1;

    if (!kek->cipher) {
        kek->cipher =
            ike_cipher_new(kek->algorithms.encr, ike_secret_span(&kek->encryption), &status);
    }
    if (kek->cipher &&
        ike_cipher_decrypt(kek->cipher, ike_secret_span(&kek->iv), (ike_span){NULL, 0},
                           encrypted->body, (ike_span){NULL, 0}, plain) == IKE_OK)
        chain = ikev1_payload_chain_length(encrypted->next_payload, plain, encrypted->body.length);
    return chain >= 0 && encrypted->body.length - (size_t)chain <= MOST_PADDING ? chain : -1;
}

static void set_result(ikev1_sa *sa, const ike_rekey_sa *kek, unsigned number, uint8_t *plain,
                       const ike_encrypted_payload *encrypted, long chain,
                       ike_decrypted_payload *result)
{
    result->status = IKE_DECRYPT_OK;
    result->plain = plain;
    result->plain_length = encrypted->body.length;
    result->pad_length = (uint8_t)(encrypted->body.length - (size_t)chain);
    result->key_source =
        ike_keyring_used_text(sa->base.capture->ring, &kek->origin, kek->algorithms.encr->name);
    result->hint.generation = (uint8_t)(number + 1);
    result->hint.iv_length = (uint8_t)kek->iv.length;
    memcpy(result->hint.iv, kek->iv.data, kek->iv.length);
}

static bool is_tried(const ike_rekey_sa *kek, unsigned number, const ike_decrypt_hint *hint)
{
    return kek->gdoi && kek->computable &&
           (!hint || !hint->generation || hint->generation == number + 1);
}

bool ikev1_decrypt_push(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    ike_rekey_sa *kek = find_keks(sa, encrypted->message);
    uint8_t *plain;

    if (!kek && encrypted->first_pass && encrypted->exchange == GDOI_EXCHANGE_GROUPKEY_PUSH) {
        add_logged_keks(sa);
        kek = find_keks(sa, encrypted->message);
    }
    if (!kek || !kek->gdoi)
        return false;
    result->layout_known = true;
    result->status = kek->computable ? IKE_DECRYPT_INVALID_PLAINTEXT : IKE_DECRYPT_UNSUPPORTED;
    if (kek->computable &&
        (!encrypted->body.length || encrypted->body.length % kek->algorithms.encr->block_length)) {
        result->status = IKE_DECRYPT_BLOCK_SIZE;
        return true;
    }
    plain = g_malloc(encrypted->body.length);
    for (unsigned number = 0; kek; kek = kek->next, number++) {
        long chain = is_tried(kek, number, hint) ? decrypt_with(kek, encrypted, plain) : -1;

        if (chain >= 0) {
            set_result(sa, kek, number, plain, encrypted, chain, result);
            return true;
        }
    }
    OPENSSL_cleanse(plain, encrypted->body.length);
    g_free(plain);
    return true;
}

/* ---- a message ------------------------------------------------------------------------------- */

/* The KEK under which its signature is right, or else the first one. */
static ike_rekey_sa *verify(ike_rekey_sa *keks, const ike_key_inputs *inputs, ike_group_auth *auth)
{
    for (ike_rekey_sa *kek = keks; kek; kek = kek->next) {
        ike_group_auth result =
            ike_groupkey_push_auth(kek, inputs->message, inputs->plaintext, inputs->v1_signature);
        if (result == IKE_GROUP_AUTH_VERIFIED || kek == keks)
            *auth = result;
        if (result == IKE_GROUP_AUTH_VERIFIED)
            return kek;
    }
    return keks;
}

/* Sequence numbers go up (RFC 6407 4.4, 5.7); the same message may be sent again. */
static bool is_replayed(ike_rekey_sa *kek, const ike_key_inputs *inputs)
{
    uint64_t digest = ike_keyed_hash(inputs->message.data, inputs->message.length) | 1;
    const ike_group_download *group = inputs->group;

    if (!group->has_sequence)
        return false;
    if (kek->has_sequence && group->sequence <= kek->sequence) {
        return group->sequence < kek->sequence ||
               (kek->sequence_digest && digest != kek->sequence_digest);
    }
    kek->has_sequence = true;
    kek->sequence = group->sequence;
    kek->sequence_digest = digest;
    return false;
}

static void update_push(ikev1_sa *sa, ike_rekey_sa *keks, const ike_key_inputs *inputs)
{
    ike_group_auth auth = IKE_GROUP_AUTH_NONE;
    ike_rekey_sa *over = verify(keks, inputs, &auth);

    if (inputs->group && auth != IKE_GROUP_AUTH_WRONG && auth != IKE_GROUP_AUTH_MISSING) {
        if (is_replayed(over, inputs))
            auth = IKE_GROUP_AUTH_REPLAYED;
        else
            ike_gdoi_download(&sa->base, inputs->group, over, inputs->frame);
    }
    sa->group_auth = (uint8_t)auth;
}

bool ikev1_update_group(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    ike_rekey_sa *keks = find_keks(sa, inputs->message);

    sa->group_auth = IKE_GROUP_AUTH_NONE;
    if (keks && keks->gdoi && inputs->plaintext.length) {
        update_push(sa, keks, inputs);
        return true;
    }
    if (inputs->group && inputs->exchange == GDOI_EXCHANGE_GROUPKEY_PULL && inputs->authentic)
        ike_gdoi_download(&sa->base, inputs->group, NULL, inputs->frame);
    return false;
}
