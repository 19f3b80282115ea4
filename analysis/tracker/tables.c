/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/tables.h"

#include <string.h>

#include "proto/keyed_hash.h"

/* ---- keys ------------------------------------------------------------------------------------ */

void ike_key_of_endpoint(ike_endpoint *key, const ike_endpoint *endpoint, uint16_t port)
{
    memset(key, 0, sizeof *key);
    key->family = endpoint->family;
    key->port = port;
    if (endpoint->family == 4)
        memcpy(key->bytes, endpoint->bytes, 4);
    else
        memcpy(key->bytes, endpoint->bytes, sizeof key->bytes);
}

void ike_key_of_pair(ike_address_pair *key, const ike_endpoint *a, const ike_endpoint *b)
{
    ike_key_of_endpoint(&key->low, a, 0);
    ike_key_of_endpoint(&key->high, b, 0);
    if (memcmp(key->low.bytes, key->high.bytes, sizeof key->low.bytes) <= 0)
        return;
    ike_key_of_endpoint(&key->low, b, 0);
    ike_key_of_endpoint(&key->high, a, 0);
}

/* Keys are hashed and compared as bytes: they are cleared before they are filled. */
#define DEFINE_KEY_FUNCTIONS(name, type)                                                           \
    static guint name##_hash(gconstpointer key)                                                    \
    {                                                                                              \
        return (guint)ike_keyed_hash(key, sizeof(type));                                           \
    }                                                                                              \
    static gboolean name##_equal(gconstpointer a, gconstpointer b)                                 \
    {                                                                                              \
        return memcmp(a, b, sizeof(type)) == 0;                                                    \
    }

typedef struct {
    uint64_t spi;
    ike_address_pair pair; /* the version of IKE in a port */
} initiator_key;

DEFINE_KEY_FUNCTIONS(spis, ike_spi_pair)
DEFINE_KEY_FUNCTIONS(initiator, initiator_key)
DEFINE_KEY_FUNCTIONS(pair, ike_address_pair)
DEFINE_KEY_FUNCTIONS(endpoint, ike_endpoint)

/* A digest is a keyed hash already. */
static guint digest_hash(gconstpointer key)
{
    return (guint) * (const uint64_t *)key;
}

static gboolean digest_equal(gconstpointer a, gconstpointer b)
{
    return *(const uint64_t *)a == *(const uint64_t *)b;
}

static guint exchange_hash(gconstpointer key)
{
    const ike_exchange *k = key;
    return (guint)ike_keyed_hash_words((uint64_t)(guintptr)k->sa, (uint64_t)k->message_id << 16 |
                                                                      (uint64_t)k->kind << 8 |
                                                                      k->side);
}

static gboolean exchange_equal(gconstpointer a, gconstpointer b)
{
    const ike_exchange *x = a, *y = b;
    return x->sa == y->sa && x->message_id == y->message_id && x->side == y->side &&
           x->kind == y->kind;
}

/* ---- entries: the key, and what it leads to -------------------------------------------------- */

typedef struct {
    ike_spi_pair pair;
    ike_sa *sa;
} spis_entry;

typedef struct {
    initiator_key key;
    ike_sa *sa;
} initiator_entry;

typedef struct {
    ike_address_pair pair;
    ike_sa *sa;
} pair_entry;

typedef struct {
    uint64_t digest;
    ike_message_record *record;
} digest_entry;

ike_sa *ike_table_by_spis(const ike_tracker *tracker, ike_spi_pair pair)
{
    const spis_entry *entry = g_hash_table_lookup(tracker->by_spis, &pair);
    return entry ? entry->sa : NULL;
}

void ike_table_add_spis(ike_tracker *tracker, ike_spi_pair pair, ike_sa *sa)
{
    if (g_hash_table_contains(tracker->by_spis, &pair))
        return;
    spis_entry *entry = ike_tracker_alloc(tracker, sizeof *entry);
    entry->pair = pair;
    entry->sa = sa;
    g_hash_table_add(tracker->by_spis, entry);
}

static void key_of_initiator(initiator_key *key, uint64_t spi, uint8_t major, const ike_endpoint *a,
                             const ike_endpoint *b)
{
    key->spi = spi;
    ike_key_of_pair(&key->pair, a, b);
    key->pair.low.port = major;
}

ike_sa *ike_table_by_initiator(const ike_tracker *tracker, uint64_t spi, uint8_t major,
                               const ike_endpoint *a, const ike_endpoint *b)
{
    initiator_key key;
    key_of_initiator(&key, spi, major, a, b);
    const initiator_entry *entry = g_hash_table_lookup(tracker->by_initiator, &key);
    return entry ? entry->sa : NULL;
}

void ike_table_add_initiator(ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b,
                             ike_sa *sa)
{
    initiator_key key;
    key_of_initiator(&key, sa->initiator_spi, sa->major, a, b);
    initiator_entry *entry = g_hash_table_lookup(tracker->by_initiator, &key);
    if (!entry) {
        entry = ike_tracker_alloc(tracker, sizeof *entry);
        key_of_initiator(&entry->key, sa->initiator_spi, sa->major, a, b);
        g_hash_table_add(tracker->by_initiator, entry);
    }
    entry->sa = sa;
}

