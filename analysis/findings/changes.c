/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens again and again, or changes while an IKE SA is up: new mappings of a NAT, rekeying
 * every few seconds, one identity that comes and goes, Child SAs that are dropped at once. */
#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"

static double seconds(uint64_t ns)
{
    return (double)ns / (double)IKE_SECOND;
}

/* ---- NAT ------------------------------------------------------------------------------------- */

static const ike_endpoint *end_of(const ike_path *path, bool initiator)
{
    return initiator ? &path->initiator : &path->responder;
}

/* Same addresses, another port of one side than that to which the other one sent: not the move to
 * port 4500. */
static bool is_new_mapping(const ike_path *before, const ike_path *path, bool initiator)
{
    enum { PORT_IKE = 500 };
    const ike_endpoint *was = end_of(before, initiator), *is = end_of(path, initiator);
    const ike_endpoint *was_other = end_of(before, !initiator), *other = end_of(path, !initiator);
    return !path->copies && path->messages[initiator] && before->messages[0] &&
           before->messages[1] && ike_same_address(was, is) && ike_same_address(was_other, other) &&
           was_other->port == other->port && was->port != is->port && was->port != PORT_IKE &&
           is->port != PORT_IKE;
}

static void check_mapping(ike_sink *sink, const ike_sa *sa, const ike_path *before,
                          const ike_path *path, bool initiator)
{
    const ike_message_record *record = ike_tracker_record(sink->tracker, path->first_frame, 0);
    if (!is_new_mapping(before, path, initiator) || !record || record->exchange->sa != sa ||
        record->original || !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_NAT_MAPPING_CHANGED, record);
    draft.finding.side = ike_side_of(initiator);
    draft.finding.frame = before->last_frame;
    draft.finding.values = IKE_VALUES_CHANGED;
    ike_format_endpoint(draft.requested, end_of(before, initiator));
    ike_format_endpoint(draft.received, end_of(path, initiator));
    g_string_append_printf(draft.text, "NAT mapping of the %s changed from %s to %s",
                           ike_role(initiator), draft.requested->str, draft.received->str);
    g_string_append(draft.detail,
                    "The mapping expired or the NAT restarted. Until the other side learns the new "
                    "port, its packets are lost: send keepalives more often than mappings expire.");
    ike_draft_emit(sink, &draft);
}

static void check_mappings(ike_sink *sink, const ike_sa *sa)
{
    for (uint8_t i = 1; i < sa->path_count; i++)
        for (int side = 1; side >= 0; side--)
            check_mapping(sink, sa, sa->paths[i - 1], sa->paths[i], side);
}

static bool is_seen_in_ike(const ike_sa *sa, bool initiator, uint16_t port)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (end_of(sa->paths[i], initiator)->port == port)
            return true;
    return ike_party_of(sa, initiator)->endpoint.port == port;
}

/* ESP alone comes from a new port: the other side goes on sending to the old one until IKE, or ESP
 * that it verifies, shows the new one (RFC 7296 2.23). */
static void check_esp_mapping(ike_sink *sink, const ike_child *child, bool initiator)
{
    enum { LEAST_PACKETS = 2 };
    const ike_esp_flow *flow = initiator ? child->to_responder : child->to_initiator;
    if (!flow || flow->new_port_packets < LEAST_PACKETS || !flow->source.port ||
        is_seen_in_ike(child->sa, initiator, flow->new_port) ||
        !ike_wants(sink, child->established))
        return;
    ike_endpoint now = flow->source;
    now.port = flow->new_port;
    ike_draft draft = ike_draft_new(IKE_F_NAT_MAPPING_CHANGED, child->established);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(initiator);
    draft.finding.values = IKE_VALUES_CHANGED;
    draft.finding.frame = flow->new_port_frame;
    if (!flow->decrypted)
        draft.finding.certainty = IKE_SURE_LIKELY;
    ike_format_endpoint(draft.requested, &flow->source);
    ike_format_endpoint(draft.received, &now);
    g_string_append_printf(draft.text, "NAT mapping of the %s changed from %s to %s, in ESP alone",
                           ike_role(initiator), draft.requested->str, draft.received->str);
    g_string_append(draft.detail,
                    "The mapping expired or the NAT restarted. Until the other side learns the new "
                    "port, its packets are lost: send keepalives more often than mappings expire.");
    ike_draft_emit(sink, &draft);
}

/* ---- rates ----------------------------------------------------------------------------------- */

#define DROPPED_NS (IKE_SECOND / 5)
enum { MANY_REKEYS = 3, MAX_CHAIN = 64, RAPID_SECONDS = 30, SHORT_SECONDS = 60 };

