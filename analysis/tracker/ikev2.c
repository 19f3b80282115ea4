/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2: what the two halves of an exchange are evidence of (RFC 7296). */
#include <glib.h>

#include "analysis/tracker/child.h"
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

static const ike_content *request_of(const ike_exchange *exchange)
{
    return exchange->request ? exchange->request->content : NULL;
}

/* ---- IKE_SA_INIT ----------------------------------------------------------------------------- */

static void init_request(ike_tracker *tracker, const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    const ike_content *content = record->content;
    if (!content || !content->proposals)
        return;
    if (!sa->keys)
        sa->proposals = content->proposals;
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                      content->proposals, record->frame);
}

enum { LIFETIME = 4 }; /* before the ticket in TICKET_LT_OPAQUE (RFC 5723 7) */

/* Tickets of session resumption are told apart by their first bytes. */
static const void *stored_ticket(ike_tracker *tracker, const uint8_t *data, size_t length)
{
    return ike_store(tracker, data, MIN(length, IKE_NOTIFY_BYTES - LIFETIME));
}

/* The client presents the ticket (RFC 5723 4.3.2): the algorithms are those of the IKE SA in which
 * it was given out (RFC 5723 5.1). */
static void resume_request(ike_tracker *tracker, const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    const ike_recorded_notify *ticket =
        ike_content_notify(record->content, IKEV2_NOTIFY_TICKET_OPAQUE);
    if (!ticket || sa->resumed_from)
        return;
    ike_sa *old = g_hash_table_lookup(tracker->by_ticket,
                                      stored_ticket(tracker, ticket->data, ticket->recorded));
    if (!old || old == sa)
        return;
    sa->resumed_from = old;
    sa->negotiated = old->negotiated;
}

static void record_ticket(ike_tracker *tracker, const ike_message_record *record)
{
    const ike_recorded_notify *ticket =
        ike_content_notify(record->content, IKEV2_NOTIFY_TICKET_LT_OPAQUE);
    if (!ticket || ticket->recorded <= LIFETIME || record->grade != IKE_GRADE_VERIFIED)
        return;
    const void *key = stored_ticket(tracker, ticket->data + LIFETIME, ticket->recorded - LIFETIME);
    g_hash_table_insert(tracker->by_ticket, (gpointer)key, record->exchange->sa);
}

/* Whether a response is one to an earlier request than another. */
static bool is_before(const ike_message_record *response, const ike_message_record *other)
{
    const ike_message_record *request = response->exchange->request;
    const ike_message_record *other_request = other->exchange->request;
    return response->exchange != other->exchange && other_request &&
           (!request || request->frame < other_request->frame);
}

static void init_keys(ike_tracker *tracker, const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    /* The initiator that sends another request has not accepted the response before. */
    if (sa->keys && is_before(record, sa->keys))
        return;
    peer->answered += !sa->keys;
    sa->keys = record;
    if (!record->content->proposals)
        return;
    ike_negotiated negotiated = ike_proposal_list_negotiated(record->content->proposals);
    sa->negotiated = ike_store_negotiated(tracker, &negotiated);
    ike_peer_chose(tracker, peer, record->content->proposals, record->frame);
}

/* The client goes on with another gateway (RFC 5685): for this one the IKE SA is completed. */
static void record_redirect(ike_tracker *tracker, const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    if (sa->redirect)
        return;
    sa->redirect = record;
    ike_tracker_peer_sas(tracker, sa, false)->finished++;
}

static void init_response(ike_tracker *tracker, const ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    const ike_content *content = record->content;
    if (!content)
        return;
    const ike_recorded_notify *error = ike_content_error(content, 2);
    const ike_recorded_notify *invalid_ke =
        ike_content_notify(content, IKEV2_NOTIFY_INVALID_KE_PAYLOAD);
    bool resumed = exchange->type == IKEV2_EXCHANGE_IKE_SESSION_RESUME && content->nonce_bytes;
    if (content->proposals || (resumed && !error)) {
        init_keys(tracker, record);
    } else if (ike_content_notify(content, IKEV2_NOTIFY_COOKIE)) {
        exchange->purpose = IKE_PURPOSE_COOKIE;
    } else if (ike_content_notify(content, IKEV2_NOTIFY_REDIRECT)) {
        exchange->purpose = IKE_PURPOSE_REDIRECT;
        record_redirect(tracker, record);
    } else if (invalid_ke) {
        exchange->purpose = IKE_PURPOSE_INVALID_KE;
        if (invalid_ke->recorded >= 2)
            exchange->purpose_number = ike_get_u16(invalid_ke->data);
    } else if (error) {
        ike_sa_record_error(exchange->sa, record, error->type);
    }
}

