/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1 exchanges (RFC 2409 5): the content of a message, and who sent it, tell its step. */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

static uint8_t main_mode_step(const ike_message *m, bool from_initiator)
{
    if (m->encrypted)
        return from_initiator ? 5 : 6;
    if (ike_message_has(m, IKEV1_PAYLOAD_SA))
        return from_initiator ? 1 : 2;
    if (ike_message_has(m, IKEV1_PAYLOAD_KE) || ike_message_has(m, IKEV1_PAYLOAD_NONCE))
        return from_initiator ? 3 : 4;
    /* In clear, as firewalls' debug captures have them: ID and HASH or SIG. */
    if (ike_message_has(m, IKEV1_PAYLOAD_ID) || ike_message_has(m, IKEV1_PAYLOAD_HASH))
        return from_initiator ? 5 : 6;
    return from_initiator ? 3 : 4;
}

static uint8_t aggressive_step(const ike_message *m, bool from_initiator)
{
    if (!from_initiator)
        return 2;
    return ike_message_has(m, IKEV1_PAYLOAD_SA) ? 1 : 3;
}

/* A message that was decrypted goes before one that was not. */
static bool is_taken(const ike_exchange *exchange, uint8_t step, ike_grade grade)
{
    const ike_message_record *record = exchange->by_step[step];
    return record && (grade != IKE_GRADE_VERIFIED || record->grade == IKE_GRADE_VERIFIED);
}

/* Quick mode and transactions go to and fro; the first message seen is the first. */
static uint8_t alternating_step(ike_exchange *exchange, const ike_message *m, bool from_initiator)
{
    ike_grade grade = ike_message_grade(m);
    bool is_first = true;
    for (uint8_t i = 1; i <= IKE_V1_STEPS; i++)
        is_first = is_first && !is_taken(exchange, i, grade);
    if (is_first)
        exchange->first_by_initiator = exchange->by_initiator = from_initiator;
    uint8_t step = from_initiator == exchange->first_by_initiator ? 1 : 2;
    while (step <= 4 && is_taken(exchange, step, grade))
        step = (uint8_t)(step + 2);
    return step;
}

static uint8_t count_of_steps(const ike_sa *sa, uint8_t exchange, uint8_t step)
{
    if (exchange == IKEV1_EXCHANGE_QUICK_MODE && ike_is_gdoi(sa))
        return 4; /* GROUPKEY-PULL (RFC 6407 3.2) */
    switch (exchange) {
    case IKEV1_EXCHANGE_MAIN_MODE:
        return 6;
    case IKEV1_EXCHANGE_AGGRESSIVE_MODE:
        return 3;
    case IKEV1_EXCHANGE_QUICK_MODE:
        return step > 3 ? 4 : 3;
    case IKEV1_EXCHANGE_TRANSACTION:
        return step > 2 ? 4 : 2;
    default:
        return 0;
    }
}

static uint8_t step_of(ike_exchange *exchange, const ike_message *m, bool from_initiator)
{
    if (m->decryption == IKE_FRAGMENT)
        return 0; /* the message that it completes has the step */
    switch (m->exchange) {
    case IKEV1_EXCHANGE_MAIN_MODE:
        return main_mode_step(m, from_initiator);
    case IKEV1_EXCHANGE_AGGRESSIVE_MODE:
        return aggressive_step(m, from_initiator);
    case IKEV1_EXCHANGE_QUICK_MODE:
    case IKEV1_EXCHANGE_TRANSACTION:
        return alternating_step(exchange, m, from_initiator);
    default:
        return 0;
    }
}

static void take_slot(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    uint8_t step = record->step;
    if (step == 0 || step > IKE_V1_STEPS)
        return;
    record->response = step % 2 == 0;
    if (is_taken(exchange, step, record->grade))
        return;
    if (exchange->by_step[step])
        exchange->by_step[step]->paired = NULL;
    exchange->by_step[step] = record;
    if (record->response && exchange->by_step[step - 1])
        ike_exchange_pair(exchange->by_step[step - 1], record);
    else if (!record->response && step < IKE_V1_STEPS && exchange->by_step[step + 1])
        ike_exchange_pair(record, exchange->by_step[step + 1]);
    if (step <= 2) {
        exchange->request = exchange->by_step[1];
        exchange->response = exchange->by_step[2];
    }
    exchange->answered = exchange->by_step[2] != NULL;
}

