/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of analysis/ as expert infos: one kind there is one "isakmp.finding.<name>" here. */
#include "dissector/session/generated_fields.h"

#include <epan/funnel.h>
#include <epan/tap.h>

#include "dissector/base/items.h"
#include "dissector/session/session.h"

static expert_field *experts; /* as many as there are kinds */
static size_t kinds;
static int expert_tap;

static int hf_code = -1;
static int hf_certainty = -1;
static int hf_side = -1;
static int hf_peer = -1;
static int hf_requested = -1;
static int hf_received = -1;
static int hf_detail = -1;
static int hf_frame = -1;
static int hf_child = -1;
static int hf_value[IKE_VALUE_PAIRS][2]; /* before, after; expected, found */
static int ett_finding = -1;

/* A part that may be missing is then there all the same, empty and hidden: where a message has
 * several findings, `tshark -T fields` would give the values of one to another. */
static proto_item *add_part(const ike_packet *pkt, proto_tree *tree, int hf, const char *text)
{
    proto_item *item = proto_tree_add_string(tree, hf, pkt->tvb, 0, 0, text ? text : "");

    proto_item_set_generated(item);
    if (!text)
        proto_item_set_hidden(item);
    return item;
}

/* The two values. Where they are not what one side requests and the other has, they are shown by
 * their own names, and match by the general ones. */
static void add_values(const ike_packet *pkt, proto_tree *tree, const ike_finding *finding)
{
    const int parts[] = {hf_requested, hf_received};
    const char *const values[] = {finding->requested, finding->received};

    for (int i = 0; i < 2; i++) {
        proto_item *item = add_part(pkt, tree, parts[i], values[i]);

        if (finding->values == IKE_VALUES_REQUESTED || !values[i])
            continue;
        proto_item_set_hidden(item);
        ike_add_generated_string(tree, hf_value[finding->values][i], pkt->tvb, values[i]);
    }
}

/* The parts of a finding, below its expert info. */
static void add_parts(const ike_packet *pkt, proto_item *item, const ike_finding *finding)
{
    proto_tree *tree = proto_item_add_subtree(item, ett_finding);

    ike_add_generated_string(tree, hf_code, pkt->tvb, finding->code);
    ike_add_generated_string(tree, hf_certainty, pkt->tvb, ike_certainty_text(finding->certainty));
    add_part(pkt, tree, hf_side, ike_side_text(finding->side));
    add_part(pkt, tree, hf_peer, finding->peer);
    add_values(pkt, tree, finding);
    ike_add_generated_string(tree, hf_detail, pkt->tvb, finding->detail);
    proto_item *frame = proto_tree_add_uint(tree, hf_frame, pkt->tvb, 0, 0,
                                            finding->frame ? finding->frame : pkt->pinfo->num);
    proto_item_set_generated(frame);
    if (!finding->frame)
        proto_item_set_hidden(frame);
    if (finding->child)
        ike_add_generated_uint(tree, hf_child, pkt->tvb, finding->child->number);
}

static void show_one(const ike_finding *finding, void *user)
{
    const ike_packet *pkt = user;
    size_t index = ike_finding_index(finding);

    if (index >= kinds)
        return;
    proto_item *item = proto_tree_add_expert_format(pkt->tree, pkt->pinfo, &experts[index],
                                                    pkt->tvb, 0, 0, "%s", finding->text);
    proto_item_set_generated(item);
    add_parts(pkt, item, finding);
}

/* Wireshark's status bar has the highest severity of all packets, also of those that were dissected
 * without a tree. */
static bool has_status_bar(void)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();

    return ops && ops->new_dialog;
}

/* Whether expert infos are seen: in the tree, in a column, by a tap or in the status bar. tshark's
 * packet list has none of these, and the findings are 1.7 % of such a run (2,000 instructions a
 * message of sessions without keys, 4,400 with keys). */
static bool are_findings_seen(const ike_packet *pkt)
{
    return pkt->tree || col_get_text(pkt->pinfo->cinfo, COL_EXPERT) ||
           have_tap_listener(expert_tap) || has_status_bar();
}

