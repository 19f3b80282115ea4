/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fragment payload of Cisco and Microsoft (MS-IKEE 2.2.3.1): a part of a message, header
 * included, alone in a message of its own.
 *
 *   +-------------------------------+---------------+---------------+
 *   |          Fragment ID          | Fragment No.  |  Last (1)     |
 *   |                    part of the message                        |
 *   +---------------------------------------------------------------+
 */
#include "dissector/common/payloads.h"

#include "dissector/base/items.h"
#include "dissector/message.h"
#include "dissector/session/decryption.h"
#include "dissector/transport/fragment.h"
#include "proto/network_order.h"

enum { FIXED = 4 };

static int hf_id = -1;
static int hf_number = -1;
static int hf_last = -1;
static int hf_data = -1;
static expert_field ei_number = EI_INIT;
static expert_field ei_nested = EI_INIT;

static const value_string last_values[] = {{0, "More fragments"}, {1, "Last fragment"}, {0, NULL}};

/* Whether the payloads of a message in clear follow each other to its end. */
static bool is_chain(ike_span message)
{
    enum { GENERIC_HEADER = 4, NEXT_PAYLOAD = 16 };
    uint8_t next = message.data[NEXT_PAYLOAD];
    uint32_t offset = IKE_HEADER;

    while (next && message.length - offset >= GENERIC_HEADER) {
        uint32_t length = ike_get_u32(message.data + offset) & UINT16_MAX;
        if (length < GENERIC_HEADER || length > message.length - offset)
            return false;
        next = message.data[offset];
        offset += length;
    }
    return !next && offset == message.length;
}

static ike_fragment_check check_message(ike_packet *pkt, ike_span message)
{
    enum { VERSION = 17, FLAGS = 19, MESSAGE_ID = 20, ENCRYPTED = 1 };
    bool ikev1 = message.data[VERSION] >> 4 < 2;
    int decrypts = ike_get_u64(message.data) == pkt->msg->initiator_spi
                       ? ike_message_decrypts(pkt, message)
                       : -1;

    if (!decrypts && ikev1 && !(message.data[FLAGS] & ENCRYPTED))
        return is_chain(message) ? IKE_FRAGMENT_IN_CLEAR : IKE_FRAGMENT_WRONG;
    if (decrypts <= 0)
        return decrypts ? IKE_FRAGMENT_WRONG : IKE_FRAGMENT_UNKNOWN;
    if (!ikev1 || ike_get_u32(message.data + MESSAGE_ID))
        return IKE_FRAGMENT_RIGHT;
    /* Phase 1 of IKEv1: only SIG or HASH of the whole exchange protects it, and not all of it. */
    return decrypts < IKE_AUTHENTIC ? IKE_FRAGMENT_PLAUSIBLE : IKE_FRAGMENT_VERIFIED;
}

static void dissect_reassembled(ike_packet *pkt, tvbuff_t *message, proto_tree *tree)
{
    col_append_str(pkt->pinfo->cinfo, COL_INFO, ": ");
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);
    ike_dissect_reassembled(message, pkt->pinfo, tree);
}

void ike_dissect_fragment_payload(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                  proto_item *item, uint8_t type _U_)
{
    unsigned number = tvb_get_uint8(body, 2);
    bool last = tvb_get_uint8(body, 3) & 1;

    /* Before what may be truncated by the snap length. */
    pkt->msg->fragment = (uint16_t)number;
    pkt->msg->fragments = last ? (uint16_t)number : 0;
    pkt->msg->decryption = IKE_FRAGMENT;
    proto_tree_add_item(tree, hf_id, body, 0, 2, ENC_BIG_ENDIAN);
    proto_item *shown = proto_tree_add_item(tree, hf_number, body, 2, 1, ENC_NA);
    proto_tree_add_item(tree, hf_last, body, 3, 1, ENC_NA);
    ike_add_rest(tree, hf_data, body, FIXED, ENC_NA);
    proto_item_append_text(item, " %u%s", number, last ? ", last" : "");
    col_append_fstr(pkt->pinfo->cinfo, COL_INFO, " (fragment %u%s)", number, last ? ", last" : "");
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);

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
        .check = check_message,
    };
    tvbuff_t *message = ike_reassemble(pkt, &fragment, tree);
    if (message)
        dissect_reassembled(pkt, message, tree);
}

void ike_register_fragment_payload(void)
{
    static hf_register_info hf[] = {
        {&hf_id, {"Frag ID", "isakmp.frag.packetid", FT_UINT16, BASE_HEX, NULL, 0, NULL, HFILL}},
        {&hf_number, {"Frag seq", "isakmp.frag.seq", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_last,
         {"Frag last", "isakmp.frag.last", FT_UINT8, BASE_DEC, VALS(last_values), 0, NULL, HFILL}},
        {&hf_data,
         {"Fragment data", "isakmp.frag.data", FT_BYTES, BASE_NONE, NULL, 0, "Part of a message",
          HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_number,
         {"isakmp.frag.seq.invalid", PI_MALFORMED, PI_WARN,
          "Fragment number 0: fragments are numbered from 1", EXPFILL}},
        {&ei_nested,
         {"isakmp.frag.nested", PI_PROTOCOL, PI_WARN, "Fragment inside a reassembled message",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
