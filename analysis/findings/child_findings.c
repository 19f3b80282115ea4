/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to be said about one Child SA. */
#include <string.h>

#include "analysis/findings/explain.h"
#include "proto/ike_message.h"
#include "proto/ike_numbers.h"

/* ---- its negotiation ------------------------------------------------------------------------- */

void ike_find_choice(ike_sink *sink, const ike_message_record *request,
                     const ike_message_record *response)
{
    const ike_content *requested = request ? request->content : NULL;
    if (!requested || !requested->proposals || requested->proposals->truncated ||
        !response->content || !response->content->proposals)
        return;
    GString *missing = g_string_new(NULL);
    if (!ike_proposal_list_contains(requested->proposals, response->content->proposals, missing) &&
        ike_wants(sink, response)) {
        ike_draft draft = ike_draft_new(IKE_F_CHOSE_NOT_PROPOSED, response);
        draft.finding.side = ike_side_of(response->from_initiator);
        draft.finding.frame = request->frame;
        ike_format_proposal_list(draft.requested, requested->proposals);
        g_string_append(draft.received, missing->str);
        g_string_append_printf(draft.text,
                               "Response chooses %s, which was not proposed in frame %u",
                               missing->str, request->frame);
        ike_draft_emit(sink, &draft);
    }
    g_string_free(missing, TRUE);
}

/* Whether a requested selector has that address, with protocol and ports of one that was chosen. */
static bool has_address(const ike_selector *chosen, const uint8_t *address,
                        const ike_selector *requested, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const ike_selector *one = &requested[i];
        if (one->type == chosen->type &&
            (!one->ip_protocol || one->ip_protocol == chosen->ip_protocol) &&
            one->start_port <= chosen->start_port && one->end_port >= chosen->end_port &&
            memcmp(one->start, address, sizeof one->start) <= 0 &&
            memcmp(one->end, address, sizeof one->end) >= 0)
            return true;
    }
    return false;
}

/* Whether the requested selectors, of which one may begin where another ends, have all of one that
 * was chosen. */
static bool is_within(const ike_selector *chosen, const ike_selector *requested, uint32_t count)
{
    enum { SECLABEL = 10 };
    return chosen->type == SECLABEL || count >= IKE_MAX_SELECTORS || /* there may be more */
           (has_address(chosen, chosen->start, requested, count) &&
            has_address(chosen, chosen->end, requested, count));
}

/* RFC 7296 2.9: a responder may choose a subset of what is requested, nothing else. */
static bool is_subset(const ike_child *child)
{
    bool subset = true;
    for (uint32_t i = 0; i < child->ts_initiator_count && subset; i++)
        subset = is_within(&child->ts_initiator[i], child->requested_initiator,
                           child->requested_initiator_count);
    for (uint32_t i = 0; i < child->ts_responder_count && subset; i++)
        subset = is_within(&child->ts_responder[i], child->requested_responder,
                           child->requested_responder_count);
    return subset;
}

static void check_narrowing(ike_sink *sink, const ike_child *child)
{
    if (!child->requested_initiator_count || !child->requested_responder_count)
        return;
    /* Lists that are equal are stored once: the pointers tell. */
    if ((child->requested_initiator == child->ts_initiator &&
         child->requested_responder == child->ts_responder) ||
        !ike_wants(sink, child->established))
        return;
    const ike_content *request = child->request ? child->request->content : NULL;
    bool narrowed = is_subset(child);
    /* Behind NAT the addresses are replaced (RFC 7296 2.23.1). */
    if (!narrowed && ike_content_notify(request, IKEV2_NOTIFY_USE_TRANSPORT_MODE))
        return;
    ike_draft draft =
        ike_draft_new(narrowed ? IKE_F_TS_NARROWED : IKE_F_TS_NOT_REQUESTED, child->established);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(child->established->from_initiator);
    ike_format_selector_pair(draft.requested, child->requested_initiator,
                             child->requested_initiator_count, child->requested_responder,
                             child->requested_responder_count);
    ike_format_selector_pair(draft.received, child->ts_initiator, child->ts_initiator_count,
                             child->ts_responder, child->ts_responder_count);
    if (narrowed)
        g_string_append_printf(draft.text, "Traffic selectors narrowed to %s", draft.received->str);
    else
        g_string_append_printf(draft.text, "Traffic selectors chosen outside the request: %s",
                               draft.received->str);
    ike_draft_emit(sink, &draft);
}

static void check_lifetime(ike_sink *sink, const ike_child *child)
{
    const ike_content *request = child->request ? child->request->content : NULL;
    const ike_content *response = child->established->content;
    if (!request || !response || !request->life_seconds || !response->life_seconds ||
        request->life_seconds == response->life_seconds || !ike_wants(sink, child->established))
        return;
    ike_draft draft = ike_draft_new(IKE_F_LIFETIME_DIFFERS, child->established);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(child->established->from_initiator);
    g_string_append_printf(draft.text, "Lifetime of %u s proposed, %u s chosen",
                           request->life_seconds, response->life_seconds);
    g_string_append_printf(draft.requested, "%u s", request->life_seconds);
    g_string_append_printf(draft.received, "%u s", response->life_seconds);
    ike_draft_emit(sink, &draft);
}

static bool has_key_exchange(const ike_message_record *record)
{
    return record && record->content && record->content->ke_count > 0;
}

