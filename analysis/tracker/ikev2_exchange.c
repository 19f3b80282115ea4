/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2 exchanges: a request, its response and the retransmissions of both share a message ID (RFC
 * 7296 2.1, 2.2). */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

enum { MAX_ROUNDS = 8 }; /* of IKE_SA_INIT that a message is looked for in */

/* The same message ID again, with other content: another round of IKE_SA_INIT, after COOKIE,
 * INVALID_KE_PAYLOAD or the like. */
static bool begins_round(const ike_exchange *exchange, const ike_message *m)
{
    if (exchange->type != m->exchange)
        return true;
    return ikev2_exchange_is_init(m->exchange) && !m->response && exchange->request != NULL;
}

/* The same message in other fragments, after the sender learned a smaller path MTU (RFC 7383
 * 2.5.2): a retransmission though the bytes differ. */
static ike_message_record *refragmented(ike_exchange *exchange, const ike_message *m)
{
    ike_message_record *earlier = m->response ? exchange->response : exchange->request;
    if (!earlier || earlier->fragments == m->fragments || m->fragments == 0 ||
        ikev2_exchange_is_init(m->exchange) || m->not_authentic ||
        (m->decryption != IKE_DECRYPTION_NONE && earlier->decryption == IKE_DECRYPTION_NONE))
        return NULL; /* what was decrypted is no retransmission of what was not */
    return earlier;
}

/* The payloads that requests and responses begin with (RFC 7296 1.2 to 1.4, 2.16), bit 0: none. */
#define FIRST(payload) (UINT64_C(1) << IKEV2_PAYLOAD_##payload)
#define FIRST_OF_ANY (FIRST(NOTIFY) | FIRST(VENDOR_ID))
static const struct {
    uint8_t exchange;
    uint64_t payloads[2]; /* of a request, of a response */
} first_payloads[] = {
    {IKEV2_EXCHANGE_IKE_AUTH,
     {FIRST_OF_ANY | FIRST(IDI) | FIRST(AUTH) | FIRST(EAP),
      FIRST_OF_ANY | FIRST(IDR) | FIRST(AUTH) | FIRST(EAP)}},
    {IKEV2_EXCHANGE_CREATE_CHILD_SA, {FIRST_OF_ANY | FIRST(SA), FIRST_OF_ANY | FIRST(SA)}},
    {IKEV2_EXCHANGE_INFORMATIONAL,
     {FIRST_OF_ANY | 1 | FIRST(DELETE) | FIRST(CP), FIRST_OF_ANY | 1 | FIRST(DELETE) | FIRST(CP)}},
};

/* The first IKE_AUTH has identities before AUTH and EAP. Its response need not begin with IDr:
 * libreswan sends MOBIKE_SUPPORTED, PPK_IDENTITY and REDIRECT before it. */
static bool is_unusual_in_first_auth(const ike_message_record *record)
{
    uint8_t first = record->inner_first_payload;
    return record->exchange->type == IKEV2_EXCHANGE_IKE_AUTH && record->exchange->message_id == 1 &&
           (first == IKEV2_PAYLOAD_EAP || first == IKEV2_PAYLOAD_AUTH);
}

static bool has_unusual_payload(const ike_message_record *record)
{
    if (record->has_first_inside && !record->fragments && is_unusual_in_first_auth(record))
        return true;
    for (size_t i = 0; record->has_first_inside && i < G_N_ELEMENTS(first_payloads); i++)
        if (first_payloads[i].exchange == record->exchange->type)
            return record->inner_first_payload >= 64 ||
                   !(first_payloads[i].payloads[record->response] >> record->inner_first_payload &
                     1);
    return false;
}

/* Not decrypted, and most likely forged: it begins with a payload that no message of its exchange
 * begins with, has a length that its algorithms do not make, or is its request sent back. */
static bool is_doubtful(const ike_message_record *record)
{
    const ike_message_record *request = record->response ? record->exchange->request : NULL;
    if (record->grade != IKE_GRADE_ENCRYPTED)
        return false;
    return has_unusual_payload(record) || record->misfit ||
           (request && request->prefix_digest && request->prefix_digest == record->prefix_digest);
}

