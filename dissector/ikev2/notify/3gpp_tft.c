/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic Flow Template (TS 24.008 10.5.6.12) in 3GPP's notify data: which packets take the bearer.
 *
 *   operation (3 bits), parameters follow (1 bit), number of packet filters (4 bits)
 *   packet filters: direction and identifier, precedence, length, components
 *   parameters: identifier, length, contents
 */
#include "dissector/ikev2/notify/3gpp_elements.h"

#include "dissector/base/items.h"

enum { CREATE = 1, DELETE = 2, ADD = 3, REPLACE = 4, DELETE_FILTERS = 5 };

static int hf_operation = -1;
static int hf_has_parameters = -1;
static int hf_count = -1;
static int hf_filter = -1;
static int hf_direction = -1;
static int hf_identifier = -1;
static int hf_precedence = -1;
static int hf_length = -1;
static int hf_component = -1;
static int hf_ipv4 = -1;
static int hf_ipv4_mask = -1;
static int hf_ipv6 = -1;
static int hf_ipv6_mask = -1;
static int hf_ipv6_prefix = -1;
static int hf_protocol = -1;
static int hf_port = -1;
static int hf_port_low = -1;
static int hf_port_high = -1;
static int hf_spi = -1;
static int hf_class = -1;
static int hf_class_mask = -1;
static int hf_flow_label = -1;
static int hf_parameter_id = -1;
static int hf_parameter_length = -1;
static int hf_parameter = -1;
static int ett_filter = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_component = EI_INIT;

static const value_string operations[] = {
    {0, "Ignore this element"},
    {CREATE, "Create new TFT"},
    {DELETE, "Delete existing TFT"},
    {ADD, "Add packet filters to existing TFT"},
    {REPLACE, "Replace packet filters in existing TFT"},
    {DELETE_FILTERS, "Delete packet filters from existing TFT"},
    {6, "No TFT operation"},
    {0, NULL}};

static const value_string directions[] = {
    {0, "As before release 7"}, {1, "Downlink only"}, {2, "Uplink only"}, {3, "Both"}, {0, NULL}};

static const value_string component_names[] = {{0x10, "IPv4 remote address"},
                                               {0x11, "IPv4 local address"},
                                               {0x20, "IPv6 remote address"},
                                               {0x21, "IPv6 remote address and prefix length"},
                                               {0x23, "IPv6 local address and prefix length"},
                                               {0x30, "Protocol or next header"},
                                               {0x40, "Local port"},
                                               {0x41, "Local port range"},
                                               {0x50, "Remote port"},
                                               {0x51, "Remote port range"},
                                               {0x60, "Security parameter index"},
                                               {0x70, "Type of service or traffic class"},
                                               {0x80, "Flow label"},
                                               {0, NULL}};

static const value_string parameter_names[] = {
    {1, "Authorization token"}, {2, "Flow identifier"}, {3, "Packet filter identifier"}, {0, NULL}};

/* The type of a component determines its length: one field or two. */
static const ike_value_row components[] = {
    {0x10, .fields = {&hf_ipv4, &hf_ipv4_mask}},
    {0x11, .fields = {&hf_ipv4, &hf_ipv4_mask}},
    {0x20, .fields = {&hf_ipv6, &hf_ipv6_mask}},
    {0x21, .fields = {&hf_ipv6, &hf_ipv6_prefix}},
    {0x23, .fields = {&hf_ipv6, &hf_ipv6_prefix}},
    {0x30, .fields = {&hf_protocol}},
    {0x40, .fields = {&hf_port}},
    {0x41, .fields = {&hf_port_low, &hf_port_high}},
    {0x50, .fields = {&hf_port}},
    {0x51, .fields = {&hf_port_low, &hf_port_high}},
    {0x60, .fields = {&hf_spi}},
    {0x70, .fields = {&hf_class, &hf_class_mask}},
    {0x80, .fields = {&hf_flow_label}},
};

