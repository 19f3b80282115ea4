/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1: main, aggressive and quick mode that stop. Nothing of phase 1 is authenticated before its
 * last messages, so what they come to is seen from what follows. */
#include "analysis/findings/explain.h"
#include "analysis/findings/fragments.h"
#include "proto/ike_numbers.h"

enum { MTU_BYTES = 1200 };
#define AT_ONCE_NS (IKE_SECOND / 5)

static bool is_psk(const ike_sa *sa)
{
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    return method && g_str_has_prefix(method, "PSK");
}

/* What the other side may not accept when the keys are right. */
static const char *what_of(const ike_sa *sa)
{
    return is_psk(sa) ? "the identity" : "the identity or the certificate";
}

static bool floated(const ike_message_record *message)
{
    return ike_port_of(message, false) != message->exchange->sa->first_responder.port;
}

/* An INFORMATIONAL of the responder that is not decrypted, and is in the capture before or after
 * message 5: it answers that; NULL none. Counts them. */
static const ike_message_record *
encrypted_refusal(const ike_sa *sa, const ike_message_record *message5, unsigned *count)
{
    enum { MAX_LATER = 8 };
    const ike_message_record *found = NULL; /* the last of them */
    const ike_exchange *exchange = message5->exchange->next;
    for (int i = 0; exchange && i < MAX_LATER; i++, exchange = exchange->next) {
        const ike_message_record *record = exchange->messages;
        /* With the keys of one side the other's messages decrypt to invalid plaintext. */
        bool unread = record && (record->grade == IKE_GRADE_ENCRYPTED || record->not_authentic);
        if (exchange->type != IKEV1_EXCHANGE_INFORMATIONAL || !unread ||
            record->from_initiator == message5->from_initiator)
            continue;
        ++*count;
        if (exchange == sa->last_informational || record->not_authentic)
            found = record;
    }
    return found;
}

/* An error in clear after message 5 with which a responder answers what it cannot decrypt. */
static bool is_garbled(const ike_sa *sa, const ike_message_record *message5)
{
    return sa->refused && sa->refused->frame > message5->frame &&
           (sa->refused_by == IKEV1_NOTIFY_PAYLOAD_MALFORMED ||
            sa->refused_by == IKEV1_NOTIFY_INVALID_PAYLOAD_TYPE ||
            sa->refused_by == IKEV1_NOTIFY_UNEQUAL_PAYLOAD_LENGTHS ||
            sa->refused_by == IKEV1_NOTIFY_INVALID_HASH_INFORMATION);
}

static void emit_psk(ike_sink *sink, const ike_message_record *message5, const char *why,
                     const ike_message_record *related)
{
    if (!ike_wants(sink, message5))
        return;
    ike_draft draft = ike_draft_new(IKE_F_PSK_MISMATCH, message5);
    bool known = message5->exchange->sa->initiator.other_psk;
    draft.finding.certainty = known ? IKE_SURE_CERTAIN : IKE_SURE_LIKELY;
    draft.finding.side = ike_side_of(!message5->from_initiator);
    draft.finding.frame = related ? related->frame : 0;
    g_string_append_printf(draft.text, "PSK_MISMATCH: message 5, sent %u time%s, %s",
                           message5->retransmissions + 1, ike_plural(message5->retransmissions + 1),
                           why);
    g_string_append(draft.requested, "PSK");
    g_string_append_printf(draft.received, "message 5 sent %u time%s",
                           message5->retransmissions + 1,
                           ike_plural(message5->retransmissions + 1));
    g_string_append_printf(draft.detail,
                           "The responder cannot decrypt message 5%s: %sthe pre-shared keys "
                           "differ%s.",
                           related ? ", and the initiator does not act on the responses" : "",
                           known ? "" : "most likely ",
                           known ? ", as the keys in the logs of both sides do" : "");
    ike_draft_emit(sink, &draft);
}

/* The responder refused in a message that the initiator could read, for it stopped at once; or
 * that the responder did not repeat, so it could read message 5. */
