/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What analysis/ found out about a message, as generated fields: they are in no byte of the
 * packet. */
#include "dissector/session/generated_fields.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/former_names.h"
#include "dissector/base/items.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"

static int hf_response_in = -1;
static int hf_response_to = -1;
static int hf_time = -1;
static int hf_retransmission = -1;
static int hf_retransmission_of = -1;
static int hf_copy_of = -1;
static int hf_step = -1;
static int hf_state = -1;
static int hf_algorithms = -1;
static int hf_nat_source = -1;
static int hf_nat_destination = -1;
static int hf_rekeyed_from = -1;
static int hf_rekeyed_to = -1;
static int hf_verified = -1;
static int hf_reason = -1;
static expert_field ei_wrong = EI_INIT;
static expert_field ei_replayed = EI_INIT;
static expert_field ei_key_source = EI_INIT;

static void show_links(const ike_packet *pkt, proto_tree *tree, const ike_message_record *record)
{
    uint64_t ns;

    const ike_message_record *partner = ike_record_partner(record);

    if (partner)
        ike_add_generated_uint(tree, record->response ? hf_response_to : hf_response_in, pkt->tvb,
                               partner->frame);
    if (ike_record_response_time(record, &ns)) {
        nstime_t time = {.secs = (time_t)(ns / 1000000000u), .nsecs = (int)(ns % 1000000000u)};
        proto_item_set_generated(proto_tree_add_time(tree, hf_time, pkt->tvb, 0, 0, &time));
    }
    if (!record->original)
        return;
    ike_add_generated_uint(tree, record->copy ? hf_copy_of : hf_retransmission_of, pkt->tvb,
                           record->original->frame);
    if (!record->copy) {
        proto_item_set_generated(
            proto_tree_add_boolean(tree, hf_retransmission, pkt->tvb, 0, 0, 1));
        ike_add_former_name(pkt, IKE_FORMER_RETRANSMISSION);
    }
}

/* What the NAT detection payloads come to, against the addresses of this packet. */
static void show_nat(const ike_packet *pkt, proto_tree *tree, const ike_message_record *record)
{
    static const char *const texts[] = {
        [IKE_NAT_NOT_SAID] = NULL,
        [IKE_NAT_SAME] = "not translated",
        [IKE_NAT_TRANSLATED] = "translated: a NAT is in between",
        [IKE_NAT_NOT_COMPUTED] = "unknown: the hash cannot be computed",
    };

    if (!proto_field_is_referenced(tree, hf_nat_source) &&
        !proto_field_is_referenced(tree, hf_nat_destination))
        return;
    ike_add_generated_string(tree, hf_nat_source, pkt->tvb, texts[record->nat_source]);
    ike_add_generated_string(tree, hf_nat_destination, pkt->tvb, texts[record->nat_destination]);
}

static void show_sa(const ike_packet *pkt, proto_tree *tree, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    char text[200];

    /* Texts cost: only where somebody looks at the tree, or filters for them. */
    if (proto_field_is_referenced(tree, hf_step))
        ike_add_generated_string(tree, hf_step, pkt->tvb,
                                 ike_record_step(record, text, sizeof text));
    ike_add_generated_string(tree, hf_state, pkt->tvb,
                             ike_sa_is_group_rekey(sa)
                                 ? "Rekey SA of a group"
                                 : ike_sa_state_text((ike_sa_state)record->state));
    if (proto_field_is_referenced(tree, hf_algorithms))
        ike_add_generated_string(tree, hf_algorithms, pkt->tvb, ike_sa_algorithms(sa));
    show_nat(pkt, tree, record);
    if (sa->rekeyed_from)
        ike_add_generated_uint(tree, hf_rekeyed_from, pkt->tvb, sa->rekeyed_from->stream);
    if (sa->rekeyed_to)
        ike_add_generated_uint(tree, hf_rekeyed_to, pkt->tvb, sa->rekeyed_to->stream);
    if (record->exchange->child)
        ike_add_generated_uint(tree, hf_ike_child, pkt->tvb, record->exchange->child->number);
}

static void show_authentication(const ike_packet *pkt, proto_tree *tree, proto_item *item,
                                ike_auth_result record)
{
    if (record.status != IKE_AUTH_UNKNOWN)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_verified, pkt->tvb, 0, 0,
                                                        record.status == IKE_AUTH_VERIFIED));
    ike_add_generated_string(tree, hf_reason, pkt->tvb, record.reason);
    ike_add_key_source_item(pkt->tvb, tree, record.key_source);
    if (record.status == IKE_AUTH_WRONG)
        expert_add_info_format(pkt->pinfo, item, &ei_wrong, "Authentication does not verify: %s",
                               record.reason ? record.reason : "it does not verify");
}

