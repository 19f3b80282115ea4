/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fragment payload of Cisco and Microsoft (MS-IKEE 2.2.3.1): a piece of a whole message, header
 * included, alone in a message of its own.
 *
 *   +-------------------------------+---------------+---------------+
 *   |          Fragment ID          | Fragment No.  |  Last (1)     |
 *   |                    part of the message                        |
 *   +---------------------------------------------------------------+
 */
#include "dissector/common/fragment_payload.h"

#include "dissector/base/items.h"
#include "dissector/message.h"
#include "dissector/transport/fragment.h"

enum { FIXED = 4, IKE_HEADER = 28 };

static int hf_id = -1;
static int hf_number = -1;
static int hf_last = -1;
static int hf_data = -1;
static expert_field ei_number = EI_INIT;
static expert_field ei_nested = EI_INIT;
static expert_field ei_length = EI_INIT;

static const value_string last_values[] = {{0, "More fragments"}, {1, "Last fragment"}, {0, NULL}};

/* A whole message says its own length: other bytes do not belong together. */
static bool is_whole(ike_packet *pkt, tvbuff_t *whole, proto_tree *tree)
{
    unsigned length = tvb_reported_length(whole);
    uint32_t said = length >= IKE_HEADER ? tvb_get_ntohl(whole, 24) : 0;

    if (said == length)
        return true;
    proto_tree_add_expert_format(tree, pkt->pinfo, &ei_length, whole, 0, -1,
                                 "The fragments make %u octets, the header in them says %u", length,
                                 said);
    return false;
}

static void dissect_whole(ike_packet *pkt, tvbuff_t *whole, proto_tree *tree)
{
    if (!is_whole(pkt, whole, tree))
        return;
    col_append_str(pkt->pinfo->cinfo, COL_INFO, ": ");
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);
    ike_dissect_reassembled(whole, pkt->pinfo, tree);
}

void ike_dissect_fragment_payload(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                  proto_item *item, uint8_t type _U_)
{
    if (ike_left(body, 0) <= FIXED) {
        ike_too_short(pkt, body, tree, "a fragment");
        return;
    }
    unsigned number = tvb_get_uint8(body, 2);
    bool last = tvb_get_uint8(body, 3) & 1;

    proto_tree_add_item(tree, hf_id, body, 0, 2, ENC_BIG_ENDIAN);
    proto_item *shown = proto_tree_add_item(tree, hf_number, body, 2, 1, ENC_NA);
    proto_tree_add_item(tree, hf_last, body, 3, 1, ENC_NA);
    ike_add_rest(tree, hf_data, body, FIXED, ENC_NA);
    proto_item_append_text(item, " %u%s", number, last ? ", last" : "");
    col_append_fstr(pkt->pinfo->cinfo, COL_INFO, " (fragment %u%s)", number, last ? ", last" : "");
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);

    pkt->msg->fragment = (uint16_t)number;
    pkt->msg->fragments = last ? (uint16_t)number : 0;
    pkt->msg->decryption = IKE_FRAGMENT;
    if (!number)
        expert_add_info(pkt->pinfo, shown, &ei_number);
    if (pkt->msg->reassembled)
        expert_add_info(pkt->pinfo, item, &ei_nested);
    if (!number || pkt->msg->reassembled)
        return;
    ike_fragment fragment = {
        .kind = IKE_FRAGMENT_CISCO,
        .number = number,
        .last = last,
        .id = tvb_get_ntohs(body, 0),
        .bytes = tvb_new_subset_remaining(body, FIXED),
    };
    tvbuff_t *whole = ike_reassemble(pkt, &fragment, tree);
    if (whole)
        dissect_whole(pkt, whole, tree);
}

void ike_register_fragment_payload(void)
{
    static hf_register_info hf[] = {
        {&hf_id, {"Frag ID", "isakmp.frag.packetid", FT_UINT16, BASE_HEX, NULL, 0, NULL, HFILL}},
        {&hf_number, {"Frag seq", "isakmp.frag.seq", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_last,
         {"Frag last", "isakmp.frag.last", FT_UINT8, BASE_DEC, VALS(last_values), 0, NULL, HFILL}},
        {&hf_data,
         {"Fragment data", "isakmp.frag.data", FT_BYTES, BASE_NONE, NULL, 0,
          "Part of a whole message", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_number,
         {"isakmp.frag.seq.invalid", PI_MALFORMED, PI_WARN, "Fragments are numbered from 1",
          EXPFILL}},
        {&ei_nested,
         {"isakmp.frag.nested", PI_PROTOCOL, PI_WARN, "A fragment in a reassembled message",
          EXPFILL}},
        {&ei_length,
         {"isakmp.frag.length", PI_REASSEMBLE, PI_WARN,
          "The fragments do not make the message that its header announces", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