static void emit_refusal(ike_sink *sink, const ike_message_record *refusal, bool once)
{
    if (!ike_wants(sink, refusal))
        return;
    ike_draft draft = ike_draft_new(IKE_F_AUTHENTICATION_FAILED, refusal);
    draft.finding.side = ike_side_of(refusal->from_initiator);
    draft.finding.certainty = IKE_SURE_LIKELY;
    g_string_append_printf(draft.text,
                           "AUTHENTICATION_FAILED: %s rejected message 5 in an encrypted "
                           "message (no key)",
                           ike_role(refusal->from_initiator));
    const char *method = ike_format_auth_method(1, refusal->exchange->sa->negotiated->auth_method);
    g_string_append(draft.requested, method ? method : "message 5");
    g_string_append(draft.detail,
                    once ? "The responder does not repeat the refusal when message 5 is "
                           "retransmitted, so it could decrypt message 5: "
                         : "The initiator does not retransmit message 5, so it could decrypt the "
                           "refusal: ");
    g_string_append_printf(draft.detail, "most likely the method or %s is not accepted.",
                           what_of(refusal->exchange->sa));
    ike_draft_emit(sink, &draft);
}

/* Of several messages that claim to be the same step the one that was sent most often: who repeats
 * it waits for a response. */
static const ike_message_record *most_repeated(const ike_message_record *message)
{
    enum { MAX_MESSAGES = 32 };
    const ike_message_record *found = message, *record = message->exchange->last_distinct;
    for (int i = 0; record && i < MAX_MESSAGES; i++, record = record->previous_distinct)
        if (record->step == message->step && record->from_initiator == message->from_initiator &&
            record->retransmissions > found->retransmissions)
            found = record;
    return found;
}

static bool find_after_message5(ike_sink *sink, const ike_sa *sa, const ike_message_record *first)
{
    const ike_message_record *message5 = most_repeated(first);
    unsigned refusals = 0;
    const ike_message_record *refusal = encrypted_refusal(sa, message5, &refusals);
    bool once = refusals == 1 && message5->retransmissions >= 2;
    if (refusal && refusal->not_authentic && message5->retransmissions < 2)
        return false;
    if (refusal && message5->retransmissions >= 1 && !once && is_psk(sa)) {
        emit_psk(sink, message5, "is answered with encrypted INFORMATIONAL messages", refusal);
        return true;
    }
    if (refusal) {
        emit_refusal(sink, refusal, once);
        return true;
    }
    if (is_garbled(sa, message5) && is_psk(sa)) {
        GString *why = g_string_new("is answered with ");
        ike_append_notify(why, sa, sa->refused_by);
        emit_psk(sink, message5, why->str, sa->refused);
        g_string_free(why, TRUE);
        return true;
    }
    if (message5->exchange->by_step[6] || message5->retransmissions < 2 || floated(message5) ||
        message5->length > MTU_BYTES || !is_psk(sa) || sa->icmp)
        return false;
    emit_psk(sink, message5, "gets no response", NULL);
    return true;
}

/* A message that is sent in fragments again and again, and of which one never arrives. */
static bool find_fragments(ike_sink *sink, const ike_exchange *exchange)
{
    enum { PATIENCE = 3 }; /* transmissions */
    for (int side = 1; side >= 0; side--) {
        ike_fragments fragments = ike_fragments_of(exchange, side);
        if (!fragments.first || fragments.complete || fragments.times < PATIENCE)
            continue;
        ike_find_unanswered(sink, fragments.first, NULL);
        return true;
    }
    return false;
}

/* How often message `step` - 1 was sent again after message `step`: a responder repeats its answer
 * as often as it is asked. */
static uint32_t retransmitted_after(const ike_exchange *exchange, int step)
{
    const ike_message_record *request = exchange->by_step[step - 1],
                             *response = exchange->by_step[step];
    uint32_t after = exchange->more->retransmitted_after;
    return after || step % 2 ? after : MIN(request->retransmissions, response->retransmissions);
}

