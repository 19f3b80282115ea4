/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic Selectors (RFC 7296 3.13):
 *
 *   +---------------+-----------------------------------------------+
 *   | Number of TSs |                   RESERVED                    |
 *   +---------------+---------------+-------------------------------+
 *   |   TS Type     |IP Protocol ID |       Selector Length         |
 *   +---------------+---------------+-------------------------------+
 *   |          Start Port           |           End Port            |
 *   |  Starting Address, then Ending Address                        |
 *   +---------------------------------------------------------------+
 */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "registry/names.h"

enum { FIXED = 4, SELECTOR_HEADER = 4 };

static int hf_count = -1;
static int hf_selector = -1;
static int hf_type = -1;
static int hf_protocol = -1;
static int hf_length = -1;
static int hf_start_port = -1;
static int hf_end_port = -1;
static int hf_start_ipv4 = -1;
static int hf_end_ipv4 = -1;
static int hf_start_ipv6 = -1;
static int hf_end_ipv6 = -1;
static int hf_start_fc = -1;
static int hf_end_fc = -1;
static int hf_start_r_ctl = -1;
static int hf_end_r_ctl = -1;
static int hf_start_type = -1;
static int hf_end_type = -1;
static int hf_label = -1;
static int hf_data = -1;
static int ett_selector = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_count = EI_INIT;
static expert_field ei_range = EI_INIT;
static expert_field ei_type = EI_INIT;

static void record_selector(ike_packet *pkt, uint8_t payload, const ike_selector *selector)
{
    ike_message *msg = pkt->msg;
    bool initiator = payload == IKEV2_PAYLOAD_TSI;
    uint8_t *count = initiator ? &msg->ts_initiator_count : &msg->ts_responder_count;

    if (*count < IKE_MAX_SELECTORS)
        (initiator ? msg->ts_initiator : msg->ts_responder)[(*count)++] = *selector;
}

/* An address range: `size` bytes each, `selector` from its own header on. */
static void dissect_range(ike_packet *pkt, tvbuff_t *selector, proto_tree *tree, proto_item *item,
                          uint8_t payload)
{
    uint8_t type = tvb_get_uint8(selector, 0);
    unsigned size = type == IKEV2_TS_IPV4_ADDR_RANGE ? 4 : 16;
    ike_selector range = {.type = type};

    if (tvb_reported_length(selector) != 8 + 2 * size) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        if (tvb_reported_length(selector) < 8 + 2 * size)
            return;
    }
    proto_tree_add_item(tree, hf_start_port, selector, 4, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_end_port, selector, 6, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, type == IKEV2_TS_IPV4_ADDR_RANGE ? hf_start_ipv4 : hf_start_ipv6,
                        selector, 8, size, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, type == IKEV2_TS_IPV4_ADDR_RANGE ? hf_end_ipv4 : hf_end_ipv6,
                        selector, 8 + size, size, ENC_BIG_ENDIAN);

    range.ip_protocol = tvb_get_uint8(selector, 1);
    range.start_port = tvb_get_ntohs(selector, 4);
    range.end_port = tvb_get_ntohs(selector, 6);
    tvb_memcpy(selector, range.start, 8, size);
    tvb_memcpy(selector, range.end, 8 + size, size);
    /* 65535 to 0 is OPAQUE (RFC 7296 3.13.1). */
    if (memcmp(range.start, range.end, size) > 0 ||
        (range.start_port > range.end_port && !(range.start_port == 65535 && range.end_port == 0)))
        expert_add_info(pkt->pinfo, item, &ei_range);
    record_selector(pkt, payload, &range);
}

/* Fibre Channel (RFC 4595 4.4):
 *
 *   +---------------+-----------------------------------------------+
 *   |   Reserved    |               Starting Address                |
 *   |   Reserved    |                Ending Address                 |
 *   | Starting R_CTL|  Ending R_CTL | Starting Type |  Ending Type  |
 *   +---------------+---------------+---------------+---------------+
 */
static void dissect_fc(ike_packet *pkt, tvbuff_t *selector, proto_tree *tree, proto_item *item)
{
    if (tvb_reported_length(selector) < 16) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    proto_tree_add_item(tree, hf_ike_reserved, selector, 4, 1, ENC_NA);
    proto_tree_add_item(tree, hf_start_fc, selector, 5, 3, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_ike_reserved, selector, 8, 1, ENC_NA);
    proto_tree_add_item(tree, hf_end_fc, selector, 9, 3, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_start_r_ctl, selector, 12, 1, ENC_NA);
    proto_tree_add_item(tree, hf_end_r_ctl, selector, 13, 1, ENC_NA);
    proto_tree_add_item(tree, hf_start_type, selector, 14, 1, ENC_NA);
    proto_tree_add_item(tree, hf_end_type, selector, 15, 1, ENC_NA);
}

static void record_label(ike_packet *pkt, tvbuff_t *selector, uint8_t payload)
{
    ike_selector label = {.type = IKEV2_TS_SECLABEL};

    tvb_memcpy(selector, label.label, SELECTOR_HEADER,
               MIN(ike_left(selector, SELECTOR_HEADER), sizeof label.label));
    record_selector(pkt, payload, &label);
}

