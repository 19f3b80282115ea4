/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which IKE SA a message belongs to: by its SPI pair, and before the responder's SPI is known by
 * the initiator's SPI and the peers (RFC 7296 2.1, 2.6; RFC 2408 2.5.3). */
#include <string.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

enum { MAX_MAJOR = 4 };
#define RETRY_NS (3 * IKE_SECOND) /* without a response, before another attempt is a retry */
#define RETRY_MAX_NS (120 * IKE_SECOND)

static ike_sa *new_sa(ike_tracker *tracker, const ike_message *m, uint64_t initiator_spi,
                      uint64_t responder_spi)
{
    ike_sa *sa = ike_tracker_alloc(tracker, sizeof *sa);
    sa->tracker = tracker;
    sa->negotiated = &ike_negotiated_none;
    sa->stream = sa->lineage = tracker->sas->len;
    sa->major = m->major;
    sa->minor = m->minor;
    sa->initiator_spi = initiator_spi;
    sa->responder_spi = responder_spi;
    sa->tcp = m->tcp;
    sa->first_ns = sa->last_ns = m->time_ns;
    sa->first_frame = sa->last_frame = m->frame;
    g_ptr_array_add(tracker->sas, sa);
    ike_table_add_initiator_spi(tracker, sa);
    if (responder_spi)
        ike_table_add_spis(tracker, (ike_spi_pair){initiator_spi, responder_spi}, sa);
    return sa;
}

/* ---- first messages -------------------------------------------------------------------------- */

static bool is_init(const ike_message *m)
{
    return m->major != 1 && ikev2_exchange_is_init(m->exchange);
}

