/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests without a response, and responses that do not arrive. Daemons retransmit what is not
 * answered: a request that was sent once, at the end of the capture, shows nothing. */
#include <string.h>

#include "analysis/findings/explain.h"
#include "analysis/findings/fragments.h"
#include "analysis/findings/payload_rules.h"
#include "analysis/tracker/peer.h"
#include "proto/ike_numbers.h"

enum { PORT_IKE = 500, PORT_NAT_T = 4500 };

bool ike_has_no_response(const ike_message_record *request, bool first)
{
    const ike_sa *sa = request->exchange->sa, *newest = ike_sa_newest_between(sa);
    if (ike_lacks_side(sa, !request->from_initiator))
        return false;
    /* One that sets up another IKE SA would have sent the request again. */
    first &= newest == sa || !ike_sa_was_up(newest);
    if (ike_waits_in_vain(request, request->retransmissions) || ike_icmp_about(request))
        return true;
    return ike_unanswered_ns(request) >= 4 * IKE_SECOND && (request->retransmissions || first);
}

/* "IKE_AUTH request"; of IKEv1 fragments, which have no step, the mode alone. */
static const char *step_of(const ike_message_record *record, char *buffer, size_t size)
{
    const ike_exchange *exchange = record->exchange;
    const char *name = ike_record_step(record, buffer, size);
    bool v1_fragment = exchange->sa->major == 1 && !record->step && exchange->by_step;
    /* The messages that a side can send once the keys are made (RFC 2409 5). */
    if (v1_fragment && exchange->type == IKEV1_EXCHANGE_MAIN_MODE && exchange->by_step[4])
        g_snprintf(buffer, size, "Main Mode %u/6", record->from_initiator ? 5 : 6);
    return name;
}

static void append_duration(const ike_tracker *tracker, GString *out,
                            const ike_message_record *request)
{
    const ike_message_record *last = request->exchange->more->last_retransmission;
    uint64_t ns = last && last->time_ns > request->time_ns ? last->time_ns - request->time_ns
                                                           : ike_waited_ns(tracker, request);
    int digits = ns < 1000 * IKE_SECOND ? 1 : 0;
    g_string_append_printf(out, " in %.*f s", digits, (double)ns / (double)IKE_SECOND);
}

/* ---- other evidence -------------------------------------------------------------------------- */

/* It answered a round before this one with COOKIE or INVALID_KE_PAYLOAD, *notify. */
static const ike_message_record *round_before(const ike_exchange *exchange, const char **notify)
{
    const ike_exchange *round = exchange->more->previous_round;
    for (int i = 0; round && i < 4; i++, round = round->more->previous_round) {
        *notify = round->purpose == IKE_PURPOSE_COOKIE       ? "COOKIE"
                  : round->purpose == IKE_PURPOSE_INVALID_KE ? "INVALID_KE_PAYLOAD"
                                                             : NULL;
        if (*notify)
            return round->response;
    }
    return NULL;
}

/* The path that the request was sent on, when the peers talked on another one before. */
static const ike_path *new_path(const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    for (uint8_t i = 1; i < sa->path_count; i++) {
        const ike_path *path = sa->paths[i];
        bool forth = request->from_initiator;
        bool moved = !ike_same_address(forth ? &path->initiator : &path->responder,
                                       forth ? &sa->paths[0]->initiator : &sa->paths[0]->responder);
        if (moved && path->last_frame >= request->frame && !path->copies &&
            path->messages[!forth] == 0)
            return path;
    }
    return NULL;
}

/* The last path before it on which both sides sent messages. */
static const ike_path *path_before(const ike_sa *sa, const ike_path *path)
{
    const ike_path *before = sa->paths[0];
    for (uint8_t i = 0; i < sa->path_count && sa->paths[i] != path; i++)
        if (sa->paths[i]->messages[0] && sa->paths[i]->messages[1])
            before = sa->paths[i];
    return before;
}

static bool is_first(const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    if (sa->major != 1 && request->exchange->type == IKEV2_EXCHANGE_CREATE_CHILD_SA)
        return false; /* of an IKE SA that a rekey set up */
    return sa->first_frame == request->frame || ike_sa_state_of(sa) == IKE_SA_NEW;
}

