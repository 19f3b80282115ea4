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
#include "dissector/ikev1/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/config_attributes.h"

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

/* ---- version of XAUTH ------------------------------------------------------------------------ */

/* XAUTH drafts 02 to 05 use numbers that mode config has for other attributes today, draft 01 free
 * ones. */
typedef enum { TODAY, DRAFT_02, DRAFT_01 } dialect;

/* XAUTH-TYPE of the drafts 02 to 05 has the AF bit, and the attribute of today with its number, an
 * IPv4 subnet, never; 16 to 21 are free today. */
static dialect dialect_of(tvbuff_t *body)
{
    unsigned offset = FIXED;
    uint16_t type;
    uint32_t number;

    while (ike_left(body, offset) >= 4) {
        bool tv = tvb_get_uint8(body, offset) & 0x80;

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

/* ---- the attributes ------------------------------------------------------------------------- */

static const ike_value_row rows[] = {
    {MODECFG_SUPPORTED_ATTRIBUTES, .fields = {&hf_supported}, .repeated = true},
    {MODECFG_XAUTH_TYPE, .fields = {&hf_xauth_type}, .registry = IKE_REG_XAUTH_TYPE},
    {MODECFG_XAUTH_USER_NAME, .fields = {&hf_xauth_user}},
    {MODECFG_XAUTH_USER_PASSWORD, .fields = {&hf_xauth_password}},
    {MODECFG_XAUTH_PASSCODE, .fields = {&hf_xauth_passcode}},
    {MODECFG_XAUTH_MESSAGE, .fields = {&hf_xauth_message}},
    {MODECFG_XAUTH_CHALLENGE, .fields = {&hf_xauth_challenge}},
    {MODECFG_XAUTH_DOMAIN, .fields = {&hf_xauth_domain}},
    {MODECFG_XAUTH_STATUS, .fields = {&hf_xauth_status}, .registry = IKE_REG_XAUTH_STATUS},
    {MODECFG_XAUTH_NEXT_PIN, .fields = {&hf_xauth_next_pin}},
    {MODECFG_XAUTH_ANSWER, .fields = {&hf_xauth_answer}},
    {MODECFG_CHKPT_DEF_DOMAIN, .fields = {&hf_chkpt_domain}},
    {MODECFG_CHKPT_MAC_ADDRESS, .fields = {&hf_chkpt_mac}},
    {MODECFG_CHKPT_MARCIPAN_REASON_CODE, .fields = {&hf_chkpt_reason}},
    {MODECFG_CHKPT_UNKNOWN1, .fields = {&hf_chkpt_unknown}},
    {MODECFG_CHKPT_UNKNOWN2, .fields = {&hf_chkpt_unknown}},
    {MODECFG_CHKPT_UNKNOWN3, .fields = {&hf_chkpt_unknown}},
};

static const ike_value_row draft_02_rows[] = {
    {MODECFG_DRAFT_02_XAUTH_TYPE, .fields = {&hf_xauth_type}, .registry = IKE_REG_XAUTH_TYPE},
    {MODECFG_DRAFT_02_XAUTH_USER_NAME, .fields = {&hf_xauth_user}},
    {MODECFG_DRAFT_02_XAUTH_USER_PASSWORD, .fields = {&hf_xauth_password}},
    {MODECFG_DRAFT_02_XAUTH_PASSCODE, .fields = {&hf_xauth_passcode}},
    {MODECFG_DRAFT_02_XAUTH_MESSAGE, .fields = {&hf_xauth_message}},
    {MODECFG_DRAFT_02_XAUTH_CHALLENGE, .fields = {&hf_xauth_challenge}},
    {MODECFG_DRAFT_02_XAUTH_DOMAIN, .fields = {&hf_xauth_domain}},
    {MODECFG_DRAFT_02_XAUTH_STATUS, .fields = {&hf_xauth_status}, .registry = IKE_REG_XAUTH_STATUS},
    {MODECFG_DRAFT_02_XAUTH_REQ_NUMBER, .fields = {&hf_xauth_req_number}},
};

static const ike_value_row draft_01_rows[] = {
    {MODECFG_DRAFT_01_XAUTH_TYPE, .fields = {&hf_xauth_type}, .registry = IKE_REG_XAUTH_TYPE},
    {MODECFG_DRAFT_01_XAUTH_USER_NAME, .fields = {&hf_xauth_user}},
    {MODECFG_DRAFT_01_XAUTH_USER_PASSWORD, .fields = {&hf_xauth_password}},
    {MODECFG_DRAFT_01_XAUTH_PASSCODE, .fields = {&hf_xauth_passcode}},
    {MODECFG_DRAFT_01_XAUTH_MESSAGE, .fields = {&hf_xauth_message}},
    {MODECFG_DRAFT_01_XAUTH_CHALLENGE, .fields = {&hf_xauth_challenge}},
    {MODECFG_DRAFT_01_XAUTH_DOMAIN, .fields = {&hf_xauth_domain}},
};

#define FAMILY(names, known, parent)                                                               \
    IKE_ATTRIBUTE_FAMILY("Config Attribute", &ike_config_fields, names, known, .base = parent,     \
                         .ei_length = &ei_ike_config_length, .empty_is_fine = true,                \
                         .numbers_of_any_length = true)

static const ike_attribute_family families[] = {
    [TODAY] = FAMILY(IKE_REG_MODECFG_ATTR, rows, &ike_config_attributes),
    [DRAFT_02] = FAMILY(IKE_REG_XAUTH_ATTR_DRAFT_02, draft_02_rows, &families[TODAY]),
    [DRAFT_01] = FAMILY(IKE_REG_XAUTH_ATTR_DRAFT_01, draft_01_rows, &families[TODAY]),
};

/* XAUTH-STATUS: whether the user is authenticated. */
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

/* XAUTH USER NAME: who the client is to the gateway's user database. */
static void record_user(ike_packet *pkt, tvbuff_t *body, dialect spoken)
{
    static const uint16_t types[] = {[TODAY] = MODECFG_XAUTH_USER_NAME,
                                     [DRAFT_02] = MODECFG_DRAFT_02_XAUTH_USER_NAME,
                                     [DRAFT_01] = MODECFG_DRAFT_01_XAUTH_USER_NAME};
    unsigned offset = FIXED;
    uint16_t type;
    ike_span value;

    while (ike_attribute_next_bytes(body, &offset, &type, &value))
        if (type == types[spoken] && value.length)
            pkt->msg->xauth_user = value;
}

void ikev1_dissect_config(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t payload _U_)
{
    uint8_t type = tvb_get_uint8(body, 0);
    dialect spoken = dialect_of(body);

    proto_tree_add_item(tree, hf_type, body, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 1, ENC_NA);
    proto_tree_add_item(tree, hf_identifier, body, 2, 2, ENC_BIG_ENDIAN);
    proto_item_append_text(
        item, " - %s", val_to_str_ext_const(type, &ike_strings[IKE_REG_MODECFG_TYPE], "unknown"));
    pkt->msg->config_type = type < UINT8_MAX ? (uint8_t)(type + 1) : UINT8_MAX;
    record_status(pkt, body, spoken);
    record_user(pkt, body, spoken);
    ike_record_config_attributes(pkt, body, FIXED);
    ike_dissect_attributes(pkt, body, FIXED, tree, &families[spoken]);
}

/* ---- registration --------------------------------------------------------------------------- */

void ikev1_register_config(void)
{
    static hf_register_info hf[] = {
        {&hf_type,
         {"Type", "isakmp.cfg.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_MODECFG_TYPE], 0, "Config Type", HFILL}},
        {&hf_identifier,
         {"Identifier", "isakmp.cfg.identifier", FT_UINT16, BASE_DEC, NULL, 0,
          "Ties requests and answers together", HFILL}},
        {&hf_supported,
         {"SUPPORTED ATTRIBUTES", "isakmp.cfg.attr.supported_attributes", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_MODECFG_ATTR], 0, NULL, HFILL}},
        {&hf_xauth_type,
         {"XAUTH TYPE", "isakmp.cfg.attr.xauth.type", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_XAUTH_TYPE], 0, "The kind of authentication that is requested",
          HFILL}},
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
          &ike_strings[IKE_REG_XAUTH_STATUS], 0, "Whether the user is let in", HFILL}},
        {&hf_xauth_next_pin,
         {"XAUTH NEXT PIN", "isakmp.cfg.attr.xauth.next_pin", FT_STRING, BASE_NONE, NULL, 0,
          "The user is to choose a new PIN", HFILL}},
        {&hf_xauth_answer,
         {"XAUTH ANSWER", "isakmp.cfg.attr.xauth.answer", FT_STRING, BASE_NONE, NULL, 0,
          "What the user entered", HFILL}},
        {&hf_xauth_req_number,
         {"XAUTH REQ NUMBER", "isakmp.cfg.attr.xauth.req_number", FT_UINT16, BASE_DEC, NULL, 0,
          "Number of the request, in drafts 03 and 04", HFILL}},
        {&hf_chkpt_domain,
         {"CHKPT DEF DOMAIN", "isakmp.cfg.attr.chkpt.def_domain", FT_STRING, BASE_NONE, NULL, 0,
          "Default domain of a Check Point client", HFILL}},
        {&hf_chkpt_mac,
         {"CHKPT MAC ADDRESS", "isakmp.cfg.attr.chkpt.mac_address", FT_ETHER, BASE_NONE, NULL, 0,
          "Hardware address of a Check Point client", HFILL}},
        {&hf_chkpt_reason,
         {"CHKPT MARCIPAN REASON CODE", "isakmp.cfg.attr.chkpt.marcipan_reason_code", FT_UINT32,
          BASE_DEC, NULL, 0, "Reason code of Check Point", HFILL}},
        {&hf_chkpt_unknown,
         {"CHKPT UNKNOWN", "isakmp.cfg.attr.chkpt.unknown", FT_BYTES, BASE_NONE, NULL, 0,
          "Check Point attribute of unknown meaning", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
