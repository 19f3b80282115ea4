/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exchanges: which messages belong together, which answers which, which repeats which. */
#include "analysis/tracker/internal.h"

#include <string.h>

#include "registry/names.h"

enum { MAX_STEP = 6 };
enum { FEW_EXCHANGES = 16 }; /* of an IKE SA, that are found without the table */
enum { MAX_DISTINCT = 64 };  /* messages of one exchange that a new one is compared with */

static bool is_exchange(const ike_exchange *exchange, uint32_t message_id, uint8_t side,
                        uint8_t kind)
{
    return exchange->message_id == message_id && exchange->side == side && exchange->kind == kind;
}

static ike_exchange *find_recent(const ike_sa *sa, uint32_t message_id, uint8_t side, uint8_t kind)
{
    const ike_sa_private *own = sa->own;
    uint32_t count = MIN(own->exchange_count, RECENT_EXCHANGES);

    for (uint32_t i = 1; i <= count; i++) {
        ike_exchange *exchange = own->recent[(own->exchange_count - i) % RECENT_EXCHANGES];
        if (is_exchange(exchange, message_id, side, kind))
            return exchange;
    }
    return NULL;
}

ike_exchange *ike_exchange_find(const ike_tracker *tracker, const ike_sa *sa, uint32_t message_id,
                                uint8_t side, uint8_t kind)
{
    const ike_sa_private *own = sa->own;
    int count = 0;

    /* IKEv2: most messages begin the next exchange, or belong to one of the last. */
    if (kind == 0 && (!own->began[side] || message_id > own->highest_id[side]))
        return NULL;
    ike_exchange *found = find_recent(sa, message_id, side, kind);
    if (found || own->exchange_count <= RECENT_EXCHANGES)
        return found;
    const ike_exchange key = {
        .sa = (ike_sa *)(guintptr)sa, .message_id = message_id, .side = side, .kind = kind};
    if (own->exchange_count > FEW_EXCHANGES)
        found = g_hash_table_lookup(tracker->exchanges, &key);
    if (found)
        return found;
    for (ike_exchange *e = sa->exchanges; e && count < FEW_EXCHANGES; e = e->next, count++)
        if (is_exchange(e, message_id, side, kind))
            found = e; /* the newest */
    return found;
}

/* Makes the exchange that the first message of a round begins; `earlier` has the same key. */
static ike_exchange *begin(ike_tracker *tracker, ike_sa *sa, const ike_message *m, uint8_t side,
                           uint8_t kind, ike_exchange *earlier)
{
    size_t steps = sa->major == 1 ? (MAX_STEP + 1) * sizeof(ike_verdict *) : 0;
    ike_exchange *exchange =
        ike_tracker_room(tracker, sizeof *exchange + sizeof(ike_exchange_private) + steps);
    exchange->sa = sa;
    exchange->type = m->exchange;
    exchange->message_id = m->message_id;
    exchange->side = side;
    exchange->kind = kind;
    ike_own(exchange)->tail = &exchange->messages;
    ike_own(exchange)->previous_round = earlier;
    ike_sa_private *own = sa->own;
    if (kind == 0) {
        own->highest_id[side] = MAX(own->highest_id[side], m->message_id);
        own->began[side] = true;
    }
    own->recent[own->exchange_count % RECENT_EXCHANGES] = exchange;
    if (own->exchange_count++ >= FEW_EXCHANGES)
        g_hash_table_add(tracker->exchanges, exchange);
    *own->exchange_tail = exchange;
    own->exchange_tail = &exchange->next;
    return exchange;
}

void ike_exchange_forget(ike_exchange *exchange)
{
    ike_facts_free(ike_own(exchange)->request);
    ike_facts_free(ike_own(exchange)->response);
}

