/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key ring: keeps every secret of every source and finds the few that can fit. */
#include "decrypt/keys/keyring_find.h"

#include <string.h>

#include <arpa/inet.h>
#include <openssl/crypto.h>

#include "decrypt/esp/esp_sa.h"

enum {
    MAX_SECRET = 4096,
    MAX_PEER = 1024,           /* bytes of a peer's name */
    MAX_PEER_TRIALS = 4096,    /* PSKs tried for one AUTH */
    GENEROUS_TRIALS = 1 << 17, /* of the whole ring, before searches get short */
    SHORT_SEARCH = 128,
    UNBIND_REACH = 64, /* how far back a set is looked for when it is bound */
};

typedef struct {
    uint64_t initiator, responder;
} spi_pair;

/* Sets with the same pair of SPIs. */
typedef struct {
    spi_pair pair; /* the key of the hash table */
    ike_key_set *first, *last;
} bound_sets;

/* Unbound sets that have a secret of one kind and length. */
typedef struct {
    GArray *ids; /* ike_set_id, ascending */
    guint right; /* index of the one that was right last */
} unbound_sets;

typedef struct {
    uint8_t kind, source;
    uint8_t address_bytes;
    uint8_t address[16];
    char *name; /* NULL: everybody */
    size_t length;
    uint8_t *secret;
} peer_secret;

typedef struct {
    void *state;
    void (*free_state)(void *);
} reader_slot;

struct ike_keyring {
    ike_keyring_warn warn;
    void *user;
    unsigned revision;
    bool closed;                      /* no source will give more */
    unsigned trials, trials_revision; /* made since the ring had this revision */
    GPtrArray *sets;                  /* by number - 1; NULL where one was forgotten */
    GHashTable *bound;                /* spi_pair -> bound_sets */
    GHashTable *unbound;              /* kind and length -> unbound_sets */
    GHashTable *esp;                  /* SPI -> ike_esp_record, linked */
    GPtrArray *peers;
    GHashTable *peer_index; /* the same, to know what is there already */
    GHashTable *esp_sas;
    ike_esp_children esp_children;
    GHashTable *shared; /* set of ike_algorithms */
    GHashTable *tickets;
    reader_slot readers[IKE_SOURCES];
};

const char *ike_source_name(ike_key_source source)
{
    static const char *const names[IKE_SOURCES] = {
        [IKE_SOURCE_TABLE] = "decryption table",
        [IKE_SOURCE_KEYLOG] = "key log file",
        [IKE_SOURCE_CAPTURE] = "Decryption Secrets Block",
        [IKE_SOURCE_PSK] = "PSK table",
    };
    return source < IKE_SOURCES ? names[source] : "";
}

/* ---- making and freeing ------------------------------------------------------------------------
 */

static guint pair_hash(gconstpointer key)
{
    const spi_pair *pair = key;
    uint64_t mixed = (pair->initiator ^ (pair->responder * UINT64_C(0x9e3779b97f4a7c15))) *
                     UINT64_C(0xff51afd7ed558ccd);

    return (guint)(mixed >> 32);
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(spi_pair)) == 0;
}

static void free_unbound(gpointer data)
{
    unbound_sets *list = data;

    g_array_free(list->ids, TRUE);
    g_free(list);
}

static void free_set(ike_key_set *set)
{
    ike_secret_item *item = set->secrets;

    while (item) {
        ike_secret_item *next = item->next;

        OPENSSL_cleanse(item->data, item->length);
        g_free(item);
        item = next;
    }
    g_free(set->suite);
    g_free(set);
}

static void free_peer(gpointer data)
{
    peer_secret *peer = data;

    OPENSSL_cleanse(peer->secret, peer->length);
    g_free(peer->secret);
    g_free(peer->name);
    g_free(peer);
}

static guint peer_hash(gconstpointer key)
{
    const peer_secret *peer = key;
    guint hash = peer->name ? g_str_hash(peer->name) : 0;

    for (size_t i = 0; i < peer->length; i++) {
        hash = (hash ^ peer->secret[i]) * 16777619u;
    }
    return hash;
}

