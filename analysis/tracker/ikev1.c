/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1: what the steps of main, aggressive and quick mode, transactions and informational
 * exchanges come to (RFC 2408, RFC 2409, RFC 3706). */
#include "analysis/tracker/internal.h"

static bool was_decrypted(const ike_message *m)
{
    return m->decryption == IKE_DECRYPTION_DONE || (m->decryption == IKE_PLAIN && !m->encrypted);
}

/* ---- phase 1 --------------------------------------------------------------------------------- */

static void proposals_of_phase1(ike_tracker *tracker, ike_exchange *exchange,
                                const ike_stored_message *request)
{
    ike_sa *sa = exchange->sa;
    if (!request->proposals)
        return;
    sa->own->proposals = request->proposals;
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                      request->proposals, request->record->frame);
}

/* The algorithms that a response chose, with their lifetime. */
static const ike_negotiated *negotiated_with(ike_tracker *tracker,
                                             const ike_stored_message *response)
{
    ike_negotiated negotiated = ike_proposal_list_negotiated(response->proposals);
    negotiated.life_seconds = response->life_seconds;
    negotiated.life_kbytes = response->life_kbytes;
    return ike_store_negotiated(tracker, &negotiated);
}

static void choice_of_phase1(ike_tracker *tracker, ike_exchange *exchange,
                             const ike_stored_message *response)
{
    ike_sa *sa = exchange->sa;
    const ike_stored_message *request = ike_own(exchange)->request;
    if (!response->proposals)
        return;
    bool first = !sa->negotiated->known;
    sa->negotiated = negotiated_with(tracker, response);
    sa->initiator.auth_method = sa->responder.auth_method = sa->negotiated->auth_method;
    ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    ike_peer_chose(tracker, peer, response->proposals, response->record->frame);
    peer->answered += first;
    if (first)
        ike_find_weak_suite(tracker, response->record, sa->negotiated);
    if (request && request->proposals)
        ike_check_choice(tracker, request, response);
}

static void advance(ike_sa *sa, ike_sa_state state)
{
    if (sa->state < state)
        sa->state = state;
}

static void phase1_state(ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    bool encrypted = !was_decrypted(m);
    if (m->exchange == IKEV1_AGGRESSIVE_MODE) {
        if (record->step == 2)
            advance(sa, IKE_SA_KEYS_NEGOTIATED);
        else if (record->step == 3)
            ike_sa_established(sa, record, encrypted);
        return;
    }
    if (record->step == 4)
        advance(sa, IKE_SA_KEYS_NEGOTIATED);
    else if (record->step == 5)
        advance(sa, IKE_SA_AUTHENTICATING);
    else if (record->step == 6)
        ike_sa_established(sa, record, encrypted);
}

static void phase1(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    ike_exchange_private *own = ike_own(exchange);
    if (was_decrypted(m)) {
        ike_sa_record_identity(tracker, record, m);
        if (record->step == 1 && !own->request) {
            own->request = ike_stored_message_new(tracker, m, record);
            proposals_of_phase1(tracker, exchange, own->request);
        } else if (record->step == 2 && !own->response) {
            own->response = ike_stored_message_new(tracker, m, record);
            choice_of_phase1(tracker, exchange, own->response);
        }
        ike_find_weak_message(tracker, record, m);
    }
    phase1_state(record, m);
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

static void quick_request(ike_tracker *tracker, ike_exchange *exchange,
                          const ike_stored_message *request)
{
    bool by_initiator = ike_own(exchange)->first_by_initiator;
    const ike_party *asker = ike_sa_party(exchange->sa, by_initiator);
    if (!request->proposals || exchange->child)
        return;
    ike_child *child = ike_child_make(tracker, exchange, request->proposals->protocol);
    ike_child_requested(tracker, child, request, by_initiator);
    ike_own(exchange)->reason = REASON_NEW_CHILD;
    ike_own(exchange)->reason_number = child->number;
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, &asker->endpoint, 1), request->proposals,
                      request->record->frame);
}

static void quick_response(ike_tracker *tracker, ike_exchange *exchange,
                           const ike_stored_message *response)
{
    bool by_initiator = ike_own(exchange)->first_by_initiator;
    const ike_party *answerer = ike_sa_party(exchange->sa, !by_initiator);
    const ike_stored_message *request = ike_own(exchange)->request;
    ike_child *child = exchange->child;
    if (!response->proposals)
        return;
    if (!child)
        child = ike_child_make(tracker, exchange, response->proposals->protocol);
    if (child->state != IKE_CHILD_REQUESTED)
        return;
    ike_child_established(tracker, child, response, by_initiator);
    child->negotiated = negotiated_with(tracker, response);
    child->transport = child->negotiated->encapsulation == 2 ||
                       child->negotiated->encapsulation == 4 ||
                       child->negotiated->encapsulation == 61444;
    ike_check_child(tracker, child, request, response);
    ike_peer_chose(tracker, ike_tracker_peer(tracker, &answerer->endpoint, 1), response->proposals,
                   response->record->frame);
    ike_child *old = replaced_child(exchange->sa, child);
    if (old) {
        child->rekeyed_from = old;
        old->rekeyed_to = child;
        old->state = IKE_CHILD_REKEYED;
        ike_own(exchange)->reason = REASON_REKEY_CHILD;
        ike_own(exchange)->reason_number = old->number;
    }
}

