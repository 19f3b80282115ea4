/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration attributes that both versions of IKE have under the same numbers: internal
 * addresses and networks (draft-dukes-ike-mode-cfg, RFC 7296 3.15.1), Microsoft's, Cisco Unity's.
 */
#include "dissector/common/config_attributes.h"
#include "proto/ike_numbers.h"

#include "dissector/base/items.h"

ike_attribute_fields ike_config_fields = IKE_NO_ATTRIBUTE_FIELDS;
int hf_ike_config_expiry = -1;
int hf_ike_config_version = -1;
int hf_ike_config_unity_banner = -1;
int hf_ike_config_unity_save_password = -1;
int hf_ike_config_unity_domain = -1;
int hf_ike_config_unity_split_dns = -1;
int hf_ike_config_unity_natt_port = -1;
int hf_ike_config_unity_pfs = -1;
int hf_ike_config_unity_firewall = -1;
int hf_ike_config_unity_backup = -1;
int hf_ike_config_unity_ddns = -1;
static int hf_ip4_address = -1;
static int hf_ip4_netmask = -1;
static int hf_ip4_dns = -1;
static int hf_ip4_nbns = -1;
static int hf_ip4_dhcp = -1;
static int hf_ip6_address = -1;
static int hf_ip6_address_prefix = -1;
static int hf_ip6_netmask = -1;
static int hf_ip6_dns = -1;
static int hf_ip6_nbns = -1;
static int hf_ip6_dhcp = -1;
static int hf_ip4_subnet = -1;
static int hf_ip4_subnet_netmask = -1;
static int hf_ip6_subnet = -1;
static int hf_ip6_subnet_prefix = -1;
static int hf_ip4_server = -1;
static int hf_ip6_server = -1;
static int hf_unity_split_include = -1;
static int hf_unity_split_include_mask = -1;
static int hf_unity_local_lan = -1;
static int hf_unity_local_lan_mask = -1;
static int hf_unity_protocol = -1;
static int hf_unity_source_port = -1;
static int hf_unity_destination_port = -1;
expert_field ei_ike_config_length = EI_INIT;

static const value_string yes_no[] = {{0, "No"}, {1, "Yes"}, {0, NULL}};

void ike_record_config_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset)
{
    enum { TV_HEADER = 2, TLV_HEADER = 4 };
    ike_message *msg = pkt->msg;
    uint16_t type;
    uint32_t number;

    for (unsigned start = offset; ike_attribute_next(tvb, &offset, &type, &number);
         start = offset) {
        unsigned value = start + (tvb_get_uint8(tvb, (int)start) & 0x80 ? TV_HEADER : TLV_HEADER);

        if (msg->config_attribute_count == IKE_MAX_CONFIG_ATTRIBUTES) {
            msg->too_many = true;
            return;
        }
        msg->config_attributes[msg->config_attribute_count++] =
            (ike_config_attribute){type, ike_bytes_of(tvb, value, (int)(offset - value))};
    }
}

/* The first two parts beside the attribute's name. */
static void append_address(ike_packet *pkt, tvbuff_t *value, unsigned offset, proto_item *item,
                           const ike_config_part *parts)
{
    wmem_allocator_t *pool = pkt->pinfo->pool;

    if (parts[0].bytes == 4)
        proto_item_append_text(item, ": %s/%s", tvb_ip_to_str(pool, value, (int)offset),
                               tvb_ip_to_str(pool, value, (int)offset + 4));
    else if (parts[0].bytes == 16)
        proto_item_append_text(item, ": %s/%u", tvb_ip6_to_str(pool, value, (int)offset),
                               tvb_get_uint8(value, (int)offset + 16));
}

