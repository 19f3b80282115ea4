/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracker: its tables, and the way of one message through analysis. */
#include "analysis/tracker/internal.h"

#include <string.h>

#include "proto/keyed_hash.h"

/* ---- bytes kept once ------------------------------------------------------------------------ */

typedef struct {
    uint64_t hash;
    size_t length;
    const void *bytes; /* behind this, aligned for what is kept */
} kept;

uint64_t ike_hash_bytes(const void *bytes, size_t length)
{
    return ike_keyed_hash(bytes, length);
}

static guint kept_hash(gconstpointer key)
{
    uint64_t hash = ((const kept *)key)->hash;
    return (guint)(hash ^ hash >> 32);
}

static gboolean kept_equal(gconstpointer a, gconstpointer b)
{
    const kept *x = a, *y = b;
    return x->length == y->length && memcmp(x->bytes, y->bytes, x->length) == 0;
}

const void *ike_store(ike_tracker *tracker, const void *bytes, size_t length)
{
    if (length == 0)
        return NULL;
    const kept wanted = {ike_hash_bytes(bytes, length), length, bytes};
    const kept *known = g_hash_table_lookup(tracker->kept, &wanted);
    if (known)
        return known->bytes;
    kept *entry = g_malloc(sizeof *entry + length);
    *entry = (kept){wanted.hash, length, memcpy(entry + 1, bytes, length)};
    g_hash_table_add(tracker->kept, entry);
    return entry->bytes;
}

const char *ike_store_text(ike_tracker *tracker, const char *text)
{
    return ike_store(tracker, text, strlen(text) + 1);
}

const char *ike_store_string(ike_tracker *tracker, GString *text)
{
    const char *kept_text = ike_store(tracker, text->str, text->len + 1);
    g_string_free(text, TRUE);
    return kept_text;
}

/* ---- room ------------------------------------------------------------------------------------ */

/* What is handed out is cleared then, not as a block: it is written next, and so still in the
 * processor's cache. */
enum { ARENA_BLOCK = 1 << 16, RECORDS_PER_BLOCK = 1 << 10 };

void *ike_tracker_alloc(ike_tracker *tracker, size_t size)
{
    ike_arena *room = &tracker->room;
    size = (size + 7) & ~(size_t)7;
    if (size > room->left) {
        room->left = MAX(size, (size_t)ARENA_BLOCK);
        room->next = g_malloc(room->left);
        g_ptr_array_add(room->blocks, room->next);
    }
    void *taken = room->next;
    room->next += size;
    room->left -= size;
    return memset(taken, 0, size);
}

ike_message_record *ike_tracker_add_record(ike_tracker *tracker)
{
    uint32_t index = tracker->record_count++ % RECORDS_PER_BLOCK;
    if (index == 0)
        g_ptr_array_add(tracker->records, g_new(ike_message_record, RECORDS_PER_BLOCK));
    ike_message_record *block = tracker->records->pdata[tracker->records->len - 1];
    return memset(&block[index], 0, sizeof *block);
}

static ike_message_record *record_at(const ike_tracker *tracker, uint32_t index)
{
    ike_message_record *block = tracker->records->pdata[index / RECORDS_PER_BLOCK];
    return &block[index % RECORDS_PER_BLOCK];
}

ike_message_record *ike_tracker_record(const ike_tracker *tracker, uint32_t frame, uint16_t place)
{
    uint32_t low = 0, high = tracker->record_count;
    if (frame > tracker->last_frame)
        return NULL; /* as mostly on the first pass */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record_at(tracker, middle)->frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    /* A message that fragments come to ends before the one that holds the last of them. */
    for (; low < tracker->record_count && record_at(tracker, low)->frame == frame; low++)
        if (record_at(tracker, low)->place == place)
            return record_at(tracker, low);
    return NULL;
}

/* ---- keys of the tables ---------------------------------------------------------------------- */

