/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HASH(1), HASH(2) and HASH(3) of RFC 2409 5.5 and 5.7: which of them a message has is seen by
 * which is right. */
#include <string.h>

#include "decrypt/ikev1/ikev1_sa.h"

static bool equal(const ike_secret *computed, ike_span hash, size_t from, uint8_t *right)
{
    if (computed->length != hash.length || from >= hash.length ||
        memcmp(computed->data + from, hash.data + from, hash.length - from) != 0) {
        return false;
    }
    if (right) {
        memcpy(right, computed->data, computed->length);
    }
    return true;
}

static bool matches_quick(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                          ike_nonces nonces, ike_span hash, size_t from, ike_span rest,
                          uint8_t *right)
{
    ike_secret computed = {0};
    bool match = false;

    for (unsigned turn = 0; turn < 2 && !match && nonces.i.length; turn++) {
        match = ikev1_hash_2(prf, skeyid_a, message_id, nonces.i, rest, &computed) == IKE_OK &&
                equal(&computed, hash, from, right);
        if (!match && nonces.r.length) {
            match = ikev1_hash_3(prf, skeyid_a, message_id, nonces, &computed) == IKE_OK &&
                    equal(&computed, hash, from, right);
        }
        nonces = (ike_nonces){nonces.r, nonces.i}; /* seen in the other order */
    }
    ike_secret_clear(&computed);
    return match;
}

/* In quick mode HASH(2) needs the first nonce, HASH(3), with nothing behind it, both. */
static bool can_be_judged(const ike_encrypted_payload *encrypted, ike_nonces nonces, ike_span rest)
{
    if (encrypted->exchange != IKEV1_QUICK) {
        return true;
    }
    return nonces.i.length && (rest.length || nonces.r.length);
}

ikev1_hash_check ikev1_check_hash(const ike_crypto *crypto, const ikev1_keys *keys,
                                  const ike_encrypted_payload *encrypted, ike_span hash,
                                  size_t from, ike_span rest, uint8_t *right)
{
    uint32_t message_id = encrypted->message_id;
    const ike_prf_alg *prf = keys->rows.prf;
    ike_span skeyid_a = ike_secret_span(&keys->skeyids.a);
    ike_nonces nonces = ikev1_quick_nonces(crypto->v1, message_id);
    ike_secret computed = {0};
    bool match;

    if (!skeyid_a.length || !prf || !message_id) {
        return IKEV1_HASH_UNKNOWN;
    }
    match = ikev1_hash_1(prf, skeyid_a, message_id, rest, &computed) == IKE_OK &&
            equal(&computed, hash, from, right);
    ike_secret_clear(&computed);
    if (match || matches_quick(prf, skeyid_a, message_id, nonces, hash, from, rest, right)) {
        return IKEV1_HASH_RIGHT;
    }
    return can_be_judged(encrypted, nonces, rest) ? IKEV1_HASH_WRONG : IKEV1_HASH_UNKNOWN;
}
