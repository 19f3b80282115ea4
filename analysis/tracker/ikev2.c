/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2: what the two halves of an exchange come to (RFC 7296). */
#include "analysis/tracker/internal.h"

/* ---- IKE_SA_INIT ----------------------------------------------------------------------------- */

static void init_negotiated(ike_tracker *tracker, ike_exchange *exchange,
                            const ike_stored_message *request, const ike_stored_message *response)
{
    ike_sa *sa = exchange->sa;
    ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    bool first = !sa->negotiated->known;
    ike_negotiated negotiated = ike_proposal_list_negotiated(response->proposals);
    sa->negotiated = ike_store_negotiated(tracker, &negotiated);
    ike_peer_chose(tracker, peer, response->proposals, response->record->frame);
    if (!sa->own->init_done)
        peer->answered++;
    sa->own->init_done = true;
    if (sa->state == IKE_SA_NEW || sa->state == IKE_SA_FAILED) {
        sa->state = IKE_SA_KEYS_NEGOTIATED;
        sa->own->cause = NULL;
    }
    if (first)
        ike_find_weak_suite(tracker, response->record, sa->negotiated);
    if (request && request->proposals)
        ike_check_choice(tracker, request, response);
}

static void init_pair(ike_tracker *tracker, ike_exchange *exchange,
                      const ike_stored_message *request, const ike_stored_message *response)
{
    const ike_kept_notify *invalid_ke = ike_stored_message_notify(response, N_INVALID_KE);
    if (response->proposals) {
        init_negotiated(tracker, exchange, request, response);
    } else if (exchange->type == IKE_SESSION_RESUME && response->nonce_bytes && !exchange->error) {
        exchange->sa->own->init_done = true;
        exchange->sa->state = IKE_SA_KEYS_NEGOTIATED;
    } else if (ike_stored_message_notify(response, N_COOKIE)) {
        ike_own(exchange)->reason = REASON_COOKIE;
    } else if (invalid_ke) {
        ike_own(exchange)->reason = REASON_INVALID_KE;
        ike_own(exchange)->reason_number = invalid_ke->value;
        if (request)
            ike_find_invalid_ke(tracker, exchange);
    }
}

/* ---- IKE_AUTH -------------------------------------------------------------------------------- */

/* The CHILD_SA of IKE_AUTH is asked for in its first request and, with EAP, answered in its last
 * response. */
static bool authenticates(uint8_t type)
{
    return type == IKE_AUTH || type == GSA_AUTH; /* RFC 9838 2.3.1: the same with a group */
}

static void auth_request(ike_tracker *tracker, ike_exchange *exchange,
                         const ike_stored_message *request)
{
    ike_sa *sa = exchange->sa;
    if (sa->state == IKE_SA_KEYS_NEGOTIATED || sa->state == IKE_SA_NEW)
        sa->state = IKE_SA_AUTHENTICATING;
    if (request->has_auth) {
        sa->own->initiator_auth = true;
        sa->own->another_auth = ike_stored_message_notify(request, N_ANOTHER_AUTH) != NULL;
    } else if (request->has_id[0]) {
        sa->own->eap = true;
    }
    if (request->eap_code)
        ike_own(exchange)->reason = REASON_EAP;
    if (request->proposals && exchange->type == IKE_AUTH && !sa->own->auth_exchange) {
        sa->own->auth_exchange = exchange;
        ike_child *child = exchange->child; /* made by a response that came first */
        if (!child)
            child = ike_child_make(tracker, exchange, request->proposals->protocol);
        ike_child_requested(tracker, child, request, true);
        ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                          request->proposals, request->record->frame);
    }
}

static void auth_child(ike_tracker *tracker, ike_exchange *exchange,
                       const ike_stored_message *response)
{
    ike_sa *sa = exchange->sa;
    ike_exchange *asked = sa->own->auth_exchange;
    const ike_stored_message *request = asked ? ike_own(asked)->request : NULL;
    ike_child *child = asked ? asked->child : exchange->child;
    if (!response->proposals)
        return;
    if (!child)
        child = ike_child_make(tracker, exchange, response->proposals->protocol);
    exchange->child = child;
    if (child->state != IKE_CHILD_REQUESTED)
        return;
    ike_child_established(tracker, child, response, true);
    ike_check_child(tracker, child, request, response);
}