/* A response of IKE_SA_INIT that sets up keys counts, whatever error or COOKIE came before it. */
static bool outdoes(const ike_message_record *record, const ike_message_record *earlier)
{
    if (record->reassembled && !earlier->reassembled && earlier->fragment &&
        record->grade >= earlier->grade)
        return true;
    if (record->grade > earlier->grade && !ikev2_exchange_is_init(record->exchange->type))
        return true;
    /* A message in one piece, and not the first fragment of one that never completed, nor one that
     * is malformed. */
    if (record->grade == earlier->grade && !record->fragment && !record->malformed &&
        (earlier->fragment || earlier->decryption == IKE_FRAGMENT || earlier->malformed))
        return true;
    if (record->grade == earlier->grade && is_doubtful(earlier) && !is_doubtful(record))
        return true;
    if (!ikev2_exchange_is_init(record->exchange->type) || !record->response)
        return false;
    const ike_message_record *request = record->exchange->request;
    return (ike_record_has_proposals(record) && !ike_record_has_proposals(earlier)) ||
           (ike_record_chooses_from(record, request) && !ike_record_chooses_from(earlier, request));
}

/* Nothing but IKE_SA_INIT is sent in clear, once there are keys. */
static bool is_slotted(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    if (record->not_authentic)
        return false;
    /* The responder begins no IKE_SA_INIT. */
    if (ikev2_exchange_is_init(record->exchange->type) &&
        record->response == record->from_initiator)
        return false;
    if (record->flags_wrong && record->grade != IKE_GRADE_VERIFIED &&
        sa->flags_right[record->from_initiator])
        return false;
    return record->grade != IKE_GRADE_UNPROTECTED ||
           ikev2_exchange_is_init(record->exchange->type) || !ike_sa_is_protected(sa);
}

static uint16_t error_of(const ike_message_record *record)
{
    const ike_recorded_notify *error = ike_content_error(record->content, 2);
    return error ? error->type : 0;
}

/* A responder does not refuse a request and respond to it as well. */
static void check_contradiction(ike_exchange *exchange, const ike_message_record *record)
{
    const ike_message_record *other = exchange->response;
    if (ikev2_exchange_is_init(exchange->type) && record->response && other && other != record &&
        (error_of(other) == 0) != (error_of(record) == 0))
        exchange->contradicted = true;
}

static ike_message_record **slot_of(ike_message_record *record)
{
    return record->response ? &record->exchange->response : &record->exchange->request;
}

void ikev2_take_slot(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_message_record **slot = slot_of(record);
    if (*slot)
        (*slot)->paired = NULL;
    record->unslotted = false;
    *slot = record;
    exchange->answered = exchange->response != NULL;
    if (exchange->request && exchange->response)
        ike_exchange_pair(exchange->request, exchange->response);
    ike_exchange_record_newest(exchange);
}

void ikev2_exchange_assign(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    ike_message_record **slot = slot_of(record);
    if (*slot == record)
        return;
    check_contradiction(exchange, record);
    if (!is_slotted(record) || (*slot && !outdoes(record, *slot))) {
        record->unslotted = !is_slotted(record) || (*slot && !record->fragments);
        return;
    }
    ikev2_take_slot(record);
}

/* Of two messages that claim one place the one that is sent again: its sender had no answer. */
static void prefer(ike_message_record *record)
{
    ike_message_record **slot = slot_of(record);
    if (!*slot || *slot == record || !is_slotted(record) || (*slot)->fragment ||
        record->grade < (*slot)->grade || record->retransmissions <= (*slot)->retransmissions)
        return;
    (*slot)->unslotted = true;
    ikev2_take_slot(record);
}

/* What is not protected waits for no response once there are keys. */
static bool waits(const ike_exchange *exchange)
{
    if (!exchange || !exchange->request || exchange->answered)
        return false;
    return ikev2_exchange_is_init(exchange->type)
               ? !exchange->sa->keys
               : exchange->request->grade != IKE_GRADE_UNPROTECTED;
}

/* Request message IDs of one side grow by one (RFC 7296 2.2); the window is one unless it was
 * widened. */
static void check_sequence(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    bool side = record->from_initiator;
    if (m->major == 1 || record->response || ikev2_exchange_is_init(m->exchange) ||
        record->grade == IKE_GRADE_UNPROTECTED)
        return;
    uint32_t expected = sa->id_seen[side]                     ? sa->next_id[side]
                        : side && !sa->late_start && sa->keys ? 1
                                                              : m->message_id;
    if (sa->rekeyed_from && !sa->rekey_inferred && !sa->id_seen[side])
        expected = 0;
    if (m->message_id > expected)
        record->ids_missing = (uint8_t)MIN(m->message_id - expected, UINT8_MAX);
    if (m->message_id >= expected) {
        sa->id_seen[side] = true;
        sa->next_id[side] = m->message_id + 1;
    }
    const ike_exchange *before =
        m->message_id ? ike_exchange_find(tracker, sa, m->message_id - 1, side, 0) : NULL;
    record->window = waits(before) && m->fragment <= 1;
}

/* Of the exchanges under one message ID that of the type of `m`, else the newest: a message of
 * another type, which is forged, does not come between a request and its response. */
