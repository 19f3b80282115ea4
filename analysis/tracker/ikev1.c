/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1: what the steps of main, aggressive and quick mode, transactions and informational
 * exchanges are evidence of (RFC 2408, RFC 2409, RFC 3706). */
#include <glib.h>

#include "analysis/tracker/child.h"
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

/* ---- phase 1 --------------------------------------------------------------------------------- */

static void record_proposals(ike_tracker *tracker, const ike_message_record *record)
{
    if (!ike_record_has_proposals(record))
        return;
    ike_sa *sa = record->exchange->sa;
    if (sa->proposals == record->content->proposals)
        return;
    sa->proposals = record->content->proposals;
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sa->initiator.endpoint, sa->major),
                      sa->proposals, record->frame);
}

/* The algorithms that the response chose, with their lifetime. */
static void record_choice(ike_tracker *tracker, const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    const ike_content *content = record->content;
    ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    ike_peer_chose(tracker, peer, content->proposals, record->frame);
    peer->answered += !sa->negotiated->known;
    ike_negotiated negotiated = ike_proposal_list_negotiated(content->proposals);
    negotiated.life_seconds = content->life_seconds;
    sa->negotiated = ike_store_negotiated(tracker, &negotiated);
    sa->initiator.auth_method = sa->responder.auth_method = sa->negotiated->auth_method;
}

/* What is taken for messages 1 and 2: another message than before can be. */
static void record_first_messages(ike_tracker *tracker, const ike_message_record *record)
{
    ike_message_record **by_step = record->exchange->by_step;
    if (by_step[record->step] != record)
        return;
    record_proposals(tracker, by_step[1]);
    if (record->step == 2 && ike_record_has_proposals(record))
        record_choice(tracker, record);
    for (unsigned step = 1; step <= 2; step++)
        ike_sa_set_clear_identity(by_step[step]);
}

/* The last message of phase 1, which one datagram can forge, follows the one before it. In clear,
 * as firewalls' debug captures have them, both sides prove their identity in it. */
static bool ends_phase1(const ike_message_record *last)
{
    const ike_sa *sa = last->exchange->sa;
    const ike_message_record *before = last->exchange->by_step[last->step - 1];
    if (last->grade == IKE_GRADE_UNPROTECTED)
        return sa->initiator.id_in_clear && sa->responder.id_in_clear;
    return sa->late_start || (before && (last->step < 6 || before->grade != IKE_GRADE_UNPROTECTED));
}

static void record_up(ike_tracker *tracker, const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    if (record->grade == IKE_GRADE_VERIFIED)
        ike_sa_record_established(tracker, sa, record);
    else if (ends_phase1(record))
        ike_sa_record_inferred(tracker, sa, record,
                               record->grade == IKE_GRADE_ENCRYPTED ? IKE_INFERRED_LAST_MESSAGE
                                                                    : IKE_INFERRED_CLEAR);
}

static void record_first(const ike_message_record **slot, const ike_message_record *record)
{
    if (!*slot)
        *slot = record;
}

static void phase1_state(ike_tracker *tracker, const ike_message_record *record,
                         const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (m->exchange == IKEV1_EXCHANGE_AGGRESSIVE_MODE) {
        if (record->step == 2)
            record_first(&sa->keys, record);
        else if (record->step == 3)
            record_up(tracker, record);
        return;
    }
    if (record->step == 4)
        record_first(&sa->keys, record);
    else if (record->step == 5)
        record_first(&sa->auth_begun, record);
    /* With the clocks of two captures apart message 6 may come first. */
    const ike_message_record *last = record->exchange->by_step[6];
    if (record->step >= 5 && last)
        record_up(tracker, last);
}

