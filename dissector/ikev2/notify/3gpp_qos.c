/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quality of service in 3GPP's notify data: EPS QoS and APN-AMBR as in TS 24.301 9.9.4, 5G QoS as
 * in TS 24.502 9.3.1.1. Bit rates are coded in bytes of uneven steps; they are shown in kbps. */
#include "dissector/ikev2/notify/3gpp_elements.h"

#include "dissector/base/items.h"
#include "dissector/common/notification.h"

static int hf_length = -1;
static int hf_qci = -1;
static int hf_max_up = -1;
static int hf_max_down = -1;
static int hf_guaranteed_up = -1;
static int hf_guaranteed_down = -1;
static int hf_ambr_down = -1;
static int hf_ambr_up = -1;
static int hf_pdu_session = -1;
static int hf_qfi_count = -1;
static int hf_qfi = -1;
static int hf_flags = -1;
static int hf_flag_additional = -1;
static int hf_flag_default = -1;
static int hf_flag_dscp = -1;
static int hf_dscp = -1;
static int hf_parameters = -1;
static int hf_parameter = -1;
static int hf_parameter_id = -1;
static int hf_parameter_length = -1;
static int hf_parameter_rate = -1;
static int hf_parameter_loss = -1;
static int hf_resource_type = -1;
static int hf_priority = -1;
static int hf_delay = -1;
static int hf_error_rate = -1;
static int hf_window = -1;
static int hf_burst = -1;
static int hf_value = -1;
static int ett_flags = -1;
static int ett_parameter = -1;
static expert_field ei_parameter = EI_INIT;

static const value_string parameter_names[] = {{1, "QoS characteristics"},
                                               {2, "Maximum flow bit rate downlink"},
                                               {3, "Maximum flow bit rate uplink"},
                                               {4, "Guaranteed flow bit rate downlink"},
                                               {5, "Guaranteed flow bit rate uplink"},
                                               {6, "Notification control"},
                                               {7, "Maximum packet loss rate downlink"},
                                               {8, "Maximum packet loss rate uplink"},
                                               {0, NULL}};

static const value_string resource_types[] = {
    {0, "GBR"}, {1, "Delay-critical GBR"}, {2, "Non-GBR"}, {0, NULL}};

/* TS 24.301 9.9.4.3: the first byte of a rate. */
static uint64_t base_kbps(uint8_t code)
{
    if (code == 255)
        return 0;
    if (code < 64)
        return code;
    return code < 128 ? 64u + (code - 64u) * 8u : 576u + (code - 128u) * 64u;
}

/* The extended byte, which replaces the first one unless it is zero. */
static uint64_t extended_kbps(uint8_t code)
{
    if (code <= 74)
        return 8600u + code * 100u;
    if (code <= 186)
        return (16u + (code - 74u)) * 1000u;
    return (128u + ((code > 250 ? 250u : code) - 186u) * 2u) * 1000u;
}

/* The extended-2 byte of EPS QoS, which replaces both unless it is zero. */
static uint64_t extended2_kbps(uint8_t code)
{
    if (code <= 61)
        return (256u + code * 4u) * 1000u;
    if (code <= 161)
        return (500u + (code - 61u) * 10u) * 1000u;
    return (1500u + ((code > 246 ? 246u : code) - 161u) * 100u) * 1000u;
}

/* The rate in the columns `at` of rows of `columns` bytes: base, extended, extended-2. */
static uint64_t rate_of(tvbuff_t *value, unsigned at, unsigned columns, bool ambr)
{
    uint64_t rate = base_kbps(tvb_get_uint8(value, at));
    uint8_t more;

    if (ike_left(value, at + columns) && (more = tvb_get_uint8(value, at + columns)) != 0)
        rate = extended_kbps(more);
    if (ike_left(value, at + 2 * columns) && (more = tvb_get_uint8(value, at + 2 * columns)) != 0)
        rate = ambr ? rate + (more == 255 ? 0 : more * UINT64_C(256000)) : extended2_kbps(more);
    return rate;
}

static void add_rate(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
                     uint64_t kbps)
{
    proto_tree_add_uint64_format_value(tree, hf, tvb, offset, length, kbps, "%" PRIu64 " kbps",
                                       kbps);
}

