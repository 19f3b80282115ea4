/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared secrets and private values of the key ring for key exchanges of the capture. */
#include "decrypt/search/dh_candidates.h"

#include <string.h>

#include "decrypt/crypto/dh.h"
#include "proto/keyed_hash.h"

enum {
    MAX_ITEMS = 512,   /* secrets of one owner */
    NEIGHBOURS = 16,   /* sets in the log that are looked at for the next secret */
    MAX_SHARED = 4096, /* computed shared secrets that are stored */
    ML_KEM_512 = 35,   /* FIPS 203; group numbers of IKEv2 */
    ML_KEM_1024 = 37,
};

typedef struct {
    ike_span secrets[MAX_ITEMS];
    ike_key_origin origins[MAX_ITEMS];
    unsigned count;
    bool used; /* some of them had the lengths that are wanted */
} secret_list;

/* Bytes of a group's shared secret; 0 unknown. */
static size_t shared_length(uint16_t group)
{
    const ike_dh_group *row = ike_dh_find(group);

    if (row)
        return row->secret_length;
    return group >= ML_KEM_512 && group <= ML_KEM_1024 ? 32 : 0;
}

/* Whether a secret can be the outcome of exchange `index`. */
static bool length_fits(const ike_dh_wanted *wanted, unsigned index, size_t length)
{
    size_t group = shared_length(wanted->exchanges[index].group);

    return group == 0 || group == length;
}

/* Splits a piece as long as the secrets of several exchanges together, as strongSwan logs those of
 * additional key exchanges. How many exchanges from `index` on it is for; 0: it fits none. */
static unsigned split(const ike_dh_wanted *wanted, unsigned index, ike_span piece,
                      ike_span *secrets)
{
    unsigned taken = 0;

    if (length_fits(wanted, index, piece.length)) {
        secrets[index] = piece;
        return 1;
    }
    while (piece.length > 0) {
        size_t own = index + taken < wanted->count
                         ? shared_length(wanted->exchanges[index + taken].group)
                         : 0;

        if (own == 0 || own > piece.length)
            return 0;
        secrets[index + taken++] = (ike_span){piece.data, own};
        piece = (ike_span){piece.data + own, piece.length - own};
    }
    return taken;
}

/* The secrets of all exchanges, from `start` of the list on. */
static bool try_window(const ike_dh_wanted *wanted, secret_list *list, unsigned start,
                       ike_dh_use use, void *user)
{
    ike_span secrets[IKE_MAX_KE];
    unsigned have = 0;

    for (unsigned at = start; have < wanted->count; at++) {
        unsigned taken = at < list->count ? split(wanted, have, list->secrets[at], secrets) : 0;

        if (taken == 0)
            return false;
        have += taken;
    }
    list->used = true;
    return use(user, secrets, &list->origins[start]);
}

/* Allocates the list with the first set: most rings have none. */
static secret_list *make_list(secret_list *list)
{
    if (!list) {
        list = g_new(secret_list, 1);
        list->count = 0;
        list->used = false;
    }
    return list;
}

static void append_set(secret_list *list, const ike_key_set *set)
{
    for (const ike_secret_item *item = NULL;
         list->count < MAX_ITEMS &&
         (item = ike_key_set_find(set, IKE_SECRET_DH_SHARED, item)) != NULL;) {
        list->secrets[list->count] = (ike_span){item->data, item->length};
        list->origins[list->count++] = ike_key_item_origin(set, item, "DH shared secret");
    }
}

/* ---- private values -------------------------------------------------------------------------- */

/* A private value of a group, found by its public value; or a shared secret, found by both public
 * values. The bytes of the key stand behind the entry. */
typedef struct {
    uint16_t group;
    size_t key_length;
    ike_secret secret;
    ike_key_origin origin;
    uint8_t key[];
} cache_entry;

