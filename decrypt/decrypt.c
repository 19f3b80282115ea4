/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decryption as the dissector sees it: hands the work to the version's part. */
#include "decrypt/decrypt.h"

#include "decrypt/crypto/openssl_context.h"
#include "decrypt/esp/esp_table.h"
#include "decrypt/esp/key_lines.h"
#include "decrypt/group/group_lines.h"
#include "decrypt/group/group_store.h"
#include "decrypt/ikev1/ikev1.h"
#include "decrypt/ikev1/ikev1_auth.h"
#include "decrypt/ikev1/ikev1_plaintext.h"
#include "decrypt/ikev2/ikev2.h"
#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/keys/plaintexts.h"
#include "proto/ike_numbers.h"
#include "proto/keyed_hash.h"
#include "proto/network_order.h"

/* Without any key an IKEv1 SA is two SPIs and a cipher: a flood of them must cost no more. */
typedef struct {
    ike_decrypt_context *context;
    uint64_t initiator_spi, responder_spi;
    const ike_encr *encr; /* negotiated; NULL unknown */
} keyless_sa;

struct ike_crypto {
    ikev1_sa *v1; /* one of the three */
    ikev2_sa *v2;
    keyless_sa *keyless;
};

/* ---- a capture ------------------------------------------------------------------------------- */

static guint ticket_hash(gconstpointer ticket)
{
    gsize length;
    gconstpointer bytes = g_bytes_get_data((GBytes *)(uintptr_t)ticket, &length);

    return (guint)ike_keyed_hash(bytes, length);
}

ike_decrypt_context *ike_decrypt_context_new(ike_keyring *ring)
{
    ike_decrypt_context *context = g_new0(ike_decrypt_context, 1);

    context->ring = ring;
    context->dh = ike_dh_cache_new(ring);
    context->algorithms =
        g_hash_table_new_full(ike_algorithms_hash, ike_algorithms_equal, g_free, NULL);
    context->esp = ike_esp_table_new(context);
    context->group = ike_group_store_new();
    context->tickets = g_hash_table_new(ticket_hash, g_bytes_equal);
    return context;
}

void ike_decrypt_context_free(ike_decrypt_context *context)
{
    if (!context)
        return;
    ike_group_store_free(context->group);
    ike_esp_table_free(context->esp);
    ike_dh_cache_free(context->dh);
    g_hash_table_destroy(context->algorithms);
    g_hash_table_destroy(context->tickets);
    g_free(context);
}

/* ---- one IKE SA ------------------------------------------------------------------------------ */

static ike_crypto *crypto_of(ikev1_sa *v1, ikev2_sa *v2)
{
    ike_crypto *crypto = g_new0(ike_crypto, 1);

    crypto->v1 = v1;
    crypto->v2 = v2;
    return crypto;
}

static ike_crypto *keyless_new(ike_decrypt_context *context, uint64_t initiator_spi,
                               uint64_t responder_spi)
{
    ike_crypto *crypto = g_new0(ike_crypto, 1);

    crypto->keyless = g_new0(keyless_sa, 1);
    *crypto->keyless = (keyless_sa){context, initiator_spi, responder_spi, NULL};
    return crypto;
}

/* Of an SA that is not keyless. */
static ike_sa_base *base_of(const ike_crypto *crypto)
{
    return crypto->v1 ? &crypto->v1->base : &crypto->v2->base;
}

/* A key came after all (a Decryption Secrets Block): from now on the SA is a full one. */
static void leave_keyless(ike_crypto *crypto)
{
    keyless_sa *keyless = crypto->keyless;

    if (keyless && !ike_keyring_stays_empty(keyless->context->ring)) {
        crypto->v1 = ikev1_sa_new(keyless->context, keyless->initiator_spi, keyless->responder_spi);
        g_clear_pointer(&crypto->keyless, g_free);
    }
}

static ike_decrypt_status keyless_status(const keyless_sa *keyless,
                                         const ike_encrypted_payload *encrypted)
{
    size_t block = keyless->encr ? keyless->encr->block_length : 8;

    if (encrypted->body.length < block)
        return IKE_DECRYPT_SHORT;
    if (encrypted->body.length % block)
        return IKE_DECRYPT_BLOCK_SIZE;
    return keyless->encr && !ike_encr_is_supported(keyless->encr) ? IKE_DECRYPT_UNSUPPORTED
                                                                  : IKE_DECRYPT_NO_KEY;
}

