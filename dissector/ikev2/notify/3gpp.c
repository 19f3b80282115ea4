/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data between a phone and an ePDG (TS 24.302 8.2.9) or an N3IWF (TS 24.502 9.3.1). */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/notification.h"
#include "dissector/ikev2/notify/3gpp_elements.h"
#include "dissector/ikev2/notify/notify.h"

#include <epan/dissectors/packet-e212.h>

enum { IMEI = 1, IMEISV = 2, SERVICE_CATEGORIES_SPARE = 0xe0, MCC_BYTES = 2 };

static int hf_address_ipv4 = -1;
static int hf_address_ipv6 = -1;
static int hf_backoff_length = -1;
static int hf_backoff_timer = -1;
static int hf_identity_length = -1;
static int hf_identity_type = -1;
static int hf_imei = -1;
static int hf_imeisv = -1;
static int hf_identity_unknown = -1;
static int hf_emergency_mcc = -1;
static int hf_emergency_length = -1;
static int hf_emergency_element_length = -1;
static int hf_emergency_flags = -1;
static int hf_emergency_spare = -1;
static int hf_emergency_mountain_rescue = -1;
static int hf_emergency_marine_guard = -1;
static int hf_emergency_fire_brigade = -1;
static int hf_emergency_ambulance = -1;
static int hf_emergency_police = -1;
static int hf_emergency_number = -1;
static int hf_nbifom_length = -1;
static int hf_nbifom = -1;
static int hf_pti = -1;
static int hf_tft_length = -1;
static int hf_n1_length = -1;
static int hf_pdu_session = -1;
static int hf_snssai_sst = -1;
static int hf_snssai_sd = -1;
static int hf_snssai_mapped_sst = -1;
static int hf_snssai_mapped_sd = -1;
static int hf_nas_ip4 = -1;
static int hf_nas_ip6 = -1;
static int hf_up_ip4 = -1;
static int hf_up_ip6 = -1;
static int hf_nas_tcp_port = -1;
static int hf_extension = -1;
static int ett_emergency = -1;
static int ett_emergency_number = -1;
static int ett_emergency_flags = -1;
static int ett_timer = -1;
static expert_field ei_identity = EI_INIT;

/* Address of the rejected connection; without one the APN was rejected. */
static void dissect_rejection(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    unsigned length = tvb_reported_length(data);

    if (length == 4)
        proto_tree_add_item(tree, hf_address_ipv4, data, 0, 4, ENC_BIG_ENDIAN);
    else if (ike_notify_expect(pkt, data, item, 16, 17))
        proto_tree_add_item(tree, hf_address_ipv6, data, 0, 16, ENC_NA);
}

/* The value of GPRS timer 3 (TS 24.008 10.5.7.4a) in words. */
static const char *timer_text(wmem_allocator_t *scope, uint8_t byte)
{
    static const uint32_t seconds[] = {600, 3600, 36000, 2, 30, 60, 1152000};
    unsigned unit = byte >> 5;

    if (unit == 7)
        return "deactivated";
    if (!(byte & 0x1f))
        return "0 seconds";
    return unsigned_time_secs_to_str(scope, seconds[unit] * (byte & 0x1f));
}

/* The timer is an element of GSM, whose dissector has fields for it. */
static void add_gsm_fields(tvbuff_t *data, proto_item *item)
{
    static const char *const names[] = {"gsm_a.gm.gmm.gprs_timer3_unit",
                                        "gsm_a.gm.gmm.gprs_timer3_value"};
    proto_tree *tree = proto_item_add_subtree(item, ett_timer);
    int hf_timer3 = proto_registrar_get_id_byname("gsm_a.gm.gmm.gprs_timer3");

    if (hf_timer3 > 0)
        proto_item_set_hidden(proto_tree_add_item(tree, hf_timer3, data, 1, 1, ENC_NA));
    for (unsigned i = 0; i < array_length(names); i++) {
        int hf = proto_registrar_get_id_byname(names[i]);
        if (hf > 0)
            proto_tree_add_item(tree, hf, data, 1, 1, ENC_NA);
    }
}

static void dissect_backoff(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item _U_,
                            uint16_t type _U_)
{
    if (!ike_3gpp_value(pkt, data, tree, hf_backoff_length))
        return;
    uint8_t timer = tvb_get_uint8(data, 1);
    proto_item *shown =
        proto_tree_add_uint_format_value(tree, hf_backoff_timer, data, 1, 1, timer, "%s (0x%02x)",
                                         timer_text(pkt->pinfo->pool, timer), timer);
    add_gsm_fields(data, shown);
}