struct ike_dh_cache {
    const ike_keyring *ring;
    unsigned clearings;
    GHashTable *privates; /* set of cache_entry */
    GHashTable *shared;   /* set of cache_entry */
    GHashTable *sets;     /* group and set whose private values are in the table: computed once */
};

static guint entry_hash(gconstpointer data)
{
    const cache_entry *entry = data;

    return (guint)ike_keyed_hash(entry->key, entry->key_length) ^ entry->group;
}

static gboolean entry_equal(gconstpointer a, gconstpointer b)
{
    const cache_entry *left = a, *right = b;

    return left->group == right->group && left->key_length == right->key_length &&
           memcmp(left->key, right->key, left->key_length) == 0;
}

static void free_entry(gpointer data)
{
    cache_entry *entry = data;

    ike_secret_clear(&entry->secret);
    g_free(entry);
}

static cache_entry *entry_new(uint16_t group, const ike_span *key, unsigned parts)
{
    size_t length = key[0].length + (parts > 1 ? key[1].length : 0);
    cache_entry *entry = g_malloc0(sizeof *entry + length);

    entry->group = group;
    entry->key_length = length;
    memcpy(entry->key, key[0].data, key[0].length);
    if (parts > 1)
        memcpy(entry->key + key[0].length, key[1].data, key[1].length);
    return entry;
}

static cache_entry *find_entry(GHashTable *table, uint16_t group, const ike_span *key,
                               unsigned parts)
{
    cache_entry *wanted = entry_new(group, key, parts);
    cache_entry *found = g_hash_table_lookup(table, wanted);

    free_entry(wanted);
    return found;
}

ike_dh_cache *ike_dh_cache_new(const ike_keyring *ring)
{
    ike_dh_cache *cache = g_new0(ike_dh_cache, 1);

    cache->ring = ring;
    cache->privates = g_hash_table_new_full(entry_hash, entry_equal, free_entry, NULL);
    cache->shared = g_hash_table_new_full(entry_hash, entry_equal, free_entry, NULL);
    cache->sets = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return cache;
}

void ike_dh_cache_free(ike_dh_cache *cache)
{
    g_hash_table_destroy(cache->privates);
    g_hash_table_destroy(cache->shared);
    g_hash_table_destroy(cache->sets);
    g_free(cache);
}

/* Secrets that were removed from the key ring are removed here too. */
static void refresh(ike_dh_cache *cache)
{
    unsigned clearings = ike_keyring_clearings(cache->ring);

    if (cache->clearings != clearings) {
        g_hash_table_remove_all(cache->privates);
        g_hash_table_remove_all(cache->shared);
        g_hash_table_remove_all(cache->sets);
        cache->clearings = clearings;
    }
}

/* Computes the public values of a set for one group, once. false: it costs too much. */
static bool add_privates(ike_dh_cache *cache, ike_search *search, const ike_dh_group *group,
                         const ike_key_set *set)
{
    const gint64 done = (gint64)group->id << 32 | set->id;
    const ike_secret_item *item = NULL;
    gint64 *mark;

    if (g_hash_table_contains(cache->sets, &done))
        return true;
    while ((item = ike_key_set_find(set, IKE_SECRET_DH_PRIVATE, item)) != NULL) {
        ike_span value = {item->data, item->length};
        ike_secret public_value = {0};

        if (!ike_search_charge(search, ike_dh_cost(group, value.length)))
            return false;
        if (ike_dh_public(group, value, &public_value) == IKE_OK) {
            ike_span key = ike_secret_span(&public_value);
            cache_entry *entry = entry_new(group->id, &key, 1);

            ike_secret_set(&entry->secret, value);
            entry->origin = ike_key_item_origin(set, item, "DH private value");
            g_hash_table_add(cache->privates, entry);
        }
        ike_secret_clear(&public_value);
    }
    mark = g_new(gint64, 1);
    *mark = done;
    g_hash_table_add(cache->sets, mark);
    return true;
}

