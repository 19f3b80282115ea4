/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals over all IKE SAs of a capture. */
#include <stdlib.h>
#include <string.h>

#include "analysis/report/report_parts.h"
#include "analysis/tracker/format.h"
#include "proto/keyed_hash.h"

typedef struct {
    ike_summary *summary;
    GHashTable *causes, *algorithms, *versions; /* text -> count */
    GArray *setups;                             /* double */
    GArray *findings;                           /* ike_report_finding */
    GPtrArray *owned;
} totals;

static void count(GHashTable *table, const char *name)
{
    uint32_t n = GPOINTER_TO_UINT(g_hash_table_lookup(table, name));
    g_hash_table_replace(table, g_strdup(name), GUINT_TO_POINTER(n + 1));
}

static int by_count(const void *a, const void *b)
{
    const ike_count *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

static ike_count *to_list(GHashTable *table, size_t *length)
{
    GHashTableIter iter;
    gpointer key, value;
    size_t i = 0;
    ike_count *list = g_new0(ike_count, g_hash_table_size(table) + 1);
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &key, &value))
        list[i++] = (ike_count){g_strdup(key), GPOINTER_TO_UINT(value)};
    qsort(list, i, sizeof *list, by_count);
    *length = i;
    return list;
}

static void add_slow(ike_summary *summary, const ike_report_sa *record)
{
    size_t at = summary->slow_count;
    while (at > 0 && summary->slowest[at - 1].ms < record->setup_ms)
        at--;
    if (at == IKE_SLOWEST)
        return;
    if (summary->slow_count < IKE_SLOWEST)
        summary->slow_count++;
    memmove(&summary->slowest[at + 1], &summary->slowest[at],
            (summary->slow_count - 1 - at) * sizeof(ike_slow));
    ike_slow *slow = &summary->slowest[at];
    slow->stream = record->sa->stream;
    slow->frame = record->sa->first_frame;
    slow->ms = record->setup_ms;
    g_strlcpy(slow->initiator, record->initiator.address, sizeof slow->initiator);
    g_strlcpy(slow->responder, record->responder.address, sizeof slow->responder);
}

/* What is about a responder and not about one IKE SA. */
static void add_general_findings(totals *t, const ike_report_sa *record)
{
    for (size_t i = 0; i < record->finding_count; i++) {
        ike_report_finding copy = record->findings[i];
        if (strcmp(copy.code, "HALF_OPEN_FLOOD") != 0 && strcmp(copy.code, "OPEN_RESPONDER") != 0)
            continue;
        const char **texts[] = {&copy.code,      &copy.text,     &copy.detail,
                                &copy.requested, &copy.received, &copy.peer};
        for (size_t k = 0; k < G_N_ELEMENTS(texts); k++) {
            if (!*texts[k])
                continue;
            char *text = g_strdup(*texts[k]);
            g_ptr_array_add(t->owned, text);
            *texts[k] = text;
        }
        g_array_append_val(t->findings, copy);
    }
}

static void add_suite(totals *t, const ike_report_sa *record)
{
    GString *text = g_string_new(NULL);
    if (record->sa->negotiated->known) {
        ike_format_negotiated(text, record->sa->major, record->sa->negotiated);
        count(t->algorithms, text->str);
    }
    g_string_free(text, TRUE);
}

static void add_sa(const ike_report_sa *record, void *user)
{
    totals *t = user;
    ike_summary *summary = t->summary;
    const ike_sa *sa = record->sa;
    char version[16];
    summary->ike_sas++;
    summary->outcomes[record->outcome]++;
    summary->messages += sa->messages;
    summary->encrypted_messages += sa->encrypted_messages;
    summary->decrypted_messages += sa->decrypted_messages;
    summary->exchanges += (uint32_t)record->exchange_count;
    summary->child_sas += (uint32_t)record->child_count;
    summary->esp_packets += sa->esp_packets;
    for (size_t i = 0; i < record->exchange_count; i++)
        summary->retransmissions += record->exchanges[i].retransmissions;
    for (size_t i = 0; i < record->child_count; i++) {
        summary->esp_packets += record->children[i].esp_packets;
        if (record->children[i].cause.code)
            count(t->causes, record->children[i].cause.code);
    }
    if (record->cause.code)
        count(t->causes, record->cause.code);
    g_snprintf(version, sizeof version, "IKEv%s", record->version);
    count(t->versions, version);
    add_suite(t, record);
    if (record->setup_ms >= 0 && !sa->rekeyed_from) {
        g_array_append_val(t->setups, record->setup_ms);
        add_slow(summary, record);
    }
    add_general_findings(t, record);
}