static void auth_pair(ike_tracker *tracker, ike_exchange *exchange,
                      const ike_stored_message *response)
{
    ike_sa *sa = exchange->sa;
    if (response->eap_code)
        ike_own(exchange)->reason = REASON_EAP;
    if (response->has_auth)
        sa->own->responder_auth = true;
    bool all = sa->own->initiator_auth || sa->late_start || !ike_own(exchange)->request;
    if (response->has_auth && all && !sa->own->another_auth)
        ike_sa_established(sa, response->record, false);
    if (exchange->type == IKE_AUTH)
        auth_child(tracker, exchange, response);
}

/* ---- CREATE_CHILD_SA ------------------------------------------------------------------------- */

static bool rekeys_ike(const ike_stored_message *inputs)
{
    return inputs && inputs->proposals && inputs->proposals->protocol == 1;
}

static ike_child *rekeyed_child(ike_tracker *tracker, ike_exchange *exchange,
                                const ike_stored_message *request)
{
    const ike_kept_notify *rekey = ike_stored_message_notify(request, N_REKEY_SA);
    if (!rekey)
        return NULL;
    return ike_child_find(tracker, exchange->sa, exchange->by_initiator, rekey->spi);
}

static void record_simultaneous(ike_tracker *tracker, ike_exchange *exchange, ike_child *old)
{
    ike_child_private *own = old->own;
    ike_exchange *other = own->rekey[!exchange->by_initiator];
    own->rekey[exchange->by_initiator] = exchange;
    if (!other || !other->request || !exchange->request)
        return;
    ike_find(
        tracker, exchange->request, IKE_F_SIMULTANEOUS_REKEY,
        "Both sides rekey CHILD_SA %u at once: the other request is in frame %u. The CHILD_SA that "
        "holds the lowest nonce is to be deleted again (RFC 7296 2.8.1).",
        old->number, other->request->frame);
}

static void replace(ike_child *old, ike_child *new)
{
    old->rekeyed_to = new;
    if (old->state == IKE_CHILD_ESTABLISHED || old->state == IKE_CHILD_DELETED)
        old->state = IKE_CHILD_REKEYED;
}

/* After INVALID_KE_PAYLOAD the same CHILD_SA is asked for again. */
static ike_child *tried_again(ike_tracker *tracker, const ike_exchange *exchange)
{
    if (exchange->message_id == 0)
        return NULL;
    const ike_exchange *before =
        ike_exchange_find(tracker, exchange->sa, exchange->message_id - 1, exchange->side, 0);
    if (!before || before->type != CREATE_CHILD_SA || before->error != N_INVALID_KE ||
        !before->child)
        return NULL;
    before->child->state = IKE_CHILD_REQUESTED;
    before->child->own->cause = NULL;
    before->child->exchange = (ike_exchange *)(guintptr)exchange;
    return before->child;
}

static void create_request(ike_tracker *tracker, ike_exchange *exchange,
                           const ike_stored_message *request)
{
    ike_sa *sa = exchange->sa;
    const ike_endpoint *asker = &ike_sa_party(sa, exchange->by_initiator)->endpoint;
    if (!request->proposals)
        return;
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, asker, sa->major), request->proposals,
                      request->record->frame);
    if (rekeys_ike(request)) {
        ike_own(exchange)->reason = REASON_REKEY_IKE;
        return;
    }
    ike_child *old = rekeyed_child(tracker, exchange, request);
    ike_child *child = exchange->child; /* made by a response that came first */
    if (!child)
        child = exchange->child = tried_again(tracker, exchange);
    if (!child)
        child = ike_child_make(tracker, exchange, request->proposals->protocol);
    ike_child_requested(tracker, child, request, exchange->by_initiator);
    ike_own(exchange)->reason = old ? REASON_REKEY_CHILD : REASON_NEW_CHILD;
    ike_own(exchange)->reason_number = old ? old->number : child->number;
    if (old) {
        child->rekeyed_from = old;
        record_simultaneous(tracker, exchange, old);
        if (child->state == IKE_CHILD_ESTABLISHED)
            replace(old, child);
    }
}

