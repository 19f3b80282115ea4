/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extended authentication of IKEv1 (XAUTH): what its status says, and what a client that stops
 * after it lets one infer. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

/* "user "carol" (client "initiator.lab.example")", as far as known. */
static void append_user(GString *out, const ike_sa *sa)
{
    if (sa->eap_identity) {
        g_string_append(out, "user ");
        ike_append_quoted(out, sa->eap_identity);
        g_string_append(out, " of client");
    } else {
        g_string_append(out, "user name or password of client");
    }
    ike_append_identity(out, &sa->initiator);
}

/* The client answered a request of the gateway without a user name; false when no answer was
 * readable. */
static bool sent_no_user(const ike_sa *sa)
{
    enum { MAX_EXCHANGES = 16, CFG_REPLY = 2 };
    const ike_exchange *e = sa->eap_identity ? NULL : sa->exchanges;
    for (int i = 0; e && i < MAX_EXCHANGES; i++, e = e->next) {
        const ike_message_record *last = e->last_distinct;
        if (e->type == IKEV1_EXCHANGE_TRANSACTION && last && last->from_initiator &&
            last->grade == IKE_GRADE_VERIFIED && last->content &&
            last->content->config_type == CFG_REPLY + 1)
            return true;
    }
    return false;
}

static void explain_no_user(ike_draft *draft, const ike_sa *sa)
{
    draft->finding.side = IKE_SIDE_INITIATOR;
    g_string_append(draft->text, "XAUTH_FAILED: client");
    ike_append_identity(draft->text, &sa->initiator);
    g_string_append(draft->text, " sent no user name and password");
    g_string_append(draft->requested, "user name and password");
    g_string_append(draft->received, "neither");
    g_string_append(draft->detail, "Configure them on the client: it has none for this gateway, or "
                                   "none for this user name.");
}

void ike_emit_xauth_failure(ike_sink *sink, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    ike_draft draft = ike_draft_new(IKE_F_XAUTH_FAILED, record);
    if (sent_no_user(sa)) {
        explain_no_user(&draft, sa);
        ike_draft_emit(sink, &draft);
        return;
    }
    draft.finding.side = ike_side_of(record->from_initiator);
    g_string_append(draft.text, "XAUTH_FAILED: gateway rejected ");
    append_user(draft.text, sa);
    g_string_append(draft.requested, sa->eap_identity ? sa->eap_identity : "XAUTH");
    if (sa->eap_identity)
        draft.finding.from_wire = IKE_WIRE_REQUESTED;
    g_string_append(draft.received, "XAUTH-STATUS FAIL");
    g_string_append(draft.detail, "Compare user name and password with the user database of the "
                                  "gateway (local, RADIUS or LDAP).");
    ike_draft_emit(sink, &draft);
}

/* The gateway asks for name and password, and then sets the status: two transactions that it
 * begins. With push of an address there are more (RFC 2408 has none of it; the drafts of XAUTH and
 * mode config do). One message that may be forged is none of them, but for the last one. */
static const ike_exchange *last_status(const ike_tracker *tracker, const ike_sa *sa)
{
    enum { LEAST = 2, MAX_EXCHANGES = 16 };
    const ike_exchange *last = NULL;
    unsigned transactions = 0;
    int i = 0;
    if (!sa->last_transaction || ike_goes_on_after_phase1(tracker, sa) || sa->late_start)
        return NULL;
    for (const ike_exchange *e = sa->exchanges; e; e = e->next, i++) {
        ike_evidence seen = ike_exchange_evidence(e);
        if (i == MAX_EXCHANGES)
            return NULL;
        if (e->type != IKEV1_EXCHANGE_TRANSACTION || !seen.first)
            continue;
        if (seen.messages >= IKE_CONFIRMED &&
            (ike_exchange_begun_by_initiator(e) || seen.first->grade != IKE_GRADE_ENCRYPTED))
            return NULL;
        bool counts =
            seen.messages >= IKE_CONFIRMED || (transactions && !seen.first->from_initiator);
        transactions += counts;
        last = counts ? e : last;
    }
    return transactions >= LEAST ? last : NULL;
}