/* What is in clear takes no step of an exchange whose messages are encrypted, and nothing one of
 * the phase 1 mode that the SA does not use. */
static bool is_slotted(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    bool phase1 = ikev1_exchange_is_phase1(record->exchange->type);
    if (record->not_authentic || record->reflected || (phase1 && record->exchange != sa->init))
        return false;
    if (record->grade != IKE_GRADE_UNPROTECTED || !ike_sa_is_protected(sa))
        return true;
    /* In main mode ID and HASH or SIG are encrypted. */
    bool authenticates = record->content && (ike_content_has(record->content, IKEV1_PAYLOAD_ID) ||
                                             ike_content_has(record->content, IKEV1_PAYLOAD_HASH));
    return record->exchange == sa->init &&
           !(record->exchange->type == IKEV1_EXCHANGE_MAIN_MODE && authenticates);
}

static void set_step(ike_exchange *exchange, unsigned step, ike_message_record *record)
{
    exchange->by_step[step] = record;
    if (!record)
        return;
    record->step = step & 7u;
    record->response = step % 2 == 0;
    record->steps = count_of_steps(exchange->sa, exchange->type, record->step) & 7u;
}

/* Messages 2, 1 and 3 of quick mode were taken for 1, 2 and 4. */
bool ikev1_exchange_correct_quick(ike_exchange *exchange)
{
    ike_message_record *taken[] = {exchange->by_step[1], exchange->by_step[2],
                                   exchange->by_step[4]};
    if (ike_is_gdoi(exchange->sa) || !taken[0] || !taken[1] || !taken[2] || exchange->by_step[3] ||
        taken[2]->from_initiator != taken[1]->from_initiator)
        return false;
    exchange->first_by_initiator = exchange->by_initiator = taken[1]->from_initiator;
    set_step(exchange, 1, taken[1]);
    set_step(exchange, 2, taken[0]);
    set_step(exchange, 3, taken[2]);
    exchange->by_step[4] = NULL;
    taken[2]->paired = NULL;
    exchange->request = exchange->by_step[1];
    exchange->response = exchange->by_step[2];
    ike_exchange_pair(exchange->request, exchange->response);
    return true;
}

void ikev1_exchange_place(ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    record->unslotted = !is_slotted(record);
    /* What does not decrypt under the keys of one side's PSK may be the other's refusal. */
    if (!record->unslotted || record->not_authentic)
        ike_exchange_record_newest(exchange);
    if (record->unslotted || (record->step != 0 && exchange->by_step[record->step] == record))
        return;
    record->step = step_of(exchange, m, record->from_initiator) & 7u;
    record->steps = count_of_steps(exchange->sa, exchange->type, record->step) & 7u;
    take_slot(record);
    if (!exchange->request && record->step <= 1)
        exchange->request = record;
}

ike_message_record *ikev1_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    if (!sa->roles_known)
        ikev1_update_roles(sa, m);
    bool from_initiator = ike_sa_from_initiator(sa, m);
    ike_exchange *exchange =
        ike_exchange_find(tracker, sa, m->message_id, IKE_SIDE_EITHER, m->exchange);
    ike_message_record *original =
        exchange ? ike_exchange_find_original(exchange, m, from_initiator) : NULL;
    if (!exchange) {
        exchange = ike_exchange_begin(tracker, sa, m, IKE_SIDE_EITHER, m->exchange, NULL);
        exchange->by_step =
            ike_tracker_alloc(tracker, (IKE_V1_STEPS + 1) * sizeof *exchange->by_step);
        exchange->first_by_initiator = exchange->by_initiator = from_initiator;
        if (ikev1_exchange_is_phase1(m->exchange))
            exchange->by_initiator = true;
    }
    ike_message_record *record = ike_exchange_add(tracker, exchange, m, from_initiator);
    if (original) {
        ike_exchange_record_repeat(tracker, record, original, m);
        return record;
    }
    record->reflected = ike_exchange_find_repeated(exchange, m) != NULL;
    ike_exchange_add_distinct(record);
    if (ike_message_is_readable(m))
        record->content = ike_content_new(tracker, m);
    ikev1_exchange_place(record, m);
    return record;
}
