/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/items.h"

#include "dissector/base/common_fields.h"

static expert_field ei_trailing = EI_INIT;
static expert_field ei_short = EI_INIT;

proto_item *ike_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                         unsigned encoding)
{
    return proto_tree_add_item(tree, hf, tvb, offset, ike_left(tvb, offset), encoding);
}

proto_item *ike_add_named(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset, unsigned length,
                          uint32_t value, const char *name)
{
    return proto_tree_add_uint_format_value(tree, hf, tvb, offset, length, value, "%s (%u)", name,
                                            value);
}

void ike_add_generated_uint(proto_tree *tree, int hf, tvbuff_t *tvb, uint32_t value)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf, tvb, 0, 0, value));
}

void ike_add_generated_string(proto_tree *tree, int hf, tvbuff_t *tvb, const char *text)
{
    if (text && *text)
        proto_item_set_generated(proto_tree_add_string(tree, hf, tvb, 0, 0, text));
}

void ike_trailing(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, unsigned offset)
{
    if (!ike_left(body, offset))
        return;
    proto_item *item = ike_add_rest(tree, hf_ike_extra_data, body, offset, ENC_NA);
    expert_add_info(pkt->pinfo, item, &ei_trailing);
}

void ike_add_hidden_data(proto_tree *tree, tvbuff_t *body)
{
    if (ike_left(body, 0))
        proto_item_set_hidden(ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA));
}

void ike_append_text(proto_item *item, const char *before, const char *text)
{
    enum { MAX_TEXT = 160 }; /* a label has 240 bytes, and Wireshark cuts inside characters */

    if (!text || strlen(text) <= MAX_TEXT) {
        proto_item_append_text(item, "%s%s", before, text ? text : "");
        return;
    }
    const char *end = g_utf8_find_prev_char(text, text + MAX_TEXT);
    proto_item_append_text(item, "%s%.*s…", before, (int)(end ? end - text : MAX_TEXT), text);
}

void ike_append_info_name(ike_packet *pkt, const char *name)
{
    enum { MAX_NAMES = 6 };

    if (pkt->notifies++ >= MAX_NAMES)
        return;
    col_append_fstr(pkt->pinfo->cinfo, COL_INFO, ", %s", name);
    /* Subdissectors append behind it. */
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);
}

void ike_record_fault(ike_packet *pkt, const char *fault)
{
    pkt->msg->malformed = true;
    if (!pkt->msg->fault)
        pkt->msg->fault = fault;
}

void ike_too_short(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, const char *what)
{
    ike_record_fault(pkt, "it is too short");
    proto_tree_add_expert_format(tree, pkt->pinfo, &ei_short, body, 0, -1,
                                 "Too short for %s: %u bytes", what, tvb_reported_length(body));
    if (tvb_reported_length(body))
        ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
}

void ike_register_items(void)
{
    static ei_register_info ei[] = {
        {&ei_trailing,
         {"isakmp.extradata.present", PI_PROTOCOL, PI_NOTE, "Trailing data", EXPFILL}},
        {&ei_short, {"isakmp.payload.short", PI_MALFORMED, PI_ERROR, "Payload too short", EXPFILL}},
    };

    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
