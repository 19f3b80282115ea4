/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1 has no number for the step of an exchange that a message is: its content, its sender and
 * the other messages tell it (RFC 2409 5). */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "proto/ike_numbers.h"

/* ---- slots ----------------------------------------------------------------------------------- */

void ikev1_link_steps(ike_exchange *exchange)
{
    ike_message_record **by_step = exchange->by_step;
    for (unsigned step = 1; step < IKE_V1_STEPS; step += 2)
        if (by_step[step] && by_step[step + 1])
            ike_exchange_pair(by_step[step], by_step[step + 1]);
    exchange->request = by_step[1];
    exchange->response = by_step[2];
    exchange->answered = by_step[2] != NULL;
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

static void set_step(ike_message_record *record, unsigned step)
{
    const ike_exchange *exchange = record->exchange;
    record->step = step & 7u;
    record->steps = count_of_steps(exchange->sa, exchange->type, (uint8_t)step) & 7u;
    if (step)
        record->response = step % 2 == 0;
}

void ikev1_take_slot(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_message_record *before = exchange->by_step[record->step];
    if (before && before != record)
        before->paired = NULL;
    record->unslotted = false;
    exchange->by_step[record->step] = record;
    ikev1_link_steps(exchange);
}

/* ---- main and aggressive mode ---------------------------------------------------------------- */

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

/* 0: it has not what makes it one of them. */
static uint8_t aggressive_step(const ike_message *m, bool from_initiator)
{
    if (ike_message_has(m, IKEV1_PAYLOAD_SA))
        return from_initiator ? 1 : 2;
    bool ends = m->encrypted || ike_message_has(m, IKEV1_PAYLOAD_HASH) ||
                ike_message_has(m, IKEV1_PAYLOAD_SIG);
    return from_initiator && ends ? 3 : 0;
}

/* Message 2 of aggressive mode proves who sent it (RFC 2409 5.1, 5.2, 5.4). */
static bool lacks_proof(const ike_message_record *record)
{
    return record->step == 2 && record->exchange->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE &&
           !ike_content_has(record->content, IKEV1_PAYLOAD_HASH) &&
           !ike_content_has(record->content, IKEV1_PAYLOAD_SIG);
}

/* Whether a first message has the proposals that the second one chooses from, or the other way
 * round, and another one has not. */
static bool fits_better(const ike_exchange *exchange, const ike_message_record *record,
                        const ike_message_record *other)
{
    const ike_message_record *const *steps = (const ike_message_record *const *)exchange->by_step;
    if (record->step == 1)
        return ike_record_chooses_from(steps[2], record) &&
               !ike_record_chooses_from(steps[2], other);
    if (lacks_proof(record) != lacks_proof(other))
        return lacks_proof(other);
    return record->step == 2 && ike_record_chooses_from(record, steps[1]) &&
           !ike_record_chooses_from(other, steps[1]);
}

/* A message that was decrypted goes before one that was not, and that before one in clear. */
static bool is_taken(const ike_exchange *exchange, const ike_message_record *by)
{
    const ike_message_record *record = exchange->by_step[by->step];
    return record && record != by && by->grade <= record->grade &&
           !fits_better(exchange, by, record);
}

/* The first message that the second one answers, of several. */
static void find_first_step(ike_exchange *exchange)
{
    enum { MAX_FIRST = 8 };
    ike_message_record *record = exchange->last_distinct;
    for (int i = 0; exchange->by_step[1] && record && i < MAX_FIRST;
         i++, record = record->previous_distinct)
        if (record->step == 1 && fits_better(exchange, record, exchange->by_step[1]))
            ikev1_take_slot(record);
}

static void take_phase1_step(ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    set_step(record, m->exchange == IKEV1_EXCHANGE_MAIN_MODE
                         ? main_mode_step(m, record->from_initiator)
                         : aggressive_step(m, record->from_initiator));
    if (!record->step || is_taken(exchange, record))
        return;
    ikev1_take_slot(record);
    if (record->step == 2)
        find_first_step(exchange);
}

/* ---- quick mode and transactions ------------------------------------------------------------- */

/* The steps are those of all messages together: a response may be captured before its request, and
 * what was decrypted tells more than what was not. */
enum { ALTERNATING_STEPS = 4, MAX_CANDIDATES = ALTERNATING_STEPS + 1 };

typedef struct {
    ike_message_record *of[MAX_CANDIDATES]; /* in the order of the capture */
    unsigned count;
    const ike_message_record *shortest; /* NULL: another one is as short */
    bool by_initiator;                  /* who began the exchange */
} candidates;

static bool is_before(const ike_message_record *a, const ike_message_record *b)
{
    return a->frame != b->frame ? a->frame < b->frame : a->place < b->place;
}

static void add_candidate(candidates *all, ike_message_record *record)
{
    unsigned at = all->count++;
    for (; at > 0 && is_before(record, all->of[at - 1]); at--)
        all->of[at] = all->of[at - 1];
    all->of[at] = record;
}

static const ike_message_record *find_shortest(const candidates *all)
{
    const ike_message_record *found = all->of[0];
    bool alone = true;
    for (unsigned i = 1; i < all->count; i++) {
        if (all->of[i]->length <= found->length)
            alone = all->of[i]->length < found->length;
        if (all->of[i]->length < found->length)
            found = all->of[i];
    }
    return alone ? found : NULL;
}

static candidates candidates_of(const ike_exchange *exchange, ike_message_record *record)
{
    candidates all = {.count = 0};
    for (unsigned step = 1; step <= ALTERNATING_STEPS; step++)
        if (exchange->by_step[step] && exchange->by_step[step] != record)
            add_candidate(&all, exchange->by_step[step]);
    add_candidate(&all, record);
    all.shortest = find_shortest(&all);
    return all;
}

/* GROUPKEY-PULL: ID asks, SA answers, KD comes last (RFC 6407 3.2). */
static unsigned pull_step(const ike_content *content)
{
    if (ike_content_has(content, IKEV1_PAYLOAD_SA))
        return 2;
    if (ike_content_has(content, IKEV1_PAYLOAD_KD))
        return 4;
    return ike_content_has(content, IKEV1_PAYLOAD_ID) ? 1 : 3;
}

/* The step that the content alone tells, 0: it does not; a transaction: 1 or 2. */
static unsigned step_of_content(const ike_message_record *record)
{
    const ike_content *content = record->content;
    if (record->grade != IKE_GRADE_VERIFIED || !content)
        return 0;
    if (record->exchange->type == IKEV1_EXCHANGE_TRANSACTION)
        return content->config_type ? 1u + content->config_type % 2u : 0; /* type + 1 */
    if (ike_is_gdoi(record->exchange->sa))
        return pull_step(content);
    if (ike_content_has(content, IKEV1_PAYLOAD_SA))
        return 0;
    /* With the commit bit the responder has the last word (RFC 2408 3.1). */
    return ike_content_has(content, IKEV1_PAYLOAD_NOTIFY) ? 4 : 3;
}

/* Quick mode: message 3 is a HASH alone, shorter than 1 and 2; its side has sent two. */
static bool is_third(const candidates *all, const ike_message_record *record)
{
    unsigned of_side = 0;
    if (record != all->shortest || record->exchange->type != IKEV1_EXCHANGE_QUICK_MODE ||
        ike_is_gdoi(record->exchange->sa))
        return false;
    for (unsigned i = 0; i < all->count; i++)
        of_side += all->of[i]->from_initiator == record->from_initiator;
    return of_side >= 2 && all->count > of_side;
}

static bool is_begun_by_initiator(const candidates *all)
{
    for (unsigned i = 0; i < all->count; i++) {
        unsigned step = step_of_content(all->of[i]);
        if (step)
            return all->of[i]->from_initiator == (step % 2 == 1);
    }
    if (all->count == 3 && all->shortest && is_third(all, all->shortest))
        return all->shortest->from_initiator;
    for (unsigned i = 0; i < all->count; i++)
        if (all->of[i]->grade == IKE_GRADE_VERIFIED)
            return all->of[i]->from_initiator;
    return all->of[0]->from_initiator;
}

static void assign_step(ike_exchange *exchange, const candidates *all, ike_message_record *record)
{
    unsigned first = record->from_initiator == all->by_initiator ? 1 : 2;
    unsigned step = step_of_content(record);
    bool quick = exchange->type == IKEV1_EXCHANGE_QUICK_MODE;
    if (!quick || step % 2 != first % 2 || step == 0)
        step = first == 1 && is_third(all, record) ? 3 : first;
    if (step == first && exchange->by_step[step] && !(quick && ike_record_has_proposals(record)))
        step += 2;
    bool taken = exchange->by_step[step] != NULL;
    if (!taken)
        exchange->by_step[step] = record;
    set_step(record, taken && !step_of_content(record) ? first : step);
}

static void take_alternating_step(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    candidates all = candidates_of(exchange, record);
    all.by_initiator = is_begun_by_initiator(&all);
    exchange->by_initiator = all.by_initiator;
    for (unsigned step = 1; step <= ALTERNATING_STEPS; step++)
        exchange->by_step[step] = NULL;
    for (int verified = 1; verified >= 0; verified--)
        for (unsigned i = 0; i < all.count; i++)
            if ((all.of[i]->grade == IKE_GRADE_VERIFIED) == (verified == 1)) {
                all.of[i]->paired = NULL;
                assign_step(exchange, &all, all.of[i]);
            }
    ikev1_link_steps(exchange);
}

void ikev1_take_step(ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    bool alternates =
        m->exchange == IKEV1_EXCHANGE_QUICK_MODE || m->exchange == IKEV1_EXCHANGE_TRANSACTION;
    bool fragment = m->decryption == IKE_FRAGMENT; /* the message that it completes has the step */
    if (!fragment && ikev1_exchange_is_phase1(m->exchange)) {
        take_phase1_step(record, m);
    } else if (!fragment && alternates) {
        take_alternating_step(record);
    } else {
        set_step(record, 0);
        if (!exchange->request)
            exchange->request = record;
    }
}
