/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2: what encrypted messages show without keys: exchange, length and the type of the first
 * payload (RFC 7296 3.14). */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "proto/ike_numbers.h"

static bool begins_before(const ike_exchange *exchange, const ike_exchange *other)
{
    bool confirmed = ike_exchange_has_confirmed_request(exchange);
    if (confirmed != ike_exchange_has_confirmed_request(other))
        return confirmed;
    return exchange->message_id < other->message_id;
}

void ikev2_record_auth_begun(const ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    if (exchange->message_id && exchange->request &&
        (!sa->auth_begun || begins_before(exchange, sa->auth_begun->exchange)))
        sa->auth_begun = exchange->request;
}

/* The type of the first payload is in clear, in the header of the SK payload: a response that
 * begins with IDr or AUTH is no error (RFC 7296 1.2). */
static void encrypted_auth(ike_tracker *tracker, ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    const ike_message_record *response = exchange->response;
    ike_sa *sa = exchange->sa;
    ikev2_record_auth_begun(exchange);
    if (!response || response->grade != IKE_GRADE_ENCRYPTED ||
        (!exchange->request && !sa->late_start))
        return; /* one message alone may be forged */
    bool later = sa->auth_begun && sa->auth_begun->exchange->answered &&
                 exchange->message_id > sa->auth_begun->exchange->message_id;
    if (later) {
        sa->eap = sa->eap_inferred = true; /* the first response was not the last one */
        if (sa->inference == IKE_INFERRED_AUTH_RESPONSE &&
            exchange->message_id > sa->inferred->exchange->message_id)
            ike_sa_withdraw_inferred(tracker, sa);
    }
    bool complete = response->fragments <= 1 || response->reassembled;
    if (!complete || (response->inner_first_payload != IKEV2_PAYLOAD_IDR &&
                      response->inner_first_payload != IKEV2_PAYLOAD_AUTH))
        return;
    ike_sa_record_inferred(tracker, sa, response, IKE_INFERRED_AUTH_RESPONSE);
}

/* Any of the requests, for one of them may be forged. */
static bool is_delete_requested(const ike_exchange *exchange)
{
    enum { MAX_REQUESTS = 8 };
    const ike_message_record *record = exchange->last_distinct;
    for (int i = 0; record && i < MAX_REQUESTS; i++, record = record->previous_distinct)
        if (!record->response && record->has_first_inside &&
            record->inner_first_payload == IKEV2_PAYLOAD_DELETE)
            return true;
    return false;
}

static void encrypted_informational(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    /* Any of the responses: another one may be forged. */
    const ike_message_record *response = record->response ? record : exchange->response;
    if (!record->response && record->has_first_inside && record->fragment <= 1)
        exchange->purpose = ike_record_is_empty(record) ? IKE_PURPOSE_DPD
                            : record->inner_first_payload == IKEV2_PAYLOAD_DELETE
                                ? IKE_PURPOSE_DELETE
                                : IKE_PURPOSE_NOTIFY;
    /* The delete of an IKE SA is answered with nothing, that of a Child SA with a delete, as long
     * as the two do not cross (RFC 7296 1.4.1). */
    if (exchange->request && response && response->grade == IKE_GRADE_ENCRYPTED &&
        ike_record_is_empty(response) && is_delete_requested(exchange))
        ike_sa_record_deleted(exchange->sa, response, true);
}

/* An exchange after IKE_AUTH that was answered. An INFORMATIONAL with which the initiator rejects
 * the responder is no evidence that it came up. */
static void encrypted_later(ike_tracker *tracker, ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    const ike_message_record *request = record->exchange->request;
    const ike_message_record *response = record->exchange->response;
    if (!response || response->grade != IKE_GRADE_ENCRYPTED)
        return;
    if (!request && !sa->late_start && !sa->rekeyed_from)
        return; /* it answers nothing */
    bool telling = record->exchange->type == IKEV2_EXCHANGE_CREATE_CHILD_SA ||
                   (request && (ike_record_is_empty(request) ||
                                request->inner_first_payload == IKEV2_PAYLOAD_DELETE));
    if (sa->late_start || sa->rekeyed_from)
        ike_sa_record_inferred(tracker, sa, response,
                               sa->late_start ? IKE_INFERRED_LATE_START : IKE_INFERRED_REKEY);
    else if (telling)
        ike_sa_record_inferred(tracker, sa, response, IKE_INFERRED_LATER_EXCHANGE);
}

void ikev2_record_encrypted(ike_tracker *tracker, ike_message_record *record)
{
    uint8_t type = record->exchange->type;
    if (ikev2_exchange_is_auth(type)) {
        encrypted_auth(tracker, record);
        return;
    }
    const ike_exchange *exchange = record->exchange;
    if (exchange->request && exchange->response && !is_delete_requested(exchange))
        ike_sa_withdraw_successor(exchange->sa, exchange->request);
    if (type == IKEV2_EXCHANGE_INFORMATIONAL || type == IKEV2_EXCHANGE_CREATE_CHILD_SA)
        encrypted_later(tracker, record);
    if (type == IKEV2_EXCHANGE_INFORMATIONAL)
        encrypted_informational(record);
}
