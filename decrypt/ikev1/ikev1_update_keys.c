/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the messages of an IKEv1 SA tell about its keys. */
#include <string.h>

#include "decrypt/ikev1/ikev1_sa.h"

static void keep(ike_secret *to, ike_span from, bool fixed)
{
    if (from.length && !(fixed && to->length)) {
        ike_secret_set(to, from.data, from.length);
    }
}

/* The transform that the responder chose; until it is seen, the only one offered. */
static void learn_suite(ikev1_sa *sa, const ike_key_facts *facts)
{
    bool chosen = !facts->from_initiator;
    const ike_prf_alg *prf = facts->v1_prf ? ike_prf_find(facts->v1_prf) : NULL;

    if (sa->suite_chosen || (sa->has_suite && !chosen)) {
        return;
    }
    sa->has_suite = true;
    sa->suite_chosen = chosen;
    sa->auth_method = facts->v1_auth;
    sa->group = facts->v1_group;
    sa->rows.encr = ike_encr_find_v1(facts->v1_encryption);
    sa->rows.hash = ike_hash_find_v1(facts->v1_hash);
    sa->rows.prf = prf ? prf : sa->rows.hash;
    sa->rows.key_bits = facts->v1_key_bits;
    if (sa->rows.encr && !sa->rows.key_bits) {
        sa->rows.key_bits = sa->rows.encr->default_bits;
    }
    sa->computable = sa->rows.encr && sa->rows.hash && sa->rows.encr->mode == IKE_MODE_CBC &&
                     ike_encr_takes_bits(sa->rows.encr, sa->rows.key_bits);
}

/* Main, aggressive and base mode. When keys have opened a message, what they were made from stands,
 * and only what had not been seen is taken in from what comes in clear. */
static void learn_phase1(ikev1_sa *sa, const ike_key_facts *facts)
{
    unsigned side = facts->from_initiator ? IKEV1_I : IKEV1_R;
    bool fixed = sa->key_count && facts->plaintext.length == 0;

    keep(&sa->id[side], facts->id_body, false);
    if (facts->has_v1_suite && !(fixed && sa->has_suite)) {
        learn_suite(sa, facts);
    }
    if (facts->from_initiator) {
        keep(&sa->sa_body, facts->v1_sa_body, fixed);
    }
    keep(&sa->nonce[side], facts->nonce, fixed);
    keep(&sa->ke[side], facts->ke, fixed);
    if (fixed) {
        return;
    }
    if (facts->address_octets) {
        const uint8_t *initiator = facts->from_initiator ? facts->source : facts->destination;
        const uint8_t *responder = facts->from_initiator ? facts->destination : facts->source;

        sa->address_octets = facts->address_octets;
        memcpy(sa->source, initiator, sizeof sa->source);
        memcpy(sa->destination, responder, sizeof sa->destination);
    }
}

void ikev1_learn(ike_crypto *crypto, const ike_key_facts *facts)
{
    switch (facts->exchange) {
    case IKEV1_QUICK:
        ikev1_learn_quick(crypto, facts);
        break;
    case IKEV1_INFORMATIONAL:
    case IKEV1_TRANSACTION:
        break;
    default:
        if (facts->message_id == 0) {
            learn_phase1(crypto->v1, facts);
            ikev1_auth_learn(crypto, facts);
        }
        break;
    }
}