ike_crypto *ike_crypto_new(ike_decrypt_context *context, uint8_t major, uint64_t initiator_spi,
                           uint64_t responder_spi)
{
    if (major != 1)
        return crypto_of(NULL, ikev2_sa_new(context, initiator_spi, responder_spi));
    return ike_keyring_stays_empty(context->ring)
               ? keyless_new(context, initiator_spi, responder_spi)
               : crypto_of(ikev1_sa_new(context, initiator_spi, responder_spi), NULL);
}

void ike_crypto_set_responder_spi(ike_crypto *crypto, uint64_t responder_spi)
{
    if (crypto->keyless) {
        crypto->keyless->responder_spi = responder_spi;
    } else {
        ike_sa_base *base = base_of(crypto);
        unsigned keys = crypto->v1 ? crypto->v1->key_count : crypto->v2->generation_count;

        if (!keys) /* else it is what the keys were made with */
            base->responder_spi = responder_spi;
    }
}

void ike_crypto_set_sides_swapped(ike_crypto *crypto, bool swapped)
{
    if (crypto->v1 && crypto->v1->sides_swapped != swapped)
        ikev1_swap_sides(crypto->v1);
}

void ike_crypto_free(ike_crypto *crypto)
{
    if (!crypto)
        return;
    ikev1_sa_free(crypto->v1);
    ikev2_sa_free(crypto->v2);
    g_free(crypto->keyless);
    g_free(crypto);
}

ike_crypto *ike_crypto_take_rekeyed(ike_crypto *crypto)
{
    ikev2_sa *rekeyed = crypto->v2 ? g_steal_pointer(&crypto->v2->rekeyed) : NULL;

    return rekeyed ? crypto_of(NULL, rekeyed) : NULL;
}

bool ike_crypto_rekeyed_spis(const ike_crypto *crypto, uint64_t spis[2])
{
    if (!crypto->v2 || !crypto->v2->rekeyed)
        return false;
    spis[0] = crypto->v2->rekeyed->base.initiator_spi;
    spis[1] = crypto->v2->rekeyed->base.responder_spi;
    return true;
}

void ike_crypto_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    leave_keyless(crypto);
    if (crypto->keyless) {
        if (inputs->has_v1_suite && inputs->v1_encryption)
            crypto->keyless->encr = ike_encr_find_v1(inputs->v1_encryption);
    } else if (crypto->v1) {
        ikev1_update_keys(crypto->v1, inputs);
    } else {
        ikev2_update_keys(crypto->v2, inputs);
    }
}

/* 33 is New Group Mode, too, which has a message ID (RFC 2409 5.6). */
static bool is_of_rekey_sa(const ike_crypto *crypto, const ike_encrypted_payload *encrypted)
{
    return crypto->v2
               ? encrypted->exchange == IKEV2_EXCHANGE_GSA_REKEY
               : encrypted->exchange == GDOI_EXCHANGE_GROUPKEY_PUSH && !encrypted->message_id;
}

/* Where IV and ICV are between which a ciphertext of this length stands. Without the algorithms
 * that were negotiated it is what most have: a block of 16 bytes behind its IV, else AEAD. */
static void set_layout(const ike_decrypted_payload *known, size_t both,
                       ike_decrypted_payload *result)
{
    enum { AEAD_BOTH = 24, AEAD_IV = 8, BLOCK_IV = 16 };
    bool fits = known->layout_known && known->iv_length + known->icv_length == both;

    result->layout_known = true;
    result->iv_length = fits ? known->iv_length : both > AEAD_BOTH ? BLOCK_IV : MIN(both, AEAD_IV);
    result->icv_length = both - result->iv_length;
}

/* Whether it can be the plaintext of this message, and its padding. */
static bool fits_message(const ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                         ike_span plaintext, uint8_t *padding)
{
    if (!plaintext.length || plaintext.length > encrypted->body.length)
        return false;
    if (crypto->v2) {
        *padding = plaintext.data[plaintext.length - 1];
        return *padding < plaintext.length;
    }
    long chain =
        ikev1_payload_chain_length(encrypted->next_payload, plaintext.data, plaintext.length);
    size_t behind = plaintext.length - (size_t)MAX(chain, 0);
    *padding = (uint8_t)behind;
    return plaintext.length == encrypted->body.length && chain > 0 && behind <= UINT8_MAX;
}

