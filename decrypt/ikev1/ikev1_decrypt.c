/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decrypts a message of an IKEv1 SA with keys that are known or are looked for. */
#include "decrypt/ikev1/ikev1.h"

#include <string.h>

#include "decrypt/ikev1/ikev1_search.h"
#include "decrypt/ikev1/ikev1_iv.h"
#include "decrypt/ikev1/ikev1_plaintext.h"
#include "decrypt/ikev1/ikev1_push.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

/* hint.generation: 1 + 2 * number of the keys, + 1 when the message was decrypted partly. */
enum { HINT_FIRST = 1, HINT_PARTLY = 1 };

static void set_result(ikev1_decryption *o, unsigned number, ikev1_fit fit,
                       ike_decrypted_payload *result)
{
    bool complete = fit == IKEV1_COMPLETE;

    result->status = complete ? IKE_DECRYPT_OK : IKE_DECRYPT_NO_IV;
    result->plain = o->plain;
    result->plain_length = o->encrypted->body.length;
    result->first_good = complete ? 0 : o->block;
    result->pad_length = (uint8_t)ikev1_padding_length(o);
    result->hash_checked = o->hash != IKEV1_HASH_UNKNOWN;
    result->hash_ok = o->hash == IKEV1_HASH_RIGHT;
    result->damaged = o->damaged;
    result->hash_number = result->hash_ok ? o->hash_number : 0;
    result->key_source = o->keys->origin_text;
    result->hint.generation = (uint8_t)(HINT_FIRST + 2 * number + (complete ? 0 : HINT_PARTLY));
    result->hint.authentic = result->hash_ok;
    result->hint.iv_length = (uint8_t)o->block;
    memcpy(result->hint.iv, o->iv, o->block);
    o->plain = NULL;
}

static bool use_keys_of_sa(ikev1_decryption *o, unsigned number)
{
    return number < o->sa->key_count && ikev1_use_keys(o, o->sa->keys[number]);
}

/* A later pass: with the keys and the IV of the first one. */
static bool decrypt_again(ikev1_decryption *o, const ike_decrypt_hint *hint,
                          ike_decrypted_payload *result)
{
    unsigned number = (hint->generation - HINT_FIRST) / 2u;
    bool partly = (hint->generation - HINT_FIRST) % 2 == HINT_PARTLY;

    if (!use_keys_of_sa(o, number) || hint->iv_length != o->block ||
        !ikev1_decrypt_with(o, hint->iv, partly))
        return false;
    if (hint->forged && o->hash == IKEV1_HASH_UNKNOWN)
        o->hash = IKEV1_HASH_WRONG;
    set_result(o, number, partly ? IKEV1_PARTLY : IKEV1_COMPLETE, result);
    result->hint.unconfirmed = hint->unconfirmed;
    return true;
}

/* Keys that the ring has for the message; true: they are stored as the SA's last. */
static bool find_keys(ikev1_decryption *o, ike_decrypt_status *why)
{
    ikev1_sa *sa = o->sa;
    ikev1_keys *found = NULL;

    if (o->encrypted->first_pass && sa->key_count < IKEV1_MAX_KEYS)
        found = ikev1_find_keys(sa, o->encrypted, why);
    if (found) {
        found->origin_text =
            ike_keyring_used_text(sa->base.capture->ring, &found->origin, found->rows.encr->name);
        sa->keys[sa->key_count++] = found;
        ikev1_complete(sa, found);
    }
    return found != NULL;
}

/* Keys that are known first, completely; then those that the ring has; then without an IV. */
static ikev1_fit decrypt_first(ikev1_decryption *o, unsigned *number, ike_decrypt_status *why)
{
    ikev1_sa *sa = o->sa;
    ikev1_fit fit;

    for (unsigned i = sa->key_count; i > 0; i--) {
        *number = i - 1;
        if (use_keys_of_sa(o, *number) && ikev1_decrypt_complete(o))
            return IKEV1_COMPLETE;
    }
    if (find_keys(o, why)) {
        *number = sa->key_count - 1;
        if (use_keys_of_sa(o, *number))
            return ikev1_decrypt_complete(o) ? IKEV1_COMPLETE : ikev1_decrypt_headless(o);
    }
    for (unsigned i = sa->key_count; i > 0; i--) {
        *number = i - 1;
        if (use_keys_of_sa(o, *number) && (fit = ikev1_decrypt_headless(o)) != IKEV1_NO_FIT)
            return fit;
    }
    return IKEV1_NO_FIT;
}

