/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposals and transforms, the layout common to both versions.
 *
 *   +---------------+---------------+-------------------------------+
 *   | 0 or the kind |   RESERVED    |            Length             |
 *   +---------------+---------------+---------------+---------------+
 *   |  Proposal #   |  Protocol ID  |   SPI Size    | # of Transforms |  of a proposal
 *   |                     SPI, then transforms                      |
 *   +---------------------------------------------------------------+
 */
#include "dissector/common/proposal_substructure.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/former_names.h"
#include "dissector/base/items.h"

enum { MAX_SUBSTRUCTURES = 255 };

static int hf_number = -1;
static int hf_transforms = -1;
static int ett_proposal = -1;
static int ett_transform = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_count = EI_INIT;
static expert_field ei_many = EI_INIT;
static expert_field ei_order = EI_INIT;
static expert_field ei_spi = EI_INIT;

unsigned ike_dissect_substructures(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                                   proto_tree *tree, uint8_t kind, ike_substructure_fn *dissect,
                                   uint8_t protocol)
{
    const char *name = kind == IKE_PROPOSAL ? "Proposal" : "Transform";
    int ett = kind == IKE_PROPOSAL ? ett_proposal : ett_transform;
    unsigned count = 0;
    uint8_t more = kind;

    while (more && ike_left(tvb, offset)) {
        unsigned left = ike_left(tvb, offset);
        unsigned length = left >= IKE_SUBSTRUCTURE_HEADER ? tvb_get_ntohs(tvb, offset + 2) : 0;
        bool fits = length >= IKE_SUBSTRUCTURE_HEADER && length <= left;

        if (count == MAX_SUBSTRUCTURES) {
            proto_tree_add_expert_format(
                tree, pkt->pinfo, &ei_many, tvb, offset, -1,
                "More than %u proposals or transforms: the rest is not dissected", count);
            return count;
        }
        proto_item *item =
            ike_add_named(tree, hf_ike_payload_type, tvb, offset, fits ? length : left, kind, name);
        proto_tree *sub = proto_item_add_subtree(item, ett);
        if (!fits) {
            ike_record_fault(pkt, "a proposal or transform exceeds it");
            expert_add_info_format(pkt->pinfo, item, &ei_length,
                                   "Length %u, but %u bytes left in the payload", length, left);
            return count;
        }
        more = tvb_get_uint8(tvb, offset);
        proto_item *next = ike_add_named(sub, hf_ike_next_payload, tvb, offset, 1, more,
                                         more == kind ? name
                                         : more       ? "Invalid"
                                                      : "No Next Payload");
        if (more && more != kind)
            expert_add_info(pkt->pinfo, next, &ei_order);
        proto_tree_add_item(sub, hf_ike_reserved, tvb, offset + 1, 1, ENC_NA);
        proto_tree_add_uint(sub, hf_ike_payload_length, tvb, offset + 2, 2, length);
        dissect(pkt, tvb_new_subset_length(tvb, offset, length), sub, item, protocol);
        offset += length;
        count++;
    }
    ike_trailing(pkt, tvb, tree, offset);
    return count;
}

static void record_proposal(ike_packet *pkt, tvbuff_t *tvb, unsigned spi_size)
{
    ike_message *msg = pkt->msg;

    if (msg->proposal_count == IKE_MAX_PROPOSALS)
        return;
    msg->proposals[msg->proposal_count++] = (ike_proposal){
        .number = tvb_get_uint8(tvb, 4),
        .protocol = tvb_get_uint8(tvb, 5),
        .spi = ike_bytes_of(tvb, IKE_SUBSTRUCTURE_HEADER, spi_size),
        .first_transform = msg->transform_count,
    };
}

void ike_dissect_proposal(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                          int hf_protocol, ike_substructure_fn *transform)
{
    uint8_t protocol = tvb_get_uint8(tvb, 5);
    unsigned spi_size = tvb_get_uint8(tvb, 6);
    unsigned announced = tvb_get_uint8(tvb, 7);
    unsigned offset = IKE_SUBSTRUCTURE_HEADER;

    proto_item_append_text(item, " # %u", tvb_get_uint8(tvb, 4));
    proto_tree_add_item(tree, hf_number, tvb, 4, 1, ENC_NA);
    proto_tree_add_item(tree, hf_protocol, tvb, 5, 1, ENC_NA);
    proto_item *size = proto_tree_add_item(tree, hf_ike_spi_size, tvb, 6, 1, ENC_NA);
    proto_item *count = proto_tree_add_item(tree, hf_transforms, tvb, 7, 1, ENC_NA);
    if (spi_size > ike_left(tvb, offset)) {
        expert_add_info(pkt->pinfo, size, &ei_spi);
        ike_add_former_name(pkt, IKE_FORMER_PROPOSAL_SPI);
        return;
    }
    record_proposal(pkt, tvb, spi_size);
    if (spi_size)
        proto_tree_add_item(tree, hf_ike_spi, tvb, offset, spi_size, ENC_NA);
    offset += spi_size;

    unsigned found =
        ike_dissect_substructures(pkt, tvb, offset, tree, IKE_TRANSFORM, transform, protocol);
    if (found != announced) {
        expert_add_info_format(pkt->pinfo, count, &ei_count, "%u transforms announced, %u present",
                               announced, found);
        ike_add_former_name(pkt, IKE_FORMER_TRANSFORMS);
    }
}

void ike_register_substructure(void)
{
    static hf_register_info hf[] = {
        {&hf_number,
         {"Proposal number", "isakmp.prop.number", FT_UINT8, BASE_DEC, NULL, 0,
          "ISAKMP Proposal Number", HFILL}},
        {&hf_transforms,
         {"Proposal transforms", "isakmp.prop.transforms", FT_UINT8, BASE_DEC, NULL, 0,
          "ISAKMP Proposal Transforms", HFILL}},
    };
    static int *ett[] = {&ett_proposal, &ett_transform};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.prop.length.invalid", PI_MALFORMED, PI_ERROR,
          "Proposal or transform exceeds the enclosing payload", EXPFILL}},
        {&ei_count,
         {"isakmp.prop.transforms.invalid", PI_MALFORMED, PI_WARN,
          "Number of transforms differs from the count in the proposal", EXPFILL}},
        {&ei_many,
         {"isakmp.prop.too_many", PI_PROTOCOL, PI_WARN,
          "Too many proposals or transforms: the rest is not dissected", EXPFILL}},
        {&ei_order,
         {"isakmp.prop.next.invalid", PI_PROTOCOL, PI_WARN,
          "Last Substructure is neither 0 nor the number of this kind", EXPFILL}},
        {&ei_spi,
         {"isakmp.prop.spisize.invalid", PI_MALFORMED, PI_ERROR,
          "The SPI is longer than the proposal", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
