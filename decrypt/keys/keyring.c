/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key ring: the stores of secrets, and what is known of their sources. */
#include "decrypt/keys/keyring.h"

#include <string.h>

#include <glib.h>
#include <openssl/crypto.h>

typedef struct {
    void *state;
    void (*free_state)(void *);
} reader_slot;

struct ike_keyring {
    ike_keyring_warn warn;
    void *user;
    bool closed; /* no source will give more */
    unsigned clearings;
    ike_sa_keys *sa_keys;
    ike_peer_keys *peers;
    ike_esp_keys *esp;
    const char *origin_name; /* of what is added now */
    unsigned origin_line;
    unsigned rows[3];    /* of the PSK table and the decryption tables of IKEv1 and IKEv2 */
    GStringChunk *names; /* of files, and texts for the tree */
    GHashTable *used;    /* names of which a secret was used */
    reader_slot readers[IKE_SOURCES];
};

static const char *source_name(uint8_t source)
{
    static const char *const names[IKE_SOURCES] = {
        [IKE_SOURCE_TABLE] = "decryption table",
        [IKE_SOURCE_KEYLOG] = "key log file",
        [IKE_SOURCE_CAPTURE] = "Decryption Secrets Block",
        [IKE_SOURCE_PSK] = "PSK table",
        [IKE_SOURCE_GROUP] = "key download",
    };
    return source < IKE_SOURCES ? names[source] : "keys of the IKE SA";
}

ike_keyring *ike_keyring_new(ike_keyring_warn warn, void *user)
{
    enum { CHUNK = 256 };
    ike_keyring *ring = g_new0(ike_keyring, 1);

    ring->warn = warn;
    ring->user = user;
    ring->sa_keys = ike_sa_keys_new();
    ring->peers = ike_peer_keys_new();
    ring->esp = ike_esp_keys_new();
    ring->names = g_string_chunk_new(CHUNK);
    ring->used = g_hash_table_new(g_str_hash, g_str_equal);
    return ring;
}

static void free_reader(ike_keyring *ring, ike_key_source source)
{
    reader_slot *slot = &ring->readers[source];

    if (slot->free_state)
        slot->free_state(slot->state);
    *slot = (reader_slot){NULL, NULL};
}

void ike_keyring_free(ike_keyring *ring)
{
    if (!ring)
        return;
    for (guint source = 0; source < IKE_SOURCES; source++)
        free_reader(ring, source);
    ike_sa_keys_free(ring->sa_keys);
    ike_peer_keys_free(ring->peers);
    ike_esp_keys_free(ring->esp);
    g_hash_table_destroy(ring->used);
    g_string_chunk_free(ring->names);
    g_free(ring);
}

void ike_keyring_clear(ike_keyring *ring, ike_key_source source)
{
    if (source >= IKE_SOURCES)
        return;
    free_reader(ring, source);
    ike_sa_keys_clear(ring->sa_keys, source);
    ike_peer_keys_clear(ring->peers, source);
    ike_esp_keys_clear(ring->esp, source);
    if (source == IKE_SOURCE_PSK)
        ring->rows[0] = 0;
    else if (source == IKE_SOURCE_TABLE)
        ring->rows[1] = ring->rows[2] = 0;
    ring->clearings++;
}

void ike_keyring_close(ike_keyring *ring)
{
    ring->closed = true;
}

bool ike_keyring_stays_empty(const ike_keyring *ring)
{
    return ring->closed && ike_keyring_revision(ring) == 0;
}

bool ike_keyring_is_closed(const ike_keyring *ring)
{
    return ring->closed;
}

unsigned ike_keyring_clearings(const ike_keyring *ring)
{
    return ring->clearings;
}

unsigned ike_keyring_revision(const ike_keyring *ring)
{
    return ike_sa_keys_revision(ring->sa_keys) + ike_peer_keys_revision(ring->peers) +
           ike_esp_keys_revision(ring->esp);
}

ike_sa_keys *ike_keyring_sa_keys(const ike_keyring *ring)
{
    return ring->sa_keys;
}

const ike_peer_keys *ike_keyring_peer_keys(const ike_keyring *ring)
{
    return ring->peers;
}

