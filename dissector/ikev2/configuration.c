/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration (RFC 7296 3.15): a type and attributes, of the usual layout without the AF bit. */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/config_attributes.h"

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

static const ike_value_row rows[] = {
    {IKEV2_CFG_ATTRIBUTE_SUPPORTED_ATTRIBUTES, .fields = {&hf_supported}, .repeated = true},
    {IKEV2_CFG_ATTRIBUTE_MIP6_HOME_PREFIX,
     .fields = {&hf_mip6_lifetime, &hf_mip6_prefix, &hf_mip6_length}},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_IP6_LINK, .fields = {&hf_ip6_link_interface, &hf_ip6_link_id}},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_IP6_PREFIX, .fields = {&hf_ip6_prefix_ip, &hf_ip6_prefix_length}},
    {IKEV2_CFG_ATTRIBUTE_HOME_AGENT_ADDRESS, .fields = {&hf_home_agent_ip6, &hf_home_agent_ip4},
     .optional = 1},
    {IKEV2_CFG_ATTRIBUTE_P_CSCF_IP4_ADDRESS, .fields = {&hf_p_cscf_ip4}},
    {IKEV2_CFG_ATTRIBUTE_P_CSCF_IP6_ADDRESS, .fields = {&hf_p_cscf_ip6}},
    {IKEV2_CFG_ATTRIBUTE_FTT_KAT, .fields = {&hf_ftt_kat}},
    {IKEV2_CFG_ATTRIBUTE_EXTERNAL_SOURCE_IP4_NAT_INFO, .fields = {&hf_nat_ip4, &hf_nat_port}},
    {IKEV2_CFG_ATTRIBUTE_TIMEOUT_PERIOD_FOR_LIVENESS_CHECK, .fields = {&hf_liveness}},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_DNS_DOMAIN, .fields = {&hf_dns_domain}},
    {IKEV2_CFG_ATTRIBUTE_INTERNAL_DNSSEC_TA, .dissect = ikev2_dissect_dnssec_ta},
    {IKEV2_CFG_ATTRIBUTE_ENCDNS_IP4, .dissect = ikev2_dissect_encdns},
    {IKEV2_CFG_ATTRIBUTE_ENCDNS_IP6, .dissect = ikev2_dissect_encdns},
    {IKEV2_CFG_ATTRIBUTE_ENCDNS_DIGEST_INFO, .dissect = ikev2_dissect_encdns_digest},
    /* Before RFC 7651 operators sent the IPv6 address alone, or with a prefix length as
     * INTERNAL_IP6_ADDRESS has it. */
    {IKEV2_CFG_ATTRIBUTE_ASSIGNED_PCSCF_IP4_ADDRESS, .fields = {&hf_p_cscf_ip4}},
    {IKEV2_CFG_ATTRIBUTE_ASSIGNED_PCSCF_IP6_ADDRESS,
     .fields = {&hf_p_cscf_ip6, &hf_p_cscf_ip6_prefix}, .optional = 1},
};

static const ike_attribute_family family = IKE_ATTRIBUTE_FAMILY(
    "Config Attribute", &ike_config_fields, IKE_REG_IKEV2_CFG_ATTR, rows,
    .base = &ike_config_attributes, .ei_length = &ei_ike_config_length, .empty_is_fine = true);

void ikev2_dissect_cp(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t payload _U_)
{
    enum { FIXED = 4 };

    uint8_t type = tvb_get_uint8(body, 0);

    proto_tree_add_item(tree, hf_type, body, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 3, ENC_NA);
    proto_item_append_text(
        item, " - %s", val_to_str_ext_const(type, &ike_strings[IKE_REG_IKEV2_CFG_TYPE], "unknown"));
    pkt->msg->config_type = type < UINT8_MAX ? (uint8_t)(type + 1) : UINT8_MAX;
    ike_record_config_attributes(pkt, body, FIXED);
    ike_dissect_attributes(pkt, body, FIXED, tree, &family);
}

void ikev2_register_cp(void)
{
    static hf_register_info hf[] = {
        {&hf_type,
         {"Type", "isakmp.cfg.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_CFG_TYPE], 0, "Config Type", HFILL}},
        {&hf_supported,
         {"SUPPORTED ATTRIBUTES", "isakmp.cfg.attr.supported_attributes", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_CFG_ATTR], 0, NULL, HFILL}},
        {&hf_mip6_lifetime,
         {"MIP6_HOME_PREFIX (Lifetime)", "isakmp.cfg.attr.mip6_home_prefix.lifetime", FT_UINT32,
          BASE_DEC, NULL, 0, "Seconds (RFC 5026)", HFILL}},
        {&hf_mip6_prefix,
         {"MIP6_HOME_PREFIX (IP)", "isakmp.cfg.attr.mip6_home_prefix.ip", FT_IPv6, BASE_NONE, NULL,
          0, "Home network prefix of Mobile IPv6 (RFC 5026)", HFILL}},
        {&hf_mip6_length,
         {"MIP6_HOME_PREFIX (Length)", "isakmp.cfg.attr.mip6_home_prefix.length", FT_UINT8,
          BASE_DEC, NULL, 0, "Length of the home network prefix in bits (RFC 5026)", HFILL}},
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
          "isakmp.cfg.attr.external_source_ip4_nat_info.port", FT_UINT16, BASE_DEC, NULL, 0,
          "UDP port of the sender as a NAT translated it (TS 29.139)", HFILL}},
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
