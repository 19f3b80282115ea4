/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security Association of IKEv2 (RFC 7296 3.3): proposals, their transforms, their attributes. */
#include "attribute.h"
#include "common_fields.h"
#include "payloads.h"
#include "substructure.h"
#include "vendor.h"

#include "registry/strings.h"

enum { SUBSTRUCTURE_HEADER = 8, PROPOSAL = 2, TRANSFORM = 3, MAX_SUBSTRUCTURES = 255 };
enum { ATTRIBUTE_KEY_LENGTH = 14, ATTRIBUTE_SIGNATURE_ALGORITHM = 18 };
enum { ENCR = 1, PRF, INTEG, KE, SN, ADDKE1, ADDKE7 = 12, KWA, GCAUTH };

static int hf_number = -1;
static int hf_protocol = -1;
static int hf_transforms = -1;
static int hf_transform_type = -1;
static int hf_encr = -1;
static int hf_prf = -1;
static int hf_integ = -1;
static int hf_ke = -1;
static int hf_sn = -1;
static int hf_kwa = -1;
static int hf_gcauth = -1;
static int hf_transform_id = -1;
static ike_attribute_fields attribute_fields = IKE_NO_ATTRIBUTE_FIELDS;
static int hf_key_length = -1;
static int hf_signature_algorithm = -1;
static int ett_proposal = -1;
static int ett_transform = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_count = EI_INIT;
static expert_field ei_many = EI_INIT;
static expert_field ei_order = EI_INIT;
static expert_field ei_spi = EI_INIT;

/* The field of a transform ID by transform type, and the registry of its names. */
typedef struct {
    const int *hf;
    ike_registry registry;
} transform_row;

static const transform_row transform_rows[] = {
    [ENCR] = {&hf_encr, IKE_REG_IKEV2_ENCR},    [PRF] = {&hf_prf, IKE_REG_IKEV2_PRF},
    [INTEG] = {&hf_integ, IKE_REG_IKEV2_INTEG}, [KE] = {&hf_ke, IKE_REG_IKEV2_KE},
    [SN] = {&hf_sn, IKE_REG_IKEV2_ESN},         [ADDKE1] = {&hf_ke, IKE_REG_IKEV2_KE},
    [7] = {&hf_ke, IKE_REG_IKEV2_KE},           [8] = {&hf_ke, IKE_REG_IKEV2_KE},
    [9] = {&hf_ke, IKE_REG_IKEV2_KE},           [10] = {&hf_ke, IKE_REG_IKEV2_KE},
    [11] = {&hf_ke, IKE_REG_IKEV2_KE},          [ADDKE7] = {&hf_ke, IKE_REG_IKEV2_KE},
    [KWA] = {&hf_kwa, IKE_REG_GIKEV2_KWA},      [GCAUTH] = {&hf_gcauth, IKE_REG_GIKEV2_GCAUTH},
};

static const char *attribute_name(const ike_packet *pkt _U_, uint16_t type)
{
    return ike_registry_name(IKE_REG_IKEV2_TRANSFORM_ATTR, type);
}

static const ike_attribute_row attribute_rows[] = {
    {ATTRIBUTE_KEY_LENGTH, &hf_key_length, NULL},
    {ATTRIBUTE_SIGNATURE_ALGORITHM, &hf_signature_algorithm, NULL},
};

static const ike_attribute_family attributes = {
    .label = "Transform Attribute",
    .fields = &attribute_fields,
    .name = attribute_name,
    .rows = attribute_rows,
    .count = array_length(attribute_rows),
};

static void note_transform(ike_packet *pkt, tvbuff_t *tvb)
{
    ike_message *msg = pkt->msg;

    if (msg->transform_count == IKE_MAX_TRANSFORMS) {
        msg->too_many = true;
        return;
    }
    msg->transforms[msg->transform_count++] = (ike_transform){
        .type = tvb_get_uint8(tvb, 4),
        .id = tvb_get_ntohs(tvb, 6),
        .key_bits =
            (uint16_t)ike_attribute_number(tvb, SUBSTRUCTURE_HEADER, ATTRIBUTE_KEY_LENGTH, 0),
    };
    if (msg->proposal_count)
        msg->proposals[msg->proposal_count - 1].transform_count++;
}