static gboolean peer_equal(gconstpointer a, gconstpointer b)
{
    const peer_secret *left = a, *right = b;

    return left->kind == right->kind && left->source == right->source &&
           left->length == right->length && g_strcmp0(left->name, right->name) == 0 &&
           CRYPTO_memcmp(left->secret, right->secret, left->length) == 0;
}

static void free_esp_record(ike_esp_record *record)
{
    OPENSSL_cleanse(record + 1, record->key.encryption.length + record->key.integrity.length);
    g_free(record);
}

static void free_esp_chain(gpointer data)
{
    ike_esp_record *record = data;

    while (record) {
        ike_esp_record *next = record->next;

        free_esp_record(record);
        record = next;
    }
}

static guint algorithms_hash(gconstpointer key)
{
    const ike_algorithms *rows = key;

    return g_direct_hash(rows->encr) * 31 + g_direct_hash(rows->integ) * 7 + rows->key_bits;
}

static gboolean algorithms_equal(gconstpointer a, gconstpointer b)
{
    const ike_algorithms *left = a, *right = b;

    return left->encr == right->encr && left->key_bits == right->key_bits &&
           left->integ == right->integ && left->prf == right->prf;
}

ike_keyring *ike_keyring_new(ike_keyring_warn warn, void *user)
{
    ike_keyring *ring = g_new0(ike_keyring, 1);

    ring->warn = warn;
    ring->user = user;
    ring->sets = g_ptr_array_new();
    ring->bound = g_hash_table_new_full(pair_hash, pair_equal, NULL, g_free);
    ring->unbound = g_hash_table_new_full(NULL, NULL, NULL, free_unbound);
    ring->esp = g_hash_table_new_full(NULL, NULL, NULL, NULL);
    ring->peers = g_ptr_array_new_with_free_func(free_peer);
    ring->peer_index = g_hash_table_new(peer_hash, peer_equal);
    ring->esp_sas = ike_esp_table_new();
    ring->shared = g_hash_table_new_full(algorithms_hash, algorithms_equal, g_free, NULL);
    ring->tickets = g_hash_table_new(g_bytes_hash, g_bytes_equal);
    return ring;
}

static void free_reader(ike_keyring *ring, ike_key_source source)
{
    reader_slot *slot = &ring->readers[source];

    if (slot->free_state) {
        slot->free_state(slot->state);
    }
    *slot = (reader_slot){NULL, NULL};
}

void ike_keyring_free(ike_keyring *ring)
{
    if (!ring) {
        return;
    }
    for (guint source = 0; source < IKE_SOURCES; source++) {
        free_reader(ring, source);
    }
    g_hash_table_destroy(ring->esp_sas);
    g_clear_pointer(&ring->esp_children.by_spi, g_hash_table_destroy);
    g_hash_table_destroy(ring->shared);
    g_hash_table_destroy(ring->tickets);
    for (guint i = 0; i < ring->sets->len; i++) {
        if (ring->sets->pdata[i]) {
            free_set(ring->sets->pdata[i]);
        }
    }
    g_ptr_array_free(ring->sets, TRUE);
    g_hash_table_destroy(ring->bound);
    g_hash_table_destroy(ring->unbound);

    GHashTableIter iter;
    gpointer chain;
    g_hash_table_iter_init(&iter, ring->esp);
    while (g_hash_table_iter_next(&iter, NULL, &chain)) {
        free_esp_chain(chain);
    }
    g_hash_table_destroy(ring->esp);
    g_hash_table_destroy(ring->peer_index);
    g_ptr_array_free(ring->peers, TRUE);
    g_free(ring);
}

void ike_keyring_close(ike_keyring *ring)
{
    ring->closed = true;
}

bool ike_keyring_stays_empty(const ike_keyring *ring)
{
    return ring->closed && ring->revision == 0;
}

bool ike_keyring_is_closed(const ike_keyring *ring)
{
    return ring->closed;
}

