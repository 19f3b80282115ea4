/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP by SPI: every CHILD_SA and every key that may be meant. The ICV of the packets decides which
 * it is; two SAs may have the same SPI one after the other. Until a packet comes, an SPI costs
 * nothing but its place in the table of CHILD_SAs. */
#include "decrypt/esp/esp_sa.h"

enum {
    MAX_DIRECTIONS = 64, /* keys that opened something, for one SPI */
    MAX_CHILDREN = 64,   /* CHILD_SAs with the same SPI */
    MAX_UNKNOWN = 65536, /* SPIs that nobody negotiated and no log names */
    MAX_TRIALS = 4096,   /* keys tried for one packet */
    FAILURES = 16,       /* packets that may try in vain before the ring changes */
};

/* Keys that opened a packet. */
typedef struct {
    const ike_crypto *owner; /* NULL: from a key log */
    ike_esp_direction *direction;
    uint32_t sequence_high;
    bool transport;
} decrypted_direction;

struct ike_esp_sa {
    ike_keyring *ring;
    uint32_t spi;
    GSList *directions; /* decrypted_direction, the newest first */
    unsigned revision;  /* of the ring when nothing fitted */
    unsigned failures;  /* since then */
};

/* ---- the table
 * ------------------------------------------------------------------------------------ */

static void free_direction(gpointer data)
{
    decrypted_direction *decrypted = data;

    ike_esp_direction_free(decrypted->direction);
    g_free(decrypted);
}

static GSList *drop_direction(GSList *list, GSList *link)
{
    free_direction(link->data);
    return g_slist_delete_link(list, link);
}

/* Puts the newest before the others, of which the oldest goes when there are too many. */
static void add_direction(ike_esp_sa *sa, decrypted_direction *decrypted)
{
    if (g_slist_length(sa->directions) == MAX_DIRECTIONS) {
        sa->directions = drop_direction(sa->directions, g_slist_last(sa->directions));
    }
    sa->directions = g_slist_prepend(sa->directions, decrypted);
}

static void free_sa(gpointer data)
{
    ike_esp_sa *sa = data;

    g_slist_free_full(sa->directions, free_direction);
    g_free(sa);
}

GHashTable *ike_esp_table_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, free_sa);
}

static ike_esp_sa *lookup(ike_keyring *ring, uint32_t spi)
{
    return g_hash_table_lookup(ike_keyring_esp_sas(ring), GUINT_TO_POINTER(spi));
}

static ike_esp_sa *make(ike_keyring *ring, uint32_t spi)
{
    ike_esp_sa *sa = g_new0(ike_esp_sa, 1);

    sa->ring = ring;
    sa->spi = spi;
    g_hash_table_insert(ike_keyring_esp_sas(ring), GUINT_TO_POINTER(spi), sa);
    return sa;
}

/* ---- CHILD_SAs
 * ------------------------------------------------------------------------------------ */

/* They wait in a list, in which they cost nothing, until the first ESP packet asks for a table. */
enum { OLDER, NEWER };

static void wait_for_esp(ike_esp_children *children, ike_child *child)
{
    child->links[OLDER] = children->newest;
    *(children->newest ? &children->newest->links[NEWER] : &children->oldest) = child;
    children->newest = child;
}

static void stop_waiting(ike_esp_children *children, ike_child *child)
{
    ike_child *older = child->links[OLDER], *newer = child->links[NEWER];

    *(older ? &older->links[NEWER] : &children->oldest) = newer;
    *(newer ? &newer->links[OLDER] : &children->newest) = older;
    child->links[OLDER] = child->links[NEWER] = NULL;
}

/* Where a CHILD_SA in the chain of an SPI has the next one. With one SPI for both directions it is
 * in one chain. */
static ike_child **next_of(ike_child *child, uint32_t spi)
{
    return &child->links[child->spi[IKE_CHILD_I] == spi ? IKE_CHILD_I : IKE_CHILD_R];
}

static void set_first(GHashTable *by_spi, uint32_t spi, ike_child *first)
{
    if (first) {
        g_hash_table_insert(by_spi, GUINT_TO_POINTER(spi), first);
    } else {
        g_hash_table_remove(by_spi, GUINT_TO_POINTER(spi));
    }
}

static void leave_chain(GHashTable *by_spi, uint32_t spi, ike_child *gone)
{
    ike_child *first = g_hash_table_lookup(by_spi, GUINT_TO_POINTER(spi));

    if (first == gone) {
        set_first(by_spi, spi, *next_of(gone, spi));
        return;
    }
    for (ike_child *at = first; at; at = *next_of(at, spi)) {
        if (*next_of(at, spi) == gone) {
            *next_of(at, spi) = *next_of(gone, spi);
            return;
        }
    }
}