const ike_esp_keys *ike_keyring_esp_keys(const ike_keyring *ring)
{
    return ring->esp;
}

/* ---- origins --------------------------------------------------------------------------------- */

void ike_keyring_set_origin(ike_keyring *ring, const char *name, unsigned line)
{
    if (!name)
        ring->origin_name = NULL;
    else if (!ring->origin_name || strcmp(ring->origin_name, name) != 0)
        ring->origin_name = g_string_chunk_insert_const(ring->names, name);
    ring->origin_line = line;
}

static ike_key_origin origin_of(const ike_keyring *ring, ike_key_source source)
{
    return (ike_key_origin){
        .source = (uint8_t)source, .line = ring->origin_line, .name = ring->origin_name};
}

void ike_keyring_mark_used(ike_keyring *ring, const ike_key_origin *origin)
{
    if (origin->name)
        g_hash_table_add(ring->used, (void *)origin->name);
}

bool ike_keyring_is_used(const ike_keyring *ring, const char *name)
{
    return g_hash_table_contains(ring->used, name);
}

const char *ike_keyring_origin_text(ike_keyring *ring, const ike_key_origin *origin,
                                    const char *algorithm)
{
    GString *text;
    const char *stored;

    if (!origin->name && !origin->line && !origin->secret && !algorithm)
        return source_name(origin->source);
    const char *source = source_name(origin->source);
    text = g_string_new(origin->of_ike_sa ? "keys of the IKE SA from " : "");
    g_string_append(text, source);
    /* A source in the capture has no name of its own. */
    if (origin->name && strcmp(origin->name, source) != 0)
        g_string_append_printf(text, " %s", origin->name);
    if (origin->line) {
        const char *before = origin->source == IKE_SOURCE_GROUP ? " in frame "
                             : origin->name                     ? ":"
                                                                : " row ";
        g_string_append_printf(text, "%s%u", before, origin->line);
    }
    if (origin->secret || algorithm) {
        g_string_append_printf(text, " (%s%s%s)", origin->secret ? origin->secret : "",
                               origin->secret && algorithm ? ", " : "", algorithm ? algorithm : "");
    }
    stored = g_string_chunk_insert_const(ring->names, text->str);
    g_string_free(text, TRUE);
    return stored;
}

const char *ike_keyring_used_text(ike_keyring *ring, const ike_key_origin *origin,
                                  const char *algorithm)
{
    ike_keyring_mark_used(ring, origin);
    return ike_keyring_origin_text(ring, origin, algorithm);
}

static bool has_secret(const ike_key_set *set, ike_secret_kind kind, ike_span secret)
{
    for (const ike_secret_item *at = NULL; (at = ike_key_set_find(set, kind, at)) != NULL;)
        if (at->length == secret.length && CRYPTO_memcmp(at->data, secret.data, at->length) == 0)
            return true;
    return false;
}

/* Whether two sets have a secret in common. */
static bool share_secret(const ike_key_set *a, const ike_key_set *b)
{
    for (const ike_secret_item *item = a->secrets; item; item = item->next)
        if (has_secret(b, item->kind, (ike_span){item->data, item->length}))
            return true;
    return false;
}

static bool is_of(const ike_key_set *set, const char *name)
{
    return set->origin.name && strcmp(set->origin.name, name) == 0;
}

/* Rows of a table have no name: they are used whenever they fit. */
static bool is_set_used(const ike_keyring *ring, const ike_key_set *set)
{
    return !set->origin.name || ike_keyring_is_used(ring, set->origin.name);
}

bool ike_keyring_agrees(const ike_keyring *ring, const char *name)
{
    enum { MOST_OTHERS = 16 }; /* sets of one IKE SA that are compared */

    for (ike_set_id id = 1; id <= ike_sa_keys_newest(ring->sa_keys); id++) {
        const ike_key_set *set = ike_sa_keys_set(ring->sa_keys, id), *other;

        if (!set || !is_of(set, name))
            continue;
        ike_bound_walk walk =
            ike_sa_keys_walk_bound(ring->sa_keys, set->initiator_spi, set->responder_spi);
        while (walk.count < MOST_OTHERS && (other = ike_bound_walk_next(&walk)))
            if (!is_of(other, name) && is_set_used(ring, other) && share_secret(set, other))
                return true;
    }
    return false;
}