/* Whether the sender is who it says: in the payload that shall prove it, if it is there. */
static void add_authentication(const ike_packet *pkt)
{
    ike_group_auth of_group = (ike_group_auth)pkt->data->hint.group_auth;
    ike_crypto *crypto = pkt->auth_item && !of_group ? ike_session_crypto(pkt) : NULL;

    if (of_group == IKE_GROUP_AUTH_REPLAYED)
        expert_add_info(pkt->pinfo, pkt->item, &ei_replayed);
    if (of_group)
        show_authentication(pkt, pkt->auth_item ? pkt->auth_tree : pkt->tree,
                            pkt->auth_item ? pkt->auth_item : pkt->item,
                            ike_group_auth_result(of_group));
    else if (crypto)
        show_authentication(
            pkt, pkt->auth_tree, pkt->auth_item,
            ike_crypto_auth(crypto, ike_sa_from_initiator(pkt->data->sa, pkt->msg)));
}

static void show_warnings(const ike_packet *pkt)
{
    const char *text;

    for (unsigned i = 0; (text = ike_session_warning(i)) != NULL; i++)
        expert_add_info_format(pkt->pinfo, pkt->item, &ei_key_source, "%s", text);
}

void ike_add_generated_fields(ike_packet *pkt)
{
    const ike_message_record *record = pkt->data->record;

    if (pkt->data->shows_warnings)
        show_warnings(pkt);
    add_authentication(pkt);
    if (!record)
        return;
    ike_add_generated_uint(pkt->tree, hf_ike_stream, pkt->tvb, record->exchange->sa->stream);
    show_links(pkt, pkt->tree, record);
    show_sa(pkt, pkt->tree, record);
    ike_add_findings(pkt, record);
}

void ike_register_generated_fields(void)
{
    static hf_register_info hf[] = {
        {&hf_response_in,
         {"Response in", "isakmp.response_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "The answer to this request", HFILL}},
        {&hf_response_to,
         {"Response to", "isakmp.response_to", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "The request that this answers", HFILL}},
        {&hf_time,
         {"Time", "isakmp.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "From the request to this response", HFILL}},
        {&hf_retransmission,
         {"Retransmission", "isakmp.retransmission", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "The message was sent before", HFILL}},
        {&hf_retransmission_of,
         {"Retransmission of", "isakmp.retransmission_of", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0, "The frame that this one retransmits",
          HFILL}},
        {&hf_copy_of,
         {"Copy of", "isakmp.copy_of", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "The frame in which this packet was captured first", HFILL}},
        {&hf_step,
         {"Exchange step", "isakmp.step", FT_STRING, BASE_NONE, NULL, 0,
          "Place of the message in its exchange", HFILL}},
        {&hf_state,
         {"IKE SA state", "isakmp.state", FT_STRING, BASE_NONE, NULL, 0,
          "State of the IKE SA after this message", HFILL}},
        {&hf_algorithms,
         {"IKE SA algorithms", "isakmp.algorithms", FT_STRING, BASE_NONE, NULL, 0,
          "The negotiated suite", HFILL}},
        {&hf_nat_source,
         {"Source address", "isakmp.nat.source", FT_STRING, BASE_NONE, NULL, 0,
          "Whether the sender's address and port are those that it sent from", HFILL}},
        {&hf_nat_destination,
         {"Destination address", "isakmp.nat.destination", FT_STRING, BASE_NONE, NULL, 0,
          "Whether the receiver's address and port are those that the sender sent to", HFILL}},
        {&hf_rekeyed_from,
         {"Replaces IKE SA", "isakmp.rekeyed_from", FT_UINT32, BASE_DEC, NULL, 0,
          "The IKE SA that this one replaced", HFILL}},
        {&hf_rekeyed_to,
         {"Replaced by IKE SA", "isakmp.rekeyed_to", FT_UINT32, BASE_DEC, NULL, 0,
          "The IKE SA that replaced this one", HFILL}},
        {&hf_verified,
         {"Verified", "isakmp.auth.verified", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "Whether the authentication was verified; absent if that is unknown", HFILL}},
        {&hf_reason,
         {"Reason", "isakmp.auth.reason", FT_STRING, BASE_NONE, NULL, 0,
          "What it was verified against, or why it could not be", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_wrong,
         {"isakmp.auth.wrong", PI_SECURITY, PI_WARN, "Authentication does not verify", EXPFILL}},
        {&ei_replayed,
         {"isakmp.seq.replayed", PI_SEQUENCE, PI_WARN,
          "Replay: the sequence number is not higher than that of an earlier message", EXPFILL}},
        {&ei_key_source,
         {"isakmp.key_source.invalid", PI_UNDECODED, PI_WARN, "Key or key log cannot be used",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ike_register_findings();
}
