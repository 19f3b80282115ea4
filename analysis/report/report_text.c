/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as text: what one would write into a ticket, the cause first. */
#include "analysis/report/report.h"

#include <glib.h>
#include <string.h>

#include "analysis/tracker/format.h"
#include "analysis/tracker/quoted.h"

enum { MAX_TIMELINE = 200 };

typedef struct {
    ike_report_write write;
    void *user;
} sink;

static void say(const sink *to, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(const sink *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    to->write(text, to->user);
    g_free(text);
}

/* Text from the wire. */
static void say_quoted(const sink *to, const char *text)
{
    char *quoted = ike_quoted(text);
    to->write(quoted, to->user);
    g_free(quoted);
}

/* Wraps a text at WIDTH columns. It begins at column `at`, the lines after the first one begin at
 * `column`. */
static void say_wrapped(const sink *to, unsigned at, unsigned column, const char *text)
{
    enum { WIDTH = 100 };
    char **words = g_strsplit(text, " ", -1);
    for (char **word = words; *word; word++) {
        unsigned length = (unsigned)g_utf8_strlen(*word, -1);
        if (word != words && at + 1 + length > WIDTH) {
            say(to, "\n%*s", (int)column, "");
            at = column;
        } else if (word != words) {
            say(to, " ");
            at++;
        }
        to->write(*word, to->user);
        at += length;
    }
    say(to, "\n");
    g_strfreev(words);
}

static void say_part(const sink *to, unsigned indent, const char *label, const char *text)
{
    enum { LABEL = 11 };
    if (!text)
        return;
    say(to, "%*s%-*s", (int)indent, "", LABEL, label);
    say_wrapped(to, indent + LABEL, indent + LABEL, text);
}

/* One of the two values; text from the wire is quoted. */
static void say_value(const sink *to, unsigned indent, const ike_report_finding *finding,
                      bool second)
{
    const char *text = second ? finding->received : finding->requested;
    bool from_wire = finding->from_wire & (second ? IKE_WIRE_RECEIVED : IKE_WIRE_REQUESTED);
    char label[16];
    g_snprintf(label, sizeof label, "%s:", ike_value_label(finding->values, second));
    if (!text || !from_wire) {
        say_part(to, indent, label, text);
        return;
    }
    char *quoted = ike_quoted(text);
    say_part(to, indent, label, quoted);
    g_free(quoted);
}

/* The two values, unless the text has them. */
static void say_values(const sink *to, unsigned indent, const ike_report_finding *finding)
{
    const char *requested = finding->requested, *received = finding->received;
    if ((requested && !strstr(finding->text, requested)) ||
        (received && !strstr(finding->text, received))) {
        say_value(to, indent, finding, false);
        say_value(to, indent, finding, true);
    }
    say_part(to, indent, "Meaning:", finding->detail);
}

/* Most texts begin with their code: then it is not repeated. */
static void say_cause(const sink *to, unsigned indent, const ike_report_finding *cause)
{
    if (!cause->code)
        return;
    bool has_code = g_str_has_prefix(cause->text, cause->code);
    char where[160];
    g_snprintf(where, sizeof where, "frame %u, %s%s%s%s%s", cause->frame,
               has_code ? "" : cause->code, has_code ? "" : ", ", cause->side ? cause->side : "",
               cause->side ? ", " : "", ike_certainty_text(cause->certainty));
    say_part(to, indent, "Cause:", cause->text);
    say_part(to, indent, "", where);
    say_values(to, indent, cause);
}

static void say_party(const sink *to, const char *role, const ike_report_party *party)
{
    static const char *const auth_texts[] = {"", ", verified", ", does NOT verify"};
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%s port %u", *party->address ? party->address : "(no IP address)",
                    party->port);
    if (party->id) {
        g_string_append_printf(text, ", %s ", party->id_type ? party->id_type : "ID");
        ike_format_quoted(text, party->id, 0);
    }
    if (party->auth)
        g_string_append_printf(text, ", %s%s", party->auth, auth_texts[party->authentication]);
    if (party->authentication_reason && party->authentication != IKE_AUTHENTICATION_UNKNOWN)
        g_string_append_printf(text, " (%s)", party->authentication_reason);
    say_part(to, 2, role, text->str);
    g_string_free(text, TRUE);
    if (party->certificate) {
        say(to, "             certificate of ");
        say_quoted(to, party->certificate);
        say(to, "\n");
    }
    if (party->vendors[0]) {
        char *names = g_strjoinv(", ", (char **)(guintptr)party->vendors);
        say(to, "             vendor IDs: ");
        say_wrapped(to, 25, 25, names);
        g_free(names);
    }
}

