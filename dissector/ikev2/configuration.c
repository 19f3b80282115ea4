/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration (RFC 7296 3.15): a type and attributes, which have no AF bit but the same layout.
 */
#include "dissector/ikev2/configuration.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/common/config_attributes.h"
#include "dissector/ikev2/config_dns.h"

static int hf_type = -1;
static int hf_supported = -1;
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
static int hf_p_cscf_ip6_prefix = -1;
static int hf_ftt_kat = -1;
static int hf_nat_ip4 = -1;
static int hf_nat_port = -1;
static int hf_liveness = -1;
static int hf_dns_domain = -1;

static void dissect_supported(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_supported, 2}};

    ike_config_show_parts(pkt, value, tree, item, parts, array_length(parts), true);
}

/* Fields one after the other, of so many bytes; the last may take any number (0). Those that are
 * not there any more are left out, but the first `least` bytes must be. */
static void dissect_list(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                         const ike_config_part *parts, unsigned count, unsigned least)
{
    unsigned offset = 0;

    if (ike_left(value, 0) < least)
        expert_add_info(pkt->pinfo, item, &ei_ike_config_length);
    for (unsigned i = 0; i < count && ike_left(value, offset); i++) {
        unsigned bytes = parts[i].bytes ? parts[i].bytes : ike_left(value, offset);
        if (bytes > ike_left(value, offset))
            break;
        proto_tree_add_item(tree, *parts[i].hf, value, (int)offset, (int)bytes, ENC_BIG_ENDIAN);
        offset += bytes;
    }
    ike_trailing(pkt, value, tree, offset);
}

static void dissect_home_prefix(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                proto_item *item, uint16_t type _U_)
{
    static const ike_config_part parts[] = {
        {&hf_mip6_lifetime, 4}, {&hf_mip6_prefix, 16}, {&hf_mip6_length, 1}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 21);
}

static void dissect_ip6_link(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_ip6_link_interface, 8}, {&hf_ip6_link_id, 0}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 8);
}

static void dissect_ip6_prefix(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_ip6_prefix_ip, 16}, {&hf_ip6_prefix_length, 1}};

    ike_config_show_parts(pkt, value, tree, item, parts, array_length(parts), false);
}

static void dissect_home_agent(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_home_agent_ip6, 16}, {&hf_home_agent_ip4, 4}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 16);
}

static void dissect_nat_info(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_nat_ip4, 4}, {&hf_nat_port, 2}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 6);
}

/* Before RFC 7651 operators sent the address alone, or with a prefix length as INTERNAL_IP6_ADDRESS
 * has it. */
static void dissect_assigned_p_cscf(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                    proto_item *item, uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_p_cscf_ip6, 16}, {&hf_p_cscf_ip6_prefix, 1}};

    dissect_list(pkt, value, tree, item, parts, array_length(parts), 16);
    if (ike_left(value, 0) >= 16)
        proto_item_append_text(item, ": %s", tvb_ip6_to_str(pkt->pinfo->pool, value, 0));
}

static const char *attribute_name(const ike_packet *pkt, uint16_t type)
{
    return ike_vendor_name_of(pkt, IKE_REG_IKEV2_CFG_ATTR, type);
}