unsigned ike_keyring_revision(const ike_keyring *ring)
{
    return ring->revision;
}

/* ---- sets and their indexes --------------------------------------------------------------------
 */

const ike_key_set *ike_keyring_set(const ike_keyring *ring, ike_set_id id)
{
    return id > 0 && id <= ring->sets->len ? ring->sets->pdata[id - 1] : NULL;
}

static ike_key_set *own_set(ike_keyring *ring, ike_set_id id)
{
    return id > 0 && id <= ring->sets->len ? ring->sets->pdata[id - 1] : NULL;
}

static bool is_bound(const ike_key_set *set)
{
    return set->initiator_spi || set->responder_spi;
}

static gpointer index_key(ike_secret_kind kind, size_t length)
{
    return GUINT_TO_POINTER(((guint)kind << 16) | (guint)length);
}

static unbound_sets *unbound_list(ike_keyring *ring, ike_secret_kind kind, size_t length, bool make)
{
    unbound_sets *list = g_hash_table_lookup(ring->unbound, index_key(kind, length));

    if (!list && make) {
        list = g_new0(unbound_sets, 1);
        list->ids = g_array_new(FALSE, FALSE, sizeof(ike_set_id));
        g_hash_table_insert(ring->unbound, index_key(kind, length), list);
    }
    return list;
}

/* Enters a set that has (or had just got) this secret. */
static void index_secret(ike_keyring *ring, const ike_key_set *set, ike_secret_kind kind,
                         size_t length)
{
    unbound_sets *list = unbound_list(ring, kind, length, true);
    GArray *ids = list->ids;

    if (ids->len == 0 || g_array_index(ids, ike_set_id, ids->len - 1) != set->id) {
        g_array_append_val(ids, set->id);
    }
}

static void unindex_set(ike_keyring *ring, const ike_key_set *set)
{
    for (const ike_secret_item *item = set->secrets; item; item = item->next) {
        for (unsigned any = 0; any < 2; any++) {
            unbound_sets *list = unbound_list(ring, item->kind, any ? 0 : item->length, false);

            for (guint back = 1; list && back <= UNBIND_REACH && back <= list->ids->len; back++) {
                if (g_array_index(list->ids, ike_set_id, list->ids->len - back) == set->id) {
                    g_array_remove_index(list->ids, list->ids->len - back);
                    break;
                }
            }
        }
    }
}

static void index_set(ike_keyring *ring, const ike_key_set *set)
{
    for (const ike_secret_item *item = set->secrets; item; item = item->next) {
        index_secret(ring, set, item->kind, item->length);
        if (item->kind == IKE_SECRET_DH_PRIVATE) {
            index_secret(ring, set, item->kind, 0);
        }
    }
}

static void link_bound(ike_keyring *ring, ike_key_set *set)
{
    spi_pair pair = {set->initiator_spi, set->responder_spi};
    bound_sets *bound = g_hash_table_lookup(ring->bound, &pair);

    if (!bound) {
        bound = g_new0(bound_sets, 1);
        bound->pair = pair;
        g_hash_table_insert(ring->bound, &bound->pair, bound);
    }
    set->next_bound = NULL;
    if (bound->last) {
        bound->last->next_bound = set;
    } else {
        bound->first = set;
    }
    bound->last = set;
}

static void unlink_bound(ike_keyring *ring, ike_key_set *set)
{
    spi_pair pair = {set->initiator_spi, set->responder_spi};
    bound_sets *bound = g_hash_table_lookup(ring->bound, &pair);
    ike_key_set *before = NULL;

    for (ike_key_set *at = bound ? bound->first : NULL; at; before = at, at = at->next_bound) {
        if (at != set) {
            continue;
        }
        if (before) {
            before->next_bound = set->next_bound;
        } else {
            bound->first = set->next_bound;
        }
        if (bound->last == set) {
            bound->last = before;
        }
        break;
    }
    set->next_bound = NULL;
}

