/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration of IKEv1, the Attributes payload of transactions: mode config
 * (draft-dukes-ike-mode-cfg), XAUTH (draft-beaulieu-ike-xauth and older drafts), Cisco Unity, Check
 * Point.
 *
 *   +---------------+---------------+-------------------------------+
 *   |     Type      |   RESERVED    |           Identifier          |
 *   |                          Attributes                           |
 *   +---------------------------------------------------------------+
 */
#include "common_fields.h"
#include "config_unity.h"
#include "ikev1_attributes.h"
#include "payloads.h"
#include "vendor.h"

#include "registry/strings.h"

#define UNNAMED IKE_REG_COUNT

enum { FIXED = 4 };
enum { XAUTH_STATUS = 16527 };

static int hf_type = -1;
static int hf_identifier = -1;
static int hf_attribute = -1;
static int hf_attribute_type = -1;
static int hf_attribute_format = -1;
static int hf_attribute_length = -1;
static int hf_attribute_value = -1;
static int hf_ip4_address = -1;
static int hf_ip4_netmask = -1;
static int hf_ip4_dns = -1;
static int hf_ip4_nbns = -1;
static int hf_expiry = -1;
static int hf_ip4_dhcp = -1;
static int hf_version = -1;
static int hf_ip6_address = -1;
static int hf_ip6_address_prefix = -1;
static int hf_ip6_netmask = -1;
static int hf_ip6_dns = -1;
static int hf_ip6_nbns = -1;
static int hf_ip6_dhcp = -1;
static int hf_ip4_subnet = -1;
static int hf_ip4_subnet_netmask = -1;
static int hf_supported = -1;
static int hf_ip6_subnet = -1;
static int hf_ip6_subnet_prefix = -1;
static int hf_ip4_server = -1;
static int hf_ip6_server = -1;
static int hf_xauth_type = -1;
static int hf_xauth_user = -1;
static int hf_xauth_password = -1;
static int hf_xauth_passcode = -1;
static int hf_xauth_message = -1;
static int hf_xauth_challenge = -1;
static int hf_xauth_domain = -1;
static int hf_xauth_status = -1;
static int hf_xauth_next_pin = -1;
static int hf_xauth_answer = -1;
static int hf_xauth_req_number = -1;
static int hf_unity_banner = -1;
static int hf_unity_save_password = -1;
static int hf_unity_domain = -1;
static int hf_unity_split_dns = -1;
static int hf_unity_split_include = -1;
static int hf_unity_split_include_mask = -1;
static int hf_unity_local_lan = -1;
static int hf_unity_local_lan_mask = -1;
static int hf_unity_protocol = -1;
static int hf_unity_source_port = -1;
static int hf_unity_destination_port = -1;
static int hf_unity_natt_port = -1;
static int hf_unity_pfs = -1;
static int hf_unity_firewall = -1;
static int hf_unity_backup = -1;
static int hf_unity_ddns = -1;
static int hf_chkpt_domain = -1;
static int hf_chkpt_mac = -1;
static int hf_chkpt_reason = -1;
static int hf_chkpt_unknown = -1;
static int ett_attribute = -1;
static expert_field ei_length = EI_INIT;

static const value_string yes_no[] = {{0, "No"}, {1, "Yes"}, {0, NULL}};

/* ---- which dialect -------------------------------------------------------------------------- */

/* XAUTH drafts 02 to 05 number their attributes where mode config has others today, draft 01 where
 * it has none. */
typedef enum { TODAY, DRAFT_02, DRAFT_01 } dialect;

/* XAUTH-TYPE of the drafts 02 to 05 has the AF bit, and the attribute of today with its number, an
 * IPv4 subnet, never; 16 to 21 are free today. */
static dialect dialect_of(tvbuff_t *body)
{
    unsigned offset = FIXED;
    uint16_t type;
    uint32_t number;

    while (ike_left(body, offset) >= 4) {
        bool tv = tvb_get_uint8(body, (int)offset) & 0x80;

        if (!ike_attribute_next(body, &offset, &type, &number))
            break;
        if ((type == 13 && tv) || type == 16 || type == 20)
            return DRAFT_02;
        if (type >= 101 && type <= 107)
            return DRAFT_01;
    }
    return TODAY;
}

