/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1: what the steps of main, aggressive and quick mode, transactions and informational
 * exchanges come to (RFC 2408, RFC 2409, RFC 3706). */
#include "analysis/tracker/internal.h"

static bool was_opened(const ike_message *m)
{
    return m->opening == IKE_OPENED || (m->opening == IKE_PLAIN && !m->encrypted);
}

/* ---- phase 1 --------------------------------------------------------------------------------- */

static void offer_of_phase1(ike_tracker *tracker, ike_exchange *exchange, const ike_facts *request)
{
    ike_sa *sa = exchange->sa;
    if (!request->offer)
        return;
    sa->own->offer = request->offer;
    ike_peer_offered(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                     request->offer, request->verdict->frame);
}

/* The algorithms that a response chose, with their lifetime. */
static const ike_agreed *agreed_with(ike_tracker *tracker, const ike_facts *response)
{
    ike_agreed agreed = ike_offer_agreed(response->offer);
    agreed.life_seconds = response->life_seconds;
    agreed.life_kbytes = response->life_kbytes;
    return ike_agree_on(tracker, &agreed);
}

static void choice_of_phase1(ike_tracker *tracker, ike_exchange *exchange,
                             const ike_facts *response)
{
    ike_sa *sa = exchange->sa;
    const ike_facts *request = ike_own(exchange)->request;
    if (!response->offer)
        return;
    bool first = !sa->agreed->known;
    sa->agreed = agreed_with(tracker, response);
    sa->initiator.auth_method = sa->responder.auth_method = sa->agreed->auth_method;
    ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    ike_peer_chose(tracker, peer, response->offer, response->verdict->frame);
    peer->answered += first;
    if (first)
        ike_find_weak_suite(tracker, response->verdict, sa->agreed);
    if (request && request->offer)
        ike_check_choice(tracker, request, response);
}

static void advance(ike_sa *sa, ike_sa_state state)
{
    if (sa->state < state)
        sa->state = state;
}

static void phase1_state(ike_verdict *verdict, const ike_message *m)
{
    ike_sa *sa = verdict->exchange->sa;
    bool sealed = !was_opened(m);
    if (m->exchange == IKEV1_AGGRESSIVE_MODE) {
        if (verdict->step == 2)
            advance(sa, IKE_SA_KEYS_AGREED);
        else if (verdict->step == 3)
            ike_sa_established(sa, verdict, sealed);
        return;
    }
    if (verdict->step == 4)
        advance(sa, IKE_SA_KEYS_AGREED);
    else if (verdict->step == 5)
        advance(sa, IKE_SA_AUTHENTICATING);
    else if (verdict->step == 6)
        ike_sa_established(sa, verdict, sealed);
}

static void phase1(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    ike_exchange *exchange = verdict->exchange;
    ike_exchange_private *own = ike_own(exchange);
    if (was_opened(m)) {
        ike_sa_learn(tracker, verdict, m);
        if (verdict->step == 1 && !own->request) {
            own->request = ike_facts_new(tracker, m, verdict);
            offer_of_phase1(tracker, exchange, own->request);
        } else if (verdict->step == 2 && !own->response) {
            own->response = ike_facts_new(tracker, m, verdict);
            choice_of_phase1(tracker, exchange, own->response);
        }
        ike_find_weak_message(tracker, verdict, m);
    }
    phase1_state(verdict, m);
}

/* ---- quick mode ------------------------------------------------------------------------------ */

/* A quick mode with the selectors of an IPsec SA that is up replaces it. */
static ike_child *replaced_child(const ike_sa *sa, const ike_child *child)
{
    ike_child *found = NULL;
    for (ike_child *old = sa->children; old; old = old->next_of_sa)
        if (old != child && old->state == IKE_CHILD_ESTABLISHED && old->ts_initiator_count > 0 &&
            old->ts_initiator == child->ts_initiator && old->ts_responder == child->ts_responder)
            found = old;
    return found;
}

static void quick_request(ike_tracker *tracker, ike_exchange *exchange, const ike_facts *request)
{
    bool by_initiator = ike_own(exchange)->first_by_initiator;
    const ike_party *asker = ike_sa_party(exchange->sa, by_initiator);
    if (!request->offer || exchange->child)
        return;
    ike_child *child = ike_child_make(tracker, exchange, request->offer->protocol);
    ike_child_asked(tracker, child, request, by_initiator);
    ike_own(exchange)->reason = REASON_NEW_CHILD;
    ike_own(exchange)->reason_number = child->number;
    ike_peer_offered(tracker, ike_tracker_peer(tracker, &asker->endpoint, 1), request->offer,
                     request->verdict->frame);
}