static void dissect_device_identity(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                    proto_item *item, uint16_t notify _U_)
{
    if (!ike_notify_expect(pkt, data, item, 3, UINT_MAX))
        return;
    unsigned length = tvb_get_ntohs(data, 0);
    proto_item *shown = proto_tree_add_item(tree, hf_identity_length, data, 0, 2, ENC_BIG_ENDIAN);
    if (length != ike_left(data, 2))
        expert_add_info_format(pkt->pinfo, shown, &ei_ike_3gpp_length,
                               "Length %u, but %u bytes follow", length, ike_left(data, 2));
    uint8_t type = tvb_get_uint8(data, 2) & 3;
    shown = proto_tree_add_item(tree, hf_identity_type, data, 2, 1, ENC_NA);
    unsigned bytes = ike_left(data, 3);
    if (!bytes)
        return; /* a request for the identity */
    if (type == IMEI || type == IMEISV) {
        proto_tree_add_item(tree, type == IMEI ? hf_imei : hf_imeisv, data, 3, bytes,
                            ENC_BCD_DIGITS_0_9 | ENC_LITTLE_ENDIAN);
        return;
    }
    ike_add_rest(tree, hf_identity_unknown, data, 3, ENC_NA);
    expert_add_info(pkt->pinfo, shown, &ei_identity);
}

/* Whether a list of emergency numbers (TS 24.008 10.5.3.13) begins at `offset` and ends with the
 * data: a length, then elements of a length, a category and digits. */
static bool is_emergency_list(tvbuff_t *data, unsigned offset)
{
    unsigned left = ike_left(data, offset);

    if (left < 1 || tvb_get_uint8(data, offset) != left - 1)
        return false;
    for (offset++; ike_left(data, offset); offset += 1u + tvb_get_uint8(data, offset))
        if (!tvb_get_uint8(data, offset) ||
            tvb_get_uint8(data, offset) > ike_left(data, offset + 1))
            return false;
    return true;
}

static void dissect_emergency_number(ike_packet *pkt, tvbuff_t *element, proto_tree *tree)
{
    static int *const flags[] = {&hf_emergency_spare,
                                 &hf_emergency_mountain_rescue,
                                 &hf_emergency_marine_guard,
                                 &hf_emergency_fire_brigade,
                                 &hf_emergency_ambulance,
                                 &hf_emergency_police,
                                 NULL};
    unsigned length = tvb_reported_length(element);
    proto_item *item;
    proto_tree *sub = proto_tree_add_subtree(tree, element, 0, length, ett_emergency_number, &item,
                                             "Emergency Number");

    proto_tree_add_item(sub, hf_emergency_element_length, element, 0, 1, ENC_NA);
    if (length > 1)
        proto_tree_add_bitmask(sub, element, 1, hf_emergency_flags, ett_emergency_flags, flags,
                               ENC_BIG_ENDIAN);
    if (length > 2) {
        char *digits = NULL;
        proto_tree_add_item_ret_display_string(sub, hf_emergency_number, element, 2, length - 2,
                                               ENC_BCD_DIGITS_0_9 | ENC_LITTLE_ENDIAN,
                                               pkt->pinfo->pool, &digits);
        proto_item_append_text(item, ": %s", digits ? digits : "");
    }
}

/* The list; later releases have the country of the numbers in front of it. */
static void dissect_emergency_numbers(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                      proto_item *item _U_, uint16_t type _U_)
{
    bool with_mcc = !is_emergency_list(data, 0) && is_emergency_list(data, MCC_BYTES);
    unsigned offset = with_mcc ? MCC_BYTES : 0;
    proto_tree *sub =
        proto_tree_add_subtree(tree, data, 0, -1, ett_emergency, NULL, "Emergency Call Numbers");

    if (with_mcc)
        proto_tree_add_item(sub, hf_emergency_mcc, data, 0, MCC_BYTES,
                            ENC_BCD_DIGITS_0_9 | ENC_LITTLE_ENDIAN);
    unsigned length = tvb_get_uint8(data, offset);
    proto_item *shown = proto_tree_add_item(sub, hf_emergency_length, data, offset, 1, ENC_NA);
    offset++;
    if (length != ike_left(data, offset))
        expert_add_info_format(pkt->pinfo, shown, &ei_ike_3gpp_length,
                               "Length %u, but %u bytes follow", length, ike_left(data, offset));
    while (ike_left(data, offset)) {
        unsigned element = 1u + tvb_get_uint8(data, offset);
        if (element > ike_left(data, offset)) {
            expert_add_info_format(pkt->pinfo, shown, &ei_ike_3gpp_length,
                                   "Emergency number of %u bytes, but %u are left", element,
                                   ike_left(data, offset));
            return;
        }
        dissect_emergency_number(pkt, tvb_new_subset_length(data, offset, element), sub);
        offset += element;
    }
}