static bool explain_version(const ike_tracker *tracker, ike_draft *draft,
                            const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    const ike_endpoint *to = &ike_party_of(sa, !request->from_initiator)->endpoint;
    uint8_t other = sa->major == 1 ? 2 : 1;
    const ike_peer *there = ike_tracker_find_peer(tracker, to, other);
    const ike_peer *here = ike_tracker_find_peer(tracker, to, sa->major);
    if (!is_first(request) || !there || !there->answered_frame || (here && here->answered_frame))
        return false;
    draft->finding.kind = ike_kind(IKE_F_VERSION_MISMATCH);
    draft->finding.code = draft->finding.kind->code;
    draft->finding.frame = there->answered_frame;
    g_string_append_printf(draft->requested, "IKEv%u", sa->major);
    g_string_append_printf(draft->received, "IKEv%u", other);
    g_string_append_printf(draft->text, "no response to IKEv%u, but IKEv%u was set up in frame %u",
                           sa->major, other, there->answered_frame);
    return true;
}

static void append_incomplete(ike_draft *draft, const ike_fragments *fragments, const char *what)
{
    unsigned count = ike_append_missing(draft->text, fragments);
    bool named = !g_str_has_prefix(what, "Main") && !g_str_has_prefix(what, "Quick");
    g_string_append_printf(draft->text, " of %s%s never arrive%s", named ? "the " : "", what,
                           count == 1 ? "s" : "");
    ike_append_sent(draft->text, fragments->times);
    ike_append_missing(draft->requested, fragments);
    ike_append_arrived(draft->received, fragments);
    ike_append_fragment_loss(draft->detail, fragments);
}

/* A fragment of the request is in none of its transmissions. */
static bool explain_fragments(ike_draft *draft, const ike_message_record *request)
{
    ike_fragments fragments = ike_fragments_of(request->exchange, request->from_initiator);
    char step[64];
    if (!fragments.first || fragments.complete || fragments.times < 2)
        return false;
    draft->finding.kind = ike_kind(IKE_F_FRAGMENT_LOST);
    draft->finding.code = draft->finding.kind->code;
    draft->finding.side = IKE_SIDE_NETWORK;
    append_incomplete(draft, &fragments, step_of(request, step, sizeof step));
    return true;
}

/* The largest message of the set-up that was answered. */
static uint32_t largest_answered(const ike_sa *sa)
{
    const ike_exchange *init = sa->init;
    return init && init->request && init->response ? init->request->length : 0;
}

/* Which side has to enable IKE fragmentation: both announce it in IKE_SA_INIT (RFC 7383 2.3). */
static void append_fragmentation(GString *out, const ike_sa *sa)
{
    const ike_message_record *messages[] = {sa->init ? sa->init->response : NULL,
                                            sa->init ? sa->init->request : NULL};
    bool lacks[2] = {false, false};
    for (int i = 0; i < 2; i++)
        lacks[i] =
            sa->major != 1 && messages[i] && messages[i]->content &&
            !ike_content_notify(messages[i]->content, IKEV2_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED);
    if (lacks[0] != lacks[1])
        g_string_append_printf(out,
                               "IKE fragmentation (RFC 7383) helps: the %s does not announce it, "
                               "enable it there.",
                               ike_role(lacks[1]));
    else
        g_string_append_printf(out, "IKE fragmentation%s helps%s.",
                               sa->major == 1 ? "" : " (RFC 7383)",
                               lacks[0] ? ": enable it on both sides" : "");
}

static void explain_mtu(ike_draft *draft, const ike_message_record *request)
{
    uint32_t passed = largest_answered(request->exchange->sa);
    draft->finding.kind = ike_kind(IKE_F_MTU);
    draft->finding.side = IKE_SIDE_NETWORK;
    g_string_append(draft->text, "no response to ");
    ike_append_request(draft->text, request);
    g_string_append_printf(draft->text, ": %u bytes, smaller messages got through",
                           request->length);
    g_string_append_printf(draft->requested, "%u bytes", request->length);
    if (passed)
        g_string_append_printf(draft->received, "%u bytes", passed);
    g_string_append(draft->detail, "Large packets or IP fragments are lost (path MTU). ");
    append_fragmentation(draft->detail, request->exchange->sa);
}