static guint spi_pair_hash(gconstpointer key)
{
    const spi_pair *pair = key;
    uint64_t mixed =
        (pair->initiator ^ pair->responder * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
    return (guint)(mixed >> 32);
}

static gboolean spi_pair_equal(gconstpointer a, gconstpointer b)
{
    const spi_pair *x = a, *y = b;
    return x->initiator == y->initiator && x->responder == y->responder;
}

static guint exchange_hash(gconstpointer key)
{
    const ike_exchange *k = key;
    uint64_t mixed = (uint64_t)(guintptr)k->sa * 0x9e3779b97f4a7c15u;
    mixed ^= (uint64_t)k->message_id << 16 | (uint64_t)k->kind << 8 | k->side;
    return (guint)((mixed * 0xff51afd7ed558ccdu) >> 32);
}

static gboolean exchange_equal(gconstpointer a, gconstpointer b)
{
    const ike_exchange *x = a, *y = b;
    return x->sa == y->sa && x->message_id == y->message_id && x->side == y->side &&
           x->kind == y->kind;
}

static guint endpoint_hash(gconstpointer key)
{
    const ike_endpoint *e = key;
    return (guint)(ike_hash_bytes(e->bytes, sizeof e->bytes) ^ e->family) + e->port;
}

static gboolean endpoint_equal(gconstpointer a, gconstpointer b)
{
    const ike_endpoint *x = a, *y = b;
    return x->family == y->family && x->port == y->port &&
           memcmp(x->bytes, y->bytes, sizeof x->bytes) == 0;
}

static ike_endpoint without_port(const ike_endpoint *endpoint, uint16_t port)
{
    ike_endpoint key;
    memset(&key, 0, sizeof key);
    key.family = endpoint->family;
    key.port = port;
    memcpy(key.bytes, endpoint->bytes, endpoint->family == 4 ? 4 : 16);
    return key;
}

address_pair ike_pair_of(const ike_endpoint *a, const ike_endpoint *b)
{
    address_pair pair = {without_port(a, 0), without_port(b, 0)};
    if (memcmp(pair.low.bytes, pair.high.bytes, sizeof pair.low.bytes) > 0) {
        ike_endpoint swap = pair.low;
        pair.low = pair.high;
        pair.high = swap;
    }
    return pair;
}

static guint pair_hash(gconstpointer key)
{
    const address_pair *pair = key;
    return endpoint_hash(&pair->low) * 31u + endpoint_hash(&pair->high);
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    const address_pair *x = a, *y = b;
    return endpoint_equal(&x->low, &y->low) && endpoint_equal(&x->high, &y->high);
}

typedef struct {
    ike_esp_flow flow; /* first: the table holds flows */
    ike_endpoint to;   /* without port */
} flow_entry;

static guint flow_hash(gconstpointer key)
{
    const flow_entry *entry = key;
    return endpoint_hash(&entry->to) ^ entry->flow.spi * 2654435761u;
}

static gboolean flow_equal(gconstpointer a, gconstpointer b)
{
    const flow_entry *x = a, *y = b;
    return x->flow.spi == y->flow.spi && endpoint_equal(&x->to, &y->to);
}

/* ---- peers ----------------------------------------------------------------------------------- */

ike_peer *ike_tracker_peer(ike_tracker *tracker, const ike_endpoint *endpoint, uint8_t major)
{
    ike_endpoint key = without_port(endpoint, major);
    ike_peer *peer = g_hash_table_lookup(tracker->peers, &key);
    if (!peer) {
        peer = ike_tracker_alloc(tracker, sizeof *peer);
        peer->address = key;
        g_hash_table_add(tracker->peers, peer);
    }
    return peer;
}

static void remember(ike_tracker *tracker, ike_peer_proposals **list,
                     const ike_proposal_list *proposals, uint32_t frame)
{
    int count = 0;
    for (; *list; list = &(*list)->next, count++)
        if ((*list)->proposals == proposals)
            return;
    if (count == PEER_PROPOSALS)
        return;
    *list = ike_tracker_alloc(tracker, sizeof **list);
    **list = (ike_peer_proposals){.proposals = proposals, .frame = frame};
}

void ike_peer_chose(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                    uint32_t frame)
{
    remember(tracker, &peer->chosen, proposals, frame);
}

void ike_peer_proposed(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                       uint32_t frame)
{
    remember(tracker, &peer->proposed, proposals, frame);
}

/* ---- life ------------------------------------------------------------------------------------ */

ike_tracker *ike_tracker_new(void)
{
    ike_tracker *tracker = g_new0(ike_tracker, 1);
    tracker->sas = g_ptr_array_new();
    tracker->children = g_ptr_array_new();
    tracker->by_pair = g_hash_table_new(spi_pair_hash, spi_pair_equal);
    tracker->by_initiator = g_hash_table_new(g_int64_hash, g_int64_equal);
    tracker->exchanges = g_hash_table_new(exchange_hash, exchange_equal);
    tracker->kept = g_hash_table_new_full(kept_hash, kept_equal, g_free, NULL);
    tracker->peers = g_hash_table_new(endpoint_hash, endpoint_equal);
    tracker->pairs = g_hash_table_new(pair_hash, pair_equal);
    tracker->records = g_ptr_array_new_with_free_func(g_free);
    tracker->room.blocks = g_ptr_array_new_with_free_func(g_free);
    tracker->flows = g_hash_table_new_full(flow_hash, flow_equal, g_free, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tracker->text_of); i++)
        tracker->text_of[i] = g_hash_table_new(g_direct_hash, g_direct_equal);
    return tracker;
}

