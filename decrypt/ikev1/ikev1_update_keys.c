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
static void update_suite(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    bool chosen = !inputs->from_initiator;
    const ike_prf_alg *prf = inputs->v1_prf ? ike_prf_find(inputs->v1_prf) : NULL;

    if (sa->suite_chosen || (sa->has_suite && !chosen)) {
        return;
    }
    sa->has_suite = true;
    sa->suite_chosen = chosen;
    sa->auth_method = inputs->v1_auth;
    sa->group = inputs->v1_group;
    sa->rows.encr = ike_encr_find_v1(inputs->v1_encryption);
    sa->rows.hash = ike_hash_find_v1(inputs->v1_hash);
    sa->rows.prf = prf ? prf : sa->rows.hash;
    sa->rows.key_bits = inputs->v1_key_bits;
    if (sa->rows.encr && !sa->rows.key_bits) {
        sa->rows.key_bits = sa->rows.encr->default_bits;
    }
    sa->computable = sa->rows.encr && sa->rows.hash && sa->rows.encr->mode == IKE_MODE_CBC &&
                     ike_encr_takes_bits(sa->rows.encr, sa->rows.key_bits);
}

/* Main, aggressive and base mode. When keys have opened a message, what they were made from stands,
 * and only what had not been seen is taken in from what comes in clear. */
static void update_phase1(ikev1_sa *sa, const ike_key_inputs *inputs)
{
    unsigned side = inputs->from_initiator ? IKEV1_I : IKEV1_R;
    bool fixed = sa->key_count && inputs->plaintext.length == 0;

    keep(&sa->id[side], inputs->id_body, false);
    if (inputs->has_v1_suite && !(fixed && sa->has_suite)) {
        update_suite(sa, inputs);
    }
    if (inputs->from_initiator) {
        keep(&sa->sa_body, inputs->v1_sa_body, fixed);
    }
    keep(&sa->nonce[side], inputs->nonce, fixed);
    keep(&sa->ke[side], inputs->ke, fixed);
    if (fixed) {
        return;
    }
    if (inputs->address_bytes) {
        const uint8_t *initiator = inputs->from_initiator ? inputs->source : inputs->destination;
        const uint8_t *responder = inputs->from_initiator ? inputs->destination : inputs->source;

        sa->address_bytes = inputs->address_bytes;
        memcpy(sa->source, initiator, sizeof sa->source);
        memcpy(sa->destination, responder, sizeof sa->destination);
    }
}

void ikev1_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    switch (inputs->exchange) {
    case IKEV1_QUICK:
        ikev1_update_quick(crypto, inputs);
        break;
    case IKEV1_INFORMATIONAL:
    case IKEV1_TRANSACTION:
        break;
    default:
        if (inputs->message_id == 0) {
            update_phase1(crypto->v1, inputs);
            ikev1_auth_update(crypto, inputs);
        }
        break;
    }
}