static ike_exchange *round_of_type(ike_exchange *newest, const ike_message *m)
{
    ike_exchange *round = newest;
    for (int i = 0; round && i < MAX_ROUNDS; i++, round = round->more->previous_round)
        if (round->type == m->exchange)
            return round;
    return newest;
}

static ike_message_record *find_repeat(ike_exchange *round, const ike_message *m,
                                       bool from_initiator)
{
    for (int i = 0; round && i < MAX_ROUNDS; i++, round = round->more->previous_round) {
        ike_message_record *original = ike_exchange_find_original(round, m, from_initiator);
        if (original)
            return original;
    }
    return NULL;
}

/* A message in fragments is there with the one that completes it; the first of them has the type of
 * its first payload (RFC 7383 2.5). */
static void complete_fragments(ike_message_record *record)
{
    enum { MAX_FRAGMENTS = 64 };
    uint64_t missing = UINT64_MAX >> (MAX_FRAGMENTS - record->fragments);
    const ike_message_record *part = record;
    for (int i = 0; part && i < MAX_FRAGMENTS; i++, part = part->previous_distinct) {
        if (part->response != record->response || part->fragments != record->fragments ||
            part->not_authentic || part->fragment - 1u >= record->fragments)
            continue;
        missing &= ~(UINT64_C(1) << (part->fragment - 1));
        if (part->fragment == 1) {
            record->has_first_inside = part->has_first_inside;
            record->inner_first_payload = part->inner_first_payload;
        }
    }
    record->reassembled |= missing == 0;
}

static void compare_content(ike_exchange *exchange, ike_message_record *record,
                            const ike_message *m)
{
    const ike_message_record *earlier = m->response ? exchange->response : exchange->request;
    record->other_content = earlier && earlier->fragments == 0 && m->fragments == 0 &&
                            !earlier->truncated && !record->truncated &&
                            earlier->grade == record->grade && !ikev2_exchange_is_init(m->exchange);
}

static bool are_close(const ike_exchange *exchange, const ike_exchange *other)
{
    return other && other->request &&
           ike_time_apart(other->request->time_ns, exchange->request->time_ns) < 2 * IKE_SECOND;
}

static void record_crossing(ike_exchange *exchange, ike_exchange *other)
{
    if (!ike_exchange_is_crossed(exchange))
        ike_exchange_write_more(exchange)->crossed_by = other;
    if (!ike_exchange_is_crossed(other))
        ike_exchange_write_more(other)->crossed_by = exchange;
}

/* Rekeys of both sides may meet in two IKE SAs, where that was rekeyed by both before (RFC
 * 7296 2.8.1). */
static void mark_crossed_elsewhere(ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    if (exchange->type != IKEV2_EXCHANGE_CREATE_CHILD_SA || !sa->pair)
        return;
    /* Behind a NAT one of the two has another address. */
    ike_address_pair *pair = sa->pair->inside ? sa->pair->inside : sa->pair;
    const ike_endpoint *ends[] = {&sa->responder.endpoint, &sa->initiator.endpoint};
    bool is_high = ike_same_address(&pair->high, ends[exchange->by_initiator]) ||
                   ike_same_address(&pair->low, ends[!exchange->by_initiator]);
    ike_exchange *other = pair->last_create[!is_high];
    pair->last_create[is_high] = exchange;
    if (other && other->sa != sa && are_close(exchange, other))
        record_crossing(exchange, other);
}

/* Requests of both sides at about the same time: one of the two may be rejected (RFC 7296 2.25). */
static void mark_crossed(ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    ike_exchange *other = sa->last_begun[!exchange->by_initiator];
    mark_crossed_elsewhere(exchange);
    if (!other || !other->request || other == sa->init ||
        other->request->grade == IKE_GRADE_UNPROTECTED)
        return;
    if (are_close(exchange, other) || !other->response)
        record_crossing(exchange, other);
}

static bool is_in_clear(const ike_exchange *exchange)
{
    return exchange->request && exchange->request->grade == IKE_GRADE_UNPROTECTED;
}

/* While a request waits for its response no other is sent (RFC 7296 2.3): of those that may be
 * forged the one counts that is answered or sent again. */
static bool goes_before(const ike_exchange *exchange, const ike_exchange *before)
{
    bool confirmed = ike_exchange_has_confirmed_request(exchange);
    if (ikev2_exchange_is_init(exchange->type) || ikev2_exchange_is_init(before->type))
        return exchange->message_id >= before->message_id;
    if (is_in_clear(exchange) != is_in_clear(before))
        return is_in_clear(before);
    if (confirmed && !exchange->answered && !ike_exchange_has_confirmed_request(before))
        return true;
    if (!confirmed && !before->answered && ike_exchange_has_confirmed_request(before))
        return false;
    return exchange->message_id >= before->message_id;
}