static void quick_mode(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    ike_exchange_private *own = ike_own(exchange);
    ike_sa_established(exchange->sa, record, true);
    if (!was_decrypted(m))
        return;
    if (record->step == 1 && !own->request) {
        own->request = ike_stored_message_new(tracker, m, record);
        quick_request(tracker, exchange, own->request);
    } else if (record->step == 2 && !own->response) {
        own->response = ike_stored_message_new(tracker, m, record);
        quick_response(tracker, exchange, own->response);
    }
}

/* ---- transactions: XAUTH and mode config ------------------------------------------------------
 */

static void transaction(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    ike_sa_established(exchange->sa, record, true);
    if (!was_decrypted(m))
        return;
    if (m->xauth_status)
        ike_own(exchange)->reason = REASON_XAUTH;
    else if (m->config_type && ike_own(exchange)->reason == REASON_NONE)
        ike_own(exchange)->reason = REASON_CONFIG;
    (void)tracker;
}

/* ---- informational exchanges ----------------------------------------------------------------- */

/* R-U-THERE and its ACK carry the same sequence number (RFC 3706 5.4). */
static void dead_peer_detection(ike_message_record *record, const ike_notify *notify)
{
    ike_sa_private *own = record->exchange->sa->own;
    if (notify->data.length < 4)
        return;
    uint32_t sequence = ike_read_u32(notify->data.data);
    ike_own(record->exchange)->reason = REASON_DPD;
    if (notify->type == N_V1_DPD) {
        record->exchange->request = record;
        own->dpd[record->from_initiator] = record;
        own->dpd_sequence[record->from_initiator] = sequence;
        ike_own(record->exchange)->dpd_asks = true;
        return;
    }
    ike_message_record *asked = own->dpd[!record->from_initiator];
    record->response = true;
    if (!asked || own->dpd_sequence[!record->from_initiator] != sequence)
        return;
    own->dpd[!record->from_initiator] = NULL;
    asked->exchange->answered = true;
    asked->exchange->response = record;
    ike_own(record->exchange)->answers = true;
    ike_exchange_pair(asked, record);
}

static void responder_lifetime(ike_tracker *tracker, ike_message_record *record)
{
    ike_find(
        tracker, record, IKE_F_LIFETIME_DIFFERS,
        "The sender announces a lifetime of its own (RESPONDER-LIFETIME): the shorter one counts.");
}

static void notifies(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES; i++) {
        const ike_notify *notify = &m->notifies[i];
        if (notify->type == N_V1_DPD || notify->type == N_V1_DPD_ACK)
            dead_peer_detection(record, notify);
        else if (notify->type == N_V1_RESPONDER_LIFETIME)
            responder_lifetime(tracker, record);
        else if (notify->type == N_V1_INITIAL_CONTACT && m->encrypted && record->from_initiator)
            record->exchange->sa->own->initial_contact = true;
    }
}

static void informational(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    if (!was_decrypted(m)) {
        ike_find_encrypted_failures(tracker, record, m);
        return;
    }
    if (m->notify_count > 0)
        ike_own(exchange)->reason = REASON_NOTIFY;
    /* A delete without protection proves nothing. */
    if (m->encrypted)
        ike_child_deletes(tracker, record, m);
}

/* ---- the message ----------------------------------------------------------------------------- */

void ikev1_read(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    if (m->decryption == IKE_FRAGMENT)
        return;
    switch (m->exchange) {
    case IKEV1_MAIN_MODE:
    case IKEV1_AGGRESSIVE_MODE:
        phase1(tracker, record, m);
        break;
    case IKEV1_QUICK_MODE:
        quick_mode(tracker, record, m);
        break;
    case IKEV1_TRANSACTION:
        transaction(tracker, record, m);
        break;
    case IKEV1_INFORMATIONAL:
        informational(tracker, record, m);
        break;
    default:
        break;
    }
    if (!was_decrypted(m))
        return;
    notifies(tracker, record, m);
    ike_find_failures(tracker, record, m);
}
