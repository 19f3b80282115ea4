/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that are about what was to be protected: traffic selectors, in IKEv1 identities. */
#include "analysis/findings/explain.h"

static const char *clause_of(const ike_draft *draft)
{
    const ike_finding_kind *kind = draft->finding.kind;
    if (kind == ike_kind(IKE_F_SINGLE_PAIR_REQUIRED))
        return "wants a Child SA for one pair of addresses";
    if (kind == ike_kind(IKE_F_FAILED_CP_REQUIRED))
        return "wants a configuration request (CP) for an inner address";
    if (kind == ike_kind(IKE_F_INVALID_ID))
        return draft->finding.child ? "has no configuration for these networks"
                                    : "has no configuration for this identity";
    return "accepts none of the traffic selectors";
}

/* What the same responder accepted for another Child SA, the newest. */
static const ike_child *accepted_elsewhere(const ike_tracker *tracker, const ike_child *child)
{
    enum { MAX_LOOKED_AT = 256 };
    uint32_t count = ike_tracker_child_count(tracker);
    for (uint32_t i = 0; i < MIN(count, MAX_LOOKED_AT); i++) {
        const ike_child *other = ike_tracker_child(tracker, count - 1 - i);
        if (other != child && other->established && other->ts_initiator_count &&
            ike_same_address(&other->sa->responder.endpoint, &child->sa->responder.endpoint))
            return other;
    }
    return NULL;
}

/* What was refused, where it fits. */
static void append_requested(ike_draft *draft, const ike_child *child)
{
    enum { FITS = 60 };
    const ike_finding_kind *kind = draft->finding.kind;
    if (!child->requested_initiator_count || !child->requested_responder_count)
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
    g_string_append(draft->text, ", no inner address assigned");
    draft->finding.frame = reply->frame;
    g_string_append_printf(draft->detail,
                           "The responder assigned no inner address in frame %u, so the initiator "
                           "requests its outer one: configure an address pool on the responder.",
                           reply->frame);
}

void ike_explain_selectors(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_child *child = draft->finding.child;
    /* The second error of one response, which was refused by the first. */
    if (!child && draft->finding.kind != ike_kind(IKE_F_INVALID_ID))
        child = draft->finding.child = message->exchange->child;
    g_string_append_printf(draft->text, "%s %s", ike_role(message->from_initiator),
                           clause_of(draft));
    if (!child) {
        const ike_party *rejected = ike_party_of(message->exchange->sa, !message->from_initiator);
        ike_append_identity(draft->text, rejected);
        if (rejected->id) {
            g_string_append(draft->requested, rejected->id);
            draft->finding.from_wire = IKE_WIRE_REQUESTED;
        }
        return;
    }
    ike_format_selector_pair(draft->requested, child->requested_initiator,
                             child->requested_initiator_count, child->requested_responder,
                             child->requested_responder_count);
    append_requested(draft, child);
    append_no_address(draft, child);
    const ike_child *other = accepted_elsewhere(tracker, child);
    if (!other)
        return;
    ike_format_selector_pair(draft->received, other->ts_initiator, other->ts_initiator_count,
                             other->ts_responder, other->ts_responder_count);
    draft->finding.frame = other->established->frame;
    g_string_append_printf(draft->detail, "%sIn frame %u it accepted %s.",
                           draft->detail->len ? " " : "", other->established->frame,
                           draft->received->str);
}