static void create_ike(ike_tracker *tracker, ike_exchange *exchange,
                       const ike_stored_message *request, const ike_stored_message *response,
                       const ike_message *m)
{
    if (!request || !rekeys_ike(response) || !request->ike_spi || !response->ike_spi ||
        exchange->new_sa)
        return;
    ike_sa *sa = ike_sa_adopt(tracker, exchange->sa, m, request->ike_spi, response->ike_spi,
                              exchange->by_initiator, request->record->time_ns);
    ike_negotiated negotiated = ike_proposal_list_negotiated(response->proposals);
    sa->negotiated = ike_store_negotiated(tracker, &negotiated);
    exchange->new_sa = sa;
    ike_check_choice(tracker, request, response);
    ike_peer_chose(tracker, ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major),
                   response->proposals, response->record->frame);
}

static void create_child(ike_tracker *tracker, ike_exchange *exchange,
                         const ike_stored_message *request, const ike_stored_message *response)
{
    ike_child *child = exchange->child;
    if (!response->proposals)
        return;
    if (!child)
        child = ike_child_make(tracker, exchange, response->proposals->protocol);
    if (child->state != IKE_CHILD_REQUESTED)
        return;
    ike_child_established(tracker, child, response, exchange->by_initiator);
    ike_check_child(tracker, child, request, response);
    if (child->rekeyed_from)
        replace(child->rekeyed_from, child);
}

static void create_pair(ike_tracker *tracker, ike_exchange *exchange,
                        const ike_stored_message *request, const ike_stored_message *response,
                        const ike_message *m)
{
    ike_sa_established(exchange->sa, response->record, true);
    if (rekeys_ike(request) || rekeys_ike(response))
        create_ike(tracker, exchange, request, response, m);
    else
        create_child(tracker, exchange, request, response);
    if (request && ike_stored_message_notify(response, N_INVALID_KE)) {
        ike_own(exchange)->reason = REASON_INVALID_KE;
        ike_find_invalid_ke(tracker, exchange);
    }
}

/* ---- INFORMATIONAL --------------------------------------------------------------------------- */

static void informational(ike_message_record *record, const ike_stored_message *inputs,
                          const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    ike_exchange_private *own = ike_own(exchange);
    if (record->decryption == IKE_DECRYPTION_DONE && !ike_stored_message_error(inputs, 2))
        ike_sa_established(exchange->sa, record, true);
    if (record->response)
        return;
    if (ike_stored_message_notify(inputs, N_UPDATE_SA_ADDRESSES))
        own->reason = REASON_MOBIKE;
    else if (m->config_type)
        own->reason = REASON_CONFIG;
    else if (m->notify_count > 0 && own->reason == REASON_NONE)
        own->reason = REASON_NOTIFY;
    else if (m->delete_count == 0 && m->decryption == IKE_DECRYPTION_DONE &&
             own->reason == REASON_NONE)
        own->reason = REASON_DPD;
}

/* ---- sealed messages: what their outside tells -------------------------------------------------
 */

/* The type of the first payload is in clear, in the SK payload's header. */
static void encrypted_auth(ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (!record->response) {
        if (sa->state == IKE_SA_KEYS_NEGOTIATED || sa->state == IKE_SA_NEW)
            sa->state = IKE_SA_AUTHENTICATING;
        if (m->message_id > 1 && m->fragment <= 1 && sa->state == IKE_SA_INFERRED &&
            !record->exchange->answered) {
            sa->own->eap = true; /* it was not the last response */
            sa->state = IKE_SA_AUTHENTICATING;
            sa->established_ns = 0;
            ike_tracker_peer(sa->own->tracker, &sa->responder.endpoint, sa->major)->finished--;
        }
        return;
    }
    if (m->fragment > 1)
        return;
    /* Some begin with a notify; what is longer than any error is no error. */
    bool long_enough = m->length > 160 && record->inner_first_payload != V2_EAP;
    if (record->inner_first_payload == V2_IDR || record->inner_first_payload == V2_AUTH ||
        long_enough)
        ike_sa_established(sa, record, true);
}