/* ---- rekeyed Child SAs ----------------------------------------------------------------------- */

static void replace(ike_child *old, ike_child *new)
{
    /* Of two that replace it at once the one that is kept is not deleted again (RFC 7296 2.8.1). */
    if (!old->rekeyed_to || !old->rekeyed_to->established || old->rekeyed_to->deleted)
        old->rekeyed_to = new;
}

/* The Child SA that a request rekeys. It is unknown while what set it up has not been seen:
 * link_waiting(). */
static void link_rekeyed(ike_tracker *tracker, ike_child *child)
{
    ike_exchange *exchange = child->exchange;
    bool side = exchange->by_initiator;
    const ike_recorded_notify *rekey =
        ike_content_notify(child->request->content, IKEV2_NOTIFY_REKEY_SA);
    ike_child *old = rekey ? ike_child_find(tracker, exchange->sa, side, rekey->spi) : NULL;
    exchange->purpose = old ? IKE_PURPOSE_REKEY_CHILD : IKE_PURPOSE_NEW_CHILD;
    exchange->purpose_number = old ? old->number : child->number;
    if (!old || old == child)
        return;
    child->rekeyed_from = old;
    old->rekey[side] = exchange;
    if (child->established)
        replace(old, child);
}

/* Rekeys of a Child SA that were captured before the messages with its SPIs, perhaps in an IKE SA
 * that took over. */
static void link_waiting(ike_tracker *tracker, const ike_sa *sa)
{
    enum { MAX_NEWEST = 8, MAX_SAS = 3 };
    for (int n = 0; sa && n < MAX_SAS; n++, sa = sa->rekeyed_to) {
        ike_child *child = sa->newest_child;
        for (int i = 0; child && i < MAX_NEWEST; i++, child = child->previous_of_sa)
            if (!child->rekeyed_from && child->request && child->request->content &&
                child->exchange->purpose == IKE_PURPOSE_NEW_CHILD)
                link_rekeyed(tracker, child);
    }
}

/* ---- IKE_AUTH -------------------------------------------------------------------------------- */

/* The Child SA of IKE_AUTH is requested in its first request and, with EAP, answered in its last
 * response. */
static void auth_request(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    const ike_content *content = record->content;
    ikev2_record_auth_begun(exchange);
    if (!content)
        return;
    if (content->has_auth) {
        sa->initiator_auth = true;
        sa->another_auth = ike_content_notify(content, IKEV2_NOTIFY_ANOTHER_AUTH_FOLLOWS) != NULL;
    } else if (content->id_type[0]) {
        sa->eap = true;
    }
    if (content->eap_code)
        exchange->purpose = IKE_PURPOSE_EAP;
    if (!content->proposals || exchange->type != IKEV2_EXCHANGE_IKE_AUTH || sa->auth_exchange)
        return;
    sa->auth_exchange = exchange;
    ike_child *child = exchange->child; /* made by a response that came first */
    if (!child)
        child = ike_child_add(tracker, exchange, content->proposals->protocol);
    ike_child_record_request(tracker, child, record, true);
    link_waiting(tracker, sa);
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                      content->proposals, record->frame);
}

static void auth_child(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_exchange *requested = exchange->sa->auth_exchange;
    ike_child *child = requested ? requested->child : exchange->child;
    if (!record->content->proposals)
        return;
    if (!child)
        child = ike_child_add(tracker, exchange, record->content->proposals->protocol);
    ike_child_record_response(tracker, child, record, true);
    exchange->child = child;
    link_waiting(tracker, exchange->sa);
}