static bool find_phase1(ike_sink *sink, const ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    int highest = 0;
    for (int i = 1; i <= IKE_V1_STEPS; i++)
        if (exchange->by_step[i])
            highest = i;
    if (highest == 0)
        return false;
    const ike_message_record *last = exchange->by_step[highest];
    const ike_message_record *before = highest > 1 ? exchange->by_step[highest - 1] : NULL;
    bool main_mode = exchange->type == IKEV1_EXCHANGE_MAIN_MODE;
    /* A responder that refuses message 5 did not send the message 6 that is in the capture. */
    if (main_mode && highest == 6 && before && !ike_sa_was_up(sa) && before->retransmissions >= 1 &&
        find_after_message5(sink, sa, before))
        return true;
    if (before &&
        ike_find_response_lost(sink, before, last, retransmitted_after(exchange, highest), NULL))
        return true;
    if (ike_sa_was_up(sa))
        return false;
    if (find_fragments(sink, exchange))
        return true;
    if (main_mode && highest == 5 && find_after_message5(sink, sa, last))
        return true;
    if (highest % 2 == 0 && before)
        return false; /* the next message is that of the other side */
    if (!ike_has_no_response(sink->tracker, last, highest == 1))
        return false;
    ike_find_unanswered(sink, last, NULL);
    return true;
}

/* ---- quick mode ------------------------------------------------------------------------------ */

/* The next exchange with an encrypted message: what is in clear in between may be forged. */
static const ike_exchange *next_encrypted(const ike_exchange *exchange)
{
    enum { MAX_CLEAR = 4 };
    const ike_exchange *next = exchange->next;
    for (int i = 0;
         next && i < MAX_CLEAR && next->messages && next->messages->grade == IKE_GRADE_UNPROTECTED;
         i++)
        next = next->next;
    return next;
}

/* Does an INFORMATIONAL of the other side that is not decrypted refuse the request? */
static const ike_message_record *refusal_in(const ike_exchange *exchange,
                                            const ike_message_record *request)
{
    const ike_message_record *record =
        exchange && exchange->type == IKEV1_EXCHANGE_INFORMATIONAL ? exchange->messages : NULL;
    bool refuses = record && record->from_initiator != request->from_initiator &&
                   record->grade == IKE_GRADE_ENCRYPTED && !exchange->is_answer &&
                   record->time_ns < request->time_ns + 4 * IKE_SECOND;
    return refuses ? record : NULL;
}

/* The side that refuses ends nothing: with a second INFORMATIONAL of the same side, which deletes
 * the ISAKMP SA, the first one deletes the IPsec SA. */
static bool is_teardown(const ike_message_record *refusal)
{
    const ike_exchange *next = refusal->exchange->next;
    return next && next->type == IKEV1_EXCHANGE_INFORMATIONAL && next->messages &&
           next->messages->from_initiator == refusal->from_initiator &&
           next->messages->time_ns < refusal->time_ns + AT_ONCE_NS;
}

/* The refusal of a quick mode by an INFORMATIONAL after it, or shortly before it; NULL none. */
static const ike_message_record *quick_refusal(const ike_exchange *exchange)
{
    const ike_message_record *request = exchange->request;
    const ike_message_record *refusal = refusal_in(next_encrypted(exchange), request);
    /* With the clocks of two captures apart it may have been captured before what it refuses. */
    const ike_exchange *before = refusal ? NULL : exchange->previous_of_side;
    if (before && before->messages && before->messages->time_ns + 2 * IKE_SECOND > request->time_ns)
        refusal = refusal_in(before, request);
    return refusal;
}

/* The first message of a quick mode without an answer; an INFORMATIONAL that follows it from the
 * other side and is not decrypted refuses it. */
static bool find_quick(ike_sink *sink, const ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    const ike_message_record *request = exchange->request;
    if (!request || !exchange->by_step || sa->deleted ||
        (sa->late_start ? sa->exchanges == exchange : !ike_sa_was_up(sa)))
        return false;
    if (exchange->child)
        return false; /* the cause of that Child SA */
    const ike_message_record *response = exchange->by_step[2];
    bool heard = exchange->by_step[3] != NULL;
    if (response && !heard)
        return ike_find_response_lost(sink, request, response, exchange->more->retransmitted_after,
                                      NULL);
    if (response || heard)
        return false;
    const ike_message_record *refusal = quick_refusal(exchange);
    if (refusal && is_teardown(refusal))
        return false;
    if (refusal) {
        if (!ike_wants(sink, request))
            return true;
        ike_draft draft = ike_draft_new(IKE_F_UNKNOWN_FAILURE, request);
        draft.finding.side = ike_side_of(refusal->from_initiator);
        draft.finding.frame = refusal->frame;
        g_string_append_printf(
            draft.text, "%s rejected quick mode in an encrypted INFORMATIONAL, frame %u (no key)",
            ike_role(refusal->from_initiator), refusal->frame);
        g_string_append(draft.requested, "quick mode");
        g_string_append_printf(draft.received, "INFORMATIONAL of %u bytes", refusal->length);
        g_string_append(draft.detail,
                        "Usually because of its proposals (PFS group included) or its networks.");
        ike_draft_emit(sink, &draft);
        return true;
    }
    if (request->retransmissions < 2)
        return false;
    ike_find_unanswered(sink, request, NULL);
    return true;
}