/* Puts the newest before the others, of which the oldest is left out when there are too many. */
static void join_chain(GHashTable *by_spi, uint32_t spi, ike_child *child)
{
    unsigned count = 1;

    *next_of(child, spi) = g_hash_table_lookup(by_spi, GUINT_TO_POINTER(spi));
    for (ike_child *at = child; at; at = *next_of(at, spi)) {
        if (count++ == MAX_CHILDREN) {
            *next_of(at, spi) = NULL;
        }
    }
    set_first(by_spi, spi, child);
}

/* Calls it for each SPI of a CHILD_SA, once for those that are the same. */
static void each_spi(GHashTable *by_spi, ike_child *child,
                     void (*use)(GHashTable *by_spi, uint32_t spi, ike_child *child))
{
    if (child->spi[IKE_CHILD_I]) {
        use(by_spi, child->spi[IKE_CHILD_I], child);
    }
    if (child->spi[IKE_CHILD_R] && child->spi[IKE_CHILD_R] != child->spi[IKE_CHILD_I]) {
        use(by_spi, child->spi[IKE_CHILD_R], child);
    }
}

static ike_child *children_of(ike_keyring *ring, uint32_t spi)
{
    ike_esp_children *children = ike_keyring_esp_children(ring);
    ike_child *child;

    if (!children->by_spi) {
        children->by_spi = g_hash_table_new(NULL, NULL);
        while ((child = children->oldest)) {
            stop_waiting(children, child);
            each_spi(children->by_spi, child, join_chain);
        }
    }
    return g_hash_table_lookup(children->by_spi, GUINT_TO_POINTER(spi));
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

    for (unsigned i = 0; other && i < MAX_CHILDREN; i++, other = other->next_of_owner) {
        if (other->spi[0] == child->spi[0] && other->spi[1] == child->spi[1] &&
            same_nonces(other, child)) {
            return true;
        }
    }
    return false;
}

static void try_anew(ike_keyring *ring, uint32_t spi)
{
    ike_esp_sa *sa = lookup(ring, spi);

    if (sa) {
        sa->failures = 0;
    }
}

void ike_esp_add_child(ike_child *child)
{
    ike_crypto *owner = child->owner;
    ike_esp_children *children = ike_keyring_esp_children(owner->ring);

    if ((!child->spi[IKE_CHILD_I] && !child->spi[IKE_CHILD_R]) || is_known(child)) {
        ike_child_free(child);
        return;
    }
    child->next_of_owner = owner->children;
    owner->children = child;
    if (!children->by_spi) {
        wait_for_esp(children, child);
        return;
    }
    each_spi(children->by_spi, child, join_chain);
    try_anew(owner->ring, child->spi[IKE_CHILD_I]);
    try_anew(owner->ring, child->spi[IKE_CHILD_R]);
}

static void free_directions(const ike_crypto *owner, uint32_t spi)
{
    ike_esp_sa *sa = lookup(owner->ring, spi);

    for (GSList *at = sa ? sa->directions : NULL, *next; at; at = next) {
        const decrypted_direction *decrypted = at->data;

        next = at->next;
        if (decrypted->owner == owner) {
            sa->directions = drop_direction(sa->directions, at);
        }
    }
}

void ike_esp_free_sa(ike_crypto *owner)
{
    ike_esp_children *children = ike_keyring_esp_children(owner->ring);

    while (owner->children) {
        ike_child *child = owner->children;

        owner->children = child->next_of_owner;
        if (!children->by_spi) {
            stop_waiting(children, child);
        } else {
            free_directions(owner, child->spi[IKE_CHILD_I]);
            free_directions(owner, child->spi[IKE_CHILD_R]);
            each_spi(children->by_spi, child, leave_chain);
        }
        ike_child_free(child);
    }
}

ike_esp_sa *ike_esp_find(ike_keyring *ring, uint32_t spi, const uint8_t *destination,
                         size_t address_bytes)
{
    ike_esp_sa *sa = lookup(ring, spi);
    bool by_spi = ike_keyring_esp(ring, spi) != NULL;

    (void)destination, (void)address_bytes; /* the ICV tells SAs with the same SPI apart */
    if (sa || spi == 0) {
        return sa;
    }
    if (by_spi || children_of(ring, spi) ||
        (ike_keyring_esp(ring, 0) && g_hash_table_size(ike_keyring_esp_sas(ring)) < MAX_UNKNOWN)) {
        return make(ring, spi);
    }
    return NULL;
}