static const char *name_today(const ike_packet *pkt, uint16_t type)
{
    return ike_vendor_name_of(pkt, IKE_REG_MODECFG_ATTR, type);
}

static const char *name_draft_02(const ike_packet *pkt, uint16_t type)
{
    return ike_registry_assigned(IKE_REG_XAUTH_ATTR_DRAFT_02, type)
               ? ike_registry_name(IKE_REG_XAUTH_ATTR_DRAFT_02, type)
               : name_today(pkt, type);
}

static const char *name_draft_01(const ike_packet *pkt, uint16_t type)
{
    return ike_registry_assigned(IKE_REG_XAUTH_ATTR_DRAFT_01, type)
               ? ike_registry_name(IKE_REG_XAUTH_ATTR_DRAFT_01, type)
               : name_today(pkt, type);
}

/* ---- values --------------------------------------------------------------------------------- */

/* One value of several parts, each an address, a mask, a number. */
typedef struct {
    const int *hf;
    uint8_t octets;
} part;

/* Shows the parts one after the other, again and again to the end. */
static void dissect_parts(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          const part *parts, unsigned count)
{
    unsigned size = 0, offset = 0;

    for (unsigned i = 0; i < count; i++)
        size += parts[i].octets;
    for (; ike_left(value, offset) >= size; offset += size) {
        unsigned at = offset;
        for (unsigned i = 0; i < count; at += parts[i++].octets)
            proto_tree_add_item(tree, *parts[i].hf, value, (int)at, parts[i].octets,
                                ENC_BIG_ENDIAN);
        if (parts[0].octets == 4)
            proto_item_append_text(item, ": %s/%s",
                                   tvb_ip_to_str(pkt->pinfo->pool, value, (int)offset),
                                   tvb_ip_to_str(pkt->pinfo->pool, value, (int)offset + 4));
        else if (parts[0].octets == 16)
            proto_item_append_text(item, ": %s/%u",
                                   tvb_ip6_to_str(pkt->pinfo->pool, value, (int)offset),
                                   tvb_get_uint8(value, (int)offset + 16));
    }
    if (!offset || ike_left(value, offset))
        expert_add_info(pkt->pinfo, item, &ei_length);
}

/* An IPv6 address, in IKEv2's manner with a prefix. */
static void dissect_ip6_address(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                proto_item *item, uint16_t type _U_)
{
    static const part parts[] = {{&hf_ip6_address, 16}, {&hf_ip6_address_prefix, 1}};

    if (tvb_reported_length(value) != 16) {
        dissect_parts(pkt, value, tree, item, parts, array_length(parts));
        return;
    }
    proto_tree_add_item(tree, hf_ip6_address, value, 0, 16, ENC_NA);
    proto_item_append_text(item, ": %s", tvb_ip6_to_str(pkt->pinfo->pool, value, 0));
}

static void dissect_ip4_subnet(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    static const part parts[] = {{&hf_ip4_subnet, 4}, {&hf_ip4_subnet_netmask, 4}};

    dissect_parts(pkt, value, tree, item, parts, array_length(parts));
}

static void dissect_ip6_subnet(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    static const part parts[] = {{&hf_ip6_subnet, 16}, {&hf_ip6_subnet_prefix, 1}};

    dissect_parts(pkt, value, tree, item, parts, array_length(parts));
}

static void dissect_supported(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    static const part parts[] = {{&hf_supported, 2}};

    dissect_parts(pkt, value, tree, item, parts, array_length(parts));
}

/* Networks of Unity: address and mask, mostly with a protocol and two ports. */
static void dissect_networks(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             const int *address, const int *mask)
{
    const part parts[] = {{address, 4},
                          {mask, 4},
                          {&hf_unity_protocol, 2},
                          {&hf_unity_source_port, 2},
                          {&hf_unity_destination_port, 2}};
    bool bare = tvb_reported_length(value) % 14 && tvb_reported_length(value) % 8 == 0;

    dissect_parts(pkt, value, tree, item, parts, bare ? 2 : array_length(parts));
}