ike_message_record *ike_table_by_digest(const ike_tracker *tracker, uint64_t digest)
{
    const digest_entry *entry = g_hash_table_lookup(tracker->by_digest, &digest);
    return entry ? entry->record : NULL;
}

void ike_table_add_digest(ike_tracker *tracker, ike_message_record *record)
{
    digest_entry *entry = g_hash_table_lookup(tracker->by_digest, &record->digest);
    if (!entry) {
        entry = ike_tracker_alloc(tracker, sizeof *entry);
        entry->digest = record->digest;
        g_hash_table_add(tracker->by_digest, entry);
    }
    entry->record = record;
}

ike_sa *ike_table_between(const ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b)
{
    ike_address_pair pair;
    ike_key_of_pair(&pair, a, b);
    const pair_entry *entry = g_hash_table_lookup(tracker->by_addresses, &pair);
    return entry ? entry->sa : NULL;
}

void ike_table_add_between(ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b,
                           ike_sa *sa)
{
    ike_address_pair pair;
    ike_key_of_pair(&pair, a, b);
    pair_entry *entry = g_hash_table_lookup(tracker->by_addresses, &pair);
    if (!entry) {
        entry = ike_tracker_alloc(tracker, sizeof *entry);
        ike_key_of_pair(&entry->pair, a, b);
        g_hash_table_add(tracker->by_addresses, entry);
    }
    entry->sa = sa;
}

/* ---- peers ----------------------------------------------------------------------------------- */

ike_peer *ike_tracker_peer(ike_tracker *tracker, const ike_endpoint *endpoint, uint8_t major)
{
    ike_endpoint key;
    ike_key_of_endpoint(&key, endpoint, major);
    ike_peer *peer = g_hash_table_lookup(tracker->peers, &key);
    if (!peer) {
        peer = ike_tracker_alloc(tracker, sizeof *peer);
        ike_key_of_endpoint(&peer->address, endpoint, major);
        g_hash_table_add(tracker->peers, peer);
    }
    return peer;
}

const ike_peer *ike_tracker_find_peer(const ike_tracker *tracker, const ike_endpoint *endpoint,
                                      uint8_t major)
{
    ike_endpoint key;
    ike_key_of_endpoint(&key, endpoint, major);
    return g_hash_table_lookup(tracker->peers, &key);
}

static void add_proposals(ike_tracker *tracker, ike_peer_proposals **list,
                          const ike_proposal_list *proposals, uint32_t frame)
{
    int count = 0;
    for (; *list; list = &(*list)->next, count++)
        if ((*list)->proposals == proposals)
            return;
    if (count == IKE_PEER_PROPOSALS)
        return;
    *list = ike_tracker_alloc(tracker, sizeof **list);
    **list = (ike_peer_proposals){.proposals = proposals, .frame = frame};
}

void ike_peer_chose(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                    uint32_t frame)
{
    add_proposals(tracker, &peer->chosen, proposals, frame);
}

void ike_peer_proposed(ike_tracker *tracker, ike_peer *peer, const ike_proposal_list *proposals,
                       uint32_t frame)
{
    add_proposals(tracker, &peer->proposed, proposals, frame);
}

/* ---- life ------------------------------------------------------------------------------------ */

void ike_tables_init(ike_tracker *tracker)
{
    ike_arena_init(tracker);
    tracker->sas = g_ptr_array_new();
    tracker->children = g_ptr_array_new();
    tracker->by_spis = g_hash_table_new(spis_hash, spis_equal);
    tracker->by_initiator = g_hash_table_new(initiator_hash, initiator_equal);
    tracker->by_digest = g_hash_table_new(digest_hash, digest_equal);
    tracker->by_addresses = g_hash_table_new(pair_hash, pair_equal);
    tracker->by_identity = g_hash_table_new(g_direct_hash, g_direct_equal);
    tracker->exchanges = g_hash_table_new(exchange_hash, exchange_equal);
    tracker->peers = g_hash_table_new(endpoint_hash, endpoint_equal);
    for (size_t i = 0; i < G_N_ELEMENTS(tracker->text_of); i++)
        tracker->text_of[i] = g_hash_table_new(g_direct_hash, g_direct_equal);
}

void ike_tables_free(ike_tracker *tracker)
{
    GHashTable *tables[] = {tracker->by_spis,      tracker->by_initiator, tracker->by_digest,
                            tracker->by_addresses, tracker->by_identity,  tracker->exchanges,
                            tracker->peers,        tracker->text_of[0],   tracker->text_of[1]};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        g_hash_table_destroy(tables[i]);
    g_ptr_array_free(tracker->sas, TRUE);
    g_ptr_array_free(tracker->children, TRUE);
    ike_arena_free(tracker);
}