/* ---- opening
 * -------------------------------------------------------------------------------------- */

/* One packet and what is tried on it. */
typedef struct {
    ike_esp_sa *sa;
    ike_span packet;
    unsigned trials_left;
    ike_decrypted_esp *result;
    ike_decrypt_status why;
    /* Of what is tried now. */
    const ike_child *child;
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

/* Opens with one direction's keys; fills the result when it does, the reason when not. */
static bool decrypt_direction(attempt *a, ike_esp_direction *direction, uint32_t *sequence_high)
{
    ike_esp_packet packet;
    ike_status status = ike_esp_direction_decrypt(direction, a->packet, *sequence_high, &packet);
    ike_decrypted_esp *result = a->result;

    result->iv_length = packet.iv_length;
    result->icv_length = packet.icv_length;
    result->icv_checked = packet.icv_checked;
    result->icv_ok = packet.icv_ok;
    if (status != IKE_OK) {
        g_free(packet.plain);
        a->why = status_of(status);
        return false;
    }
    result->status = IKE_DECRYPT_OK;
    result->plain = packet.plain;
    result->plain_length = packet.data_length;
    result->pad_length = packet.pad_length;
    result->next_header = packet.next_header;
    result->sequence_high = packet.sequence_high;
    if (packet.icv_ok) {
        *sequence_high = packet.sequence_high;
    }
    return true;
}

static bool open_known(attempt *a)
{
    for (const GSList *at = a->sa->directions; at; at = at->next) {
        decrypted_direction *known = at->data;

        if (decrypt_direction(a, known->direction, &known->sequence_high)) {
            a->result->transport = known->transport;
            return true;
        }
    }
    return false;
}

static bool try_keys(attempt *a, ike_span encryption, ike_span integrity)
{
    ike_status status;
    ike_esp_direction *direction;
    uint32_t sequence_high = 0;

    if (a->trials_left == 0) {
        return false;
    }
    a->trials_left--;
    ike_keyring_spend(a->sa->ring);
    direction = ike_esp_direction_new(a->algorithms, encryption, integrity, a->esn, &status);
    if (!direction) {
        a->why = status_of(status);
        return false;
    }
    if (!decrypt_direction(a, direction, &sequence_high)) {
        ike_esp_direction_free(direction);
        return false;
    }
    a->result->transport = a->transport;

    decrypted_direction *decrypted = g_new0(decrypted_direction, 1);
    decrypted->owner = a->child ? a->child->owner : NULL;
    decrypted->direction = direction;
    decrypted->sequence_high = sequence_high;
    decrypted->transport = a->transport;
    add_direction(a->sa, decrypted);
    return true;
}

/* ike_child_use: a packet with the SPI that the responder chose comes from the initiator. */
static bool try_child_keys(void *user, const ike_child_keys *keys, const char *origin)
{
    attempt *a = user;
    bool from_initiator = a->child->spi[IKE_CHILD_R] == a->sa->spi;

    (void)origin;
    return from_initiator ? try_keys(a, ike_secret_span(&keys->ei), ike_secret_span(&keys->ai))
                          : try_keys(a, ike_secret_span(&keys->er), ike_secret_span(&keys->ar));
}

static bool try_children(attempt *a)
{
    for (ike_child *child = children_of(a->sa->ring, a->sa->spi); child;
         child = *next_of(child, a->sa->spi)) {
        a->child = child;
        a->algorithms = child->algorithms;
        a->esn = (ike_esn)child->esn;
        a->transport = child->transport;
        if (ike_child_each_keys(child, try_child_keys, a)) {
            return true;
        }
        if (a->why == IKE_DECRYPT_NO_KEY) {
            a->why = child->exchange_count ? IKE_DECRYPT_NO_SHARED : IKE_DECRYPT_NO_SK_D;
        }
    }
    a->child = NULL;
    return false;
}

/* ---- keys of logs
 * --------------------------------------------------------------------------------- */

/* Cuts what may be a whole KEYMAT of one direction. */
static bool try_record_as(attempt *a, const ike_esp_record *record, const ike_algorithms *rows)
{
    size_t encryption =
        rows->encr->mode == IKE_MODE_NULL ? 0 : ike_encr_key_length(rows->encr, rows->key_bits);
    size_t integrity = rows->integ ? rows->integ->key_length : 0;
    ike_span whole = record->key.encryption;

    a->algorithms = rows;
    if (record->key.integrity.length == 0 && integrity && whole.length == encryption + integrity) {
        return try_keys(a, (ike_span){whole.data, encryption},
                        (ike_span){whole.data + encryption, integrity});
    }
    if (whole.length != encryption || (rows->integ && rows->integ->kind != IKE_MAC_NONE &&
                                       record->key.integrity.length != integrity)) {
        a->why = IKE_DECRYPT_KEY_LENGTH;
        return false;
    }
    return try_keys(a, whole, rows->integ ? record->key.integrity : (ike_span){NULL, 0});
}

static bool rows_of_record(const ike_esp_key *key, ike_algorithms *rows)
{
    *rows = (ike_algorithms){.encr = ike_encr_find(key->suite.encryption),
                             .integ = ike_set_integ(key->suite.integrity)};
    if (!rows->encr || !rows->integ) {
        return false;
    }
    rows->key_bits = key->suite.key_bits ? key->suite.key_bits : rows->encr->default_bits;
    if (ike_encr_is_aead(rows->encr)) {
        rows->integ = NULL;
    }
    return true;
}

/* Nothing names the algorithms: what keys of these lengths can be for, if the ICV can decide. */
static bool try_lengths(attempt *a, const ike_esp_record *record)
{
    static const uint16_t aead[] = {20, 28, 19, 18, 16, 15, 14, 27, 26, 25, 21};
    static const uint16_t plain[] = {12, 3, 13, 23, 11, 24};
    static const uint16_t integ[] = {12, 2, 13, 14, 1, 5, 8, IKE_INTEGRITY_SHA256_96};
    size_t key = record->key.encryption.length, mac = record->key.integrity.length;

    for (size_t c = 0; c < (mac ? G_N_ELEMENTS(plain) : G_N_ELEMENTS(aead)); c++) {
        ike_algorithms rows = {.encr = ike_encr_find(mac ? plain[c] : aead[c])};

        if (!rows.encr || key < rows.encr->salt_length ||
            !ike_encr_takes_bits(rows.encr, (unsigned)(key - rows.encr->salt_length) * 8)) {
            continue;
        }
        rows.key_bits = (unsigned)(key - rows.encr->salt_length) * 8;
        if (!mac && try_record_as(a, record, &rows)) {
            return true;
        }
        for (size_t i = 0; mac && i < G_N_ELEMENTS(integ); i++) {
            rows.integ = ike_set_integ(integ[i]);
            if (rows.integ && rows.integ->key_length == mac && try_record_as(a, record, &rows)) {
                return true;
            }
        }
    }
    return false;
}

static bool try_record(attempt *a, const ike_esp_record *record)
{
    const ike_esp_key *key = &record->key;
    ike_algorithms rows;

    a->child = NULL;
    a->esn = key->esn_known ? (key->suite.esn ? IKE_ESN_YES : IKE_ESN_NO) : IKE_ESN_UNKNOWN;
    a->transport = false;
    if (key->has_suite && rows_of_record(key, &rows) && try_record_as(a, record, &rows)) {
        return true;
    }
    ike_child *children = children_of(a->sa->ring, a->sa->spi);

    for (ike_child *child = children; child; child = *next_of(child, a->sa->spi)) {
        a->esn = (ike_esn)child->esn;
        a->transport = child->transport;
        if (try_record_as(a, record, child->algorithms)) {
            return true;
        }
    }
    return !key->has_suite && !children && try_lengths(a, record);
}

static bool try_records(attempt *a, uint32_t spi)
{
    const ike_esp_record *record = ike_keyring_esp(a->sa->ring, spi);

    for (; record && a->trials_left; record = record->next) {
        if (try_record(a, record)) {
            return true;
        }
    }
    return false;
}

/* ---- the packet
 * ----------------------------------------------------------------------------------- */

/* Trying is for those whose keys may still come: a capture full of ESP that nothing fits must not
 * try everything for each packet. */
static bool may_try(ike_esp_sa *sa)
{
    unsigned revision = ike_keyring_revision(sa->ring);

    if (sa->revision != revision) {
        sa->revision = revision;
        sa->failures = 0;
    }
    return sa->failures < FAILURES;
}

bool ike_esp_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result)
{
    attempt a = {.sa = sa,
                 .packet = packet,
                 .trials_left = ike_keyring_trials_left(sa->ring, MAX_TRIALS),
                 .result = result,
                 .why = IKE_DECRYPT_NO_KEY};

    *result = (ike_decrypted_esp){.status = IKE_DECRYPT_NO_KEY};
    if (open_known(&a)) {
        return true;
    }
    if (may_try(sa)) {
        if (try_children(&a) || try_records(&a, sa->spi) || try_records(&a, 0)) {
            return true;
        }
        sa->failures++;
    }
    result->status = a.why;
    return false;
}
