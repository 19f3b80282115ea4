/* SPDX-License-Identifier: GPL-2.0-or-later */
/* G-IKEv2 (RFC 9838): the group's identity, the number of senders, and the header common to
 * policies and key bags:
 *
 *   +---------------+---------------+-------------------------------+
 *   |   Protocol    |   SPI Size    |            Length             |
 *   +---------------+---------------+-------------------------------+
 *   |                              SPI                              |
 *   +---------------------------------------------------------------+
 *
 * Protocol 0 is the group as a whole, or the member; the second byte is reserved then. */
#include "dissector/group/gikev2.h"

#include "dissector/base/bytes.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/payloads.h"
#include "dissector/group/group_record.h"
#include "dissector/ikev2/notify/notify.h"
#include "registry/names.h"

enum { HEADER = 4, MAX_PARTS = 256 };

static int hf_part = -1;
static int hf_protocol = -1;
static int hf_length = -1;
static int hf_spi = -1;
static int hf_senders = -1;
static int ett_part = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_spi = EI_INIT;
static expert_field ei_protocol = EI_INIT;
static expert_field ei_many = EI_INIT;
static expert_field ei_senders = EI_INIT;

/* IDg has the layout of IDi and IDr, but does not identify a peer of the IKE SA. */
void gikev2_dissect_idg(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                        uint8_t type)
{
    ike_packet group = ike_packet_unrecorded(pkt);

    ike_dissect_id(&group, body, tree, item, type);
    pkt->msg->malformed |= group.msg->malformed;
}

/* How long the SPI of a group SA is: both SPIs of the IKE header, or that of ESP and AH. */
static unsigned spi_size_of(uint8_t protocol)
{
    return protocol == GIKEV2_UPDATE ? 16 : 4;
}

/* The header of one part; returns the offset of what follows, 0 when the SPI exceeds it. */
static unsigned dissect_head(ike_packet *pkt, tvbuff_t *part, proto_tree *tree, proto_item *item)
{
    uint8_t protocol = tvb_get_uint8(part, 0);
    unsigned size = protocol ? tvb_get_uint8(part, 1) : 0;

    proto_item *shown = proto_tree_add_item(tree, hf_protocol, part, 0, 1, ENC_NA);
    if (protocol != GIKEV2_WHOLE_GROUP && protocol != GIKEV2_AH && protocol != GIKEV2_ESP &&
        protocol != GIKEV2_UPDATE)
        expert_add_info(pkt->pinfo, shown, &ei_protocol);
    shown =
        proto_tree_add_item(tree, protocol ? hf_ike_spi_size : hf_ike_reserved, part, 1, 1, ENC_NA);
    proto_tree_add_item(tree, hf_length, part, 2, 2, ENC_BIG_ENDIAN);
    if (!protocol)
        return HEADER;
    if (size != spi_size_of(protocol))
        expert_add_info_format(pkt->pinfo, shown, &ei_spi, "SPI of %u bytes instead of %u", size,
                               spi_size_of(protocol));
    if (size > ike_left(part, HEADER)) {
        pkt->msg->malformed = true;
        expert_add_info_format(pkt->pinfo, shown, &ei_spi, "SPI of %u bytes, but %u are left", size,
                               ike_left(part, HEADER));
        return 0;
    }
    if (size) {
        proto_tree_add_item(tree, hf_spi, part, HEADER, size, ENC_NA);
        proto_item_append_text(item, " (SPI %s)",
                               tvb_bytes_to_str(pkt->pinfo->pool, part, HEADER, size));
    }
    return HEADER + size;
}

ike_span gikev2_spi(tvbuff_t *part, unsigned offset)
{
    return offset > HEADER ? ike_bytes_of(part, HEADER, offset - HEADER) : (ike_span){NULL, 0};
}

