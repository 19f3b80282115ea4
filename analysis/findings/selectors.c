/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that are about what was to be protected: traffic selectors, in IKEv1 identities. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

/* Hosts that request transport mode have their own addresses as networks. */
static bool is_transport(const ike_child *child)
{
    enum { TRANSPORT = 2, UDP_TRANSPORT = 4 }; /* RFC 2407 4.5, RFC 3947 5.1 */
    const ike_content *request = child->request ? child->request->content : NULL;
    if (child->sa->major != 1)
        return ike_content_notify(request, IKEV2_NOTIFY_USE_TRANSPORT_MODE) != NULL;
    return request && request->proposals &&
           (ike_proposal_list_has(request->proposals, IKE_T_V1_MODE, TRANSPORT) ||
            ike_proposal_list_has(request->proposals, IKE_T_V1_MODE, UDP_TRANSPORT));
}

static const char *clause_of(const ike_draft *draft)
{
    const ike_finding_kind *kind = draft->finding.kind;
    const ike_child *child = draft->finding.child;
    if (kind == ike_kind(IKE_F_SINGLE_PAIR_REQUIRED))
        return "wants a Child SA for one pair of addresses";
    if (kind == ike_kind(IKE_F_FAILED_CP_REQUIRED))
        return "wants a configuration request (CP)";
    if (kind == ike_kind(IKE_F_INVALID_ID))
        return !child                ? "has no configuration for this identity"
               : is_transport(child) ? "has no such networks in transport mode"
                                     : "has no such networks";
    return "accepts none of the traffic selectors";
}

/* What the same responder accepted for another Child SA, the newest; *turned when it was the
 * initiator there. */
static const ike_child *accepted_elsewhere(const ike_tracker *tracker, const ike_child *child,
                                           bool *turned)
{
    enum { MAX_LOOKED_AT = 256 };
    const ike_endpoint *rejecting = &child->sa->responder.endpoint;
    uint32_t count = ike_tracker_child_count(tracker);
    for (uint32_t i = 0; i < MIN(count, MAX_LOOKED_AT); i++) {
        const ike_child *other = ike_tracker_child(tracker, count - 1 - i);
        if (other == child || !other->established || !other->ts_initiator_count)
            continue;
        *turned = ike_same_address(&other->sa->initiator.endpoint, rejecting);
        if (*turned || ike_same_address(&other->sa->responder.endpoint, rejecting))
            return other;
    }
    return NULL;
}

/* Its selectors, by the roles of the child that was refused. */
static void append_accepted(GString *out, const ike_child *other, bool turned)
{
    if (turned)
        ike_format_selector_pair(out, other->ts_responder, other->ts_responder_count,
                                 other->ts_initiator, other->ts_initiator_count);
    else
        ike_format_selector_pair(out, other->ts_initiator, other->ts_initiator_count,
                                 other->ts_responder, other->ts_responder_count);
}

/* IKEv1 without identities in quick mode: the addresses of the two sides (RFC 2409 5.5). */
static void append_own_addresses(GString *out, const ike_sa *sa)
{
    ike_format_address(out, &sa->initiator.endpoint);
    g_string_append(out, " === ");
    ike_format_address(out, &sa->responder.endpoint);
}

/* What was refused, where it fits. */
static void append_requested(ike_draft *draft, const ike_child *child)
{
    enum { FITS = 60 };
    const ike_finding_kind *kind = draft->finding.kind;
    bool lacks = !child->requested_initiator_count || !child->requested_responder_count;
    if (lacks && child->sa->major != 1)
        g_string_append(draft->text, ": the request has none");
    else if (draft->requested->len <= FITS)
        g_string_append_printf(draft->text, "%s%s",
                               kind == ike_kind(IKE_F_FAILED_CP_REQUIRED) ? ", requested " : ": ",
                               draft->requested->str);
}

/* The configuration reply to the requester, in IKEv1 in a transaction of its own, has no address:
 * then it requests its outer one. */