/* ---- life ------------------------------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(GArray *values)
{
    if (values->len == 0)
        return -1;
    qsort(values->data, values->len, sizeof(double), by_size);
    guint middle = values->len / 2;
    double upper = g_array_index(values, double, middle);
    return values->len % 2 ? upper : (upper + g_array_index(values, double, middle - 1)) / 2;
}

ike_summary *ike_summary_new(const ike_tracker *tracker, ike_report_filter filter,
                             void *filter_user)
{
    totals t = {.summary = g_new0(ike_summary, 1)};
    t.causes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    t.algorithms = g_hash_table_new_full(ike_hash_text, g_str_equal, g_free, NULL);
    t.versions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    t.setups = g_array_new(FALSE, FALSE, sizeof(double));
    t.findings = g_array_new(FALSE, FALSE, sizeof(ike_report_finding));
    t.owned = g_ptr_array_new_with_free_func(g_free);
    ike_report_each(tracker, filter, filter_user, add_sa, &t);
    ike_summary *summary = t.summary;
    summary->causes = to_list(t.causes, &summary->cause_count);
    summary->algorithms = to_list(t.algorithms, &summary->algorithm_count);
    summary->versions = to_list(t.versions, &summary->version_count);
    summary->median_setup_ms = median(t.setups);
    /* Flows of no IKE SA match no filter on IKE SAs. */
    summary->esp_unknown_flows = filter ? 0 : ike_tracker_unknown_flows(tracker);
    summary->finding_count = t.findings->len;
    summary->findings = (const ike_report_finding *)(void *)g_array_free(t.findings, FALSE);
    summary->owned = t.owned;
    g_hash_table_destroy(t.causes);
    g_hash_table_destroy(t.algorithms);
    g_hash_table_destroy(t.versions);
    g_array_free(t.setups, TRUE);
    return summary;
}

static void free_counts(ike_count *list, size_t length)
{
    for (size_t i = 0; i < length; i++)
        g_free((char *)(guintptr)list[i].name);
    g_free(list);
}

void ike_summary_free(ike_summary *summary)
{
    if (!summary)
        return;
    free_counts(summary->causes, summary->cause_count);
    free_counts(summary->algorithms, summary->algorithm_count);
    free_counts(summary->versions, summary->version_count);
    g_ptr_array_free(summary->owned, TRUE);
    g_free((gpointer)(guintptr)summary->findings);
    g_free(summary);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void list_text(GString *out, const char *title, const ike_count *list, size_t length)
{
    if (length)
        g_string_append_printf(out, "%s:\n", title);
    for (size_t i = 0; i < length; i++)
        g_string_append_printf(out, "  %8u  %s\n", list[i].count, list[i].name);
}

void ike_summary_text(const ike_summary *summary, ike_report_write write, void *user)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "IKE SAs:     %u\n", summary->ike_sas);
    for (int i = 0; i < IKE_OUTCOMES; i++)
        if (summary->outcomes[i])
            g_string_append_printf(out, "  %8u  %s\n", summary->outcomes[i],
                                   ike_outcome_text((ike_outcome)i));
    g_string_append_printf(out, "Child SAs:   %u\n", summary->child_sas);
    g_string_append_printf(out, "Messages:    %u in %u exchange%s, %u of them retransmissions\n",
                           summary->messages, summary->exchanges, ike_plural(summary->exchanges),
                           summary->retransmissions);
    g_string_append_printf(out, "Encrypted:   %u, decrypted %u\n", summary->encrypted_messages,
                           summary->decrypted_messages);
    g_string_append_printf(out, "ESP packets: %u; %u flow%s with SPIs of no known Child SA\n",
                           summary->esp_packets, summary->esp_unknown_flows,
                           ike_plural(summary->esp_unknown_flows));
    list_text(out, "Versions", summary->versions, summary->version_count);
    list_text(out, "Causes of failure", summary->causes, summary->cause_count);
    list_text(out, "Negotiated algorithms", summary->algorithms, summary->algorithm_count);
    if (summary->median_setup_ms >= 0)
        g_string_append_printf(out, "Time to set up: median %.1f ms; slowest:\n",
                               summary->median_setup_ms);
    for (size_t i = 0; i < summary->slow_count; i++)
        g_string_append_printf(out, "  %10.1f ms  IKE SA %u, frame %u, %s <-> %s\n",
                               summary->slowest[i].ms, summary->slowest[i].stream,
                               summary->slowest[i].frame, summary->slowest[i].initiator,
                               summary->slowest[i].responder);
    for (size_t i = 0; i < summary->finding_count; i++)
        g_string_append_printf(out, "%s, frame %u: %s\n", summary->findings[i].code,
                               summary->findings[i].frame, summary->findings[i].text);
    write(out->str, user);
    g_string_free(out, TRUE);
}