static void dissect_nbifom(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item _U_,
                           uint16_t type _U_)
{
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_nbifom_length);

    if (value)
        ike_add_rest(tree, hf_nbifom, value, 0, ENC_NA);
}

static void dissect_pti(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                        uint16_t type _U_)
{
    if (tvb_reported_length(data) == 1)
        proto_tree_add_item(tree, hf_pti, data, 0, 1, ENC_NA);
    else if (ike_notify_expect(pkt, data, item, 2, 2) &&
             ike_3gpp_value(pkt, data, tree, hf_n1_length))
        proto_tree_add_item(tree, hf_pti, data, 1, 1, ENC_NA);
}

static void dissect_tft(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                        uint16_t type _U_)
{
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_tft_length);

    if (value)
        ike_3gpp_dissect_tft(pkt, value, tree, item);
}

static void dissect_n1_capability(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                  proto_item *item _U_, uint16_t type _U_)
{
    if (ike_3gpp_value(pkt, data, tree, hf_n1_length))
        proto_tree_add_item(tree, hf_pdu_session, data, 1, 1, ENC_NA);
}

/* The value of an S-NSSAI (TS 24.501 9.11.2.8): its length determines which parts it has. */
static void dissect_n1_information(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                   proto_item *item, uint16_t type _U_)
{
    static const ike_value_row full = {
        .fields = {&hf_snssai_sst, &hf_snssai_sd, &hf_snssai_mapped_sst, &hf_snssai_mapped_sd},
        .optional = 3};
    static const ike_value_row mapped = {.fields = {&hf_snssai_sst, &hf_snssai_mapped_sst}};
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_n1_length);

    if (value)
        ike_notify_add_value(pkt, value, tree, item,
                             tvb_reported_length(value) == 2 ? &mapped : &full);
}

/* The network that the slice belongs to; with a length byte or without. */
static void dissect_plmn(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                         uint16_t type _U_)
{
    tvbuff_t *value = data;

    if (tvb_reported_length(data) > 3)
        value = ike_3gpp_value(pkt, data, tree, hf_n1_length);
    if (value && ike_notify_expect(pkt, value, item, 3, 3))
        dissect_e212_mcc_mnc(value, pkt->pinfo, tree, 0, E212_NONE, TRUE);
}