/* Errors that leave the IKE SA up when they come with AUTH (RFC 7296 1.2). */
static bool is_child_error(uint16_t type)
{
    return type == IKEV2_NOTIFY_NO_PROPOSAL_CHOSEN || type == IKEV2_NOTIFY_TS_MAX_QUEUE ||
           (type >= IKEV2_NOTIFY_SINGLE_PAIR_REQUIRED && type <= IKEV2_NOTIFY_INVALID_SELECTORS);
}

static void auth_error(ike_message_record *record, const ike_recorded_notify *error)
{
    ike_sa *sa = record->exchange->sa;
    ike_child *child = sa->auth_exchange ? sa->auth_exchange->child : NULL;
    if (record->content->has_auth && is_child_error(error->type)) {
        if (child)
            ike_child_record_refusal(child, record, error->type);
        return;
    }
    ike_sa_record_failed(sa, record, error->type);
}

static void auth_response(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    const ike_content *content = record->content;
    if (!content)
        return;
    const ike_recorded_notify *error = ike_content_error(content, 2);
    if (content->eap_code)
        exchange->purpose = IKE_PURPOSE_EAP;
    if (content->has_auth)
        sa->responder_auth = true;
    if (error)
        auth_error(record, error);
    if (content->eap_code == IKE_EAP_FAILURE)
        ike_sa_record_failed(sa, record, 0);
    if (ike_content_notify(content, IKEV2_NOTIFY_REDIRECT))
        record_redirect(tracker, record);
    /* With EAP and ANOTHER_AUTH_FOLLOWS the responder authenticates first (RFC 7296 2.16, RFC
     * 4739); the last response answers the SA payload. What is in clear has to be there from both
     * sides: one alone is forged. */
    bool last = content->proposals || error || exchange->type != IKEV2_EXCHANGE_IKE_AUTH;
    bool complete = sa->initiator_auth || (record->grade == IKE_GRADE_VERIFIED &&
                                           (sa->late_start || !exchange->request) && last);
    if (content->has_auth && complete && !sa->another_auth && !sa->failed) {
        if (record->grade == IKE_GRADE_VERIFIED)
            ike_sa_record_established(tracker, sa, record);
        else if (exchange->request) /* else it may be forged */
            ike_sa_record_inferred(tracker, sa, record, IKE_INFERRED_CLEAR);
    }
    record_ticket(tracker, record);
    if (exchange->type == IKEV2_EXCHANGE_IKE_AUTH)
        auth_child(tracker, record);
}

/* ---- CREATE_CHILD_SA ------------------------------------------------------------------------- */

static bool rekeys_ike(const ike_content *content)
{
    return content && content->proposals && content->proposals->protocol == IKEV2_PROTOCOL_IKE;
}

/* After INVALID_KE_PAYLOAD the same Child SA is requested again. */
static ike_child *tried_again(const ike_tracker *tracker, ike_exchange *exchange)
{
    if (exchange->message_id == 0)
        return NULL;
    const ike_exchange *before =
        ike_exchange_find(tracker, exchange->sa, exchange->message_id - 1, exchange->side, 0);
    if (!before || before->type != IKEV2_EXCHANGE_CREATE_CHILD_SA ||
        before->error != IKEV2_NOTIFY_INVALID_KE_PAYLOAD || !before->child)
        return NULL;
    before->child->refused = NULL;
    before->child->exchange = exchange;
    return before->child;
}

static ike_child *child_of_create(ike_tracker *tracker, ike_exchange *exchange, uint8_t protocol)
{
    if (!exchange->child)
        exchange->child = tried_again(tracker, exchange);
    return exchange->child ? exchange->child : ike_child_add(tracker, exchange, protocol);
}

/* The request that was sent again with another group was captured before the response to the first.
 */
static bool is_tried_again(const ike_tracker *tracker, const ike_exchange *exchange)
{
    const ike_exchange *next =
        ike_exchange_find(tracker, exchange->sa, exchange->message_id + 1, exchange->side, 0);
    return next && next->type == IKEV2_EXCHANGE_CREATE_CHILD_SA && next->child &&
           next->child != exchange->child;
}