void ike_3gpp_dissect_eps_qos(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                              uint16_t type _U_)
{
    enum { RATES = 4 };
    const int rates[RATES] = {hf_max_up, hf_max_down, hf_guaranteed_up, hf_guaranteed_down};
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_length);

    if (!value)
        return;
    proto_tree_add_item(tree, hf_qci, value, 0, 1, ENC_NA);
    if (!ike_left(value, 1) || !ike_notify_expect(pkt, value, item, 1 + RATES, 1 + 3 * RATES))
        return;
    for (unsigned i = 0; i < RATES; i++)
        add_rate(tree, rates[i], value, 1 + i, 1, rate_of(value, 1 + i, RATES, false));
}

void ike_3gpp_dissect_apn_ambr(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    enum { RATES = 2 };
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_length);

    if (!value || !ike_notify_expect(pkt, value, item, RATES, 3 * RATES))
        return;
    add_rate(tree, hf_ambr_down, value, 0, 1, rate_of(value, 0, RATES, true));
    add_rate(tree, hf_ambr_up, value, 1, 1, rate_of(value, 1, RATES, true));
}

/* Units go up in powers of four, and from 256 to the next prefix; `steps` counts from one kbps. */
static uint64_t unit_kbps(unsigned steps)
{
    uint64_t unit = 1;

    for (; steps >= 5; steps -= 5)
        unit *= 1000;
    return unit << 2 * steps;
}

/* TS 24.301 9.9.4.29 and 9.9.4.30: unit 3 is 4 Mbps, 21 the last; 1 (200 kbps) and 2 (1 Mbps) are
 * of EPS QoS only. */
static uint64_t extended_unit_kbps(uint8_t unit, unsigned least)
{
    unsigned code = unit < least ? least : unit > 21 ? 21 : unit;

    return code == 1 ? 200 : unit_kbps(code + 3);
}

void ike_3gpp_dissect_extended_eps_qos(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                       proto_item *item, uint16_t type _U_)
{
    const int rates[] = {hf_max_up, hf_max_down, hf_guaranteed_up, hf_guaranteed_down};
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_length);

    if (!value || !ike_notify_expect(pkt, value, item, 10, 10))
        return;
    /* Two groups: a unit, uplink, downlink. */
    for (unsigned i = 0; i < 4; i++) {
        unsigned group = i / 2 * 5, at = group + 1 + i % 2 * 2;
        add_rate(tree, rates[i], value, at, 2,
                 tvb_get_ntohs(value, at) * extended_unit_kbps(tvb_get_uint8(value, group), 1));
    }
}

void ike_3gpp_dissect_extended_apn_ambr(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                        proto_item *item, uint16_t type _U_)
{
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_length);

    if (!value || !ike_notify_expect(pkt, value, item, 6, 6))
        return;
    for (unsigned at = 0; at < 6; at += 3)
        add_rate(tree, at ? hf_ambr_up : hf_ambr_down, value, at, 3,
                 tvb_get_ntohs(value, at + 1) * extended_unit_kbps(tvb_get_uint8(value, at), 3));
}

/* TS 24.502 table 9.3.1.1-2: unit 1 is 1 kbps, 25 is 256 Pbps, as is all above. */
static void dissect_flow_rate(tvbuff_t *value, proto_tree *tree)
{
    uint8_t unit = tvb_get_uint8(value, 0);

    if (!unit)
        ike_add_rest(tree, hf_value, value, 0, ENC_NA);
    else
        add_rate(tree, hf_parameter_rate, value, 0, 3,
                 tvb_get_ntohs(value, 1) * unit_kbps((unit > 25 ? 25u : unit) - 1u));
}

/* A GBR flow has a window, a delay-critical one a burst volume as well. */
static const ike_value_row characteristics = {
    .fields = {&hf_resource_type, &hf_priority, &hf_delay, &hf_error_rate, &hf_window, &hf_burst},
    .optional = 2};

static void dissect_parameter(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, hf_parameter, tvb, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_parameter);
    uint8_t id = tvb_get_uint8(tvb, 0);
    unsigned length = ike_left(tvb, 2);

    proto_item_append_text(item, ": %s", val_to_str_const(id, parameter_names, "Unknown"));
    proto_tree_add_item(sub, hf_parameter_id, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(sub, hf_parameter_length, tvb, 1, 1, ENC_NA);
    if (!length)
        return;
    tvbuff_t *value = tvb_new_subset_remaining(tvb, 2);
    if (id == 1)
        ike_notify_add_value(pkt, value, sub, item, &characteristics);
    else if (id >= 2 && id <= 5 && length == 3)
        dissect_flow_rate(value, sub);
    else if ((id == 7 || id == 8) && length == 2)
        proto_tree_add_item(sub, hf_parameter_loss, value, 0, 2, ENC_BIG_ENDIAN);
    else
        ike_add_rest(sub, hf_value, value, 0, ENC_NA);
}

