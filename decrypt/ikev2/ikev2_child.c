/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child SAs and rekeyed IKE SAs of IKEv2: puts the request and the response of an exchange
 * together, and the IKE_FOLLOWUP_KE exchanges behind it (RFC 9370 2.2.4). */
#include "decrypt/ikev2/ikev2_child.h"

#include <string.h>

#include "decrypt/esp/esp_table.h"
#include "decrypt/esp/proposed_spis.h"
#include "decrypt/ikev2/ikev2_search.h"
#include "decrypt/ikev2/ikev2_ppk.h"
#include "proto/ike_numbers.h"

enum { MAX_PENDING = 32 };

/* A CREATE_CHILD_SA exchange that is not over: a response or additional key exchanges follow. */
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
    ike_proposed_spis proposed; /* by the request */
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
        for (unsigned i = 0; i < IKE_MAX_KE; i++)
            ike_secret_clear(&pending->ke[i][role]);
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

    while (*link && *link != gone)
        link = &(*link)->next;
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
    for (ikev2_pending *at = sa->pending; at; at = at->next)
        if (at->message_id == inputs->message_id && at->by_initiator == by_initiator(inputs))
            return at;
    return NULL;
}

/* The newest comes first; what never was answered is dropped from the end. */
static ikev2_pending *new_pending(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ikev2_pending *pending = find_pending(sa, inputs);
    unsigned count = 0;

    if (pending)
        drop(sa, pending);
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

static void update_side(ikev2_pending *pending, const ike_key_inputs *inputs)
{
    unsigned role = inputs->response;

    ike_secret_set(&pending->nonce[role], inputs->nonce);
    pending->child_spi[role] = inputs->child_spi;
    pending->ike_spi[role] = inputs->new_ike_spi;
    if (inputs->ke.length) {
        ike_secret_set(&pending->ke[0][role], inputs->ke);
        pending->group[0] = inputs->ke_group;
    }
}

/* ---- the result of an exchange --------------------------------------------------------------- */

static ikev2_generation *generation_of(const ike_child *child)
{
    const ikev2_sa *owner = (const ikev2_sa *)child->owner;

    return child->generation && child->generation <= owner->generation_count
               ? owner->generations[child->generation - 1]
               : ikev2_current(owner);
}

/* ike_child.lacks_ppk */
static bool lacks_ppk(const ike_child *child)
{
    const ikev2_sa *owner = (const ikev2_sa *)child->owner;
    const ikev2_generation *generation = generation_of(child);

    return generation && generation->sk_d.length && owner->ppk_confirmed &&
           ikev2_ppk_negotiated(owner) && !(generation->mixed && generation->mixed->sk_d.length);
}

/* ike_child.derive */
static bool derive_child(const ike_child *child, unsigned variant, const ike_span *secrets,
                         ike_child_keys *keys, ike_key_origin *of_ike_sa)
{
    ikev2_sa *owner = (ikev2_sa *)child->owner;
    ikev2_generation *generation = generation_of(child);
    const ike_nonces nonces = {ike_child_nonce(child, IKE_CHILD_I),
                               ike_child_nonce(child, IKE_CHILD_R)};
    ike_secret sk_d = {0};
    bool made;

    if (!generation)
        return false;
    ikev2_complete(owner, generation);
    *of_ike_sa = generation->origin;
    made = generation->rows.prf && ikev2_sk_d(owner, generation, variant, &sk_d) &&
           ikev2_child_keys(generation->rows.prf, child->algorithms, ike_secret_span(&sk_d),
                            secrets, child->exchange_count, nonces, keys) == IKE_OK;
    ike_secret_clear(&sk_d);
    return made;
}

/* false: SK_d is not known, and no source will bring anything to make it from. */
static bool may_have_sk_d(ikev2_sa *sa)
{
    ikev2_generation *generation = ikev2_current(sa);

    if (!generation || !ike_keyring_is_closed(sa->base.capture->ring))
        return true;
    ikev2_complete(sa, generation);
    return generation->sk_d.length > 0;
}

static void add_child(ikev2_sa *sa, uint8_t protocol, ike_suite suite, const uint32_t spi[2],
                      const ike_secret nonce[2], bool transport, const ikev2_pending *pending)
{
    ike_child *child = ike_child_new(&sa->base, pending ? pending->exchange_count : 0);

    ike_algorithms algorithms;

    if (protocol == IKEV2_PROTOCOL_AH)
        suite.encryption = IKEV2_ENCR_NULL;
    child->protocol = protocol;
    child->generation = sa->generation_count;
    child->derive = derive_child;
    child->lacks_ppk = lacks_ppk;
    child->transport = transport;
    child->esn = suite.esn ? IKE_ESN_YES : IKE_ESN_NO;
    if (may_have_sk_d(sa))
        ike_child_set_nonces(child, nonce);
    for (unsigned role = 0; role < 2; role++) {
        child->spi[role] = spi[role];
        for (unsigned i = 0; i < child->exchange_count; i++) {
            child->exchanges[i].group = pending->group[i];
            ike_secret_set(&child->exchanges[i].ke[role], ike_secret_span(&pending->ke[i][role]));
        }
    }
    child->unsupported = !ike_algorithms_of_suite(&suite, &algorithms);
    child->algorithms = ike_decrypt_context_intern(sa->base.capture, &algorithms);
    ike_esp_add_child(child);
}

static void add_rekeyed(ikev2_sa *sa, const ikev2_pending *pending)
{
    ikev2_sa *fresh = ikev2_sa_new(sa->base.capture, pending->ike_spi[0], pending->ike_spi[1]);
    ikev2_generation *old = ikev2_current(sa);

    fresh->old = g_new0(ikev2_predecessor, 1);
    fresh->base.old_initiator_spi = sa->base.initiator_spi;
    fresh->base.old_responder_spi = sa->base.responder_spi;
    ikev2_sa_set_suite(fresh, &pending->suite);
    if (old) {
        ikev2_complete(sa, old);
        fresh->old->prf = old->rows.prf;
        fresh->old->sk_d = g_new0(ike_secret, IKEV2_SK_D_VARIANTS);
        for (unsigned i = 0; i < IKEV2_SK_D_VARIANTS; i++)
            if (!ikev2_sk_d(sa, old, i, &fresh->old->sk_d[i]))
                break;
    }
    for (unsigned role = 0; role < 2; role++) {
        ike_secret_set(&fresh->nonce[role], ike_secret_span(&pending->nonce[role]));
        for (unsigned i = 0; i < pending->exchange_count && i < IKEV2_MAX_KEY_EXCHANGES; i++) {
            ikev2_sa_exchange(fresh, i)->group = pending->group[i];
            ike_secret_set(&ikev2_sa_exchange(fresh, i)->ke[role],
                           ike_secret_span(&pending->ke[i][role]));
        }
    }
    fresh->exchange_count = (uint8_t)MIN(pending->exchange_count, IKEV2_MAX_KEY_EXCHANGES);
    if (sa->rekeyed) {
        ikev2_sa_clear(sa->rekeyed);
        g_free(sa->rekeyed);
    }
    sa->rekeyed = fresh;
}

/* All key exchanges are done. */
static void finish(ikev2_sa *sa, ikev2_pending *pending)
{
    if (pending->protocol == IKEV2_PROTOCOL_IKE) {
        add_rekeyed(sa, pending);
    } else if (pending->protocol == IKEV2_PROTOCOL_ESP || pending->protocol == IKEV2_PROTOCOL_AH) {
        add_child(sa, pending->protocol, pending->suite, pending->child_spi, pending->nonce,
                  pending->transport, pending);
    }
    drop(sa, pending);
}

/* ---- the exchanges --------------------------------------------------------------------------- */

static unsigned count_additional(const ike_suite *suite)
{
    unsigned count = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(suite->additional); i++)
        count += suite->additional[i] != 0;
    return count;
}