static bool is_first_message(const ike_message *m)
{
    enum { FIRST_PRIVATE = 240 };
    if (m->responder_spi != 0)
        return false;
    if (m->major == 1)
        return m->exchange >= FIRST_PRIVATE ||
               (!m->encrypted && m->first_payload == IKEV1_PAYLOAD_SA &&
                ikev1_exchange_is_phase1(m->exchange));
    return is_init(m) && !m->response;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* A later message was seen, and the request of IKE_SA_INIT or message 1 of phase 1 was not: it may
 * come late. */
static bool lacks_first_request(const ike_sa *sa)
{
    if (sa->major == 1)
        return sa->late_start && !(sa->init && sa->init->by_step && sa->init->by_step[1]);
    if (sa->init)
        return sa->init->response && !sa->init->request;
    return !sa->rekeyed_from && sa->exchanges;
}

/* IKE_SA_INIT that was captured after what it sets up. No initiator takes an SPI twice. */
static bool is_late_init(const ike_sa *sa, const ike_message *m)
{
    return is_init(m) && (sa->init || lacks_first_request(sa)) &&
           ike_time_apart(m->time_ns, sa->first_ns) < 10 * IKE_SECOND;
}

/* IKE_SA_INIT goes on with another request (RFC 7296 2.6, 1.2). */
static bool asks_again(const ike_sa *sa)
{
    return sa->init && sa->init->response &&
           (sa->init->purpose == IKE_PURPOSE_COOKIE || sa->init->purpose == IKE_PURPOSE_INVALID_KE);
}

/* IKEv1: nothing but an INFORMATIONAL was seen, which either side may have sent. */
static bool knows_no_roles(const ike_sa *sa)
{
    return sa->late_start && !sa->roles_known && !sa->init;
}

/* IKEv1: a responder that keeps no state refuses each retransmission of message 1 under another
 * cookie. */
static bool is_early_refusal(const ike_sa *sa, const ike_message *m)
{
    return m->exchange == IKEV1_EXCHANGE_INFORMATIONAL && !m->encrypted && !sa->keys;
}

/* Does a message between the peers of an IKE SA, with its initiator SPI and not its pair of SPIs,
 * belong to it? */
static bool joins(const ike_sa *sa, const ike_message *m)
{
    if (m->responder_spi == 0)
        return !ike_sa_is_protected(sa) || m->major == 1 || is_late_init(sa, m);
    if (sa->responder_spi == 0)
        return true;
    /* The responder took another SPI after COOKIE or INVALID_KE_PAYLOAD, or answers again. */
    return !ike_sa_is_protected(sa) && m->major == sa->major &&
           (m->major == 1 ? ikev1_is_sa_answer(m) || is_early_refusal(sa, m) : is_init(m));
}

/* A message of the first exchange that came before, or that same message truncated. */
static const ike_message_record *repeats_phase1(const ike_sa *sa, const ike_message *m)
{
    enum { MAX_ROUNDS = 8 };
    const ike_exchange *round =
        sa->major == 1 ? sa->init : ike_exchange_find(sa->tracker, sa, 0, true, 0);
    for (int i = 0; round && i < MAX_ROUNDS; i++, round = round->more->previous_round) {
        const ike_message_record *record = ike_exchange_find_repeated(round, m);
        if (record)
            return record;
    }
    return NULL;
}

/* Does a message whose addresses are not those of an IKE SA, in clear and with its initiator SPI,
 * belong to it all the same? One that goes from the same source to another destination is a copy
 * behind a NAT only when a router has counted its TTL down; else a scanner sends the same bytes to
 * many hosts. */
static bool is_seen_elsewhere(const ike_sa *sa, const ike_message *m)
{
    if (ike_time_apart(m->time_ns, sa->first_ns) > 10 * IKE_SECOND)
        return false;
    bool forth = ike_path_has(sa, false, &m->destination);
    bool back = ike_path_has(sa, false, &m->source);
    bool to_initiator = ike_path_has(sa, true, &m->destination);
    bool by_initiator = ike_path_has(sa, true, &m->source);
    /* An answer goes to the initiator, wherever it comes from. */
    bool answers =
        (m->major == 1 ? ikev1_is_sa_answer(m) : is_init(m) && m->response) && to_initiator;
    /* The response was missed that tells the SPI of the responder, which moved since. */
    bool goes_on = sa->responder_spi == 0 && !is_init(m) && (to_initiator || by_initiator);
    if (m->responder_spi != 0)
        return (forth || back || answers || goes_on) && joins(sa, m);
    const ike_message_record *first = repeats_phase1(sa, m);
    if (!first && is_first_message(m))
        return ((forth || by_initiator) && (lacks_first_request(sa) || asks_again(sa))) ||
               ((forth || to_initiator) && knows_no_roles(sa));
    if (!first)
        return (forth || back) && joins(sa, m);
    bool routed = first->ttl && m->ttl && first->ttl != m->ttl;
    bool same_packet = first->ip_id && first->ip_id == m->ip_id;
    return forth || (routed && (same_packet || by_initiator));
}

/* One packet that was captured before and behind a NAT has other addresses and the same SPIs. */
static ike_sa *find_elsewhere(ike_tracker *tracker, const ike_message *m)
{
    enum { MAX_SAME_SPI = 8 };
    ike_sa *sa = ike_table_by_initiator_spi(tracker, m->initiator_spi);
    for (int i = 0; sa && i < MAX_SAME_SPI; i++, sa = sa->same_initiator_spi)
        if (sa->major == m->major && is_seen_elsewhere(sa, m))
            return sa;
    return NULL;
}

static ike_sa *find_sa(ike_tracker *tracker, const ike_message *m)
{
    ike_sa *sa =
        m->responder_spi
            ? ike_table_by_spis(tracker, (ike_spi_pair){m->initiator_spi, m->responder_spi})
            : NULL;
    if (sa)
        return sa;
    sa = ike_table_by_initiator(tracker, m->initiator_spi, m->major, &m->source, &m->destination);
    if (sa)
        return joins(sa, m) || repeats_phase1(sa, m) ? sa : NULL;
    sa = find_elsewhere(tracker, m);
    /* A response in another version belongs to the request (RFC 7296 2.5). */
    for (uint8_t major = 1; !sa && major <= MAX_MAJOR && !is_first_message(m); major++) {
        sa = ike_table_by_initiator(tracker, m->initiator_spi, major, &m->source, &m->destination);
        if (sa && ike_sa_is_protected(sa))
            sa = NULL;
    }
    return sa;
}

static bool is_encrypted(const ike_message *m)
{
    return m->major == 1
               ? m->encrypted
               : m->first_payload == IKEV2_PAYLOAD_SK || m->first_payload == IKEV2_PAYLOAD_SKF;
}

/* The first response, between addresses of which neither is one of the IKE SA that waits for it. */
static bool answers_between_strangers(const ike_tracker *tracker, const ike_message *m)
{
    const ike_sa *waiting = ike_table_by_initiator_spi(tracker, m->initiator_spi);
    bool answers = m->major == 1 ? ikev1_is_sa_answer(m) : is_init(m) && m->response;
    return answers && waiting && waiting->major == m->major && !waiting->late_start &&
           ike_time_apart(m->time_ns, waiting->first_ns) < 10 * IKE_SECOND;
}

bool ike_tracker_is_stray(ike_tracker *tracker, const ike_message *m)
{
    if (is_encrypted(m) && m->responder_spi == 0)
        return true;
    bool to_itself = ike_same_address(&m->source, &m->destination);
    bool answers = m->responder_spi != 0 && answers_between_strangers(tracker, m);
    const ike_sa *sa = to_itself || answers ? find_sa(tracker, m) : NULL;
    if (to_itself && sa)
        return !ike_same_address(&sa->initiator.endpoint, &sa->responder.endpoint);
    return answers && !sa;
}

/* ---- roles ----------------------------------------------------------------------------------- */

/* IKEv2 has flags for it; in IKEv1 the sender of the first message that was seen is taken, unless
 * that message can only come from the responder. */
static bool sender_is_initiator(const ike_message *m)
{
    enum { PORT_IKE = 500 };
    if (m->major != 1)
        return is_init(m) ? !m->response : m->initiator;
    if (ikev1_is_sa_answer(m))
        return false;
    if (ikev1_exchange_is_phase1(m->exchange))
        return m->responder_spi == 0 || m->source.port != PORT_IKE ||
               m->destination.port == PORT_IKE;
    return true;
}

static void set_roles(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool initiator = sender_is_initiator(m);
    sa->initiator.endpoint = initiator ? m->source : m->destination;
    sa->responder.endpoint = initiator ? m->destination : m->source;
    sa->first_initiator = sa->initiator.endpoint;
    sa->first_responder = sa->responder.endpoint;
    sa->roles_known = m->major != 1 || is_first_message(m) || ikev1_is_sa_answer(m);
    ike_path_add(tracker, sa, &sa->initiator.endpoint, &sa->responder.endpoint, m->frame);
}

/* ---- relations between IKE SAs --------------------------------------------------------------- */

/* A successor that was inferred, and of which one side alone was heard since: it may be forged. */
static bool is_doubtful_successor(const ike_sa *sa)
{
    return sa->rekey_inferred && !(sa->last_protected[0] && sa->last_protected[1]);
}

/* A CREATE_CHILD_SA that was answered and not decrypted may have rekeyed the IKE SA. */
static bool is_unread_rekey(const ike_exchange *create, const ike_message *m)
{
    return create->type == IKEV2_EXCHANGE_CREATE_CHILD_SA && create->answered && !create->child &&
           !create->error && create->request && create->request->grade == IKE_GRADE_ENCRYPTED &&
           m->time_ns >= create->request->time_ns;
}

/* Among the last exchanges of both sides. */
static bool has_unread_rekey(const ike_sa *sa, const ike_message *m)
{
    enum { MAX_BEFORE = 4 };
    if (sa->last_create && is_unread_rekey(sa->last_create, m))
        return true;
    for (int side = 0; side < 2; side++) {
        const ike_exchange *exchange = sa->last_begun[side];
        for (int i = 0; exchange && i < MAX_BEFORE; i++, exchange = exchange->previous_of_side)
            if (is_unread_rekey(exchange, m))
                return true;
    }
    return false;
}

/* A rekey that was not decrypted brings an IKE SA that nothing announced: between the same peers,
 * after a CREATE_CHILD_SA without a Child SA, its first message ID is 0. Withdrawn when the old one
 * goes on. */
static void infer_predecessor(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    const ike_address_pair *pair = ike_table_inside(tracker, &m->source, &m->destination);
    ike_sa *old = pair->newest_used ? pair->newest_used : pair->newest;
    if (old && old->rekeyed_to && is_doubtful_successor(old->rekeyed_to))
        ike_sa_withdraw_successor(old, NULL);
    if (old && is_doubtful_successor(old) && old->rekeyed_from) {
        ike_sa *before = old->rekeyed_from;
        ike_sa_withdraw_successor(before, NULL);
        old = before;
    }
    bool encrypted = m->first_payload == IKEV2_PAYLOAD_SK || m->first_payload == IKEV2_PAYLOAD_SKF;
    if (!old || old == sa || old->major == 1 || sa->major == 1 || m->message_id != 0 ||
        !encrypted || old->rekeyed_to || !ike_sa_was_up(old) || !has_unread_rekey(old, m))
        return;
    sa->rekeyed_from = old;
    sa->lineage = old->lineage;
    sa->lineage_swapped = old->lineage_swapped; /* the addresses tell it when the roles are set */
    sa->rekey_inferred = true;
    old->rekeyed_to = sa;
    sa->negotiated = old->negotiated;
    sa->late_start = false;
}

void ike_sa_withdraw_successor(ike_sa *old, const ike_message_record *request)
{
    ike_sa *sa = old->rekeyed_to;
    if (!sa || !sa->rekey_inferred || (request && request->frame < sa->first_frame))
        return;
    old->rekeyed_to = NULL;
    sa->rekeyed_from = NULL;
    sa->rekey_inferred = false;
    sa->negotiated = &ike_negotiated_none;
    sa->late_start = true;
    if (sa->inference == IKE_INFERRED_REKEY)
        sa->inference = IKE_INFERRED_LATE_START;
}

/* A new attempt of the same initiator, soon after one that was refused or got no response. */
static void link_retry(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    ike_sa *old = ike_table_inside(tracker, &m->source, &m->destination)->newest;
    if (!old || old == sa || old->retried_as || ike_sa_was_up(old) || old->late_start ||
        !ike_path_has(old, true, &m->source) || m->time_ns < old->last_ns ||
        m->time_ns - old->last_ns > RETRY_MAX_NS)
        return;
    bool refused =
        old->refused || old->failed || (old->init && old->init->purpose == IKE_PURPOSE_INVALID_KE);
    if (!refused && m->time_ns - old->last_ns < RETRY_NS)
        return;
    old->retried_as = sa;
    sa->retry_of = old;
}

/* ---- the message ----------------------------------------------------------------------------- */

/* The responder that answered more than once chose several SPIs: the one counts with which the
 * initiator goes on (RFC 7296 2.1). */
static void follow_responder_spi(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    /* A request for IKE_SA_INIT has none (RFC 7296 2.6). */
    if (m->responder_spi == 0 || m->responder_spi == sa->responder_spi ||
        (is_init(m) && !m->response))
        return;
    ike_table_add_spis(tracker, (ike_spi_pair){sa->initiator_spi, m->responder_spi}, sa);
    /* A second response to a request that was answered with COOKIE or INVALID_KE_PAYLOAD is not
     * believed before the initiator goes on. */
    if (is_init(m) && sa->responder_spi == 0 && asks_again(sa))
        return;
    if (m->major == 1 && sa->responder_spi != 0 && is_early_refusal(sa, m))
        return;
    bool goes_on = m->major == 1 ? ike_sa_from_initiator(sa, m) : !is_init(m);
    if (sa->responder_spi == 0 || goes_on ? !sa->last_protected[0] : !sa->keys)
        sa->responder_spi = m->responder_spi;
}

/* The first message of an IKE SA decides which side is the initiator, whatever was seen before. */
static void follow_first_message(ike_sa *sa, const ike_message *m)
{
    bool same_sender = ike_same_address(&sa->initiator.endpoint, &m->source);
    bool other_sender = ike_same_address(&sa->responder.endpoint, &m->source) ||
                        ike_same_address(&sa->initiator.endpoint, &m->destination);
    if (sa->major == m->major && other_sender && !same_sender)
        ike_sa_swap_roles(sa);
    sa->roles_known = true;
    sa->late_start = false;
}

/* Counts an IKE SA that was begun, for one of its two addresses. */
static void count_begun_of(ike_peer_sas *sas, const ike_endpoint *other, const ike_message *m)
{
    if (!sas->begun || !ike_same_address(&sas->last_other, other))
        sas->others++;
    if (!sas->begun) {
        sas->first_frame = m->frame;
        sas->first_ns = m->time_ns;
    }
    sas->last_ns = MAX(sas->last_ns, m->time_ns);
    sas->last_other = *other;
    sas->begun++;
}

static void count_begun(ike_tracker *tracker, const ike_sa *sa, const ike_message *m)
{
    count_begun_of(ike_tracker_peer_sas(tracker, sa, false), &sa->initiator.endpoint, m);
    count_begun_of(ike_tracker_peer_sas(tracker, sa, true), &sa->responder.endpoint, m);
}

/* IKEv1: both sides sent a first message. One is forged, or they began at the same time. */
static bool is_contested(const ike_sa *sa, const ike_message *m)
{
    return sa->major == 1 && m->major == 1 && !ike_sa_is_protected(sa) &&
           ike_same_address(&sa->responder.endpoint, &m->source) &&
           !ike_same_address(&sa->initiator.endpoint, &m->source);
}

/* The first message of an IKE SA of which others came before. */
static void join_first_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool late_start = sa->late_start;
    if (late_start && (!ike_sa_is_protected(sa) || !sa->roles_known))
        follow_first_message(sa, m);
    else if (!sa->roles_known)
        set_roles(tracker, sa, m);
    else if (is_contested(sa, m))
        sa->roles_known = false; /* the next messages decide */
    if (sa->late_start && lacks_first_request(sa))
        sa->late_start = false;
    if (!late_start || sa->late_start)
        return;
    count_begun(tracker, sa, m);
    ike_sa_set_pair(tracker, sa);
}