/* RFC 7296 2.17: with KE payloads on both sides there is forward secrecy. */
static void check_pfs(ike_sink *sink, const ike_child *child)
{
    uint8_t type = child->exchange->type;
    bool own_keys = type == IKEV2_EXCHANGE_CREATE_CHILD_SA || type == IKEV1_EXCHANGE_QUICK_MODE;
    if (!own_keys || child->negotiated->key_exchange ||
        (has_key_exchange(child->request) && has_key_exchange(child->established)))
        return;
    ike_emit_received(
        sink, IKE_F_NO_PFS, child->established, child, "no key exchange",
        "%s %u has no key exchange of its own: its keys derive from those of the IKE SA",
        ike_child_name(child->sa->major), child->number);
}

/* ---- rekeying -------------------------------------------------------------------------------- */

static void check_simultaneous(ike_sink *sink, const ike_child *child)
{
    const ike_child *old = child->rekeyed_from;
    if (!old || !old->rekey[0] || !old->rekey[1])
        return;
    const ike_message_record *a = old->rekey[0]->request, *b = old->rekey[1]->request;
    if (!a || !b)
        return;
    const ike_message_record *later = a->frame > b->frame ? a : b, *first = later == a ? b : a;
    const ike_message_record *answer = first->exchange->response;
    if (later->exchange != child->exchange || (answer && answer->frame < later->frame))
        return;
    ike_emit_received(
        sink, IKE_F_SIMULTANEOUS_REKEY, later, old, "",
        "Both sides rekey Child SA %u at the same time: the other request is in frame %u",
        old->number, first->frame);
}

static bool made_good(const ike_child *child)
{
    const ike_child *later = child->sa->newest_child;
    for (int i = 0; later && later != child && i < 16; i++, later = later->previous_of_sa)
        if (later->established)
            return true;
    return child->rekeyed_from && child->rekeyed_from->rekeyed_to &&
           child->rekeyed_from->rekeyed_to->established;
}

/* Refused because of what the peer does itself at that time (RFC 7296 2.25). */
static bool is_postponed(const ike_child *child)
{
    return child->sa->major != 1 && child->refused &&
           (child->refused_by == IKEV2_NOTIFY_TEMPORARY_FAILURE ||
            child->refused_by == IKEV2_NOTIFY_CHILD_SA_NOT_FOUND);
}

static bool persists(const ike_tracker *tracker, const ike_child *child)
{
    const ike_sa *sa = child->sa;
    return is_postponed(child) && !sa->deleted && !sa->rekeyed_to && !made_good(child) &&
           ike_waited_ns(tracker, child->refused) >= 60 * IKE_SECOND;
}

bool ike_child_gave_way(const ike_tracker *tracker, const ike_child *child)
{
    return is_postponed(child) &&
           (made_good(child) || (child->rekeyed_from && !persists(tracker, child)));
}

static void check_persisting(ike_sink *sink, const ike_child *child)
{
    const ike_sa *sa = child->sa;
    if (!persists(sink->tracker, child) || !ike_wants(sink, child->refused))
        return;
    GString *code = g_string_new(NULL);
    ike_append_notify(code, sa, child->refused_by);
    ike_draft draft = ike_draft_new(IKE_F_FAILURE_PERSISTED, child->refused);
    draft.finding.child = child;
    draft.finding.code = code->str;
    draft.finding.side = ike_side_of(child->refused->from_initiator);
    g_string_append_printf(
        draft.text,
        "%s: Child SA refused in frame %u (peer is rekeying or deleting the SA), not set up later",
        code->str, child->refused->frame);
    ike_draft_emit(sink, &draft);
    g_string_free(code, TRUE);
}

static void check_not_deleted(ike_sink *sink, const ike_child *child)
{
    const ike_child *new = child->rekeyed_to;
    if (ike_child_state_of(child) != IKE_CHILD_REKEYED || child->deleted || !new->established ||
        child->sa->deleted || ike_waited_ns(sink->tracker, new->established) < 60 * IKE_SECOND ||
        child->sa->encrypted_messages != child->sa->decrypted_messages)
        return;
    ike_emit_received(sink, IKE_F_CHILD_NEVER_DELETED, new->established, child, "",
                      "Child SA %u was replaced by Child SA %u, but not deleted", child->number,
                      new->number);
}

void ike_find_of_child(ike_sink *sink, const ike_child *child)
{
    check_simultaneous(sink, child);
    check_persisting(sink, child);
    if (child->rekeyed_from)
        check_not_deleted(sink, child->rekeyed_from);
    if (!child->established || !child->established->content)
        return;
    ike_find_choice(sink, child->request, child->established);
    check_narrowing(sink, child);
    check_lifetime(sink, child);
    check_pfs(sink, child);
    ike_find_weak_suite(sink, child->established, child->negotiated, child);
    ike_find_esp(sink, child);
}

/* ---- its cause ------------------------------------------------------------------------------- */

bool ike_find_child_cause(ike_sink *sink, const ike_child *child)
{
    const ike_sa *sa = child->sa;
    if (child->refused && ike_child_state_of(child) == IKE_CHILD_FAILED) {
        ike_find_failure(sink, child->refused, child->refused_by, child);
        return true;
    }
    if (ike_child_state_of(child) != IKE_CHILD_REQUESTED || !ike_sa_was_up(sa) || !child->request)
        return false;
    const ike_exchange *exchange = child->exchange;
    if (exchange->type == IKEV2_EXCHANGE_IKE_AUTH)
        return false;
    if (sa->major == 1 && exchange->by_step && exchange->by_step[2])
        return ike_find_response_lost(sink, child->request, exchange->by_step[2],
                                      exchange->more->retransmitted_after, child);
    if (exchange->response || !ike_waits_in_vain(child->request, child->request->retransmissions) ||
        ike_lacks_side(sa, !child->request->from_initiator))
        return false;
    ike_find_unanswered(sink, child->request, child);
    return true;
}
