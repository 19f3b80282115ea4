/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/group/group_store.h"

#include <string.h>

#include "proto/keyed_hash.h"
#include "proto/network_order.h"

enum { MAX_SAS = 65536, MAX_WRAP_KEYS = 16384, MAX_OF_ID = 16 };

/* Of an SA; SPIs of AH and ESP are shorter. */
typedef struct {
    uint8_t bytes[1 + IKE_REKEY_SPI];
} sa_key;

typedef struct {
    sa_key key; /* first */
    ike_group_policy policy;
} stored_policy;

typedef struct {
    sa_key key; /* first */
    ike_rekey_sa *first;
} rekey_sas;

typedef struct {
    uint32_t id;
    unsigned count, next; /* the oldest is replaced */
    ike_secret keys[MAX_OF_ID];
} wrap_keys;

struct ike_group_store {
    GHashTable *policies;  /* set of stored_policy */
    GHashTable *rekey_sas; /* set of rekey_sas */
    GHashTable *wrap_keys; /* id -> wrap_keys */
    unsigned wrap_key_count;
};

static guint key_hash(gconstpointer key)
{
    return (guint)ike_keyed_hash(key, sizeof(sa_key));
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(sa_key)) == 0;
}

static bool make_key(sa_key *key, uint8_t protocol, ike_span spi)
{
    *key = (sa_key){{protocol}};
    if (spi.length > IKE_REKEY_SPI || !spi.length)
        return false;
    memcpy(key->bytes + 1, spi.data, spi.length);
    return true;
}

static void clear_rekey(ike_rekey_sa *sa)
{
    ike_secret_clear(&sa->encryption);
    ike_secret_clear(&sa->integrity);
    ike_secret_clear(&sa->wrap);
    ike_secret_clear(&sa->iv);
    ike_secret_clear(&sa->public_key);
    ike_cipher_free(sa->cipher);
    sa->cipher = NULL;
}

static void free_rekey_sas(gpointer data)
{
    rekey_sas *sas = data;

    while (sas->first) {
        ike_rekey_sa *next = sas->first->next;

        clear_rekey(sas->first);
        g_free(sas->first);
        sas->first = next;
    }
    g_free(sas);
}

static void free_wrap_keys(gpointer data)
{
    wrap_keys *keys = data;

    for (unsigned i = 0; i < keys->count; i++)
        ike_secret_clear(&keys->keys[i]);
    g_free(keys);
}

ike_group_store *ike_group_store_new(void)
{
    ike_group_store *store = g_new0(ike_group_store, 1);

    store->policies = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    store->rekey_sas = g_hash_table_new_full(key_hash, key_equal, free_rekey_sas, NULL);
    store->wrap_keys = g_hash_table_new_full(ike_hash_number, g_direct_equal, NULL, free_wrap_keys);
    return store;
}

void ike_group_store_free(ike_group_store *store)
{
    g_hash_table_destroy(store->policies);
    g_hash_table_destroy(store->rekey_sas);
    g_hash_table_destroy(store->wrap_keys);
    g_free(store);
}

/* ---- policies -------------------------------------------------------------------------------- */

void ike_group_store_policy(ike_group_store *store, const ike_group_policy *policy)
{
    stored_policy *stored;
    sa_key key;

    if (!make_key(&key, policy->protocol, policy->spi))
        return;
    stored = g_hash_table_lookup(store->policies, &key);
    if (!stored) {
        if (g_hash_table_size(store->policies) >= MAX_SAS)
            return;
        stored = g_new0(stored_policy, 1);
        stored->key = key;
        g_hash_table_add(store->policies, stored);
    }
    stored->policy = *policy;
    stored->policy.spi = (ike_span){NULL, 0};
}

const ike_group_policy *ike_group_store_find_policy(const ike_group_store *store, uint8_t protocol,
                                                    ike_span spi)
{
    const stored_policy *stored;
    sa_key key;

    stored = make_key(&key, protocol, spi) ? g_hash_table_lookup(store->policies, &key) : NULL;
    return stored ? &stored->policy : NULL;
}