ike_sa *ike_tracker_sa_of(ike_tracker *tracker, const ike_message *m)
{
    ike_sa *sa = find_sa(tracker, m);
    if (sa) {
        follow_responder_spi(tracker, sa, m);
        if (is_first_message(m))
            join_first_message(tracker, sa, m);
        return sa;
    }
    bool request = is_init(m) && !m->response; /* which has no responder's SPI (RFC 7296 2.6) */
    sa = new_sa(tracker, m, m->initiator_spi, request ? 0 : m->responder_spi);
    sa->late_start = !is_first_message(m);
    if (sa->late_start)
        infer_predecessor(tracker, sa, m);
    else
        link_retry(tracker, sa, m);
    set_roles(tracker, sa, m);
    if (!sa->late_start)
        count_begun(tracker, sa, m);
    ike_sa_set_pair(tracker, sa);
    return sa;
}

/* Of two that replace an IKE SA at once one is deleted and nothing else (RFC 7296 2.8.2). */
static bool is_redundant(const ike_sa *sa)
{
    return sa->deleted && sa->deleted->grade == IKE_GRADE_VERIFIED && !sa->rekeyed_to &&
           sa->exchanges && sa->exchanges == sa->newest_exchange;
}

void ike_sa_yield_to_other(ike_sa *sa)
{
    enum { MAX_BEFORE = 4 };
    ike_sa *old = sa->rekeyed_from;
    if (!old || old->rekeyed_to != sa || !is_redundant(sa))
        return;
    for (int side = 0; side < 2; side++) {
        ike_exchange *exchange = old->last_begun[side];
        for (int i = 0; exchange && i < MAX_BEFORE; i++, exchange = exchange->previous_of_side) {
            ike_sa *other = exchange->more->new_sa;
            if (other && other != sa && !is_redundant(other)) {
                old->rekeyed_to = other;
                return;
            }
        }
    }
}