void ike_dissect_unity_split_include(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                     proto_item *item, uint16_t type _U_)
{
    dissect_networks(pkt, value, tree, item, &hf_unity_split_include, &hf_unity_split_include_mask);
}

void ike_dissect_unity_local_lan(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                 proto_item *item, uint16_t type _U_)
{
    dissect_networks(pkt, value, tree, item, &hf_unity_local_lan, &hf_unity_local_lan_mask);
}

/* ---- the attributes ------------------------------------------------------------------------- */

/* Addresses, and what has a function of its own, under the same number in all dialects. */
static const ike_attribute_row rows[] = {
    {1, &hf_ip4_address, NULL},
    {2, &hf_ip4_netmask, NULL},
    {3, &hf_ip4_dns, NULL},
    {4, &hf_ip4_nbns, NULL},
    {6, &hf_ip4_dhcp, NULL},
    {8, NULL, dissect_ip6_address},
    {9, &hf_ip6_netmask, NULL},
    {10, &hf_ip6_dns, NULL},
    {11, &hf_ip6_nbns, NULL},
    {12, &hf_ip6_dhcp, NULL},
    {23456, &hf_ip4_server, NULL},
    {23457, &hf_ip6_server, NULL},
    {28676, NULL, ike_dissect_unity_split_include},
    {28678, NULL, ike_dissect_unity_local_lan},
    {16388, &hf_chkpt_mac, NULL},
};

/* Numbers and texts. */
static const ikev1_value_row values[] = {
    {5, &hf_expiry, UNNAMED},
    {7, &hf_version, UNNAMED},
    {16520, &hf_xauth_type, IKE_REG_XAUTH_TYPE},
    {16521, &hf_xauth_user, UNNAMED},
    {16522, &hf_xauth_password, UNNAMED},
    {16523, &hf_xauth_passcode, UNNAMED},
    {16524, &hf_xauth_message, UNNAMED},
    {16525, &hf_xauth_challenge, UNNAMED},
    {16526, &hf_xauth_domain, UNNAMED},
    {XAUTH_STATUS, &hf_xauth_status, IKE_REG_XAUTH_STATUS},
    {16528, &hf_xauth_next_pin, UNNAMED},
    {16529, &hf_xauth_answer, UNNAMED},
    {28672, &hf_unity_banner, UNNAMED},
    {28673, &hf_unity_save_password, UNNAMED},
    {28674, &hf_unity_domain, UNNAMED},
    {28675, &hf_unity_split_dns, UNNAMED},
    {28677, &hf_unity_natt_port, UNNAMED},
    {28679, &hf_unity_pfs, UNNAMED},
    {28680, &hf_unity_firewall, UNNAMED},
    {28681, &hf_unity_backup, UNNAMED},
    {28682, &hf_unity_ddns, UNNAMED},
    {16387, &hf_chkpt_domain, UNNAMED},
    {16389, &hf_chkpt_reason, UNNAMED},
    {16400, &hf_chkpt_unknown, UNNAMED},
    {16401, &hf_chkpt_unknown, UNNAMED},
    {16402, &hf_chkpt_unknown, UNNAMED},
};

static const ikev1_value_row draft_02_values[] = {
    {13, &hf_xauth_type, IKE_REG_XAUTH_TYPE}, {14, &hf_xauth_user, UNNAMED},
    {15, &hf_xauth_password, UNNAMED},        {16, &hf_xauth_passcode, UNNAMED},
    {17, &hf_xauth_message, UNNAMED},         {18, &hf_xauth_challenge, UNNAMED},
    {19, &hf_xauth_domain, UNNAMED},          {20, &hf_xauth_status, IKE_REG_XAUTH_STATUS},
    {21, &hf_xauth_req_number, UNNAMED},
};

static const ikev1_value_row draft_01_values[] = {
    {101, &hf_xauth_type, IKE_REG_XAUTH_TYPE}, {102, &hf_xauth_user, UNNAMED},
    {103, &hf_xauth_password, UNNAMED},        {104, &hf_xauth_passcode, UNNAMED},
    {105, &hf_xauth_message, UNNAMED},         {106, &hf_xauth_challenge, UNNAMED},
    {107, &hf_xauth_domain, UNNAMED},
};

