/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1: main, aggressive and quick mode that stop. Nothing of phase 1 is authenticated before its
 * last messages, so what they come to is seen from what follows. */
#include "analysis/findings/explain.h"
#include "analysis/findings/fragments.h"
#include "proto/ike_numbers.h"

#define AT_ONCE_NS (IKE_SECOND / 5)

enum { MAX_REFUSALS = 8 }; /* exchanges after message 5 that are looked at */

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

/* Behind a NAT message 5 goes to another port than those before it, and does not come back to port
 * 500 (RFC 3947 4). The first one that was seen of each may be forged. */
static bool floated(const ike_message_record *message5)
{
    enum { PORT_IKE = 500 };
    const ike_message_record *again = message5->exchange->more->last_retransmission;
    uint16_t port = ike_port_of(again && again->original == message5 ? again : message5, false);
    return port != PORT_IKE && port != message5->exchange->sa->first_responder.port;
}

/* The first message of an INFORMATIONAL that is encrypted and not decrypted, or does not decrypt
 * under the keys of one side; NULL none. */
static const ike_message_record *unread_informational(const ike_exchange *exchange)
{
    enum { MAX_CLEAR = 4 };
    const ike_message_record *record =
        exchange->type == IKEV1_EXCHANGE_INFORMATIONAL ? exchange->messages : NULL;
    for (int i = 0; record && i < MAX_CLEAR; i++, record = record->next)
        if (record->grade == IKE_GRADE_ENCRYPTED || record->not_authentic)
            return record;
    return NULL;
}

/* How often message 5 was sent at once after message 4, which the responder repeats: it may have
 * been lost twice, but not again and again. */
static uint32_t prompted(const ike_message_record *message5)
{
    enum { MAX_MESSAGES = 64, PATIENCE = 4 };
    const ike_message_record *message4 = message5->exchange->by_step[4], *again = NULL;
    const ike_message_record *record = message5->next;
    uint32_t count = 0;
    if (message5->retransmissions >= PATIENCE)
        return 0;
    for (int i = 0; message4 && record && i < MAX_MESSAGES; i++, record = record->next) {
        if (record->copy)
            continue;
        count +=
            again && record->original == message5 && ike_record_follows(again, record, AT_ONCE_NS);
        again = record->original == message4 ? record : NULL;
    }
    return MIN(count, message5->retransmissions);
}

/* What the responder sends long after message 5 was sent last does not answer it. */
static bool answers(const ike_message_record *record, const ike_message_record *message5)
{
    return record->time_ns < ike_last_sent_ns(message5) + 3 * IKE_SECOND / 2;
}

/* An INFORMATIONAL of the responder that is not decrypted, and is in the capture before or after
 * message 5: it answers that; NULL none. Counts them. */
static const ike_message_record *encrypted_refusal(const ike_message_record *message5,
                                                   unsigned *count)
{
    const ike_message_record *found = NULL; /* the last of them */
    const ike_exchange *exchange = message5->exchange->next;
    for (int i = 0; exchange && i < MAX_REFUSALS; i++, exchange = exchange->next) {
        const ike_message_record *record = unread_informational(exchange);
        if (!record || record->from_initiator == message5->from_initiator ||
            !answers(record, message5))
            continue;
        ++*count;
        found = record;
    }
    return found;
}

/* Errors in clear after message 5 with which a responder answers what it cannot decrypt: each time,
 * for one may be forged. */