/* The set with the plaintext of a message; NULL: there is none. Of a retransmission in IKEv1 pluto
 * logs what another IV makes of it: the first that fits counts. */
static const ike_key_set *find_plaintext(const ike_crypto *crypto, const ike_sa_keys *keys,
                                         const ike_encrypted_payload *encrypted, uint8_t *padding)
{
    uint64_t name[2];
    const ike_key_set *set;

    if (!ike_sa_keys_has_plaintexts(keys))
        return NULL;
    ike_plaintext_name(encrypted->message, name);
    ike_bound_walk walk = ike_sa_keys_walk_bound(keys, name[0], name[1]);
    while ((set = ike_bound_walk_next(&walk)) != NULL &&
           !fits_message(crypto, encrypted, ike_key_set_secret(set, IKE_SECRET_PLAINTEXT), padding))
        ;
    return set;
}

/* A password, passcode, PIN or answer of XAUTH (draft-beaulieu-ike-xauth-02 7, and the drafts
 * before it) with a value. */
static bool has_xauth_secret(ike_span payload)
{
    enum { CONFIG_HEADER = 4, ATTRIBUTE_HEADER = 4, BASIC = 0x8000 };
    static const uint16_t secrets[] = {
        MODECFG_XAUTH_USER_PASSWORD,
        MODECFG_XAUTH_PASSCODE,
        MODECFG_XAUTH_NEXT_PIN,
        MODECFG_XAUTH_ANSWER,
        MODECFG_DRAFT_02_XAUTH_USER_PASSWORD,
        MODECFG_DRAFT_02_XAUTH_PASSCODE,
        MODECFG_DRAFT_01_XAUTH_USER_PASSWORD,
        MODECFG_DRAFT_01_XAUTH_PASSCODE,
    };
    size_t at = CONFIG_HEADER;

    while (at + ATTRIBUTE_HEADER <= payload.length) {
        unsigned type = ike_get_u16(payload.data + at), value = ike_get_u16(payload.data + at + 2);

        for (size_t i = 0; value > 0 && i < G_N_ELEMENTS(secrets); i++)
            if ((type & ~BASIC) == secrets[i])
                return true;
        at += ATTRIBUTE_HEADER + (type & BASIC ? 0 : value);
    }
    return at != payload.length; /* malformed: it may be anything */
}

/* A client answers to an EAP method (RFC 7296 2.16). */
static bool has_eap_secret(ike_span payload)
{
    enum { CODE = 0, TYPE = 4, RESPONSE = 2, IDENTITY = 1, NAK = 3 };

    return payload.length > TYPE && payload.data[CODE] == RESPONSE &&
           payload.data[TYPE] != IDENTITY && payload.data[TYPE] != NAK;
}

static bool has_password(const ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                         ike_span plaintext)
{
    enum { HEADER = 4 };
    uint8_t type = encrypted->next_payload;
    size_t at = 0, length = HEADER;

    for (; type && length >= HEADER && at + HEADER <= plaintext.length; at += length) {
        length = ike_get_u16(plaintext.data + at + 2);
        ike_span payload = {plaintext.data + at + HEADER,
                            MIN(MAX(length, HEADER), plaintext.length - at) - HEADER};

        if (crypto->v1 ? type == IKEV1_PAYLOAD_ATTR && has_xauth_secret(payload)
                       : type == IKEV2_PAYLOAD_EAP && has_eap_secret(payload))
            return true;
        type = plaintext.data[at];
    }
    return false;
}

/* A fragment of a request of IKE_AUTH shows no payloads that begin in another one, and may hold what
 * a client answers to an EAP method; but for those of a message that begins with IDi, which comes
 * before EAP (RFC 7296 2.16). */