static void encrypted_informational(ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    const ike_message_record *request = exchange->request;
    if (!record->response) {
        if (m->first_inside)
            ike_own(exchange)->reason = m->first_inside == 1               ? REASON_DPD
                                        : m->first_inside - 1 == V2_DELETE ? REASON_DELETE_CHILD
                                                                           : REASON_NOTIFY;
        return;
    }
    /* The delete of an IKE SA is answered with nothing, that of a CHILD_SA with a delete (RFC 7296
     * 1.4.1). */
    if (request && request->inner_first_payload == V2_DELETE && m->first_inside == 1) {
        ike_own(exchange)->reason = REASON_DELETE_IKE;
        if (exchange->sa->state == IKE_SA_INFERRED || exchange->sa->state == IKE_SA_ESTABLISHED)
            exchange->sa->state = IKE_SA_DELETED;
    }
}

static void read_encrypted(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (authenticates(m->exchange)) {
        encrypted_auth(record, m);
    } else if (m->exchange == CREATE_CHILD_SA || m->exchange == INFORMATIONAL) {
        bool after_auth = sa->late_start || sa->rekeyed_from || sa->state == IKE_SA_INFERRED ||
                          m->exchange == CREATE_CHILD_SA;
        if (after_auth && record->response)
            ike_sa_established(sa, record, true);
    }
    ike_find_encrypted_failures(tracker, record, m);
    if (m->exchange == INFORMATIONAL)
        encrypted_informational(record, m);
}

/* ---- the message ----------------------------------------------------------------------------- */

static void read_request(ike_tracker *tracker, ike_exchange *exchange,
                         const ike_stored_message *request)
{
    ike_sa *sa = exchange->sa;
    if (exchange->type == IKE_SA_INIT && request->proposals) {
        sa->own->proposals = request->proposals;
        ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                          request->proposals, request->record->frame);
    } else if (authenticates(exchange->type)) {
        auth_request(tracker, exchange, request);
    } else if (exchange->type == CREATE_CHILD_SA) {
        create_request(tracker, exchange, request);
    }
}

static void read_response(ike_tracker *tracker, ike_exchange *exchange, const ike_message *m)
{
    const ike_stored_message *request = ike_own(exchange)->request,
                             *response = ike_own(exchange)->response;
    switch (exchange->type) {
    case IKE_SA_INIT:
    case IKE_SESSION_RESUME:
        init_pair(tracker, exchange, request, response);
        break;
    case IKE_AUTH:
    case GSA_AUTH:
        auth_pair(tracker, exchange, response);
        break;
    case CREATE_CHILD_SA:
        create_pair(tracker, exchange, request, response, m);
        break;
    default:
        break;
    }
}

static bool was_decrypted(const ike_message *m)
{
    return m->decryption == IKE_DECRYPTION_DONE || (m->decryption == IKE_PLAIN && !m->encrypted);
}

void ikev2_read(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    ike_exchange_private *own = ike_own(exchange);
    if (!was_decrypted(m)) {
        if (m->decryption == IKE_DECRYPTION_NONE)
            read_encrypted(tracker, record, m);
        return;
    }
    /* Only the beginnings and errors are believed without protection. */
    bool beginning = m->exchange == IKE_SA_INIT || m->exchange == IKE_SESSION_RESUME;
    if (m->decryption == IKE_PLAIN && !beginning) {
        ike_find_failures(tracker, record, m);
        return;
    }
    ike_sa_record_identity(tracker, record, m);
    ike_find_weak_message(tracker, record, m);
    ike_stored_message **place = record->response ? &own->response : &own->request;
    if (*place || own->evaluated)
        return;
    *place = ike_stored_message_new(tracker, m, record);
    ike_exchange_record_error(exchange, *place);
    if (exchange->type == INFORMATIONAL) {
        ike_child_deletes(tracker, record, m);
        informational(record, *place, m);
    }
    if (!record->response)
        read_request(tracker, exchange, *place);
    if (own->response)
        read_response(tracker, exchange, m);
    ike_find_failures(tracker, record, m);
    ike_exchange_free_messages(exchange);
}
