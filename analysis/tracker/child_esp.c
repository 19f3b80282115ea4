/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP and AH packets: which Child SA they belong to, and which of them are copies. */
#include <glib.h>
#include <string.h>

#include "analysis/tracker/child.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/sequence_numbers.h"
#include "analysis/tracker/tables.h"
#include "proto/keyed_hash.h"

enum { MAX_CHAIN = 16, MAX_UNKNOWN_FLOWS = 65536, MAX_FLOWS = 256 };

/* One of the two SPIs of a Child SA, in the table by SPI; the newest first. */
typedef struct child_spi {
    uint32_t spi;
    bool of_initiator;
    bool companion; /* of the AH beside the ESP of a bundle: its packets are counted with the ESP */
    ike_child *child;
    struct child_spi *next;
} child_spi;

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

static void free_numbers(gpointer numbers)
{
    ike_sequence_numbers_free(numbers);
}

void ike_flows_init(ike_tracker *tracker)
{
    tracker->child_spis = g_hash_table_new(spi_hash, spi_equal);
    tracker->flows = g_hash_table_new(flow_hash, flow_equal);
    tracker->flows_by_spi = g_hash_table_new(spi_hash, spi_equal);
    tracker->numbers = g_ptr_array_new_with_free_func(free_numbers);
}

void ike_flows_free(ike_tracker *tracker)
{
    g_hash_table_destroy(tracker->child_spis);
    g_hash_table_destroy(tracker->flows);
    g_hash_table_destroy(tracker->flows_by_spi);
    g_ptr_array_unref(tracker->numbers);
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
    if (entry->companion)
        return;
    child->flow_count[entry->of_initiator]++;
    /* One packet may have been captured before and behind a NAT. */
    if (*list)
        flow->numbers = (*list)->numbers;
    flow->next = *list;
    *list = flow;
}

static const child_spi *child_of(const ike_tracker *tracker, const ike_esp_flow *flow)
{
    const child_spi *entry = g_hash_table_lookup(tracker->child_spis, &flow->spi), *other = NULL;
    for (int i = 0; entry && i < MAX_CHAIN; i++, entry = entry->next) {
        const ike_sa *sa = entry->child->sa;
        if (entry->child->withdrawn)
            continue;
        if (ike_path_has(sa, entry->of_initiator, &flow->destination) ||
            ike_same_address(entry->of_initiator ? &sa->initiator.endpoint
                                                 : &sa->responder.endpoint,
                             &flow->destination))
            return entry;
        /* The other side of a NAT, or a peer that moved: an SPI of 32 bits is telling enough,
         * unless both ends are strangers. */
        if (!other &&
            (ike_path_has(sa, true, &flow->source) || ike_path_has(sa, false, &flow->source)))
            other = entry;
    }
    return other;
}

ike_child *ike_child_find(const ike_tracker *tracker, const ike_sa *sa, bool of_initiator,
                          uint32_t spi)
{
    const child_spi *entry = g_hash_table_lookup(tracker->child_spis, &spi);
    bool side = of_initiator != sa->lineage_swapped;
    for (int i = 0; entry && i < MAX_CHAIN; i++, entry = entry->next) {
        const ike_sa *own = entry->child->sa;
        if (own->lineage == sa->lineage && (entry->of_initiator != own->lineage_swapped) == side)
            return entry->child->withdrawn ? NULL : entry->child;
    }
    return NULL;
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
    tracker->unknown_flows -= !entry->companion;
}

void ike_child_index_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi,
                         bool companion)
{
    child_spi *entry = ike_tracker_alloc(tracker, sizeof *entry);
    entry->child = child;
    entry->spi = spi;
    entry->of_initiator = of_initiator;
    entry->companion = companion;
    entry->next = g_hash_table_lookup(tracker->child_spis, &spi);
    g_hash_table_replace(tracker->child_spis, entry, entry);
    const ike_sa *sa = child->sa;
    for (uint8_t i = 0; i < sa->path_count; i++)
        claim_earlier(tracker, entry,
                      of_initiator ? &sa->paths[i]->initiator : &sa->paths[i]->responder);
}

void ike_flows_release(ike_tracker *tracker, ike_child *child)
{
    ike_esp_flow **const lists[] = {&child->to_initiator, &child->to_responder};
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        for (ike_esp_flow *flow = *lists[i], *next; flow; flow = next) {
            next = flow->next;
            flow->child = NULL;
            flow->next = NULL;
            tracker->unknown_flows++;
        }
        *lists[i] = NULL;
    }
}

/* ---- packets --------------------------------------------------------------------------------- */