/* The shared secret of a known private value and the other side's public value. */
static const cache_entry *shared_of(ike_dh_cache *cache, ike_search *search,
                                    const ike_dh_group *group, const cache_entry *private_value,
                                    ike_span own, ike_span peer)
{
    const ike_span key[] = {own, peer};
    cache_entry *entry = find_entry(cache->shared, group->id, key, 2);
    ike_secret secret = {0};

    if (entry)
        return entry;
    if (ike_search_charge(search, ike_dh_cost(group, private_value->secret.length)) &&
        ike_dh_shared(group, ike_secret_span(&private_value->secret), peer, &secret) == IKE_OK) {
        if (g_hash_table_size(cache->shared) >= MAX_SHARED)
            g_hash_table_remove_all(cache->shared);
        entry = entry_new(group->id, key, 2);
        entry->origin = private_value->origin;
        ike_secret_move(&entry->secret, &secret);
        g_hash_table_add(cache->shared, entry);
    }
    ike_secret_clear(&secret);
    return entry;
}

/* The private value of one of the two sides may be in the table. */
static bool try_known_privates(ike_dh_cache *cache, ike_search *search, const ike_dh_wanted *wanted,
                               ike_dh_use use, void *user)
{
    const ike_span publics[2] = {wanted->exchanges[0].ke_i, wanted->exchanges[0].ke_r};
    const ike_dh_group *group = ike_dh_find(wanted->exchanges[0].group);

    for (unsigned side = 0; side < 2; side++) {
        const cache_entry *known =
            publics[side].length ? find_entry(cache->privates, group->id, &publics[side], 1) : NULL;
        const cache_entry *shared =
            known && publics[!side].length
                ? shared_of(cache, search, group, known, publics[side], publics[!side])
                : NULL;

        if (shared) {
            const ike_span secret = ike_secret_span(&shared->secret);

            if (use(user, &secret, &shared->origin))
                return true;
        }
    }
    return false;
}

static bool may_have_private(const ike_dh_wanted *wanted)
{
    return wanted->count == 1 && ike_dh_find(wanted->exchanges[0].group) &&
           wanted->exchanges[0].ke_i.length && wanted->exchanges[0].ke_r.length;
}

/* ---- bound ----------------------------------------------------------------------------------- */

/* A single secret is meant for this exchange; of several, one may be meant for another. */
static void refuse_shared(ike_search *search, const ike_dh_wanted *wanted, const secret_list *list)
{
    const ike_refusal refusal = {.why = IKE_DECRYPT_KEY_LENGTH,
                                 .origin = list->origins[0],
                                 .given = list->secrets[0].length,
                                 .needed = shared_length(wanted->exchanges[0].group)};

    if (list->count == 1 && wanted->count == 1 && !list->used)
        ike_search_refuse(search, &refusal);
}

static void refuse_private(ike_search *search, const ike_key_set *set)
{
    const ike_secret_item *item = ike_key_set_find(set, IKE_SECRET_DH_PRIVATE, NULL);
    const ike_refusal refusal = {
        .why = IKE_DECRYPT_OTHER_VALUE,
        .origin = ike_key_item_origin(set, item, "DH private value"),
    };

    if (!search->exhausted && !ike_key_set_find(set, IKE_SECRET_DH_PRIVATE, item))
        ike_search_refuse(search, &refusal);
}

