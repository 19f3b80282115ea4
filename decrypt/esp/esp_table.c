/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP by SPI: every Child SA and every key that may be meant. The ICV of the packets decides which
 * it is; two SAs may have the same SPI one after the other. Until a packet comes, an SPI costs
 * nothing but its place in the table of Child SAs. */
#include "decrypt/esp/esp_table.h"

#include <string.h>

#include "decrypt/esp/esp_children.h"
#include "decrypt/esp/known_directions.h"
#include "proto/ike_numbers.h"

enum {
    MAX_UNKNOWN = 65536, /* SPIs that were not negotiated and that no log names */
    FAILURES = 1024,     /* packets that may be tried in vain before keys change */
    NEXT_SEQUENCE = 4,   /* upper halves of the ESN: near the last one, or zero */
    ANY_SEQUENCE = 64,   /* of an SA whose first packets are not in the capture */
    MAX_GROUP_KEYS = 65536,
    MAX_GROUP_KEYS_OF_SPI = 64,
};

struct ike_esp_sa {
    ike_esp_table *table;
    uint32_t spi;
    ike_known_directions directions;
    ike_search_memo memo;
    unsigned revision; /* of the ring when nothing fitted */
    unsigned failures; /* since then */
};

struct ike_esp_table {
    ike_decrypt_context *capture;
    GHashTable *sas; /* SPI -> ike_esp_sa */
    ike_esp_children children;
    ike_esp_keys *group; /* keys of group SAs, downloaded in the capture */
    unsigned group_count, child_count;
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
    table->sas = g_hash_table_new_full(ike_spi_hash, g_direct_equal, NULL, free_sa);
    return table;
}

void ike_esp_table_free(ike_esp_table *table)
{
    g_hash_table_destroy(table->sas);
    ike_esp_children_clear(&table->children);
    ike_esp_keys_free(table->group);
    g_free(table);
}

static ike_esp_sa *lookup(const ike_esp_table *table, uint32_t spi)
{
    return g_hash_table_lookup(table->sas, GUINT_TO_POINTER(spi));
}

