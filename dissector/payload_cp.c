/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration (RFC 7296 3.15): a type and attributes, which have no AF bit but the same layout.
 */
#include "attribute.h"
#include "payloads.h"
#include "vendor.h"

#include "registry/strings.h"

static int hf_type = -1;
static int hf_reserved = -1;
static int hf_attribute = -1;
static int hf_attribute_type = -1;
static int hf_attribute_format = -1;
static int hf_attribute_length = -1;
static int hf_attribute_value = -1;
static int hf_ip4_address = -1;
static int hf_ip4_netmask = -1;
static int hf_ip4_dns = -1;
static int hf_ip4_nbns = -1;
static int hf_ip4_dhcp = -1;
static int hf_version = -1;
static int hf_ip6_address = -1;
static int hf_ip6_address_prefix = -1;
static int hf_ip6_dns = -1;
static int hf_ip6_dhcp = -1;
static int hf_ip4_subnet_ip = -1;
static int hf_ip4_subnet_netmask = -1;
static int hf_supported = -1;
static int hf_ip6_subnet_ip = -1;
static int hf_ip6_subnet_prefix = -1;
static int ett_attribute = -1;
static expert_field ei_length = EI_INIT;

/* Values made of several fields, one after the other. */
static void dissect_parts(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          const int *first, unsigned first_octets, const int *second,
                          unsigned second_octets)
{
    if (ike_left(value, 0) < first_octets + second_octets) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    proto_tree_add_item(tree, *first, value, 0, (int)first_octets, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, *second, value, (int)first_octets, (int)second_octets,
                        ENC_BIG_ENDIAN);
    if (first_octets == 4)
        proto_item_append_text(item, ": %s/%s", tvb_ip_to_str(pkt->pinfo->pool, value, 0),
                               tvb_ip_to_str(pkt->pinfo->pool, value, 4));
    else
        proto_item_append_text(item, ": %s/%u", tvb_ip6_to_str(pkt->pinfo->pool, value, 0),
                               tvb_get_uint8(value, 16));
    ike_trailing(pkt, value, tree, first_octets + second_octets);
}

static void dissect_ip6_address(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                proto_item *item, uint16_t type _U_)
{
    dissect_parts(pkt, value, tree, item, &hf_ip6_address, 16, &hf_ip6_address_prefix, 1);
}

static void dissect_ip4_subnet(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    dissect_parts(pkt, value, tree, item, &hf_ip4_subnet_ip, 4, &hf_ip4_subnet_netmask, 4);
}

static void dissect_ip6_subnet(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    dissect_parts(pkt, value, tree, item, &hf_ip6_subnet_ip, 16, &hf_ip6_subnet_prefix, 1);
}

static void dissect_supported(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    unsigned offset = 0;

    for (; ike_left(value, offset) >= 2; offset += 2)
        proto_tree_add_item(tree, hf_supported, value, (int)offset, 2, ENC_BIG_ENDIAN);
    if (ike_left(value, offset))
        expert_add_info(pkt->pinfo, item, &ei_length);
}

static const char *attribute_name(const ike_packet *pkt, uint16_t type)
{
    return ike_vendor_name_of(pkt, IKE_REG_IKEV2_CFG_ATTR, type);
}

static const ike_attribute_row rows[] = {
    {1, &hf_ip4_address, NULL},     {2, &hf_ip4_netmask, NULL},    {3, &hf_ip4_dns, NULL},
    {4, &hf_ip4_nbns, NULL},        {6, &hf_ip4_dhcp, NULL},       {7, &hf_version, NULL},
    {8, NULL, dissect_ip6_address}, {10, &hf_ip6_dns, NULL},       {12, &hf_ip6_dhcp, NULL},
    {13, NULL, dissect_ip4_subnet}, {14, NULL, dissect_supported}, {15, NULL, dissect_ip6_subnet},
};

static const ike_attribute_family family = {
    .label = "Config Attribute",
    .hf = &hf_attribute,
    .format = &hf_attribute_format,
    .type = &hf_attribute_type,
    .length = &hf_attribute_length,
    .value = &hf_attribute_value,
    .ett = &ett_attribute,
    .name = attribute_name,
    .rows = rows,
    .count = array_length(rows),
    .empty_is_fine = true,
};

void ikev2_dissect_cp(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t payload _U_)
{
    enum { FIXED = 4 };

    if (ike_left(body, 0) < FIXED) {
        ike_too_short(pkt, body, tree, "a configuration");
        return;
    }
    uint8_t type = tvb_get_uint8(body, 0);

    proto_tree_add_item(tree, hf_type, body, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_reserved, body, 1, 3, ENC_NA);
    proto_item_append_text(item, " - %s",
                           val_to_str_ext_const(type, &ike_strings_ikev2_cfg_type_ext, "unknown"));
    pkt->msg->config_type = (uint8_t)(type + 1);
    ike_dissect_attributes(pkt, body, FIXED, tree, &family);
}