ike_verdict *ike_exchange_add(ike_tracker *tracker, ike_exchange *exchange, const ike_message *m,
                              bool from_initiator)
{
    ike_verdict *verdict = ike_tracker_add_verdict(tracker);
    verdict->exchange = exchange;
    verdict->time_ns = m->time_ns;
    verdict->digest = m->digest;
    verdict->frame = m->frame;
    verdict->place = m->place;
    verdict->length = MIN(m->length, IKE_MOST_OCTETS) & IKE_MOST_OCTETS;
    verdict->fragment = m->fragment;
    verdict->fragments = m->fragments;
    verdict->opening = m->opening & 3;
    verdict->from_initiator = from_initiator;
    verdict->reassembled = m->reassembled;
    verdict->sealed_first = m->first_inside ? (uint8_t)(m->first_inside - 1) : 0;
    *ike_own(exchange)->tail = verdict;
    ike_own(exchange)->tail = &verdict->next;
    return verdict;
}

static void add_distinct(ike_verdict *verdict)
{
    ike_exchange_private *own = ike_own(verdict->exchange);
    verdict->previous_distinct = own->last_distinct;
    own->last_distinct = verdict;
    if (own->count < 255)
        own->count++;
}

ike_verdict *ike_exchange_repeated(ike_exchange *exchange, const ike_message *m,
                                   bool from_initiator)
{
    ike_verdict *verdict = ike_own(exchange)->last_distinct;
    for (int i = 0; verdict && i < MAX_DISTINCT; i++, verdict = verdict->previous_distinct)
        if (verdict->from_initiator == from_initiator && verdict->digest == m->digest &&
            verdict->length == MIN(m->length, IKE_MOST_OCTETS) && verdict->fragment == m->fragment)
            return verdict;
    return NULL;
}

void ike_exchange_note_repeat(ike_tracker *tracker, ike_verdict *verdict, ike_verdict *original)
{
    verdict->original = original;
    verdict->response = original->response;
    verdict->partner = original->partner;
    verdict->step = original->step;
    verdict->steps = original->steps;
    verdict->sealed_first = original->sealed_first;
    original->repeats++;
    verdict->exchange->retransmissions++;
    ike_find(tracker, verdict, IKE_F_RETRANSMISSION, "Repeats frame %u (the %u%s repeat).",
             original->frame, original->repeats,
             original->repeats == 1   ? "st"
             : original->repeats == 2 ? "nd"
             : original->repeats == 3 ? "rd"
                                      : "th");
}

static void link_repeats(ike_exchange *exchange)
{
    for (ike_verdict *verdict = exchange->messages; verdict; verdict = verdict->next)
        if (verdict->original)
            verdict->partner = verdict->original->partner;
}

void ike_exchange_pair(ike_verdict *request, ike_verdict *response)
{
    request->partner = response;
    response->partner = request;
    link_repeats(request->exchange);
    if (response->exchange != request->exchange)
        link_repeats(response->exchange);
}

/* ---- IKEv2 (RFC 7296 2.1, 2.2) --------------------------------------------------------------- */

/* All messages of the exchange point to what they ask or answer. */
static void link_all(ike_exchange *exchange)
{
    for (ike_verdict *verdict = exchange->messages; verdict; verdict = verdict->next)
        verdict->partner = verdict->response ? exchange->request : exchange->response;
}

static void take_place(ike_exchange *exchange, ike_verdict *verdict)
{
    ike_verdict **place = verdict->response ? &exchange->response : &exchange->request;
    if (*place && !(verdict->reassembled && !(*place)->reassembled)) {
        verdict->partner = verdict->response ? exchange->request : exchange->response;
        return;
    }
    *place = verdict;
    exchange->answered = exchange->response != NULL;
    link_all(exchange);
}

/* The same message ID again, with other content: a new round of IKE_SA_INIT. */
static bool begins_round(const ike_exchange *exchange, const ike_message *m)
{
    if (exchange->type != m->exchange)
        return true;
    if (m->exchange != IKE_SA_INIT && m->exchange != IKE_SESSION_RESUME)
        return false;
    return m->response ? exchange->response != NULL : exchange->request != NULL;
}

/* The same message cut into other fragments, after the sender learned a smaller path MTU (RFC 7383
 * 2.5.2): a repeat though the octets differ. */
