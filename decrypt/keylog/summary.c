/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts the secrets of a key log, and says what there are. */
#include "decrypt/keylog/summary.h"

#include <inttypes.h>
#include <string.h>

#include "proto/keyed_hash.h"

/* ---- counting -------------------------------------------------------------------------------- */

typedef struct {
    uint64_t initiator, responder;
} spi_pair;

static guint pair_hash(gconstpointer pair)
{
    return (guint)ike_keyed_hash(pair, sizeof(spi_pair));
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(spi_pair)) == 0;
}

bool ike_summary_bind(ike_keylog_summary *summary, ike_set_id set, uint64_t initiator_spi,
                      uint64_t responder_spi)
{
    spi_pair pair = {initiator_spi, responder_spi};
    if (initiator_spi == 0 && responder_spi == 0)
        return false;
    if (set != 0 && summary->unbound != NULL)
        g_hash_table_remove(summary->unbound, GUINT_TO_POINTER(set));
    if (summary->bound == NULL)
        summary->bound = g_hash_table_new(NULL, NULL);
    g_hash_table_add(summary->bound, GUINT_TO_POINTER(set));
    if (summary->ike_sas == NULL)
        summary->ike_sas = g_hash_table_new_full(pair_hash, pair_equal, g_free, NULL);
    if (g_hash_table_contains(summary->ike_sas, &pair))
        return false;
    guint count = g_hash_table_size(summary->ike_sas);
    if (count < IKE_KEY_LOG_SPIS) {
        summary->counts.spis[count][0] = initiator_spi;
        summary->counts.spis[count][1] = responder_spi;
    }
    return g_hash_table_add(summary->ike_sas, g_memdup2(&pair, sizeof pair));
}

void ike_summary_secret(ike_keylog_summary *summary, ike_set_id set, ike_secret_kind kind)
{
    if (set != 0 &&
        (summary->bound == NULL || !g_hash_table_contains(summary->bound, GUINT_TO_POINTER(set)))) {
        if (summary->unbound == NULL)
            summary->unbound = g_hash_table_new(NULL, NULL);
        g_hash_table_add(summary->unbound, GUINT_TO_POINTER(set));
    }
    if (kind == IKE_SECRET_DH_SHARED)
        summary->counts.shared_secrets++;
    else if (kind == IKE_SECRET_DH_PRIVATE)
        summary->counts.private_values++;
    else if (kind == IKE_SECRET_PLAINTEXT)
        summary->counts.plaintexts++;
}

/* Whether a secret of this kind was counted already. */
static bool was_counted(ike_keylog_summary *summary, unsigned kind, ike_span secret)
{
    uint64_t hash = ike_keyed_hash(secret.data, secret.length) + kind;
    if (summary->secrets == NULL)
        summary->secrets = g_hash_table_new(NULL, NULL);
    return !g_hash_table_add(summary->secrets, GSIZE_TO_POINTER((gsize)hash));
}

void ike_summary_peer(ike_keylog_summary *summary, ike_peer_kind kind, ike_span secret)
{
    if (was_counted(summary, kind, secret))
        return;
    if (kind == IKE_PEER_PSK)
        summary->counts.psks++;
    else if (kind == IKE_PEER_PPK)
        summary->counts.ppks++;
    else
        summary->counts.passwords++;
}

bool ike_summary_esp(ike_keylog_summary *summary, uint32_t spi, ike_span encryption,
                     ike_span integrity)
{
    if (spi == 0) {
        ike_span key = encryption.length > 0 ? encryption : integrity;
        bool counted = was_counted(summary, IKE_PEER_KINDS, key);
        summary->counts.unbound_esp_sas += !counted;
        return !counted;
    }
    if (summary->esp_spis == NULL)
        summary->esp_spis = g_hash_table_new(ike_hash_number, NULL);
    guint count = g_hash_table_size(summary->esp_spis);
    if (!g_hash_table_add(summary->esp_spis, GUINT_TO_POINTER(spi)))
        return false;
    if (count < IKE_KEY_LOG_SPIS)
        summary->counts.esp_spis[count] = spi;
    return true;
}

static unsigned size_of(GHashTable *table)
{
    return table != NULL ? g_hash_table_size(table) : 0;
}

const ike_key_log *ike_summary_counts(ike_keylog_summary *summary)
{
    summary->counts.all_ike_sas = summary->ike_sas;
    summary->counts.all_esp_spis = summary->esp_spis;
    summary->counts.ike_sas = size_of(summary->ike_sas);
    summary->counts.unbound_ike_sas = size_of(summary->unbound);
    summary->counts.esp_sas = size_of(summary->esp_spis);
    return &summary->counts;
}