/* Adds the component at `offset`; returns its length, 0 when it is unknown or truncated. */
static unsigned dissect_component(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree)
{
    uint8_t type = tvb_get_uint8(tvb, offset);

    for (unsigned i = 0; i < array_length(components); i++) {
        unsigned length, most;

        if (components[i].type != type)
            continue;
        ike_value_limits(&components[i], &length, &most);
        if (length > ike_left(tvb, offset + 1))
            return 0;
        proto_tree_add_item(tree, hf_component, tvb, offset, 1, ENC_NA);
        ike_add_fields(pkt, tree, tvb, offset + 1, components[i].fields, NULL);
        return 1 + length;
    }
    return 0;
}

static void dissect_filter(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    enum { FIXED = 3 };
    proto_item *item = proto_tree_add_item(tree, hf_filter, tvb, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_filter);
    unsigned offset = FIXED;

    proto_item_append_text(item, " %u", tvb_get_uint8(tvb, 0) & 0x0f);
    proto_tree_add_item(sub, hf_direction, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(sub, hf_identifier, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(sub, hf_precedence, tvb, 1, 1, ENC_NA);
    proto_tree_add_item(sub, hf_length, tvb, 2, 1, ENC_NA);
    while (ike_left(tvb, offset)) {
        unsigned length = dissect_component(pkt, tvb, offset, sub);
        if (!length) {
            expert_add_info(pkt->pinfo, item, &ei_component);
            return;
        }
        offset += length;
    }
}

/* Filters that are created, or named to be deleted. Returns where they end. */
static unsigned dissect_filters(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                proto_item *item, unsigned operation, unsigned count)
{
    unsigned offset = 1;

    for (; count && ike_left(value, offset); count--) {
        if (operation == DELETE_FILTERS) {
            proto_tree_add_item(tree, hf_identifier, value, offset++, 1, ENC_NA);
            continue;
        }
        unsigned length =
            ike_left(value, offset) >= 3 ? 3u + tvb_get_uint8(value, offset + 2) : UINT_MAX;
        if (length > ike_left(value, offset))
            break;
        dissect_filter(pkt, tvb_new_subset_length(value, offset, length), tree);
        offset += length;
    }
    if (count)
        expert_add_info(pkt->pinfo, item, &ei_length);
    return count ? tvb_reported_length(value) : offset;
}

static void dissect_parameters(ike_packet *pkt, tvbuff_t *value, unsigned offset, proto_tree *tree,
                               proto_item *item)
{
    while (ike_left(value, offset)) {
        unsigned length =
            ike_left(value, offset) >= 2 ? 2u + tvb_get_uint8(value, offset + 1) : UINT_MAX;
        if (length > ike_left(value, offset)) {
            expert_add_info(pkt->pinfo, item, &ei_length);
            return;
        }
        proto_tree_add_item(tree, hf_parameter_id, value, offset, 1, ENC_NA);
        proto_tree_add_item(tree, hf_parameter_length, value, offset + 1, 1, ENC_NA);
        if (length > 2)
            proto_tree_add_item(tree, hf_parameter, value, offset + 2, length - 2, ENC_NA);
        offset += length;
    }
}

void ike_3gpp_dissect_tft(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item)
{
    uint8_t head = tvb_get_uint8(value, 0);
    unsigned operation = head >> 5;

    proto_tree_add_item(tree, hf_operation, value, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_has_parameters, value, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_count, value, 0, 1, ENC_NA);
    bool has_filters = operation == CREATE || (operation >= ADD && operation <= DELETE_FILTERS);
    unsigned offset =
        has_filters ? dissect_filters(pkt, value, tree, item, operation, head & 0x0f) : 1;
    if (head & 0x10)
        dissect_parameters(pkt, value, offset, tree, item);
    else
        ike_trailing(pkt, value, tree, offset);
}

void ike_3gpp_register_tft(void)
{
#define P "isakmp.notify.priv.3gpp.tft."
    static hf_register_info hf[] = {
        {&hf_operation,
         {"TFT operation", P "operation", FT_UINT8, BASE_DEC, VALS(operations), 0xe0,
          "Operation code of the traffic flow template (TS 24.008 10.5.6.12)", HFILL}},
        {&hf_has_parameters,
         {"Parameters", P "has_parameters", FT_BOOLEAN, 8, TFS(&tfs_present_not_present), 0x10,
          "Whether a list of parameters follows the packet filters", HFILL}},
        {&hf_count,
         {"Number of packet filters", P "filter_count", FT_UINT8, BASE_DEC, NULL, 0x0f,
          "Number of packet filters in the list", HFILL}},
        {&hf_filter, {"Packet filter", P "filter", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_direction,
         {"Direction", P "filter.direction", FT_UINT8, BASE_DEC, VALS(directions), 0x30,
          "Direction of the packets that the filter matches", HFILL}},
        {&hf_identifier,
         {"Packet filter identifier", P "filter.id", FT_UINT8, BASE_DEC, NULL, 0x0f,
          "Identifier of the filter in its template", HFILL}},
        {&hf_precedence,
         {"Precedence", P "filter.precedence", FT_UINT8, BASE_DEC, NULL, 0,
          "Evaluation precedence: lower values first", HFILL}},
        {&hf_length,
         {"Length", P "filter.len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the filter's components in bytes", HFILL}},
        {&hf_component,
         {"Component", P "component", FT_UINT8, BASE_HEX, VALS(component_names), 0,
          "Type of a packet filter component", HFILL}},
        {&hf_ipv4,
         {"Address", P "ipv4", FT_IPv4, BASE_NONE, NULL, 0, "IPv4 address that the filter matches",
          HFILL}},
        {&hf_ipv4_mask,
         {"Mask", P "ipv4_mask", FT_IPv4, BASE_NETMASK, NULL, 0, "Mask of the IPv4 address",
          HFILL}},
        {&hf_ipv6,
         {"Address", P "ipv6", FT_IPv6, BASE_NONE, NULL, 0, "IPv6 address that the filter matches",
          HFILL}},
        {&hf_ipv6_mask,
         {"Mask", P "ipv6_mask", FT_IPv6, BASE_NONE, NULL, 0, "Mask of the IPv6 address", HFILL}},
        {&hf_ipv6_prefix,
         {"Prefix length", P "ipv6_prefix", FT_UINT8, BASE_DEC, NULL, 0,
          "Prefix length of the IPv6 address in bits", HFILL}},
        {&hf_protocol,
         {"Protocol", P "protocol", FT_UINT8, BASE_DEC, NULL, 0,
          "IP protocol, or IPv6 next header, that the filter matches", HFILL}},
        {&hf_port,
         {"Port", P "port", FT_UINT16, BASE_DEC, NULL, 0, "Port that the filter matches", HFILL}},
        {&hf_port_low,
         {"Lowest port", P "port_low", FT_UINT16, BASE_DEC, NULL, 0,
          "First port of the range that the filter matches", HFILL}},
        {&hf_port_high,
         {"Highest port", P "port_high", FT_UINT16, BASE_DEC, NULL, 0,
          "Last port of the range that the filter matches", HFILL}},
        {&hf_spi,
         {"SPI", P "spi", FT_UINT32, BASE_HEX, NULL, 0, "IPsec SPI that the filter matches",
          HFILL}},
        {&hf_class,
         {"Traffic class", P "class", FT_UINT8, BASE_HEX, NULL, 0,
          "Type of service or traffic class that the filter matches", HFILL}},
        {&hf_class_mask,
         {"Mask", P "class_mask", FT_UINT8, BASE_HEX, NULL, 0,
          "Mask of the type of service or traffic class", HFILL}},
        {&hf_flow_label,
         {"Flow label", P "flow_label", FT_UINT24, BASE_HEX, NULL, 0x0fffff,
          "IPv6 flow label that the filter matches", HFILL}},
        {&hf_parameter_id,
         {"Parameter", P "parameter.id", FT_UINT8, BASE_DEC, VALS(parameter_names), 0,
          "Identifier of a parameter of the template", HFILL}},
        {&hf_parameter_length,
         {"Length", P "parameter.len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of a parameter in bytes", HFILL}},
        {&hf_parameter,
         {"Contents", P "parameter.contents", FT_BYTES, BASE_NONE, NULL, 0,
          "Contents of a parameter of the template", HFILL}},
    };
    static int *ett[] = {&ett_filter};
    static ei_register_info ei[] = {
        {&ei_length,
         {P "length.invalid", PI_MALFORMED, PI_ERROR, "The traffic flow template is truncated",
          EXPFILL}},
        {&ei_component,
         {P "component.invalid", PI_UNDECODED, PI_NOTE,
          "Unknown component: the rest of the filter is not dissected", EXPFILL}},
    };
#undef P

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
