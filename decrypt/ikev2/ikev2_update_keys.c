/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the messages of an IKEv2 SA tell about its keys. */
#include <string.h>

#include "decrypt/ikev2/ikev2_auth.h"
#include "decrypt/ikev2/ikev2_child.h"
#include "decrypt/ikev2/ikev2_derive.h"
#include "decrypt/ikev2/ikev2_resume.h"
#include "decrypt/ikev2/ikev2_sa.h"

/* Exchange types (RFC 7296 3.1, RFC 9242, RFC 9370, RFC 5723). */
enum {
    IKE_SA_INIT = 34,
    IKE_AUTH = 35,
    CREATE_CHILD_SA = 36,
    INFORMATIONAL = 37,
    IKE_SESSION_RESUME = 38,
    IKE_INTERMEDIATE = 43,
    IKE_FOLLOWUP_KE = 44,
};

enum { PROTOCOL_IKE = 1 };

static unsigned sender(const ike_key_inputs *inputs)
{
    return inputs->from_initiator ? IKE_I : IKE_R;
}

static void keep(ike_secret *to, ike_span from)
{
    ike_secret_set(to, from.data, from.length);
}

static void update_init_suite(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    if (inputs->response && inputs->nonce.length && inputs->has_suite &&
        inputs->suite_protocol <= PROTOCOL_IKE) {
        ikev2_sa_set_suite(crypto, &inputs->suite);
    }
}

/* A message of IKE_SA_INIT: before any key is known to be right, the newest one counts (the
 * initiator may start anew with a cookie or another group). */
static void update_init(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_sa *sa = crypto->v2;
    ikev2_exchange *exchange;
    unsigned side = sender(inputs);

    if (sa->generation_count || !inputs->nonce.length) {
        return;
    }
    keep(&sa->nonce[side], inputs->nonce);
    exchange = ikev2_sa_exchange(sa, 0);
    keep(&exchange->ke[side], inputs->ke);
    exchange->group = inputs->ke_group;
    if (inputs->response) {
        sa->exchange_count = 1;
    }
    update_init_suite(crypto, inputs);
}

/* IKE_INTERMEDIATE with an additional key exchange: its request opens a place, its response fills
 * it. */
static void update_intermediate(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ikev2_exchange *exchange;

    if (!inputs->ke.length || sa->exchange_count == 0 ||
        sa->exchange_count == IKEV2_MAX_KEY_EXCHANGES) {
        return;
    }
    exchange = ikev2_sa_exchange(sa, sa->exchange_count);
    keep(&exchange->ke[sender(inputs)], inputs->ke);
    exchange->group = inputs->ke_group;
    if (inputs->response) {
        sa->exchange_count++;
    }
}

/* Only what is sealed with the IKE SA's own keys comes after IKE_AUTH (RFC 7296 1.2). What was kept
 * to derive them and to verify AUTH is given up, once they lack nothing or nothing more will come.
 */
static void finish(ike_crypto *crypto)
{
    ikev2_sa *sa = crypto->v2;
    ikev2_generation *generation = ikev2_current(sa);

    ikev2_auth_finish(crypto);
    if (!generation || sa->auth || !sa->nonce[IKE_I].data) {
        return;
    }
    ikev2_complete(crypto, generation);
    if (ikev2_lacks_nothing(generation) || ike_keyring_is_closed(crypto->ring)) {
        ikev2_sa_clear_exchanges(sa);
    }
}

void ikev2_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_sa *sa = crypto->v2;

    if (ike_keyring_stays_empty(crypto->ring) &&
        (inputs->exchange == IKE_SA_INIT || inputs->exchange == IKE_SESSION_RESUME)) {
        update_init_suite(crypto, inputs); /* tells where in a sealed message its parts are */
        return;
    }
    switch (inputs->exchange) {
    case IKE_SA_INIT:
    case IKE_SESSION_RESUME:
        update_init(crypto, inputs);
        break;
    case IKE_INTERMEDIATE:
        update_intermediate(sa, inputs);
        break;
    case IKE_AUTH:
    case CREATE_CHILD_SA:
    case IKE_FOLLOWUP_KE:
        ikev2_update_child(crypto, inputs);
        break;
    default:
        break;
    }
    ikev2_resume_update(crypto, inputs);
    ikev2_auth_update(crypto, inputs);
    if (inputs->plaintext.length &&
        (inputs->exchange == CREATE_CHILD_SA || inputs->exchange == INFORMATIONAL)) {
        finish(crypto);
    }
}