/* One transform; `tvb` holds it whole. */
static void dissect_transform(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item)
{
    uint8_t type = tvb_get_uint8(tvb, 4);
    uint16_t id = tvb_get_ntohs(tvb, 6);
    const transform_row *row = type < array_length(transform_rows) ? &transform_rows[type] : NULL;

    proto_tree_add_item(tree, hf_transform_type, tvb, 4, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, tvb, 5, 1, ENC_NA);
    if (row && row->hf) {
        const char *name = tree ? ike_vendor_name_of(pkt, row->registry, id) : "";
        proto_tree_add_uint_format_value(tree, *row->hf, tvb, 6, 2, id, "%s (%u)", name, id);
        proto_item_append_text(item, ": %s", name);
        /* Types newer than Wireshark 4.0 had no field of their own there: filters look for this. */
        if (type > SN)
            proto_item_set_hidden(
                proto_tree_add_item(tree, hf_transform_id, tvb, 6, 2, ENC_BIG_ENDIAN));
    } else {
        proto_tree_add_item(tree, hf_transform_id, tvb, 6, 2, ENC_BIG_ENDIAN);
    }
    note_transform(pkt, tvb);
    ike_dissect_attributes(pkt, tvb, SUBSTRUCTURE_HEADER, tree, &attributes);
}

static void note_proposal(ike_packet *pkt, tvbuff_t *tvb, unsigned spi_size)
{
    ike_message *msg = pkt->msg;

    if (msg->proposal_count == IKE_MAX_PROPOSALS) {
        msg->too_many = true;
        return;
    }
    msg->proposals[msg->proposal_count++] = (ike_proposal){
        .number = tvb_get_uint8(tvb, 4),
        .protocol = tvb_get_uint8(tvb, 5),
        .spi = ike_octets_of(tvb, SUBSTRUCTURE_HEADER, (int)spi_size),
        .first_transform = msg->transform_count,
    };
}

unsigned ike_dissect_substructures(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                                   proto_tree *tree, uint8_t kind, const char *name, int ett,
                                   ike_substructure_fn *dissect)
{
    unsigned count = 0;
    uint8_t more = kind;

    while (more && ike_left(tvb, offset)) {
        unsigned left = ike_left(tvb, offset);
        unsigned length = left >= SUBSTRUCTURE_HEADER ? tvb_get_ntohs(tvb, (int)offset + 2) : 0;
        bool fits = length >= SUBSTRUCTURE_HEADER && length <= left;

        if (count == MAX_SUBSTRUCTURES) {
            proto_tree_add_expert_format(tree, pkt->pinfo, &ei_many, tvb, (int)offset, -1,
                                         "More than %u: the rest is not dissected", count);
            return count;
        }
        proto_item *item = proto_tree_add_uint_format(tree, hf_ike_payload_type, tvb, (int)offset,
                                                      (int)(fits ? length : left), kind,
                                                      "Payload: %s (%u)", name, kind);
        proto_tree *sub = proto_item_add_subtree(item, ett);
        if (!fits) {
            pkt->msg->malformed = true;
            expert_add_info_format(pkt->pinfo, item, &ei_length,
                                   "Length %u does not fit into the %u octets that are left",
                                   length, left);
            return count;
        }
        more = tvb_get_uint8(tvb, (int)offset);
        proto_item *next = proto_tree_add_uint_format_value(sub, hf_ike_next_payload, tvb,
                                                            (int)offset, 1, more, "%s (%u)",
                                                            more == kind ? name
                                                            : more       ? "Invalid"
                                                                         : "No Next Payload",
                                                            more);
        if (more && more != kind)
            expert_add_info(pkt->pinfo, next, &ei_order);
        proto_tree_add_item(sub, hf_ike_reserved, tvb, (int)offset + 1, 1, ENC_NA);
        proto_tree_add_item(sub, hf_ike_payload_length, tvb, (int)offset + 2, 2, ENC_BIG_ENDIAN);
        dissect(pkt, tvb_new_subset_length(tvb, (int)offset, (int)length), sub, item);
        offset += length;
        count++;
    }
    ike_trailing(pkt, tvb, tree, offset);
    return count;
}

void ikev2_dissect_transforms(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    ike_dissect_substructures(pkt, tvb, 0, tree, TRANSFORM, "Transform", ett_transform,
                              dissect_transform);
}