/* ---- Rekey SAs ------------------------------------------------------------------------------- */

static rekey_sas *sas_of(ike_group_store *store, const sa_key *key)
{
    rekey_sas *sas = g_hash_table_lookup(store->rekey_sas, key);

    if (!sas && g_hash_table_size(store->rekey_sas) < MAX_SAS) {
        sas = g_new0(rekey_sas, 1);
        sas->key = *key;
        g_hash_table_add(store->rekey_sas, sas);
    }
    return sas;
}

static bool same_keys(const ike_rekey_sa *a, const ike_rekey_sa *b)
{
    return a->gdoi == b->gdoi && ike_secret_equal(&a->encryption, &b->encryption) &&
           ike_secret_equal(&a->integrity, &b->integrity) && ike_secret_equal(&a->iv, &b->iv) &&
           ike_algorithms_equal(&a->algorithms, &b->algorithms);
}

ike_rekey_sa *ike_group_store_add_rekey(ike_group_store *store, const uint8_t *spi,
                                        ike_rekey_sa *sa)
{
    sa_key key;
    rekey_sas *sas;
    ike_rekey_sa **link = NULL;
    unsigned count = 0;

    make_key(&key, IKE_GROUP_REKEY, (ike_span){spi, IKE_REKEY_SPI});
    sas = sas_of(store, &key);
    for (link = sas ? &sas->first : NULL; link && *link; link = &(*link)->next, count++) {
        if (same_keys(*link, sa)) {
            if (sa->public_key.length)
                ike_secret_move(&(*link)->public_key, &sa->public_key);
            if (sa->has_sequence && !(*link)->has_sequence) {
                (*link)->has_sequence = true;
                (*link)->sequence = sa->sequence;
            }
            clear_rekey(sa);
            return *link;
        }
    }
    if (!link || count == IKE_MAX_REKEY_SAS_OF_SPI) {
        clear_rekey(sa);
        return NULL;
    }
    *link = g_memdup2(sa, sizeof *sa);
    *sa = (ike_rekey_sa){0};
    return *link;
}

ike_rekey_sa *ike_group_store_find_rekey(const ike_group_store *store, uint64_t initiator_spi,
                                         uint64_t responder_spi)
{
    uint8_t spi[IKE_REKEY_SPI];
    const rekey_sas *sas;
    sa_key key;

    if (g_hash_table_size(store->rekey_sas) == 0)
        return NULL;
    ike_put_u64(spi, initiator_spi);
    ike_put_u64(spi + 8, responder_spi);
    make_key(&key, IKE_GROUP_REKEY, (ike_span){spi, sizeof spi});
    sas = g_hash_table_lookup(store->rekey_sas, &key);
    return sas ? sas->first : NULL;
}

/* ---- key wrap keys --------------------------------------------------------------------------- */

void ike_group_store_add_wrap_key(ike_group_store *store, uint32_t id, ike_span key)
{
    wrap_keys *keys = g_hash_table_lookup(store->wrap_keys, GUINT_TO_POINTER(id));
    const ike_secret other = {(uint8_t *)key.data, key.length};

    if (!keys) {
        if (store->wrap_key_count == MAX_WRAP_KEYS)
            return;
        keys = g_new0(wrap_keys, 1);
        keys->id = id;
        g_hash_table_insert(store->wrap_keys, GUINT_TO_POINTER(id), keys);
        store->wrap_key_count++;
    }
    for (unsigned i = 0; i < keys->count; i++)
        if (ike_secret_equal(&keys->keys[i], &other))
            return;
    ike_secret_set(&keys->keys[keys->next], key);
    keys->next = (keys->next + 1) % MAX_OF_ID;
    keys->count = MAX(keys->count, keys->next ? keys->next : MAX_OF_ID);
}

const ike_secret *ike_group_store_wrap_key(const ike_group_store *store, uint32_t id,
                                           unsigned number)
{
    const wrap_keys *keys = g_hash_table_lookup(store->wrap_keys, GUINT_TO_POINTER(id));

    return keys && number < keys->count ? &keys->keys[number] : NULL;
}
