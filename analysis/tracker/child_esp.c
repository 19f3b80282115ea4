/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP and AH packets: which Child SA they belong to, and which of them are copies. */
#include <glib.h>
#include <string.h>

#include "analysis/tracker/child.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/keyed_hash.h"

enum { MAX_CHAIN = 16, MAX_UNKNOWN_FLOWS = 65536, MAX_FLOWS = 256, RECENT = 16 };
#define OTHER_CLOCK_NS (5000 * UINT64_C(1000000))

/* One of the two SPIs of a Child SA, in the table by SPI; the newest first. */
typedef struct child_spi {
    uint32_t spi;
    bool of_initiator;
    ike_child *child;
    struct child_spi *next;
} child_spi;

/* The last packets of a direction, over all addresses that it was seen between. */
struct ike_esp_recent {
    uint8_t at;
    struct {
        uint64_t time_ns;
        uint32_t sequence;
        uint16_t ip_id, interface;
    } packets[RECENT];
};

typedef struct {
    uint32_t spi;
    ike_endpoint to; /* without port */
} flow_key;

typedef struct {
    flow_key key;
    ike_esp_flow flow;
} flow_entry;

static guint spi_hash(gconstpointer key)
{
    return (guint)ike_keyed_hash(key, sizeof(uint32_t));
}

static gboolean spi_equal(gconstpointer a, gconstpointer b)
{
    return *(const uint32_t *)a == *(const uint32_t *)b;
}

static guint flow_hash(gconstpointer key)
{
    return (guint)ike_keyed_hash(key, sizeof(flow_key));
}

static gboolean flow_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(flow_key)) == 0;
}

void ike_flows_init(ike_tracker *tracker)
{
    tracker->child_spis = g_hash_table_new(spi_hash, spi_equal);
    tracker->flows = g_hash_table_new(flow_hash, flow_equal);
}

void ike_flows_free(ike_tracker *tracker)
{
    g_hash_table_destroy(tracker->child_spis);
    g_hash_table_destroy(tracker->flows);
}

static flow_entry *find_flow(const ike_tracker *tracker, uint32_t spi, const ike_endpoint *to)
{
    flow_key key;
    memset(&key, 0, sizeof key);
    key.spi = spi;
    ike_key_of_endpoint(&key.to, to, 0);
    return g_hash_table_lookup(tracker->flows, &key);
}

/* ---- Child SAs ------------------------------------------------------------------------------- */

static void tie(ike_esp_flow *flow, const child_spi *entry)
{
    ike_child *child = entry->child;
    ike_esp_flow **list = entry->of_initiator ? &child->to_initiator : &child->to_responder;
    flow->child = child;
    flow->sa = child->sa;
    flow->to_initiator = entry->of_initiator;
    child->flow_count[entry->of_initiator]++;
    /* One packet may have been captured before and behind a NAT. */
    if (*list)
        flow->recent = (*list)->recent;
    flow->next = *list;
    *list = flow;
}

static const child_spi *child_of(const ike_tracker *tracker, const ike_esp_flow *flow)
{
    const child_spi *entry = g_hash_table_lookup(tracker->child_spis, &flow->spi), *other = NULL;
    for (int i = 0; entry && i < MAX_CHAIN; i++, entry = entry->next) {
        const ike_sa *sa = entry->child->sa;
        if (ike_path_has(sa, entry->of_initiator, &flow->destination) ||
            ike_same_address(entry->of_initiator ? &sa->initiator.endpoint : &sa->responder.endpoint,
                             &flow->destination))
            return entry;
        /* The other side of a NAT, or a peer that moved: an SPI of 32 bits is telling enough, unless
         * both ends are strangers. */
        if (!other && (ike_path_has(sa, true, &flow->source) ||
                       ike_path_has(sa, false, &flow->source)))
            other = entry;
    }
    return other;
}

/* ESP that came before the message with its SPI. */
static void claim_earlier(ike_tracker *tracker, const child_spi *entry, const ike_endpoint *to)
{
    flow_entry *found = find_flow(tracker, entry->spi, to);
    if (!found || found->flow.child)
        return;
    ike_esp_flow *flow = &found->flow;
    if (flow->sa && flow->sa->esp_packets >= flow->packets)
        flow->sa->esp_packets -= flow->packets;
    tie(flow, entry);
    tracker->unknown_flows--;
}

