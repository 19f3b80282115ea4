/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/esp/ah_table.h"

#include "decrypt/crypto/mac.h"
#include "decrypt/esp/esp_children.h"
#include "decrypt/esp/esp_table.h"
#include "decrypt/esp/key_lines.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum {
    MAX_KEYS = 64,       /* that verified something, for one SPI */
    MAX_UNKNOWN = 65536, /* SPIs that no Child SA and no log names */
    FAILURES = 1024,     /* packets that may be tried in vain before keys change */
    NEXT_SEQUENCE = 4,   /* upper halves of the ESN: near the last one, or zero */
    ANY_SEQUENCE = 64,   /* of an SA whose first packets are not in the capture */
    MOST_PADDING = 7,    /* of the ICV field, to 64 bits (RFC 4302 2.6) */
};

/* A key that verified a packet. */
typedef struct {
    ike_mac *mac;
    size_t icv_length;
    bool gmac;
    ike_esn esn;
    uint32_t sequence_high;
    const char *origin;
    const ike_integ *integ;
    ike_span of_log; /* the key, where it is of a log's record, whose bytes these are */
} verified_key;

struct ike_ah_sa {
    ike_ah_table *table;
    uint32_t spi;
    GPtrArray *keys; /* verified_key, the oldest first */
    ike_search_memo memo;
    unsigned revision; /* of all keys, when nothing fitted */
    unsigned failures; /* since then */
};

struct ike_ah_table {
    ike_decrypt_context *capture;
    GHashTable *sas; /* SPI -> ike_ah_sa */
};

/* ---- the table ------------------------------------------------------------------------------- */

static void free_key(gpointer data)
{
    verified_key *key = data;

    ike_mac_free(key->mac);
    g_free(key);
}

static void free_sa(gpointer data)
{
    ike_ah_sa *sa = data;

    g_ptr_array_unref(sa->keys);
    g_free(sa);
}

ike_ah_table *ike_ah_table_new(ike_decrypt_context *capture)
{
    ike_ah_table *table = g_new0(ike_ah_table, 1);

    table->capture = capture;
    table->sas = g_hash_table_new_full(ike_spi_hash, g_direct_equal, NULL, free_sa);
    return table;
}

void ike_ah_table_free(ike_ah_table *table)
{
    if (table) {
        g_hash_table_destroy(table->sas);
        g_free(table);
    }
}

static const ike_esp_record *records_of(const ike_ah_table *table, uint32_t spi)
{
    return ike_esp_keys_find(ike_keyring_esp_keys(table->capture->ring), spi);
}

ike_ah_sa *ike_ah_table_find(ike_ah_table *table, uint32_t spi)
{
    ike_esp_table *esp = table->capture->esp;
    ike_ah_sa *sa = g_hash_table_lookup(table->sas, GUINT_TO_POINTER(spi));

    if (sa || spi == 0)
        return sa;
    if (!records_of(table, spi) && !ike_esp_group_keys(esp, spi) && !ike_esp_child(esp, spi) &&
        !(records_of(table, 0) && g_hash_table_size(table->sas) < MAX_UNKNOWN))
        return NULL;
    sa = g_new0(ike_ah_sa, 1);
    sa->table = table;
    sa->spi = spi;
    sa->keys = g_ptr_array_new_with_free_func(free_key);
    g_hash_table_insert(table->sas, GUINT_TO_POINTER(spi), sa);
    return sa;
}

/* ---- the ICV --------------------------------------------------------------------------------- */

/* The ICV counts as zeros, its padding as it is; the upper half of an extended sequence number is
 * covered behind the packet and not sent (RFC 4302 3.3.3). `kept`: bytes of the ICV field that are
 * no part of the ICV, as the IV of AES-GMAC may be seen (RFC 4543). */
static bool check(const verified_key *key, const ike_ah_packet *packet, size_t kept,
                  const uint32_t *high)
{
    static const uint8_t zeros[IKE_MAX_ICV];
    const ike_span icv = {packet->icv.data, key->icv_length};
    uint8_t upper[4];
    const ike_span parts[] = {packet->before,
                              {icv.data, kept},
                              {zeros, icv.length - kept},
                              {icv.data + icv.length, packet->icv.length - icv.length},
                              packet->after,
                              {upper, high ? sizeof upper : 0}};

    if (high)
        ike_put_u32(upper, *high);
    return ike_mac_verify(key->mac, parts, G_N_ELEMENTS(parts), icv) == IKE_OK;
}

static bool check_with(const verified_key *key, const ike_ah_packet *packet, const uint32_t *high)
{
    enum { GMAC_IV = 8 };

    return check(key, packet, 0, high) || (key->gmac && check(key, packet, GMAC_IV, high));
}