/* `verb`: how the SA was replaced. */
static void emit_rate(ike_sink *sink, const ike_message_record *record, const ike_child *child,
                      const char *verb, unsigned times, uint64_t ns)
{
    double every = seconds(ns) / times;
    if (every >= RAPID_SECONDS || !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_RAPID_REKEY, record);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(record->exchange->by_initiator);
    g_string_append_printf(draft.text, "%s %s every %.1f s (%u times)",
                           child ? ike_child_name(child->sa->major) : "IKE SA", verb, every, times);
    g_string_append_printf(draft.received, "%.1f s", every);
    g_string_append(draft.detail, "A lifetime in seconds, bytes or packets is too small, or both "
                                  "sides rekey in turn: compare their lifetimes.");
    ike_draft_emit(sink, &draft);
}

/* Of simultaneous rekeyings one is dropped: it is not the newest. */
static bool is_superseded(const ike_child *child)
{
    enum { MAX_LATER = 16 };
    const ike_child *later = child->sa->newest_child;
    for (int i = 0; later && later != child && i < MAX_LATER; i++, later = later->previous_of_sa)
        if (later->rekeyed_from && later->established)
            return true;
    return child->rekeyed_to && child->rekeyed_to->established;
}

/* The requester that does not accept what the response chose has no notify for it: it deletes the
 * Child SA (RFC 7296 1.4.1). */
static void check_dropped(ike_sink *sink, const ike_child *child)
{
    const ike_sa *sa = child->sa;
    const ike_message_record *up = child->established, *end = child->deleted;
    if (!end || !child->request || sa->major == 1 || child->to_initiator || child->to_responder ||
        child->rekeyed_to || child->rekeyed_from || child->refused || end->response ||
        end->from_initiator != child->request->from_initiator ||
        !ike_record_follows(up, end, DROPPED_NS) ||
        end->exchange->purpose == IKE_PURPOSE_DELETE_IKE ||
        (sa->deleted && sa->deleted->time_ns < end->time_ns + IKE_SECOND) || !ike_wants(sink, end))
        return;
    ike_draft draft = ike_draft_new(IKE_F_CHILD_DROPPED, end);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(end->from_initiator);
    draft.finding.frame = up->frame;
    bool declined = ike_is_transport_declined(child);
    if (declined) {
        g_string_append(draft.requested, "transport mode");
        g_string_append(draft.received, "tunnel mode");
    } else {
        ike_format_selector_pair(draft.requested, child->requested_initiator,
                                 child->requested_initiator_count, child->requested_responder,
                                 child->requested_responder_count);
        ike_format_selector_pair(draft.received, child->ts_initiator, child->ts_initiator_count,
                                 child->ts_responder, child->ts_responder_count);
    }
    bool as_requested = !declined && g_string_equal(draft.requested, draft.received);
    g_string_append_printf(draft.text, "%s deleted Child SA %u after %.1f ms: it %s",
                           ike_role(end->from_initiator), child->number,
                           seconds(end->time_ns - up->time_ns) * 1000,
                           declined       ? "does not accept tunnel mode"
                           : as_requested ? "may be unable to install it"
                                          : "does not accept the response");
    g_string_append(draft.detail,
                    declined ? "It requested transport mode and the responder chose tunnel mode: "
                               "make the modes of both sides equal."
                    : as_requested
                        ? "The response has the traffic selectors that were requested: likely its "
                          "system did not install the SAs, policies or routes; its log has the "
                          "reason."
                        : "Usually the response chose traffic selectors or a mode that it is "
                          "not configured for; its log has the reason.");
    ike_draft_emit(sink, &draft);
}

/* Said once, at the first IPsec SA of a chain of rekeyings. */
static void check_lifetime(ike_sink *sink, const ike_child *child)
{
    uint32_t life = child->negotiated->life_seconds;
    const ike_content *request = child->request ? child->request->content : NULL;
    if (!life || life >= SHORT_SECONDS || child->rekeyed_from ||
        !ike_wants(sink, child->established))
        return;
    ike_draft draft = ike_draft_new(IKE_F_SHORT_LIFETIME, child->established);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(child->established->from_initiator);
    g_string_append_printf(draft.text, "Lifetime of %u s negotiated for the IPsec SA", life);
    if (request && request->life_seconds)
        g_string_append_printf(draft.requested, "%u s", request->life_seconds);
    g_string_append_printf(draft.received, "%u s", life);
    g_string_append(draft.detail, "It is rekeyed before that time is over, each time with a new "
                                  "quick mode: configure a lifetime of an hour or more.");
    ike_draft_emit(sink, &draft);
}

/* Said once, at the newest Child SA of a chain of rekeyings. */
void ike_find_child_changes(ike_sink *sink, const ike_child *child)
{
    const ike_child *oldest = child;
    unsigned times = 0;
    if (!child->established)
        return;
    check_dropped(sink, child);
    check_esp_mapping(sink, child, true);
    check_esp_mapping(sink, child, false);
    for (; oldest->rekeyed_from && oldest->rekeyed_from->established && times < MAX_CHAIN; times++)
        oldest = oldest->rekeyed_from;
    if (!is_superseded(child) && times >= MANY_REKEYS &&
        child->established->time_ns > oldest->established->time_ns)
        emit_rate(sink, child->established, child, "rekeyed", times,
                  child->established->time_ns - oldest->established->time_ns);
    check_lifetime(sink, child);
}