static void quick_response(ike_tracker *tracker, ike_exchange *exchange, const ike_facts *response)
{
    bool by_initiator = ike_own(exchange)->first_by_initiator;
    const ike_party *answerer = ike_sa_party(exchange->sa, !by_initiator);
    const ike_facts *request = ike_own(exchange)->request;
    ike_child *child = exchange->child;
    if (!response->offer)
        return;
    if (!child)
        child = ike_child_make(tracker, exchange, response->offer->protocol);
    if (child->state != IKE_CHILD_ASKED)
        return;
    ike_child_established(tracker, child, response, by_initiator);
    child->agreed = agreed_with(tracker, response);
    child->transport = child->agreed->encapsulation == 2 || child->agreed->encapsulation == 4 ||
                       child->agreed->encapsulation == 61444;
    ike_check_child(tracker, child, request, response);
    ike_peer_chose(tracker, ike_tracker_peer(tracker, &answerer->endpoint, 1), response->offer,
                   response->verdict->frame);
    ike_child *old = replaced_child(exchange->sa, child);
    if (old) {
        child->rekeyed_from = old;
        old->rekeyed_to = child;
        old->state = IKE_CHILD_REKEYED;
        ike_own(exchange)->reason = REASON_REKEY_CHILD;
        ike_own(exchange)->reason_number = old->number;
    }
}

static void quick_mode(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    ike_exchange *exchange = verdict->exchange;
    ike_exchange_private *own = ike_own(exchange);
    ike_sa_established(exchange->sa, verdict, true);
    if (!was_opened(m))
        return;
    if (verdict->step == 1 && !own->request) {
        own->request = ike_facts_new(tracker, m, verdict);
        quick_request(tracker, exchange, own->request);
    } else if (verdict->step == 2 && !own->response) {
        own->response = ike_facts_new(tracker, m, verdict);
        quick_response(tracker, exchange, own->response);
    }
}

/* ---- transactions: XAUTH and mode config ------------------------------------------------------
 */

static void transaction(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    ike_exchange *exchange = verdict->exchange;
    ike_sa_established(exchange->sa, verdict, true);
    if (!was_opened(m))
        return;
    if (m->xauth_status)
        ike_own(exchange)->reason = REASON_XAUTH;
    else if (m->config_type && ike_own(exchange)->reason == REASON_NONE)
        ike_own(exchange)->reason = REASON_CONFIG;
    (void)tracker;
}

/* ---- informational exchanges ----------------------------------------------------------------- */

/* R-U-THERE and its ACK carry the same sequence number (RFC 3706 5.4). */
static void dead_peer_detection(ike_verdict *verdict, const ike_notify *notify)
{
    ike_sa_private *own = verdict->exchange->sa->own;
    if (notify->data.length < 4)
        return;
    uint32_t sequence = ike_read_u32(notify->data.data);
    ike_own(verdict->exchange)->reason = REASON_DPD;
    if (notify->type == N_V1_DPD) {
        verdict->exchange->request = verdict;
        own->dpd[verdict->from_initiator] = verdict;
        own->dpd_sequence[verdict->from_initiator] = sequence;
        ike_own(verdict->exchange)->dpd_asks = true;
        return;
    }
    ike_verdict *asked = own->dpd[!verdict->from_initiator];
    verdict->response = true;
    if (!asked || own->dpd_sequence[!verdict->from_initiator] != sequence)
        return;
    own->dpd[!verdict->from_initiator] = NULL;
    asked->exchange->answered = true;
    asked->exchange->response = verdict;
    ike_own(verdict->exchange)->answers = true;
    ike_exchange_pair(asked, verdict);
}

static void responder_lifetime(ike_tracker *tracker, ike_verdict *verdict)
{
    ike_find(
        tracker, verdict, IKE_F_LIFETIME_DIFFERS,
        "The sender announces a lifetime of its own (RESPONDER-LIFETIME): the shorter one counts.");
}

static void notifies(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES; i++) {
        const ike_notify *notify = &m->notifies[i];
        if (notify->type == N_V1_DPD || notify->type == N_V1_DPD_ACK)
            dead_peer_detection(verdict, notify);
        else if (notify->type == N_V1_RESPONDER_LIFETIME)
            responder_lifetime(tracker, verdict);
        else if (notify->type == N_V1_INITIAL_CONTACT && m->encrypted && verdict->from_initiator)
            verdict->exchange->sa->own->initial_contact = true;
    }
}

static void informational(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    ike_exchange *exchange = verdict->exchange;
    if (!was_opened(m)) {
        ike_find_sealed_failures(tracker, verdict, m);
        return;
    }
    if (m->notify_count > 0)
        ike_own(exchange)->reason = REASON_NOTIFY;
    /* A delete without protection proves nothing. */
    if (m->encrypted)
        ike_child_deletes(tracker, verdict, m);
}

/* ---- the message ----------------------------------------------------------------------------- */

void ikev1_read(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    if (m->opening == IKE_FRAGMENT)
        return;
    switch (m->exchange) {
    case IKEV1_MAIN_MODE:
    case IKEV1_AGGRESSIVE_MODE:
        phase1(tracker, verdict, m);
        break;
    case IKEV1_QUICK_MODE:
        quick_mode(tracker, verdict, m);
        break;
    case IKEV1_TRANSACTION:
        transaction(tracker, verdict, m);
        break;
    case IKEV1_INFORMATIONAL:
        informational(tracker, verdict, m);
        break;
    default:
        break;
    }
    if (!was_opened(m))
        return;
    notifies(tracker, verdict, m);
    ike_find_failures(tracker, verdict, m);
}
