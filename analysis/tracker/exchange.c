/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exchanges: which messages belong together and which answers which. */
#include "analysis/tracker/exchange.h"

#include <glib.h>

#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "analysis/tracker/tracker.h"
#include "proto/ike_numbers.h"
#include "registry/names.h"

/* What is walked costs less than a lookup in a table of all exchanges, which waits for memory. IKE
 * SAs with more exchanges are rare, and have theirs in the table. */
enum { FEW_EXCHANGES = 16 };

ike_exchange *ike_exchange_find(const ike_tracker *tracker, const ike_sa *sa, uint32_t message_id,
                                uint8_t side, uint8_t kind)
{
    const ike_exchange key = {
        .sa = (ike_sa *)(guintptr)sa, .message_id = message_id, .side = side, .kind = kind};
    if (sa->exchange_count > FEW_EXCHANGES)
        return g_hash_table_lookup(tracker->exchanges, &key);
    ike_exchange *found = NULL;
    for (ike_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next)
        if (ike_exchange_has_key_of(exchange, &key))
            found = exchange;
    return found;
}

/* Appends an exchange to those of its IKE SA. */
static void append_exchange(ike_tracker *tracker, ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    if (!sa->exchanges)
        sa->exchanges = exchange;
    else
        sa->newest_exchange->next = exchange;
    sa->newest_exchange = exchange;
    if (++sa->exchange_count <= FEW_EXCHANGES)
        return;
    if (sa->exchange_count == FEW_EXCHANGES + 1)
        exchange = sa->exchanges;
    for (; exchange; exchange = exchange->next)
        g_hash_table_add(tracker->exchanges, exchange);
}

bool ike_exchange_has_credible_id(const ike_exchange *exchange)
{
    enum { MAX_GAP = 16 };
    const ike_sa *sa = exchange->sa;
    const ike_exchange *before = sa->last_begun[exchange->by_initiator];
    if (sa->major == 1 || exchange->answered || before == exchange ||
        (!before && (sa->late_start || sa->rekeyed_from)))
        return true;
    uint32_t last = before ? before->message_id : 0;
    return exchange->message_id <= last || exchange->message_id - last <= MAX_GAP;
}

bool ike_exchange_has_confirmed_request(const ike_exchange *exchange)
{
    const ike_message_record *request = exchange->request;
    return request &&
           (exchange->answered || request->grade == IKE_GRADE_VERIFIED || request->retransmissions);
}

bool ike_exchange_is_crossed(const ike_exchange *exchange)
{
    const ike_exchange *other = exchange->more->crossed_by;
    return other && ike_exchange_has_confirmed_request(other);
}

ike_evidence ike_exchange_evidence(const ike_exchange *exchange)
{
    enum { MAX_MESSAGES = 16 };
    ike_evidence found = {NULL, 0};
    const ike_message_record *record = exchange ? exchange->messages : NULL;
    for (int i = 0; record && i < MAX_MESSAGES; i++, record = record->next) {
        const ike_message_record *sent = record->original ? record->original : record;
        if (record->copy || sent->grade == IKE_GRADE_UNPROTECTED || sent->reflected ||
            sent->decryption == IKE_FRAGMENT)
            continue;
        if (!found.first)
            found.first = sent;
        found.messages += sent->grade == IKE_GRADE_VERIFIED ? IKE_CONFIRMED : 1;
    }
    found.messages = MIN(found.messages, IKE_CONFIRMED);
    return found;
}

bool ike_exchange_took_place(const ike_exchange *exchange)
{
    return ike_exchange_evidence(exchange).messages >= IKE_CONFIRMED;
}

static uint64_t since(const ike_tracker *tracker, uint64_t time_ns)
{
    return tracker->last_ns > time_ns ? tracker->last_ns - time_ns : 0;
}

uint64_t ike_waited_ns(const ike_tracker *tracker, const ike_message_record *record)
{
    return since(tracker, record->time_ns);
}

uint64_t ike_last_sent_ns(const ike_message_record *request)
{
    const ike_message_record *again = request->exchange->more->last_retransmission;
    return MAX(request->time_ns, again ? again->time_ns : 0);
}

uint64_t ike_unanswered_ns(const ike_message_record *request)
{
    return since(request->exchange->sa->tracker, ike_last_sent_ns(request));
}

bool ike_waits_in_vain(const ike_message_record *request, uint32_t times)
{
    enum { FEW = 2, LONG_SECONDS = 8 };
    return times > FEW || (times == FEW && (ike_unanswered_ns(request) >= IKE_SECOND ||
                                            ike_waited_ns(request->exchange->sa->tracker,
                                                          request) >= LONG_SECONDS * IKE_SECOND));
}

uint32_t ike_retransmitted_unheard(const ike_exchange *exchange)
{
    enum { MAX_MESSAGES = 16 };
    uint32_t after = exchange->more->retransmitted_after;
    const ike_message_record *again = exchange->more->last_retransmission;
    const ike_message_record *record = after && again ? again->next : NULL;
    for (int i = 0; record && i < MAX_MESSAGES; i++, record = record->next)
        if (!record->copy && record->original && record->original == exchange->response)
            return after - 1;
    return after;
}