static void phase1(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (record->exchange != sa->init || !record->exchange->by_step)
        return; /* of another mode, or another version of IKE under the same SPIs */
    bool in_clear = m->exchange == IKEV1_EXCHANGE_MAIN_MODE && record->step >= 5 &&
                    record->grade == IKE_GRADE_UNPROTECTED;
    if (m->exchange == IKEV1_EXCHANGE_MAIN_MODE && record->grade != IKE_GRADE_UNPROTECTED)
        ike_sa_withdraw_clear_identities(sa);
    if (in_clear && ike_sa_is_protected(sa))
        return;
    if (ike_message_is_readable(m)) {
        ike_sa_record_identity(tracker, record, m);
        if (in_clear)
            ike_sa_party(sa, record->from_initiator)->id_in_clear = true;
        if (record->step == 1 || record->step == 2)
            record_first_messages(tracker, record);
    }
    phase1_state(tracker, record, m);
}

/* ---- quick mode ------------------------------------------------------------------------------ */

static ike_child *quick_child(ike_tracker *tracker, const ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    return exchange->child ? exchange->child
                           : ike_child_add(tracker, exchange, record->content->proposals->protocol);
}

/* The refusal was captured before the request that it is about: who has no IKE SA does not go on
 * with quick mode. */
static bool is_refusal_of_quick(const ike_message_record *error, uint16_t type,
                                const ike_child *child)
{
    const ike_child *before = child->previous_of_sa;
    return error->exchange != child->sa->init && type &&
           type != IKEV1_NOTIFY_AUTHENTICATION_FAILED &&
           error->from_initiator != child->exchange->by_initiator &&
           !(before && before->refused == error);
}

static void take_refusal(ike_child *child)
{
    ike_sa *sa = child->sa;
    const ike_exchange *last = sa->last_informational;
    if (sa->failed && is_refusal_of_quick(sa->failed, sa->failed_by, child)) {
        ike_child_record_refusal(child, sa->failed, sa->failed_by);
        sa->failed = NULL;
        sa->failed_by = 0;
    } else if (last && last->error_grade == IKE_GRADE_VERIFIED &&
               is_refusal_of_quick(last->messages, last->error, child) &&
               ike_record_follows(last->messages, child->request, IKE_SECOND)) {
        ike_child_record_refusal(child, last->messages, last->error);
    }
}

static void quick_request(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    bool by_initiator = exchange->by_initiator;
    ike_child *child = quick_child(tracker, record);
    if (child->requested)
        return;
    child->requested = true;
    ike_child_record_request(tracker, child, record, by_initiator);
    take_refusal(child);
    if (exchange->purpose == IKE_PURPOSE_NONE) {
        exchange->purpose = IKE_PURPOSE_NEW_CHILD;
        exchange->purpose_number = child->number;
    }
    const ike_party *sender = ike_sa_party(exchange->sa, by_initiator);
    ike_peer_proposed(tracker, ike_tracker_peer(tracker, &sender->endpoint, 1),
                      record->content->proposals, record->frame);
}

static void quick_response(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_child *child = quick_child(tracker, record);
    if (child->established)
        return;
    ike_child_record_response(tracker, child, record, exchange->by_initiator);
    ike_child *other = ike_child_replace_networks(tracker, child);
    if (!other || other == child)
        return;
    bool is_old = ike_child_began_before(child, other);
    ike_child *old = is_old ? child : other, *new = is_old ? other : child;
    new->rekeyed_from = old;
    old->rekeyed_to = new;
    new->exchange->purpose = IKE_PURPOSE_REKEY_CHILD;
    new->exchange->purpose_number = old->number;
}

static bool both_take_part(const ike_exchange *exchange)
{
    return exchange->by_step && exchange->by_step[1] && exchange->by_step[2];
}

/* What was not verified may be forged, unless both sides take part. */
static void record_later_exchange(ike_tracker *tracker, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    if (!exchange->message_id || /* phase 2 has one (RFC 2409 5.5) */
        (record->grade != IKE_GRADE_VERIFIED && !both_take_part(exchange)))
        return;
    ike_inference inference = record->grade == IKE_GRADE_UNPROTECTED ? IKE_INFERRED_CLEAR
                              : sa->late_start                       ? IKE_INFERRED_LATE_START
                                                                     : IKE_INFERRED_LATER_EXCHANGE;
    ike_sa_record_inferred(tracker, sa, record, inference);
}