static ike_decrypt_status check_length(const ikev1_rows *rows,
                                       const ike_encrypted_payload *encrypted)
{
    size_t block = rows->encr ? rows->encr->block_length : 8;

    if (encrypted->body.length < block)
        return IKE_DECRYPT_SHORT;
    return encrypted->body.length % block ? IKE_DECRYPT_BLOCK_SIZE : IKE_DECRYPT_OK;
}

bool ikev1_decrypt(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result)
{
    ikev1_decryption o = {.sa = sa, .encrypted = encrypted};
    unsigned number = 0;
    ikev1_fit fit;

    if (ikev1_decrypt_push(sa, encrypted, hint, result))
        return result->status == IKE_DECRYPT_OK;
    if (encrypted->first_pass && !sa->key_count && encrypted->message.length >= IKE_HEADER) {
        /* The cookies go into the keys: those of the message, not of a forged one before it. */
        sa->base.initiator_spi = ike_get_u64(encrypted->message.data);
        sa->base.responder_spi = ike_get_u64(encrypted->message.data + 8);
    }
    result->layout_known = true;
    result->status = check_length(sa->key_count ? &sa->keys[0]->rows : &sa->rows, encrypted);
    if (result->status != IKE_DECRYPT_OK)
        return false;
    /* RFC 2409 5.5: once a HASH was right, a message of phase 2 begins with one. */
    bool lacks_hash = encrypted->message_id && encrypted->next_payload != IKEV1_PAYLOAD_HASH;
    if (sa->verified && !(hint && hint->generation) &&
        (lacks_hash || (encrypted->first_pass && ikev1_iv_is_reflected(sa, encrypted)))) {
        result->status = IKE_DECRYPT_NOT_AUTHENTIC;
        return false;
    }
    o.plain = g_malloc(encrypted->body.length);
    if (hint && hint->generation && decrypt_again(&o, hint, result))
        return result->status == IKE_DECRYPT_OK;
    result->status = sa->key_count ? IKE_DECRYPT_WRONG_KEY : IKE_DECRYPT_NO_KEY;
    for (unsigned i = 0; encrypted->first_pass && i < sa->key_count; i++)
        ikev1_complete(sa, sa->keys[i]);
    bool has_first_iv = ikev1_iv_begins_phase1(sa, encrypted);
    fit = decrypt_first(&o, &number, &result->status);
    if (encrypted->first_pass) {
        bool advance = fit == IKEV1_COMPLETE && o.hash != IKEV1_HASH_WRONG;

        if (fit == IKEV1_COMPLETE && o.hash == IKEV1_HASH_RIGHT) {
            sa->verified = true;
            if (!encrypted->message_id)
                sa->phase1_verified[encrypted->from_initiator ? IKEV1_I : IKEV1_R] = true;
        }
        ikev1_iv_add(sa, encrypted, advance ? o.iv : NULL);
    }
    if (fit != IKEV1_NO_FIT) {
        set_result(&o, number, fit, result);
        result->hint.forged = o.hash == IKEV1_HASH_WRONG;
        result->hint.unconfirmed =
            (sa->verified || has_first_iv) && fit != IKEV1_COMPLETE && o.hash == IKEV1_HASH_UNKNOWN;
    } else if (sa->key_count && result->status != IKE_DECRYPT_WRONG_PSK) {
        result->status = o.had_iv ? IKE_DECRYPT_INVALID_PLAINTEXT : IKE_DECRYPT_NO_IV;
    }
    g_free(o.plain);
    return result->status == IKE_DECRYPT_OK;
}