static bool is_garbled(const ike_sa *sa, const ike_message_record *message5)
{
    return sa->refused && sa->refused->frame > message5->frame &&
           2 * sa->refusals > message5->retransmissions + 1u &&
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
    const ike_sa *sa = message5->exchange->sa;
    bool known = sa->initiator.other_psk;
    draft.finding.certainty = known ? IKE_SURE_CERTAIN : IKE_SURE_LIKELY;
    draft.finding.side = ike_side_of(!message5->from_initiator);
    draft.finding.frame = related ? related->frame : 0;
    g_string_append(draft.text, "PSK_MISMATCH: message 5");
    ike_append_sent(draft.text, message5->retransmissions + 1);
    g_string_append_printf(draft.text, ", %s", why);
    g_string_append(draft.requested, "PSK");
    if (related && related->grade != IKE_GRADE_ENCRYPTED && sa->refused_by)
        ike_append_notify(draft.received, sa, sa->refused_by);
    else
        g_string_append(draft.received, related ? "INFORMATIONAL" : "no response");
    g_string_append_printf(draft.detail,
                           "The responder cannot decrypt message 5%s: %sthe pre-shared keys "
                           "differ%s.",
                           related ? ", and the initiator does not act on the responses" : "",
                           known ? "" : "most likely ",
                           known ? ", as the keys in the logs of both sides do" : "");
    ike_draft_emit(sink, &draft);
}

/* The responder refused in a message that the initiator could read, for it stopped at once; or
 * that the responder did not send again, so it could read message 5. */
static void emit_refusal(ike_sink *sink, const ike_message_record *refusal, bool again, bool once)
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
                    !again ? "The initiator does not retransmit message 5, so it could decrypt the "
                             "refusal. "
                    : once ? "The responder does not retransmit the refusal when message 5 is "
                             "retransmitted, so it could decrypt message 5. "
                           : "");
    g_string_append_printf(draft.detail, "Most likely the method%s%s is not accepted.",
                           is_psk(refusal->exchange->sa) ? " or " : ", ",
                           what_of(refusal->exchange->sa));
    ike_draft_emit(sink, &draft);
}

/* Of several messages that claim to be the same step the one that was sent most often: who sends
 * it again waits for a response. */
static const ike_message_record *most_retransmitted(const ike_message_record *message)
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
    const ike_message_record *message5 = most_retransmitted(first);
    unsigned refusals = 0, sent = message5->retransmissions + 1;
    const ike_message_record *refusal = encrypted_refusal(message5, &refusals);
    const ike_message_record *again = message5->exchange->more->last_retransmission;
    bool each_time =
        refusals >= 2 && sent >= 2 && (2 * refusals > sent || refusals == MAX_REFUSALS);
    /* It goes on, however often it is answered; what comes at once may be a copy. */
    bool goes_on = refusal && sent == 2 && again && again->original == message5 &&
                   again->time_ns > refusal->time_ns + AT_ONCE_NS;
    if (refusal && refusal->not_authentic && sent < 3)
        return false;
    if ((each_time || goes_on) && is_psk(sa)) {
        emit_psk(sink, message5,
                 each_time ? "is answered with encrypted INFORMATIONAL messages"
                           : "is answered with an encrypted INFORMATIONAL message",
                 refusal);
        return true;
    }
    if (sa->heard_after_phase1[message5->from_initiator])
        return false; /* it went on */
    if (refusal) {
        emit_refusal(sink, refusal, sent >= 2, refusals == 1);
        return true;
    }
    if (is_garbled(sa, message5) && is_psk(sa)) {
        GString *why = g_string_new("is answered with ");
        ike_append_notify(why, sa, sa->refused_by);
        emit_psk(sink, message5, why->str, sa->refused);
        g_string_free(why, TRUE);
        return true;
    }
    if (message5->exchange->by_step[6] || floated(message5) || !is_psk(sa) ||
        !ike_waits_in_vain(message5, message5->retransmissions - prompted(message5)) ||
        message5->length > IKE_MTU_BYTES || ike_icmp_about(message5))
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

/* How often message `step` - 1 was sent again after message `step`: a responder sends its response
 * again as often as it gets the request. */
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
    if (main_mode && highest == 6 && before && !ike_sa_was_up(sa) &&
        find_after_message5(sink, sa, before))
        return true;
    if (before && !sa->heard_after_phase1[before->from_initiator] &&
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
    if (sa->heard_after_phase1[last->from_initiator])
        return false; /* it went on */
    if (!ike_has_no_response(last, highest == 1))
        return false;
    ike_find_unanswered(sink, last, NULL);
    return true;
}