static void say_head(const sink *to, const ike_report_sa *record)
{
    const ike_sa *sa = record->sa;
    if (record->outcome == IKE_OUTCOME_GROUP) {
        say(to, "IKE SA %u: IKEv%u %s -> %s, Rekey SA of a group\n", sa->stream, sa->major,
            record->initiator.address, record->responder.address);
        say_cause(to, 2, &record->cause);
        return;
    }
    say(to, "IKE SA %u: IKEv%u %s <-> %s, ", sa->stream, sa->major, record->initiator.address,
        record->responder.address);
    if (record->outcome == IKE_OUTCOME_FAILED)
        say(to, "FAILED");
    else if (record->outcome == IKE_OUTCOME_NO_RESPONSE)
        say(to, "NO RESPONSE");
    else
        say(to, "%s", ike_outcome_text(record->outcome));
    if (record->setup_ms > 10000 && record->outcome != IKE_OUTCOME_FAILED)
        say(to, ", set up in %.1f s", record->setup_ms / 1000);
    else if (record->setup_ms >= 0 && record->outcome != IKE_OUTCOME_FAILED)
        say(to, ", set up in %.1f ms", record->setup_ms);
    if (sa->late_start)
        say(to, ", began before the capture");
    say(to, "\n");
    say_part(to, 2, "Inferred:", record->inferred_from);
    if (ike_sa_has_inferred_roles(sa))
        say_part(to, 2, "Roles:", "inferred, no message of phase 1 shows who began");
    say_cause(to, 2, &record->cause);
}

static void say_frames(const sink *to, uint32_t first, uint32_t last)
{
    if (first == last)
        say(to, "frame %u", first);
    else
        say(to, "frames %u to %u", first, last);
}

/* NAT is said of each path where it is not the same on all. */
static void say_paths(const sink *to, const ike_report_sa *record)
{
    for (size_t i = 0; record->path_count > 1 && i < record->path_count; i++) {
        const ike_report_path *path = &record->paths[i];
        bool nat = path->nat && !record->nat;
        say(to, "  %-11s%s <-> %s, ", i ? "" : "Addresses:", path->initiator, path->responder);
        say_frames(to, path->first_frame, path->last_frame);
        say(to, "%s%s\n", nat ? ", NAT: " : "", nat ? path->nat : "");
    }
}

static void say_suite(const sink *to, const ike_report_sa *record)
{
    const ike_report_suite *suite = &record->proposal;
    const ike_sa *sa = record->sa;
    GString *text = g_string_new(suite->encryption ? suite->encryption : "not known");
    if (suite->encryption) {
        if (suite->integrity)
            g_string_append_printf(text, ", %s", suite->integrity);
        if (suite->prf)
            g_string_append_printf(text, ", %s", suite->prf);
        for (size_t i = 0; suite->key_exchange[i]; i++)
            g_string_append_printf(text, ", %s", suite->key_exchange[i]);
    }
    say_part(to, 2, "Suite:", text->str);
    g_string_free(text, TRUE);
    say_part(to, 2, "NAT:", record->nat);
    say(to, "  Messages:  %u, encrypted %u, decrypted %u%s\n", sa->messages, sa->encrypted_messages,
        sa->decrypted_messages, sa->tcp ? ", over TCP" : "");
    if (record->copies)
        say(to, "  Copies:    %u message%s seen twice\n", record->copies,
            ike_plural(record->copies));
    say_paths(to, record);
    if (sa->rekeyed_from)
        say(to, "  Replaces:  IKE SA %u%s\n", sa->rekeyed_from->stream,
            sa->rekey_inferred ? " (inferred)" : "");
    if (sa->rekeyed_to)
        say(to, "  Replaced:  by IKE SA %u%s\n", sa->rekeyed_to->stream,
            sa->rekeyed_to->rekey_inferred ? " (inferred)" : "");
    if (sa->resumed_from)
        say(to, "  Resumes:   IKE SA %u\n", sa->resumed_from->stream);
    if (sa->retry_of)
        say(to, "  Retry of:  IKE SA %u\n", sa->retry_of->stream);
    if (sa->retried_as)
        say(to, "  Retried:   as IKE SA %u%s\n", sa->retried_as->stream,
            ike_sa_was_up(sa->retried_as) ? ", which came up" : "");
}