static void append_no_address(ike_draft *draft, const ike_child *child)
{
    const ike_sa *sa = child->sa;
    const ike_exchange *exchange = sa->major == 1 ? sa->last_transaction : sa->auth_exchange;
    const ike_message_record *reply = exchange ? exchange->last_distinct : NULL;
    enum { CFG_REPLY = 2 }; /* the same in both versions */
    if (!reply || reply->from_initiator || !reply->content ||
        reply->content->config_type != CFG_REPLY + 1 || reply->content->config_address_count ||
        !exchange->request || !exchange->request->content ||
        !exchange->request->content->config_wants_address)
        return;
    g_string_append(draft->text, ", no inner address");
    draft->finding.frame = reply->frame;
    g_string_append_printf(draft->detail,
                           "The responder assigned no inner address in frame %u, so the initiator "
                           "requests its outer one: configure an address pool on the responder.",
                           reply->frame);
}

const ike_child *ike_requested_child(const ike_exchange *exchange)
{
    const ike_exchange *first = exchange->sa->auth_exchange;
    bool in_auth = exchange->sa->major != 1 && exchange->type == IKEV2_EXCHANGE_IKE_AUTH && first;
    return exchange->child || !in_auth ? exchange->child : first->child;
}

/* What to compare where the capture does not have what the peer accepts. */
static void append_advice(ike_draft *draft, const ike_child *child)
{
    const ike_content *request = child->request ? child->request->content : NULL;
    if (draft->finding.kind == ike_kind(IKE_F_FAILED_CP_REQUIRED)) {
        g_string_append_printf(draft->detail, "Configure the %s to request an inner address.",
                               ike_role(!draft->finding.message->from_initiator));
        return;
    }
    g_string_append_printf(draft->detail,
                           "What it would accept is not in this capture: networks, protocols and "
                           "ports%s have to match on both sides.",
                           is_transport(child) ? " and the mode" : "");
    if (child->sa->major != 1 && request && request->config_wants_address)
        g_string_append_printf(draft->detail,
                               " The %s requests an inner address: possibly there is no address "
                               "pool for it.",
                               ike_role(!draft->finding.message->from_initiator));
}

void ike_explain_selectors(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_child *child = draft->finding.child;
    /* The second error of one response, which was refused by the first. */
    if (!child && draft->finding.kind != ike_kind(IKE_F_INVALID_ID))
        child = draft->finding.child = ike_requested_child(message->exchange);
    g_string_append_printf(draft->text, "%s %s", ike_role(message->from_initiator),
                           clause_of(draft));
    if (!child) {
        const ike_party *rejected = ike_party_of(message->exchange->sa, !message->from_initiator);
        ike_append_identity(draft->text, rejected);
        if (rejected->id) {
            g_string_append(draft->requested, rejected->id);
            draft->finding.from_wire = IKE_WIRE_REQUESTED;
        }
        g_string_append_printf(draft->detail,
                               "Make the local identity of the %s and the remote identity that the "
                               "%s is configured for equal.",
                               ike_role(!message->from_initiator),
                               ike_role(message->from_initiator));
        return;
    }
    if (child->sa->major == 1 && !child->requested_initiator_count &&
        !child->requested_responder_count && child->request && child->request->content)
        append_own_addresses(draft->requested, child->sa);
    else
        ike_format_selector_pair(draft->requested, child->requested_initiator,
                                 child->requested_initiator_count, child->requested_responder,
                                 child->requested_responder_count);
    append_requested(draft, child);
    if (is_transport(child))
        g_string_append(draft->requested, "; transport mode");
    append_no_address(draft, child);
    bool turned;
    const ike_child *other = accepted_elsewhere(tracker, child, &turned);
    if (!other) {
        if (!draft->detail->len)
            append_advice(draft, child);
        return;
    }
    append_accepted(draft->received, other, turned);
    draft->finding.frame = other->established->frame;
    if (!is_transport(child) && g_string_equal(draft->requested, draft->received)) {
        g_string_append_printf(draft->detail,
                               "%sIt accepted the same in frame %u: its "
                               "configuration has changed since.",
                               draft->detail->len ? " " : "", other->established->frame);
        return;
    }
    g_string_append_printf(draft->detail, "%sIn frame %u it accepted %s.",
                           draft->detail->len ? " " : "", other->established->frame,
                           draft->received->str);
}
