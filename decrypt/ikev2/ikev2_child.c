/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CHILD_SAs and rekeyed IKE SAs of IKEv2: puts the request and the response of an exchange
 * together, and the IKE_FOLLOWUP_KE exchanges behind it (RFC 9370 2.2.4). */
#include "decrypt/ikev2/ikev2_child.h"

#include <string.h>

#include "decrypt/esp/child.h"
#include "decrypt/esp/esp_sa.h"
#include "decrypt/ikev2/ikev2_auth.h"

enum { IKE_AUTH = 35, CREATE_CHILD_SA = 36, IKE_FOLLOWUP_KE = 44 };
enum { PROTOCOL_IKE = 1, PROTOCOL_ESP = 3 };
enum { MAX_PENDING = 32 };

/* A CREATE_CHILD_SA exchange of which more is to come: the response, or additional key exchanges.
 */
struct ikev2_pending {
    ikev2_pending *next;
    uint32_t message_id; /* of the CREATE_CHILD_SA */
    bool by_initiator;   /* of the IKE SA: who began the exchange */
    bool answered;
    uint8_t protocol;
    uint8_t generation;
    ike_suite suite;
    unsigned additional; /* key exchanges that are still to come */
    bool transport;
    uint32_t child_spi[2]; /* of the exchange's initiator and responder */
    uint64_t ike_spi[2];
    ike_secret nonce[2];
    uint16_t group[IKE_MAX_KE];
    ike_secret ke[IKE_MAX_KE][2];
    unsigned exchange_count;
    ike_secret link;      /* ADDITIONAL_KEY_EXCHANGE of the last response */
    uint32_t followup_id; /* of the IKE_FOLLOWUP_KE request seen last */
};

static void free_pending(ikev2_pending *pending)
{
    for (unsigned role = 0; role < 2; role++) {
        ike_secret_clear(&pending->nonce[role]);
        for (unsigned i = 0; i < IKE_MAX_KE; i++) {
            ike_secret_clear(&pending->ke[i][role]);
        }
    }
    ike_secret_clear(&pending->link);
    g_free(pending);
}

void ikev2_pending_free(ikev2_pending *first)
{
    while (first) {
        ikev2_pending *next = first->next;

        free_pending(first);
        first = next;
    }
}

static void drop(ikev2_sa *sa, ikev2_pending *gone)
{
    ikev2_pending **link = &sa->pending;

    while (*link && *link != gone) {
        link = &(*link)->next;
    }
    if (*link) {
        *link = gone->next;
        free_pending(gone);
    }
}

/* Who began the exchange that this message belongs to. */
static bool by_initiator(const ike_key_inputs *inputs)
{
    return inputs->from_initiator != inputs->response;
}

static ikev2_pending *find_pending(const ikev2_sa *sa, const ike_key_inputs *inputs)
{
    for (ikev2_pending *at = sa->pending; at; at = at->next) {
        if (at->message_id == inputs->message_id && at->by_initiator == by_initiator(inputs)) {
            return at;
        }
    }
    return NULL;
}

/* The newest comes first; what never was answered is dropped from the end. */
static ikev2_pending *new_pending(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ikev2_pending *pending = find_pending(sa, inputs);
    unsigned count = 0;

    if (pending) {
        drop(sa, pending);
    }
    pending = g_new0(ikev2_pending, 1);
    pending->message_id = inputs->message_id;
    pending->by_initiator = by_initiator(inputs);
    pending->next = sa->pending;
    sa->pending = pending;
    for (ikev2_pending *at = pending; at; at = at->next) {
        if (++count == MAX_PENDING) {
            ikev2_pending_free(at->next);
            at->next = NULL;
        }
    }
    return pending;
}

static void keep(ike_secret *to, ike_span from)
{
    ike_secret_set(to, from.data, from.length);
}

static void update_side(ikev2_pending *pending, const ike_key_inputs *inputs)
{
    unsigned role = inputs->response;

    keep(&pending->nonce[role], inputs->nonce);
    pending->child_spi[role] = inputs->child_spi;
    pending->ike_spi[role] = inputs->new_ike_spi;
    if (inputs->ke.length) {
        keep(&pending->ke[0][role], inputs->ke);
        pending->group[0] = inputs->ke_group;
    }
}