static void create_request(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    const ike_content *content = record->content;
    bool side = exchange->by_initiator;
    if (!content || !content->proposals)
        return;
    ike_peer_proposed(tracker,
                      ike_tracker_peer(tracker, &ike_sa_party(sa, side)->endpoint, sa->major),
                      content->proposals, record->frame);
    if (rekeys_ike(content)) {
        exchange->purpose = IKE_PURPOSE_REKEY_IKE;
        return;
    }
    ike_child *child = child_of_create(tracker, exchange, content->proposals->protocol);
    ike_child_record_request(tracker, child, record, side);
    link_rekeyed(tracker, child);
    link_waiting(tracker, sa);
}

static void create_ike(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    const ike_content *request = request_of(exchange), *response = record->content;
    uint64_t proposed = ike_content_spi(request, IKEV2_PROTOCOL_IKE, response);
    uint64_t chosen = ike_content_spi(response, IKEV2_PROTOCOL_IKE, NULL);
    if (!rekeys_ike(request) || !rekeys_ike(response) || !proposed || !chosen ||
        exchange->more->new_sa)
        return;
    ike_sa *sa = ike_sa_adopt(tracker, exchange->sa, m, proposed, chosen, exchange->by_initiator,
                              exchange->request->time_ns);
    if (!sa)
        return;
    ike_negotiated negotiated = ike_proposal_list_negotiated(response->proposals);
    sa->negotiated = ike_store_negotiated(tracker, &negotiated);
    sa->keys = record;
    ike_exchange_write_more(exchange)->new_sa = sa;
    ike_sa_record_established(tracker, sa, record);
    link_waiting(tracker, sa);
    ike_peer_chose(tracker, ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major),
                   response->proposals, record->frame);
}

static void create_child(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    const ike_content *content = record->content;
    ike_child *child = exchange->child;
    const ike_recorded_notify *error = ike_content_error(content, 2);
    if (error) {
        bool invalid_ke = error->type == IKEV2_NOTIFY_INVALID_KE_PAYLOAD;
        if (invalid_ke)
            exchange->purpose = IKE_PURPOSE_INVALID_KE;
        if (child && invalid_ke && is_tried_again(tracker, exchange))
            ike_child_withdraw(tracker, child);
        else if (child)
            ike_child_record_refusal(child, record, error->type);
        return;
    }
    if (!content->proposals)
        return;
    child = child_of_create(tracker, exchange, content->proposals->protocol);
    ike_child_record_response(tracker, child, record, exchange->by_initiator);
    if (child->rekeyed_from)
        replace(child->rekeyed_from, child);
    else if (child->request)
        link_rekeyed(tracker, child);
    link_waiting(tracker, exchange->sa);
}

static void create_response(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    const ike_content *request = request_of(record->exchange);
    if (!record->content)
        return;
    if (rekeys_ike(request) || rekeys_ike(record->content))
        create_ike(tracker, record, m);
    else
        create_child(tracker, record);
}

/* ---- INFORMATIONAL --------------------------------------------------------------------------- */

static void informational_error(ike_message_record *record, const ike_recorded_notify *error)
{
    ike_sa *sa = record->exchange->sa;
    if (error->type == IKEV2_NOTIFY_AUTHENTICATION_FAILED ||
        error->type == IKEV2_NOTIFY_INVALID_SYNTAX) {
        ike_sa_record_failed(sa, record, error->type);
        return;
    }
    if (record->response || !is_child_error(error->type))
        return;
    ike_child *child = ike_child_newest_requested(sa);
    if (!child)
        child = sa->newest_child;
    if (child)
        ike_child_record_refusal(child, record, error->type);
}

/* Only an established IKE SA has such an exchange, but for the error with which the initiator
 * rejects the responder (RFC 7296 2.21.2): the response alone does not tell the two apart. */