/* Other messages than before are known to be the request or the response. */
static void restart_quick(ike_child *child, const ike_message_record *request,
                          const ike_message_record *response)
{
    if (child->requested && child->request != request)
        child->requested = false;
    else if (!child->established || child->response == response)
        return;
    child->requested = false;
    child->response = NULL;
    child->established = NULL;
}

static void quick_mode(ike_tracker *tracker, ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    record_later_exchange(tracker, record);
    if (!exchange->by_step)
        return; /* of another version of IKE under the same SPIs */
    ike_message_record *request = exchange->by_step[1], *response = exchange->by_step[2];
    if (exchange->child)
        restart_quick(exchange->child, request, response);
    if (ike_record_has_proposals(request))
        quick_request(tracker, request);
    if (ike_record_has_proposals(response))
        quick_response(tracker, response);
}

/* ---- transactions: XAUTH and mode config ----------------------------------------------------- */

static void transaction(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    record_later_exchange(tracker, record);
    if (!ike_message_is_readable(m))
        return;
    if (m->xauth_status)
        exchange->purpose = IKE_PURPOSE_XAUTH;
    else if (m->config_type && exchange->purpose == IKE_PURPOSE_NONE)
        exchange->purpose = IKE_PURPOSE_CONFIG;
    if (record->from_initiator && record->grade == IKE_GRADE_VERIFIED)
        ike_sa_record_user(tracker, exchange->sa, &m->xauth_user);
    if (m->xauth_status == IKE_XAUTH_FAIL && record->grade == IKE_GRADE_VERIFIED)
        ike_sa_record_failed(exchange->sa, record, 0);
}

/* ---- informational exchanges ----------------------------------------------------------------- */

static void dpd_request(ike_message_record *record, uint32_t sequence)
{
    ike_sa *sa = record->exchange->sa;
    bool sender = record->from_initiator;
    ike_dpd_requests *dpd = sa->dpd[sender];
    if (!dpd)
        dpd = sa->dpd[sender] = ike_tracker_alloc(sa->tracker, sizeof *dpd);
    record->exchange->request = record;
    if (dpd->unanswered++ == 0)
        dpd->first = record;
    unsigned at = dpd->count++ % IKE_MAX_DPD_REQUESTS;
    dpd->requests[at].sequence = sequence;
    dpd->requests[at].record = record;
}

/* R-U-THERE and its ACK carry the same sequence number (RFC 3706 5.4). */
static void dead_peer_detection(ike_message_record *record, const ike_recorded_notify *notify)
{
    ike_sa *sa = record->exchange->sa;
    if (notify->recorded < 4)
        return;
    uint32_t sequence = ike_get_u32(notify->data);
    record->exchange->purpose = IKE_PURPOSE_DPD;
    if (notify->type == IKEV1_NOTIFY_R_U_THERE) {
        dpd_request(record, sequence);
        return;
    }
    ike_dpd_requests *dpd = sa->dpd[!record->from_initiator];
    record->response = true;
    for (unsigned i = 0; dpd && i < IKE_MAX_DPD_REQUESTS; i++) {
        ike_message_record *request = dpd->requests[i].record;
        if (!request || dpd->requests[i].sequence != sequence)
            continue;
        dpd->unanswered = 0;
        dpd->requests[i].record = NULL;
        request->exchange->answered = true;
        request->exchange->response = record;
        record->exchange->is_answer = record->exchange != request->exchange;
        ike_exchange_pair(request, record);
        return;
    }
}

static bool is_about_phase1(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    /* Nothing but phase 1 has gone before: a side that does not accept its last message says so. */
    bool nothing_else = !ike_exchange_took_place(sa->last_quick) &&
                        !ike_exchange_took_place(sa->last_transaction) && !sa->late_start;
    return record->exchange == sa->init || !ike_sa_was_up(sa) || nothing_else;
}