/* ---- what an exchange came to
 * --------------------------------------------------------------------- */

/* ike_child.derive */
static bool derive_child(const ike_child *child, unsigned variant, const ike_span *secrets,
                         ike_child_keys *keys)
{
    ike_crypto *owner = child->owner;
    ikev2_generation *generation =
        child->generation && child->generation <= owner->v2->generation_count
            ? owner->v2->generations[child->generation - 1]
            : ikev2_current(owner->v2);
    const ike_nonces nonces = {ike_child_nonce(child, IKE_CHILD_I),
                               ike_child_nonce(child, IKE_CHILD_R)};
    ike_secret sk_d = {0};
    bool made;

    if (!generation) {
        return false;
    }
    ikev2_complete(owner, generation);
    made = generation->rows.prf && ikev2_sk_d(owner, generation, variant, &sk_d) &&
           ikev2_child_keys(generation->rows.prf, child->algorithms, ike_secret_span(&sk_d),
                            secrets, child->exchange_count, nonces, keys) == IKE_OK;
    ike_secret_clear(&sk_d);
    return made;
}

/* false: SK_d is not known, and no source will bring anything to make it from. */
static bool may_have_sk_d(ike_crypto *crypto)
{
    ikev2_generation *generation = ikev2_current(crypto->v2);

    if (!generation || !ike_keyring_is_closed(crypto->ring)) {
        return true;
    }
    ikev2_complete(crypto, generation);
    return generation->sk_d.length > 0;
}

static void add_child(ike_crypto *crypto, const ike_suite *suite, const uint32_t spi[2],
                      const ike_secret nonce[2], bool transport, const ikev2_pending *pending)
{
    ike_child *child = ike_child_new(crypto, pending ? pending->exchange_count : 0);

    ike_algorithms algorithms;

    child->generation = crypto->v2->generation_count;
    child->derive = derive_child;
    child->transport = transport;
    child->esn = suite->esn ? IKE_ESN_YES : IKE_ESN_NO;
    if (may_have_sk_d(crypto)) {
        ike_child_set_nonces(child, nonce);
    }
    for (unsigned role = 0; role < 2; role++) {
        child->spi[role] = spi[role];
        for (unsigned i = 0; i < child->exchange_count; i++) {
            child->exchanges[i].group = pending->group[i];
            keep(&child->exchanges[i].ke[role], ike_secret_span(&pending->ke[i][role]));
        }
    }
    if (!ike_algorithms_find(suite, &algorithms)) {
        ike_child_free(child);
        return;
    }
    child->algorithms = ike_keyring_share(crypto->ring, &algorithms);
    ike_esp_add_child(child);
}

static void add_rekeyed(ike_crypto *crypto, const ikev2_pending *pending)
{
    ike_crypto *fresh = ike_crypto_new(crypto->ring, 2, pending->ike_spi[0], pending->ike_spi[1]);
    ikev2_generation *old = ikev2_current(crypto->v2);
    ikev2_sa *sa = fresh->v2;

    sa->old = g_new0(ikev2_predecessor, 1);
    sa->old->initiator_spi = crypto->initiator_spi;
    sa->old->responder_spi = crypto->responder_spi;
    ikev2_sa_set_suite(fresh, &pending->suite);
    if (old) {
        ikev2_complete(crypto, old);
        sa->old->prf = old->rows.prf;
        sa->old->sk_d = g_new0(ike_secret, IKEV2_SK_D_VARIANTS);
        for (unsigned i = 0; i < IKEV2_SK_D_VARIANTS; i++) {
            if (!ikev2_sk_d(crypto, old, i, &sa->old->sk_d[i])) {
                break;
            }
        }
    }
    for (unsigned role = 0; role < 2; role++) {
        keep(&sa->nonce[role], ike_secret_span(&pending->nonce[role]));
        for (unsigned i = 0; i < pending->exchange_count && i < IKEV2_MAX_KEY_EXCHANGES; i++) {
            ikev2_sa_exchange(sa, i)->group = pending->group[i];
            keep(&ikev2_sa_exchange(sa, i)->ke[role], ike_secret_span(&pending->ke[i][role]));
        }
    }
    sa->exchange_count = (uint8_t)MIN(pending->exchange_count, IKEV2_MAX_KEY_EXCHANGES);
    ike_crypto_free(crypto->rekeyed);
    crypto->rekeyed = fresh;
}