ike_set_id ike_keyring_new_set(ike_keyring *ring, ike_key_source source, uint8_t version)
{
    ike_key_set *set = g_new0(ike_key_set, 1);

    g_ptr_array_add(ring->sets, set);
    set->id = ring->sets->len;
    set->source = (uint8_t)source;
    set->version = version;
    return set->id;
}

const ike_secret_item *ike_key_set_find(const ike_key_set *set, ike_secret_kind kind,
                                        const ike_secret_item *after)
{
    const ike_secret_item *item = after ? after->next : set->secrets;

    while (item && item->kind != kind) {
        item = item->next;
    }
    return item;
}

ike_span ike_key_set_secret(const ike_key_set *set, ike_secret_kind kind)
{
    const ike_secret_item *item = ike_key_set_find(set, kind, NULL);

    return item ? (ike_span){item->data, item->length} : (ike_span){NULL, 0};
}

static bool retransmissions(ike_secret_kind kind)
{
    return kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_DH_PRIVATE;
}

static void remove_item(ike_key_set *set, const ike_secret_item *gone)
{
    ike_secret_item **link = &set->secrets;

    while (*link != gone) {
        link = &(*link)->next;
    }

    ike_secret_item *item = *link;
    *link = item->next;
    OPENSSL_cleanse(item->data, item->length);
    g_free(item);
}

static void append_item(ike_key_set *set, ike_secret_kind kind, ike_span secret)
{
    ike_secret_item *item = g_malloc(sizeof *item + secret.length);
    ike_secret_item **link = &set->secrets;

    item->next = NULL;
    item->kind = (uint8_t)kind;
    item->length = (uint16_t)secret.length;
    memcpy(item->data, secret.data, secret.length);
    while (*link) {
        link = &(*link)->next;
    }
    *link = item;
}

bool ike_keyring_set_secret(ike_keyring *ring, ike_set_id id, ike_secret_kind kind, ike_span secret)
{
    ike_key_set *set = own_set(ring, id);

    if (!set || kind >= IKE_SECRETS || secret.length == 0 || secret.length > MAX_SECRET) {
        return false;
    }
    if (!retransmissions(kind)) {
        const ike_secret_item *old = ike_key_set_find(set, kind, NULL);

        if (old) {
            remove_item(set, old);
        }
    } else {
        unsigned same_kind = 0;

        for (const ike_secret_item *at = NULL; (at = ike_key_set_find(set, kind, at)) != NULL;) {
            if (++same_kind == UINT8_MAX) {
                return false;
            }
        }
    }
    append_item(set, kind, secret);
    if (!is_bound(set)) {
        index_secret(ring, set, kind, secret.length);
        if (kind == IKE_SECRET_DH_PRIVATE) {
            index_secret(ring, set, kind, 0);
        }
    }
    ring->revision++;
    return true;
}

bool ike_keyring_set_has(const ike_keyring *ring, ike_set_id id, ike_secret_kind kind)
{
    const ike_key_set *set = ike_keyring_set(ring, id);

    return set && ike_key_set_find(set, kind, NULL);
}

bool ike_keyring_set_suite(ike_keyring *ring, ike_set_id id, const ike_suite *suite)
{
    ike_key_set *set = own_set(ring, id);

    if (!set) {
        return false;
    }
    if (!set->suite) {
        set->suite = g_new(ike_suite, 1);
    }
    *set->suite = *suite;
    ring->revision++;
    return true;
}

bool ike_keyring_bind_set(ike_keyring *ring, ike_set_id id, uint64_t initiator_spi,
                          uint64_t responder_spi)
{
    ike_key_set *set = own_set(ring, id);

    if (!set) {
        return false;
    }
    if (set->initiator_spi == initiator_spi && set->responder_spi == responder_spi) {
        return true;
    }
    if (is_bound(set)) {
        unlink_bound(ring, set);
    } else {
        unindex_set(ring, set);
    }
    set->initiator_spi = initiator_spi;
    set->responder_spi = responder_spi;
    if (is_bound(set)) {
        link_bound(ring, set);
    } else {
        index_set(ring, set);
    }
    ring->revision++;
    return true;
}