static void say_list(const sink *to, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        say(to, "%s%s", i ? ", " : "", list[i]);
    if (!list[0])
        say(to, "unknown");
}

/* What is not as it should be in one direction: ": 1 lost, 2 replayed"; returns whether anything
 * is.
 */
static bool say_faults(const sink *to, const char *between, const ike_esp_health *health)
{
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = {{health->lost, "lost"},
                {health->replayed, "replayed"},
                {health->late, "reordered"},
                {health->reused, "with a reused sequence number"},
                {health->not_authentic, "with a wrong ICV"},
                {health->copies, "seen twice"}};
    bool any = false;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!rows[i].count)
            continue;
        say(to, "%s%" G_GUINT64_FORMAT " %s", any ? ", " : between, rows[i].count, rows[i].what);
        any = true;
    }
    return any;
}

static void say_health(const sink *to, const char *receiver, const ike_esp_health *health)
{
    if (!health->first_frame)
        return;
    say(to, "      to the %s: %" G_GUINT64_FORMAT " bytes, ", receiver, health->bytes);
    say_frames(to, health->first_frame, health->last_frame);
    say_faults(to, ", ", health);
    say(to, "\n");
}

static void say_flow(const ike_report_flow *flow, void *user)
{
    const sink *to = user;
    const ike_esp_health *health = &flow->health;
    say(to, "  SPI %s  %s -> %s: %u packet%s, %" G_GUINT64_FORMAT " bytes", flow->spi, flow->source,
        flow->destination, health->packets, ike_plural(health->packets), health->bytes);
    if (health->first_frame) { /* else there are copies only */
        say(to, ", ");
        say_frames(to, health->first_frame, health->last_frame);
    }
    if (health->decrypted)
        say(to, ", %u decrypted", health->decrypted);
    say_faults(to, ", ", health);
    say(to, "%s%s\n", flow->finding ? "; " : "", flow->finding ? flow->finding : "");
}

static void say_child(const sink *to, const ike_report_child *child)
{
    say(to, "  %s %u: %s %s, %s, SPIs %s / %s\n    ", child->name, child->number, child->protocol,
        child->mode, child->outcome, child->spi_initiator ? child->spi_initiator : "?",
        child->spi_responder ? child->spi_responder : "?");
    say_list(to, child->ts_initiator);
    say(to, " === ");
    say_list(to, child->ts_responder);
    say(to, "\n");
    if (child->encryption || child->integrity)
        say(to, "    %s%s%s%s%s%s\n", child->encryption ? child->encryption : "",
            child->encryption && child->integrity ? ", " : "",
            child->integrity ? child->integrity : "", child->pfs ? ", PFS with " : "",
            child->pfs ? child->pfs : "", child->esn ? ", extended sequence numbers" : "");
    if (child->rekeyed_from)
        say(to, "    replaces the %s with SPI %s\n", child->name, child->rekeyed_from);
    if (child->esp_packets)
        say(to, "    %s: %u packet%s, %u to the initiator and %u to the responder; %u decrypted\n",
            child->protocol, child->esp_packets, ike_plural(child->esp_packets),
            child->esp_to_initiator, child->esp_to_responder, child->esp_decrypted);
    else
        say(to, "    no %s in this capture\n", child->protocol);
    say_health(to, "initiator", &child->to_initiator);
    say_health(to, "responder", &child->to_responder);
    say_cause(to, 4, &child->cause);
}