static bool verify(verified_key *key, const ike_ah_packet *packet, unsigned guesses,
                   ike_verified_ah *result)
{
    if (key->esn != IKE_ESN_YES && check_with(key, packet, NULL))
        return true;
    for (unsigned i = 0; key->esn != IKE_ESN_NO && i < guesses; i++) {
        uint32_t high = ike_esn_guess(key->sequence_high, i);

        if (check_with(key, packet, &high)) {
            key->sequence_high = result->sequence_high = high;
            return true;
        }
    }
    return false;
}

static void fill_result(ike_verified_ah *result, const verified_key *key)
{
    result->status = IKE_DECRYPT_OK;
    result->icv_checked = result->icv_ok = true;
    result->icv_length = key->icv_length;
    result->key_source = key->origin;
}

/* ---- trial of keys --------------------------------------------------------------------------- */

/* One packet and what is tried on it. */
typedef struct {
    ike_ah_sa *sa;
    const ike_ah_packet *packet;
    ike_search search;
    ike_verified_ah *result;
    ike_decrypt_status why;
    const ike_child *child; /* that is tried now; NULL: a key of a group or a log */
} attempt;

static bool fits(const ike_integ *integ, const ike_ah_packet *packet)
{
    return integ && integ->kind != IKE_MAC_NONE && integ->icv_length <= packet->icv.length &&
           packet->icv.length - integ->icv_length <= MOST_PADDING;
}

static bool try_key(attempt *a, const ike_integ *integ, ike_span bytes, ike_esn esn,
                    const ike_key_origin *origin)
{
    verified_key key = {.gmac = integ && integ->kind == IKE_MAC_GMAC, .esn = esn};
    unsigned guesses = a->search.bound ? ANY_SEQUENCE : NEXT_SEQUENCE;
    ike_status status = IKE_OK;

    if (!fits(integ, a->packet)) {
        if (integ && a->why == IKE_DECRYPT_NO_KEY)
            a->why = IKE_DECRYPT_SHORT;
        return false;
    }
    if (!ike_search_charge(&a->search, (esn == IKE_ESN_NO ? 2 : 2 + guesses) * IKE_COST_PRF))
        return false;
    key.icv_length = integ->icv_length;
    key.mac = ike_mac_new(integ, bytes, &status);
    if (!key.mac) {
        a->why = IKE_DECRYPT_KEY_LENGTH;
        return false;
    }
    if (!verify(&key, a->packet, guesses, a->result)) {
        a->why = IKE_DECRYPT_BAD_ICV;
        ike_mac_free(key.mac);
        return false;
    }
    key.origin = ike_keyring_origin_text(a->sa->table->capture->ring, origin, integ->name);
    key.integ = integ;
    if (!a->child && origin->source != IKE_SOURCE_GROUP)
        key.of_log = bytes;
    fill_result(a->result, &key);
    if (a->sa->keys->len == MAX_KEYS)
        g_ptr_array_remove_index(a->sa->keys, 0);
    g_ptr_array_add(a->sa->keys, g_memdup2(&key, sizeof key));
    return true;
}

/* ike_child_use: a packet with the SPI that the responder chose comes from the initiator. */
static bool try_child_keys(void *user, const ike_child_keys *keys, const ike_key_origin *origin)
{
    attempt *a = user;
    const ike_secret *key = a->child->spi[IKE_CHILD_R] == a->sa->spi ? &keys->ai : &keys->ar;

    return try_key(a, a->child->algorithms->integ, ike_secret_span(key), (ike_esn)a->child->esn,
                   origin);
}

static bool try_children(attempt *a)
{
    ike_child *child = ike_esp_child(a->sa->table->capture->esp, a->sa->spi);

    for (; child; child = ike_esp_children_next(child, a->sa->spi)) {
        a->child = child;
        if (child->protocol == IKEV2_PROTOCOL_AH &&
            ike_child_each_keys(child, &a->search, try_child_keys, a, &a->why))
            return true;
    }
    a->child = NULL;
    return false;
}