static const ike_value_row rows[] = {
    {IKEV2_NOTIFY_3GPP_PDN_CONNECTION_REJECTION, .dissect = dissect_rejection},
    {IKEV2_NOTIFY_3GPP_BACKOFF_TIMER, .dissect = dissect_backoff},
    {IKEV2_NOTIFY_3GPP_DEVICE_IDENTITY, .dissect = dissect_device_identity},
    {IKEV2_NOTIFY_3GPP_EMERGENCY_CALL_NUMBERS, .dissect = dissect_emergency_numbers},
    {IKEV2_NOTIFY_3GPP_NBIFOM_GENERIC_CONTAINER, .dissect = dissect_nbifom},
    {IKEV2_NOTIFY_3GPP_PTI, .dissect = dissect_pti},
    {IKEV2_NOTIFY_3GPP_EPS_QOS, .dissect = ike_3gpp_dissect_eps_qos},
    {IKEV2_NOTIFY_3GPP_EXTENDED_EPS_QOS, .dissect = ike_3gpp_dissect_extended_eps_qos},
    {IKEV2_NOTIFY_3GPP_TFT, .dissect = dissect_tft},
    {IKEV2_NOTIFY_3GPP_APN_AMBR, .dissect = ike_3gpp_dissect_apn_ambr},
    {IKEV2_NOTIFY_3GPP_EXTENDED_APN_AMBR, .dissect = ike_3gpp_dissect_extended_apn_ambr},
    {IKEV2_NOTIFY_3GPP_N1_MODE_CAPABILITY, .dissect = dissect_n1_capability},
    {IKEV2_NOTIFY_3GPP_N1_MODE_INFORMATION, .dissect = dissect_n1_information},
    {IKEV2_NOTIFY_3GPP_N1_MODE_S_NSSAI_PLMN_ID, .dissect = dissect_plmn},
    {IKEV2_NOTIFY_3GPP_5G_QOS_INFO, .dissect = ike_3gpp_dissect_5g_qos_info},
    {IKEV2_NOTIFY_3GPP_NAS_IP4_ADDRESS, .fields = {&hf_nas_ip4}},
    {IKEV2_NOTIFY_3GPP_NAS_IP6_ADDRESS, .fields = {&hf_nas_ip6}},
    {IKEV2_NOTIFY_3GPP_UP_IP4_ADDRESS, .fields = {&hf_up_ip4}},
    {IKEV2_NOTIFY_3GPP_UP_IP6_ADDRESS, .fields = {&hf_up_ip6}},
    {IKEV2_NOTIFY_3GPP_NAS_TCP_PORT, .fields = {&hf_nas_tcp_port}},
    {IKEV2_NOTIFY_3GPP_N3GPP_BACKOFF_TIMER, .dissect = dissect_backoff},
    {IKEV2_NOTIFY_3GPP_UP_SA_INFO, .fields = {&hf_extension}},
};