static void dissect_parameters(ike_packet *pkt, tvbuff_t *value, unsigned offset, proto_tree *tree)
{
    unsigned count = tvb_get_uint8(value, offset);
    proto_item *item = proto_tree_add_item(tree, hf_parameters, value, offset, 1, ENC_NA);

    offset++;
    while (count--) {
        unsigned length =
            ike_left(value, offset) >= 2 ? 2u + tvb_get_uint8(value, offset + 1) : UINT_MAX;
        if (length > ike_left(value, offset)) {
            expert_add_info(pkt->pinfo, item, &ei_parameter);
            return;
        }
        dissect_parameter(pkt, tvb_new_subset_length(value, offset, length), tree);
        offset += length;
    }
    ike_trailing(pkt, value, tree, offset);
}

/* PDU session, QFIs, flags, then the optional parts. */
void ike_3gpp_dissect_5g_qos_info(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                  proto_item *item, uint16_t type _U_)
{
    static int *const flags[] = {&hf_flag_additional, &hf_flag_default, &hf_flag_dscp, NULL};
    tvbuff_t *value = ike_3gpp_value(pkt, data, tree, hf_length);

    if (!value || !ike_notify_expect(pkt, value, item, 3, UINT_MAX))
        return;
    unsigned count = tvb_get_uint8(value, 1);
    proto_tree_add_item(tree, hf_pdu_session, value, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_qfi_count, value, 1, 1, ENC_NA);
    if (!ike_notify_expect(pkt, value, item, 3 + count, UINT_MAX))
        return;
    for (unsigned i = 0; i < count; i++)
        proto_tree_add_item(tree, hf_qfi, value, 2 + i, 1, ENC_NA);
    unsigned offset = 2 + count;
    uint8_t what = tvb_get_uint8(value, offset);
    proto_tree_add_bitmask(tree, value, offset, hf_flags, ett_flags, flags, ENC_BIG_ENDIAN);
    offset++;
    if (what & 1 && ike_left(value, offset))
        proto_tree_add_item(tree, hf_dscp, value, offset++, 1, ENC_NA);
    if (what & 4 && ike_left(value, offset))
        dissect_parameters(pkt, value, offset, tree);
    else
        ike_trailing(pkt, value, tree, offset);
}