void ike_add_findings(ike_packet *pkt, const ike_message_record *record)
{
    if (!are_findings_seen(pkt))
        return;
    ike_findings_of_message(ike_session_tracker(), record, show_one, pkt);
}

static void register_parts(void)
{
    static hf_register_info hf[] = {
        {&hf_code,
         {"Code", "isakmp.finding.code", FT_STRING, BASE_NONE, NULL, 0,
          "Code of the finding, as in the report", HFILL}},
        {&hf_certainty,
         {"Certainty", "isakmp.finding.certainty", FT_STRING, BASE_NONE, NULL, 0,
          "possible, likely or certain", HFILL}},
        {&hf_side,
         {"Side", "isakmp.finding.side", FT_STRING, BASE_NONE, NULL, 0,
          "The side that refused, did not respond or sent the message: initiator, responder or "
          "network",
          HFILL}},
        {&hf_peer,
         {"Peer", "isakmp.finding.peer", FT_STRING, BASE_NONE, NULL, 0,
          "Address and identity of that side", HFILL}},
        {&hf_requested,
         {"Requested", "isakmp.finding.requested", FT_STRING, BASE_NONE, NULL, 0,
          "The value of the side that was refused", HFILL}},
        {&hf_received,
         {"Received", "isakmp.finding.received", FT_STRING, BASE_NONE, NULL, 0,
          "The value of the other side", HFILL}},
        {&hf_detail,
         {"Detail", "isakmp.finding.detail", FT_STRING, BASE_NONE, NULL, 0,
          "What else is known, and what to change", HFILL}},
        {&hf_frame,
         {"Related frame", "isakmp.finding.frame", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "A frame that supports or contradicts the finding", HFILL}},
        {&hf_value[IKE_VALUES_CHANGED][0],
         {"Before", "isakmp.finding.before", FT_STRING, BASE_NONE, NULL, 0,
          "The value before the change", HFILL}},
        {&hf_value[IKE_VALUES_CHANGED][1],
         {"After", "isakmp.finding.after", FT_STRING, BASE_NONE, NULL, 0,
          "The value after the change", HFILL}},
        {&hf_value[IKE_VALUES_EXPECTED][0],
         {"Expected", "isakmp.finding.expected", FT_STRING, BASE_NONE, NULL, 0,
          "What the value should be", HFILL}},
        {&hf_value[IKE_VALUES_EXPECTED][1],
         {"Found", "isakmp.finding.found", FT_STRING, BASE_NONE, NULL, 0, "The value that was sent",
          HFILL}},
        {&hf_child,
         {"Child SA", "isakmp.finding.child", FT_UINT32, BASE_DEC, NULL, 0,
          "Number of the Child SA that it is about", HFILL}},
    };
    static int *ett[] = {&ett_finding};

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

/* It is registered after all protocols. */
static void find_expert_tap(void)
{
    expert_tap = find_tap_id("expert");
}

void ike_register_findings(void)
{
    static const int severities[] = {
        [IKE_SEVERITY_CHAT] = PI_CHAT,
        [IKE_SEVERITY_NOTE] = PI_NOTE,
        [IKE_SEVERITY_WARN] = PI_WARN,
        [IKE_SEVERITY_ERROR] = PI_ERROR,
    };
    const ike_finding_kind *kind = ike_finding_kinds(&kinds);
    ei_register_info *ei = wmem_alloc0_array(wmem_epan_scope(), ei_register_info, kinds);

    /* epan keeps these for the life of the program. */
    experts = wmem_alloc0_array(wmem_epan_scope(), expert_field, kinds);
    for (size_t i = 0; i < kinds; i++) {
        experts[i] = (expert_field)EI_INIT;
        ei[i] = (ei_register_info){
            &experts[i],
            {wmem_strdup_printf(wmem_epan_scope(), "isakmp.finding.%s", kind[i].name),
             kind[i].security ? PI_SECURITY : PI_SEQUENCE, severities[kind[i].severity],
             kind[i].summary, EXPFILL}};
    }
    register_parts();
    register_init_routine(find_expert_tap);
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, (int)kinds);
}