/* The numbers of an SPI whose packets a NAT gives another destination, else new ones. */
static ike_sequence_numbers *numbers_for(ike_tracker *tracker, const ike_esp_flow *flow,
                                         const ike_sequence_packet *packet)
{
    const ike_esp_flow *other = g_hash_table_lookup(tracker->flows_by_spi, &flow->spi);

    if (other && ike_sequence_numbers_has(other->numbers, packet))
        return other->numbers;
    ike_sequence_numbers *made = ike_sequence_numbers_new();
    g_ptr_array_add(tracker->numbers, made);
    return made;
}

/* ESP between the peers of an IKE SA whose set-up was not decrypted to its end. */
static void record_esp_of_sa(ike_tracker *tracker, ike_sa *sa, const ike_esp_packet *packet)
{
    sa->esp_packets++;
    sa->esp_seen[ike_path_has(sa, true, &packet->destination)]++;
    if (ike_sa_has_esp_both_ways(sa) && !ike_sa_was_up(sa) && sa->auth_begun && !sa->failed &&
        sa->last && packet->time_ns > sa->last->time_ns)
        ike_sa_record_inferred(tracker, sa, sa->last, IKE_INFERRED_ESP);
}

static ike_esp_flow *new_flow(ike_tracker *tracker, const ike_esp_packet *packet,
                              const ike_sequence_packet *number)
{
    ike_esp_flow probe = {
        .spi = packet->spi, .source = packet->source, .destination = packet->destination};
    const child_spi *entry = child_of(tracker, &probe);
    if (entry && !entry->companion && entry->child->flow_count[entry->of_initiator] >= MAX_FLOWS)
        return entry->of_initiator ? entry->child->to_initiator : entry->child->to_responder;
    if ((!entry || entry->companion) && tracker->unknown_flows >= MAX_UNKNOWN_FLOWS)
        return NULL;
    flow_entry *made = ike_tracker_alloc(tracker, sizeof *made);
    made->key.spi = packet->spi;
    ike_key_of_endpoint(&made->key.to, &packet->destination, 0);
    ike_esp_flow *flow = &made->flow;
    *flow = probe;
    flow->first_frame = packet->frame;
    g_hash_table_add(tracker->flows, made);
    if (entry)
        tie(flow, entry);
    if (!entry || entry->companion)
        tracker->unknown_flows++; /* there may be any number of them */
    const ike_address_pair *pair =
        flow->sa ? NULL : ike_table_inside(tracker, &packet->source, &packet->destination);
    if (pair)
        flow->sa = pair->newest_used ? pair->newest_used : pair->newest;
    if (!flow->numbers)
        flow->numbers = numbers_for(tracker, flow, number);
    g_hash_table_replace(tracker->flows_by_spi, &flow->spi, flow);
    return flow;
}

/* From the same address and another port: a NAT gave the sender a new mapping. */
static void record_source(ike_esp_flow *flow, const ike_esp_packet *packet)
{
    uint16_t port = packet->source.port;
    if (packet->not_authentic || port == flow->source.port ||
        !ike_same_address(&flow->source, &packet->source))
        return;
    if (flow->new_port != port) {
        flow->new_port = port;
        flow->new_port_frame = packet->frame;
        flow->new_port_packets = 0;
    }
    flow->new_port_packets++;
}

static void record_packet(ike_tracker *tracker, ike_esp_flow *flow, const ike_esp_packet *packet)
{
    record_source(flow, packet);
    if (packet->decrypted && flow->packets == flow->suspects)
        flow->first_frame = packet->frame;
    flow->packets++;
    if (packet->not_authentic) {
        flow->suspects++;
        flow->suspect_bytes += packet->bytes;
    }
    flow->decrypted += packet->decrypted;
    flow->truncated_icv += packet->truncated_icv;
    flow->bytes += packet->bytes;
    flow->last_frame = packet->frame;
    flow->last_ns = packet->time_ns;
    if (!flow->child && flow->sa)
        record_esp_of_sa(tracker, flow->sa, packet);
}