void ike_3gpp_register_qos(void)
{
#define P "isakmp.notify.priv.3gpp."
    static hf_register_info hf[] = {
        {&hf_length,
         {"Length", P "qos_len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the QoS information in bytes", HFILL}},
        {&hf_qci,
         {"QCI", P "eps_qos.qci", FT_UINT8, BASE_DEC, NULL, 0,
          "QoS class identifier (TS 24.301 9.9.4.3)", HFILL}},
        {&hf_max_up,
         {"Maximum bit rate uplink", P "eps_qos.max_uplink", FT_UINT64, BASE_DEC, NULL, 0, "kbps",
          HFILL}},
        {&hf_max_down,
         {"Maximum bit rate downlink", P "eps_qos.max_downlink", FT_UINT64, BASE_DEC, NULL, 0,
          "kbps", HFILL}},
        {&hf_guaranteed_up,
         {"Guaranteed bit rate uplink", P "eps_qos.guaranteed_uplink", FT_UINT64, BASE_DEC, NULL, 0,
          "kbps", HFILL}},
        {&hf_guaranteed_down,
         {"Guaranteed bit rate downlink", P "eps_qos.guaranteed_downlink", FT_UINT64, BASE_DEC,
          NULL, 0, "kbps", HFILL}},
        {&hf_ambr_down,
         {"APN-AMBR downlink", P "apn_ambr.downlink", FT_UINT64, BASE_DEC, NULL, 0, "kbps", HFILL}},
        {&hf_ambr_up,
         {"APN-AMBR uplink", P "apn_ambr.uplink", FT_UINT64, BASE_DEC, NULL, 0, "kbps", HFILL}},
        {&hf_pdu_session,
         {"PDU session ID", P "pdu_session_id", FT_UINT8, BASE_DEC, NULL, 0,
          "PDU session of the Child SA (TS 24.502)", HFILL}},
        {&hf_qfi_count,
         {"Number of QFIs", P "5g_qos.qfi_count", FT_UINT8, BASE_DEC, NULL, 0,
          "Number of QoS flows of the Child SA (TS 24.502)", HFILL}},
        {&hf_qfi,
         {"QoS flow identifier", P "5g_qos.qfi", FT_UINT8, BASE_DEC, NULL, 0x3f,
          "QoS flow of the Child SA (TS 24.502)", HFILL}},
        {&hf_flags,
         {"Flags", P "5g_qos.flags", FT_UINT8, BASE_HEX, NULL, 0,
          "Flags of 5G_QOS_INFO (TS 24.502)", HFILL}},
        {&hf_flag_additional,
         {"Additional QoS information", P "5g_qos.additional", FT_BOOLEAN, 8,
          TFS(&tfs_present_not_present), 0x04,
          "Whether additional QoS information follows (TS 24.502)", HFILL}},
        {&hf_flag_default,
         {"Default Child SA", P "5g_qos.default", FT_BOOLEAN, 8, TFS(&tfs_yes_no), 0x02,
          "Whether traffic without a Child SA of its own uses this one", HFILL}},
        {&hf_flag_dscp,
         {"DSCP", P "5g_qos.has_dscp", FT_BOOLEAN, 8, TFS(&tfs_present_not_present), 0x01,
          "Whether a DSCP follows (TS 24.502)", HFILL}},
        {&hf_dscp,
         {"DSCP", P "5g_qos.dscp", FT_UINT8, BASE_DEC, NULL, 0x3f,
          "DSCP of the packets of the Child SA (TS 24.502)", HFILL}},
        {&hf_parameters,
         {"Number of parameters", P "5g_qos.parameter_count", FT_UINT8, BASE_DEC, NULL, 0,
          "Number of QoS parameters that follow (TS 24.502)", HFILL}},
        {&hf_parameter,
         {"QoS parameter", P "5g_qos.parameter", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_parameter_id,
         {"Parameter", P "5g_qos.parameter.id", FT_UINT8, BASE_DEC, VALS(parameter_names), 0,
          "Identifier of a QoS parameter (TS 24.502)", HFILL}},
        {&hf_parameter_length,
         {"Length", P "5g_qos.parameter.len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of a QoS parameter in bytes", HFILL}},
        {&hf_parameter_rate,
         {"Bit rate", P "5g_qos.parameter.rate", FT_UINT64, BASE_DEC, NULL, 0, "kbps", HFILL}},
        {&hf_parameter_loss,
         {"Packet loss rate", P "5g_qos.parameter.loss", FT_UINT16, BASE_DEC, NULL, 0,
          "Tenths of a percent", HFILL}},
        {&hf_resource_type,
         {"Resource type", P "5g_qos.resource_type", FT_UINT8, BASE_DEC, VALS(resource_types), 0,
          "Resource type of the QoS flow (TS 24.502)", HFILL}},
        {&hf_priority,
         {"Priority level", P "5g_qos.priority", FT_UINT8, BASE_DEC, NULL, 0,
          "Priority level of the QoS flow (TS 24.502)", HFILL}},
        {&hf_delay,
         {"Packet delay budget", P "5g_qos.delay_budget", FT_UINT16, BASE_DEC, NULL, 0,
          "Half milliseconds", HFILL}},
        {&hf_error_rate,
         {"Packet error rate", P "5g_qos.error_rate", FT_UINT16, BASE_HEX, NULL, 0,
          "One byte of factor, one of negative exponent", HFILL}},
        {&hf_window,
         {"Averaging window", P "5g_qos.averaging_window", FT_UINT16, BASE_DEC, NULL, 0,
          "Milliseconds", HFILL}},
        {&hf_burst,
         {"Maximum data burst volume", P "5g_qos.burst_volume", FT_UINT16, BASE_DEC, NULL, 0,
          "In bytes", HFILL}},
        {&hf_value,
         {"Value", P "5g_qos.parameter.value", FT_BYTES, BASE_NONE, NULL, 0,
          "Contents of an unknown QoS parameter", HFILL}},
    };
    static int *ett[] = {&ett_flags, &ett_parameter};
    static ei_register_info ei[] = {
        {&ei_parameter,
         {P "5g_qos.parameter.invalid", PI_MALFORMED, PI_ERROR,
          "Parameters exceed the notification data", EXPFILL}},
    };
#undef P

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
