/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/session/generated_fields.h"

#include "analysis/findings/findings.h"
#include "analysis/tracker/format.h"
#include "dissector/base/items.h"
#include "dissector/session/session.h"

static int hf_sa = -1;
static int hf_outcome = -1;
static int hf_inferred = -1;
static int hf_roles_inferred = -1;
static int hf_cause = -1;
static int hf_text = -1;
static int hf_side = -1;
static int hf_peer = -1;
static int hf_certainty = -1;
static int hf_requested = -1;
static int hf_received = -1;
static int hf_frame = -1;
static int hf_detail = -1;
static int ett_sa = -1;

/* Whether the item is displayed or filtered for. Its texts, made for each message, are 2 % of a run
 * with -Y (1,000 to 2,400 instructions a message), which alone puts filtering a flood above 1.05 of
 * the built-in. */
static bool is_referenced(proto_tree *tree)
{
    static int *const fields[] = {
        &hf_sa,   &hf_outcome,   &hf_inferred,  &hf_roles_inferred, &hf_cause, &hf_text,  &hf_side,
        &hf_peer, &hf_certainty, &hf_requested, &hf_received,       &hf_frame, &hf_detail};

    for (unsigned i = 0; i < array_length(fields); i++)
        if (proto_field_is_referenced(tree, *fields[i]))
            return true;
    return false;
}

void ike_add_sa_item(ike_packet *pkt)
{
    if (!pkt->tree || !pkt->data || !pkt->data->sa || !is_referenced(pkt->tree))
        return;
    pkt->sa_item = proto_tree_add_item(pkt->tree, hf_sa, pkt->tvb, 0, 0, ENC_NA);
    proto_item_set_generated(pkt->sa_item);
}

/* ike_finding_fn: behind the outcome. */
static void append_cause(const ike_finding *finding, void *user)
{
    const ike_packet *pkt = user;
    bool has_code = strcmp(finding->code, "UNKNOWN") != 0;

    proto_item_append_text(pkt->sa_item, ", %s", has_code ? finding->code : finding->text);
}

/* ike_finding_fn */
static void add_cause(const ike_finding *finding, void *user)
{
    const ike_packet *pkt = user;
    proto_tree *tree = proto_item_add_subtree(pkt->sa_item, ett_sa);

    append_cause(finding, user);
    ike_add_generated_string(tree, hf_cause, pkt->tvb, finding->code);
    ike_add_generated_string(tree, hf_text, pkt->tvb, finding->text);
    ike_add_generated_string(tree, hf_side, pkt->tvb, ike_side_text(finding->side));
    ike_add_generated_string(tree, hf_peer, pkt->tvb, finding->peer);
    ike_add_generated_string(tree, hf_certainty, pkt->tvb, ike_certainty_text(finding->certainty));
    ike_add_generated_string(tree, hf_requested, pkt->tvb, finding->requested);
    ike_add_generated_string(tree, hf_received, pkt->tvb, finding->received);
    ike_add_generated_string(tree, hf_detail, pkt->tvb, finding->detail);
    if (finding->message)
        ike_add_generated_uint(tree, hf_frame, pkt->tvb, finding->message->frame);
}

/* Of the Child SA that the message negotiates: the IKE SA may be up all the same. */
static void append_failed_child(ike_packet *pkt)
{
    const ike_tracker *tracker = ike_session_tracker();
    const ike_child *child = pkt->data->record ? pkt->data->record->exchange->child : NULL;

    if (!child || ike_child_outcome(tracker, child) != IKE_CHILD_FAILED)
        return;
    proto_item_append_text(pkt->sa_item, "; %s %u: failed", ike_child_name(child->sa->major),
                           child->number);
    ike_cause_of_child(tracker, child, append_cause, pkt);
}

void ike_fill_sa_item(ike_packet *pkt)
{
    if (!pkt->sa_item)
        return;
    const ike_sa *sa = pkt->data->record ? pkt->data->record->exchange->sa : pkt->data->sa;
    ike_outcome outcome = ike_sa_outcome(ike_session_tracker(), sa);
    proto_tree *tree = proto_item_add_subtree(pkt->sa_item, ett_sa);

    proto_item_set_text(pkt->sa_item, "IKE SA %u: %s", sa->stream, ike_outcome_text(outcome));
    ike_add_generated_string(tree, hf_outcome, pkt->tvb, ike_outcome_text(outcome));
    ike_inference inference = ike_sa_inference(sa);
    if (inference != IKE_INFERRED_NOT) {
        proto_item_append_text(pkt->sa_item, " (inferred)");
        ike_add_generated_string(tree, hf_inferred, pkt->tvb, ike_inference_text(inference));
    }
    if (ike_sa_has_inferred_roles(sa))
        proto_item_set_generated(
            proto_tree_add_boolean(tree, hf_roles_inferred, pkt->tvb, 0, 0, true));
    ike_cause_of_sa(ike_session_tracker(), sa, add_cause, pkt);
    if (outcome == IKE_OUTCOME_ESTABLISHED || outcome == IKE_OUTCOME_DELETED)
        append_failed_child(pkt);
}

void ike_register_sa_item(void)
{
    static hf_register_info hf[] = {
        {&hf_sa,
         {"IKE SA", "isakmp.sa_summary", FT_NONE, BASE_NONE, NULL, 0,
          "What became of the IKE SA of the message", HFILL}},
        {&hf_outcome,
         {"Outcome", "isakmp.sa_summary.outcome", FT_STRING, BASE_NONE, NULL, 0,
          "Outcome of the IKE SA, as in the report", HFILL}},
        {&hf_inferred,
         {"Inferred from", "isakmp.sa_summary.inferred_from", FT_STRING, BASE_NONE, NULL, 0,
          "What lets one conclude that the IKE SA came up", HFILL}},
        {&hf_roles_inferred,
         {"Roles inferred", "isakmp.sa_summary.roles_inferred", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "No message of phase 1 shows which side is the initiator", HFILL}},
        {&hf_cause,
         {"Cause", "isakmp.sa_summary.cause", FT_STRING, BASE_NONE, NULL, 0,
          "Code of the finding that explains the outcome", HFILL}},
        {&hf_text,
         {"Explanation", "isakmp.sa_summary.text", FT_STRING, BASE_NONE, NULL, 0,
          "The cause in one clause", HFILL}},
        {&hf_side,
         {"Side", "isakmp.sa_summary.side", FT_STRING, BASE_NONE, NULL, 0,
          "The side that refused or did not respond", HFILL}},
        {&hf_peer,
         {"Peer", "isakmp.sa_summary.peer", FT_STRING, BASE_NONE, NULL, 0,
          "Address and identity of that side", HFILL}},
        {&hf_certainty,
         {"Certainty", "isakmp.sa_summary.certainty", FT_STRING, BASE_NONE, NULL, 0,
          "possible, likely or certain", HFILL}},
        {&hf_requested,
         {"Requested", "isakmp.sa_summary.requested", FT_STRING, BASE_NONE, NULL, 0,
          "The value of the side that was refused", HFILL}},
        {&hf_received,
         {"Received", "isakmp.sa_summary.received", FT_STRING, BASE_NONE, NULL, 0,
          "The value of the other side", HFILL}},
        {&hf_frame,
         {"Cause in", "isakmp.sa_summary.frame", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "The message with the cause", HFILL}},
        {&hf_detail,
         {"Detail", "isakmp.sa_summary.detail", FT_STRING, BASE_NONE, NULL, 0,
          "What else is known, and what to change", HFILL}},
    };
    static int *ett[] = {&ett_sa};

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}