ike_esp_flow *ike_tracker_esp(ike_tracker *tracker, const ike_esp_packet *packet)
{
    ike_sequence_packet number = {.sequence = packet->sequence,
                                  .sequence_high = packet->sequence_high,
                                  .high_known = packet->high_known,
                                  .decrypted = packet->decrypted,
                                  .suspect = packet->not_authentic,
                                  .digest = packet->digest,
                                  .time_ns = packet->time_ns,
                                  .interface = packet->interface,
                                  .ttl = packet->ttl};
    flow_entry *entry = find_flow(tracker, packet->spi, &packet->destination);
    ike_esp_flow *flow = entry ? &entry->flow : new_flow(tracker, packet, &number);

    if (!flow)
        return NULL;
    tracker->last_ns = MAX(tracker->last_ns, packet->time_ns);
    /* Where no packet of the flow verifies, it is the key that is wrong. */
    if (packet->not_authentic && ike_sequence_numbers_verified(flow->numbers)) {
        flow->not_authentic++;
        return flow;
    }
    ike_sequence_class class = ike_sequence_numbers_add(flow->numbers, &number);
    /* Before the first packet that verifies, one with its number can have been forged. */
    bool first_decrypted = packet->decrypted && flow->packets && !flow->decrypted;
    if (class == IKE_SEQUENCE_COMPLETED)
        flow->decrypted++;
    else if (first_decrypted || (class != IKE_SEQUENCE_COPY && class != IKE_SEQUENCE_REPEATED))
        record_packet(tracker, flow, packet);
    return flow;
}

void ike_tracker_esp_unreachable(ike_tracker *tracker, uint32_t spi, const ike_endpoint *to,
                                 uint32_t frame, const ike_icmp_error *error)
{
    flow_entry *entry = find_flow(tracker, spi, to);
    bool too_big = error->mtu && error->mtu < error->length;

    /* Several routers may report it in turn: the smallest decides. */
    if (!entry || !too_big || (entry->flow.mtu && entry->flow.mtu <= error->mtu))
        return;
    entry->flow.mtu = error->mtu;
    entry->flow.mtu_frame = frame;
    entry->flow.mtu_length = error->length;
}

/* ---- how a direction fares ------------------------------------------------------------------- */

static void add_numbers(ike_esp_health *health, const ike_sequence_numbers *numbers)
{
    ike_sequence_counts counts = ike_sequence_numbers_counts(numbers);
    bool doubled = ike_sequence_repeats_are_copies(&counts);

    if (!counts.distinct)
        return;
    if (!health->first_sequence || counts.lowest < health->first_sequence)
        health->first_sequence = counts.lowest;
    health->lost += ike_sequence_lost(&counts);
    health->late += counts.late;
    health->reused += counts.reused;
    health->replayed += doubled ? 0 : counts.repeated;
    health->copies += counts.copies + (doubled ? counts.repeated : 0);
}

static gint by_first_frame(gconstpointer a, gconstpointer b)
{
    const ike_esp_flow *x = *(const ike_esp_flow *const *)a, *y = *(const ike_esp_flow *const *)b;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

void ike_tracker_each_unknown_flow(const ike_tracker *tracker,
                                   void (*fn)(const ike_esp_flow *flow, void *user), void *user)
{
    GPtrArray *flows = g_ptr_array_new();
    GHashTableIter all;
    gpointer key;
    g_hash_table_iter_init(&all, tracker->flows);
    while (g_hash_table_iter_next(&all, &key, NULL)) {
        const flow_entry *found = key;
        if (!found->flow.child)
            g_ptr_array_add(flows, (gpointer)(guintptr)&found->flow);
    }
    g_ptr_array_sort(flows, by_first_frame);
    for (guint i = 0; i < flows->len; i++)
        fn(g_ptr_array_index(flows, i), user);
    g_ptr_array_unref(flows);
}

ike_esp_health ike_esp_health_of_flow(const ike_esp_flow *flow)
{
    ike_esp_flow alone = *flow;
    alone.next = NULL;
    return ike_esp_health_of(&alone);
}

ike_esp_health ike_esp_health_of(const ike_esp_flow *flows)
{
    ike_esp_health health = {0};

    for (const ike_esp_flow *flow = flows; flow; flow = flow->next) {
        bool verified = ike_sequence_numbers_verified(flow->numbers);
        uint32_t forged = verified ? flow->suspects : 0, packets = flow->packets - forged;
        health.packets += packets;
        health.decrypted += flow->decrypted;
        health.truncated_icv += flow->truncated_icv;
        health.not_authentic += flow->not_authentic + forged;
        health.bytes += flow->bytes - (verified ? flow->suspect_bytes : 0);
        if (flow == flows || flow->numbers != flows->numbers)
            add_numbers(&health, flow->numbers);
        if (!packets)
            continue;
        if (!health.first_frame || flow->first_frame < health.first_frame)
            health.first_frame = flow->first_frame;
        if (flow->last_frame > health.last_frame) {
            health.last_frame = flow->last_frame;
            health.last_ns = flow->last_ns;
        }
    }
    return health;
}
