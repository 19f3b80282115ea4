/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies and retransmissions. A copy is one packet captured twice: with the same IP Identification,
 * on another interface, within milliseconds, or between the other addresses of a NAT. A
 * retransmission was sent again: it is another packet with the same message. */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

#define MS UINT64_C(1000000)
#define SAME_INSTANT_NS (50 * MS)      /* no sender retransmits as fast as this */
#define SAME_PACKET_NS (2 * MS)        /* the same, where a NAT gave it another Identification */
#define OTHER_ADDRESSES_NS (100 * MS)  /* through a NAT */
#define OTHER_CLOCK_NS (5000 * MS)     /* what the clocks of two captures may differ */
#define GIVEN_UP_NS (900 * IKE_SECOND) /* no daemon retransmits for as long */

enum { MAX_DISTINCT = 64 }; /* messages of one exchange that a new one is compared with */
enum { MAX_IP_IDS = 8, MAX_INTERFACES = 4 };

struct ike_sightings {
    uint64_t last_ns;
    uint32_t not_decrypted; /* transmissions of which no sighting was decrypted */
    uint32_t
        truncated_digest; /* of a sighting that was truncated, where the original is complete */
    struct {
        uint16_t ip_id;
        uint8_t interface, ttl;
        bool supposed; /* taken for a copy, to which a NAT has given this Identification */
    } ids[MAX_IP_IDS]; /* the last ones */
    uint8_t ip_id_count;
    uint8_t interface_count;
    bool ids_kept; /* a packet was seen in two places with the same Identification */
    struct {
        uint16_t interface, count;
    } on[MAX_INTERFACES];
};

/* ---- the same message ------------------------------------------------------------------------ */

/* One of the two was truncated by the snap length: what both have must be equal. An interface has
 * one snap length. */
static bool equal_truncated(const ike_message_record *record, const ike_message *m)
{
    bool truncated = ike_message_is_truncated(m);
    if (record->truncated && truncated && record->interface == m->interface)
        return false;
    /* In IKEv1 the prefix of a first fragment is that of others with its number. */
    if (m->major == 1 && m->fragment && record->ip_id && m->ip_id && record->ip_id != m->ip_id)
        return truncated && record->sightings &&
               record->sightings->truncated_digest == (uint32_t)m->digest;
    return (record->truncated || truncated) && m->prefix_digest != 0 &&
           record->prefix_digest == (uint32_t)m->prefix_digest;
}

static bool is_same_message(const ike_message_record *record, const ike_message *m)
{
    if (record->length != MIN(m->length, IKE_MAX_MESSAGE_BYTES))
        return false;
    return (record->digest == (uint32_t)m->digest && record->fragment == m->fragment) ||
           equal_truncated(record, m);
}

ike_message_record *ike_exchange_find_original(ike_exchange *exchange, const ike_message *m,
                                               bool from_initiator)
{
    ike_message_record *record = exchange->last_distinct;
    for (int i = 0; record && i < MAX_DISTINCT; i++, record = record->previous_distinct)
        if (record->from_initiator == from_initiator && is_same_message(record, m))
            return record;
    return NULL;
}

const ike_message_record *ike_exchange_find_repeated(const ike_exchange *exchange,
                                                     const ike_message *m)
{
    const ike_message_record *record = exchange->last_distinct;
    for (int i = 0; record && i < MAX_DISTINCT; i++, record = record->previous_distinct)
        if (is_same_message(record, m))
            return record;
    return NULL;
}

/* ---- the same packet ------------------------------------------------------------------------- */

static void count_on(struct ike_sightings *seen, uint16_t interface)
{
    for (uint8_t i = 0; i < seen->interface_count; i++)
        if (seen->on[i].interface == interface) {
            if (seen->on[i].count < UINT16_MAX)
                seen->on[i].count++;
            return;
        }
    if (seen->interface_count == MAX_INTERFACES)
        return;
    seen->on[seen->interface_count].interface = interface;
    seen->on[seen->interface_count++].count = 1;
}

/* Each interface sees a transmission once: on one that has seen fewer of them than another, this is
 * one that was seen there. */
static bool lags_behind(const struct ike_sightings *seen, uint16_t interface)
{
    uint16_t here = 0, most = 0;
    for (uint8_t i = 0; i < seen->interface_count; i++) {
        most = MAX(most, seen->on[i].count);
        if (seen->on[i].interface == interface)
            here = seen->on[i].count;
    }
    return here < most;
}

/* The place of an Identification among the last ones, -1 none. */
static int find_ip_id(const struct ike_sightings *seen, uint16_t ip_id)
{
    for (int i = 0; ip_id && i < MIN(seen->ip_id_count, MAX_IP_IDS); i++)
        if (seen->ids[i].ip_id == ip_id)
            return i;
    return -1;
}