static void say_exchange(const sink *to, const ike_report_exchange *exchange, uint64_t start)
{
    double at = exchange->time_ns > start ? (double)(exchange->time_ns - start) / 1e9 : 0;
    say(to, "    %9.3f s  %s", at, exchange->type);
    if (exchange->message_id || !exchange->by_initiator)
        say(to, exchange->message_id > 0xffff ? " %08x" : " %u", exchange->message_id);
    say(to, " by %s, ", exchange->by_initiator ? "initiator" : "responder");
    if (exchange->frame_count > 2)
        say(to, "frames %u to %u", exchange->frames[0],
            exchange->frames[exchange->frame_count - 1]);
    else if (exchange->response && exchange->request)
        say(to, "frames %u, %u", exchange->request, exchange->response);
    else
        say(to, "frame %u", exchange->request ? exchange->request : exchange->response);
    if (exchange->ms >= 0)
        say(to, ", %.1f ms", exchange->ms);
    if (exchange->retransmissions)
        say(to, ", %u retransmission%s", exchange->retransmissions,
            ike_plural(exchange->retransmissions));
    if (exchange->response_retransmissions)
        say(to, " (%u of the response)", exchange->response_retransmissions);
    if (exchange->copies)
        say(to, ", %u cop%s", exchange->copies, exchange->copies == 1 ? "y" : "ies");
    if (exchange->what)
        say(to, ": %s", exchange->what);
    say(to, "\n");
}

static void say_timeline(const sink *to, const ike_report_sa *record)
{
    say(to, "  Timeline:\n");
    for (size_t i = 0; i < record->exchange_count; i++) {
        if (i == MAX_TIMELINE) {
            say(to, "    ... and %zu more exchanges\n", record->exchange_count - i);
            break;
        }
        say_exchange(to, &record->exchanges[i], record->sa->first_ns);
    }
}

static bool is_cause(const ike_report_finding *finding, const ike_report_finding *cause)
{
    return cause->code && finding->frame == cause->frame && strcmp(finding->text, cause->text) == 0;
}

static void say_finding(const sink *to, const ike_report_finding *finding)
{
    static const char *const severities[] = {"chat", "note", "warn", "ERROR"};
    char head[80];
    int length =
        g_snprintf(head, sizeof head, "    %-5s frame %u, %s: ", severities[finding->severity],
                   finding->frame, ike_certainty_text(finding->certainty));
    say(to, "%s", head);
    say_wrapped(to, (unsigned)length, 10, finding->text);
    say_values(to, 10, finding);
}

/* Causes stand above, retransmissions in the timeline. */
static bool is_listed(const ike_report_sa *record, const ike_report_finding *finding)
{
    bool is_above = is_cause(finding, &record->cause);
    for (size_t i = 0; i < record->child_count && !is_above; i++)
        is_above = is_cause(finding, &record->children[i].cause);
    return !is_above && finding->severity != IKE_SEVERITY_CHAT;
}

/* Each Child SA may have the same weakness: a few of a kind are enough. */
static void say_findings(const sink *to, const ike_report_sa *record)
{
    enum { MAX_OF_KIND = 3 };
    GHashTable *kinds = g_hash_table_new(g_str_hash, g_str_equal);
    size_t listed = 0, left_out = record->finding_total - record->finding_count;
    for (size_t i = 0; i < record->finding_count; i++) {
        const ike_report_finding *finding = &record->findings[i];
        if (!is_listed(record, finding))
            continue;
        guint of_kind = GPOINTER_TO_UINT(g_hash_table_lookup(kinds, finding->name)) + 1;
        g_hash_table_insert(kinds, (char *)finding->name, GUINT_TO_POINTER(of_kind));
        if (finding->security && of_kind > MAX_OF_KIND) {
            left_out++;
            continue;
        }
        say(to, "%s", listed++ ? "" : "  Findings:\n");
        say_finding(to, finding);
    }
    if (left_out)
        say(to, "    ... and %zu more findings\n", left_out);
    g_hash_table_destroy(kinds);
}

static void say_sa(const ike_report_sa *record, void *user)
{
    const sink *to = user;
    say_head(to, record);
    say_party(to, "Initiator:", &record->initiator);
    say_party(to, "Responder:", &record->responder);
    say_suite(to, record);
    for (size_t i = 0; i < record->child_count; i++)
        say_child(to, &record->children[i]);
    say_timeline(to, record);
    say_findings(to, record);
    say(to, "\n");
}

void ike_report_text(const ike_tracker *tracker, ike_report_filter filter, void *filter_user,
                     ike_report_write write, void *user)
{
    sink to = {write, user};
    ike_report_each(tracker, filter, filter_user, say_sa, &to);
    if (filter || !ike_tracker_unknown_flows(tracker))
        return;
    say(&to, "ESP and AH that belong to no Child SA in this capture:\n");
    ike_report_each_flow(tracker, say_flow, &to);
}
