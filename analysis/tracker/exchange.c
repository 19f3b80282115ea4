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
    size_t steps = sa->major == 1 ? (MAX_STEP + 1) * sizeof(ike_message_record *) : 0;
    ike_exchange *exchange =
        ike_tracker_alloc(tracker, sizeof *exchange + sizeof(ike_exchange_private) + steps);
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

void ike_exchange_free(ike_exchange *exchange)
{
    ike_stored_message_free(ike_own(exchange)->request);
    ike_stored_message_free(ike_own(exchange)->response);
}

ike_message_record *ike_exchange_add(ike_tracker *tracker, ike_exchange *exchange,
                                     const ike_message *m, bool from_initiator)
{
    ike_message_record *record = ike_tracker_add_record(tracker);
    record->exchange = exchange;
    record->time_ns = m->time_ns;
    record->digest = m->digest;
    record->frame = m->frame;
    record->place = m->place;
    record->length = MIN(m->length, IKE_MAX_MESSAGE_BYTES) & IKE_MAX_MESSAGE_BYTES;
    record->fragment = m->fragment;
    record->fragments = m->fragments;
    record->decryption = m->decryption & 3;
    record->from_initiator = from_initiator;
    record->reassembled = m->reassembled;
    record->inner_first_payload = m->first_inside ? (uint8_t)(m->first_inside - 1) : 0;
    *ike_own(exchange)->tail = record;
    ike_own(exchange)->tail = &record->next;
    return record;
}

static void add_distinct(ike_message_record *record)
{
    ike_exchange_private *own = ike_own(record->exchange);
    record->previous_distinct = own->last_distinct;
    own->last_distinct = record;
    if (own->count < 255)
        own->count++;
}

ike_message_record *ike_exchange_find_original(ike_exchange *exchange, const ike_message *m,
                                               bool from_initiator)
{
    ike_message_record *record = ike_own(exchange)->last_distinct;
    for (int i = 0; record && i < MAX_DISTINCT; i++, record = record->previous_distinct)
        if (record->from_initiator == from_initiator && record->digest == m->digest &&
            record->length == MIN(m->length, IKE_MAX_MESSAGE_BYTES) &&
            record->fragment == m->fragment)
            return record;
    return NULL;
}

void ike_exchange_record_retransmission(ike_tracker *tracker, ike_message_record *record,
                                        ike_message_record *original)
{
    record->original = original;
    record->response = original->response;
    record->partner = original->partner;
    record->step = original->step;
    record->steps = original->steps;
    record->inner_first_payload = original->inner_first_payload;
    original->retransmissions++;
    record->exchange->retransmissions++;
    ike_find(tracker, record, IKE_F_RETRANSMISSION, "Repeats frame %u (the %u%s repeat).",
             original->frame, original->retransmissions,
             original->retransmissions == 1   ? "st"
             : original->retransmissions == 2 ? "nd"
             : original->retransmissions == 3 ? "rd"
                                              : "th");
}

static void link_retransmissions(ike_exchange *exchange)
{
    for (ike_message_record *record = exchange->messages; record; record = record->next)
        if (record->original)
            record->partner = record->original->partner;
}

void ike_exchange_pair(ike_message_record *request, ike_message_record *response)
{
    request->partner = response;
    response->partner = request;
    link_retransmissions(request->exchange);
    if (response->exchange != request->exchange)
        link_retransmissions(response->exchange);
}

/* ---- IKEv2 (RFC 7296 2.1, 2.2) --------------------------------------------------------------- */

/* All messages of the exchange point to what they ask or answer. */
static void link_all(ike_exchange *exchange)
{
    for (ike_message_record *record = exchange->messages; record; record = record->next)
        record->partner = record->response ? exchange->request : exchange->response;
}

static void take_place(ike_exchange *exchange, ike_message_record *record)
{
    ike_message_record **place = record->response ? &exchange->response : &exchange->request;
    if (*place && !(record->reassembled && !(*place)->reassembled)) {
        record->partner = record->response ? exchange->request : exchange->response;
        return;
    }
    *place = record;
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
 * 2.5.2): a repeat though the bytes differ. */
static ike_message_record *refragmented(ike_exchange *exchange, const ike_message *m)
{
    ike_message_record *earlier = m->response ? exchange->response : exchange->request;
    if (!earlier || earlier->fragments == m->fragments || m->exchange == IKE_SA_INIT)
        return NULL;
    return earlier;
}

static void record_change(ike_tracker *tracker, ike_exchange *exchange, ike_message_record *record,
                          const ike_message *m)
{
    const ike_message_record *earlier = m->response ? exchange->response : exchange->request;
    if (earlier && earlier != record && earlier->fragments == 0 && m->fragments == 0)
        ike_find(tracker, record, IKE_F_MESSAGE_CHANGED,
                 "Message ID %u was used by the same sender in frame %u for other content.",
                 m->message_id, earlier->frame);
}

