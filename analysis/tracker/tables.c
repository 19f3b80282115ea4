/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/tables.h"

#include <string.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
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

/* Keys begin with their hash, so that looking a key up and adding it hashes it once. */
static guint key_hash(gconstpointer key)
{
    return (guint) * (const uint64_t *)key;
}

/* What two words lead to. */
typedef struct {
    uint64_t hash, first, second;
    ike_sa *sa;
} sa_entry;

static gboolean words_equal(gconstpointer a, gconstpointer b)
{
    const sa_entry *x = a, *y = b;
    return x->first == y->first && x->second == y->second;
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    const ike_address_pair *x = a, *y = b;
    return memcmp(&x->low, &y->low, sizeof x->low) == 0 &&
           memcmp(&x->high, &y->high, sizeof x->high) == 0;
}

static guint endpoint_hash(gconstpointer key)
{
    return (guint)ike_keyed_hash(key, sizeof(ike_endpoint));
}

static gboolean endpoint_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(ike_endpoint)) == 0;
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
    return ike_exchange_has_key_of(a, b);
}

/* ---- IKE SAs --------------------------------------------------------------------------------- */

static sa_entry key_of(uint64_t first, uint64_t second)
{
    return (sa_entry){ike_keyed_hash_words(first, second), first, second, NULL};
}

static ike_sa *find_sa(GHashTable *table, uint64_t first, uint64_t second)
{
    const sa_entry key = key_of(first, second), *entry = g_hash_table_lookup(table, &key);
    return entry ? entry->sa : NULL;
}

/* The entry, made when it is new. */
static sa_entry *entry_of(ike_tracker *tracker, GHashTable *table, uint64_t first, uint64_t second)
{
    const sa_entry key = key_of(first, second);
    sa_entry *entry = g_hash_table_lookup(table, &key);
    if (!entry) {
        entry = ike_tracker_alloc(tracker, sizeof *entry);
        *entry = key;
        g_hash_table_add(table, entry);
    }
    return entry;
}

ike_sa *ike_table_by_spis(const ike_tracker *tracker, ike_spi_pair pair)
{
    return find_sa(tracker->by_spis, pair.initiator, pair.responder);
}

void ike_table_add_spis(ike_tracker *tracker, ike_spi_pair pair, ike_sa *sa)
{
    sa_entry *entry = entry_of(tracker, tracker->by_spis, pair.initiator, pair.responder);
    if (!entry->sa)
        entry->sa = sa;
}

ike_sa *ike_table_by_initiator_spi(const ike_tracker *tracker, uint64_t spi)
{
    return find_sa(tracker->by_initiator_spi, spi, 0);
}

/* ---- pairs of addresses ---------------------------------------------------------------------- */

/* In either order. */
static bool are_ends(const ike_endpoint *x, const ike_endpoint *y, const ike_endpoint *a,
                     const ike_endpoint *b)
{
    return (ike_same_address(x, a) && ike_same_address(y, b)) ||
           (ike_same_address(x, b) && ike_same_address(y, a));
}

/* What is looked up for one message is about its own two addresses: they are hashed once. */
ike_address_pair *ike_table_pair(ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b)
{
    if (tracker->last_pair && are_ends(&tracker->last_pair->low, &tracker->last_pair->high, a, b))
        return tracker->last_pair;
    ike_address_pair key = {0};
    ike_key_of_endpoint(&key.low, a, 0);
    ike_key_of_endpoint(&key.high, b, 0);
    if (memcmp(key.low.bytes, key.high.bytes, sizeof key.low.bytes) > 0) {
        const ike_endpoint low = key.high;
        key.high = key.low;
        key.low = low;
    }
    key.hash = ike_keyed_hash(&key.low, sizeof key.low + sizeof key.high);
    ike_address_pair *pair = g_hash_table_lookup(tracker->pairs, &key);
    if (!pair) {
        pair = ike_tracker_alloc(tracker, sizeof *pair);
        *pair = key;
        g_hash_table_add(tracker->pairs, pair);
    }
    return tracker->last_pair = pair;
}

const ike_address_pair *ike_table_inside(ike_tracker *tracker, const ike_endpoint *a,
                                         const ike_endpoint *b)
{
    const ike_address_pair *pair = ike_table_pair(tracker, a, b);
    return pair->inside ? pair->inside : pair;
}

/* Addresses and version in one word. */
static uint64_t between(ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b,
                        uint8_t major)
{
    return (uint64_t)(uintptr_t)ike_table_pair(tracker, a, b) << 4 | major;
}

/* As long as an initiator SPI has one IKE SA, as nearly all have, there is nothing about it in
 * by_initiator. */
static void fill_by_initiator(ike_tracker *tracker, ike_sa *sa, const ike_endpoint *a,
                              const ike_endpoint *b)
{
    uint64_t second = between(tracker, a, b, sa->major);
    entry_of(tracker, tracker->by_initiator, sa->initiator_spi, second)->sa = sa;
}

