/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HASH(1), HASH(2) and HASH(3) of RFC 2409 5.5 and 5.7, and those of GDOI (RFC 6407 3.2): which of
 * them a message has is seen by which is right. */
#include "decrypt/ikev1/ikev1_hash.h"

#include <string.h>

#include "decrypt/crypto/signature.h"
#include "decrypt/ikev1/ikev1_quick.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum { GENERIC_HEADER = 4 };

static bool equal(const ike_secret *computed, ike_span hash, size_t from, uint8_t *right)
{
    if (computed->length != hash.length || from >= hash.length ||
        memcmp(computed->data + from, hash.data + from, hash.length - from) != 0)
        return false;
    if (right)
        memcpy(right, computed->data, computed->length);
    return true;
}

/* Whether the payloads `rest`, of which the first has this type, bring keys: SEQ or KD, behind KE
 * in RFC 3547 3.2. */
static bool bring_keys(uint8_t type, ike_span rest)
{
    for (size_t at = 0; type != IKEV1_PAYLOAD_SEQ && type != IKEV1_PAYLOAD_KD;) {
        size_t length = at + GENERIC_HEADER <= rest.length ? ike_get_u16(rest.data + at + 2) : 0;
        if (!type || length < GENERIC_HEADER)
            return false;
        type = rest.data[at];
        at += length;
    }
    return true;
}

/* HASH(2), then those over both nonces: HASH(3) with nothing behind it, and GDOI's HASH(3) and
 * HASH(4), of which the latter has keys behind it (RFC 6407 3.2). Returns n of HASH(n), 0 when none
 * is right. */
static uint8_t match_quick(const ike_prf_alg *prf, ike_span skeyid_a,
                           const ike_encrypted_payload *encrypted, ike_nonces nonces, ike_span hash,
                           size_t from, ike_span rest, uint8_t following, uint8_t *right)
{
    uint32_t message_id = encrypted->message_id;
    ike_secret computed = {0};
    uint8_t number = 0;

    for (unsigned turn = 0; turn < 2 && !number && nonces.i.length; turn++) {
        if (ikev1_hash_2(prf, skeyid_a, message_id, nonces.i, rest, &computed) == IKE_OK &&
            equal(&computed, hash, from, right))
            number = 2;
        else if (nonces.r.length &&
                 ikev1_hash_3(prf, skeyid_a, message_id, nonces, &computed) == IKE_OK &&
                 equal(&computed, hash, from, right))
            number = 3;
        else if (nonces.r.length &&
                 ikev1_hash_gdoi(prf, skeyid_a, message_id, nonces, rest, &computed) == IKE_OK &&
                 equal(&computed, hash, from, right))
            number = bring_keys(following, rest) ? 4 : 3;
        nonces = (ike_nonces){nonces.r, nonces.i}; /* seen in the other order */
    }
    ike_secret_clear(&computed);
    return number;
}

/* In quick mode HASH(2) needs the first nonce, HASH(3), with nothing behind it, both. */
static bool can_be_checked(const ike_encrypted_payload *encrypted, ike_nonces nonces, ike_span rest)
{
    if (encrypted->exchange != IKEV1_EXCHANGE_QUICK_MODE)
        return true;
    return nonces.i.length && (rest.length || nonces.r.length);
}

ikev1_hash_check ikev1_check_hash(const ikev1_sa *sa, const ikev1_keys *keys,
                                  const ike_encrypted_payload *encrypted, ike_span hash,
                                  size_t from, ike_span rest, uint8_t *right, uint8_t *number)
{
    /* The type of the payload behind HASH stands in its generic header. */
    uint8_t following = *(hash.data - GENERIC_HEADER);
    uint32_t message_id = encrypted->message_id;
    const ike_prf_alg *prf = keys->rows.prf;
    ike_span skeyid_a = ike_secret_span(&keys->skeyids.a);
    ike_nonces nonces = ikev1_quick_nonces(sa, message_id);
    ike_secret computed = {0};

    *number = 0;
    if (!skeyid_a.length || !prf || !message_id)
        return IKEV1_HASH_UNKNOWN;
    if (ikev1_hash_1(prf, skeyid_a, message_id, rest, &computed) == IKE_OK &&
        equal(&computed, hash, from, right))
        *number = 1;
    else
        *number = match_quick(prf, skeyid_a, encrypted, nonces, hash, from, rest, following, right);
    ike_secret_clear(&computed);
    if (*number)
        return IKEV1_HASH_RIGHT;
    return can_be_checked(encrypted, nonces, rest) ? IKEV1_HASH_WRONG : IKEV1_HASH_UNKNOWN;
}