static const ike_sa *oldest_of(const ike_sa *sa, unsigned *times)
{
    for (*times = 0; sa->rekeyed_from && *times < MAX_CHAIN; ++*times)
        sa = sa->rekeyed_from;
    return sa;
}

/* Said once, at the newest: simultaneous rekeyings end in several. */
static void check_rate(ike_sink *sink, const ike_sa *sa)
{
    unsigned times, of_newest;
    const ike_sa *oldest = oldest_of(sa, &times), *newest = ike_sa_newest_between(sa);
    const ike_message_record *last = sa->exchanges ? sa->exchanges->messages : NULL;
    if (sa->rekeyed_to || times < MANY_REKEYS || !last || sa->first_ns < oldest->first_ns ||
        (newest != sa && oldest_of(newest, &of_newest) == oldest && of_newest >= MANY_REKEYS))
        return;
    emit_rate(sink, last, NULL, "rekeyed", times, sa->first_ns - oldest->first_ns);
}

/* ---- identities ------------------------------------------------------------------------------ */

/* It was rekeyed, or the initiator itself ended it. */
static bool was_left(const ike_sa *sa)
{
    return sa->rekeyed_to || (sa->deleted && sa->deleted->from_initiator);
}

/* `newer` takes over while `sa` is up, or at once after its end: IKEv1 has no other way to rekey,
 * and IKEv2 reauthenticates so (RFC 7296 2.8.3). */
static bool was_renewed(const ike_sa *sa, const ike_sa *newer)
{
    if (newer->rekeyed_from)
        return false;
    return sa->deleted ? sa->deleted->time_ns + IKE_SECOND > newer->first_ns
                       : !newer->initial_contact;
}

/* In IKEv1 both sides may renew: said where the last one began. */
static bool is_said_of_other_side(const ike_tracker *tracker, const ike_sa *sa, unsigned least)
{
    const ike_sa *last = ike_tracker_newest_of_identity(tracker, ike_sa_newest_between(sa));
    return last && last->identity_count >= least &&
           !ike_same_address(&last->initiator.endpoint, &sa->initiator.endpoint);
}

/* One identity that sets up IKE SAs in turn from two addresses, or every few seconds from one: each
 * replaces the one before (uniqueness). Said at the newest. */
static void check_flapping(ike_sink *sink, const ike_sa *sa)
{
    enum { MANY = 4, MOVES = 3, MEAN_SECONDS = 60 };
    const ike_sa *oldest = sa;
    unsigned times = 0, left = 0, renewed = 0;
    if (!sa->initiator.id || (sa->identity_count < MANY && sa->identity_moves < MOVES) ||
        ike_tracker_newest_of_identity(sink->tracker, sa) != sa)
        return;
    for (; oldest->same_identity && times < MAX_CHAIN; times++) {
        renewed += was_renewed(oldest->same_identity, oldest);
        oldest = oldest->same_identity;
        left += was_left(oldest);
    }
    const ike_message_record *first = ike_sa_up_since(oldest), *up = ike_sa_up_since(sa);
    bool moves = sa->identity_moves >= MOVES;
    if (!first || !up || up->time_ns <= first->time_ns)
        return;
    if (!moves && 2 * renewed > times) {
        if (!is_said_of_other_side(sink->tracker, sa, MANY))
            emit_rate(sink, up, NULL, "renewed", times, up->time_ns - first->time_ns);
        return;
    }
    if (2 * left > times || seconds(up->time_ns - first->time_ns) >= times * MEAN_SECONDS ||
        !ike_wants(sink, up))
        return;
    ike_draft draft = ike_draft_new(IKE_F_FLAPPING, up);
    draft.finding.side = IKE_SIDE_INITIATOR;
    draft.finding.frame = sa->same_identity->first_frame;
    g_string_append(draft.text, "Identity ");
    ike_append_quoted(draft.text, sa->initiator.id);
    g_string_append_printf(draft.text, " set up %u%s IKE SAs in %.1f s", times + 1,
                           times == MAX_CHAIN ? " or more" : "",
                           seconds(up->time_ns - first->time_ns));
    if (moves) {
        draft.finding.values = IKE_VALUES_CHANGED;
        ike_format_address(draft.received, &sa->initiator.endpoint);
        ike_format_address(draft.requested, &sa->same_identity->initiator.endpoint);
        g_string_append_printf(draft.text, ", alternately from %s and %s", draft.requested->str,
                               draft.received->str);
    } else {
        g_string_append_printf(draft.received, "%u IKE SAs", times + 1);
    }
    g_string_append(draft.detail,
                    moves ? "Two clients use one identity and replace each other: give each client "
                            "its own identity, or allow several IKE SAs per identity."
                          : "The IKE SAs do not last: the delete, dead peer detection or error "
                            "before each new one shows why.");
    ike_draft_emit(sink, &draft);
}

void ike_find_changes(ike_sink *sink, const ike_sa *sa)
{
    check_mappings(sink, sa);
    check_rate(sink, sa);
    check_flapping(sink, sa);
}