void ikev2_register_notify_3gpp(void)
{
#define P "isakmp.notify.priv.3gpp."
    static hf_register_info hf[] = {
        {&hf_address_ipv4,
         {"Rejected address", P "rejected_ipv4", FT_IPv4, BASE_NONE, NULL, 0,
          "IPv4 address of the rejected PDN connection (TS 24.302)", HFILL}},
        {&hf_address_ipv6,
         {"Rejected address", P "rejected_ipv6", FT_IPv6, BASE_NONE, NULL, 0,
          "IPv6 address of the rejected PDN connection (TS 24.302)", HFILL}},
        {&hf_backoff_length,
         {"Length", P "backoff_timer_len", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_backoff_timer,
         {"Back-off timer", P "backoff_timer", FT_UINT8, BASE_HEX, NULL, 0,
          "How long to leave the APN alone", HFILL}},
        {&hf_identity_length,
         {"Identity Length", P "device_identity_len", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_identity_type,
         {"Identity Type", P "device_identity_type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_3GPP_DEVICE_IDENTITY], 0x03, NULL, HFILL}},
        {&hf_imei, {"IMEI", P "device_identity_imei", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_imeisv,
         {"IMEISV", P "device_identity_imeisv", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_identity_unknown,
         {"Identity", P "device_identity_other", FT_BYTES, BASE_NONE, NULL, 0,
          "Device identity of unknown type", HFILL}},
        {&hf_emergency_mcc,
         {"MCC", P "emergency_call_mcc", FT_STRING, BASE_NONE, NULL, 0,
          "Mobile country code of the country that the numbers are good for", HFILL}},
        {&hf_emergency_length,
         {"Total Length", P "emergency_call_numbers_len", FT_UINT8, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_emergency_element_length,
         {"Length", P "emergency_call_numbers_element_len", FT_UINT8, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_emergency_flags,
         {"Service Category Value", P "emergency_call_numbers_flags", FT_UINT8, BASE_HEX, NULL, 0,
          NULL, HFILL}},
        {&hf_emergency_spare,
         {"Spare", P "emergency_call_numbers_spare", FT_UINT8, BASE_DEC, NULL,
          SERVICE_CATEGORIES_SPARE, NULL, HFILL}},
        {&hf_emergency_mountain_rescue,
         {"Mountain Rescue", P "emergency_call_numbers_flag_b5_mountain_rescue", FT_UINT8, BASE_DEC,
          NULL, 0x10, NULL, HFILL}},
        {&hf_emergency_marine_guard,
         {"Marine Guard", P "emergency_call_numbers_b4_marine_guard", FT_UINT8, BASE_DEC, NULL,
          0x08, NULL, HFILL}},
        {&hf_emergency_fire_brigade,
         {"Fire Brigade", P "emergency_call_numbers_flag_b3_fire_brigade", FT_UINT8, BASE_DEC, NULL,
          0x04, NULL, HFILL}},
        {&hf_emergency_ambulance,
         {"Ambulance", P "emergency_call_numbers_flag_b2_ambulance", FT_UINT8, BASE_DEC, NULL, 0x02,
          NULL, HFILL}},
        {&hf_emergency_police,
         {"Police", P "emergency_call_numbers_flag_b1_police", FT_UINT8, BASE_DEC, NULL, 0x01, NULL,
          HFILL}},
        {&hf_emergency_number,
         {"Emergency Number", P "emergency_call_number", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_nbifom_length,
         {"Length", P "nbifom_len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the NBIFOM container in bytes", HFILL}},
        {&hf_nbifom,
         {"NBIFOM container", P "nbifom", FT_BYTES, BASE_NONE, NULL, 0,
          "Network-based IP flow mobility (TS 24.161)", HFILL}},
        {&hf_pti,
         {"Procedure transaction identity", P "pti", FT_UINT8, BASE_DEC, NULL, 0,
          "Procedure transaction identity (TS 24.007)", HFILL}},
        {&hf_tft_length,
         {"Length", P "tft_len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the traffic flow template in bytes", HFILL}},
        {&hf_n1_length,
         {"Length", P "len", FT_UINT8, BASE_DEC, NULL, 0, "Length of the value in bytes", HFILL}},
        {&hf_pdu_session,
         {"PDU session ID", P "pdu_session_id", FT_UINT8, BASE_DEC, NULL, 0,
          "PDU session of the Child SA (TS 24.502)", HFILL}},
        {&hf_snssai_sst,
         {"Slice/service type", P "s_nssai.sst", FT_UINT8, BASE_DEC, NULL, 0,
          "SST of the network slice (TS 24.501 9.11.2.8)", HFILL}},
        {&hf_snssai_sd,
         {"Slice differentiator", P "s_nssai.sd", FT_UINT24, BASE_HEX, NULL, 0,
          "SD of the network slice (TS 24.501 9.11.2.8)", HFILL}},
        {&hf_snssai_mapped_sst,
         {"Mapped HPLMN slice/service type", P "s_nssai.mapped_sst", FT_UINT8, BASE_DEC, NULL, 0,
          "SST in the subscriber's home network (TS 24.501 9.11.2.8)", HFILL}},
        {&hf_snssai_mapped_sd,
         {"Mapped HPLMN slice differentiator", P "s_nssai.mapped_sd", FT_UINT24, BASE_HEX, NULL, 0,
          "SD in the subscriber's home network (TS 24.501 9.11.2.8)", HFILL}},
        {&hf_nas_ip4,
         {"NAS IPv4 address", P "nas_ip4_address", FT_IPv4, BASE_NONE, NULL, 0,
          "Where the N3IWF takes NAS over TCP", HFILL}},
        {&hf_nas_ip6,
         {"NAS IPv6 address", P "nas_ip6_address", FT_IPv6, BASE_NONE, NULL, 0,
          "Where the N3IWF takes NAS over TCP", HFILL}},
        {&hf_up_ip4,
         {"User plane IPv4 address", P "up_ip4_address", FT_IPv4, BASE_NONE, NULL, 0,
          "Where the N3IWF takes GRE", HFILL}},
        {&hf_up_ip6,
         {"User plane IPv6 address", P "up_ip6_address", FT_IPv6, BASE_NONE, NULL, 0,
          "Where the N3IWF takes GRE", HFILL}},
        {&hf_nas_tcp_port,
         {"NAS TCP port", P "nas_tcp_port", FT_UINT16, BASE_DEC, NULL, 0,
          "TCP port of the N3IWF for NAS messages (TS 24.502)", HFILL}},
        {&hf_extension,
         {"Extension", P "extension", FT_BYTES, BASE_NONE, NULL, 0,
          "Bytes that a later release may define", HFILL}},
    };
    static int *ett[] = {&ett_emergency, &ett_emergency_number, &ett_emergency_flags, &ett_timer};
    static ei_register_info ei[] = {
        {&ei_identity,
         {P "unknown_device_identity", PI_PROTOCOL, PI_WARN, "Unknown device identity type",
          EXPFILL}},
    };
#undef P

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ikev2_notify_add_private(IKE_VENDOR_3GPP, rows, array_length(rows));
}