static void add_ip_id(struct ike_sightings *seen, const ike_message_record *record)
{
    if (!record->ip_id || find_ip_id(seen, record->ip_id) >= 0)
        return;
    unsigned slot = seen->ip_id_count++ % MAX_IP_IDS;
    if (seen->ip_id_count >= 2 * MAX_IP_IDS)
        seen->ip_id_count = MAX_IP_IDS;
    seen->ids[slot].ip_id = record->ip_id;
    seen->ids[slot].interface = record->interface;
    seen->ids[slot].ttl = record->ttl;
    seen->ids[slot].supposed = record->copy;
}

static void add_sighting(struct ike_sightings *seen, const ike_message_record *record)
{
    seen->last_ns = MAX(seen->last_ns, record->time_ns);
    add_ip_id(seen, record);
    if (record->interface)
        count_on(seen, record->interface);
}

static bool is_on_other_interface(const struct ike_sightings *seen, uint16_t interface)
{
    return interface && seen->interface_count &&
           (seen->interface_count > 1 || seen->on[0].interface != interface);
}

/* With another Identification than all before: a NAT or a firewall may have changed it, unless it
 * is seen to keep it. */
static bool is_copy_with_other_id(const struct ike_sightings *seen,
                                  const ike_message_record *record, const ike_message *m)
{
    if (seen->ids_kept)
        return false;
    uint64_t since = ike_time_apart(seen->last_ns, m->time_ns);
    bool routed = record->original->ttl != record->ttl ||
                  !ike_path_same_ends(record->exchange->sa, &m->source, &m->destination);
    if (is_on_other_interface(seen, record->interface))
        return lags_behind(seen, record->interface) &&
               since < (routed ? OTHER_CLOCK_NS : SAME_PACKET_NS);
    return routed && since < SAME_PACKET_NS;
}

static bool both_known_and_other(uint8_t a, uint8_t b)
{
    return a && b && a != b;
}

/* A packet with its Identification was seen on another interface, or before or behind a router:
 * none between the two changes it. */
static bool is_known_elsewhere(const struct ike_sightings *seen, const ike_message_record *record)
{
    int known = find_ip_id(seen, record->ip_id);
    return known >= 0 && (both_known_and_other(record->interface, seen->ids[known].interface) ||
                          both_known_and_other(record->ttl, seen->ids[known].ttl));
}

/* What was taken for a copy because of another Identification was sent again, if that is kept: one
 * that is known to be a copy counts in its place. Whether there is one. */
static bool take_supposed(struct ike_sightings *seen)
{
    for (unsigned i = 0; i < MIN(seen->ip_id_count, MAX_IP_IDS); i++)
        if (seen->ids[i].supposed) {
            seen->ids[i].supposed = false;
            return true;
        }
    return false;
}

static bool is_copy(const struct ike_sightings *seen, const ike_message_record *record,
                    const ike_message *m)
{
    uint64_t since = ike_time_apart(seen->last_ns, m->time_ns);
    if (m->tcp)
        return false;
    if (record->ip_id && seen->ip_id_count)
        return find_ip_id(seen, record->ip_id) >= 0 || is_copy_with_other_id(seen, record, m);
    if (since < SAME_INSTANT_NS || since > GIVEN_UP_NS)
        return true;
    if (since < OTHER_CLOCK_NS && is_on_other_interface(seen, record->interface) &&
        lags_behind(seen, record->interface))
        return true;
    return since < OTHER_ADDRESSES_NS &&
           !ike_path_same_ends(record->exchange->sa, &m->source, &m->destination);
}

/* The message before the last one of its exchange, sent again although the last one was sent. */
static bool is_after_last(const ike_message_record *original)
{
    const ike_exchange *exchange = original->exchange;
    if (exchange->sa->major != 1)
        return !original->response && exchange->response;
    if (!exchange->by_step || original->step == 0)
        return false;
    uint8_t last = exchange->type == IKEV1_EXCHANGE_MAIN_MODE         ? 6
                   : exchange->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE ? 3
                                                                      : 2;
    return original->step == last - 1 && exchange->by_step[last];
}

/* IKEv1: the message that fragments come to, which is recorded beside them once. */
static ike_message_record *message_of_fragment(const ike_message_record *fragment)
{
    ike_message_record *found = NULL, *record = fragment->exchange->last_distinct;
    for (int i = 0; record && record != fragment && i < MAX_DISTINCT;
         i++, record = record->previous_distinct)
        if (record->reassembled && record->from_initiator == fragment->from_initiator)
            found = record;
    return found;
}

static void count_of_message(ike_message_record *fragment)
{
    ike_message_record *message = message_of_fragment(fragment);
    if (!message)
        return;
    if (message->retransmissions < (1 << 24) - 1)
        message->retransmissions++;
    if (is_after_last(message))
        ike_exchange_write_more(message->exchange)->retransmitted_after++;
}