static void explain_port(ike_draft *draft, const ike_message_record *request)
{
    ike_fragments fragments = ike_fragments_of(request->exchange, request->from_initiator);
    draft->finding.kind = ike_kind(IKE_F_PORT_4500);
    g_string_append(draft->text, "no response on port 4500 to ");
    ike_append_request(draft->text, request);
    g_string_append(draft->text, "; port 500 works");
    g_string_append(draft->requested, "port 4500");
    g_string_append(draft->received, "port 500");
    g_string_append(draft->detail,
                    "UDP port 4500 is blocked on the way, at least in one direction");
    if (fragments.first) {
        g_string_append(draft->detail, "; or the request, ");
        ike_append_fragments(draft->detail, &fragments);
        g_string_append(draft->detail, ", is too large for the path or loses one of them.");
    } else {
        g_string_append(draft->detail, "; or the peer rejects the request silently.");
    }
}

static bool explain_size(ike_draft *draft, const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    bool moved =
        ike_port_of(request, true) == PORT_NAT_T || ike_port_of(request, false) == PORT_NAT_T;
    if (is_first(request) || (ike_sa_was_up(sa) && !ike_is_heard_after(request)))
        return false;
    if (request->length > IKE_MTU_BYTES && request->fragments <= 1 && !request->reassembled)
        explain_mtu(draft, request);
    else if (moved && sa->first_responder.port == PORT_IKE && !sa->tcp && !ike_sa_was_up(sa))
        explain_port(draft, request);
    else
        return false;
    draft->finding.code = draft->finding.kind->code;
    return true;
}

/* "no response on the new path to INFORMATIONAL request, sent 7 times in 15.0 s" */
static void append_no_response(const ike_tracker *tracker, ike_draft *draft,
                               const ike_message_record *request, const char *head)
{
    enum { FITS = 80 };
    g_string_append_printf(draft->text, "%s to ", head);
    ike_append_request(draft->text, request);
    if (draft->text->len <= FITS)
        append_duration(tracker, draft->text, request);
}

static void explain_new_path(ike_draft *draft, const ike_sa *sa, const ike_path *path)
{
    const ike_path *old = path_before(sa, path);
    draft->finding.kind = ike_kind(IKE_F_PATH_DEAD);
    draft->finding.side = IKE_SIDE_NETWORK;
    draft->finding.code = draft->finding.kind->code;
    ike_format_endpoint(draft->requested, &path->initiator);
    g_string_append(draft->requested, " <-> ");
    ike_format_endpoint(draft->requested, &path->responder);
    ike_format_endpoint(draft->received, &old->initiator);
    g_string_append(draft->received, " <-> ");
    ike_format_endpoint(draft->received, &old->responder);
    g_string_append_printf(draft->detail,
                           "It responded on the old path, so the new one (%s, from frame %u) is "
                           "dead.",
                           draft->requested->str, path->first_frame);
}

/* Some drop what they cannot accept without a word: an invalid public value (RFC 6989 2), payloads
 * that are missing. */
static bool explain_fault(ike_draft *draft, const ike_message_record *request)
{
    GString *fault = g_string_new(NULL);
    bool found = is_first(request) && ike_append_payload_fault(fault, request);
    char step[64];
    if (found) {
        g_string_append_printf(draft->text, "no response to faulty %s: %s",
                               ike_record_step(request, step, sizeof step), fault->str);
        g_string_append_printf(draft->requested, ", %s", fault->str);
        g_string_append(draft->detail, "The peer drops the request because of that fault, or is "
                                       "down, or the port is blocked.");
    }
    g_string_free(fault, TRUE);
    return found;
}

/* A peer that answered another IKE SA of the capture is neither down nor unreachable. */
static void append_first(const ike_tracker *tracker, ike_draft *draft,
                         const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    const ike_endpoint *to = &ike_party_of(sa, !request->from_initiator)->endpoint;
    const ike_peer *peer = ike_tracker_find_peer(tracker, to, sa->major);
    if (!peer || !peer->chosen) {
        g_string_append_printf(draft->detail,
                               "The peer is down, the port is blocked, or the peer has no IKEv%u "
                               "configuration for this address%s and stays silent.",
                               sa->major,
                               sa->major == 1 &&
                                       request->exchange->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE
                                   ? " with Aggressive Mode"
                                   : "");
        return;
    }
    draft->finding.frame = peer->chosen->frame;
    const ike_message_record *second =
        sa->major == 1 && sa->init && sa->init->by_step ? sa->init->by_step[2] : NULL;
    if (second && second->frame == peer->chosen->frame) {
        g_string_append_printf(draft->detail,
                               "The peer is up: it answered the message before in frame %u. This "
                               "one has %u bytes: a firewall may drop it, or the peer cannot "
                               "process it and stays silent.",
                               peer->chosen->frame, request->length);
        return;
    }
    g_string_append_printf(draft->detail,
                           "The peer is up: it answered another IKE SA in frame %u. It limits the "
                           "IKE SAs (half-open ones, or of one address), has no configuration for "
                           "this one and stays silent, or went down.",
                           peer->chosen->frame);
}