ike_sa *ike_sa_adopt(ike_tracker *tracker, ike_sa *old, const ike_message *m,
                     uint64_t initiator_spi, uint64_t responder_spi, bool by_initiator,
                     uint64_t request_ns)
{
    ike_sa *sa = ike_table_by_spis(tracker, (ike_spi_pair){initiator_spi, responder_spi});
    if (sa == old)
        return NULL;
    if (!sa)
        sa = new_sa(tracker, m, initiator_spi, responder_spi);
    if (sa->rekeyed_from && sa->rekeyed_from != old)
        return NULL;
    sa->initiator = *ike_sa_party(old, by_initiator);
    sa->responder = *ike_sa_party(old, !by_initiator);
    sa->first_initiator = sa->initiator.endpoint;
    sa->first_responder = sa->responder.endpoint;
    sa->path_count = 0;
    for (uint8_t i = 0; i < old->path_count; i++)
        ike_path_add(tracker, sa,
                     by_initiator ? &old->paths[i]->initiator : &old->paths[i]->responder,
                     by_initiator ? &old->paths[i]->responder : &old->paths[i]->initiator, m->frame)
            ->inside = old->paths[i]->inside;
    sa->rekeyed_from = old;
    sa->lineage = old->lineage;
    sa->lineage_swapped = old->lineage_swapped != !by_initiator;
    sa->rekey_inferred = false;
    sa->late_start = false;
    sa->roles_known = true;
    sa->initiator_auth = sa->responder_auth = true;
    sa->first_ns = request_ns;
    if (!old->rekeyed_to || old->rekeyed_to->rekey_inferred || is_redundant(old->rekeyed_to))
        old->rekeyed_to = sa;
    ike_sa_set_pair(tracker, sa);
    return sa;
}