/* The IPsec SA that an error is about: it may name the SPI that was proposed (RFC 2408 3.14). */
static ike_child *child_of_error(const ike_message_record *record, const ike_recorded_notify *error)
{
    const ike_exchange *exchange = record->exchange;
    if (exchange->child)
        return exchange->child;
    if (error->spi_bytes == 4 && error->spi) {
        ike_child *child = ike_child_find(exchange->sa->tracker, exchange->sa,
                                          !record->from_initiator, error->spi);
        if (child)
            return child;
    }
    return ike_child_newest_requested(exchange->sa);
}

static void record_error(ike_message_record *record, const ike_recorded_notify *error)
{
    ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    if (!exchange->error) {
        exchange->error = error->type;
        exchange->error_grade = record->grade;
    }
    /* HASH and SIG of phase 1 cover the identity alone (RFC 2409 5). */
    if (record->grade != IKE_GRADE_VERIFIED || exchange == sa->init) {
        ike_sa_record_error(sa, record, error->type);
        return;
    }
    ike_child *child = child_of_error(record, error);
    if (child && !child->established)
        ike_child_record_refusal(child, record, error->type);
    else if (is_about_phase1(record) || error->type == IKEV1_NOTIFY_AUTHENTICATION_FAILED)
        ike_sa_record_failed(sa, record, error->type);
}

static void notifies(ike_message_record *record)
{
    const ike_content *content = record->content;
    for (uint16_t i = 0; content && i < content->notify_count; i++) {
        const ike_recorded_notify *notify = &content->notifies[i];
        bool protected = record->grade == IKE_GRADE_VERIFIED;
        if (notify->type == IKEV1_NOTIFY_R_U_THERE || notify->type == IKEV1_NOTIFY_R_U_THERE_ACK)
            dead_peer_detection(record, notify);
        else if (notify->type == IKEV1_NOTIFY_INITIAL_CONTACT && protected &&
                 record->from_initiator)
            record->exchange->sa->initial_contact = true;
        else if (ike_notify_is_error(1, notify->type))
            record_error(record, notify);
    }
}

static void informational(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    if (!ike_message_is_readable(m))
        return;
    if (m->notify_count > 0)
        record->exchange->purpose = IKE_PURPOSE_NOTIFY;
    if (record->grade == IKE_GRADE_VERIFIED)
        ike_record_deletes(tracker, record, m);
}

/* ---- the message ----------------------------------------------------------------------------- */

/* A side that was heard after phase 1. One message that was not decrypted may be forged, unless
 * it takes part in an exchange. */
static void record_heard(const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    bool side = record->from_initiator;
    if (record->grade == IKE_GRADE_UNPROTECTED)
        return;
    if (both_take_part(record->exchange))
        sa->heard_after_phase1[0] = sa->heard_after_phase1[1] = true;
    if (record->grade == IKE_GRADE_VERIFIED || sa->maybe_heard[side])
        sa->heard_after_phase1[side] = true;
    sa->maybe_heard[side] = true;
}

void ikev1_record(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (m->decryption == IKE_FRAGMENT)
        return;
    if (record->exchange != sa->init && record->exchange->message_id)
        record_heard(record);
    if (record->unslotted) {
        notifies(record);
        return;
    }
    switch (m->exchange) {
    case IKEV1_EXCHANGE_MAIN_MODE:
    case IKEV1_EXCHANGE_AGGRESSIVE_MODE:
        phase1(tracker, record, m);
        break;
    case IKEV1_EXCHANGE_QUICK_MODE:
        quick_mode(tracker, record);
        break;
    case IKEV1_EXCHANGE_TRANSACTION:
        transaction(tracker, record, m);
        break;
    case IKEV1_EXCHANGE_INFORMATIONAL:
        informational(tracker, record, m);
        break;
    default:
        break;
    }
    notifies(record);
}