/* Once messages of a side were verified, requests of it that are not do not count. */
static bool may_be_begun(const ike_exchange *exchange)
{
    const ike_message_record *record = exchange->request;
    if (!record || record->unslotted || !ike_exchange_has_credible_id(exchange))
        return false;
    const ike_message_record *last = exchange->sa->last_protected[exchange->by_initiator];
    return !last || last->grade != IKE_GRADE_VERIFIED || record->grade == IKE_GRADE_VERIFIED ||
           record->fragments > 0;
}

/* The exchange that a side began last. */
static void record_begun(ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    bool side = exchange->by_initiator;
    ike_exchange *before = sa->last_begun[side];
    if (!may_be_begun(exchange) || before == exchange || (before && !goes_before(exchange, before)))
        return;
    if (!exchange->begun)
        exchange->previous_of_side = before;
    exchange->begun = true;
    sa->last_begun[side] = exchange;
    mark_crossed(exchange);
}

/* A request is sent again: what its sender seemed to begin since is forged, unless it is answered
 * or sent again, too (RFC 7296 2.3). */
static void withdraw_begun(ike_exchange *exchange)
{
    enum { MAX_FORGED = 4 };
    ike_exchange **last = &exchange->sa->last_begun[exchange->by_initiator], *before = *last;
    if (!may_be_begun(exchange))
        return;
    for (int i = 0; before && before != exchange && i < MAX_FORGED; i++) {
        if (ike_exchange_has_confirmed_request(before))
            break;
        before = before->previous_of_side;
    }
    if (exchange->request->grade == IKE_GRADE_UNPROTECTED ||
        (before && before != exchange && before->message_id >= exchange->message_id))
        return;
    if (!exchange->begun && before != exchange)
        exchange->previous_of_side = before;
    exchange->begun = true;
    *last = exchange;
}

/* A request was sent again: without a response, that confirms it. */
static void record_again(ike_exchange *exchange)
{
    if (!exchange->request || exchange->request->unslotted ||
        ikev2_exchange_is_init(exchange->type))
        return;
    withdraw_begun(exchange);
    if (exchange->answered)
        return;
    ike_exchange_record_newest(exchange);
    record_begun(exchange);
}

static void record_repeat(ike_tracker *tracker, ike_message_record *record,
                          ike_message_record *original, const ike_message *m)
{
    if (!ike_exchange_record_repeat(tracker, record, original, m))
        return;
    prefer(original);
    record_again(original->exchange);
}

ike_message_record *ikev2_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool from_initiator = ike_sa_from_initiator(sa, m);
    bool response = m->major == 1 ? !from_initiator : m->response;
    bool by_initiator = response ? !from_initiator : from_initiator;
    ike_exchange *exchange = ike_exchange_find(tracker, sa, m->message_id, by_initiator, 0);
    ike_message_record *record, *original = find_repeat(exchange, m, from_initiator);
    if (original) {
        record = ike_exchange_add(tracker, original->exchange, m, from_initiator);
        record_repeat(tracker, record, original, m);
        return record;
    }
    if (exchange)
        exchange = round_of_type(exchange, m);
    /* What is in clear replaces no exchange of an IKE SA with protected messages. */
    bool trusted = ike_message_grade(m) != IKE_GRADE_UNPROTECTED ||
                   ikev2_exchange_is_init(m->exchange) || !ike_sa_is_protected(sa);
    if (!exchange || (trusted && begins_round(exchange, m))) {
        exchange = ike_exchange_begin(tracker, sa, m, by_initiator, 0, exchange);
        exchange->by_initiator = by_initiator;
    }
    ike_message_record *other_fragments = refragmented(exchange, m);
    record = ike_exchange_add(tracker, exchange, m, from_initiator);
    ike_exchange_add_distinct(record);
    record->response = response;
    record->step = response ? 2 : 1;
    record->steps = 2;
    record->flags_wrong = m->major == sa->major && (m->exchange == IKEV2_EXCHANGE_IKE_SA_INIT
                                                        ? m->initiator == m->response
                                                        : m->initiator != from_initiator);
    if (!record->flags_wrong && !record->not_authentic)
        sa->flags_right[from_initiator] = true;
    if (ike_message_is_readable(m))
        record->content = ike_content_new(tracker, m);
    if (other_fragments)
        record_repeat(tracker, record, other_fragments, m);
    else
        compare_content(exchange, record, m);
    if (record->fragments > 1 && record->fragments <= 64 && !record->not_authentic)
        complete_fragments(record);
    check_sequence(tracker, record, m);
    ikev2_exchange_assign(record);
    record_begun(exchange);
    return record;
}
