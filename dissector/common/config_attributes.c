/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration attributes that both versions of IKE have under the same numbers: internal
 * addresses and networks (draft-dukes-ike-mode-cfg, RFC 7296 3.15.1), Microsoft's, Cisco Unity's.
 */
#include "dissector/common/config_attributes.h"

#include "dissector/base/former_names.h"
#include "dissector/base/items.h"

ike_attribute_fields ike_config_fields;
static int hf_expiry = -1;
static int hf_version = -1;
static int hf_unity_banner = -1;
static int hf_unity_save_password = -1;
static int hf_unity_domain = -1;
static int hf_unity_split_dns = -1;
static int hf_unity_natt_port = -1;
static int hf_unity_pfs = -1;
static int hf_unity_firewall = -1;
static int hf_unity_backup = -1;
static int hf_unity_ddns = -1;
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

/* Mode config had addresses of 16 bytes; IKEv2 always has a prefix length behind. */
static void check_ip6_address(ike_packet *pkt, tvbuff_t *value, proto_tree *tree _U_,
                              proto_item *item, uint16_t type _U_)
{
    if (pkt->msg->major >= 2 && tvb_reported_length(value) == 16)
        expert_add_info(pkt->pinfo, item, &ei_ike_config_length);
}

/* Networks of Unity: address and mask, mostly with a protocol and two ports. */
static void dissect_networks(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type)
{
    bool split = type == MODECFG_UNITY_SPLIT_INCLUDE;
    const int *address = split ? &hf_unity_split_include : &hf_unity_local_lan;
    const int *mask = split ? &hf_unity_split_include_mask : &hf_unity_local_lan_mask;
    bool bare = tvb_reported_length(value) % 14 && tvb_reported_length(value) % 8 == 0;
    const ike_value_row row = {.fields = {address, mask, bare ? NULL : &hf_unity_protocol,
                                          &hf_unity_source_port, &hf_unity_destination_port},
                               .repeated = true};

    unsigned size = bare ? 8 : 14;
    for (unsigned offset = 0; ike_left(value, offset) >= size; offset += size)
        ike_add_former_network(tree, value, offset, bare);
    if (tvb_reported_length(value) % size) {
        expert_add_info(pkt->pinfo, item, &ei_ike_config_length);
        ike_add_former_name(pkt, IKE_FORMER_CONFIG_LENGTH);
    }
    ike_trailing(pkt, value, tree, ike_add_value(pkt, tree, value, &row, item));
}

static const ike_value_row rows[] = {
    {MODECFG_INTERNAL_IP4_ADDRESS, .fields = {&hf_ip4_address}},
    {MODECFG_INTERNAL_IP4_NETMASK, .fields = {&hf_ip4_netmask}},
    {MODECFG_INTERNAL_IP4_DNS, .fields = {&hf_ip4_dns}},
    {MODECFG_INTERNAL_IP4_NBNS, .fields = {&hf_ip4_nbns}},
    {MODECFG_INTERNAL_ADDRESS_EXPIRY, .fields = {&hf_expiry}},
    {MODECFG_INTERNAL_IP4_DHCP, .fields = {&hf_ip4_dhcp}},
    {MODECFG_APPLICATION_VERSION, .fields = {&hf_version}},
    {MODECFG_INTERNAL_IP6_ADDRESS, .fields = {&hf_ip6_address, &hf_ip6_address_prefix},
     .optional = 1, .dissect = check_ip6_address},
    {MODECFG_INTERNAL_IP6_NETMASK, .fields = {&hf_ip6_netmask}},
    {MODECFG_INTERNAL_IP6_DNS, .fields = {&hf_ip6_dns}},
    {MODECFG_INTERNAL_IP6_NBNS, .fields = {&hf_ip6_nbns}},
    {MODECFG_INTERNAL_IP6_DHCP, .fields = {&hf_ip6_dhcp}},
    {MODECFG_INTERNAL_IP4_SUBNET, .fields = {&hf_ip4_subnet, &hf_ip4_subnet_netmask}},
    {MODECFG_INTERNAL_IP6_SUBNET, .fields = {&hf_ip6_subnet, &hf_ip6_subnet_prefix}},
    {MODECFG_INTERNAL_IP4_SERVER, .fields = {&hf_ip4_server}},
    {MODECFG_INTERNAL_IP6_SERVER, .fields = {&hf_ip6_server}},
    {MODECFG_UNITY_BANNER, .fields = {&hf_unity_banner}},
    {MODECFG_UNITY_SAVE_PASSWD, .fields = {&hf_unity_save_password}},
    {MODECFG_UNITY_DEF_DOMAIN, .fields = {&hf_unity_domain}},
    {MODECFG_UNITY_SPLITDNS_NAME, .fields = {&hf_unity_split_dns}},
    {MODECFG_UNITY_SPLIT_INCLUDE, .dissect = dissect_networks},
    {MODECFG_UNITY_NATT_PORT, .fields = {&hf_unity_natt_port}},
    {MODECFG_UNITY_LOCAL_LAN, .dissect = dissect_networks},
    {MODECFG_UNITY_PFS, .fields = {&hf_unity_pfs}},
    {MODECFG_UNITY_FW_TYPE, .fields = {&hf_unity_firewall}},
    {MODECFG_UNITY_BACKUP_SERVERS, .fields = {&hf_unity_backup}},
    {MODECFG_UNITY_DDNS_HOSTNAME, .fields = {&hf_unity_ddns}},
};