/* IKE_AUTH is begun by the initiator; of two under one message ID the one that is answered. */
static void record_last_auth(ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    const ike_exchange *last = sa->last_auth;
    if (!exchange->by_initiator)
        return;
    bool confirmed = ike_exchange_has_confirmed_request(exchange);
    bool replaces = true;
    if (last && ike_exchange_has_confirmed_request(last) != confirmed)
        replaces = confirmed;
    else if (last)
        replaces = last->message_id == exchange->message_id
                       ? exchange->answered && !last->answered
                       : exchange->message_id > last->message_id || sa->late_start;
    if (replaces)
        sa->last_auth = exchange;
}

/* One that may be forged does not take the place of one that took place. */
static void record_confirmed(ike_exchange **last, ike_exchange *exchange)
{
    bool confirmed = ike_exchange_took_place(exchange);
    bool other = ike_exchange_took_place(*last);
    if (!*last ||
        (confirmed == other ? exchange->messages->frame >= (*last)->messages->frame : confirmed))
        *last = exchange;
}

void ike_exchange_record_newest(ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    if (!ike_exchange_has_credible_id(exchange))
        return;
    if (ikev2_exchange_is_auth(exchange->type) && sa->major != 1)
        record_last_auth(exchange);
    if (exchange->type == IKEV1_EXCHANGE_QUICK_MODE)
        record_confirmed(&sa->last_quick, exchange);
    else if (exchange->type == IKEV1_EXCHANGE_TRANSACTION)
        record_confirmed(&sa->last_transaction, exchange);
    else if (exchange->type == IKEV2_EXCHANGE_CREATE_CHILD_SA)
        record_confirmed(&sa->last_create, exchange);
    if (exchange->recorded)
        return;
    exchange->recorded = true;
    if (exchange->type == IKEV1_EXCHANGE_INFORMATIONAL)
        sa->last_informational = exchange;
}

static void record_init(ike_sa *sa, ike_exchange *exchange, const ike_message *m)
{
    bool phase1 = sa->major == 1 && m->major == 1 && ikev1_exchange_is_phase1(exchange->type);
    bool init = sa->major != 1 && ikev2_exchange_is_init(exchange->type) && exchange->side &&
                !(ike_sa_is_protected(sa) && sa->init && sa->init->answered);
    /* Phase 1 has no message ID (RFC 2408 3.1). */
    if (init || (phase1 && !sa->init && m->message_id == 0))
        sa->init = exchange;
}

static const ike_exchange_more no_more;

ike_exchange_more *ike_exchange_write_more(ike_exchange *exchange)
{
    if (exchange->more == &no_more)
        exchange->more = ike_tracker_alloc(exchange->sa->tracker, sizeof *exchange->more);
    return (ike_exchange_more *)(guintptr)exchange->more;
}

ike_exchange *ike_exchange_begin(ike_tracker *tracker, ike_sa *sa, const ike_message *m,
                                 uint8_t side, uint8_t kind, ike_exchange *earlier)
{
    ike_exchange *exchange = ike_tracker_alloc(tracker, sizeof *exchange);
    exchange->sa = sa;
    exchange->type = m->exchange;
    exchange->message_id = m->message_id;
    exchange->side = side;
    exchange->kind = kind;
    exchange->tail = &exchange->messages;
    exchange->more = &no_more;
    if (earlier)
        ike_exchange_write_more(exchange)->previous_round = earlier;
    if (sa->major == 1)
        exchange->previous_of_side = sa->newest_exchange;
    append_exchange(tracker, exchange);
    record_init(sa, exchange, m);
    return exchange;
}

/* What answers in the set-up and is not decrypted, from an address where the responder was never
 * seen. */
static bool is_of_third_party(const ike_sa *sa, const ike_message *m, bool from_initiator)
{
    bool sets_up =
        m->major == 1 ? ikev1_exchange_is_phase1(m->exchange) : ikev2_exchange_is_auth(m->exchange);
    if (!sets_up || from_initiator || m->decryption != IKE_DECRYPTION_NONE || sa->late_start)
        return false;
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (ike_same_address(&sa->paths[i]->responder, &m->source))
            return false;
    return true;
}