/* One part at `offset`; returns its length, 0 when it exceeds the payload. */
static unsigned dissect_part(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                             const gikev2_parts *parts)
{
    uint8_t protocol = tvb_get_uint8(body, offset);
    unsigned length = tvb_get_ntohs(body, offset + 2), left = ike_left(body, offset);
    bool fits = length >= HEADER && length <= left;
    const char *name = ike_registry_name(IKE_REG_IKEV2_PROTOCOL, protocol);

    proto_item *item =
        proto_tree_add_none_format(tree, hf_part, body, offset, fits ? length : left, "%s%s%s",
                                   protocol ? parts->of_sa : parts->of_group, protocol ? ": " : "",
                                   !protocol ? ""
                                   : name    ? name
                                             : "Unknown");
    proto_tree *sub = proto_item_add_subtree(item, ett_part);
    if (!fits) {
        pkt->msg->malformed = true;
        expert_add_info_format(pkt->pinfo, item, &ei_length,
                               "Length %u, but %u bytes left in the payload", length, left);
        return 0;
    }
    tvbuff_t *part = tvb_new_subset_length(body, offset, length);
    unsigned inside = dissect_head(pkt, part, sub, item);
    if (inside)
        parts->dissect(pkt, part, inside, sub, protocol);
    return length;
}

void gikev2_dissect_parts(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          const gikev2_parts *parts)
{
    ike_group_of(pkt); /* which the copy shares */
    ike_packet group = ike_packet_unrecorded(pkt);
    unsigned offset = 0, count = 0;

    for (; ike_left(body, offset) >= HEADER; count++) {
        if (count == MAX_PARTS) {
            expert_add_info(pkt->pinfo, item, &ei_many);
            break;
        }
        unsigned length = dissect_part(&group, body, offset, tree, parts);
        if (!length)
            break;
        offset += length;
    }
    if (!count)
        ike_too_short(pkt, body, tree, parts->of_sa);
    else if (ike_left(body, offset) < HEADER)
        ike_trailing(pkt, body, tree, offset);
    pkt->msg->malformed |= group.msg->malformed;
}

/* How many Sender-IDs a member asks for (RFC 9838 4.7). */
static void dissect_group_sender(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                 proto_item *item, uint16_t type _U_)
{
    if (tvb_reported_length(data) != 4)
        expert_add_info(pkt->pinfo, item, &ei_senders);
    if (tvb_reported_length(data) >= 4)
        proto_tree_add_item(tree, hf_senders, data, 0, 4, ENC_BIG_ENDIAN);
}

static const ike_value_row notify_rows[] = {
    {IKEV2_NOTIFY_GROUP_SENDER, .dissect = dissect_group_sender},
};

void gikev2_register(void)
{
    static hf_register_info hf[] = {
        {&hf_part,
         {"Policy or Key Bag", "isakmp.group.part", FT_NONE, BASE_NONE, NULL, 0,
          "A part of a GSA or KD payload (RFC 9838)", HFILL}},
        {&hf_protocol,
         {"Protocol", "isakmp.group.protoid", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PROTOCOL], 0, "What the SA of the group is for; 0 for none",
          HFILL}},
        {&hf_length,
         {"Length", "isakmp.group.length", FT_UINT16, BASE_DEC, NULL, 0,
          "Length of the policy or key bag in bytes (RFC 9838)", HFILL}},
        {&hf_spi,
         {"SPI", "isakmp.group.spi", FT_BYTES, BASE_NONE, NULL, 0,
          "SPI of an SA of the group; both SPIs of the IKE header for GIKE_UPDATE", HFILL}},
        {&hf_senders,
         {"Requested Sender-IDs", "isakmp.notify.data.group_sender", FT_UINT32, BASE_DEC, NULL, 0,
          "How many Sender-IDs the group member asks for", HFILL}},
    };
    static int *ett[] = {&ett_part};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.group.length.invalid", PI_MALFORMED, PI_ERROR, "Length exceeds the payload",
          EXPFILL}},
        {&ei_spi,
         {"isakmp.group.spi.invalid", PI_PROTOCOL, PI_WARN,
          "Invalid length of SPI for this protocol", EXPFILL}},
        {&ei_protocol,
         {"isakmp.group.protoid.invalid", PI_PROTOCOL, PI_WARN,
          "Invalid protocol for an SA of a group (RFC 9838 4.4.2)", EXPFILL}},
        {&ei_many,
         {"isakmp.group.many", PI_PROTOCOL, PI_WARN,
          "Too many substructures: the rest is not dissected", EXPFILL}},
        {&ei_senders,
         {"isakmp.notify.data.group_sender.length", PI_PROTOCOL, PI_WARN,
          "Number of Sender-IDs must be four bytes long", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ikev2_notify_add_rows(notify_rows, array_length(notify_rows));
}
