/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration (RFC 7296 3.15): a type and attributes, which have no AF bit but the same layout.
 */
#include "attribute.h"
#include "common_fields.h"
#include "config_dns.h"
#include "config_unity.h"
#include "payloads.h"
#include "vendor.h"

#include "registry/strings.h"

static int hf_type = -1;
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
static int hf_expiry = -1;
static int hf_ip6_netmask = -1;
static int hf_ip6_nbns = -1;
static int hf_mip6_lifetime = -1;
static int hf_mip6_prefix = -1;
static int hf_mip6_length = -1;
static int hf_ip6_link_interface = -1;
static int hf_ip6_link_id = -1;
static int hf_ip6_prefix_ip = -1;
static int hf_ip6_prefix_length = -1;
static int hf_home_agent_ip6 = -1;
static int hf_home_agent_ip4 = -1;
static int hf_p_cscf_ip4 = -1;
static int hf_p_cscf_ip6 = -1;
static int hf_ftt_kat = -1;
static int hf_nat_ip4 = -1;
static int hf_nat_port = -1;
static int hf_liveness = -1;
static int hf_dns_domain = -1;
static int hf_server_ip4 = -1;
static int hf_server_ip6 = -1;
static int hf_unity_banner = -1;
static int hf_unity_save_password = -1;
static int hf_unity_domain = -1;
static int hf_unity_split_dns = -1;
static int hf_unity_port = -1;
static int hf_unity_pfs = -1;
static int hf_unity_backup = -1;
static int hf_unity_hostname = -1;
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

/* Fields one after the other, of so many octets; the last may take any number (0). Those that are
 * not there any more are left out, but the first `least` octets must be. */
typedef struct {
    const int *hf;
    uint8_t octets;
} config_part;

static void dissect_list(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                         const config_part *parts, unsigned count, unsigned least)
{
    unsigned offset = 0;

    if (ike_left(value, 0) < least)
        expert_add_info(pkt->pinfo, item, &ei_length);
    for (unsigned i = 0; i < count && ike_left(value, offset); i++) {
        unsigned octets = parts[i].octets ? parts[i].octets : ike_left(value, offset);
        if (octets > ike_left(value, offset))
            break;
        proto_tree_add_item(tree, *parts[i].hf, value, (int)offset, (int)octets, ENC_BIG_ENDIAN);
        offset += octets;
    }
    ike_trailing(pkt, value, tree, offset);
}

static void dissect_home_prefix(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                proto_item *item, uint16_t type _U_)
{
    static const config_part parts[] = {
        {&hf_mip6_lifetime, 4}, {&hf_mip6_prefix, 16}, {&hf_mip6_length, 1}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 21);
}

static void dissect_ip6_link(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    static const config_part parts[] = {{&hf_ip6_link_interface, 8}, {&hf_ip6_link_id, 0}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 8);
}

static void dissect_ip6_prefix(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    dissect_parts(pkt, value, tree, item, &hf_ip6_prefix_ip, 16, &hf_ip6_prefix_length, 1);
}

static void dissect_home_agent(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    static const config_part parts[] = {{&hf_home_agent_ip6, 16}, {&hf_home_agent_ip4, 4}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 16);
}

static void dissect_nat_info(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    static const config_part parts[] = {{&hf_nat_ip4, 4}, {&hf_nat_port, 2}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 6);
}

static const char *attribute_name(const ike_packet *pkt, uint16_t type)
{
    return ike_vendor_name_of(pkt, IKE_REG_IKEV2_CFG_ATTR, type);
}