static ike_esp_sa *new_sa(ike_esp_table *table, uint32_t spi)
{
    ike_esp_sa *sa = g_new0(ike_esp_sa, 1);

    sa->table = table;
    sa->spi = spi;
    g_hash_table_insert(table->sas, GUINT_TO_POINTER(spi), sa);
    return sa;
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
    ike_esp_sa *sa = lookup(table, spi);

    if (sa) {
        sa->failures = 0;
        sa->memo = (ike_search_memo){0};
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
    table->child_count++;
    allow_trials(table, child->spi[IKE_CHILD_I]);
    allow_trials(table, child->spi[IKE_CHILD_R]);
}

ike_child *ike_esp_child(ike_esp_table *table, uint32_t spi)
{
    return ike_esp_children_find(&table->children, spi);
}

const ike_esp_record *ike_esp_group_keys(const ike_esp_table *table, uint32_t spi)
{
    return ike_esp_keys_find(table->group, spi);
}

unsigned ike_esp_table_revision(const ike_esp_table *table)
{
    return table->child_count + table->group_count;
}

static bool same_bytes(ike_span a, ike_span b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

void ike_esp_add_group_key(ike_esp_table *table, uint32_t frame, const ike_esp_key *key)
{
    const ike_key_origin origin = {.source = IKE_SOURCE_GROUP, .line = frame};
    unsigned count = 0;

    for (const ike_esp_record *at = ike_esp_keys_find(table->group, key->spi); at; at = at->next)
        if ((at->key.protocol == key->protocol && same_bytes(at->key.encryption, key->encryption) &&
             same_bytes(at->key.integrity, key->integrity)) ||
            ++count == MAX_GROUP_KEYS_OF_SPI)
            return;
    if (table->group_count < MAX_GROUP_KEYS && ike_esp_keys_add(table->group, &origin, key)) {
        table->group_count++;
        allow_trials(table, key->spi);
    }
}

static void free_directions(const ike_sa_base *owner, uint32_t spi)
{
    ike_esp_sa *sa = lookup(owner->capture->esp, spi);

    if (sa)
        ike_known_directions_remove(&sa->directions, owner);
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

ike_esp_sa *ike_esp_table_find(ike_esp_table *table, uint32_t spi)
{
    ike_esp_sa *sa = lookup(table, spi);

    if (sa || spi == 0)
        return sa;
    if (records_of(table, spi) || ike_esp_keys_find(table->group, spi) ||
        ike_esp_children_find(&table->children, spi) ||
        (records_of(table, 0) && g_hash_table_size(table->sas) < MAX_UNKNOWN))
        return new_sa(table, spi);
    return NULL;
}

/* ---- decryption ------------------------------------------------------------------------------ */

/* One packet and what is tried on it. */
typedef struct {
    ike_esp_sa *sa;
    ike_span packet;
    ike_search search;
    ike_decrypted_esp *result;
    ike_decrypt_status why;
    /* Of what is tried now. */
    const ike_child *child;
    const ike_esp_record *record;
    const ike_algorithms *algorithms;
    ike_esn esn;
    bool transport;
} attempt;

static ike_decrypt_status status_of(ike_status status)
{
    switch (status) {
    case IKE_OK:
        return IKE_DECRYPT_OK;
    case IKE_ERR_ICV:
        return IKE_DECRYPT_BAD_ICV;
    case IKE_ERR_DATA_LENGTH:
        return IKE_DECRYPT_SHORT;
    case IKE_ERR_KEY_LENGTH:
        return IKE_DECRYPT_KEY_LENGTH;
    case IKE_ERR_PADDING:
        return IKE_DECRYPT_PADDING;
    default:
        return IKE_DECRYPT_NO_CIPHER;
    }
}

/* Decrypts with one direction's keys; fills the result when it does, the reason when not. */
static bool decrypt_direction(attempt *a, ike_esp_direction *direction, unsigned guesses,
                              uint32_t *sequence_high)
{
    ike_status status =
        ike_esp_direction_decrypt(direction, a->packet, *sequence_high, guesses, a->result);

    if (status != IKE_OK) {
        a->why = status_of(status);
        return false;
    }
    a->result->status = IKE_DECRYPT_OK;
    if (a->result->icv_ok)
        *sequence_high = a->result->sequence_high;
    return true;
}

static void fill_result(ike_decrypted_esp *result, const ike_known_direction *known)
{
    result->transport = known->transport;
    result->truncated_icv = known->truncated_icv;
    result->key_source = known->origin;
}

static bool decrypt_known(attempt *a)
{
    for (const GSList *at = a->sa->directions; at; at = at->next) {
        ike_known_direction *known = at->data;

        if (decrypt_direction(a, known->direction, NEXT_SEQUENCE, &known->sequence_high)) {
            fill_result(a->result, known);
            return true;
        }
    }
    return false;
}

/* The keys that decrypted the packet, and where they come from. */
typedef struct {
    const ike_algorithms *algorithms;
    ike_span encryption, integrity;
    const ike_key_origin *origin;
} trial;

static void store_direction(attempt *a, const trial *keys, ike_esp_direction *direction,
                            uint32_t sequence_high)
{
    ike_known_direction *known = g_new0(ike_known_direction, 1);

    known->owner = a->child ? a->child->owner : NULL;
    known->direction = direction;
    known->sequence_high = sequence_high;
    known->transport = a->transport;
    known->truncated_icv = keys->algorithms != a->algorithms;
    known->origin = ike_keyring_origin_text(a->sa->table->capture->ring, keys->origin,
                                            a->algorithms->encr->name);
    if (!a->child && keys->origin->source != IKE_SOURCE_GROUP) {
        known->algorithms = *a->algorithms;
        known->encryption = keys->encryption;
        known->integrity = keys->integrity;
    }
    ike_known_directions_add(&a->sa->directions, known);
    fill_result(a->result, known);
}

static bool try_trial(attempt *a, const trial *keys)
{
    unsigned guesses = a->search.bound ? ANY_SEQUENCE : NEXT_SEQUENCE;
    uint32_t sequence_high = 0;
    ike_esp_direction *direction;
    ike_status status;

    if (!ike_search_charge(&a->search, 2 * IKE_COST_DECRYPT))
        return false;
    if (a->esn != IKE_ESN_NO && !ike_search_charge(&a->search, guesses * IKE_COST_PRF))
        guesses = 1;
    direction =
        ike_esp_direction_new(keys->algorithms, keys->encryption, keys->integrity, a->esn, &status);
    if (!direction) {
        a->why = status_of(status);
        return false;
    }
    if (!decrypt_direction(a, direction, guesses, &sequence_high)) {
        ike_esp_direction_free(direction);
        return false;
    }
    store_direction(a, keys, direction, sequence_high);
    return true;
}

/* With the algorithms as negotiated; then with the truncation that old kernels use, unless packets
 * of the SA have the complete ICV: then this one lost its last bytes. */
static bool try_keys(attempt *a, ike_span encryption, ike_span integrity,
                     const ike_key_origin *origin)
{
    trial keys = {a->algorithms, encryption, integrity, origin};
    ike_algorithms variant = *a->algorithms;
    ike_decrypt_status why;

    if (try_trial(a, &keys))
        return true;
    variant.integ = variant.integ ? ike_integ_field_variant(variant.integ) : NULL;
    keys.algorithms = &variant;
    why = a->why;
    const ike_decrypted_esp as_negotiated = *a->result;
    if (variant.integ && (why == IKE_DECRYPT_BAD_ICV || why == IKE_DECRYPT_SHORT) &&
        !ike_known_directions_has_whole(a->sa->directions, a->child ? a->child->owner : NULL) &&
        try_trial(a, &keys))
        return true;
    a->why = why;
    *a->result = as_negotiated;
    return false;
}

/* ike_child_use: a packet with the SPI that the responder chose comes from the initiator. */
static bool try_child_keys(void *user, const ike_child_keys *keys, const ike_key_origin *origin)
{
    attempt *a = user;
    bool from_initiator = a->child->spi[IKE_CHILD_R] == a->sa->spi;

    return from_initiator
               ? try_keys(a, ike_secret_span(&keys->ei), ike_secret_span(&keys->ai), origin)
               : try_keys(a, ike_secret_span(&keys->er), ike_secret_span(&keys->ar), origin);
}

static bool try_children(attempt *a)
{
    for (ike_child *child = ike_esp_children_find(&a->sa->table->children, a->sa->spi); child;
         child = ike_esp_children_next(child, a->sa->spi)) {
        if (child->protocol == IKEV2_PROTOCOL_AH)
            continue;
        a->child = child;
        a->algorithms = child->algorithms;
        a->esn = (ike_esn)child->esn;
        a->transport = child->transport;
        if (ike_child_each_keys(child, &a->search, try_child_keys, a, &a->why))
            return true;
    }
    a->child = NULL;
    return false;
}

/* ---- keys of logs ---------------------------------------------------------------------------- */

/* Splits what may be the whole KEYMAT of one direction. ike_algorithms_use */
static bool try_record_as(void *user, const ike_algorithms *algorithms)
{
    attempt *a = user;
    const ike_esp_record *record = a->record;
    size_t encryption = ike_encryption_key_length(algorithms);
    size_t integrity = ike_integrity_key_length(algorithms);
    ike_span all = record->key.encryption;
    ike_key_origin origin = record->origin;

    origin.secret = origin.source == IKE_SOURCE_GROUP ? "TEK" : "ESP key";
    a->algorithms = algorithms;
    if (record->key.integrity.length == 0 && integrity && all.length == encryption + integrity) {
        return try_keys(a, (ike_span){all.data, encryption},
                        (ike_span){all.data + encryption, integrity}, &origin);
    }
    if (all.length != encryption || (algorithms->integ && algorithms->integ->kind != IKE_MAC_NONE &&
                                     record->key.integrity.length != integrity)) {
        a->why = IKE_DECRYPT_KEY_LENGTH;
        return false;
    }
    return try_keys(a, all, algorithms->integ ? record->key.integrity : (ike_span){NULL, 0},
                    &origin);
}

static bool try_record(attempt *a, const ike_esp_record *record)
{
    const ike_esp_key *key = &record->key;
    ike_algorithms algorithms;

    a->child = NULL;
    a->record = record;
    a->esn = key->esn_known ? (key->suite.esn ? IKE_ESN_YES : IKE_ESN_NO) : IKE_ESN_UNKNOWN;
    a->transport = false;
    if (key->has_suite && ike_algorithms_of_suite(&key->suite, &algorithms) &&
        try_record_as(a, &algorithms))
        return true;
    ike_child *children = ike_esp_children_find(&a->sa->table->children, a->sa->spi);

    for (ike_child *child = children; child; child = ike_esp_children_next(child, a->sa->spi)) {
        a->esn = (ike_esn)child->esn;
        a->transport = child->transport;
        if (!child->unsupported && try_record_as(a, child->algorithms))
            return true;
    }
    return !key->has_suite && !children &&
           ike_each_algorithms(key->encryption.length, key->integrity.length, true, try_record_as,
                               a);
}

static bool try_records(attempt *a, const ike_esp_record *record)
{
    for (; record && !a->search.exhausted; record = record->next)
        if (record->key.protocol != IKEV2_PROTOCOL_AH && try_record(a, record))
            return true;
    return false;
}

/* ---- the packet ------------------------------------------------------------------------------ */

/* Whether something may have changed since packets of this SPI were tried in vain. */
static bool may_try(ike_esp_sa *sa)
{
    unsigned revision = ike_keyring_revision(sa->table->capture->ring);

    if (sa->revision != revision) {
        sa->revision = revision;
        sa->failures = 0;
    }
    return sa->failures < FAILURES;
}

static bool find_keys(attempt *a)
{
    ike_esp_sa *sa = a->sa;
    ike_decrypt_context *capture = sa->table->capture;
    bool found;

    ike_search_begin(&a->search, &capture->budget, &sa->memo, ike_keyring_revision(capture->ring));
    found = try_children(a) || try_records(a, ike_esp_keys_find(sa->table->group, sa->spi)) ||
            try_records(a, records_of(sa->table, sa->spi));
    if (!found && records_of(sa->table, 0) && ike_search_unbind(&a->search)) {
        ike_decrypt_status why = a->why;

        found = try_records(a, records_of(sa->table, 0));
        a->why = why; /* that a key of no SPI does not fit means nothing */
    }
    ike_search_end(&a->search, found);
    return found;
}

bool ike_esp_sa_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result)
{
    attempt a = {.sa = sa, .packet = packet, .result = result, .why = IKE_DECRYPT_NO_KEY};

    *result = (ike_decrypted_esp){.status = IKE_DECRYPT_NO_KEY};
    if (decrypt_known(&a))
        return true;

    const ike_decrypted_esp with_known = *result;
    const ike_decrypt_status why = a.why;

    if (may_try(sa)) {
        if (find_keys(&a))
            return true;
        sa->failures++;
    }
    /* Keys that decrypted others of its packets tell more of this one than trials do. */
    if (with_known.icv_checked) {
        *result = with_known;
        a.why = why;
    }
    result->status = a.why;
    return false;
}

void ike_esp_table_write_log_keys(const ike_esp_table *table, uint32_t spi, ike_write_line write,
                                  void *user)
{
    const ike_esp_sa *sa = lookup(table, spi);

    if (sa)
        ike_known_directions_write(sa->directions, spi, write, user);
}