ike_message_record *ike_exchange_add(ike_tracker *tracker, ike_exchange *exchange,
                                     const ike_message *m, bool from_initiator)
{
    ike_message_record *record = ike_tracker_add_record(tracker);
    record->exchange = exchange;
    record->time_ns = m->time_ns;
    record->digest = (uint32_t)m->digest;
    record->prefix_digest = (uint32_t)m->prefix_digest;
    record->frame = m->frame;
    record->place = m->place;
    record->length = MIN(m->length, IKE_MAX_MESSAGE_BYTES) & IKE_MAX_MESSAGE_BYTES;
    record->fragment = m->fragment;
    record->fragments = m->fragments;
    record->ip_id = m->ip_id;
    record->interface = (uint8_t)MIN(m->interface, UINT8_MAX);
    record->ttl = m->ttl;
    record->decryption = m->decryption & 3;
    record->misfit = m->misfit || ikev1_is_misfit(exchange->sa, m) ||
                     is_of_third_party(exchange->sa, m, from_initiator);
    record->grade = exchange->sa->major == 1 && record->misfit ? IKE_GRADE_UNPROTECTED
                                                               : ike_message_grade(m) & 3;
    record->from_initiator = from_initiator;
    record->reassembled = m->reassembled;
    record->malformed = m->malformed && !m->not_authentic;
    record->not_authentic = m->not_authentic;
    record->wrong_icv = m->wrong_icv;
    record->version = m->major & 15u;
    record->truncated = ike_message_is_truncated(m);
    record->has_first_inside = m->first_inside != 0;
    record->inner_first_payload = m->first_inside ? (uint8_t)(m->first_inside - 1) : 0;
    *exchange->tail = record;
    exchange->tail = &record->next;
    return record;
}

void ike_exchange_add_distinct(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    record->previous_distinct = exchange->last_distinct;
    exchange->last_distinct = record;
    if (exchange->count < UINT8_MAX)
        exchange->count++;
}

void ike_exchange_pair(ike_message_record *request, ike_message_record *response)
{
    request->paired = response;
    response->paired = request;
}

/* ---- what is asked of a record --------------------------------------------------------------- */

const ike_message_record *ike_record_partner(const ike_message_record *record)
{
    if (record->original)
        record = record->original;
    const ike_exchange *exchange = record->exchange;
    if (record->paired || exchange->sa->major == 1)
        return record->paired;
    /* The fragments of a message point to what the message answers or is answered by. */
    bool slotted = record->response ? exchange->response != NULL : exchange->request != NULL;
    if (!slotted || record->unslotted)
        return NULL;
    return record->response ? exchange->request : exchange->response;
}

bool ike_is_gdoi(const ike_sa *sa)
{
    enum { PORT_GDOI = 848 };
    return sa->major == 1 &&
           (sa->first_initiator.port == PORT_GDOI || sa->first_responder.port == PORT_GDOI) &&
           (sa->initiator.endpoint.port == PORT_GDOI || sa->responder.endpoint.port == PORT_GDOI);
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
    const char *name = ike_format_exchange_of(exchange);
    if (record->original)
        record = record->original;
    if (exchange->sa->major != 1) {
        g_strlcpy(buffer, name, size);
        g_strlcat(buffer, record->response ? " response" : " request", size);
    } else if (record->step && record->steps) {
        g_snprintf(buffer, size, "%s %u/%u", name, record->step, record->steps);
    } else {
        g_strlcpy(buffer, name, size);
    }
    return buffer;
}

bool ike_record_chooses_from(const ike_message_record *response, const ike_message_record *request)
{
    if (!ike_record_has_proposals(response) || !ike_record_has_proposals(request))
        return false;
    const ike_proposal_list *choice = response->content->proposals;
    return ike_proposal_list_is_choice(choice) &&
           ike_proposal_list_contains(request->content->proposals, choice, NULL);
}

bool ike_record_response_time(const ike_message_record *record, uint64_t *ns)
{
    const ike_message_record *request = record->response ? ike_record_partner(record) : NULL;
    if (!request || record->copy || request->time_ns > record->time_ns)
        return false;
    *ns = record->time_ns - request->time_ns;
    return true;
}

/* A message, or a copy of it that was seen on another interface. */
static const ike_message_record *seen_on(const ike_message_record *record, uint8_t interface)
{
    enum { MAX_WALK = 64 };
    const ike_message_record *copy = record->copies ? record->next : NULL;
    if (record->interface == interface)
        return record;
    for (int i = 0; copy && i < MAX_WALK; i++, copy = copy->next)
        if (copy->original == record && copy->copy && copy->interface == interface)
            return copy;
    return NULL;
}

bool ike_record_follows(const ike_message_record *earlier, const ike_message_record *later,
                        uint64_t within_ns)
{
    const ike_message_record *same = seen_on(later, earlier->interface);
    if (!same && seen_on(earlier, later->interface))
        earlier = seen_on(earlier, later->interface);
    else if (same)
        later = same;
    return later->time_ns >= earlier->time_ns && later->time_ns - earlier->time_ns <= within_ns;
}

bool ike_exchange_begun_by_initiator(const ike_exchange *exchange)
{
    enum { MAX_MESSAGES = 16 };
    const ike_message_record *first = exchange->messages, *other = first;
    for (int i = 0; other && other->from_initiator == first->from_initiator; other = other->next)
        if (++i == MAX_MESSAGES)
            return first->from_initiator;
    if (!other)
        return first && first->from_initiator;
    bool in_order = ike_record_follows(first, other, UINT64_MAX);
    return in_order == first->from_initiator;
}