void ike_tracker_free(ike_tracker *tracker)
{
    if (!tracker)
        return;
    g_clear_pointer(&tracker->child_spis, g_hash_table_destroy);
    g_hash_table_destroy(tracker->exchanges);
    g_hash_table_destroy(tracker->by_pair);
    g_hash_table_destroy(tracker->by_initiator);
    for (guint i = 0; i < tracker->sas->len; i++)
        ike_sa_free(tracker->sas->pdata[i]);
    g_ptr_array_free(tracker->sas, TRUE);
    g_ptr_array_free(tracker->children, TRUE);
    g_hash_table_destroy(tracker->pairs);
    g_hash_table_destroy(tracker->peers);
    g_hash_table_destroy(tracker->flows);
    for (size_t i = 0; i < G_N_ELEMENTS(tracker->text_of); i++)
        g_hash_table_destroy(tracker->text_of[i]);
    g_hash_table_destroy(tracker->kept);
    g_ptr_array_free(tracker->records, TRUE);
    g_ptr_array_free(tracker->room.blocks, TRUE);
    g_free(tracker);
}

uint32_t ike_tracker_count(const ike_tracker *tracker)
{
    return tracker->sas->len;
}

ike_sa *ike_tracker_stream(const ike_tracker *tracker, uint32_t stream)
{
    return stream < tracker->sas->len ? tracker->sas->pdata[stream] : NULL;
}

uint32_t ike_tracker_unknown_flows(const ike_tracker *tracker)
{
    return tracker->unknown_flows;
}

/* ---- one message ----------------------------------------------------------------------------- */

static void count_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    tracker->revision++;
    if (m->time_ns > tracker->last_ns)
        tracker->last_ns = m->time_ns;
    if (m->frame > tracker->last_frame)
        tracker->last_frame = m->frame;
    sa->messages++;
    if (m->time_ns > sa->last_ns)
        sa->last_ns = m->time_ns;
    sa->last_frame = m->frame;
}

/* A message in fragments counts once: sealed with its first fragment, opened when it is whole. In
 * IKEv1 the whole message comes after its fragments, as one of its own. */
static void count_encrypted(ike_sa *sa, const ike_message *m)
{
    if ((m->decryption == IKE_PLAIN && !m->encrypted) ||
        (m->major == 1 && m->decryption == IKE_FRAGMENT))
        return;
    if (m->fragments <= 1 || m->fragment == 1)
        sa->encrypted_messages++;
    if (m->decryption == IKE_DECRYPTION_DONE && (m->fragments <= 1 || m->reassembled))
        sa->decrypted_messages++;
}