static void dissect_today(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          uint16_t type)
{
    static ike_attribute_fn *const subnets[] = {
        [13] = dissect_ip4_subnet, [14] = dissect_supported, [15] = dissect_ip6_subnet};

    if (type < array_length(subnets) && subnets[type])
        subnets[type](pkt, value, tree, item, type);
    else
        ikev1_show_value(pkt, value, tree, item, type, values, array_length(values));
}

static void dissect_draft_02(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type)
{
    if (type >= 13 && type <= 21)
        ikev1_show_value(pkt, value, tree, item, type, draft_02_values,
                         array_length(draft_02_values));
    else
        dissect_today(pkt, value, tree, item, type);
}

static void dissect_draft_01(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type)
{
    if (type >= 101 && type <= 107)
        ikev1_show_value(pkt, value, tree, item, type, draft_01_values,
                         array_length(draft_01_values));
    else
        dissect_today(pkt, value, tree, item, type);
}

#define FAMILY(name_of, others)                                                                    \
    {                                                                                              \
        .label = "Config Attribute", .hf = &hf_attribute, .format = &hf_attribute_format,          \
        .type = &hf_attribute_type, .length = &hf_attribute_length, .value = &hf_attribute_value,  \
        .ett = &ett_attribute, .name = name_of, .rows = rows, .count = array_length(rows),         \
        .other = others, .empty_is_fine = true                                                     \
    }

static const ike_attribute_family families[] = {
    [TODAY] = FAMILY(name_today, dissect_today),
    [DRAFT_02] = FAMILY(name_draft_02, dissect_draft_02),
    [DRAFT_01] = FAMILY(name_draft_01, dissect_draft_01),
};

/* XAUTH-STATUS, which says whether the user is let in. */
static void note_status(ike_packet *pkt, tvbuff_t *body, dialect spoken)
{
    uint32_t status =
        ike_attribute_number(body, FIXED, spoken == DRAFT_02 ? 20 : XAUTH_STATUS, UINT32_MAX);

    if (status >= UINT16_MAX)
        return;
    pkt->msg->xauth_status = (uint16_t)(status + 1);
    ike_info_notify(pkt, status ? "XAUTH OK" : "XAUTH failed");
}

void ikev1_dissect_config(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t payload _U_)
{
    if (ike_left(body, 0) < FIXED) {
        ike_too_short(pkt, body, tree, "a configuration");
        return;
    }
    uint8_t type = tvb_get_uint8(body, 0);
    dialect spoken = dialect_of(body);

    proto_tree_add_item(tree, hf_type, body, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 1, ENC_NA);
    proto_tree_add_item(tree, hf_identifier, body, 2, 2, ENC_BIG_ENDIAN);
    proto_item_append_text(item, " - %s",
                           val_to_str_ext_const(type, &ike_strings_modecfg_type_ext, "unknown"));
    pkt->msg->config_type = type < UINT8_MAX ? (uint8_t)(type + 1) : UINT8_MAX;
    note_status(pkt, body, spoken);
    ike_dissect_attributes(pkt, body, FIXED, tree, &families[spoken]);
}

/* ---- registration --------------------------------------------------------------------------- */