void ike_child_index_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi)
{
    child_spi *entry = ike_tracker_alloc(tracker, sizeof *entry);
    entry->child = child;
    entry->spi = spi;
    entry->of_initiator = of_initiator;
    entry->next = g_hash_table_lookup(tracker->child_spis, &spi);
    g_hash_table_replace(tracker->child_spis, entry, entry);
    const ike_sa *sa = child->sa;
    for (uint8_t i = 0; i < sa->path_count; i++)
        claim_earlier(tracker, entry,
                      of_initiator ? &sa->paths[i]->initiator : &sa->paths[i]->responder);
}

/* ---- packets --------------------------------------------------------------------------------- */

static bool is_copy(const struct ike_esp_recent *recent, const ike_esp_packet *packet)
{
    for (unsigned i = 0; i < RECENT; i++) {
        if (recent->packets[i].time_ns == 0 || recent->packets[i].sequence != packet->sequence)
            continue;
        uint64_t then = recent->packets[i].time_ns, now = packet->time_ns;
        uint64_t apart = now > then ? now - then : then - now;
        bool same_packet = packet->ip_id && packet->ip_id == recent->packets[i].ip_id;
        bool other_interface = packet->interface && recent->packets[i].interface &&
                               packet->interface != recent->packets[i].interface;
        if (apart < OTHER_CLOCK_NS && (same_packet || other_interface))
            return true;
    }
    return false;
}

static void add_recent(struct ike_esp_recent *recent, const ike_esp_packet *packet)
{
    unsigned at = recent->at++ % RECENT;
    recent->packets[at].time_ns = packet->time_ns;
    recent->packets[at].sequence = packet->sequence;
    recent->packets[at].ip_id = packet->ip_id;
    recent->packets[at].interface = (uint16_t)MIN(packet->interface, UINT16_MAX);
}

/* ESP between the peers of an IKE SA whose set-up was not decrypted to its end. */
static void record_esp_of_sa(ike_tracker *tracker, ike_sa *sa, const ike_esp_packet *packet)
{
    sa->esp_packets++;
    sa->esp_seen[ike_path_has(sa, true, &packet->destination)]++;
    if (sa->esp_seen[0] && sa->esp_seen[1] && !ike_sa_was_up(sa) && sa->auth_begun && !sa->failed &&
        sa->last && packet->time_ns > sa->last->time_ns)
        ike_sa_record_inferred(tracker, sa, sa->last, IKE_INFERRED_ESP);
}

static ike_esp_flow *new_flow(ike_tracker *tracker, const ike_esp_packet *packet)
{
    ike_esp_flow probe = {
        .spi = packet->spi, .source = packet->source, .destination = packet->destination};
    const child_spi *entry = child_of(tracker, &probe);
    if (entry && entry->child->flow_count[entry->of_initiator] >= MAX_FLOWS)
        return entry->of_initiator ? entry->child->to_initiator : entry->child->to_responder;
    if (!entry && tracker->unknown_flows >= MAX_UNKNOWN_FLOWS)
        return NULL;
    flow_entry *made = ike_tracker_alloc(tracker, sizeof *made);
    made->key.spi = packet->spi;
    ike_key_of_endpoint(&made->key.to, &packet->destination, 0);
    ike_esp_flow *flow = &made->flow;
    *flow = probe;
    flow->first_sequence = packet->sequence;
    flow->first_frame = packet->frame;
    flow->first_ns = packet->time_ns;
    g_hash_table_add(tracker->flows, made);
    if (entry)
        tie(flow, entry);
    else
        tracker->unknown_flows++;
    if (!flow->sa)
        flow->sa = ike_table_between(tracker, &packet->source, &packet->destination);
    if (!flow->recent)
        flow->recent = ike_tracker_alloc(tracker, sizeof *flow->recent);
    return flow;
}

ike_esp_flow *ike_tracker_esp(ike_tracker *tracker, const ike_esp_packet *packet)
{
    flow_entry *entry = find_flow(tracker, packet->spi, &packet->destination);
    ike_esp_flow *flow = entry ? &entry->flow : new_flow(tracker, packet);
    if (!flow)
        return NULL;
    tracker->revision++;
    tracker->last_ns = MAX(tracker->last_ns, packet->time_ns);
    if (is_copy(flow->recent, packet)) {
        flow->copies++;
        return flow;
    }
    add_recent(flow->recent, packet);
    flow->packets++;
    flow->decrypted += packet->decrypted;
    flow->bytes += packet->bytes;
    flow->last_sequence = packet->sequence;
    flow->last_frame = packet->frame;
    flow->last_ns = packet->time_ns;
    if (!flow->child && flow->sa)
        record_esp_of_sa(tracker, flow->sa, packet);
    return flow;
}