static const ike_attribute_row rows[] = {
    {1, &hf_ip4_address, NULL},
    {2, &hf_ip4_netmask, NULL},
    {3, &hf_ip4_dns, NULL},
    {4, &hf_ip4_nbns, NULL},
    {5, &hf_expiry, NULL},
    {6, &hf_ip4_dhcp, NULL},
    {7, &hf_version, NULL},
    {8, NULL, dissect_ip6_address},
    {9, &hf_ip6_netmask, NULL},
    {10, &hf_ip6_dns, NULL},
    {11, &hf_ip6_nbns, NULL},
    {12, &hf_ip6_dhcp, NULL},
    {13, NULL, dissect_ip4_subnet},
    {14, NULL, dissect_supported},
    {15, NULL, dissect_ip6_subnet},
    {16, NULL, dissect_home_prefix},
    {17, NULL, dissect_ip6_link},
    {18, NULL, dissect_ip6_prefix},
    {19, NULL, dissect_home_agent},
    {20, &hf_p_cscf_ip4, NULL},
    {21, &hf_p_cscf_ip6, NULL},
    {22, &hf_ftt_kat, NULL},
    {23, NULL, dissect_nat_info},
    {24, &hf_liveness, NULL},
    {25, &hf_dns_domain, NULL},
    {26, NULL, ikev2_dissect_dnssec_ta},
    {27, NULL, ikev2_dissect_encdns},
    {28, NULL, ikev2_dissect_encdns},
    {29, NULL, ikev2_dissect_encdns_digest},
    {16390, &hf_p_cscf_ip6, NULL}, /* operators, before RFC 7651 */
    {23456, &hf_server_ip4, NULL}, /* Microsoft */
    {23457, &hf_server_ip6, NULL},
    {28672, &hf_unity_banner, NULL}, /* Cisco Unity */
    {28673, &hf_unity_save_password, NULL},
    {28674, &hf_unity_domain, NULL},
    {28675, &hf_unity_split_dns, NULL},
    {28676, NULL, ike_dissect_unity_split_include},
    {28677, &hf_unity_port, NULL},
    {28678, NULL, ike_dissect_unity_local_lan},
    {28679, &hf_unity_pfs, NULL},
    {28681, &hf_unity_backup, NULL},
    {28682, &hf_unity_hostname, NULL},
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
    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 3, ENC_NA);
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
        {&hf_expiry,
         {"INTERNAL ADDRESS EXPIRY (Secs)", "isakmp.cfg.attr.internal_address_expiry", FT_UINT32,
          BASE_DEC, NULL, 0, "RFC 4306", HFILL}},
        {&hf_ip6_netmask,
         {"INTERNAL IP6 NETMASK", "isakmp.cfg.attr.internal_ip6_netmask", FT_IPv6, BASE_NONE, NULL,
          0, "Drafts of IKEv2", HFILL}},
        {&hf_ip6_nbns,
         {"INTERNAL IP6 NBNS", "isakmp.cfg.attr.internal_ip6_nbns", FT_IPv6, BASE_NONE, NULL, 0,
          "RFC 4306", HFILL}},
        {&hf_mip6_lifetime,
         {"MIP6_HOME_PREFIX (Lifetime)", "isakmp.cfg.attr.mip6_home_prefix.lifetime", FT_UINT32,
          BASE_DEC, NULL, 0, "Seconds (RFC 5026)", HFILL}},
        {&hf_mip6_prefix,
         {"MIP6_HOME_PREFIX (IP)", "isakmp.cfg.attr.mip6_home_prefix.ip", FT_IPv6, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_mip6_length,
         {"MIP6_HOME_PREFIX (Length)", "isakmp.cfg.attr.mip6_home_prefix.length", FT_UINT8,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_ip6_link_interface,
         {"INTERNAL_IP6_LINK (Link-Local Interface ID)",
          "isakmp.cfg.attr.internal_ip6_link_interface", FT_UINT64, BASE_DEC, NULL, 0,
          "Interface ID of the sender's link-local address (RFC 5739)", HFILL}},
        {&hf_ip6_link_id,
         {"INTERNAL_IP6_LINK (IKEv2 Link ID)", "isakmp.cfg.attr.internal_ip6_link_id", FT_BYTES,
          BASE_NONE, NULL, 0, "Chosen by the gateway", HFILL}},
        {&hf_ip6_prefix_ip,
         {"INTERNAL_IP6_PREFIX (IP)", "isakmp.cfg.attr.internal_ip6_prefix_ip", FT_IPv6, BASE_NONE,
          NULL, 0, "Prefix of the virtual link (RFC 5739)", HFILL}},
        {&hf_ip6_prefix_length,
         {"INTERNAL_IP6_PREFIX (Length)", "isakmp.cfg.attr.internal_ip6_prefix_length", FT_UINT8,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_home_agent_ip6,
         {"HOME_AGENT_ADDRESS (IPv6)", "isakmp.cfg.attr.home_agent_address.ip6", FT_IPv6, BASE_NONE,
          NULL, 0, "TS 24.302", HFILL}},
        {&hf_home_agent_ip4,
         {"HOME_AGENT_ADDRESS (IPv4)", "isakmp.cfg.attr.home_agent_address.ip4", FT_IPv4, BASE_NONE,
          NULL, 0, "TS 24.302", HFILL}},
        {&hf_p_cscf_ip4,
         {"P_CSCF_IP4_ADDRESS (IP)", "isakmp.cfg.attr.p_cscf_ip4_address", FT_IPv4, BASE_NONE, NULL,
          0, "An IPv4 address of the P-CSCF server (RFC 7651)", HFILL}},
        {&hf_p_cscf_ip6,
         {"P_CSCF_IP6_ADDRESS (IP)", "isakmp.cfg.attr.p_cscf_ip6_address", FT_IPv6, BASE_NONE, NULL,
          0, "An IPv6 address of the P-CSCF server (RFC 7651)", HFILL}},
        {&hf_ftt_kat,
         {"FTT_KAT", "isakmp.cfg.attr.ftt_kat", FT_UINT16, BASE_DEC, NULL, 0,
          "Keep-alive timer of the firewall traversal tunnel (TS 24.302)", HFILL}},
        {&hf_nat_ip4,
         {"EXTERNAL_SOURCE_IP4_NAT_INFO (IP)", "isakmp.cfg.attr.external_source_ip4_nat_info.ip",
          FT_IPv4, BASE_NONE, NULL, 0, "The address that the NAT gave the sender (TS 29.139)",
          HFILL}},
        {&hf_nat_port,
         {"EXTERNAL_SOURCE_IP4_NAT_INFO (Port)",
          "isakmp.cfg.attr.external_source_ip4_nat_info.port", FT_UINT16, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_liveness,
         {"TIMEOUT_PERIOD_FOR_LIVENESS_CHECK", "isakmp.cfg.attr.timeout_period_for_liveness_check",
          FT_UINT32, BASE_DEC, NULL, 0,
          "Seconds without traffic after which to check the peer (TS 24.302)", HFILL}},
        {&hf_dns_domain,
         {"INTERNAL_DNS_DOMAIN", "isakmp.cfg.attr.internal_dns_domain", FT_STRING, BASE_NONE, NULL,
          0, "Names below it are resolved through the tunnel (RFC 8598)", HFILL}},
        {&hf_server_ip4,
         {"INTERNAL_IP4_SERVER", "isakmp.cfg.attr.internal_ip4_server", FT_IPv4, BASE_NONE, NULL, 0,
          "MS-IKEE", HFILL}},
        {&hf_server_ip6,
         {"INTERNAL_IP6_SERVER", "isakmp.cfg.attr.internal_ip6_server", FT_IPv6, BASE_NONE, NULL, 0,
          "MS-IKEE", HFILL}},
        {&hf_unity_banner,
         {"UNITY BANNER", "isakmp.cfg.attr.unity.banner", FT_STRING, BASE_NONE, NULL, 0, "Banner",
          HFILL}},
        {&hf_unity_save_password,
         {"UNITY SAVE PASSWD", "isakmp.cfg.attr.unity.save_passwd", FT_UINT16, BASE_DEC, NULL, 0,
          NULL, HFILL}},
        {&hf_unity_domain,
         {"UNITY DEF DOMAIN", "isakmp.cfg.attr.unity.def_domain", FT_STRING, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_unity_split_dns,
         {"UNITY SPLITDNS NAME", "isakmp.cfg.attr.unity.splitdns_name", FT_STRING, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_unity_port,
         {"UNITY NATT PORT", "isakmp.cfg.attr.unity.natt_port", FT_UINT16, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_unity_pfs,
         {"UNITY PFS", "isakmp.cfg.attr.unity.pfs", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_unity_backup,
         {"UNITY BACKUP SERVERS", "isakmp.cfg.attr.unity.backup_servers", FT_STRING, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_unity_hostname,
         {"UNITY DDNS HOSTNAME", "isakmp.cfg.attr.unity.ddns_hostname", FT_STRING, BASE_NONE, NULL,
          0, NULL, HFILL}},
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
    ikev2_register_config_dns();
}