ike_message_record *ike_tracker_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    ike_message_record *record = m->major == 1 && sa->major == 1
                                     ? ikev1_exchange_message(tracker, sa, m)
                                     : ikev2_exchange_message(tracker, sa, m);
    count_message(tracker, sa, m);
    count_encrypted(sa, m);
    if (!record->original) {
        ike_sa_follow(tracker, sa, record, m);
        ike_find_faults(tracker, record, m);
        if (sa->major == 1)
            ikev1_read(tracker, record, m);
        else
            ikev2_read(tracker, record, m);
    }
    ike_nat_check(record, m); /* after the hash is known: aggressive mode 2/3 brings both */
    record->state = sa->state & 7;
    return record;
}

void ike_record_findings(ike_tracker *tracker, const ike_message_record *record, bool later_pass,
                         ike_finding_fn fn, void *user)
{
    for (const ike_finding *finding = record->findings; finding; finding = finding->next) {
        ike_finding now = *finding;
        GString *passing = ike_finding_passing_text(finding);
        if (passing) {
            now.text = passing->str;
            fn(&now, user);
            g_string_free(passing, TRUE);
            continue;
        }
        ike_finding_refresh(tracker, finding);
        fn(finding, user);
    }
    if (!later_pass)
        return;
    for (const ike_finding *finding = ike_late_findings(tracker, record->exchange->sa); finding;
         finding = finding->next_of_sa)
        if (finding->message == record)
            fn(finding, user);
}

/* ---- ESP ------------------------------------------------------------------------------------- */

enum { MAX_UNKNOWN_FLOWS = 65536 };

ike_esp_flow *ike_tracker_flow(ike_tracker *tracker, uint32_t spi, const ike_endpoint *destination)
{
    flow_entry key;
    memset(&key, 0, sizeof key);
    key.flow.spi = spi;
    key.to = without_port(destination, 0);
    return g_hash_table_lookup(tracker->flows, &key);
}

static void resolve_flow(ike_tracker *tracker, ike_esp_flow *flow)
{
    ike_sa *between = ike_sa_between(tracker, &flow->source, &flow->destination);
    ike_child_claim(tracker, flow);
    if (!flow->sa)
        flow->sa = between;
}

ike_esp_flow *ike_tracker_esp(ike_tracker *tracker, uint32_t spi, const ike_endpoint *source,
                              const ike_endpoint *destination, uint32_t sequence, uint32_t frame,
                              uint64_t time_ns, bool decrypted)
{
    flow_entry key;
    memset(&key, 0, sizeof key);
    key.flow.spi = spi;
    key.to = without_port(destination, 0);
    flow_entry *entry = g_hash_table_lookup(tracker->flows, &key);
    if (!entry) {
        ike_child_index(tracker);
        if (tracker->unknown_flows >= MAX_UNKNOWN_FLOWS)
            return NULL;
        entry = g_memdup2(&key, sizeof key);
        entry->flow.source = *source;
        entry->flow.destination = *destination;
        entry->flow.first_sequence = sequence;
        entry->flow.first_frame = frame;
        entry->flow.first_ns = time_ns;
        g_hash_table_add(tracker->flows, entry);
        tracker->unknown_flows++;
        resolve_flow(tracker, &entry->flow);
        if (entry->flow.child)
            tracker->unknown_flows--;
    }
    ike_esp_flow *flow = &entry->flow;
    flow->packets++;
    flow->decrypted += decrypted;
    flow->last_sequence = sequence;
    flow->last_frame = frame;
    flow->last_ns = time_ns;
    if (!flow->child && flow->sa)
        flow->sa->esp_packets++;
    if (time_ns > tracker->last_ns)
        tracker->last_ns = time_ns;
    tracker->revision++;
    return flow;
}