void ikev2_register_cp(void)
{
    static hf_register_info hf[] = {
        {&hf_type,
         {"Type", "isakmp.cfg.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_cfg_type_ext, 0, "Config Type", HFILL}},
        {&hf_reserved, {"Reserved", "isakmp.reserved", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_attribute,
         {"Config Attribute", "isakmp.cfg.attr", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_attribute_type,
         {"Type", "isakmp.cfg.attr.type", FT_UINT16, BASE_DEC, NULL, 0, "Config Attribute type",
          HFILL}},
        {&hf_attribute_format,
         {"Format", "isakmp.cfg.attr.format", FT_BOOLEAN, 16, TFS(&ike_attribute_format), 0x8000,
          "Config Attribute format", HFILL}},
        {&hf_attribute_length,
         {"Length", "isakmp.cfg.attr.length", FT_UINT16, BASE_DEC, NULL, 0,
          "Config Attribute length", HFILL}},
        {&hf_attribute_value,
         {"Value", "isakmp.cfg.attr.value", FT_BYTES, BASE_NONE, NULL, 0, "Config Attribute value",
          HFILL}},
        {&hf_ip4_address,
         {"INTERNAL IP4 ADDRESS", "isakmp.cfg.attr.internal_ip4_address", FT_IPv4, BASE_NONE, NULL,
          0, "An IPv4 address on the internal network", HFILL}},
        {&hf_ip4_netmask,
         {"INTERNAL IP4 NETMASK", "isakmp.cfg.attr.internal_ip4_netmask", FT_IPv4, BASE_NETMASK,
          NULL, 0, "The internal network's netmask", HFILL}},
        {&hf_ip4_dns,
         {"INTERNAL IP4 DNS", "isakmp.cfg.attr.internal_ip4_dns", FT_IPv4, BASE_NONE, NULL, 0,
          "An IPv4 address of a DNS server", HFILL}},
        {&hf_ip4_nbns,
         {"INTERNAL IP4 NBNS", "isakmp.cfg.attr.internal_ip4_nbns", FT_IPv4, BASE_NONE, NULL, 0,
          "An IPv4 address of a NetBIOS name server", HFILL}},
        {&hf_ip4_dhcp,
         {"INTERNAL IP4 DHCP", "isakmp.cfg.attr.internal_ip4_dhcp", FT_IPv4, BASE_NONE, NULL, 0,
          "Where to send internal DHCP requests to", HFILL}},
        {&hf_version,
         {"APPLICATION VERSION", "isakmp.cfg.attr.application_version", FT_STRING, BASE_NONE, NULL,
          0, "The version of the IPsec host", HFILL}},
        {&hf_ip6_address,
         {"INTERNAL IP6 ADDRESS", "isakmp.cfg.attr.internal_ip6_address", FT_IPv6, BASE_NONE, NULL,
          0, "An IPv6 address on the internal network", HFILL}},
        {&hf_ip6_address_prefix,
         {"INTERNAL IP6 ADDRESS (PREFIX)", "isakmp.cfg.attr.internal_ip6_address.prefix", FT_UINT8,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ip6_dns,
         {"INTERNAL IP6 DNS", "isakmp.cfg.attr.internal_ip6_dns", FT_IPv6, BASE_NONE, NULL, 0,
          "An IPv6 address of a DNS server", HFILL}},
        {&hf_ip6_dhcp,
         {"INTERNAL IP6 DHCP", "isakmp.cfg.attr.internal_ip6_dhcp", FT_IPv6, BASE_NONE, NULL, 0,
          "Where to send internal DHCP requests to", HFILL}},
        {&hf_ip4_subnet_ip,
         {"INTERNAL IP4 SUBNET (IP)", "isakmp.cfg.attr.internal_ip4_subnet_ip", FT_IPv4, BASE_NONE,
          NULL, 0, "A network that this device protects", HFILL}},
        {&hf_ip4_subnet_netmask,
         {"INTERNAL IP4 SUBNET (NETMASK)", "isakmp.cfg.attr.internal_ip4_subnet_netmask", FT_IPv4,
          BASE_NETMASK, NULL, 0, "A network that this device protects", HFILL}},
        {&hf_supported,
         {"SUPPORTED ATTRIBUTES", "isakmp.cfg.attr.supported_attributes", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings_ikev2_cfg_attr_ext, 0, NULL, HFILL}},
        {&hf_ip6_subnet_ip,
         {"INTERNAL_IP6_SUBNET (IP)", "isakmp.cfg.attr.internal_ip6_subnet_ip", FT_IPv6, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_ip6_subnet_prefix,
         {"INTERNAL_IP6_SUBNET (PREFIX)", "isakmp.cfg.attr.internal_ip6_subnet_prefix", FT_UINT8,
          BASE_DEC, NULL, 0, NULL, HFILL}},
    };
    static int *ett[] = {&ett_attribute};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.cfg.attr.length.invalid", PI_PROTOCOL, PI_WARN,
          "The attribute has not the length of its type", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