const ike_attribute_family ike_config_attributes =
    IKE_ATTRIBUTE_FAMILY("Config Attribute", &ike_config_fields, IKE_REG_NONE, rows);

void ike_record_config_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset)
{
    enum { TV_HEADER = 2, TLV_HEADER = 4 };
    ike_message *msg = pkt->msg;
    uint16_t type;
    uint32_t number;

    for (unsigned start = offset; ike_attribute_next(tvb, &offset, &type, &number);
         start = offset) {
        unsigned value = start + (tvb_get_uint8(tvb, start) & 0x80 ? TV_HEADER : TLV_HEADER);

        if (msg->config_attribute_count == IKE_MAX_CONFIG_ATTRIBUTES)
            return;
        msg->config_attributes[msg->config_attribute_count++] =
            (ike_config_attribute){type, ike_bytes_of(tvb, value, offset - value)};
    }
}

void ike_register_config_attributes(void)
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
        {&hf_expiry,
         {"INTERNAL ADDRESS EXPIRY (Secs)", "isakmp.cfg.attr.internal_address_expiry", FT_UINT32,
          BASE_DEC, NULL, 0, "How long the address may be used", HFILL}},
        {&hf_version,
         {"APPLICATION VERSION", "isakmp.cfg.attr.application_version", FT_STRING, BASE_NONE, NULL,
          0, "The version of the IPsec host", HFILL}},
        {&hf_unity_split_include,
         {"UNITY SPLIT INCLUDE (IP)", "isakmp.cfg.attr.unity.split_include", FT_IPv4, BASE_NONE,
          NULL, 0, "A network to be reached through the tunnel", HFILL}},
        {&hf_unity_split_include_mask,
         {"UNITY SPLIT INCLUDE (NETMASK)", "isakmp.cfg.attr.unity.split_include.netmask", FT_IPv4,
          BASE_NETMASK, NULL, 0, "Network mask of a network reached through the tunnel", HFILL}},
        {&hf_unity_local_lan,
         {"UNITY LOCAL LAN (IP)", "isakmp.cfg.attr.unity.local_lan", FT_IPv4, BASE_NONE, NULL, 0,
          "A network to be reached beside the tunnel", HFILL}},
        {&hf_unity_local_lan_mask,
         {"UNITY LOCAL LAN (NETMASK)", "isakmp.cfg.attr.unity.local_lan.netmask", FT_IPv4,
          BASE_NETMASK, NULL, 0, "Network mask of a local network excluded from the tunnel",
          HFILL}},
        {&hf_unity_protocol,
         {"Protocol", "isakmp.cfg.attr.unity.network.protocol", FT_UINT16, BASE_DEC, NULL, 0,
          "0 for all", HFILL}},
        {&hf_unity_source_port,
         {"Source port", "isakmp.cfg.attr.unity.network.srcport", FT_UINT16, BASE_DEC, NULL, 0,
          "0 for all", HFILL}},
        {&hf_unity_destination_port,
         {"Destination port", "isakmp.cfg.attr.unity.network.dstport", FT_UINT16, BASE_DEC, NULL, 0,
          "0 for all", HFILL}},
        {&hf_unity_banner,
         {"UNITY BANNER", "isakmp.cfg.attr.unity.banner", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_unity_save_password,
         {"UNITY SAVE PASSWD", "isakmp.cfg.attr.unity.save_passwd", FT_UINT16, BASE_DEC,
          VALS(yes_no), 0, "Whether the client may keep the password", HFILL}},
        {&hf_unity_domain,
         {"UNITY DEF DOMAIN", "isakmp.cfg.attr.unity.def_domain", FT_STRING, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_unity_split_dns,
         {"UNITY SPLITDNS NAME", "isakmp.cfg.attr.unity.splitdns_name", FT_STRING, BASE_NONE, NULL,
          0, "Domains whose names are resolved inside", HFILL}},
        {&hf_unity_natt_port,
         {"UNITY NATT PORT", "isakmp.cfg.attr.unity.natt_port", FT_UINT16, BASE_DEC, NULL, 0,
          "UDP port of Cisco's own encapsulation", HFILL}},
        {&hf_unity_pfs,
         {"UNITY PFS", "isakmp.cfg.attr.unity.pfs", FT_UINT16, BASE_DEC, VALS(yes_no), 0,
          "Whether phase 2 uses perfect forward secrecy (Cisco Unity)", HFILL}},
        {&hf_unity_firewall,
         {"UNITY FW TYPE", "isakmp.cfg.attr.unity.fw_type", FT_BYTES, BASE_NONE, NULL, 0,
          "The client's firewall", HFILL}},
        {&hf_unity_backup,
         {"UNITY BACKUP SERVERS", "isakmp.cfg.attr.unity.backup_servers", FT_STRING, BASE_NONE,
          NULL, 0, "Gateways to use when this one does not answer (Cisco Unity)", HFILL}},
        {&hf_unity_ddns,
         {"UNITY DDNS HOSTNAME", "isakmp.cfg.attr.unity.ddns_hostname", FT_STRING, BASE_NONE, NULL,
          0, "Host name of the client for dynamic DNS (Cisco Unity)", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_ike_config_length,
         {"isakmp.cfg.attr.length.invalid", PI_PROTOCOL, PI_WARN, "Invalid length of the attribute",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