/* ---- quick mode ------------------------------------------------------------------------------ */

/* Does an INFORMATIONAL of the other side that is not decrypted refuse the request? */
static const ike_message_record *refusal_in(const ike_exchange *exchange,
                                            const ike_message_record *request)
{
    const ike_message_record *record = exchange->type == IKEV1_EXCHANGE_INFORMATIONAL
                                           ? ike_exchange_evidence(exchange).first
                                           : NULL;
    bool refuses = record && record->from_initiator != request->from_initiator &&
                   record->grade == IKE_GRADE_ENCRYPTED && !exchange->is_answer &&
                   record->time_ns < request->time_ns + 4 * IKE_SECOND;
    return refuses ? record : NULL;
}

/* Whether a quick mode before this one took place, as far as the capture tells. */
static bool has_ipsec_sa_before(const ike_exchange *quick)
{
    enum { MAX_EXCHANGES = 16 };
    const ike_exchange *before = quick->sa->exchanges;
    for (int i = 0; before && before != quick; i++, before = before->next)
        if (i == MAX_EXCHANGES ||
            (before->type == IKEV1_EXCHANGE_QUICK_MODE && ike_exchange_took_place(before)))
            return true;
    return quick->sa->late_start;
}

/* The side that refuses ends nothing: when it goes on at once with the last message of the ISAKMP
 * SA, which is longer, it deletes first the IPsec SA and then the ISAKMP SA, whose SPI has 12 bytes
 * more (RFC 2408 3.15). */
static bool is_teardown(const ike_exchange *quick, const ike_message_record *refusal)
{
    enum { MORE = 12, BLOCK = 16, MAX_LATER = 4 };
    bool found = false;
    if (!has_ipsec_sa_before(quick))
        return false;
    const ike_exchange *next = refusal->exchange->next;
    for (int i = 0; next && i < MAX_LATER; i++, next = next->next) {
        const ike_message_record *record = ike_exchange_evidence(next).first;
        if (record && record->from_initiator != refusal->from_initiator)
            return false;
        found |= record && next->type == IKEV1_EXCHANGE_INFORMATIONAL &&
                 record->time_ns < refusal->time_ns + AT_ONCE_NS &&
                 record->length > refusal->length &&
                 record->length <= refusal->length + MORE + BLOCK;
    }
    return found;
}

/* The refusal of a quick mode by an INFORMATIONAL after it, or shortly before it; NULL none. What
 * took place in between was not refused. */
static const ike_message_record *quick_refusal(const ike_exchange *exchange)
{
    enum { MAX_LATER = 4 };
    const ike_message_record *request = exchange->request, *refusal = NULL;
    const ike_exchange *next = exchange->next;
    for (int i = 0; next && !refusal && i < MAX_LATER; i++, next = next->next) {
        refusal = refusal_in(next, request);
        if (!refusal && ike_exchange_took_place(next))
            break;
    }
    /* With the clocks of two captures apart it may have been captured before what it refuses, which
     * then gets no response. A last request without copies waits for its own. */
    bool waits = exchange->sa->last == request &&
                 (ike_tracker_is_reading(exchange->sa->tracker) || !request->copies);
    const ike_exchange *before = refusal || waits ? NULL : exchange->previous_of_side;
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
    /* Message 3 is a HASH alone; another one of this size is forged, or sent again. */
    bool heard = exchange->by_step[3] && exchange->by_step[3]->length < request->length;
    if (response && !heard)
        return ike_find_response_lost(sink, request, response, exchange->more->retransmitted_after,
                                      NULL);
    if (response || heard)
        return false;
    const ike_message_record *refusal = quick_refusal(exchange);
    if (refusal && is_teardown(exchange, refusal))
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
        g_string_append(draft.received, "INFORMATIONAL");
        g_string_append(draft.detail,
                        "Usually because of its proposals (PFS group included) or its networks.");
        ike_draft_emit(sink, &draft);
        return true;
    }
    if (!ike_waits_in_vain(request, request->retransmissions))
        return false;
    ike_find_unanswered(sink, request, NULL);
    return true;
}