static bool has_secret(const ike_key_set *set, ike_secret_kind kind, ike_span secret)
{
    for (const ike_secret_item *at = NULL; (at = ike_key_set_find(set, kind, at)) != NULL;) {
        if (at->length == secret.length && memcmp(at->data, secret.data, secret.length) == 0) {
            return true;
        }
    }
    return false;
}

bool ike_keyring_add_secret(ike_keyring *ring, ike_key_source source, uint8_t version,
                            uint64_t initiator_spi, uint64_t responder_spi, ike_secret_kind kind,
                            ike_span secret)
{
    spi_pair pair = {initiator_spi, responder_spi};
    bound_sets *bound = NULL;
    ike_key_set *newest = NULL;

    if (kind >= IKE_SECRETS || secret.length == 0 || secret.length > MAX_SECRET) {
        return false;
    }
    if (initiator_spi || responder_spi) {
        bound = g_hash_table_lookup(ring->bound, &pair);
    }
    if (bound && bound->last && bound->last->source == source) {
        newest = bound->last;
        if (has_secret(newest, kind, secret)) {
            return true;
        }
    }
    if (newest && (retransmissions(kind) || !ike_key_set_find(newest, kind, NULL))) {
        return ike_keyring_set_secret(ring, newest->id, kind, secret);
    }

    ike_set_id id = ike_keyring_new_set(ring, source, version);
    ike_keyring_bind_set(ring, id, initiator_spi, responder_spi);
    return ike_keyring_set_secret(ring, id, kind, secret);
}

/* ---- finding -----------------------------------------------------------------------------------
 */

const ike_key_set *ike_keyring_bound(const ike_keyring *ring, uint64_t initiator_spi,
                                     uint64_t responder_spi, unsigned way)
{
    const spi_pair ways[IKE_WAYS_TO_BIND] = {
        {initiator_spi, responder_spi},
        {responder_spi, initiator_spi},
        {initiator_spi, 0},
        {responder_spi, 0},
    };
    const bound_sets *bound;

    /* A responder's SPI of zero makes the ways fall together. */
    if (way >= IKE_WAYS_TO_BIND || (way > 0 && !responder_spi)) {
        return NULL;
    }
    if (!ways[way].initiator && !ways[way].responder) {
        return NULL;
    }
    bound = g_hash_table_lookup(ring->bound, &ways[way]);
    return bound ? bound->first : NULL;
}

void ike_keyring_walk(const ike_keyring *ring, ike_secret_kind kind, size_t length,
                      ike_set_walk *walk)
{
    const unbound_sets *list = g_hash_table_lookup(ring->unbound, index_key(kind, length));

    *walk = (ike_set_walk){list ? list->ids : NULL, list ? list->right : 0, 0};
}

/* start, start + 1, start - 1, start + 2, ... until both ends are passed. */
const ike_key_set *ike_keyring_walk_next(const ike_keyring *ring, ike_set_walk *walk)
{
    guint count = walk->ids ? walk->ids->len : 0;

    while (count > 0 && walk->step < 2 * count) {
        guint step = walk->step++;
        guint distance = (step + 1) / 2;
        guint at;

        if (step % 2 == 0) {
            if (walk->start < distance) {
                continue;
            }
            at = walk->start - distance;
        } else {
            at = walk->start + distance;
        }
        if (at >= count) {
            continue;
        }

        const ike_key_set *set = ike_keyring_set(ring, g_array_index(walk->ids, ike_set_id, at));
        if (set && !is_bound(set)) {
            return set;
        }
    }
    return NULL;
}

static gint compare_ids(const void *a, const void *b)
{
    ike_set_id left = *(const ike_set_id *)a, right = *(const ike_set_id *)b;

    return left < right ? -1 : left > right;
}

void ike_keyring_spend(ike_keyring *ring)
{
    if (ring->trials < UINT_MAX) {
        ring->trials++;
    }
}