/* One proposal; `tvb` holds it whole. */
static void dissect_proposal(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item)
{
    unsigned number = tvb_get_uint8(tvb, 4);
    unsigned spi_size = tvb_get_uint8(tvb, 6);
    unsigned announced = tvb_get_uint8(tvb, 7);
    unsigned offset = SUBSTRUCTURE_HEADER;

    proto_item_append_text(item, " # %u", number);
    proto_tree_add_item(tree, hf_number, tvb, 4, 1, ENC_NA);
    proto_tree_add_item(tree, hf_protocol, tvb, 5, 1, ENC_NA);
    proto_item *size = proto_tree_add_item(tree, hf_ike_spi_size, tvb, 6, 1, ENC_NA);
    proto_item *count = proto_tree_add_item(tree, hf_transforms, tvb, 7, 1, ENC_NA);
    if (spi_size > ike_left(tvb, offset)) {
        expert_add_info(pkt->pinfo, size, &ei_spi);
        return;
    }
    note_proposal(pkt, tvb, spi_size);
    if (spi_size)
        proto_tree_add_item(tree, hf_ike_spi, tvb, (int)offset, (int)spi_size, ENC_NA);
    offset += spi_size;

    unsigned found = announced
                         ? ike_dissect_substructures(pkt, tvb, offset, tree, TRANSFORM, "Transform",
                                                     ett_transform, dissect_transform)
                         : 0;
    if (found != announced)
        expert_add_info_format(pkt->pinfo, count, &ei_count, "%u transforms announced, %u there",
                               announced, found);
}

void ikev2_dissect_sa(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                      uint8_t type _U_)
{
    if (!ike_left(body, 0)) {
        ike_too_short(pkt, body, tree, "a proposal");
        return;
    }
    ike_dissect_substructures(pkt, body, 0, tree, PROPOSAL, "Proposal", ett_proposal,
                              dissect_proposal);
}

void ikev2_register_sa(void)
{
    static hf_register_info hf[] = {
        {&hf_number,
         {"Proposal number", "isakmp.prop.number", FT_UINT8, BASE_DEC, NULL, 0,
          "ISAKMP Proposal Number", HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.prop.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_protocol_ext, 0, "ISAKMP Proposal Protocol ID", HFILL}},
        {&hf_transforms,
         {"Proposal transforms", "isakmp.prop.transforms", FT_UINT8, BASE_DEC, NULL, 0,
          "ISAKMP Proposal Transforms", HFILL}},
        {&hf_transform_type,
         {"Transform Type", "isakmp.tf.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_transform_type_ext, 0, NULL, HFILL}},
        {&hf_encr,
         {"Transform ID (ENCR)", "isakmp.tf.id.encr", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_encr_ext, 0, NULL, HFILL}},
        {&hf_prf,
         {"Transform ID (PRF)", "isakmp.tf.id.prf", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_prf_ext, 0, NULL, HFILL}},
        {&hf_integ,
         {"Transform ID (INTEG)", "isakmp.tf.id.integ", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_integ_ext, 0, NULL, HFILL}},
        {&hf_ke,
         {"Transform ID (KE)", "isakmp.tf.id.dh", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_ke_ext, 0, "Key exchange method", HFILL}},
        {&hf_sn,
         {"Transform ID (SN)", "isakmp.tf.id.esn", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_esn_ext, 0, "Sequence numbers", HFILL}},
        {&hf_kwa,
         {"Transform ID (KWA)", "isakmp.tf.id.kwa", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_gikev2_kwa_ext, 0, "Key wrap algorithm", HFILL}},
        {&hf_gcauth,
         {"Transform ID (GCAUTH)", "isakmp.tf.id.gcauth", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_gikev2_gcauth_ext, 0, "Group controller authentication method", HFILL}},
        {&hf_transform_id,
         {"Transform ID", "isakmp.tf.id", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        IKE_ATTRIBUTE_FIELDS(attribute_fields, "isakmp.ike2.attr", "Transform Attribute"),
        {&hf_key_length,
         {"Key Length", "isakmp.ike2.attr.key_length", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_signature_algorithm,
         {"Signature Algorithm Identifier", "isakmp.ike2.attr.signature_algorithm", FT_BYTES,
          BASE_NONE, NULL, 0, "RFC 9838", HFILL}},
    };
    static int *ett[] = {&ett_proposal, &ett_transform};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.prop.length.invalid", PI_MALFORMED, PI_ERROR,
          "A proposal or transform does not fit", EXPFILL}},
        {&ei_count,
         {"isakmp.prop.transforms.invalid", PI_MALFORMED, PI_WARN,
          "Not as many transforms as announced", EXPFILL}},
        {&ei_many, {"isakmp.prop.too_many", PI_PROTOCOL, PI_WARN, "Too many", EXPFILL}},
        {&ei_order,
         {"isakmp.prop.next.invalid", PI_PROTOCOL, PI_WARN,
          "Neither the last nor followed by its like", EXPFILL}},
        {&ei_spi,
         {"isakmp.prop.spisize.invalid", PI_MALFORMED, PI_ERROR,
          "The SPI is longer than the proposal", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