/* The newest quick mode of which something is to be said, unless a later one took place. */
static bool find_last_quick(ike_sink *sink, const ike_sa *sa)
{
    enum { MAX_EXCHANGES = 16 };
    const ike_exchange *exchange = sa->last_quick ? sa->newest_exchange : NULL;
    for (int i = 0; exchange && i < MAX_EXCHANGES; i++, exchange = exchange->previous_of_side) {
        if (exchange->type != IKEV1_EXCHANGE_QUICK_MODE)
            continue;
        if (find_quick(sink, exchange))
            return true;
        if (ike_exchange_took_place(exchange))
            return false;
    }
    return false;
}

/* An INFORMATIONAL of the initiator that is not decrypted, at once after the last message of phase
 * 1, when nothing else took place. What is in clear does not count, and one message more may be
 * forged. */
static const ike_message_record *only_informational(const ike_sa *sa,
                                                    const ike_message_record *last)
{
    enum { MAX_LATER = 8 };
    const ike_message_record *found = NULL;
    const ike_exchange *next = sa->init->next;
    unsigned others = 0;
    for (int i = 0; next; i++, next = next->next) {
        ike_evidence seen = ike_exchange_evidence(next);
        if (i == MAX_LATER)
            return NULL;
        if (!found && seen.first && next->type == IKEV1_EXCHANGE_INFORMATIONAL &&
            seen.first->from_initiator && seen.first->grade == IKE_GRADE_ENCRYPTED &&
            ike_record_follows(last, seen.first, AT_ONCE_NS)) {
            found = seen.first;
            seen.messages--;
        }
        /* A responder that authenticates users goes on before it hears of the rejection. */
        bool goes_on = next->type == IKEV1_EXCHANGE_TRANSACTION && seen.first &&
                       !seen.first->from_initiator && seen.messages < IKE_CONFIRMED;
        if (!goes_on)
            others += seen.messages;
    }
    return others < IKE_CONFIRMED ? found : NULL;
}

/* Main mode is complete, or aggressive mode lacks its last message: the initiator, whose turn it
 * is, sends an INFORMATIONAL and no more. */
static bool find_encrypted_rejection(ike_sink *sink, const ike_sa *sa)
{
    const ike_message_record *const *steps = sa->init ? sa->init->by_step : NULL;
    if (!steps || sa->late_start)
        return false;
    bool aggressive = sa->init->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE;
    const ike_message_record *last = aggressive ? steps[2] : steps[6];
    bool goes_on = aggressive && last && steps[3] && steps[3]->frame > last->frame;
    const ike_message_record *record = last && !goes_on ? only_informational(sa, last) : NULL;
    if (!record || ike_goes_on_after_phase1(sink->tracker, sa))
        return false;
    if (!ike_wants(sink, record))
        return true;
    ike_draft draft = ike_draft_new(IKE_F_AUTHENTICATION_FAILED, record);
    draft.finding.side = IKE_SIDE_INITIATOR;
    /* It goes on with message 5, as no message 6 came that it accepts. */
    bool retransmitted = !aggressive && steps[5] && steps[5]->retransmissions >= 2;
    draft.finding.certainty = aggressive || retransmitted ? IKE_SURE_LIKELY : IKE_SURE_POSSIBLE;
    draft.finding.frame = last->frame;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    g_string_append(draft.requested, method ? method : "phase 1");
    g_string_append(draft.received, "INFORMATIONAL");
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
    return find_last_quick(sink, sa) || ike_find_refused_in_clear(sink, sa);
}
