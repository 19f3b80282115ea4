/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of RFC 7296 itself; its extensions are in the other files of this folder. */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/items.h"
#include "dissector/base/payload_chain.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/notification.h"
#include "dissector/ikev2/notify/notify.h"

static int hf_critical = -1;
static int hf_message_id = -1;
static int hf_invalid_spi = -1;
static int hf_group = -1;
static int hf_offending = -1;
static int hf_offending_source_ipv4 = -1;
static int hf_offending_destination_ipv4 = -1;
static int hf_offending_source_ipv6 = -1;
static int hf_offending_destination_ipv6 = -1;
static int hf_window = -1;
static int hf_ipcomp_cpi = -1;
static int hf_ipcomp_transform = -1;
static int hf_nat_hash = -1;
static int hf_cookie = -1;

static void dissect_unsupported_critical(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                         proto_item *item, uint16_t type _U_)
{
    if (!ike_notify_expect(pkt, data, item, 1, 1))
        return;
    uint8_t payload = tvb_get_uint8(data, 0);
    proto_tree_add_uint_format_value(tree, hf_critical, data, 0, 1, payload, "%s (%u)",
                                     ike_payload_name(pkt, payload), payload);
}

/* INVALID_SELECTORS carries the beginning of the offending packet (RFC 7296 2.9). */
static void dissect_offending_packet(ike_packet *pkt _U_, tvbuff_t *data, proto_tree *tree,
                                     proto_item *item _U_, uint16_t type _U_)
{
    uint8_t version = tvb_get_uint8(data, 0) >> 4;

    ike_add_rest(tree, hf_offending, data, 0, ENC_NA);
    if (version == 4 && ike_left(data, 0) >= 20) {
        proto_tree_add_item(tree, hf_offending_source_ipv4, data, 12, 4, ENC_BIG_ENDIAN);
        proto_tree_add_item(tree, hf_offending_destination_ipv4, data, 16, 4, ENC_BIG_ENDIAN);
    } else if (version == 6 && ike_left(data, 0) >= 40) {
        proto_tree_add_item(tree, hf_offending_source_ipv6, data, 8, 16, ENC_NA);
        proto_tree_add_item(tree, hf_offending_destination_ipv6, data, 24, 16, ENC_NA);
    }
}

/* A CPI and a transform; a transform that has attributes may add bytes of its own. */
static void dissect_ipcomp(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                           uint16_t type _U_)
{
    if (!ike_notify_expect(pkt, data, item, 3, UINT_MAX))
        return;
    proto_tree_add_item(tree, hf_ipcomp_cpi, data, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_ipcomp_transform, data, 2, 1, ENC_NA);
}

static const ike_value_row rows[] = {
    {IKEV2_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, .dissect = dissect_unsupported_critical},
    {IKEV2_NOTIFY_INVALID_MESSAGE_ID, .fields = {&hf_message_id}},
    {IKEV2_NOTIFY_INVALID_SPI, .fields = {&hf_invalid_spi}},
    {IKEV2_NOTIFY_INVALID_KE_PAYLOAD, .fields = {&hf_group}},
    {IKEV2_NOTIFY_INVALID_SELECTORS, .dissect = dissect_offending_packet},
    {IKEV2_NOTIFY_SET_WINDOW_SIZE, .fields = {&hf_window}},
    {IKEV2_NOTIFY_IPCOMP_SUPPORTED, .dissect = dissect_ipcomp},
    {IKEV2_NOTIFY_NAT_DETECTION_SOURCE_IP, .fields = {&hf_nat_hash}},
    {IKEV2_NOTIFY_NAT_DETECTION_DESTINATION_IP, .fields = {&hf_nat_hash}},
    {IKEV2_NOTIFY_COOKIE, .fields = {&hf_cookie}, .least = 1, .most = 64},
};

void ikev2_register_notify_data(void)
{
    static hf_register_info hf[] = {
        {&hf_critical,
         {"Unsupported payload", "isakmp.notify.data.unsupported_critical_payload", FT_UINT8,
          BASE_DEC, NULL, 0, "Type of the unknown critical payload", HFILL}},
        {&hf_message_id,
         {"Invalid message ID", "isakmp.notify.data.invalid_message_id", FT_UINT32, BASE_HEX, NULL,
          0, "Message ID outside the window", HFILL}},
        {&hf_invalid_spi,
         {"Invalid SPI", "isakmp.notify.data.invalid_spi", FT_BYTES, BASE_NONE, NULL, 0,
          "SPI of the offending ESP or AH packet", HFILL}},
        {&hf_group,
         {"Accepted DH group number", "isakmp.notify.data.accepted_dh_group", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_KE], 0,
          "Key exchange method that the responder prefers", HFILL}},
        {&hf_offending,
         {"Offending packet", "isakmp.notify.data.offending_packet", FT_BYTES, BASE_NONE, NULL, 0,
          "Beginning of a packet outside the traffic selectors of its SA", HFILL}},
        {&hf_offending_source_ipv4,
         {"Offending packet's source", "isakmp.notify.data.offending_packet.source_ipv4", FT_IPv4,
          BASE_NONE, NULL, 0, "IPv4 source of the offending packet", HFILL}},
        {&hf_offending_destination_ipv4,
         {"Offending packet's destination", "isakmp.notify.data.offending_packet.destination_ipv4",
          FT_IPv4, BASE_NONE, NULL, 0, "IPv4 destination of the offending packet", HFILL}},
        {&hf_offending_source_ipv6,
         {"Offending packet's source", "isakmp.notify.data.offending_packet.source_ipv6", FT_IPv6,
          BASE_NONE, NULL, 0, "IPv6 source of the offending packet", HFILL}},
        {&hf_offending_destination_ipv6,
         {"Offending packet's destination", "isakmp.notify.data.offending_packet.destination_ipv6",
          FT_IPv6, BASE_NONE, NULL, 0, "IPv6 destination of the offending packet", HFILL}},
        {&hf_window,
         {"Window size", "isakmp.notify.data.window_size", FT_UINT32, BASE_DEC, NULL, 0,
          "How many requests may be outstanding", HFILL}},
        {&hf_ipcomp_cpi,
         {"IPCOMP CPI", "isakmp.notify.data.ipcomp.cpi", FT_UINT16, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_ipcomp_transform,
         {"IPCOMP Transform ID", "isakmp.notify.data.ipcomp.transform_id", FT_UINT8,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_IPCOMP], 0, NULL, HFILL}},
        {&hf_nat_hash,
         {"HASH of the address and port", "isakmp.ike.nat_hash", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_cookie,
         {"Cookie", "isakmp.notify.data.cookie", FT_BYTES, BASE_NONE, NULL, 0,
          "Returned by the initiator to prove that it receives at its address", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    ikev2_notify_add_rows(rows, array_length(rows));
}