static void dissect_by_type(ike_packet *pkt, tvbuff_t *selector, proto_tree *tree, proto_item *item,
                            uint8_t type, uint8_t payload)
{
    switch (type) {
    case IKEV2_TS_IPV4_ADDR_RANGE:
    case IKEV2_TS_IPV6_ADDR_RANGE:
        dissect_range(pkt, selector, tree, item, payload);
        break;
    case IKEV2_TS_FC_ADDR_RANGE:
        dissect_fc(pkt, selector, tree, item);
        break;
    case IKEV2_TS_SECLABEL: /* RFC 9478 2.1 */
        record_label(pkt, selector, payload);
        ike_add_rest(tree, hf_label, selector, SELECTOR_HEADER, ENC_UTF_8 | ENC_NA);
        break;
    default:
        expert_add_info(pkt->pinfo, item, &ei_type);
        if (ike_left(selector, SELECTOR_HEADER))
            ike_add_rest(tree, hf_data, selector, SELECTOR_HEADER, ENC_NA);
    }
}

unsigned ikev2_dissect_selector(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                                uint8_t payload)
{
    uint8_t type = tvb_get_uint8(body, offset);
    uint8_t protocol = tvb_get_uint8(body, offset + 1);
    unsigned length = tvb_get_ntohs(body, offset + 2);
    bool fits = length >= SELECTOR_HEADER && length <= ike_left(body, offset);
    unsigned shown = fits ? length : ike_left(body, offset);
    const char *name = ike_registry_name(IKE_REG_IKEV2_TS, type);

    proto_item *item = proto_tree_add_none_format(tree, hf_selector, body, offset, shown,
                                                  "Traffic Selector: %s", name ? name : "Unknown");
    proto_tree *sub = proto_item_add_subtree(item, ett_selector);
    proto_tree_add_item(sub, hf_type, body, offset, 1, ENC_NA);
    proto_tree_add_uint_format_value(sub, hf_protocol, body, offset + 1, 1, protocol, "%s",
                                     protocol ? ike_ip_protocol_name(pkt->pinfo, protocol)
                                              : "Unused");
    proto_item *length_item =
        proto_tree_add_item(sub, hf_length, body, offset + 2, 2, ENC_BIG_ENDIAN);
    if (!fits) {
        expert_add_info(pkt->pinfo, length_item, &ei_length);
        return 0;
    }
    dissect_by_type(pkt, tvb_new_subset_length(body, offset, length), sub, length_item, type,
                    payload);
    return length;
}

void ikev2_dissect_ts(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t payload)
{
    unsigned count = tvb_get_uint8(body, 0), found = 0, offset = FIXED;

    proto_item_append_text(item, " # %u", count);
    proto_item *count_item = proto_tree_add_item(tree, hf_count, body, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 3, ENC_NA);
    while (found < count && ike_left(body, offset) >= SELECTOR_HEADER) {
        unsigned length = ikev2_dissect_selector(pkt, body, offset, tree, payload);
        if (!length)
            return;
        offset += length;
        found++;
    }
    if (found < count)
        expert_add_info_format(pkt->pinfo, count_item, &ei_count,
                               "%u traffic selectors announced, %u present", count, found);
    ike_trailing(pkt, body, tree, offset);
}

void ikev2_register_ts(void)
{
    static hf_register_info hf[] = {
        {&hf_count,
         {"Number of Traffic Selectors", "isakmp.ts.number", FT_UINT8, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_selector,
         {"Traffic Selector", "isakmp.ts.data", FT_NONE, BASE_NONE, NULL, 0,
          "An individual traffic selector", HFILL}},
        {&hf_type,
         {"Traffic Selector Type", "isakmp.ts.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_TS], 0, NULL, HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.ts.protoid", FT_UINT8, BASE_DEC, NULL, 0,
          "IKEv2 Traffic Selector Protocol ID", HFILL}},
        {&hf_length,
         {"Selector Length", "isakmp.ts.selector_length", FT_UINT16, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_start_port,
         {"Start Port", "isakmp.ts.start_port", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_end_port,
         {"End Port", "isakmp.ts.end_port", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_start_ipv4,
         {"Starting Addr", "isakmp.ts.start_ipv4", FT_IPv4, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_end_ipv4,
         {"Ending Addr", "isakmp.ts.end_ipv4", FT_IPv4, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_start_ipv6,
         {"Starting Addr", "isakmp.ts.start_ipv6", FT_IPv6, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_end_ipv6,
         {"Ending Addr", "isakmp.ts.end_ipv6", FT_IPv6, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_start_fc,
         {"Starting Addr", "isakmp.ts.start_fc", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_end_fc,
         {"Ending Addr", "isakmp.ts.end_fc", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_start_r_ctl,
         {"Starting R_CTL", "isakmp.ts.start_r_ctl", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_end_r_ctl,
         {"Ending R_CTL", "isakmp.ts.end_r_ctl", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_start_type,
         {"Starting Type", "isakmp.ts.start_type", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_end_type,
         {"Ending Type", "isakmp.ts.end_type", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_label,
         {"Security label", "isakmp.ts.seclabel", FT_STRING, BASE_NONE, NULL, 0, "RFC 9478",
          HFILL}},
        {&hf_data,
         {"Selector data", "isakmp.ts.unknown", FT_BYTES, BASE_NONE, NULL, 0,
          "Contents of a traffic selector of unknown type", HFILL}},
    };
    static int *ett[] = {&ett_selector};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.ts.selector_length.invalid", PI_MALFORMED, PI_ERROR,
          "Invalid length of traffic selector for this type", EXPFILL}},
        {&ei_count,
         {"isakmp.ts.number.invalid", PI_MALFORMED, PI_ERROR,
          "Fewer traffic selectors than announced", EXPFILL}},
        {&ei_range,
         {"isakmp.ts.range.invalid", PI_PROTOCOL, PI_WARN, "The range ends before it starts",
          EXPFILL}},
        {&ei_type,
         {"isakmp.ts.type.unknown", PI_UNDECODED, PI_NOTE, "Unknown traffic selector type",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