/* Logs may leave the algorithm out, or the truncation that is used. */
static bool try_record(attempt *a, const ike_esp_record *record)
{
    static const uint16_t others[] = {
        IKEV2_INTEG_HMAC_SHA2_256_128, IKEV2_INTEG_HMAC_SHA1_96, IKEV2_INTEG_HMAC_SHA2_384_192,
        IKEV2_INTEG_HMAC_SHA2_512_256, IKEV2_INTEG_HMAC_MD5_96,  IKEV2_INTEG_AES_XCBC_96,
        IKEV2_INTEG_AES_CMAC_96,       IKEV2_INTEG_AES_128_GMAC, IKEV2_INTEG_AES_192_GMAC,
        IKEV2_INTEG_AES_256_GMAC,      IKE_INTEGRITY_SHA256_96,  IKE_INTEGRITY_RIPEMD_96,
    };
    const ike_esp_key *key = &record->key;
    ike_esn esn = key->esn_known ? (key->suite.esn ? IKE_ESN_YES : IKE_ESN_NO) : IKE_ESN_UNKNOWN;
    const ike_integ *named = key->has_suite ? ike_integ_find(key->suite.integrity) : NULL;
    ike_key_origin origin = record->origin;

    origin.secret = origin.source == IKE_SOURCE_GROUP ? "TEK" : "AH key";
    if (named && named->kind != IKE_MAC_NONE) {
        const ike_integ *variant = ike_integ_field_variant(named);

        return try_key(a, named, key->integrity, esn, &origin) ||
               (variant && try_key(a, variant, key->integrity, esn, &origin));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        const ike_integ *integ = ike_integ_find(others[i]);

        if (integ && integ->key_length == key->integrity.length && fits(integ, a->packet) &&
            try_key(a, integ, key->integrity, esn, &origin))
            return true;
    }
    return false;
}

static bool try_records(attempt *a, const ike_esp_record *record)
{
    for (; record && !a->search.exhausted; record = record->next) {
        const ike_esp_key *key = &record->key;
        bool of_ah =
            key->protocol == IKEV2_PROTOCOL_AH || (!key->protocol && !key->encryption.length);

        if (of_ah && key->integrity.length && try_record(a, record))
            return true;
    }
    return false;
}

static bool find_key(attempt *a)
{
    ike_ah_sa *sa = a->sa;
    ike_decrypt_context *capture = sa->table->capture;
    bool found;

    ike_search_begin(&a->search, &capture->budget, &sa->memo, ike_keyring_revision(capture->ring));
    a->search.bound = true;
    found = try_children(a) || try_records(a, ike_esp_group_keys(capture->esp, sa->spi)) ||
            try_records(a, records_of(sa->table, sa->spi));
    if (!found && records_of(sa->table, 0) && ike_search_unbind(&a->search)) {
        ike_decrypt_status why = a->why;

        found = try_records(a, records_of(sa->table, 0));
        a->why = why; /* that a key of no SPI does not fit means nothing */
    }
    ike_search_end(&a->search, found);
    return found;
}

/* Whether something may have changed since packets of this SPI were tried in vain. */
static bool may_try(ike_ah_sa *sa)
{
    const ike_decrypt_context *capture = sa->table->capture;
    unsigned revision = ike_keyring_revision(capture->ring) + ike_esp_table_revision(capture->esp);

    if (sa->revision != revision) {
        sa->revision = revision;
        sa->failures = 0;
        sa->memo = (ike_search_memo){0};
    }
    return sa->failures < FAILURES;
}

bool ike_ah_sa_verify(ike_ah_sa *sa, const ike_ah_packet *packet, ike_verified_ah *result)
{
    attempt a = {.sa = sa, .packet = packet, .result = result, .why = IKE_DECRYPT_NO_KEY};

    *result = (ike_verified_ah){.status = IKE_DECRYPT_NO_KEY};
    for (unsigned i = sa->keys->len; i > 0; i--) {
        verified_key *key = g_ptr_array_index(sa->keys, i - 1);

        if (key->icv_length <= packet->icv.length && verify(key, packet, NEXT_SEQUENCE, result)) {
            fill_result(result, key);
            return true;
        }
    }
    if (may_try(sa)) {
        if (find_key(&a))
            return true;
        sa->failures++;
    } else {
        a.why = sa->keys->len ? IKE_DECRYPT_BAD_ICV : IKE_DECRYPT_NO_KEY;
    }
    /* Keys that verified others of the SPI decide. */
    result->status = sa->keys->len ? IKE_DECRYPT_NOT_AUTHENTIC : a.why;
    result->icv_checked = sa->keys->len || a.why == IKE_DECRYPT_BAD_ICV;
    return false;
}

void ike_ah_table_write_log_keys(const ike_ah_table *table, uint32_t spi, ike_write_line write,
                                 void *user)
{
    const ike_ah_sa *sa = g_hash_table_lookup(table->sas, GUINT_TO_POINTER(spi));

    for (unsigned i = 0; sa && i < sa->keys->len; i++) {
        const verified_key *key = g_ptr_array_index(sa->keys, i);
        const ike_algorithms algorithms = {.integ = key->integ};

        if (key->of_log.length) {
            ike_write_key_line(IKEV2_PROTOCOL_AH, spi, &algorithms, (ike_span){NULL, 0},
                               key->of_log, write, user);
        }
    }
}