static bool try_bound(ike_dh_cache *cache, ike_search *search, const ike_dh_wanted *wanted,
                      unsigned owner, ike_dh_use use, void *user)
{
    const ike_dh_group *group = ike_dh_find(wanted->exchanges[0].group);
    const ike_key_set *private_set = NULL; /* the last with private values */
    bool content = false;
    secret_list *list = NULL;

    for (unsigned way = 0; way < IKE_WAYS_TO_BIND; way++) {
        const ike_key_set *set =
            ike_sa_keys_bound(ike_keyring_sa_keys(cache->ring), wanted->owners[owner].initiator_spi,
                              wanted->owners[owner].responder_spi, way);

        for (; set && (!list || list->count < MAX_ITEMS); set = set->next_bound) {
            list = make_list(list);
            append_set(list, set);
            if (may_have_private(wanted) && ike_key_set_find(set, IKE_SECRET_DH_PRIVATE, NULL)) {
                private_set = set;
                add_privates(cache, search, group, set);
            }
        }
    }
    for (unsigned start = 0; list && !content && start < list->count; start++)
        content = try_window(wanted, list, start, use, user);
    if (list && list->count > 0 && !content)
        refuse_shared(search, wanted, list);
    g_free(list);
    if (content || !private_set)
        return content;
    if (try_known_privates(cache, search, wanted, use, user))
        return true;
    refuse_private(search, private_set);
    return false;
}

/* ---- unbound --------------------------------------------------------------------------------- */

/* The secrets of `first` and of the sets logged after it. */
static void neighbours(const ike_sa_keys *keys, const ike_key_set *first, unsigned wanted,
                       secret_list *list)
{
    list->count = 0;
    append_set(list, first);
    for (ike_set_id id = first->id + 1; id <= first->id + NEIGHBOURS && list->count < wanted;
         id++) {
        const ike_key_set *set = ike_sa_keys_set(keys, id);

        if (set && set->origin.source == first->origin.source)
            append_set(list, set);
    }
}

static bool try_unbound(ike_dh_cache *cache, ike_search *search, const ike_dh_wanted *wanted,
                        ike_dh_use use, void *user)
{
    ike_sa_keys *keys = ike_keyring_sa_keys(cache->ring);
    size_t length = shared_length(wanted->exchanges[0].group);
    secret_list *list = NULL;
    const ike_key_set *set;
    ike_set_walk walk;
    bool content = false;

    ike_sa_keys_walk(keys, IKE_SECRET_DH_SHARED, length, &walk);
    while (length && !content && !search->exhausted && (set = ike_sa_keys_walk_next(keys, &walk)) &&
           ike_search_charge(search, IKE_COST_PRF)) {
        unsigned own;

        list = make_list(list);
        neighbours(keys, set, wanted->count, list);
        own = list->count;
        for (unsigned start = 0; !content && start < own; start++)
            content = try_window(wanted, list, start, use, user);
        if (content)
            ike_sa_keys_mark_right(keys, set);
    }
    g_free(list);
    return content;
}

static bool try_unbound_privates(ike_dh_cache *cache, ike_search *search,
                                 const ike_dh_wanted *wanted, ike_dh_use use, void *user)
{
    ike_sa_keys *keys = ike_keyring_sa_keys(cache->ring);
    const ike_dh_group *group = ike_dh_find(wanted->exchanges[0].group);
    const ike_key_set *set;
    ike_set_walk walk;

    if (!may_have_private(wanted))
        return false;
    ike_sa_keys_walk(keys, IKE_SECRET_DH_PRIVATE, 0, &walk);
    while ((set = ike_sa_keys_walk_next(keys, &walk)) && add_privates(cache, search, group, set)) {
    }
    return try_known_privates(cache, search, wanted, use, user);
}

bool ike_each_dh(ike_dh_cache *cache, ike_search *search, const ike_dh_wanted *wanted,
                 ike_dh_use use, void *user)
{
    if (wanted->count == 0 || wanted->count > IKE_MAX_KE)
        return false;
    refresh(cache);
    if (!search->bound) {
        /* Private values first: whether one fits is known without a trial. */
        return try_unbound_privates(cache, search, wanted, use, user) ||
               try_unbound(cache, search, wanted, use, user);
    }
    for (unsigned owner = 0; owner < G_N_ELEMENTS(wanted->owners); owner++)
        if ((wanted->owners[owner].initiator_spi || wanted->owners[owner].responder_spi) &&
            try_bound(cache, search, wanted, owner, use, user))
            return true;
    return false;
}