static void explain_no_response(const ike_tracker *tracker, ike_draft *draft,
                                const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    const char *notify = NULL;
    const ike_message_record *before = round_before(request->exchange, &notify);
    const ike_path *path = new_path(request);
    char head[64], step[64];
    if (path) {
        append_no_response(tracker, draft, request, "no response on the new path");
        explain_new_path(draft, sa, path);
        return;
    }
    g_string_append(draft->requested, ike_record_step(request, step, sizeof step));
    g_string_append(draft->received, before ? notify : "no response");
    if (before) {
        draft->finding.frame = before->frame;
        g_snprintf(head, sizeof head, "no response after %s in frame %u", notify, before->frame);
        append_no_response(tracker, draft, request, head);
        g_string_append(
            draft->detail,
            "It can be reached, but it or a firewall drops the request that follows, or it is "
            "overloaded.");
        return;
    }
    if (explain_fault(draft, request))
        return;
    g_snprintf(head, sizeof head, "%s does not respond", ike_role(!request->from_initiator));
    append_no_response(tracker, draft, request, head);
    if (is_first(request)) {
        append_first(tracker, draft, request);
        return;
    }
    if (request->length > IKE_MTU_BYTES && request->fragments <= 1)
        g_string_append_printf(draft->detail,
                               "The request has %u bytes: it may be too large for the path. ",
                               request->length);
    g_string_append_printf(draft->detail, "The peer went down, %sthe path broke%s.",
                           ike_sa_was_up(sa) ? "it lost this IKE SA, or " : "",
                           ike_sa_was_up(sa) ? "" : ", or the peer rejects the request silently");
}

static void put_code_first(ike_draft *draft)
{
    g_string_prepend(draft->text, ": ");
    g_string_prepend(draft->text, draft->finding.code);
}

void ike_find_unanswered(ike_sink *sink, const ike_message_record *request, const ike_child *child)
{
    if (!ike_wants(sink, request))
        return;
    ike_draft draft = ike_draft_new(IKE_F_NO_RESPONSE, request);
    const ike_sa *sa = request->exchange->sa;
    draft.finding.side = ike_side_of(!request->from_initiator);
    draft.finding.child = child;
    if (request->retransmissions == 0)
        draft.finding.certainty = IKE_SURE_POSSIBLE;
    if (!explain_version(sink->tracker, &draft, request) && !ike_explain_icmp(&draft, request) &&
        !explain_fragments(&draft, request) &&
        !(sa->path_count < 2 || new_path(request) == NULL ? explain_size(&draft, request) : false))
        explain_no_response(sink->tracker, &draft, request);
    ike_mention_icmp(&draft, request);
    put_code_first(&draft);
    ike_draft_emit(sink, &draft);
}

/* ---- responses that do not arrive ------------------------------------------------------------ */

/* The response was sent in fragments: one is missing in the capture, or was lost behind it. */
static bool explain_response_fragments(ike_draft *draft, const ike_message_record *response,
                                       const char *requester)
{
    ike_fragments fragments = ike_fragments_of(response->exchange, response->from_initiator);
    char step[64];
    if (!fragments.first)
        return false;
    draft->finding.kind = ike_kind(IKE_F_FRAGMENT_LOST);
    draft->finding.code = draft->finding.kind->code;
    const char *what = step_of(response, step, sizeof step);
    if (!fragments.complete) {
        append_incomplete(draft, &fragments, what);
        return true;
    }
    g_string_append_printf(draft->text, "%s in %u fragments does not reach the %s completely", what,
                           fragments.total, requester);
    g_string_append(draft->requested, "response ");
    ike_append_fragments(draft->requested, &fragments);
    g_string_append(draft->detail,
                    "One or more fragments are lost beyond this capture point: too large for the "
                    "path, or dropped by a firewall. A capture on the other side shows which.");
    return true;
}