/* ---- adding ---------------------------------------------------------------------------------- */

ike_set_id ike_keyring_new_set(ike_keyring *ring, ike_key_source source, uint8_t version)
{
    const ike_key_origin origin = origin_of(ring, source);

    return ike_sa_keys_new_set(ring->sa_keys, &origin, version);
}

bool ike_keyring_set_secret(ike_keyring *ring, ike_set_id id, ike_secret_kind kind, ike_span secret)
{
    const ike_key_set *set = ike_sa_keys_set(ring->sa_keys, id);
    uint32_t line = set && set->origin.name ? ring->origin_line : 0; /* a table's rows have none */

    return ike_sa_keys_set_secret(ring->sa_keys, id, kind, secret, line);
}

bool ike_keyring_set_has(const ike_keyring *ring, ike_set_id id, ike_secret_kind kind)
{
    const ike_key_set *set = ike_sa_keys_set(ring->sa_keys, id);

    return set && ike_key_set_find(set, kind, NULL);
}

bool ike_keyring_set_suite(ike_keyring *ring, ike_set_id id, const ike_suite *suite)
{
    return ike_sa_keys_set_suite(ring->sa_keys, id, suite);
}

bool ike_keyring_bind_set(ike_keyring *ring, ike_set_id id, uint64_t initiator_spi,
                          uint64_t responder_spi)
{
    return ike_sa_keys_bind(ring->sa_keys, id, initiator_spi, responder_spi);
}

bool ike_keyring_add_secret(ike_keyring *ring, ike_key_source source, uint8_t version,
                            uint64_t initiator_spi, uint64_t responder_spi, ike_secret_kind kind,
                            ike_span secret)
{
    const ike_key_set *newest =
        ike_sa_keys_newest_bound(ring->sa_keys, initiator_spi, responder_spi);
    bool repeatable = kind == IKE_SECRET_DH_SHARED || kind == IKE_SECRET_DH_PRIVATE;
    ike_set_id id;

    if (newest && newest->origin.source == source) {
        if (has_secret(newest, kind, secret))
            return true;
        if (repeatable || !ike_key_set_find(newest, kind, NULL))
            return ike_keyring_set_secret(ring, newest->id, kind, secret);
    }
    if (kind >= IKE_SECRETS || secret.length == 0)
        return false;
    id = ike_keyring_new_set(ring, source, version);
    ike_keyring_bind_set(ring, id, initiator_spi, responder_spi);
    return ike_keyring_set_secret(ring, id, kind, secret);
}

bool ike_keyring_add_peer(ike_keyring *ring, ike_key_source source, ike_peer_kind kind,
                          const char *peer, ike_span secret)
{
    const ike_key_origin origin = origin_of(ring, source);

    return ike_peer_keys_add(ring->peers, &origin, kind, peer, secret);
}

bool ike_keyring_add_esp(ike_keyring *ring, ike_key_source source, const ike_esp_key *key)
{
    const ike_key_origin origin = origin_of(ring, source);

    return ike_esp_keys_add(ring->esp, &origin, key);
}

ike_set_id ike_keyring_new_row(ike_keyring *ring, uint8_t version)
{
    const ike_key_origin origin = {.source = IKE_SOURCE_TABLE, .line = ++ring->rows[version]};

    return ike_sa_keys_new_set(ring->sa_keys, &origin, version);
}

bool ike_keyring_add_psk_of_row(ike_keyring *ring, const char *peer, ike_span psk)
{
    const ike_key_origin origin = {.source = IKE_SOURCE_PSK, .line = ++ring->rows[0]};

    return ike_peer_keys_add(ring->peers, &origin, IKE_PEER_PSK, peer, psk);
}

/* ---- for the readers ------------------------------------------------------------------------- */

void ike_keyring_complain(ike_keyring *ring, const char *source, unsigned line, const char *why)
{
    if (ring->warn)
        ring->warn(ring->user, source, line, why);
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