static const ike_attribute_row rows[] = {
    {MODECFG_INTERNAL_ADDRESS_EXPIRY, &hf_ike_config_expiry, NULL},
    {IKEV2_CFG_ATTRIBUTE_APPLICATION_VERSION, &hf_ike_config_version, NULL},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_IP4_SUBNET, NULL, ike_dissect_ip4_subnet},
    {IKEV2_CFG_ATTRIBUTE_SUPPORTED_ATTRIBUTES, NULL, dissect_supported},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_IP6_SUBNET, NULL, ike_dissect_ip6_subnet},
    {IKEV2_CFG_ATTRIBUTE_MIP6_HOME_PREFIX, NULL, dissect_home_prefix},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_IP6_LINK, NULL, dissect_ip6_link},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_IP6_PREFIX, NULL, dissect_ip6_prefix},
    {IKEV2_CFG_ATTRIBUTE_HOME_AGENT_ADDRESS, NULL, dissect_home_agent},
    {IKEV2_CFG_ATTRIBUTE_P_CSCF_IP4_ADDRESS, &hf_p_cscf_ip4, NULL},
    {IKEV2_CFG_ATTRIBUTE_P_CSCF_IP6_ADDRESS, &hf_p_cscf_ip6, NULL},
    {IKEV2_CFG_ATTRIBUTE_FTT_KAT, &hf_ftt_kat, NULL},
    {IKEV2_CFG_ATTRIBUTE_EXTERNAL_SOURCE_IP4_NAT_INFO, NULL, dissect_nat_info},
    {IKEV2_CFG_ATTRIBUTE_TIMEOUT_PERIOD_FOR_LIVENESS_CHECK, &hf_liveness, NULL},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_DNS_DOMAIN, &hf_dns_domain, NULL},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_DNSSEC_TA, NULL, ikev2_dissect_dnssec_ta},
    {IKEV2_CFG_ATTRIBUTE_ENCDNS_IP4, NULL, ikev2_dissect_encdns},
    {IKEV2_CFG_ATTRIBUTE_ENCDNS_IP6, NULL, ikev2_dissect_encdns},
    {IKEV2_CFG_ATTRIBUTE_ENCDNS_DIGEST_INFO, NULL, ikev2_dissect_encdns_digest},
    {IKEV2_CFG_ATTRIBUTE_ASSIGNED_PCSCF_IP4_ADDRESS, &hf_p_cscf_ip4, NULL},
    {IKEV2_CFG_ATTRIBUTE_ASSIGNED_PCSCF_IP6_ADDRESS, NULL, dissect_assigned_p_cscf},
    {MODECFG_UNITY_BANNER, &hf_ike_config_unity_banner, NULL},
    {MODECFG_UNITY_SAVE_PASSWD, &hf_ike_config_unity_save_password, NULL},
    {MODECFG_UNITY_DEF_DOMAIN, &hf_ike_config_unity_domain, NULL},
    {MODECFG_UNITY_SPLITDNS_NAME, &hf_ike_config_unity_split_dns, NULL},
    {MODECFG_UNITY_NATT_PORT, &hf_ike_config_unity_natt_port, NULL},
    {MODECFG_UNITY_PFS, &hf_ike_config_unity_pfs, NULL},
    {MODECFG_UNITY_FW_TYPE, &hf_ike_config_unity_firewall, NULL},
    {MODECFG_UNITY_BACKUP_SERVERS, &hf_ike_config_unity_backup, NULL},
    {MODECFG_UNITY_DDNS_HOSTNAME, &hf_ike_config_unity_ddns, NULL},
};

static const ike_attribute_family family = {
    .label = "Config Attribute",
    .fields = &ike_config_fields,
    .name = attribute_name,
    .rows = rows,
    .count = array_length(rows),
    .base = &ike_config_attributes,
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
    ike_record_config_attributes(pkt, body, FIXED);
    ike_dissect_attributes(pkt, body, FIXED, tree, &family);
}

void ikev2_register_cp(void)
{
    static hf_register_info hf[] = {
        {&hf_type,
         {"Type", "isakmp.cfg.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_cfg_type_ext, 0, "Config Type", HFILL}},
        {&hf_supported,
         {"SUPPORTED ATTRIBUTES", "isakmp.cfg.attr.supported_attributes", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings_ikev2_cfg_attr_ext, 0, NULL, HFILL}},
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
        {&hf_p_cscf_ip6_prefix,
         {"P_CSCF_IP6_ADDRESS (Prefix)", "isakmp.cfg.attr.p_cscf_ip6_address.prefix", FT_UINT8,
          BASE_DEC, NULL, 0, "Prefix length, in an ASSIGNED_PCSCF_IP6_ADDRESS of 17 bytes", HFILL}},
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
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    ikev2_register_config_dns();
}