static ike_verdict *refragmented(ike_exchange *exchange, const ike_message *m)
{
    ike_verdict *earlier = m->response ? exchange->response : exchange->request;
    if (!earlier || earlier->fragments == m->fragments || m->exchange == IKE_SA_INIT)
        return NULL;
    return earlier;
}

static void note_change(ike_tracker *tracker, ike_exchange *exchange, ike_verdict *verdict,
                        const ike_message *m)
{
    const ike_verdict *earlier = m->response ? exchange->response : exchange->request;
    if (earlier && earlier != verdict && earlier->fragments == 0 && m->fragments == 0)
        ike_find(tracker, verdict, IKE_F_MESSAGE_CHANGED,
                 "Message ID %u was used by the same sender in frame %u for other content.",
                 m->message_id, earlier->frame);
}

ike_verdict *ikev2_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool from_initiator = m->major == sa->major
                              ? ike_sa_from_initiator(sa, m)
                              : ike_same_address(&m->source, &sa->initiator.endpoint);
    bool response = m->major == 1 ? !from_initiator : m->response;
    bool by_initiator = response ? !from_initiator : from_initiator;
    ike_exchange *exchange = ike_exchange_find(tracker, sa, m->message_id, by_initiator, 0);
    ike_exchange *round = exchange;

    for (int i = 0; round && i < 8; i++, round = ike_own(round)->previous_round) {
        ike_verdict *original = ike_exchange_repeated(round, m, from_initiator);
        if (original) {
            ike_verdict *verdict = ike_exchange_add(tracker, round, m, from_initiator);
            ike_exchange_note_repeat(tracker, verdict, original);
            return verdict;
        }
    }
    if (!exchange || begins_round(exchange, m)) {
        exchange = begin(tracker, sa, m, by_initiator, 0, exchange);
        exchange->by_initiator = by_initiator;
    }
    ike_verdict *other_cut = refragmented(exchange, m);
    ike_verdict *verdict = ike_exchange_add(tracker, exchange, m, from_initiator);
    add_distinct(verdict);
    verdict->response = response;
    verdict->step = response ? 2 : 1;
    verdict->steps = 2;
    if (other_cut)
        ike_exchange_note_repeat(tracker, verdict, other_cut);
    else
        note_change(tracker, exchange, verdict, m);
    take_place(exchange, verdict);
    return verdict;
}

/* ---- IKEv1 (RFC 2409 5) ---------------------------------------------------------------------- */

static uint8_t main_mode_step(const ike_message *m, bool from_initiator)
{
    if (m->encrypted)
        return from_initiator ? 5 : 6;
    if (ike_message_has(m, V1_SA))
        return from_initiator ? 1 : 2;
    return from_initiator ? 3 : 4;
}

static uint8_t aggressive_step(const ike_message *m, bool from_initiator)
{
    if (!from_initiator)
        return 2;
    return ike_message_has(m, V1_SA) ? 1 : 3;
}

/* Quick mode and transactions go to and fro; the first message seen is the first. */
static uint8_t alternating_step(const ike_exchange *exchange, bool from_initiator)
{
    const ike_exchange_private *own = ike_own(exchange);
    uint8_t step = from_initiator == own->first_by_initiator ? 1 : 2;
    while (step <= 4 && own->by_step[step])
        step = (uint8_t)(step + 2);
    return step;
}

static uint8_t count_of_steps(const ike_sa *sa, uint8_t exchange, uint8_t step)
{
    if (exchange == IKEV1_QUICK_MODE && ike_is_gdoi(sa))
        return 4; /* GROUPKEY-PULL (RFC 6407 3.2) */
    switch (exchange) {
    case IKEV1_MAIN_MODE:
        return 6;
    case IKEV1_AGGRESSIVE_MODE:
        return 3;
    case IKEV1_QUICK_MODE:
        return step > 3 ? 4 : 3;
    case IKEV1_TRANSACTION:
        return step > 2 ? 4 : 2;
    default:
        return 0;
    }
}

