/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT traversal of IKEv1 (RFC 3947 and its drafts): NAT-D, a hash of an address and a port, and
 * NAT-OA, the address that a NAT replaced. */
#include "dissector/ikev1/payloads.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"

enum { FIXED = 4 };

static int hf_hash = -1;
static int hf_type = -1;
static int hf_ipv4 = -1;
static int hf_ipv6 = -1;
static expert_field ei_hash = EI_INIT;
static expert_field ei_address = EI_INIT;

void ikev1_dissect_nat_d(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                         uint8_t type _U_)
{
    ike_message *msg = pkt->msg;
    proto_item *shown = ike_add_rest(tree, hf_hash, body, 0, ENC_NA);

    if (tvb_reported_length(body) < 16)
        expert_add_info(pkt->pinfo, shown, &ei_hash);
    if (msg->nat_hash_count < IKE_MAX_NAT_HASHES)
        msg->nat_hashes[msg->nat_hash_count++] = ike_bytes_of(body, 0, -1);
}

void ikev1_dissect_nat_oa(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t type _U_)
{
    uint8_t kind = tvb_get_uint8(body, 0);
    proto_item *shown = proto_tree_add_item(tree, hf_type, body, 0, 1, ENC_NA);
    unsigned bytes = kind == IKEV1_ID_IPV4_ADDR ? 4 : kind == IKEV1_ID_IPV6_ADDR ? 16 : 0;

    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 3, ENC_NA);
    if (!bytes || ike_left(body, FIXED) < bytes) {
        expert_add_info(pkt->pinfo, shown, &ei_address);
        ike_trailing(pkt, body, tree, FIXED);
        return;
    }
    proto_tree_add_item(tree, bytes == 4 ? hf_ipv4 : hf_ipv6, body, FIXED, bytes,
                        bytes == 4 ? ENC_BIG_ENDIAN : ENC_NA);
    proto_item_append_text(item, " - %s",
                           bytes == 4 ? tvb_ip_to_str(pkt->pinfo->pool, body, FIXED)
                                      : tvb_ip6_to_str(pkt->pinfo->pool, body, FIXED));
    ike_trailing(pkt, body, tree, FIXED + bytes);
}

void ikev1_register_nat(void)
{
    static hf_register_info hf[] = {
        {&hf_hash,
         {"HASH of the address and port", "isakmp.ike.nat_hash", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_type,
         {"ID type", "isakmp.id.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_ID], 0, "ISAKMP ID Type", HFILL}},
        {&hf_ipv4,
         {"NAT Original IPv4 Address", "isakmp.ike.nat_original_address_ipv4", FT_IPv4, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_ipv6,
         {"NAT Original IPv6 Address", "isakmp.ike.nat_original_address_ipv6", FT_IPv6, BASE_NONE,
          NULL, 0, NULL, HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_hash,
         {"isakmp.ike.nat_hash.short", PI_PROTOCOL, PI_WARN, "Too short for a hash", EXPFILL}},
        {&ei_address,
         {"isakmp.ike.nat_original_address.invalid", PI_PROTOCOL, PI_WARN,
          "Neither an IPv4 nor an IPv6 address", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