static void register_mode_config(void)
{
    static hf_register_info hf[] = {
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
        {&hf_expiry,
         {"INTERNAL ADDRESS EXPIRY (Secs)", "isakmp.cfg.attr.internal_address_expiry", FT_UINT32,
          BASE_DEC, NULL, 0, "How long the address may be used", HFILL}},
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
        {&hf_supported,
         {"SUPPORTED ATTRIBUTES", "isakmp.cfg.attr.supported_attributes", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings_modecfg_attr_ext, 0, NULL, HFILL}},
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
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}

static void register_xauth(void)
{
    static hf_register_info hf[] = {
        {&hf_xauth_type,
         {"XAUTH TYPE", "isakmp.cfg.attr.xauth.type", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_xauth_type_ext, 0, "The kind of authentication that is asked for", HFILL}},
        {&hf_xauth_user,
         {"XAUTH USER NAME", "isakmp.cfg.attr.xauth.user_name", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_xauth_password,
         {"XAUTH USER PASSWORD", "isakmp.cfg.attr.xauth.user_password", FT_STRING, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_xauth_passcode,
         {"XAUTH PASSCODE", "isakmp.cfg.attr.xauth.passcode", FT_STRING, BASE_NONE, NULL, 0,
          "A token card's passcode", HFILL}},
        {&hf_xauth_message,
         {"XAUTH MESSAGE", "isakmp.cfg.attr.xauth.message", FT_STRING, BASE_NONE, NULL, 0,
          "Text for the user", HFILL}},
        {&hf_xauth_challenge,
         {"XAUTH CHALLENGE", "isakmp.cfg.attr.xauth.challenge", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_xauth_domain,
         {"XAUTH DOMAIN", "isakmp.cfg.attr.xauth.domain", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_xauth_status,
         {"XAUTH STATUS", "isakmp.cfg.attr.xauth.status", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_xauth_status_ext, 0, "Whether the user is let in", HFILL}},
        {&hf_xauth_next_pin,
         {"XAUTH NEXT PIN", "isakmp.cfg.attr.xauth.next_pin", FT_STRING, BASE_NONE, NULL, 0,
          "The user is to choose a new PIN", HFILL}},
        {&hf_xauth_answer,
         {"XAUTH ANSWER", "isakmp.cfg.attr.xauth.answer", FT_STRING, BASE_NONE, NULL, 0,
          "What the user entered", HFILL}},
        {&hf_xauth_req_number,
         {"XAUTH REQ NUMBER", "isakmp.cfg.attr.xauth.req_number", FT_UINT16, BASE_DEC, NULL, 0,
          "Number of the request, in drafts 03 and 04", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}

static void register_unity(void)
{
    static hf_register_info hf[] = {
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
          0, "Domains whose names are asked for inside", HFILL}},
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
        {&hf_unity_natt_port,
         {"UNITY NATT PORT", "isakmp.cfg.attr.unity.natt_port", FT_UINT16, BASE_DEC, NULL, 0,
          "UDP port of Cisco's own encapsulation", HFILL}},
        {&hf_unity_pfs,
         {"UNITY PFS", "isakmp.cfg.attr.unity.pfs", FT_UINT16, BASE_DEC, VALS(yes_no), 0, NULL,
          HFILL}},
        {&hf_unity_firewall,
         {"UNITY FW TYPE", "isakmp.cfg.attr.unity.fw_type", FT_BYTES, BASE_NONE, NULL, 0,
          "The client's firewall", HFILL}},
        {&hf_unity_backup,
         {"UNITY BACKUP SERVERS", "isakmp.cfg.attr.unity.backup_servers", FT_STRING, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_unity_ddns,
         {"UNITY DDNS HOSTNAME", "isakmp.cfg.attr.unity.ddns_hostname", FT_STRING, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_chkpt_domain,
         {"CHKPT DEF DOMAIN", "isakmp.cfg.attr.chkpt.def_domain", FT_STRING, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_chkpt_mac,
         {"CHKPT MAC ADDRESS", "isakmp.cfg.attr.chkpt.mac_address", FT_ETHER, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_chkpt_reason,
         {"CHKPT MARCIPAN REASON CODE", "isakmp.cfg.attr.chkpt.marcipan_reason_code", FT_UINT32,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_chkpt_unknown,
         {"CHKPT UNKNOWN", "isakmp.cfg.attr.chkpt.unknown", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}

void ikev1_register_config(void)
{
    static hf_register_info hf[] = {
        {&hf_type,
         {"Type", "isakmp.cfg.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_modecfg_type_ext, 0, "Config Type", HFILL}},
        {&hf_identifier,
         {"Identifier", "isakmp.cfg.identifier", FT_UINT16, BASE_DEC, NULL, 0,
          "Ties requests and answers together", HFILL}},
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
    };
    static int *ett[] = {&ett_attribute};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.cfg.attr.length.mismatch", PI_PROTOCOL, PI_WARN,
          "The attribute has not the length of its type", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    register_mode_config();
    register_xauth();
    register_unity();
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