void ike_table_add_initiator_spi(ike_tracker *tracker, ike_sa *sa)
{
    sa_entry *entry = entry_of(tracker, tracker->by_initiator_spi, sa->initiator_spi, 0);
    ike_sa *only = entry->sa && !entry->sa->same_initiator_spi ? entry->sa : NULL;
    for (uint8_t i = 0; only && i < only->path_count; i++)
        fill_by_initiator(tracker, only, &only->paths[i]->initiator, &only->paths[i]->responder);
    sa->same_initiator_spi = entry->sa;
    entry->sa = sa;
}

static bool has_path_between(const ike_sa *sa, const ike_endpoint *a, const ike_endpoint *b)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (are_ends(&sa->paths[i]->initiator, &sa->paths[i]->responder, a, b))
            return true;
    return false;
}

ike_sa *ike_table_by_initiator(ike_tracker *tracker, uint64_t spi, uint8_t major,
                               const ike_endpoint *a, const ike_endpoint *b)
{
    ike_sa *newest = ike_table_by_initiator_spi(tracker, spi);
    if (newest && newest->same_initiator_spi)
        return find_sa(tracker->by_initiator, spi, between(tracker, a, b, major));
    return newest && newest->major == major && has_path_between(newest, a, b) ? newest : NULL;
}

void ike_table_add_initiator(ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b,
                             ike_sa *sa)
{
    const ike_sa *newest = ike_table_by_initiator_spi(tracker, sa->initiator_spi);
    if (newest && newest->same_initiator_spi)
        fill_by_initiator(tracker, sa, a, b);
}

/* ---- peers ----------------------------------------------------------------------------------- */

/* The peers of one message are asked for several times: the last two are remembered. */
static ike_peer *recent_peer(const ike_tracker *tracker, const ike_endpoint *endpoint,
                             uint8_t major)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tracker->recent_peers); i++) {
        ike_peer *peer = tracker->recent_peers[i];
        if (peer && peer->address.port == major && ike_same_address(&peer->address, endpoint))
            return peer;
    }
    return NULL;
}

ike_peer *ike_tracker_peer(ike_tracker *tracker, const ike_endpoint *endpoint, uint8_t major)
{
    ike_endpoint key;
    ike_peer *peer = recent_peer(tracker, endpoint, major);
    if (peer)
        return peer;
    ike_key_of_endpoint(&key, endpoint, major);
    peer = g_hash_table_lookup(tracker->peers, &key);
    if (!peer) {
        peer = ike_tracker_alloc(tracker, sizeof *peer);
        peer->address = key;
        g_hash_table_add(tracker->peers, peer);
    }
    tracker->recent_peers[1] = tracker->recent_peers[0];
    return tracker->recent_peers[0] = peer;
}

ike_peer_sas *ike_tracker_peer_sas(ike_tracker *tracker, const ike_sa *sa, bool initiator)
{
    const ike_party *party = initiator ? &sa->initiator : &sa->responder;
    ike_peer *peer = ike_tracker_peer(tracker, &party->endpoint, sa->major);
    if (!peer->sas[initiator])
        peer->sas[initiator] = ike_tracker_alloc(tracker, sizeof *peer->sas[initiator]);
    return peer->sas[initiator];
}

const ike_peer *ike_tracker_find_peer(const ike_tracker *tracker, const ike_endpoint *endpoint,
                                      uint8_t major)
{
    ike_endpoint key;
    const ike_peer *peer = recent_peer(tracker, endpoint, major);
    if (peer)
        return peer;
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
    tracker->by_spis = g_hash_table_new(key_hash, words_equal);
    tracker->by_initiator = g_hash_table_new(key_hash, words_equal);
    tracker->by_initiator_spi = g_hash_table_new(key_hash, words_equal);
    tracker->pairs = g_hash_table_new(key_hash, pair_equal);
    tracker->by_identity = g_hash_table_new(g_direct_hash, g_direct_equal);
    tracker->by_ticket = g_hash_table_new(g_direct_hash, g_direct_equal);
    tracker->exchanges = g_hash_table_new(exchange_hash, exchange_equal);
    tracker->peers = g_hash_table_new(endpoint_hash, endpoint_equal);
    for (size_t i = 0; i < G_N_ELEMENTS(tracker->text_of); i++)
        tracker->text_of[i] = g_hash_table_new(g_direct_hash, g_direct_equal);
}

void ike_tables_free(ike_tracker *tracker)
{
    GHashTable *tables[] = {tracker->by_spis,  tracker->by_initiator, tracker->by_initiator_spi,
                            tracker->pairs,    tracker->by_identity,  tracker->exchanges,
                            tracker->peers,    tracker->text_of[0],   tracker->text_of[1],
                            tracker->by_ticket};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        g_hash_table_destroy(tables[i]);
    g_ptr_array_free(tracker->sas, TRUE);
    g_ptr_array_free(tracker->children, TRUE);
    ike_arena_free(tracker);
}
