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
#include "dissector/ikev1/configuration.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/info_column.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/common/config_attributes.h"
#include "dissector/ikev1/attributes.h"

#include "proto/ike_numbers.h"

#define UNNAMED IKE_REG_COUNT

enum { FIXED = 4 };

static int hf_type = -1;
static int hf_identifier = -1;
static int hf_supported = -1;
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
static int hf_chkpt_domain = -1;
static int hf_chkpt_mac = -1;
static int hf_chkpt_reason = -1;
static int hf_chkpt_unknown = -1;

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
        if ((type == MODECFG_DRAFT_02_XAUTH_TYPE && tv) ||
            type == MODECFG_DRAFT_02_XAUTH_PASSCODE || type == MODECFG_DRAFT_02_XAUTH_STATUS)
            return DRAFT_02;
        if (type >= MODECFG_DRAFT_01_XAUTH_TYPE && type <= MODECFG_DRAFT_01_XAUTH_DOMAIN)
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

/* ---- the attributes ------------------------------------------------------------------------- */

static const ike_attribute_row rows[] = {
    {MODECFG_CHKPT_MAC_ADDRESS, &hf_chkpt_mac, NULL},
};

/* Numbers and texts. */
static const ikev1_value_row values[] = {
    {MODECFG_INTERNAL_ADDRESS_EXPIRY, &hf_ike_config_expiry, UNNAMED},
    {MODECFG_APPLICATION_VERSION, &hf_ike_config_version, UNNAMED},
    {MODECFG_XAUTH_TYPE, &hf_xauth_type, IKE_REG_XAUTH_TYPE},
    {MODECFG_XAUTH_USER_NAME, &hf_xauth_user, UNNAMED},
    {MODECFG_XAUTH_USER_PASSWORD, &hf_xauth_password, UNNAMED},
    {MODECFG_XAUTH_PASSCODE, &hf_xauth_passcode, UNNAMED},
    {MODECFG_XAUTH_MESSAGE, &hf_xauth_message, UNNAMED},
    {MODECFG_XAUTH_CHALLENGE, &hf_xauth_challenge, UNNAMED},
    {MODECFG_XAUTH_DOMAIN, &hf_xauth_domain, UNNAMED},
    {MODECFG_XAUTH_STATUS, &hf_xauth_status, IKE_REG_XAUTH_STATUS},
    {MODECFG_XAUTH_NEXT_PIN, &hf_xauth_next_pin, UNNAMED},
    {MODECFG_XAUTH_ANSWER, &hf_xauth_answer, UNNAMED},
    {MODECFG_UNITY_BANNER, &hf_ike_config_unity_banner, UNNAMED},
    {MODECFG_UNITY_SAVE_PASSWD, &hf_ike_config_unity_save_password, UNNAMED},
    {MODECFG_UNITY_DEF_DOMAIN, &hf_ike_config_unity_domain, UNNAMED},
    {MODECFG_UNITY_SPLITDNS_NAME, &hf_ike_config_unity_split_dns, UNNAMED},
    {MODECFG_UNITY_NATT_PORT, &hf_ike_config_unity_natt_port, UNNAMED},
    {MODECFG_UNITY_PFS, &hf_ike_config_unity_pfs, UNNAMED},
    {MODECFG_UNITY_FW_TYPE, &hf_ike_config_unity_firewall, UNNAMED},
    {MODECFG_UNITY_BACKUP_SERVERS, &hf_ike_config_unity_backup, UNNAMED},
    {MODECFG_UNITY_DDNS_HOSTNAME, &hf_ike_config_unity_ddns, UNNAMED},
    {MODECFG_CHKPT_DEF_DOMAIN, &hf_chkpt_domain, UNNAMED},
    {MODECFG_CHKPT_MARCIPAN_REASON_CODE, &hf_chkpt_reason, UNNAMED},
    {MODECFG_CHKPT_UNKNOWN1, &hf_chkpt_unknown, UNNAMED},
    {MODECFG_CHKPT_UNKNOWN2, &hf_chkpt_unknown, UNNAMED},
    {MODECFG_CHKPT_UNKNOWN3, &hf_chkpt_unknown, UNNAMED},
};

static const ikev1_value_row draft_02_values[] = {
    {MODECFG_DRAFT_02_XAUTH_TYPE, &hf_xauth_type, IKE_REG_XAUTH_TYPE},
    {MODECFG_DRAFT_02_XAUTH_USER_NAME, &hf_xauth_user, UNNAMED},
    {MODECFG_DRAFT_02_XAUTH_USER_PASSWORD, &hf_xauth_password, UNNAMED},
    {MODECFG_DRAFT_02_XAUTH_PASSCODE, &hf_xauth_passcode, UNNAMED},
    {MODECFG_DRAFT_02_XAUTH_MESSAGE, &hf_xauth_message, UNNAMED},
    {MODECFG_DRAFT_02_XAUTH_CHALLENGE, &hf_xauth_challenge, UNNAMED},
    {MODECFG_DRAFT_02_XAUTH_DOMAIN, &hf_xauth_domain, UNNAMED},
    {MODECFG_DRAFT_02_XAUTH_STATUS, &hf_xauth_status, IKE_REG_XAUTH_STATUS},
    {MODECFG_DRAFT_02_XAUTH_REQ_NUMBER, &hf_xauth_req_number, UNNAMED},
};