void ike_summary_clear(ike_keylog_summary *summary)
{
    g_clear_pointer(&summary->ike_sas, g_hash_table_destroy);
    g_clear_pointer(&summary->esp_spis, g_hash_table_destroy);
    g_clear_pointer(&summary->bound, g_hash_table_destroy);
    g_clear_pointer(&summary->secrets, g_hash_table_destroy);
    g_clear_pointer(&summary->unbound, g_hash_table_destroy);
    summary->counts = (ike_key_log){.name = NULL};
}

/* ---- in words -------------------------------------------------------------------------------- */

bool ike_key_log_is_empty(const ike_key_log *log)
{
    return log->ike_sas + log->unbound_ike_sas + log->esp_sas + log->unbound_esp_sas + log->psks +
               log->ppks + log->passwords + log->shared_secrets + log->private_values +
               log->plaintexts ==
           0;
}

bool ike_key_log_has_ike_sa(const ike_key_log *log, uint64_t initiator_spi, uint64_t responder_spi)
{
    const spi_pair ways[] = {{initiator_spi, responder_spi},
                             {responder_spi, initiator_spi},
                             {initiator_spi, 0},
                             {responder_spi, 0}};
    GHashTable *all = (GHashTable *)log->all_ike_sas;
    for (unsigned i = 0; all != NULL && i < G_N_ELEMENTS(ways); i++)
        if (g_hash_table_contains(all, &ways[i]))
            return true;
    return false;
}

bool ike_key_log_has_esp_spi(const ike_key_log *log, uint32_t spi)
{
    GHashTable *all = (GHashTable *)log->all_esp_spis;
    return all != NULL && g_hash_table_contains(all, GUINT_TO_POINTER(spi));
}

static void append_count(GString *text, unsigned count, const char *one, const char *many)
{
    if (count > 0)
        g_string_append_printf(text, "%s%u %s", text->len > 0 ? ", " : "", count,
                               count == 1 ? one : many);
}

static void append_kinds(GString *text, const ike_key_log *log)
{
    append_count(text, log->ike_sas, "IKE SA", "IKE SAs");
    append_count(text, log->unbound_ike_sas, "set of keys without SPIs",
                 "sets of keys without SPIs");
    append_count(text, log->esp_sas, "ESP SA", "ESP SAs");
    append_count(text, log->unbound_esp_sas, "ESP SA without SPI", "ESP SAs without SPI");
    append_count(text, log->psks, "PSK", "PSKs");
    append_count(text, log->ppks, "PPK", "PPKs");
    append_count(text, log->passwords, "password", "passwords");
    append_count(text, log->private_values, "private value", "private values");
    append_count(text, log->plaintexts, "decrypted message", "decrypted messages");
    if (log->ike_sas + log->unbound_ike_sas + log->esp_sas + log->unbound_esp_sas > 0)
        g_string_prepend(text, "keys of ");
    else if (log->shared_secrets + log->private_values + log->plaintexts == 0)
        g_string_append(text,
                        " but no secret of a key exchange, without which that decrypts nothing");
}

/* Expert infos and items of the tree end at 240 bytes. */
static void append_details(GString *text, const ike_key_log *log)
{
    enum { IKE_SAS = 2 };
    g_string_append_printf(text, " (%u line%s", log->lines, log->lines == 1 ? "" : "s");
    for (unsigned i = 0; i < MIN(log->ike_sas, IKE_SAS); i++) {
        g_string_append_printf(text, "%s%016" PRIx64, i > 0 ? ", " : "; IKE ", log->spis[i][0]);
        if (log->spis[i][1] != 0)
            g_string_append_printf(text, " %016" PRIx64, log->spis[i][1]);
    }
    if (log->ike_sas > IKE_SAS)
        g_string_append_printf(text, " and %u more", log->ike_sas - IKE_SAS);
    for (unsigned i = 0; i < MIN(log->esp_sas, IKE_KEY_LOG_SPIS); i++)
        g_string_append_printf(text, "%s0x%08x", i > 0 ? ", " : "; ESP ", log->esp_spis[i]);
    if (log->esp_sas > IKE_KEY_LOG_SPIS)
        g_string_append_printf(text, " and %u more", log->esp_sas - IKE_KEY_LOG_SPIS);
    g_string_append_c(text, ')');
}

char *ike_key_log_text(const ike_key_log *log, const char *judgement)
{
    if (log->failure != NULL)
        return g_strdup(log->failure);
    if (log->lines == 0)
        return g_strdup("empty");
    if (ike_key_log_is_empty(log))
        return g_strdup_printf("no key recognized in %u line%s%s: %s%ssee docs/keylog.md",
                               log->lines, log->lines == 1 ? "" : "s",
                               log->binary ? " of binary data" : "", log->hint ? log->hint : "",
                               log->hint ? "; " : "");
    GString *text = g_string_new(NULL);
    append_kinds(text, log);
    g_string_append(text, judgement);
    append_details(text, log);
    return g_string_free(text, FALSE);
}