/* The initiator's SPI is that of the proposal that was chosen. */
static void choose_proposal(ikev2_pending *pending, const ike_key_inputs *response)
{
    uint64_t spi = ike_proposed_spis_find(&pending->proposed, response->proposal_number,
                                          response->suite_protocol);

    if (spi && response->suite_protocol == IKEV2_PROTOCOL_IKE)
        pending->ike_spi[0] = spi;
    else if (spi)
        pending->child_spi[0] = (uint32_t)spi;
}

static void update_create(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ikev2_pending *pending;

    if (!inputs->nonce.length)
        return; /* an error notify */
    if (!inputs->response) {
        pending = new_pending(sa, inputs);
        update_side(pending, inputs);
        pending->protocol = inputs->suite_protocol;
        pending->transport = inputs->child_transport;
        ike_proposed_spis_set(&pending->proposed, inputs);
        return;
    }
    pending = find_pending(sa, inputs);
    if (!pending || pending->answered || !inputs->has_suite)
        return;
    update_side(pending, inputs);
    choose_proposal(pending, inputs);
    pending->answered = true;
    pending->protocol = inputs->suite_protocol;
    pending->suite = inputs->suite;
    pending->transport = inputs->child_transport;
    pending->exchange_count = inputs->ke.length ? 1 : 0;
    pending->additional = count_additional(&inputs->suite);
    ike_secret_set(&pending->link, inputs->link);
    if (pending->additional == 0)
        finish(sa, pending);
}