static void explain_response_lost(ike_draft *draft, const ike_message_record *response,
                                  const char *requester, uint32_t after)
{
    bool large = response->length > IKE_MTU_BYTES;
    uint16_t port = ike_party_of(response->exchange->sa, response->from_initiator)->endpoint.port;
    if (large)
        draft->finding.kind = ike_kind(IKE_F_MTU);
    draft->finding.code = draft->finding.kind->code;
    g_string_append_printf(
        draft->text,
        "response in frame %u (port %u) does not reach the %s, request retransmitted %u times",
        response->frame, port, requester, after);
    g_string_append_printf(draft->requested, "%u requests", after + 1);
    g_string_append_printf(draft->received, "%u bytes", response->length);
    if (large)
        g_string_append(draft->detail, "Large packets or IP fragments are lost (path MTU).");
    else
        g_string_append_printf(draft->detail,
                               "Messages from port %u are dropped on the way back to the %s, or "
                               "reach another address.",
                               port, requester);
}

/* After this response the initiator may go on between ports 4500 (RFC 3947 4, RFC 7296 2.23), and
 * nothing of that is in the capture: only one that repeats its request until it gives up has not
 * got it. */
static bool may_go_on_elsewhere(const ike_message_record *response, uint32_t after)
{
    enum { GIVES_UP = 4 };
    const ike_sa *sa = response->exchange->sa;
    bool floats = sa->major == 1 ? response->step == 4 &&
                                       (sa->initiator.behind_nat || sa->responder.behind_nat)
                                 : response->exchange == sa->init;
    return floats && sa->path_count < 2 && ike_port_of(response, false) == PORT_IKE &&
           after < GIVES_UP;
}

/* The response is in the capture, and the requester goes on asking. */
bool ike_find_response_lost(ike_sink *sink, const ike_message_record *request,
                            const ike_message_record *response, uint32_t after,
                            const ike_child *child)
{
    const ike_exchange *exchange = request->exchange;
    uint32_t unheard = exchange->sa->major == 1 ? after : ike_retransmitted_unheard(exchange);
    if (!ike_waits_in_vain(request, unheard) || may_go_on_elsewhere(response, after))
        return false;
    if (!ike_wants(sink, request))
        return true;
    const char *requester = ike_role(request->from_initiator);
    ike_draft draft = ike_draft_new(IKE_F_ANSWERS_LOST, request);
    draft.finding.side = IKE_SIDE_NETWORK;
    draft.finding.child = child;
    draft.finding.frame = response->frame;
    if (!explain_response_fragments(&draft, response, requester))
        explain_response_lost(&draft, response, requester, after);
    put_code_first(&draft);
    ike_draft_emit(sink, &draft);
    return true;
}