/* What the client does instead of going on: it ends the ISAKMP SA, or begins another one. */
static const ike_message_record *end_after(const ike_exchange *status)
{
    enum { MAX_LATER = 4 };
    const ike_sa *sa = status->sa;
    const ike_exchange *next = status->next;
    for (int i = 0; next && i < MAX_LATER; i++, next = next->next) {
        ike_evidence seen = ike_exchange_evidence(next);
        if (next->type == IKEV1_EXCHANGE_INFORMATIONAL && seen.first &&
            seen.first->grade == IKE_GRADE_ENCRYPTED &&
            seen.first->time_ns < status->messages->time_ns + 2 * IKE_SECOND)
            return seen.first;
        if (seen.messages >= IKE_CONFIRMED)
            break;
    }
    const ike_sa *newer = ike_sa_newest_between(sa);
    return newer != sa && newer->first_ns > status->messages->time_ns && newer->exchanges
               ? newer->exchanges->messages
               : NULL;
}

/* The capture does not show what the client does. */
static void emit_stop(ike_sink *sink, const ike_message_record *status)
{
    ike_draft draft = ike_stop_draft(sink, status, "the XAUTH status (no key)",
                                     "user or password may be rejected");
    draft.finding.code = "XAUTH_FAILED";
    draft.finding.side = IKE_SIDE_RESPONDER;
    g_string_append(draft.requested, "XAUTH");
    g_string_append(draft.detail, "A gateway that accepts user name and password goes on with mode "
                                  "config or quick mode.");
    ike_draft_emit(sink, &draft);
}

static void emit_end(ike_sink *sink, const ike_message_record *status,
                     const ike_message_record *end)
{
    ike_draft draft = ike_draft_new(IKE_F_XAUTH_FAILED, status);
    draft.finding.certainty = IKE_SURE_LIKELY;
    draft.finding.side = IKE_SIDE_RESPONDER;
    draft.finding.frame = end->frame;
    g_string_append_printf(
        draft.text,
        "XAUTH_FAILED: client stops after the XAUTH status, %s in frame %u "
        "(no key)",
        end->exchange->sa == status->exchange->sa ? "INFORMATIONAL" : "new IKE SA", end->frame);
    g_string_append(draft.requested, "XAUTH");
    g_string_append(draft.received, "no quick mode");
    g_string_append(draft.detail, "Most likely the gateway rejected user name or password: compare "
                                  "them with its user database (local, RADIUS or LDAP).");
    ike_draft_emit(sink, &draft);
}

/* After XAUTH the client requests its address or waits until the gateway sets it (mode config, pull
 * and push): two sides that both wait do nothing. */
static bool find_both_wait(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *status = sa->last_transaction;
    const ike_message_record *last = status ? status->last_distinct : NULL;
    if (!last || status->purpose != IKE_PURPOSE_XAUTH || status != sa->newest_exchange ||
        last->grade != IKE_GRADE_VERIFIED || !last->from_initiator || sa->failed ||
        sa->late_start || ike_goes_on_after_phase1(sink->tracker, sa) || !ike_may_stop(sink, last))
        return false;
    if (!ike_wants(sink, last))
        return true;
    ike_draft draft = ike_stop_draft(sink, last, "XAUTH", "both sides may wait for mode config");
    draft.finding.kind = ike_kind(IKE_F_NOTHING_FOLLOWS);
    g_string_append(draft.requested, "quick mode");
    g_string_append(draft.detail, "One side may push the inner address and the other pull it: make "
                                  "both the same (strongSwan: pull), or request no address.");
    ike_draft_emit(sink, &draft);
    return true;
}

bool ike_find_xauth(ike_sink *sink, const ike_sa *sa)
{
    if (sa->major == 1 && find_both_wait(sink, sa))
        return true;

    const ike_exchange *status = sa->major == 1 ? last_status(sink->tracker, sa) : NULL;
    if (!status)
        return false;
    const ike_message_record *end = end_after(status);
    if (!end && (status != sa->newest_exchange || !ike_may_stop(sink, status->messages)))
        return false;
    if (!ike_wants(sink, status->messages))
        return true;
    if (end)
        emit_end(sink, status->messages, end);
    else
        emit_stop(sink, status->messages);
    return true;
}
