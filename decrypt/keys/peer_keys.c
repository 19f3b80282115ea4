/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets of peers, in a list for each identity and address. */
#include "decrypt/keys/peer_keys.h"

#include <string.h>

#include <arpa/inet.h>
#include <glib.h>
#include <openssl/crypto.h>

#include "decrypt/keys/identity.h"
#include "proto/keyed_hash.h"

enum { MAX_SECRET = 4096, MAX_PEER = 1024 };

typedef struct {
    ike_key_origin origin;
    ike_peer_kind kind;
    char *peer; /* canonical; "" for every peer */
    size_t length;
    uint8_t *secret;
} peer_secret;

struct ike_peer_keys {
    unsigned revision;
    GHashTable *by_peer; /* peer -> GPtrArray of peer_secret, which the array owns */
    GHashTable *known;   /* set of peer_secret */
};

static void free_secret(gpointer data)
{
    peer_secret *secret = data;

    OPENSSL_cleanse(secret->secret, secret->length);
    g_free(secret->secret);
    g_free(secret->peer);
    g_free(secret);
}

static guint secret_hash(gconstpointer key)
{
    const peer_secret *secret = key;

    return ike_hash_text(secret->peer) ^ (guint)ike_keyed_hash(secret->secret, secret->length);
}

static gboolean secret_equal(gconstpointer a, gconstpointer b)
{
    const peer_secret *left = a, *right = b;

    return left->kind == right->kind && left->origin.source == right->origin.source &&
           left->length == right->length && strcmp(left->peer, right->peer) == 0 &&
           CRYPTO_memcmp(left->secret, right->secret, left->length) == 0;
}

static void free_list(gpointer list)
{
    g_ptr_array_unref(list);
}

ike_peer_keys *ike_peer_keys_new(void)
{
    ike_peer_keys *peers = g_new0(ike_peer_keys, 1);

    peers->by_peer = g_hash_table_new_full(ike_hash_text, g_str_equal, g_free, free_list);
    peers->known = g_hash_table_new(secret_hash, secret_equal);
    return peers;
}

void ike_peer_keys_free(ike_peer_keys *peers)
{
    g_hash_table_destroy(peers->known);
    g_hash_table_destroy(peers->by_peer);
    g_free(peers);
}

unsigned ike_peer_keys_revision(const ike_peer_keys *peers)
{
    return peers->revision;
}

void ike_peer_keys_clear(ike_peer_keys *peers, ike_key_source source)
{
    GHashTableIter iter;
    gpointer list;

    g_hash_table_iter_init(&iter, peers->by_peer);
    while (g_hash_table_iter_next(&iter, NULL, &list)) {
        GPtrArray *secrets = list;

        for (guint i = secrets->len; i > 0; i--) {
            const peer_secret *secret = secrets->pdata[i - 1];

            if (secret->origin.source == source) {
                g_hash_table_remove(peers->known, secret);
                g_ptr_array_remove_index(secrets, i - 1);
            }
        }
    }
    peers->revision++;
}

bool ike_peer_keys_add(ike_peer_keys *peers, const ike_key_origin *origin, ike_peer_kind kind,
                       const char *peer, ike_span secret)
{
    bool every = !peer || !*peer || strcmp(peer, "*") == 0;
    peer_secret *added;
    GPtrArray *list;

    if (secret.length == 0 || secret.length > MAX_SECRET || (!every && strlen(peer) > MAX_PEER))
        return false;
    added = g_new0(peer_secret, 1);
    added->origin = *origin;
    added->kind = kind;
    added->peer = every ? g_strdup("") : ike_identity_canonical(peer);
    added->secret = g_memdup2(secret.data, secret.length);
    added->length = secret.length;
    if (g_hash_table_contains(peers->known, added)) {
        free_secret(added); /* logs repeat a PSK for each SA */
        return true;
    }
    list = g_hash_table_lookup(peers->by_peer, added->peer);
    if (!list) {
        list = g_ptr_array_new_with_free_func(free_secret);
        g_hash_table_insert(peers->by_peer, g_strdup(added->peer), list);
    }
    g_ptr_array_add(list, added);
    g_hash_table_add(peers->known, added);
    peers->revision++;
    return true;
}

static bool each_of(const ike_peer_keys *peers, ike_peer_kind kind, const char *peer,
                    ike_peer_use use, void *user)
{
    const GPtrArray *list = g_hash_table_lookup(peers->by_peer, peer);

    for (guint i = 0; list && i < list->len; i++) {
        const peer_secret *secret = list->pdata[i];

        if (secret->kind == kind &&
            use(user, (ike_span){secret->secret, secret->length}, &secret->origin))
            return true;
    }
    return false;
}

bool ike_peer_keys_each(const ike_peer_keys *peers, ike_peer_kind kind, const char *identity,
                        const uint8_t *address, size_t address_length, ike_peer_use use, void *user)
{
    char *canonical = identity ? ike_identity_canonical(identity) : NULL;
    char text[INET6_ADDRSTRLEN] = "";
    bool content;

    if (address_length == 4 || address_length == 16)
        inet_ntop(address_length == 4 ? AF_INET : AF_INET6, address, text, sizeof text);
    content = canonical && *canonical && each_of(peers, kind, canonical, use, user);
    if (!content && *text && g_strcmp0(canonical, text) != 0)
        content = each_of(peers, kind, text, use, user);
    g_free(canonical);
    return content || each_of(peers, kind, "", use, user);
}