static const ikev1_value_row draft_01_values[] = {
    {MODECFG_DRAFT_01_XAUTH_TYPE, &hf_xauth_type, IKE_REG_XAUTH_TYPE},
    {MODECFG_DRAFT_01_XAUTH_USER_NAME, &hf_xauth_user, UNNAMED},
    {MODECFG_DRAFT_01_XAUTH_USER_PASSWORD, &hf_xauth_password, UNNAMED},
    {MODECFG_DRAFT_01_XAUTH_PASSCODE, &hf_xauth_passcode, UNNAMED},
    {MODECFG_DRAFT_01_XAUTH_MESSAGE, &hf_xauth_message, UNNAMED},
    {MODECFG_DRAFT_01_XAUTH_CHALLENGE, &hf_xauth_challenge, UNNAMED},
    {MODECFG_DRAFT_01_XAUTH_DOMAIN, &hf_xauth_domain, UNNAMED},
};

static void dissect_supported(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    static const ike_config_part parts[] = {{&hf_supported, 2}};

    ike_config_show_parts(pkt, value, tree, item, parts, array_length(parts), true);
}

static void dissect_today(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                          uint16_t type)
{
    static ike_attribute_fn *const subnets[] = {
        [MODECFG_INTERNAL_IP4_SUBNET] = ike_dissect_ip4_subnet,
        [MODECFG_SUPPORTED_ATTRIBUTES] = dissect_supported,
        [MODECFG_INTERNAL_IP6_SUBNET] = ike_dissect_ip6_subnet};

    if (type < array_length(subnets) && subnets[type])
        subnets[type](pkt, value, tree, item, type);
    else
        ikev1_show_value(pkt, value, tree, item, type, values, array_length(values));
}

static void dissect_draft_02(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type)
{
    if (type >= MODECFG_DRAFT_02_XAUTH_TYPE && type <= MODECFG_DRAFT_02_XAUTH_REQ_NUMBER)
        ikev1_show_value(pkt, value, tree, item, type, draft_02_values,
                         array_length(draft_02_values));
    else
        dissect_today(pkt, value, tree, item, type);
}

static void dissect_draft_01(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type)
{
    if (type >= MODECFG_DRAFT_01_XAUTH_TYPE && type <= MODECFG_DRAFT_01_XAUTH_DOMAIN)
        ikev1_show_value(pkt, value, tree, item, type, draft_01_values,
                         array_length(draft_01_values));
    else
        dissect_today(pkt, value, tree, item, type);
}

#define FAMILY(name_of, others)                                                                    \
    {                                                                                              \
        .label = "Config Attribute", .fields = &ike_config_fields, .name = name_of, .rows = rows,  \
        .count = array_length(rows), .base = &ike_config_attributes, .other = others,              \
        .empty_is_fine = true                                                                      \
    }

static const ike_attribute_family families[] = {
    [TODAY] = FAMILY(name_today, dissect_today),
    [DRAFT_02] = FAMILY(name_draft_02, dissect_draft_02),
    [DRAFT_01] = FAMILY(name_draft_01, dissect_draft_01),
};

/* XAUTH-STATUS, which says whether the user is let in. */
static void record_status(ike_packet *pkt, tvbuff_t *body, dialect spoken)
{
    uint32_t status = ike_attribute_number(
        body, FIXED, spoken == DRAFT_02 ? MODECFG_DRAFT_02_XAUTH_STATUS : MODECFG_XAUTH_STATUS,
        UINT32_MAX);

    if (status >= UINT16_MAX)
        return;
    pkt->msg->xauth_status = (uint16_t)(status + 1);
    ike_append_info_name(pkt, status ? "XAUTH OK" : "XAUTH failed");
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
    record_status(pkt, body, spoken);
    ike_record_config_attributes(pkt, body, FIXED);
    ike_dissect_attributes(pkt, body, FIXED, tree, &families[spoken]);
}

/* ---- registration --------------------------------------------------------------------------- */

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

static void register_check_point(void)
{
    static hf_register_info hf[] = {
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
        {&hf_supported,
         {"SUPPORTED ATTRIBUTES", "isakmp.cfg.attr.supported_attributes", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings_modecfg_attr_ext, 0, NULL, HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    register_xauth();
    register_check_point();
}
