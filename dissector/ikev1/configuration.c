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

#define UNNAMED IKE_REG_COUNT

enum { FIXED = 4 };
enum { XAUTH_STATUS = 16527 };

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

/* ---- the attributes ------------------------------------------------------------------------- */

static const ike_attribute_row rows[] = {
    {16388, &hf_chkpt_mac, NULL},
};

/* Numbers and texts. */
static const ikev1_value_row values[] = {
    {5, &hf_ike_config_expiry, UNNAMED},
    {7, &hf_ike_config_version, UNNAMED},
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
    {28672, &hf_ike_config_unity_banner, UNNAMED},
    {28673, &hf_ike_config_unity_save_password, UNNAMED},
    {28674, &hf_ike_config_unity_domain, UNNAMED},
    {28675, &hf_ike_config_unity_split_dns, UNNAMED},
    {28677, &hf_ike_config_unity_natt_port, UNNAMED},
    {28679, &hf_ike_config_unity_pfs, UNNAMED},
    {28680, &hf_ike_config_unity_firewall, UNNAMED},
    {28681, &hf_ike_config_unity_backup, UNNAMED},
    {28682, &hf_ike_config_unity_ddns, UNNAMED},
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
        [13] = ike_dissect_ip4_subnet, [14] = dissect_supported, [15] = ike_dissect_ip6_subnet};

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
    uint32_t status =
        ike_attribute_number(body, FIXED, spoken == DRAFT_02 ? 20 : XAUTH_STATUS, UINT32_MAX);

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