/* The response came when the requester had retransmitted for a while, and may have given up. */
void ike_find_late_response(ike_sink *sink, const ike_message_record *record)
{
    const ike_message_record *request = record->response ? ike_record_partner(record) : NULL;
    uint64_t ns;
    if (!request || record->original || !ike_record_response_time(record, &ns) ||
        ns < 5 * IKE_SECOND)
        return;
    if (!ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_LATE_RESPONSE, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.frame = request->frame;
    g_string_append_printf(draft.text, "Late response, after %.1f s",
                           (double)ns / (double)IKE_SECOND);
    if (request->retransmissions)
        g_string_append_printf(draft.text, " and %u retransmission%s", request->retransmissions,
                               ike_plural(request->retransmissions));
    g_string_append(draft.text, ": the requester may have given up");
    g_string_append_printf(draft.received, "%.1f s", (double)ns / (double)IKE_SECOND);
    ike_draft_emit(sink, &draft);
}

/* ---- an IKE SA (IKEv2) ----------------------------------------------------------------------- */

static bool is_delete(const ike_exchange *exchange)
{
    return exchange->purpose == IKE_PURPOSE_DELETE_IKE ||
           exchange->purpose == IKE_PURPOSE_DELETE_CHILD || exchange->purpose == IKE_PURPOSE_DELETE;
}

/* Multicast rekeys have no response (RFC 9838 2.4). */
static bool expects_response(const ike_exchange *exchange)
{
    return exchange->type != IKEV2_EXCHANGE_GSA_REKEY &&
           exchange->type != IKEV2_EXCHANGE_GSA_INBAND_REKEY;
}

static bool find_unanswered(ike_sink *sink, const ike_exchange *exchange)
{
    const ike_message_record *request = exchange->request;
    const ike_sa *sa = exchange->sa;
    bool up = ike_sa_was_up(sa);
    bool first = ike_sa_state_of(sa) == IKE_SA_NEW && exchange == sa->init &&
                 sa->encrypted_messages < IKE_CONFIRMED;
    /* The responder begins exchanges, and either side deletes, when the IKE SA is up, as it was
     * where the capture begins after its set-up. */
    if (!up && !sa->late_start && (is_delete(exchange) || !exchange->by_initiator))
        return false;
    if (!expects_response(exchange) || !ike_has_no_response(request, first) ||
        (up && request->retransmissions < 2) ||
        (is_delete(exchange) && request->retransmissions < 4))
        return false;
    if (up && exchange->type == IKEV2_EXCHANGE_INFORMATIONAL && !is_delete(exchange) &&
        !ike_icmp_about(request) && !new_path(request))
        return false; /* dead peer detection: dpd.c */
    if (up && exchange->child && !is_delete(exchange))
        return false; /* the cause of that Child SA */
    if (exchange == sa->last_auth && ike_sa_has_unannounced_successor(sa))
        return false;
    ike_find_unanswered(sink, request, NULL);
    return true;
}

bool ike_gave_up_group(const ike_tracker *tracker, const ike_sa *sa)
{
    const ike_exchange *init = sa->init;
    const ike_sa *retried;
    if (!init || init->purpose != IKE_PURPOSE_INVALID_KE || !init->response || sa->keys ||
        ike_sa_state_of(sa) == IKE_SA_FAILED || ike_next_attempt(init, &retried))
        return false;
    /* Without that group among its proposals the initiator cannot retry. */
    const ike_content *request = init->request ? init->request->content : NULL;
    bool can_retry =
        !request || !request->proposals ||
        !ike_proposal_list_lacks(request->proposals, IKE_T_KE, (uint16_t)init->purpose_number);
    return !can_retry || ike_waited_ns(tracker, init->response) >= 2 * IKE_SECOND;
}

/* A group that the responder wants and the initiator does not try. */
static bool find_invalid_ke(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *init = sa->init;
    if (!ike_gave_up_group(sink->tracker, sa))
        return false;
    if (!ike_wants(sink, init->response))
        return true;
    ike_draft draft = ike_draft_new(IKE_F_INVALID_KE, init->response);
    draft.finding.certainty = IKE_SURE_LIKELY;
    ike_explain_invalid_ke(sink->tracker, &draft);
    ike_draft_emit(sink, &draft);
    return true;
}

/* Whether both sides go on with the IKE SA that replaced this one. */
static bool has_successor(const ike_sa *sa)
{
    const ike_sa *next = sa->rekeyed_to;
    for (int side = 0; next && side < 2; side++)
        if (next->last_begun[side] && next->last_begun[side]->response)
            return true;
    return false;
}

/* What is lost and does no harm: the Delete of an IKE SA that has a successor, the response to a
 * Delete, after which the responder has nothing left to respond with, and a response to IKE_AUTH
 * without which the initiator went on. */
static bool is_harmless(const ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    const ike_message_record *response = exchange->response;
    if (exchange->type == IKEV2_EXCHANGE_IKE_AUTH)
        return ike_sa_was_up(sa);
    if (exchange->type != IKEV2_EXCHANGE_INFORMATIONAL)
        return false;
    return has_successor(sa) || (response && is_delete(exchange) && !response->retransmissions);
}

bool ike_find_no_response(ike_sink *sink, const ike_sa *sa)
{
    if (sa->major == 1)
        return false;
    if (find_invalid_ke(sink, sa))
        return true;
    for (int side = 1; side >= 0; side--) {
        const ike_exchange *e = sa->last_begun[side];
        if (!e || !e->request || is_harmless(e))
            continue;
        if (!e->response ? find_unanswered(sink, e)
                         : ike_find_response_lost(sink, e->request, e->response,
                                                  e->more->retransmitted_after, NULL))
            return true;
    }
    return false;
}