ike_message_record *ikev2_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool from_initiator = m->major == sa->major
                              ? ike_sa_from_initiator(sa, m)
                              : ike_same_address(&m->source, &sa->initiator.endpoint);
    bool response = m->major == 1 ? !from_initiator : m->response;
    bool by_initiator = response ? !from_initiator : from_initiator;
    ike_exchange *exchange = ike_exchange_find(tracker, sa, m->message_id, by_initiator, 0);
    ike_exchange *round = exchange;

    for (int i = 0; round && i < 8; i++, round = ike_own(round)->previous_round) {
        ike_message_record *original = ike_exchange_find_original(round, m, from_initiator);
        if (original) {
            ike_message_record *record = ike_exchange_add(tracker, round, m, from_initiator);
            ike_exchange_record_retransmission(tracker, record, original);
            return record;
        }
    }
    if (!exchange || begins_round(exchange, m)) {
        exchange = begin(tracker, sa, m, by_initiator, 0, exchange);
        exchange->by_initiator = by_initiator;
    }
    ike_message_record *other_truncated = refragmented(exchange, m);
    ike_message_record *record = ike_exchange_add(tracker, exchange, m, from_initiator);
    add_distinct(record);
    record->response = response;
    record->step = response ? 2 : 1;
    record->steps = 2;
    if (other_truncated)
        ike_exchange_record_retransmission(tracker, record, other_truncated);
    else
        record_change(tracker, exchange, record, m);
    take_place(exchange, record);
    return record;
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
    if (m->decryption == IKE_FRAGMENT)
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

static void ikev1_place(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_exchange_private *own = ike_own(exchange);
    uint8_t step = record->step;
    if (step == 0 || step > 6 || own->by_step[step])
        return;
    own->by_step[step] = record;
    record->response = step % 2 == 0;
    if (record->response && own->by_step[step - 1])
        ike_exchange_pair(own->by_step[step - 1], record);
    else if (!record->response && step < 6 && own->by_step[step + 1])
        ike_exchange_pair(record, own->by_step[step + 1]);
    if (step <= 2) {
        exchange->request = own->by_step[1];
        exchange->response = own->by_step[2];
    }
    exchange->answered = own->by_step[2] != NULL;
}

ike_message_record *ikev1_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool from_initiator = ike_sa_from_initiator(sa, m);
    ike_exchange *exchange = ike_exchange_find(tracker, sa, m->message_id, 0, m->exchange);
    ike_message_record *original =
        exchange ? ike_exchange_find_original(exchange, m, from_initiator) : NULL;
    if (!exchange) {
        exchange = begin(tracker, sa, m, 0, m->exchange, NULL);
        ike_own(exchange)->first_by_initiator = exchange->by_initiator = from_initiator;
        if (m->exchange == IKEV1_MAIN_MODE || m->exchange == IKEV1_AGGRESSIVE_MODE)
            exchange->by_initiator = true;
    }
    ike_message_record *record = ike_exchange_add(tracker, exchange, m, from_initiator);
    if (original) {
        ike_exchange_record_retransmission(tracker, record, original);
        return record;
    }
    add_distinct(record);
    record->step = ikev1_step(exchange, m, from_initiator) & 7u;
    record->steps = count_of_steps(sa, m->exchange, record->step) & 7u;
    ikev1_place(record);
    if (!exchange->request && record->step <= 1)
        exchange->request = record;
    return record;
}

/* ---- what a message is in words -------------------------------------------------------------- */

bool ike_is_gdoi(const ike_sa *sa)
{
    enum { PORT_GDOI = 848 };
    return sa->major == 1 && (sa->own->first_initiator.port == PORT_GDOI ||
                              sa->own->first_responder.port == PORT_GDOI);
}

const char *ike_format_exchange_of(const ike_exchange *exchange)
{
    if (ike_is_gdoi(exchange->sa) && ike_registry_assigned(IKE_REG_GDOI_EXCHANGE, exchange->type))
        return ike_registry_name(IKE_REG_GDOI_EXCHANGE, exchange->type);
    return ike_format_exchange(exchange->sa->major, exchange->type);
}

const char *ike_record_step(const ike_message_record *record, char *buffer, size_t size)
{
    const ike_exchange *exchange = record->exchange;
    uint8_t major = exchange->sa->major;
    const char *name = ike_format_exchange_of(exchange);
    if (major != 1) {
        g_strlcpy(buffer, name, size);
        g_strlcat(buffer, record->response ? " response" : " request", size);
    } else if (record->step && record->steps) {
        g_snprintf(buffer, size, "%s %u/%u", name, record->step, record->steps);
    } else {
        g_strlcpy(buffer, name, size);
    }
    return buffer;
}

bool ike_record_response_time(const ike_message_record *record, uint64_t *ns)
{
    if (!record->response || !record->partner)
        return false;
    uint64_t asked = record->partner->time_ns;
    *ns = record->time_ns > asked ? record->time_ns - asked : 0;
    return true;
}
