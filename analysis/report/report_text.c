/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as text: what one would write into a ticket, the cause first. */
#include "analysis/report/report.h"

#include <string.h>

#include "analysis/tracker/internal.h"

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

static void say_cause(const sink *to, const char *indent, const ike_report_cause *cause)
{
    if (!cause->code)
        return;
    say(to, "%sCause: %s\n%s       %s, frame %u, %s\n", indent, cause->text, indent, cause->code,
        cause->frame, ike_certainty_text(cause->certainty));
}

static void say_party(const sink *to, const char *role, const ike_report_party *party)
{
    static const char *const auth_texts[] = {"", ", verified", ", does NOT verify"};
    say(to, "  %s %s port %u", role, *party->address ? party->address : "(no IP address)",
        party->port);
    if (party->id)
        say(to, ", %s \"%s\"", party->id_type ? party->id_type : "ID", party->id);
    if (party->auth)
        say(to, ", %s%s", party->auth, auth_texts[party->proof]);
    if (party->authentication_reason && party->proof != IKE_AUTHENTICATION_UNKNOWN)
        say(to, " (%s)", party->authentication_reason);
    if (party->behind_nat)
        say(to, ", behind NAT");
    say(to, "\n");
    if (party->certificate)
        say(to, "             certificate of \"%s\"\n", party->certificate);
    for (size_t i = 0; party->vendors[i]; i++)
        say(to, "%s%s", i == 0 ? "             vendor IDs: " : ", ", party->vendors[i]);
    if (party->vendors[0])
        say(to, "\n");
}

static void say_head(const sink *to, const ike_report_sa *record)
{
    const ike_sa *sa = record->sa;
    say(to, "IKE SA %u: IKEv%u %s <-> %s, ", sa->stream, sa->major, record->initiator.address,
        record->responder.address);
    if (record->outcome == IKE_OUTCOME_FAILED)
        say(to, "FAILED");
    else if (record->outcome == IKE_OUTCOME_NO_RESPONSE)
        say(to, "NO RESPONSE");
    else
        say(to, "%s", ike_outcome_text(record->outcome));
    if (record->setup_ms >= 0 && record->outcome != IKE_OUTCOME_FAILED)
        say(to, ", came up in %.1f ms", record->setup_ms);
    if (sa->late_start)
        say(to, ", began before the capture");
    if (sa->state == IKE_SA_INFERRED)
        say(to, " (inferred: its messages are sealed)");
    say(to, "\n");
    say_cause(to, "  ", &record->cause);
}

static void say_suite(const sink *to, const ike_report_sa *record)
{
    const ike_report_suite *suite = &record->proposal;
    const ike_sa *sa = record->sa;
    if (suite->encryption) {
        say(to, "  Agreed:    %s", suite->encryption);
        if (suite->integrity)
            say(to, ", %s", suite->integrity);
        if (suite->prf)
            say(to, ", %s", suite->prf);
        for (size_t i = 0; suite->key_exchange[i]; i++)
            say(to, ", %s", suite->key_exchange[i]);
        say(to, "\n");
    } else {
        say(to, "  Agreed:    not known\n");
    }
    if (sa->initiator.nat_known || sa->responder.nat_known)
        say(to, "  NAT:       %s\n",
            sa->initiator.behind_nat && sa->responder.behind_nat ? "both sides are behind NAT"
            : sa->initiator.behind_nat                           ? "the initiator is behind NAT"
            : sa->responder.behind_nat                           ? "the responder is behind NAT"
                                                                 : "none");
    say(to, "  Messages:  %u, encrypted %u, decrypted %u%s\n", sa->messages, sa->encrypted_messages,
        sa->decrypted_messages, sa->tcp ? ", over TCP" : "");
    if (sa->rekeyed_from)
        say(to, "  Replaces:  IKE SA %u\n", sa->rekeyed_from->stream);
    if (sa->rekeyed_to)
        say(to, "  Replaced by IKE SA %u\n", sa->rekeyed_to->stream);
}

static void say_list(const sink *to, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        say(to, "%s%s", i ? ", " : "", list[i]);
    if (!list[0])
        say(to, "unknown");
}

static void say_child(const sink *to, const ike_report_child *child)
{
    say(to, "  CHILD_SA %u: %s %s, %s, SPIs %s / %s\n    ", child->number, child->protocol,
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
        say(to, "    replaces %s\n", child->rekeyed_from);
    if (child->esp_packets)
        say(to, "    ESP: %u packets, %u to the initiator and %u to the responder; %u decrypted\n",
            child->esp_packets, child->esp_to_initiator, child->esp_to_responder,
            child->esp_decrypted);
    else
        say(to, "    no ESP in this capture\n");
    say_cause(to, "    ", &child->cause);
}

static void say_exchange(const sink *to, const ike_report_exchange *exchange, uint64_t start)
{
    double at = exchange->time_ns > start ? (double)(exchange->time_ns - start) / 1e9 : 0;
    say(to, "    %9.3f s  %s", at, exchange->type);
    if (exchange->message_id)
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
        say(to, ", %u repeat%s", exchange->retransmissions,
            exchange->retransmissions == 1 ? "" : "s");
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

static void say_findings(const sink *to, const ike_report_sa *record)
{
    static const char *const severities[] = {"chat", "note", "warn", "ERROR"};
    bool heading = false;
    for (size_t i = 0; i < record->finding_count; i++) {
        const ike_finding *finding = record->findings[i];
        if (finding->kind->severity == IKE_SEVERITY_CHAT)
            continue; /* repeats stand in the timeline */
        if (!heading)
            say(to, "  Findings:\n");
        heading = true;
        say(to, "    %-5s %s, frame %u (%s): %s\n", severities[finding->kind->severity],
            finding->code, finding->message->frame, ike_certainty_text(finding->certainty),
            finding->text);
    }
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

void ike_report_text(ike_tracker *tracker, ike_report_filter filter, void *filter_user,
                     ike_report_write write, void *user)
{
    sink to = {write, user};
    ike_report_each(tracker, filter, filter_user, say_sa, &to);
}