static void infer_from_later(ike_tracker *tracker, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    if (record->grade != IKE_GRADE_VERIFIED || (!exchange->request && !sa->late_start) ||
        (exchange->type == IKEV2_EXCHANGE_INFORMATIONAL && exchange->error))
        return;
    ike_sa_record_inferred(tracker, sa, record,
                           sa->late_start ? IKE_INFERRED_LATE_START : IKE_INFERRED_LATER_EXCHANGE);
}

static void informational(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    const ike_content *content = record->content;
    ike_record_deletes(tracker, record, m);
    const ike_recorded_notify *error = ike_content_error(content, 2);
    if (error)
        informational_error(record, error);
    if (record->response)
        return;
    if (ike_content_notify(content, IKEV2_NOTIFY_UPDATE_SA_ADDRESSES))
        exchange->purpose = IKE_PURPOSE_MOBIKE;
    else if (m->config_type)
        exchange->purpose = IKE_PURPOSE_CONFIG;
    else if (exchange->purpose == IKE_PURPOSE_NONE && m->notify_count > 0)
        exchange->purpose = IKE_PURPOSE_NOTIFY;
    else if (exchange->purpose == IKE_PURPOSE_NONE && m->delete_count == 0)
        exchange->purpose = IKE_PURPOSE_DPD;
}

/* ---- the message ----------------------------------------------------------------------------- */

static void record_request(ike_tracker *tracker, ike_message_record *record)
{
    uint8_t type = record->exchange->type;
    if (type == IKEV2_EXCHANGE_IKE_SA_INIT)
        init_request(tracker, record);
    else if (type == IKEV2_EXCHANGE_IKE_SESSION_RESUME)
        resume_request(tracker, record);
    else if (ikev2_exchange_is_auth(type))
        auth_request(tracker, record);
    else if (type == IKEV2_EXCHANGE_CREATE_CHILD_SA)
        create_request(tracker, record);
}

static void record_response(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    uint8_t type = record->exchange->type;
    if (ikev2_exchange_is_init(type))
        init_response(tracker, record);
    else if (ikev2_exchange_is_auth(type))
        auth_response(tracker, record);
    else if (type == IKEV2_EXCHANGE_CREATE_CHILD_SA)
        create_response(tracker, record, m);
}

/* What is in clear after IKE_SA_INIT is a hint (RFC 7296 2.21), but for captures in which
 * everything is in clear. */
static bool is_hint(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    return record->grade == IKE_GRADE_UNPROTECTED &&
           !ikev2_exchange_is_init(record->exchange->type) &&
           (ike_sa_is_protected(sa) || record->unslotted || !record->content ||
            ike_content_error(record->content, 2));
}

static void record_hint(ike_message_record *record)
{
    const ike_recorded_notify *error = ike_content_error(record->content, 2);
    if (error)
        ike_sa_record_error(record->exchange->sa, record, error->type);
}

static void record_version(ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (m->major != sa->major && record->response)
        sa->version_mismatch = true;
}

void ikev2_record(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    if (!ike_message_is_readable(m)) {
        if (m->decryption == IKE_DECRYPTION_NONE || record->fragment == 1)
            ikev2_record_encrypted(tracker, record);
        return;
    }
    record_version(record, m);
    if (is_hint(record)) {
        record_hint(record);
        return;
    }
    const ike_message_record *slot = record->response ? exchange->response : exchange->request;
    if (slot != record)
        return;
    const ike_recorded_notify *error = ike_content_error(record->content, 2);
    if (error && !exchange->error) {
        exchange->error = error->type;
        exchange->error_grade = record->grade;
    }
    ike_sa_record_identity(tracker, record, m);
    if (exchange->type == IKEV2_EXCHANGE_INFORMATIONAL) {
        informational(tracker, record, m);
        infer_from_later(tracker, record);
    } else if (!record->response) {
        record_request(tracker, record);
        ike_message_record *response = exchange->response; /* that came first */
        if (response && response->content && !is_hint(response))
            record_response(tracker, response, m);
    } else {
        record_response(tracker, record, m);
    }
    if (record->response && exchange->type == IKEV2_EXCHANGE_CREATE_CHILD_SA)
        infer_from_later(tracker, record);
}