/* All key exchanges are through. */
static void finish(ike_crypto *crypto, ikev2_pending *pending)
{
    if (pending->protocol == PROTOCOL_IKE) {
        add_rekeyed(crypto, pending);
    } else if (pending->protocol == PROTOCOL_ESP) {
        add_child(crypto, &pending->suite, pending->child_spi, pending->nonce, pending->transport,
                  pending);
    }
    drop(crypto->v2, pending);
}

/* ---- the exchanges
 * -------------------------------------------------------------------------------- */

static unsigned count_additional(const ike_suite *suite)
{
    unsigned count = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(suite->additional); i++) {
        count += suite->additional[i] != 0;
    }
    return count;
}

static void update_create(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_pending *pending;

    if (!inputs->nonce.length) {
        return; /* an error notify */
    }
    if (!inputs->response) {
        pending = new_pending(crypto->v2, inputs);
        update_side(pending, inputs);
        pending->protocol = inputs->suite_protocol;
        pending->transport = inputs->child_transport;
        return;
    }
    pending = find_pending(crypto->v2, inputs);
    if (!pending || pending->answered || !inputs->has_suite) {
        return;
    }
    update_side(pending, inputs);
    pending->answered = true;
    pending->protocol = inputs->suite_protocol;
    pending->suite = inputs->suite;
    pending->transport = inputs->child_transport;
    pending->exchange_count = inputs->ke.length ? 1 : 0;
    pending->additional = count_additional(&inputs->suite);
    keep(&pending->link, inputs->link);
    if (pending->additional == 0) {
        finish(crypto, pending);
    }
}

/* Which exchange goes on: named by the link of its last response; without one it is the newest. */
static ikev2_pending *find_linked(const ikev2_sa *sa, const ike_key_inputs *inputs)
{
    for (ikev2_pending *at = sa->pending; at; at = at->next) {
        if (!at->answered || at->additional == 0 || at->by_initiator != by_initiator(inputs)) {
            continue;
        }
        if (inputs->response ? at->followup_id == inputs->message_id
                             : !inputs->link.length || (inputs->link.length == at->link.length &&
                                                        memcmp(inputs->link.data, at->link.data,
                                                               at->link.length) == 0)) {
            return at;
        }
    }
    return NULL;
}

static void update_followup(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_pending *pending = find_linked(crypto->v2, inputs);
    unsigned number;

    if (!pending || !inputs->ke.length || pending->exchange_count == IKE_MAX_KE) {
        return;
    }
    number = pending->exchange_count;
    pending->group[number] = inputs->ke_group;
    keep(&pending->ke[number][inputs->response], inputs->ke);
    if (!inputs->response) {
        pending->followup_id = inputs->message_id;
        return;
    }
    pending->exchange_count++;
    pending->additional--;
    keep(&pending->link, inputs->link);
    if (pending->additional == 0) {
        finish(crypto, pending);
    }
}

/* The first CHILD_SA: offered in the first request of IKE_AUTH, answered in the last response; made
 * with the nonces of IKE_SA_INIT. */
static void update_auth(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    ikev2_sa *sa = crypto->v2;

    if (!inputs->response) {
        sa->first_child_spi = inputs->child_spi ? inputs->child_spi : sa->first_child_spi;
        return;
    }
    if (inputs->has_suite && inputs->suite_protocol == PROTOCOL_ESP && inputs->child_spi &&
        sa->first_child_spi && sa->nonce[IKE_I].length && sa->nonce[IKE_R].length) {
        const uint32_t spi[2] = {sa->first_child_spi, inputs->child_spi};

        add_child(crypto, &inputs->suite, spi, sa->nonce, inputs->child_transport, NULL);
    }
}

void ikev2_update_child(ike_crypto *crypto, const ike_key_inputs *inputs)
{
    switch (inputs->exchange) {
    case IKE_AUTH:
        update_auth(crypto, inputs);
        break;
    case CREATE_CHILD_SA:
        update_create(crypto, inputs);
        break;
    case IKE_FOLLOWUP_KE:
        update_followup(crypto, inputs);
        break;
    default:
        break;
    }
}