static bool may_have_password(const ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                              ike_sa_base *base)
{
    if (!crypto->v2 || !encrypted->fragment || encrypted->exchange != IKEV2_EXCHANGE_IKE_AUTH ||
        !encrypted->from_initiator)
        return false;
    bool is_earliest =
        !base->identity_message || encrypted->message_id < base->identity_message;
    if (encrypted->first_pass && encrypted->next_payload == IKEV2_PAYLOAD_IDI && is_earliest)
        base->identity_message = encrypted->message_id;
    return encrypted->message_id != base->identity_message;
}

/* With what a daemon logged of the very same message: it had the keys, and logs in IKEv2 nothing
 * that is not authentic. */
static void use_plaintext(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                          ike_decrypted_payload *result)
{
    ike_sa_base *base = base_of(crypto);
    ike_keyring *ring = base->capture->ring;
    uint8_t padding;
    const ike_key_set *set = find_plaintext(crypto, ike_keyring_sa_keys(ring), encrypted, &padding);

    if (!set)
        return;
    const ike_key_origin origin = ike_key_set_origin(set, IKE_SECRET_PLAINTEXT, "plaintext");
    const ike_decrypted_payload before = *result;
    ike_span plaintext = ike_key_set_secret(set, IKE_SECRET_PLAINTEXT);
    g_free(before.plain);
    *result = (ike_decrypted_payload){
        .status = IKE_DECRYPT_OK,
        .plain = g_memdup2(plaintext.data, plaintext.length),
        .plain_length = plaintext.length,
        .pad_length = padding,
        .key_source = ike_keyring_used_text(ring, &origin, NULL),
        .hint.authentic = crypto->v2 != NULL,
    };
    set_layout(&before, encrypted->body.length - plaintext.length, result);
    if (may_have_password(crypto, encrypted, base) ||
        has_password(crypto, encrypted, plaintext))
        return; /* is not for others, who may get the keys of this IKE SA */
    if (!base->plaintexts)
        base->plaintexts = g_hash_table_new(NULL, NULL);
    g_hash_table_add(base->plaintexts, GUINT_TO_POINTER(set->id));
}

/* Whether keys that are right for others of the SA have said what this message is. A log has the
 * plaintext of forged ones, too: pluto logs that of IKEv1 before it checks the HASH. */
static bool is_decided(const ike_crypto *crypto, const ike_decrypted_payload *result)
{
    return result->status == IKE_DECRYPT_OK || result->status == IKE_DECRYPT_NOT_AUTHENTIC ||
           result->status == IKE_DECRYPT_INVALID_PLAINTEXT || result->hash_checked ||
           (result->status == IKE_DECRYPT_BAD_ICV && crypto->v2 && crypto->v2->verified);
}

bool ike_crypto_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    leave_keyless(crypto);
    *result = (ike_decrypted_payload){.status = IKE_DECRYPT_NO_KEY};
    if (!encrypted->first_pass && hint && hint->status == IKE_DECRYPT_NOT_AUTHENTIC)
        result->status = IKE_DECRYPT_NOT_AUTHENTIC;
    else if (crypto->keyless)
        result->status = keyless_status(crypto->keyless, encrypted);
    else if (crypto->v1)
        ikev1_decrypt(crypto->v1, encrypted, hint, result);
    else
        ikev2_decrypt(crypto->v2, encrypted, hint, result);
    if (!is_decided(crypto, result) && !crypto->keyless)
        use_plaintext(crypto, encrypted, result);
    if (result->status == IKE_DECRYPT_NO_KEY && is_of_rekey_sa(crypto, encrypted))
        result->status = IKE_DECRYPT_NO_GROUP_KEY;
    /* Keys are looked for on the first pass alone; later ones give the same answer. */
    if (encrypted->first_pass) {
        result->hint.status = (uint8_t)result->status;
    } else if (result->status != IKE_DECRYPT_OK && hint && hint->status) {
        result->status = hint->status;
        result->hint = *hint;
    }
    if (!crypto->keyless && ike_status_is_refusal(result->status))
        result->refused = base_of(crypto)->refused[encrypted->from_initiator];
    return result->status == IKE_DECRYPT_OK;
}

ike_auth_result ike_crypto_auth(const ike_crypto *crypto, bool of_initiator)
{
    if (crypto->keyless)
        return (ike_auth_result){IKE_AUTH_UNKNOWN, "No key log or PSK is given", NULL};
    return crypto->v1 ? ikev1_auth_result(crypto->v1, of_initiator)
                      : ikev2_auth_result(crypto->v2, of_initiator);
}