const ike_sa *ike_sa_newest_between(const ike_sa *sa)
{
    return sa->pair ? sa->pair->newest : sa;
}

const ike_sa *ike_sa_newest_used_between(const ike_sa *sa)
{
    return sa->pair ? sa->pair->newest_used : NULL;
}

/* Those of one kind and side; one kind does not hide another, for each may be forged. NULL if
 * there are too many kinds. */
static ike_icmp_record *icmp_of_kind(ike_tracker *tracker, ike_sa *sa, const ike_icmp_error *error,
                                     bool from_initiator)
{
    enum { MAX_KINDS = 8 };
    ike_icmp_record **slot = &sa->icmp;
    for (int i = 0; i < MAX_KINDS; i++, slot = &(*slot)->next) {
        ike_icmp_record *icmp = *slot;
        if (!icmp)
            return *slot = ike_tracker_alloc(tracker, sizeof **slot);
        if (icmp->error.version == error->version && icmp->error.type == error->type &&
            icmp->error.code == error->code && icmp->from_initiator == from_initiator)
            return icmp;
    }
    return NULL;
}

void ike_tracker_unreachable(ike_tracker *tracker, const ike_message *m,
                             const ike_icmp_error *error)
{
    static const ike_icmp_error unknown;
    ike_sa *sa = find_sa(tracker, m);
    if (!sa)
        return;
    bool from_initiator = ike_sa_from_initiator(sa, m);
    ike_icmp_record *icmp = icmp_of_kind(tracker, sa, error ? error : &unknown, from_initiator);
    if (!icmp)
        return;
    if (!icmp->count) {
        icmp->first_frame = m->frame;
        icmp->error = error ? *error : unknown;
        icmp->to = m->destination;
        icmp->length = m->length;
        icmp->from_initiator = from_initiator;
    }
    icmp->last_frame = m->frame;
    icmp->count++;
}
