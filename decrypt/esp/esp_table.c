/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP and AH by SPI: every Child SA and every key that may be meant. Until a packet comes, an SPI
 * costs nothing but its place in the table of Child SAs. */
#include "decrypt/esp/esp_table.h"

#include <string.h>

#include "decrypt/esp/esp_children.h"
#include "proto/ike_numbers.h"
#include "proto/keyed_hash.h"

enum {
    MAX_UNKNOWN = 65536, /* SPIs that were not negotiated and that no log names */
    FAILURES = 1024,     /* packets that may be tried in vain before keys change */
    MAX_GROUP_KEYS = 65536,
    MAX_GROUP_KEYS_OF_SPI = 64,
};

struct ike_esp_table {
    ike_decrypt_context *capture;
    GHashTable *sas[2]; /* SPI -> ike_esp_sa, of ESP and of AH */
    ike_esp_children children;
    ike_esp_keys *group; /* keys of group SAs, downloaded in the capture */
    unsigned group_count;
};

/* ---- the table ------------------------------------------------------------------------------- */

static void free_sa(gpointer data)
{
    ike_esp_sa *sa = data;

    ike_known_directions_clear(&sa->directions);
    g_free(sa);
}

ike_esp_table *ike_esp_table_new(ike_decrypt_context *capture)
{
    ike_esp_table *table = g_new0(ike_esp_table, 1);

    table->capture = capture;
    table->group = ike_esp_keys_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(table->sas); i++)
        table->sas[i] = g_hash_table_new_full(ike_hash_number, g_direct_equal, NULL, free_sa);
    return table;
}

void ike_esp_table_free(ike_esp_table *table)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(table->sas); i++)
        g_hash_table_destroy(table->sas[i]);
    ike_esp_children_clear(&table->children);
    ike_esp_keys_free(table->group);
    g_free(table);
}

static ike_esp_sa *lookup(const ike_esp_table *table, bool of_ah, uint32_t spi)
{
    GHashTable *sas = table->sas[of_ah];

    /* There may be many packets, and no key. */
    return g_hash_table_size(sas) ? g_hash_table_lookup(sas, GUINT_TO_POINTER(spi)) : NULL;
}

static bool same_nonces(const ike_child *a, const ike_child *b)
{
    return !a->nonces || !b->nonces ||
           (ike_secret_equal(&a->nonces[0], &b->nonces[0]) &&
            ike_secret_equal(&a->nonces[1], &b->nonces[1]));
}

/* A retransmission. */
static bool is_known(const ike_child *child)
{
    const ike_child *other = child->owner->children;

    for (unsigned i = 0; other && i < IKE_MAX_CHILDREN; i++, other = other->next_of_owner)
        if (other->spi[0] == child->spi[0] && other->spi[1] == child->spi[1] &&
            other->protocol == child->protocol && same_nonces(other, child))
            return true;
    return false;
}

/* A new Child SA: packets with its SPI may be tried again. */
static void allow_trials(const ike_esp_table *table, uint32_t spi)
{
    for (unsigned of_ah = 0; of_ah < G_N_ELEMENTS(table->sas); of_ah++) {
        ike_esp_sa *sa = lookup(table, of_ah, spi);

        if (sa) {
            sa->failures = 0;
            sa->memo = (ike_search_memo){0};
        }
    }
}

void ike_esp_add_child(ike_child *child)
{
    ike_sa_base *owner = child->owner;
    ike_esp_table *table = owner->capture->esp;

    if ((!child->spi[IKE_CHILD_I] && !child->spi[IKE_CHILD_R]) || is_known(child)) {
        ike_child_free(child);
        return;
    }
    child->next_of_owner = owner->children;
    owner->children = child;
    ike_esp_children_add(&table->children, child);
    allow_trials(table, child->spi[IKE_CHILD_I]);
    allow_trials(table, child->spi[IKE_CHILD_R]);
}

ike_child *ike_esp_first_child(const ike_esp_sa *sa)
{
    return ike_esp_children_find(&sa->table->children, sa->spi);
}

const ike_esp_record *ike_esp_group_keys(const ike_esp_table *table, uint32_t spi)
{
    return ike_esp_keys_find(table->group, spi);
}

void ike_esp_add_group_key(ike_esp_table *table, uint32_t frame, const ike_esp_key *key)
{
    const ike_key_origin origin = {.source = IKE_SOURCE_GROUP, .line = frame};
    unsigned count = 0;

    for (const ike_esp_record *at = ike_esp_keys_find(table->group, key->spi); at; at = at->next)
        if ((at->key.protocol == key->protocol &&
             ike_span_equal(at->key.encryption, key->encryption) &&
             ike_span_equal(at->key.integrity, key->integrity)) ||
            ++count == MAX_GROUP_KEYS_OF_SPI)
            return;
    if (table->group_count < MAX_GROUP_KEYS && ike_esp_keys_add(table->group, &origin, key)) {
        table->group_count++;
        allow_trials(table, key->spi);
    }
}