bool ike_crypto_has_other_psk(const ike_crypto *crypto, bool of_initiator)
{
    return crypto->v1 ? ikev1_has_other_psk(crypto->v1)
                      : crypto->v2 && crypto->v2->other_psk[of_initiator ? IKE_I : IKE_R];
}

ike_group_auth ike_crypto_group_auth(const ike_crypto *crypto)
{
    return crypto->v2   ? (ike_group_auth)crypto->v2->group_auth
           : crypto->v1 ? (ike_group_auth)crypto->v1->group_auth
                        : IKE_GROUP_AUTH_NONE;
}

bool ike_crypto_verified_frames(const ike_crypto *crypto, uint32_t frames[IKE_VERIFIED_FRAMES])
{
    memset(frames, 0, IKE_VERIFIED_FRAMES * sizeof *frames);
    if (crypto->v2) {
        frames[0] = frames[2] = crypto->v2->init_frames[IKE_I];
        frames[1] = frames[3] = crypto->v2->init_frames[IKE_R];
        return crypto->v2->init_fixed;
    }
    if (!crypto->v1 || !crypto->v1->choice_fixed)
        return false;
    ikev1_sa_frames(crypto->v1, frames);
    for (unsigned side = IKEV1_I; side <= IKEV1_R; side++) {
        ikev1_authenticated authenticated = ikev1_auth_verified(crypto->v1, side == IKEV1_I);

        frames[4 + side] = authenticated.frame;
    }
    return true;
}

ike_span ike_crypto_authenticated_id(const ike_crypto *crypto, bool of_initiator)
{
    return crypto->v1 ? ikev1_auth_verified(crypto->v1, of_initiator).id : (ike_span){NULL, 0};
}

static void write_of_base(const ike_sa_base *base, ike_write_line write, void *user)
{
    ike_write_child_keys(base, write, user);
    ike_write_group_keys(base, write, user);
    ike_write_plaintexts(base, write, user);
}

static void write_ikev1_keys(const ikev1_sa *sa, ike_write_line write, void *user)
{
    for (unsigned i = 0; i < sa->key_count; i++) {
        const ikev1_keys *keys = sa->keys[i];
        ike_write_sa_key(&sa->base, "IKEV1_KEY", &keys->key, write, user);
        ike_write_sa_key(&sa->base, "IKEV1_SKEYID_D", &keys->skeyids.d, write, user);
        ike_write_sa_key(&sa->base, "IKEV1_SKEYID_A", &keys->skeyids.a, write, user);
        ike_write_sa_key(&sa->base, "IKEV1_SKEYID_E", &keys->skeyids.e, write, user);
    }
    write_of_base(&sa->base, write, user);
}

static void write_ikev2_keys(const ikev2_sa *sa, ike_write_line write, void *user)
{
    static const char *const labels[][2] = {{"IKEV2_SK_AI", "IKEV2_SK_AR"},
                                            {"IKEV2_SK_EI", "IKEV2_SK_ER"},
                                            {"IKEV2_SK_PI", "IKEV2_SK_PR"}};

    for (unsigned i = 0; i < sa->generation_count; i++) {
        const ikev2_generation *keys = sa->generations[i];
        const ike_secret *pairs[] = {keys->sk_a, keys->sk_e, keys->sk_p};
        ike_write_sa_key(&sa->base, "IKEV2_SK_D", &keys->sk_d, write, user);
        for (unsigned pair = 0; pair < G_N_ELEMENTS(labels); pair++)
            for (unsigned side = IKE_I; side <= IKE_R; side++)
                ike_write_sa_key(&sa->base, labels[pair][side], &pairs[pair][side], write, user);
    }
    write_of_base(&sa->base, write, user);
}

void ike_crypto_write_keys(const ike_crypto *crypto, ike_write_line write, void *user)
{
    if (crypto->v1)
        write_ikev1_keys(crypto->v1, write, user);
    else if (crypto->v2)
        write_ikev2_keys(crypto->v2, write, user);
}

void ike_decrypt_cleanup(void)
{
    ike_cipher_cleanup();
    ike_public_value_cleanup();
    ike_ossl_cleanup();
}