/* A message in fragments is sent again once, with all of them; in IKEv1 the message that they come
 * to is a record of its own. */
static void count_retransmission(ike_message_record *record, ike_message_record *original)
{
    ike_exchange *exchange = record->exchange;
    bool of_fragments = exchange->sa->major == 1 && record->reassembled;
    if (original->retransmissions < (1 << 24) - 1)
        original->retransmissions++;
    if (record->fragment <= 1 && !of_fragments) {
        ike_exchange_write_more(exchange)->retransmissions++;
        if (!record->response)
            ike_exchange_write_more(exchange)->last_retransmission = record;
    }
    if (is_after_last(original) && record->fragment <= 1)
        ike_exchange_write_more(exchange)->retransmitted_after++;
    if (exchange->sa->major == 1 && record->fragment == 1)
        count_of_message(original);
}

/* Of a message in CBC that was decrypted with another IV the first block is invalid, and with it
 * its first payload. */
static bool reads_more(const ike_content *content, const ike_message *m)
{
    if (!content)
        return true;
    return (m->payloads[0] & ~content->payloads) != 0 ||
           (m->id_count && m->id[0].type && !content->id_type[0]);
}

/* Whether `m` lets more of the message be read than was read of it before: it was truncated, or
 * came before what decrypts it. A message in fragments is completed once. */
bool ike_exchange_completes(const ike_message_record *original, const ike_message *m)
{
    const ike_exchange *exchange = original->exchange;
    if (m->not_authentic || ike_message_is_truncated(m))
        return false;
    if (m->fragments > 1 && exchange->sa->major != 1) {
        const ike_message_record *slot =
            original->response ? exchange->response : exchange->request;
        return m->reassembled && !(slot && ike_record_is_decrypted(slot));
    }
    return original->truncated || original->not_authentic ||
           ike_message_grade(m) > original->grade ||
           (m->decryption == IKE_DECRYPTION_DONE && reads_more(original->content, m));
}

void ike_exchange_complete(ike_tracker *tracker, ike_message_record *original, const ike_message *m)
{
    if (original->truncated)
        original->sightings->truncated_digest = original->digest;
    original->digest = (uint32_t)m->digest;
    original->truncated = false;
    original->not_authentic = false;
    original->malformed = m->malformed;
    original->reassembled = m->reassembled;
    original->decryption = m->decryption & 3;
    original->grade = ike_message_grade(m) & 3;
    original->has_first_inside = m->first_inside != 0;
    original->inner_first_payload = m->first_inside ? (uint8_t)(m->first_inside - 1) : 0;
    original->content = ike_message_is_readable(m) ? ike_content_new(tracker, m) : NULL;
}

/* A message in one piece that is encrypted. */
static bool lacks_decryption(const ike_message_record *record)
{
    bool forged = record->not_authentic || (record->original && record->original->not_authentic);
    return record->decryption == IKE_DECRYPTION_NONE && !forged && record->fragments <= 1;
}

bool ike_exchange_decrypts_transmission(ike_message_record *record)
{
    if (!record->copy || !ike_record_is_decrypted(record) ||
        !record->original->sightings->not_decrypted)
        return false;
    record->original->sightings->not_decrypted--;
    return true;
}

uint32_t ike_exchange_drop_transmissions(const ike_message_record *original)
{
    uint32_t count = original->sightings->not_decrypted;
    original->sightings->not_decrypted = 0;
    return count;
}

bool ike_exchange_record_repeat(ike_tracker *tracker, ike_message_record *record,
                                ike_message_record *original, const ike_message *m)
{
    if (!original->sightings) {
        original->sightings = ike_tracker_alloc(tracker, sizeof *original->sightings);
        original->sightings->not_decrypted = lacks_decryption(original);
        add_sighting(original->sightings, original);
    }
    record->original = original;
    if (record->truncated && !original->truncated)
        original->sightings->truncated_digest = record->digest;
    record->copy = is_copy(original->sightings, record, m);
    if (is_known_elsewhere(original->sightings, record)) {
        original->sightings->ids_kept = true;
        if (take_supposed(original->sightings))
            record->copy = false;
    }
    add_sighting(original->sightings, record);
    record->response = original->response;
    record->step = original->step;
    record->steps = original->steps;
    record->content = original->content;
    record->inner_first_payload = original->inner_first_payload;
    record->has_first_inside = original->has_first_inside;
    if (record->copy) {
        if (original->copies < UINT8_MAX)
            original->copies++;
        ike_exchange_write_more(record->exchange)->copies++;
        return false;
    }
    original->sightings->not_decrypted += lacks_decryption(record);
    count_retransmission(record, original);
    return true;
}