static void free_directions(const ike_sa_base *owner, uint32_t spi)
{
    for (unsigned of_ah = 0; of_ah < 2; of_ah++) {
        ike_esp_sa *sa = lookup(owner->capture->esp, of_ah, spi);

        if (sa)
            ike_known_directions_remove(&sa->directions, owner);
    }
}

void ike_esp_remove_children(ike_sa_base *owner)
{
    ike_esp_table *table = owner->capture->esp;

    while (owner->children) {
        ike_child *child = owner->children;

        owner->children = child->next_of_owner;
        free_directions(owner, child->spi[IKE_CHILD_I]);
        free_directions(owner, child->spi[IKE_CHILD_R]);
        ike_esp_children_remove(&table->children, child);
        ike_child_free(child);
    }
}

static const ike_esp_record *records_of(const ike_esp_table *table, uint32_t spi)
{
    return ike_esp_keys_find(ike_keyring_esp_keys(table->capture->ring), spi);
}

ike_esp_sa *ike_esp_find(ike_decrypt_context *context, uint8_t protocol, uint32_t spi)
{
    ike_esp_table *table = context->esp;
    bool of_ah = protocol == IKEV2_PROTOCOL_AH;
    ike_esp_sa *sa = lookup(table, of_ah, spi);

    if (sa || spi == 0)
        return sa;
    if (!records_of(table, spi) && !ike_esp_group_keys(table, spi) &&
        !ike_esp_children_find(&table->children, spi) &&
        !(records_of(table, 0) && g_hash_table_size(table->sas[of_ah]) < MAX_UNKNOWN))
        return NULL;
    sa = g_new0(ike_esp_sa, 1);
    sa->table = table;
    sa->of_ah = of_ah;
    sa->spi = spi;
    g_hash_table_insert(table->sas[of_ah], GUINT_TO_POINTER(spi), sa);
    return sa;
}

void ike_esp_write_log_keys(const ike_decrypt_context *context, uint32_t spi, ike_write_line write,
                            void *user)
{
    const ike_esp_table *table = context->esp;

    for (unsigned of_ah = 0; of_ah < G_N_ELEMENTS(table->sas); of_ah++) {
        const ike_esp_sa *sa = lookup(table, of_ah, spi);

        if (sa)
            ike_known_directions_write(sa->directions, spi, write, user);
    }
}

/* ---- trial of keys --------------------------------------------------------------------------- */

static bool try_children(ike_esp_trial *trial)
{
    const ike_esp_sa *sa = trial->sa;

    for (ike_child *child = ike_esp_first_child(sa); child;
         child = ike_esp_children_next(child, sa->spi)) {
        trial->child = child;
        if ((child->protocol == IKEV2_PROTOCOL_AH) == sa->of_ah &&
            ike_child_each_keys(child, &trial->search, trial->try_child_keys, trial->user))
            return true;
    }
    trial->child = NULL;
    return false;
}

static bool try_records(ike_esp_trial *trial, const ike_esp_record *record)
{
    for (; record && !trial->search.exhausted; record = record->next)
        if (trial->try_record(trial->user, record))
            return true;
    return false;
}

static bool find_keys(ike_esp_trial *trial)
{
    ike_esp_sa *sa = trial->sa;
    const ike_esp_table *table = sa->table;
    ike_decrypt_context *capture = table->capture;
    bool found;

    ike_search_begin(&trial->search, &capture->budget, &sa->memo,
                     ike_keyring_revision(capture->ring));
    found = try_children(trial) || try_records(trial, ike_esp_group_keys(table, sa->spi)) ||
            try_records(trial, records_of(table, sa->spi));
    if (!found && records_of(table, 0) && ike_search_unbind(&trial->search))
        found = try_records(trial, records_of(table, 0));
    ike_search_end(&trial->search, found);
    sa->why = trial->search.refusal.why;
    sa->refused = found ? NULL : ike_refusal_text(capture->ring, &trial->search.refusal);
    return found;
}

bool ike_esp_try_keys(ike_esp_trial *trial)
{
    ike_esp_sa *sa = trial->sa;
    unsigned revision = ike_keyring_revision(sa->table->capture->ring);

    if (sa->revision != revision) {
        sa->revision = revision;
        sa->failures = 0;
    }
    if (sa->failures >= FAILURES)
        return false;
    if (find_keys(trial))
        return true;
    sa->failures++;
    return false;
}

void ike_esp_store_keys(ike_esp_trial *trial, ike_known_direction *known,
                        const ike_key_origin *origin, const char *algorithm)
{
    known->owner = trial->child ? trial->child->owner : NULL;
    known->of_log = !trial->child && origin->source != IKE_SOURCE_GROUP;
    known->origin = ike_keyring_used_text(trial->sa->table->capture->ring, origin, algorithm);
    ike_known_directions_add(&trial->sa->directions, known);
}

ike_esn ike_esp_record_esn(const ike_esp_record *record)
{
    if (!record->key.esn_known)
        return IKE_ESN_UNKNOWN;
    return record->key.suite.esn ? IKE_ESN_YES : IKE_ESN_NO;
}
