/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/session/export_pdu.h"

#include <epan/exported_pdu.h>
#include <epan/ipproto.h>
#include <epan/tap.h>

#include "proto/ike_numbers.h"

enum {
    PORT_IKE = 500,
    PORT_GDOI = 848,
    NEXT_PAYLOAD = 16,
    FLAGS = 19,
    LENGTH = 24,
    FLAG_ENCRYPTION = 0x01 /* IKEv1 alone has it */
};

static int message_tap, packet_tap;

/* What is exported is read after the frame was dissected: by then IP has removed the TFC padding
 * (RFC 4303 2.7) off its buffer. So it is a copy. */
static void queue(int tap, packet_info *pinfo, exp_pdu_data_t *pdu, tvbuff_t *tvb)
{
    unsigned length = tvb_captured_length(tvb);
    const uint8_t *bytes = tvb_memdup(pinfo->pool, tvb, 0, length);

    pdu->tvb_captured_length = length;
    pdu->tvb_reported_length = tvb_reported_length(tvb);
    pdu->pdu_tvb = tvb_new_child_real_data(tvb, bytes, length, (int)pdu->tvb_reported_length);
    tap_queue_packet(tap, pinfo, pdu);
}

/* The port table leads to whatever dissector has the port: to the plugin, or without it to the
 * built-in. */
static exp_pdu_data_t *create_message_tags(packet_info *pinfo)
{
    bool gdoi = pinfo->srcport == PORT_GDOI || pinfo->destport == PORT_GDOI;
    exp_pdu_data_item_t port = {exp_pdu_data_dissector_table_num_value_size,
                                exp_pdu_data_dissector_table_num_value_populate_data,
                                GUINT_TO_POINTER(gdoi ? PORT_GDOI : PORT_IKE)};
    const exp_pdu_data_item_t *items[] = {&port, /* right behind the name of the table */
                                          &exp_pdu_data_src_ip,
                                          &exp_pdu_data_dst_ip,
                                          &exp_pdu_data_port_type,
                                          &exp_pdu_data_src_port,
                                          &exp_pdu_data_dst_port,
                                          &exp_pdu_data_orig_frame_num,
                                          NULL};

    return export_pdu_create_tags(pinfo, "udp.port", EXP_PDU_TAG_DISSECTOR_TABLE_NAME, items);
}

/* The header and the plaintext; unencrypted payloads in front of SK are left out. */
static tvbuff_t *message_without_encryption(const ike_packet *pkt)
{
    unsigned inner = pkt->plaintext ? tvb_captured_length(pkt->plaintext) : 0;
    unsigned length = IKE_HEADER + inner;
    uint8_t *bytes = wmem_alloc(pkt->pinfo->pool, length);

    tvb_memcpy(pkt->tvb, bytes, 0, IKE_HEADER);
    if (inner)
        tvb_memcpy(pkt->plaintext, bytes + IKE_HEADER, 0, inner);
    bytes[NEXT_PAYLOAD] = (uint8_t)(pkt->msg->first_inside - 1);
    if (pkt->msg->major < 2)
        bytes[FLAGS] &= (uint8_t)~FLAG_ENCRYPTION;
    uint32_t in_network_order = g_htonl(length);
    memcpy(bytes + LENGTH, &in_network_order, sizeof in_network_order);
    return tvb_new_child_real_data(pkt->tvb, bytes, length, (int)length);
}

void ike_export_message(const ike_packet *pkt)
{
    const ike_message *msg = pkt->msg;
    bool decrypted = msg->decryption == IKE_DECRYPTION_DONE && msg->first_inside;
    /* A fragment is exported within the message that it is a part of. */
    bool fragment = msg->major < 2 && msg->first_payload == IKEV1_PAYLOAD_FRAGMENT;

    if (!have_tap_listener(message_tap) || pkt->pinfo->flags.in_error_pkt || fragment ||
        (msg->encrypted && !decrypted))
        return;
    tvbuff_t *tvb = decrypted ? message_without_encryption(pkt) : pkt->tvb;
    queue(message_tap, pkt->pinfo, create_message_tags(pkt->pinfo), tvb);
}

void ike_export_inner_packet(packet_info *pinfo, tvbuff_t *packet, uint8_t protocol)
{
    dissector_handle_t handle = NULL;

    /* The dissector of IPComp exports what it decompresses. */
    if (have_tap_listener(packet_tap) && protocol != IP_PROTO_IPCOMP)
        handle = dissector_get_uint_handle(find_dissector_table("ip.proto"), protocol);
    const char *name = handle ? dissector_handle_get_dissector_name(handle) : NULL;
    if (name)
        queue(packet_tap, pinfo,
              export_pdu_create_common_tags(pinfo, name, EXP_PDU_TAG_DISSECTOR_NAME), packet);
}

void ike_register_export_pdu(void)
{
    message_tap = register_export_pdu_tap("ISAKMP");
    packet_tap = find_tap_id(EXPORT_PDU_TAP_NAME_LAYER_3);
}
