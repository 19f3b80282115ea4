/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets of IKE SAs by SPI pair, by kind and length. */
#include "decrypt/keys/sa_keys.h"

#include <string.h>

#include <openssl/crypto.h>

#include "proto/keyed_hash.h"

enum {
    MAX_SECRET = 4096,
    MAX_PLAINTEXT = 32000, /* fits a line of a key log */
    UNBIND_REACH = 64,     /* how far back a set is looked for when it is bound */
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

struct ike_sa_keys {
    unsigned revision;
    bool has_plaintexts;
    GPtrArray *sets;     /* by number - 1; NULL where one was removed */
    GHashTable *bound;   /* spi_pair -> bound_sets */
    GHashTable *unbound; /* kind and length -> unbound_sets */
};

static guint pair_hash(gconstpointer key)
{
    const spi_pair *pair = key;

    return (guint)ike_keyed_hash_words(pair->initiator, pair->responder);
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

ike_sa_keys *ike_sa_keys_new(void)
{
    ike_sa_keys *keys = g_new0(ike_sa_keys, 1);

    keys->sets = g_ptr_array_new();
    keys->bound = g_hash_table_new_full(pair_hash, pair_equal, NULL, g_free);
    keys->unbound = g_hash_table_new_full(NULL, NULL, NULL, free_unbound);
    return keys;
}

void ike_sa_keys_free(ike_sa_keys *keys)
{
    for (guint i = 0; i < keys->sets->len; i++)
        if (keys->sets->pdata[i])
            free_set(keys->sets->pdata[i]);
    g_ptr_array_free(keys->sets, TRUE);
    g_hash_table_destroy(keys->bound);
    g_hash_table_destroy(keys->unbound);
    g_free(keys);
}

unsigned ike_sa_keys_revision(const ike_sa_keys *keys)
{
    return keys->revision;
}

bool ike_sa_keys_has_plaintexts(const ike_sa_keys *keys)
{
    return keys->has_plaintexts;
}

/* ---- sets and their indexes */

const ike_key_set *ike_sa_keys_set(const ike_sa_keys *keys, ike_set_id id)
{
    return id > 0 && id <= keys->sets->len ? keys->sets->pdata[id - 1] : NULL;
}

static ike_key_set *own_set(ike_sa_keys *keys, ike_set_id id)
{
    return id > 0 && id <= keys->sets->len ? keys->sets->pdata[id - 1] : NULL;
}

static bool is_bound(const ike_key_set *set)
{
    return set->initiator_spi || set->responder_spi;
}

static gpointer index_key(ike_secret_kind kind, size_t length)
{
    return GUINT_TO_POINTER(((guint)kind << 16) | (guint)length);
}

static unbound_sets *unbound_list(ike_sa_keys *keys, ike_secret_kind kind, size_t length, bool make)
{
    unbound_sets *list = g_hash_table_lookup(keys->unbound, index_key(kind, length));

    if (!list && make) {
        list = g_new0(unbound_sets, 1);
        list->ids = g_array_new(FALSE, FALSE, sizeof(ike_set_id));
        g_hash_table_insert(keys->unbound, index_key(kind, length), list);
    }
    return list;
}

/* Enters a set that has (or had just got) this secret. */
static void index_secret(ike_sa_keys *keys, const ike_key_set *set, ike_secret_kind kind,
                         size_t length)
{
    unbound_sets *list = unbound_list(keys, kind, length, true);
    GArray *ids = list->ids;

    if (ids->len == 0 || g_array_index(ids, ike_set_id, ids->len - 1) != set->id)
        g_array_append_val(ids, set->id);
    if (kind == IKE_SECRET_DH_PRIVATE && length > 0)
        index_secret(keys, set, kind, 0);
}

static void unindex_set(ike_sa_keys *keys, const ike_key_set *set)
{
    for (const ike_secret_item *item = set->secrets; item; item = item->next) {
        for (unsigned any = 0; any < 2; any++) {
            unbound_sets *list = unbound_list(keys, item->kind, any ? 0 : item->length, false);

            for (guint back = 1; list && back <= UNBIND_REACH && back <= list->ids->len; back++) {
                if (g_array_index(list->ids, ike_set_id, list->ids->len - back) == set->id) {
                    g_array_remove_index(list->ids, list->ids->len - back);
                    break;
                }
            }
        }
    }
}

static void index_set(ike_sa_keys *keys, const ike_key_set *set)
{
    for (const ike_secret_item *item = set->secrets; item; item = item->next)
        index_secret(keys, set, item->kind, item->length);
}

static void link_bound(ike_sa_keys *keys, ike_key_set *set)
{
    spi_pair pair = {set->initiator_spi, set->responder_spi};
    bound_sets *bound = g_hash_table_lookup(keys->bound, &pair);

    if (!bound) {
        bound = g_new0(bound_sets, 1);
        bound->pair = pair;
        g_hash_table_insert(keys->bound, &bound->pair, bound);
    }
    set->next_bound = NULL;
    if (bound->last)
        bound->last->next_bound = set;
    else
        bound->first = set;
    bound->last = set;
}

static void unlink_bound(ike_sa_keys *keys, ike_key_set *set)
{
    spi_pair pair = {set->initiator_spi, set->responder_spi};
    bound_sets *bound = g_hash_table_lookup(keys->bound, &pair);
    ike_key_set *before = NULL;

    for (ike_key_set *at = bound ? bound->first : NULL; at; before = at, at = at->next_bound) {
        if (at != set)
            continue;
        if (before)
            before->next_bound = set->next_bound;
        else
            bound->first = set->next_bound;
        if (bound->last == set)
            bound->last = before;
        break;
    }
    set->next_bound = NULL;
}

ike_set_id ike_sa_keys_new_set(ike_sa_keys *keys, const ike_key_origin *origin, uint8_t version)
{
    ike_key_set *set = g_new0(ike_key_set, 1);

    g_ptr_array_add(keys->sets, set);
    set->id = keys->sets->len;
    set->origin = *origin;
    set->version = version;
    return set->id;
}

const ike_secret_item *ike_key_set_find(const ike_key_set *set, ike_secret_kind kind,
                                        const ike_secret_item *after)
{
    const ike_secret_item *item = after ? after->next : set->secrets;

    while (item && item->kind != kind)
        item = item->next;
    return item;
}

ike_key_origin ike_key_item_origin(const ike_key_set *set, const ike_secret_item *item,
                                   const char *secret)
{
    ike_key_origin origin = set->origin;

    if (item && item->line)
        origin.line = item->line;
    origin.secret = secret;
    return origin;
}

ike_key_origin ike_key_set_origin(const ike_key_set *set, ike_secret_kind kind, const char *secret)
{
    return ike_key_item_origin(set, ike_key_set_find(set, kind, NULL), secret);
}

ike_span ike_key_set_secret(const ike_key_set *set, ike_secret_kind kind)
{
    const ike_secret_item *item = ike_key_set_find(set, kind, NULL);

    return item ? (ike_span){item->data, item->length} : (ike_span){NULL, 0};
}

/* A set may have several of these. */
static bool is_repeatable(ike_secret_kind kind)
{
    return kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_DH_PRIVATE;
}

static void remove_item(ike_key_set *set, const ike_secret_item *gone)
{
    ike_secret_item **link = &set->secrets;

    while (*link != gone)
        link = &(*link)->next;

    ike_secret_item *item = *link;
    *link = item->next;
    OPENSSL_cleanse(item->data, item->length);
    g_free(item);
}

static void append_item(ike_key_set *set, ike_secret_kind kind, ike_span secret, uint32_t line)
{
    ike_secret_item *item = g_malloc(sizeof *item + secret.length);
    ike_secret_item **link = &set->secrets;

    item->next = NULL;
    item->line = line;
    item->kind = (uint8_t)kind;
    item->length = (uint16_t)secret.length;
    memcpy(item->data, secret.data, secret.length);
    while (*link)
        link = &(*link)->next;
    *link = item;
}

bool ike_sa_keys_set_secret(ike_sa_keys *keys, ike_set_id id, ike_secret_kind kind, ike_span secret,
                            uint32_t line)
{
    ike_key_set *set = own_set(keys, id);

    if (!set || kind >= IKE_SECRETS || secret.length == 0 ||
        secret.length > (kind == IKE_SECRET_PLAINTEXT ? MAX_PLAINTEXT : MAX_SECRET))
        return false;
    if (!is_repeatable(kind)) {
        const ike_secret_item *old = ike_key_set_find(set, kind, NULL);

        if (old)
            remove_item(set, old);
    } else {
        unsigned same_kind = 0;

        for (const ike_secret_item *at = NULL; (at = ike_key_set_find(set, kind, at)) != NULL;)
            if (++same_kind == UINT8_MAX)
                return false;
    }
    append_item(set, kind, secret, line);
    keys->has_plaintexts |= kind == IKE_SECRET_PLAINTEXT;
    if (!is_bound(set))
        index_secret(keys, set, kind, secret.length);
    keys->revision++;
    return true;
}

bool ike_sa_keys_set_suite(ike_sa_keys *keys, ike_set_id id, const ike_suite *suite)
{
    ike_key_set *set = own_set(keys, id);

    if (!set)
        return false;
    if (!set->suite)
        set->suite = g_new(ike_suite, 1);
    *set->suite = *suite;
    keys->revision++;
    return true;
}

bool ike_sa_keys_bind(ike_sa_keys *keys, ike_set_id id, uint64_t initiator_spi,
                      uint64_t responder_spi)
{
    ike_key_set *set = own_set(keys, id);

    if (!set)
        return false;
    if (set->initiator_spi == initiator_spi && set->responder_spi == responder_spi)
        return true;
    if (is_bound(set))
        unlink_bound(keys, set);
    else
        unindex_set(keys, set);
    set->initiator_spi = initiator_spi;
    set->responder_spi = responder_spi;
    if (is_bound(set))
        link_bound(keys, set);
    else
        index_set(keys, set);
    keys->revision++;
    return true;
}

const ike_key_set *ike_sa_keys_newest_bound(const ike_sa_keys *keys, uint64_t initiator_spi,
                                            uint64_t responder_spi)
{
    const spi_pair pair = {initiator_spi, responder_spi};
    const bound_sets *bound =
        pair.initiator || pair.responder ? g_hash_table_lookup(keys->bound, &pair) : NULL;

    return bound ? bound->last : NULL;
}

/* ---- finding */

const ike_key_set *ike_sa_keys_bound(const ike_sa_keys *keys, uint64_t initiator_spi,
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
    if (way >= IKE_WAYS_TO_BIND || (way > 0 && !responder_spi))
        return NULL;
    if (!ways[way].initiator && !ways[way].responder)
        return NULL;
    bound = g_hash_table_lookup(keys->bound, &ways[way]);
    return bound ? bound->first : NULL;
}

ike_bound_walk ike_sa_keys_walk_bound(const ike_sa_keys *keys, uint64_t initiator_spi,
                                      uint64_t responder_spi)
{
    return (ike_bound_walk){keys, initiator_spi, responder_spi, NULL, 0, 0};
}

const ike_key_set *ike_bound_walk_next(ike_bound_walk *walk)
{
    if (walk->count >= IKE_BOUND_SETS_MAX)
        return NULL;
    if (walk->set)
        walk->set = walk->set->next_bound;
    while (!walk->set && walk->ways < IKE_WAYS_TO_BIND)
        walk->set =
            ike_sa_keys_bound(walk->keys, walk->initiator_spi, walk->responder_spi, walk->ways++);
    walk->count += walk->set != NULL;
    return walk->set;
}

void ike_sa_keys_walk(const ike_sa_keys *keys, ike_secret_kind kind, size_t length,
                      ike_set_walk *walk)
{
    const unbound_sets *list = g_hash_table_lookup(keys->unbound, index_key(kind, length));

    *walk = (ike_set_walk){list ? list->ids : NULL, list ? list->right : 0, 0};
}

/* start, start + 1, start - 1, start + 2, ... until both ends are passed. */
const ike_key_set *ike_sa_keys_walk_next(const ike_sa_keys *keys, ike_set_walk *walk)
{
    guint count = walk->ids ? walk->ids->len : 0;

    while (count > 0 && walk->step < 2 * count) {
        guint step = walk->step++;
        guint distance = (step + 1) / 2;
        guint at;

        if (step % 2 == 0) {
            if (walk->start < distance)
                continue;
            at = walk->start - distance;
        } else {
            at = walk->start + distance;
        }
        if (at >= count)
            continue;

        const ike_key_set *set = ike_sa_keys_set(keys, g_array_index(walk->ids, ike_set_id, at));
        if (set && !is_bound(set))
            return set;
    }
    return NULL;
}

static gint compare_ids(const void *a, const void *b)
{
    ike_set_id left = *(const ike_set_id *)a, right = *(const ike_set_id *)b;

    return left < right ? -1 : left > right;
}

void ike_sa_keys_mark_right(ike_sa_keys *keys, const ike_key_set *set)
{
    if (is_bound(set))
        return;
    for (const ike_secret_item *item = set->secrets; item; item = item->next) {
        unbound_sets *list = unbound_list(keys, item->kind, item->length, false);
        guint at;

        if (list && g_array_binary_search(list->ids, &set->id, compare_ids, &at))
            list->right = at;
    }
}

ike_set_id ike_sa_keys_newest(const ike_sa_keys *keys)
{
    return keys->sets->len;
}

void ike_sa_keys_clear(ike_sa_keys *keys, ike_key_source source)
{
    g_hash_table_remove_all(keys->bound);
    g_hash_table_remove_all(keys->unbound);
    for (guint i = 0; i < keys->sets->len; i++) {
        ike_key_set *set = keys->sets->pdata[i];

        if (set && set->origin.source == source) {
            free_set(set);
            keys->sets->pdata[i] = NULL;
        } else if (set && is_bound(set)) {
            link_bound(keys, set);
        } else if (set) {
            index_set(keys, set);
        }
    }
    while (keys->sets->len > 0 && !keys->sets->pdata[keys->sets->len - 1])
        g_ptr_array_set_size(keys->sets, (gint)keys->sets->len - 1);
    keys->revision++;
}