void ike_config_show_parts(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                           const ike_config_part *parts, unsigned count, bool list)
{
    unsigned size = 0, offset = 0;

    for (unsigned i = 0; i < count; i++)
        size += parts[i].bytes;
    for (; ike_left(value, offset) >= size; offset += size) {
        unsigned at = offset;
        for (unsigned i = 0; i < count; at += parts[i++].bytes)
            proto_tree_add_item(tree, *parts[i].hf, value, (int)at, parts[i].bytes, ENC_BIG_ENDIAN);
        append_address(pkt, value, offset, item, parts);
    }
    if (!offset || ike_left(value, offset) || (offset > size && !list))
        expert_add_info(pkt->pinfo, item, &ei_ike_config_length);
    ike_trailing(pkt, value, tree, offset);
}

/* Mode config had addresses of 16 bytes; IKEv2 always has a prefix length behind. */
static void dissect_ip6_address(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                proto_item *item, uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_ip6_address, 16}, {&hf_ip6_address_prefix, 1}};

    if (tvb_reported_length(value) != 16) {
        ike_config_show_parts(pkt, value, tree, item, parts, array_length(parts), false);
        return;
    }
    proto_tree_add_item(tree, hf_ip6_address, value, 0, 16, ENC_NA);
    proto_item_append_text(item, ": %s", tvb_ip6_to_str(pkt->pinfo->pool, value, 0));
    if (pkt->msg->major >= 2)
        expert_add_info(pkt->pinfo, item, &ei_ike_config_length);
}

void ike_dissect_ip4_subnet(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                            uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_ip4_subnet, 4}, {&hf_ip4_subnet_netmask, 4}};

    ike_config_show_parts(pkt, value, tree, item, parts, array_length(parts), false);
}

void ike_dissect_ip6_subnet(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                            uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_ip6_subnet, 16}, {&hf_ip6_subnet_prefix, 1}};

    ike_config_show_parts(pkt, value, tree, item, parts, array_length(parts), false);
}

/* Networks of Unity: address and mask, mostly with a protocol and two ports. */
static void dissect_networks(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             const int *address, const int *mask)
{
    const ike_config_part parts[] = {{address, 4},
                                     {mask, 4},
                                     {&hf_unity_protocol, 2},
                                     {&hf_unity_source_port, 2},
                                     {&hf_unity_destination_port, 2}};
    bool bare = tvb_reported_length(value) % 14 && tvb_reported_length(value) % 8 == 0;

    ike_config_show_parts(pkt, value, tree, item, parts, bare ? 2 : array_length(parts), true);
}

static void dissect_split_include(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                  proto_item *item, uint16_t type _U_)
{
    dissect_networks(pkt, value, tree, item, &hf_unity_split_include, &hf_unity_split_include_mask);
}

static void dissect_local_lan(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    dissect_networks(pkt, value, tree, item, &hf_unity_local_lan, &hf_unity_local_lan_mask);
}

static const ike_attribute_row rows[] = {
    {MODECFG_INTERNAL_IP4_ADDRESS, &hf_ip4_address, NULL},
    {MODECFG_INTERNAL_IP4_NETMASK, &hf_ip4_netmask, NULL},
    {MODECFG_INTERNAL_IP4_DNS, &hf_ip4_dns, NULL},
    {MODECFG_INTERNAL_IP4_NBNS, &hf_ip4_nbns, NULL},
    {MODECFG_INTERNAL_IP4_DHCP, &hf_ip4_dhcp, NULL},
    {MODECFG_INTERNAL_IP6_ADDRESS, NULL, dissect_ip6_address},
    {MODECFG_INTERNAL_IP6_NETMASK, &hf_ip6_netmask, NULL},
    {MODECFG_INTERNAL_IP6_DNS, &hf_ip6_dns, NULL},
    {MODECFG_INTERNAL_IP6_NBNS, &hf_ip6_nbns, NULL},
    {MODECFG_INTERNAL_IP6_DHCP, &hf_ip6_dhcp, NULL},
    {MODECFG_INTERNAL_IP4_SERVER, &hf_ip4_server, NULL},
    {MODECFG_INTERNAL_IP6_SERVER, &hf_ip6_server, NULL},
    {MODECFG_UNITY_SPLIT_INCLUDE, NULL, dissect_split_include},
    {MODECFG_UNITY_LOCAL_LAN, NULL, dissect_local_lan},
};