unsigned ike_keyring_trials_left(ike_keyring *ring, unsigned full)
{
    if (ring->trials_revision != ring->revision) {
        ring->trials_revision = ring->revision;
        ring->trials = 0;
    }
    return ring->trials < GENEROUS_TRIALS ? full : MIN(full, SHORT_SEARCH);
}

void ike_keyring_mark_right(ike_keyring *ring, const ike_key_set *set)
{
    if (is_bound(set)) {
        return;
    }
    for (const ike_secret_item *item = set->secrets; item; item = item->next) {
        unbound_sets *list = unbound_list(ring, item->kind, item->length, false);
        guint at;

        if (list && g_array_binary_search(list->ids, &set->id, compare_ids, &at)) {
            list->right = at;
        }
    }
}

/* ---- peers -------------------------------------------------------------------------------------
 */

static uint8_t parse_address(const char *text, uint8_t address[16])
{
    if (inet_pton(AF_INET, text, address) == 1) {
        return 4;
    }
    return inet_pton(AF_INET6, text, address) == 1 ? 16 : 0;
}

bool ike_keyring_add_peer(ike_keyring *ring, ike_key_source source, ike_peer_kind kind,
                          const char *peer, ike_span secret)
{
    bool everybody = !peer || !*peer || strcmp(peer, "*") == 0;
    peer_secret *entry;

    if (secret.length == 0 || secret.length > MAX_SECRET ||
        (!everybody && strlen(peer) > MAX_PEER)) {
        return false;
    }
    entry = g_new0(peer_secret, 1);
    entry->kind = (uint8_t)kind;
    entry->source = (uint8_t)source;
    if (!everybody) {
        entry->name = g_strdup(peer);
        entry->address_bytes = parse_address(peer, entry->address);
    }
    entry->secret = g_memdup2(secret.data, secret.length);
    entry->length = secret.length;
    if (g_hash_table_contains(ring->peer_index, entry)) {
        free_peer(entry); /* logs repeat a PSK for each SA */
        return true;
    }
    g_hash_table_add(ring->peer_index, entry);
    g_ptr_array_add(ring->peers, entry);
    ring->revision++;
    return true;
}

static bool peer_fits(const peer_secret *peer, const char *identity, const uint8_t *address,
                      size_t address_bytes)
{
    if (peer->address_bytes && peer->address_bytes == address_bytes) {
        return memcmp(peer->address, address, address_bytes) == 0;
    }
    return identity && g_ascii_strcasecmp(peer->name, identity) == 0;
}