/* Whether all messages of an exchange are copies or retransmissions of its first. */
static bool has_one_message(const ike_exchange *exchange)
{
    enum { MAX_COPIES = 8 };
    const ike_message_record *record = exchange->messages ? exchange->messages->next : NULL;
    for (int i = 0; record && i < MAX_COPIES; i++, record = record->next)
        if (!record->original)
            return false;
    return !record;
}

/* The only thing that is sent after the last message of phase 1 is an INFORMATIONAL of its
 * initiator, which is not decrypted. What is in clear does not count. */
static const ike_message_record *only_informational(const ike_sa *sa)
{
    enum { MAX_LATER = 8 };
    const ike_message_record *found = NULL;
    const ike_exchange *next = sa->init ? sa->init->next : NULL;
    for (int i = 0; next; i++, next = next->next) {
        const ike_message_record *record = next->messages;
        if (i == MAX_LATER)
            return NULL;
        if (!record || record->grade == IKE_GRADE_UNPROTECTED)
            continue;
        if (found || next->type != IKEV1_EXCHANGE_INFORMATIONAL || !record->from_initiator ||
            record->grade != IKE_GRADE_ENCRYPTED || !has_one_message(next))
            return NULL;
        found = record;
    }
    return found;
}

/* Main mode is complete, or aggressive mode lacks its last message: the initiator, whose turn it
 * is, sends an INFORMATIONAL and no more. */
static bool find_encrypted_rejection(ike_sink *sink, const ike_sa *sa)
{
    const ike_message_record *record = only_informational(sa);
    const ike_message_record *const *steps = record ? sa->init->by_step : NULL;
    if (!steps || sa->late_start)
        return false;
    bool aggressive = sa->init->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE;
    const ike_message_record *last = aggressive ? steps[2] : steps[6];
    if (!last || (aggressive && steps[3]) || !ike_record_follows(last, record, AT_ONCE_NS))
        return false;
    if (!ike_wants(sink, record))
        return true;
    ike_draft draft = ike_draft_new(IKE_F_AUTHENTICATION_FAILED, record);
    draft.finding.side = IKE_SIDE_INITIATOR;
    /* It goes on with message 5, as no message 6 came that it accepts. */
    bool repeats = !aggressive && steps[5] && steps[5]->retransmissions >= 2;
    draft.finding.certainty = aggressive || repeats ? IKE_SURE_LIKELY : IKE_SURE_POSSIBLE;
    draft.finding.frame = last->frame;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    g_string_append(draft.requested, method ? method : "phase 1");
    g_string_append(draft.received, "an encrypted INFORMATIONAL, nothing after it");
    g_string_append_printf(draft.text,
                           "AUTHENTICATION_FAILED: initiator rejected message %u in an encrypted "
                           "message (no key)",
                           aggressive ? 2 : 6);
    g_string_append_printf(draft.detail, "%s it does not accept %s of the responder.",
                           is_psk(sa) && aggressive ? "Most likely the pre-shared keys differ; or"
                                                    : "An error or a Delete: most likely",
                           what_of(sa));
    ike_draft_emit(sink, &draft);
    return true;
}

bool ike_find_phase1(ike_sink *sink, const ike_sa *sa)
{
    if (sa->major != 1 || ike_is_gdoi(sa))
        return false;
    if (find_encrypted_rejection(sink, sa))
        return true;
    if (sa->init && sa->init->by_step && find_phase1(sink, sa->init))
        return true;
    return (sa->last_quick && find_quick(sink, sa->last_quick)) ||
           ike_find_refused_in_clear(sink, sa);
}