const ike_attribute_family ike_config_attributes = {
    .label = "Config Attribute",
    .fields = &ike_config_fields,
    .rows = rows,
    .count = array_length(rows),
    .empty_is_fine = true,
};

static void register_addresses(void)
{
    static hf_register_info hf[] = {
        IKE_ATTRIBUTE_FIELDS(ike_config_fields, "isakmp.cfg.attr", "Config Attribute"),
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
        {&hf_ip6_address,
         {"INTERNAL IP6 ADDRESS", "isakmp.cfg.attr.internal_ip6_address", FT_IPv6, BASE_NONE, NULL,
          0, "An IPv6 address on the internal network", HFILL}},
        {&hf_ip6_address_prefix,
         {"INTERNAL IP6 ADDRESS (PREFIX)", "isakmp.cfg.attr.internal_ip6_address.prefix", FT_UINT8,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ip6_netmask,
         {"INTERNAL IP6 NETMASK", "isakmp.cfg.attr.internal_ip6_netmask", FT_IPv6, BASE_NONE, NULL,
          0, "The internal network's netmask", HFILL}},
        {&hf_ip6_dns,
         {"INTERNAL IP6 DNS", "isakmp.cfg.attr.internal_ip6_dns", FT_IPv6, BASE_NONE, NULL, 0,
          "An IPv6 address of a DNS server", HFILL}},
        {&hf_ip6_nbns,
         {"INTERNAL IP6 NBNS", "isakmp.cfg.attr.internal_ip6_nbns", FT_IPv6, BASE_NONE, NULL, 0,
          "An IPv6 address of a NetBIOS name server", HFILL}},
        {&hf_ip6_dhcp,
         {"INTERNAL IP6 DHCP", "isakmp.cfg.attr.internal_ip6_dhcp", FT_IPv6, BASE_NONE, NULL, 0,
          "Where to send internal DHCP requests to", HFILL}},
        {&hf_ip4_subnet,
         {"INTERNAL IP4 SUBNET (IP)", "isakmp.cfg.attr.internal_ip4_subnet_ip", FT_IPv4, BASE_NONE,
          NULL, 0, "A network that this device protects", HFILL}},
        {&hf_ip4_subnet_netmask,
         {"INTERNAL IP4 SUBNET (NETMASK)", "isakmp.cfg.attr.internal_ip4_subnet_netmask", FT_IPv4,
          BASE_NETMASK, NULL, 0, "A network that this device protects", HFILL}},
        {&hf_ip6_subnet,
         {"INTERNAL_IP6_SUBNET (IP)", "isakmp.cfg.attr.internal_ip6_subnet_ip", FT_IPv6, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_ip6_subnet_prefix,
         {"INTERNAL_IP6_SUBNET (PREFIX)", "isakmp.cfg.attr.internal_ip6_subnet_prefix", FT_UINT8,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ip4_server,
         {"INTERNAL IP4 SERVER", "isakmp.cfg.attr.internal_ip4_server", FT_IPv4, BASE_NONE, NULL, 0,
          "Microsoft", HFILL}},
        {&hf_ip6_server,
         {"INTERNAL IP6 SERVER", "isakmp.cfg.attr.internal_ip6_server", FT_IPv6, BASE_NONE, NULL, 0,
          "Microsoft", HFILL}},
        {&hf_ike_config_expiry,
         {"INTERNAL ADDRESS EXPIRY (Secs)", "isakmp.cfg.attr.internal_address_expiry", FT_UINT32,
          BASE_DEC, NULL, 0, "How long the address may be used", HFILL}},
        {&hf_ike_config_version,
         {"APPLICATION VERSION", "isakmp.cfg.attr.application_version", FT_STRING, BASE_NONE, NULL,
          0, "The version of the IPsec host", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}

static void register_unity(void)
{
    static hf_register_info hf[] = {
        {&hf_unity_split_include,
         {"UNITY SPLIT INCLUDE (IP)", "isakmp.cfg.attr.unity.split_include", FT_IPv4, BASE_NONE,
          NULL, 0, "A network to be reached through the tunnel", HFILL}},
        {&hf_unity_split_include_mask,
         {"UNITY SPLIT INCLUDE (NETMASK)", "isakmp.cfg.attr.unity.split_include.netmask", FT_IPv4,
          BASE_NETMASK, NULL, 0, NULL, HFILL}},
        {&hf_unity_local_lan,
         {"UNITY LOCAL LAN (IP)", "isakmp.cfg.attr.unity.local_lan", FT_IPv4, BASE_NONE, NULL, 0,
          "A network to be reached beside the tunnel", HFILL}},
        {&hf_unity_local_lan_mask,
         {"UNITY LOCAL LAN (NETMASK)", "isakmp.cfg.attr.unity.local_lan.netmask", FT_IPv4,
          BASE_NETMASK, NULL, 0, NULL, HFILL}},
        {&hf_unity_protocol,
         {"Protocol", "isakmp.cfg.attr.unity.network.protocol", FT_UINT16, BASE_DEC, NULL, 0,
          "0 for all", HFILL}},
        {&hf_unity_source_port,
         {"Source port", "isakmp.cfg.attr.unity.network.srcport", FT_UINT16, BASE_DEC, NULL, 0,
          "0 for all", HFILL}},
        {&hf_unity_destination_port,
         {"Destination port", "isakmp.cfg.attr.unity.network.dstport", FT_UINT16, BASE_DEC, NULL, 0,
          "0 for all", HFILL}},
        {&hf_ike_config_unity_banner,
         {"UNITY BANNER", "isakmp.cfg.attr.unity.banner", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_ike_config_unity_save_password,
         {"UNITY SAVE PASSWD", "isakmp.cfg.attr.unity.save_passwd", FT_UINT16, BASE_DEC,
          VALS(yes_no), 0, "Whether the client may keep the password", HFILL}},
        {&hf_ike_config_unity_domain,
         {"UNITY DEF DOMAIN", "isakmp.cfg.attr.unity.def_domain", FT_STRING, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_ike_config_unity_split_dns,
         {"UNITY SPLITDNS NAME", "isakmp.cfg.attr.unity.splitdns_name", FT_STRING, BASE_NONE, NULL,
          0, "Domains whose names are asked for inside", HFILL}},
        {&hf_ike_config_unity_natt_port,
         {"UNITY NATT PORT", "isakmp.cfg.attr.unity.natt_port", FT_UINT16, BASE_DEC, NULL, 0,
          "UDP port of Cisco's own encapsulation", HFILL}},
        {&hf_ike_config_unity_pfs,
         {"UNITY PFS", "isakmp.cfg.attr.unity.pfs", FT_UINT16, BASE_DEC, VALS(yes_no), 0, NULL,
          HFILL}},
        {&hf_ike_config_unity_firewall,
         {"UNITY FW TYPE", "isakmp.cfg.attr.unity.fw_type", FT_BYTES, BASE_NONE, NULL, 0,
          "The client's firewall", HFILL}},
        {&hf_ike_config_unity_backup,
         {"UNITY BACKUP SERVERS", "isakmp.cfg.attr.unity.backup_servers", FT_STRING, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_ike_config_unity_ddns,
         {"UNITY DDNS HOSTNAME", "isakmp.cfg.attr.unity.ddns_hostname", FT_STRING, BASE_NONE, NULL,
          0, NULL, HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}

void ike_register_config_attributes(void)
{
    static ei_register_info ei[] = {
        {&ei_ike_config_length,
         {"isakmp.cfg.attr.length.invalid", PI_PROTOCOL, PI_WARN,
          "The attribute has not the length of its type", EXPFILL}},
    };

    register_addresses();
    register_unity();
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