bool ike_keyring_each_peer(const ike_keyring *ring, ike_peer_kind kind, const char *identity,
                           const uint8_t *address, size_t address_bytes, ike_peer_use use,
                           void *user)
{
    unsigned trials = 0;

    for (unsigned everybody = 0; everybody < 2; everybody++) {
        for (guint i = 0; i < ring->peers->len && trials < MAX_PEER_TRIALS; i++) {
            const peer_secret *peer = ring->peers->pdata[i];

            if (peer->kind != kind || (everybody == 1) != !peer->name ||
                (peer->name && !peer_fits(peer, identity, address, address_bytes))) {
                continue;
            }
            trials++;
            if (use(user, (ike_span){peer->secret, peer->length}, peer->source)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- ESP ---------------------------------------------------------------------------------------
 */

bool ike_keyring_add_esp(ike_keyring *ring, ike_key_source source, const ike_esp_key *key)
{
    size_t encryption = key->encryption.length, integrity = key->integrity.length;
    gpointer spi = GUINT_TO_POINTER(key->spi);
    ike_esp_record *record;

    if (encryption > MAX_SECRET || integrity > MAX_SECRET || encryption + integrity == 0) {
        return false;
    }
    record = g_malloc0(sizeof *record + encryption + integrity);
    record->source = (uint8_t)source;
    record->key = *key;
    record->key.encryption.data = (uint8_t *)(record + 1);
    record->key.integrity.data = (uint8_t *)(record + 1) + encryption;
    if (encryption) {
        memcpy(record + 1, key->encryption.data, encryption);
    }
    if (integrity) {
        memcpy((uint8_t *)(record + 1) + encryption, key->integrity.data, integrity);
    }
    /* The newest first: a daemon that starts again may use an SPI again. */
    record->next = g_hash_table_lookup(ring->esp, spi);
    g_hash_table_insert(ring->esp, spi, record);
    ring->revision++;
    return true;
}

const ike_esp_record *ike_keyring_esp(const ike_keyring *ring, uint32_t spi)
{
    return g_hash_table_lookup(ring->esp, GUINT_TO_POINTER(spi));
}

GHashTable *ike_keyring_esp_sas(const ike_keyring *ring)
{
    return ring->esp_sas;
}

ike_esp_children *ike_keyring_esp_children(ike_keyring *ring)
{
    return &ring->esp_children;
}

const ike_algorithms *ike_keyring_share(ike_keyring *ring, const ike_algorithms *algorithms)
{
    ike_algorithms *known = g_hash_table_lookup(ring->shared, algorithms);

    if (!known) {
        known = g_memdup2(algorithms, sizeof *algorithms);
        g_hash_table_add(ring->shared, known);
    }
    return known;
}

GHashTable *ike_keyring_tickets(const ike_keyring *ring)
{
    return ring->tickets;
}

ike_set_id ike_keyring_newest_set(const ike_keyring *ring)
{
    return ring->sets->len;
}

/* ---- forgetting --------------------------------------------------------------------------------
 */

static void clear_sets(ike_keyring *ring, ike_key_source source)
{
    g_hash_table_remove_all(ring->bound);
    g_hash_table_remove_all(ring->unbound);
    for (guint i = 0; i < ring->sets->len; i++) {
        ike_key_set *set = ring->sets->pdata[i];

        if (set && set->source == source) {
            free_set(set);
            ring->sets->pdata[i] = NULL;
        } else if (set && is_bound(set)) {
            link_bound(ring, set);
        } else if (set) {
            index_set(ring, set);
        }
    }
    while (ring->sets->len > 0 && !ring->sets->pdata[ring->sets->len - 1]) {
        g_ptr_array_set_size(ring->sets, (gint)ring->sets->len - 1);
    }
}

static void clear_esp(ike_keyring *ring, ike_key_source source)
{
    GHashTableIter iter;
    gpointer chain;

    g_hash_table_iter_init(&iter, ring->esp);
    while (g_hash_table_iter_next(&iter, NULL, &chain)) {
        ike_esp_record *first = chain;
        ike_esp_record **link = &first;

        while (*link) {
            ike_esp_record *record = *link;

            if (record->source == source) {
                *link = record->next;
                free_esp_record(record);
            } else {
                link = &record->next;
            }
        }
        if (first) {
            g_hash_table_iter_replace(&iter, first);
        } else {
            g_hash_table_iter_remove(&iter);
        }
    }
}

void ike_keyring_clear(ike_keyring *ring, ike_key_source source)
{
    if (source >= IKE_SOURCES) {
        return;
    }
    free_reader(ring, source);
    clear_sets(ring, source);
    clear_esp(ring, source);
    for (guint i = ring->peers->len; i > 0; i--) {
        const peer_secret *peer = ring->peers->pdata[i - 1];

        if (peer->source == source) {
            g_hash_table_remove(ring->peer_index, peer);
            g_ptr_array_remove_index(ring->peers, i - 1);
        }
    }
    ring->revision++;
}

/* ---- for the readers ---------------------------------------------------------------------------
 */

void ike_keyring_complain(ike_keyring *ring, const char *source, unsigned line, const char *why)
{
    if (ring->warn) {
        ring->warn(ring->user, source, line, why);
    }
}

void *ike_keyring_reader(const ike_keyring *ring, ike_key_source source)
{
    return ring->readers[source].state;
}

void ike_keyring_set_reader(ike_keyring *ring, ike_key_source source, void *reader,
                            void (*free_state)(void *reader))
{
    ring->readers[source] = (reader_slot){reader, free_state};
}