/* Which exchange goes on: named by the link of its last response; without one it is the newest. */
static ikev2_pending *find_linked(const ikev2_sa *sa, const ike_key_inputs *inputs)
{
    for (ikev2_pending *at = sa->pending; at; at = at->next) {
        if (!at->answered || at->additional == 0 || at->by_initiator != by_initiator(inputs))
            continue;
        if (inputs->response
                ? at->followup_id == inputs->message_id
                : !inputs->link.length || ike_span_equal(inputs->link, ike_secret_span(&at->link)))
            return at;
    }
    return NULL;
}

static void update_followup(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    ikev2_pending *pending = find_linked(sa, inputs);
    unsigned number;

    if (!pending || !inputs->ke.length || pending->exchange_count == IKE_MAX_KE)
        return;
    number = pending->exchange_count;
    pending->group[number] = inputs->ke_group;
    ike_secret_set(&pending->ke[number][inputs->response], inputs->ke);
    if (!inputs->response) {
        pending->followup_id = inputs->message_id;
        return;
    }
    pending->exchange_count++;
    pending->additional--;
    ike_secret_set(&pending->link, inputs->link);
    if (pending->additional == 0)
        finish(sa, pending);
}

/* The first Child SA: proposed in the first request of IKE_AUTH, answered in the last response;
 * made with the nonces of IKE_SA_INIT. */
static void update_auth(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    if (!inputs->response) {
        if (inputs->child_spi || inputs->proposal_count) {
            sa->first_child_spi = inputs->child_spi;
            if (!sa->first_child)
                sa->first_child = g_new0(ike_proposed_spis, 1);
            ike_proposed_spis_set(sa->first_child, inputs);
        }
        return;
    }
    if (sa->first_child && sa->first_child->count) {
        sa->first_child_spi = (uint32_t)ike_proposed_spis_find(
            sa->first_child, inputs->proposal_number, inputs->suite_protocol);
    }
    if (inputs->has_suite &&
        (inputs->suite_protocol == IKEV2_PROTOCOL_ESP ||
         inputs->suite_protocol == IKEV2_PROTOCOL_AH) &&
        inputs->child_spi && sa->first_child_spi && sa->nonce[IKE_I].length &&
        sa->nonce[IKE_R].length) {
        const uint32_t spi[2] = {sa->first_child_spi, inputs->child_spi};

        add_child(sa, inputs->suite_protocol, inputs->suite, spi, sa->nonce,
                  inputs->child_transport, NULL);
        g_free(sa->first_child);
        sa->first_child = NULL;
    }
}

void ikev2_update_child(ikev2_sa *sa, const ike_key_inputs *inputs)
{
    switch (inputs->exchange) {
    case IKEV2_EXCHANGE_IKE_AUTH:
        update_auth(sa, inputs);
        break;
    case IKEV2_EXCHANGE_CREATE_CHILD_SA:
        update_create(sa, inputs);
        break;
    case IKEV2_EXCHANGE_IKE_FOLLOWUP_KE:
        update_followup(sa, inputs);
        break;
    default:
        break;
    }
}
