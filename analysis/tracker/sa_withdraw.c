/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What messages in clear seemed to say falls when protected ones show which of them are true. */
#include <string.h>

#include "analysis/tracker/child.h"
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"

/* ---- the first protected message ------------------------------------------------------------- */

static bool is_in_clear(const ike_message_record *record)
{
    return record && record->grade == IKE_GRADE_UNPROTECTED;
}

static void withdraw_slot(ike_message_record **slot)
{
    if (!is_in_clear(*slot))
        return;
    (*slot)->paired = NULL;
    (*slot)->unslotted = true;
    *slot = NULL;
}

/* Messages in clear are neither response nor step of an exchange that is encrypted. A request stays
 * until the true one comes: an initiator that does not encrypt would be refused. */
static void withdraw_slots(ike_exchange *exchange)
{
    if (exchange == exchange->sa->init && exchange->type == IKEV1_EXCHANGE_MAIN_MODE &&
        exchange->by_step) {
        withdraw_slot(&exchange->by_step[5]);
        withdraw_slot(&exchange->by_step[6]);
    }
    if (exchange == exchange->sa->init ||
        (exchange->sa->major != 1 && ikev2_exchange_is_init(exchange->type)))
        return;
    for (unsigned step = 1; exchange->by_step && step <= IKE_V1_STEPS; step++)
        withdraw_slot(&exchange->by_step[step]);
    withdraw_slot(&exchange->response);
    exchange->answered = exchange->response != NULL;
}

void ike_sa_withdraw_clear(ike_tracker *tracker, ike_sa *sa)
{
    for (ike_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next)
        withdraw_slots(exchange);
    ike_children_withdraw(tracker, sa);
    if (is_in_clear(sa->deleted))
        sa->deleted = NULL;
    if (is_in_clear(sa->failed))
        sa->failed = NULL;
    if (is_in_clear(sa->inferred))
        ike_sa_withdraw_inferred(tracker, sa);
    ike_sa_withdraw_redirect(tracker, sa);
    if (sa->major == 1)
        return;
    if (is_in_clear(sa->auth_begun))
        sa->auth_begun = NULL;
    sa->auth_exchange = NULL;
    /* The identities of a rekeyed IKE SA are those of the one that it replaced. */
    if (!sa->rekeyed_from)
        ike_sa_withdraw_parties(sa);
}

/* ---- the first decrypted message ------------------------------------------------------------- */

/* How often the message and its retransmissions count as encrypted. */
static uint32_t times_counted(const ike_message_record *record)
{
    if (record->fragments > 1)
        return record->fragment == 1;
    return record->sightings ? ike_exchange_drop_transmissions(record) : 1;
}

static void withdraw_message(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_sa *sa = exchange->sa;
    bool side = record->from_initiator;
    if (!record->original)
        sa->encrypted_messages -= times_counted(record);
    record->not_authentic = true;
    record->grade = IKE_GRADE_UNPROTECTED;
    if (exchange->request == record) {
        withdraw_slot(&exchange->request);
        exchange->purpose = IKE_PURPOSE_NONE;
    }
    if (sa->last_protected[side] == record)
        sa->last_protected[side] = NULL;
    sa->id_seen[side] = false;
    while (sa->last_begun[side] && sa->last_begun[side]->begun && !sa->last_begun[side]->request)
        sa->last_begun[side] = sa->last_begun[side]->previous_of_side;
}

/* IKE_INTERMEDIATE has keys of its own (RFC 9370 2.2.2). */
void ike_sa_withdraw_wrong_icv(ike_tracker *tracker, ike_sa *sa)
{
    bool any = false;
    for (ike_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next)
        for (ike_message_record *record = exchange->messages; record; record = record->next)
            if (record->wrong_icv && record->grade == IKE_GRADE_ENCRYPTED &&
                exchange->type != IKEV2_EXCHANGE_IKE_INTERMEDIATE) {
                withdraw_message(record);
                any = true;
            }
    if (any)
        ike_sa_withdraw_clear(tracker, sa);
}

/* ---- the first messages are known ------------------------------------------------------------ */

/* The message of an IKE SA in a frame, and not the last fragment of it; NULL none. */
static ike_message_record *find_in_frame(const ike_tracker *tracker, const ike_sa *sa,
                                         uint32_t frame)
{
    enum { MAX_PLACES = 16 };
    ike_message_record *found = NULL;
    for (uint16_t place = 0; frame && place < MAX_PLACES; place++) {
        ike_message_record *record = ike_tracker_record(tracker, frame, place);
        if (!record)
            break;
        if (record->exchange->sa == sa && (!found || !found->content))
            found = record;
    }
    return found;
}

static bool is_news(ike_tracker *tracker, ike_sa *sa, const uint32_t frames[IKE_INIT_FRAMES])
{
    const size_t bytes = IKE_INIT_FRAMES * sizeof *frames;
    if (sa->true_frames && memcmp(sa->true_frames, frames, bytes) == 0)
        return false;
    if (!sa->true_frames)
        sa->true_frames = ike_tracker_alloc(tracker, bytes);
    memcpy(sa->true_frames, frames, bytes);
    return true;
}

/* The first complete sighting may be a retransmission, where the original is truncated. */
static ike_message_record *original_of(ike_message_record *record)
{
    return record->original ? record->original : record;
}

/* In IKEv1 the bytes are those of the true message under any exchange type. */
static void take_slot(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_message_record *before = record->response ? exchange->response : exchange->request;
    if (exchange->sa->major != 1) {
        if (before && before != record)
            before->unslotted = true;
        ikev2_take_slot(record);
    } else if (exchange == exchange->sa->init && record->step) {
        ikev1_take_slot(record);
    }
}

void ike_sa_set_verified_init(ike_tracker *tracker, ike_sa *sa,
                              const uint32_t frames[IKE_INIT_FRAMES])
{
    if (!is_news(tracker, sa, frames))
        return;
    ike_message_record *verified[IKE_INIT_FRAMES];
    for (size_t i = 0; i < IKE_INIT_FRAMES; i++)
        verified[i] = find_in_frame(tracker, sa, frames[i]);
    ike_message_record *request = verified[0], *response = verified[1];
    if (request || response) {
        ike_nat_set_verified(sa, verified, IKE_INIT_FRAMES);
        ike_sa_set_verified_vendors(tracker, sa, verified, IKE_INIT_FRAMES);
    }
    if (response && (sa->major != 1 || response->exchange->response == response))
        sa->init = response->exchange;
    for (size_t i = 0; i < IKE_INIT_FRAMES; i++)
        if (verified[i])
            take_slot(original_of(verified[i]));
    if (request && response) /* a forged request may stand between them */
        ike_exchange_pair(original_of(request), original_of(response));
    if (ike_record_has_proposals(request))
        sa->proposals = request->content->proposals;
    if (!ike_record_has_proposals(response))
        return;
    ike_negotiated negotiated = ike_proposal_list_negotiated(response->content->proposals);
    negotiated.life_seconds = response->content->life_seconds;
    const ike_negotiated *stored = ike_store_negotiated(tracker, &negotiated);
    if (sa->major == 1)
        sa->initiator.auth_method = sa->responder.auth_method = stored->auth_method;
    if (stored == sa->negotiated)
        return;
    sa->negotiated = stored;
    if (sa->major != 1)
        sa->keys = response;
}