static uint8_t ikev1_step(const ike_exchange *exchange, const ike_message *m, bool from_initiator)
{
    if (m->opening == IKE_FRAGMENT)
        return 0; /* the message that it completes has the step */
    switch (m->exchange) {
    case IKEV1_MAIN_MODE:
        return main_mode_step(m, from_initiator);
    case IKEV1_AGGRESSIVE_MODE:
        return aggressive_step(m, from_initiator);
    case IKEV1_QUICK_MODE:
    case IKEV1_TRANSACTION:
        return alternating_step(exchange, from_initiator);
    default:
        return 0;
    }
}

static void ikev1_place(ike_verdict *verdict)
{
    ike_exchange *exchange = verdict->exchange;
    ike_exchange_private *own = ike_own(exchange);
    uint8_t step = verdict->step;
    if (step == 0 || step > 6 || own->by_step[step])
        return;
    own->by_step[step] = verdict;
    verdict->response = step % 2 == 0;
    if (verdict->response && own->by_step[step - 1])
        ike_exchange_pair(own->by_step[step - 1], verdict);
    else if (!verdict->response && step < 6 && own->by_step[step + 1])
        ike_exchange_pair(verdict, own->by_step[step + 1]);
    if (step <= 2) {
        exchange->request = own->by_step[1];
        exchange->response = own->by_step[2];
    }
    exchange->answered = own->by_step[2] != NULL;
}

ike_verdict *ikev1_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool from_initiator = ike_sa_from_initiator(sa, m);
    ike_exchange *exchange = ike_exchange_find(tracker, sa, m->message_id, 0, m->exchange);
    ike_verdict *original = exchange ? ike_exchange_repeated(exchange, m, from_initiator) : NULL;
    if (!exchange) {
        exchange = begin(tracker, sa, m, 0, m->exchange, NULL);
        ike_own(exchange)->first_by_initiator = exchange->by_initiator = from_initiator;
        if (m->exchange == IKEV1_MAIN_MODE || m->exchange == IKEV1_AGGRESSIVE_MODE)
            exchange->by_initiator = true;
    }
    ike_verdict *verdict = ike_exchange_add(tracker, exchange, m, from_initiator);
    if (original) {
        ike_exchange_note_repeat(tracker, verdict, original);
        return verdict;
    }
    add_distinct(verdict);
    verdict->step = ikev1_step(exchange, m, from_initiator) & 7u;
    verdict->steps = count_of_steps(sa, m->exchange, verdict->step) & 7u;
    ikev1_place(verdict);
    if (!exchange->request && verdict->step <= 1)
        exchange->request = verdict;
    return verdict;
}

/* ---- what a message is in words -------------------------------------------------------------- */

bool ike_is_gdoi(const ike_sa *sa)
{
    enum { PORT_GDOI = 848 };
    return sa->major == 1 && (sa->own->first_initiator.port == PORT_GDOI ||
                              sa->own->first_responder.port == PORT_GDOI);
}

const char *ike_words_exchange_of(const ike_exchange *exchange)
{
    if (ike_is_gdoi(exchange->sa) && ike_registry_assigned(IKE_REG_GDOI_EXCHANGE, exchange->type))
        return ike_registry_name(IKE_REG_GDOI_EXCHANGE, exchange->type);
    return ike_words_exchange(exchange->sa->major, exchange->type);
}

const char *ike_verdict_step(const ike_verdict *verdict, char *buffer, size_t size)
{
    const ike_exchange *exchange = verdict->exchange;
    uint8_t major = exchange->sa->major;
    const char *name = ike_words_exchange_of(exchange);
    if (major != 1) {
        g_strlcpy(buffer, name, size);
        g_strlcat(buffer, verdict->response ? " response" : " request", size);
    } else if (verdict->step && verdict->steps) {
        g_snprintf(buffer, size, "%s %u/%u", name, verdict->step, verdict->steps);
    } else {
        g_strlcpy(buffer, name, size);
    }
    return buffer;
}

bool ike_verdict_response_time(const ike_verdict *verdict, uint64_t *ns)
{
    if (!verdict->response || !verdict->partner)
        return false;
    uint64_t asked = verdict->partner->time_ns;
    *ns = verdict->time_ns > asked ? verdict->time_ns - asked : 0;
    return true;
}