/* ---- phase 1 --------------------------------------------------------------------------------- */

/* SA payload `number` of a side: in aggressive mode there is one choice only. */
static const ikev1_message *proposal_of(const ikev1_sa *sa, unsigned side, unsigned number)
{
    const ikev1_message *with_ke = sa->chosen[side][IKEV1_WITH_KE];

    if (with_ke && with_ke->has_sa)
        return number == 0 ? with_ke : NULL;
    return number < sa->message_count[side][IKEV1_WITH_SA]
               ? sa->messages[side][IKEV1_WITH_SA][number]
               : NULL;
}

bool ikev1_sides_are_known(const ikev1_sa *sa)
{
    const ikev1_message *i = proposal_of(sa, IKEV1_I, 0), *r = proposal_of(sa, IKEV1_R, 0);

    return i && i->sa_body.length && r && r->sa_body.length;
}

bool ikev1_auth_material(const ikev1_sa *sa, unsigned number, ikev1_phase1 *phase1,
                         ikev1_auth *covered, bool *swapped)
{
    unsigned initiator = number % 2 ? IKEV1_R : IKEV1_I;
    const ikev1_message *proposal = proposal_of(sa, initiator != sa->swapped, number / 2);

    *swapped = (initiator == IKEV1_R) != sa->swapped;
    if (!proposal || !proposal->sa_body.length || !ikev1_phase1_of(sa, phase1) ||
        !sa->ke[IKEV1_I].length || !sa->ke[IKEV1_R].length)
        return false;
    covered->ke_i = ike_secret_span(&sa->ke[initiator]);
    covered->ke_r = ike_secret_span(&sa->ke[!initiator]);
    covered->sa_i = ike_secret_span(&proposal->sa_body);
    return true;
}

ikev1_hash_check ikev1_check_phase1_hash(const ikev1_sa *sa, const ikev1_keys *keys,
                                         bool of_initiator, ike_span id, ike_span hash)
{
    ikev1_hash_check check = IKEV1_HASH_UNKNOWN;
    ikev1_auth covered = {.id = id};
    ike_secret computed = {0};
    ikev1_phase1 phase1;
    bool swapped;

    for (unsigned i = 0; keys->skeyid.length && i < IKEV1_AUTH_MATERIALS; i++) {
        if (!ikev1_auth_material(sa, i, &phase1, &covered, &swapped))
            continue;
        if (ikev1_hash_auth(&phase1, ike_secret_span(&keys->skeyid), &covered,
                            of_initiator != swapped, &computed) == IKE_OK &&
            equal(&computed, hash, 0, NULL)) {
            check = IKEV1_HASH_RIGHT;
            break;
        }
        check = ikev1_sides_are_known(sa) ? IKEV1_HASH_WRONG : IKEV1_HASH_UNKNOWN;
    }
    ike_secret_clear(&computed);
    return check;
}

ikev1_hash_check ikev1_check_phase1_signature(const ikev1_sa *sa, const ikev1_keys *keys,
                                              bool of_initiator, ike_span id, ike_span certificate,
                                              ike_span signature)
{
    ikev1_hash_check check = IKEV1_HASH_UNKNOWN;
    ikev1_auth covered = {.id = id};
    ike_secret hash = {0};
    ikev1_phase1 phase1;
    bool swapped;

    for (unsigned i = 0; keys->skeyid.length && i < IKEV1_AUTH_MATERIALS; i++) {
        if (!ikev1_auth_material(sa, i, &phase1, &covered, &swapped))
            continue;
        phase1.prf = ikev1_signature_prf(sa->auth_method, phase1.prf);
        if (!phase1.prf || ikev1_hash_auth(&phase1, ike_secret_span(&keys->skeyid), &covered,
                                           of_initiator != swapped, &hash) != IKE_OK)
            continue;
        ike_auth_status status =
            ikev1_signature_verify(certificate, ike_secret_span(&hash), signature).status;
        if (status == IKE_AUTH_VERIFIED) {
            check = IKEV1_HASH_RIGHT;
            break;
        }
        if (status == IKE_AUTH_WRONG)
            check = IKEV1_HASH_WRONG;
    }
    ike_secret_clear(&hash);
    return check;
}
