/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security Association of IKEv2 (RFC 7296 3.3): proposals, their transforms, their attributes. */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/common/proposal_substructure.h"

static int hf_protocol = -1;
static int hf_transform_type = -1;
static int hf_encr = -1;
static int hf_prf = -1;
static int hf_integ = -1;
static int hf_ke = -1;
static int hf_sn = -1;
static int hf_kwa = -1;
static int hf_gcauth = -1;
static int hf_transform_id = -1;
static ike_attribute_fields attribute_fields;
static int hf_key_length = -1;
static int hf_signature_algorithm = -1;

/* The field of a transform ID by transform type, and the registry of its names. */
typedef struct {
    const int *hf;
    ike_registry registry;
} transform_row;

static const transform_row transform_rows[] = {
    [IKEV2_TRANSFORM_ENCR] = {&hf_encr, IKE_REG_IKEV2_ENCR},
    [IKEV2_TRANSFORM_PRF] = {&hf_prf, IKE_REG_IKEV2_PRF},
    [IKEV2_TRANSFORM_INTEG] = {&hf_integ, IKE_REG_IKEV2_INTEG},
    [IKEV2_TRANSFORM_KE] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_SN] = {&hf_sn, IKE_REG_IKEV2_ESN},
    [IKEV2_TRANSFORM_ADDKE1] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_ADDKE2] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_ADDKE3] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_ADDKE4] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_ADDKE5] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_ADDKE6] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_ADDKE7] = {&hf_ke, IKE_REG_IKEV2_KE},
    [IKEV2_TRANSFORM_KWA] = {&hf_kwa, IKE_REG_GIKEV2_KWA},
    [IKEV2_TRANSFORM_GCAUTH] = {&hf_gcauth, IKE_REG_GIKEV2_GCAUTH},
};

static const ike_value_row attribute_rows[] = {
    {IKEV2_TRANSFORM_ATTRIBUTE_KEY_LENGTH, .fields = {&hf_key_length}},
    {IKEV2_TRANSFORM_ATTRIBUTE_SIGNATURE_ALGORITHM_IDENTIFIER, .fields = {&hf_signature_algorithm}},
};

static const ike_attribute_family attributes = IKE_ATTRIBUTE_FAMILY(
    "Transform Attribute", &attribute_fields, IKE_REG_IKEV2_TRANSFORM_ATTR, attribute_rows);

/* In bits, 0 if the transform has no such attribute. */
static uint16_t key_length(tvbuff_t *tvb)
{
    return (uint16_t)ike_attribute_number(tvb, IKE_SUBSTRUCTURE_HEADER,
                                          IKEV2_TRANSFORM_ATTRIBUTE_KEY_LENGTH, 0);
}

static void record_transform(ike_packet *pkt, tvbuff_t *tvb)
{
    ike_message *msg = pkt->msg;

    if (msg->transform_count == IKE_MAX_TRANSFORMS)
        return;
    msg->transforms[msg->transform_count++] = (ike_transform){
        .type = tvb_get_uint8(tvb, 4),
        .id = tvb_get_ntohs(tvb, 6),
        .key_bits = key_length(tvb),
    };
    if (msg->proposal_count)
        msg->proposals[msg->proposal_count - 1].transform_count++;
}

/* One transform; `tvb` holds all of it. */
static void dissect_transform(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                              uint8_t protocol _U_)
{
    uint8_t type = tvb_get_uint8(tvb, 4);
    uint16_t id = tvb_get_ntohs(tvb, 6);
    const transform_row *row = type < array_length(transform_rows) ? &transform_rows[type] : NULL;

    proto_tree_add_item(tree, hf_transform_type, tvb, 4, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, tvb, 5, 1, ENC_NA);
    if (row && row->hf) {
        const char *name = tree ? ike_vendor_name_of(pkt, row->registry, id) : "";
        uint16_t bits = tree ? key_length(tvb) : 0;
        ike_add_named(tree, *row->hf, tvb, 6, 2, id, name);
        proto_item_append_text(item, ": %s", name);
        if (bits)
            proto_item_append_text(item, "-%u", bits);
        /* Types newer than Wireshark 4.0 had no field of their own there: kept for filters. */
        if (type > IKEV2_TRANSFORM_SN)
            proto_item_set_hidden(
                proto_tree_add_item(tree, hf_transform_id, tvb, 6, 2, ENC_BIG_ENDIAN));
    } else {
        proto_tree_add_item(tree, hf_transform_id, tvb, 6, 2, ENC_BIG_ENDIAN);
    }
    record_transform(pkt, tvb);
    ike_dissect_attributes(pkt, tvb, IKE_SUBSTRUCTURE_HEADER, tree, &attributes);
}

void ikev2_dissect_transforms(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    ike_dissect_substructures(pkt, tvb, 0, tree, IKE_TRANSFORM, dissect_transform, 0);
}

static void dissect_proposal(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                             uint8_t protocol _U_)
{
    ike_dissect_proposal(pkt, tvb, tree, item, hf_protocol, dissect_transform);
}

void ikev2_dissect_sa(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                      uint8_t type _U_)
{
    ike_dissect_substructures(pkt, body, 0, tree, IKE_PROPOSAL, dissect_proposal, 0);
}

void ikev2_register_sa(void)
{
    static hf_register_info hf[] = {
        {&hf_protocol,
         {"Protocol ID", "isakmp.prop.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PROTOCOL], 0, "ISAKMP Proposal Protocol ID", HFILL}},
        {&hf_transform_type,
         {"Transform Type", "isakmp.tf.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_TRANSFORM_TYPE], 0, NULL, HFILL}},
        {&hf_encr,
         {"Transform ID (ENCR)", "isakmp.tf.id.encr", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_ENCR], 0, NULL, HFILL}},
        {&hf_prf,
         {"Transform ID (PRF)", "isakmp.tf.id.prf", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PRF], 0, NULL, HFILL}},
        {&hf_integ,
         {"Transform ID (INTEG)", "isakmp.tf.id.integ", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_INTEG], 0, NULL, HFILL}},
        {&hf_ke,
         {"Transform ID (KE)", "isakmp.tf.id.dh", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_KE], 0, "Key exchange method", HFILL}},
        {&hf_sn,
         {"Transform ID (SN)", "isakmp.tf.id.esn", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_ESN], 0, "Sequence numbers", HFILL}},
        {&hf_kwa,
         {"Transform ID (KWA)", "isakmp.tf.id.kwa", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_GIKEV2_KWA], 0, "Key wrap algorithm", HFILL}},
        {&hf_gcauth,
         {"Transform ID (GCAUTH)", "isakmp.tf.id.gcauth", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_GIKEV2_GCAUTH], 0, "Group controller authentication method", HFILL}},
        {&hf_transform_id,
         {"Transform ID", "isakmp.tf.id", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        IKE_ATTRIBUTE_FIELDS(attribute_fields, "isakmp.ike2.attr", "Transform Attribute"),
        {&hf_key_length,
         {"Key Length", "isakmp.ike2.attr.key_length", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_signature_algorithm,
         {"Signature Algorithm Identifier", "isakmp.ike2.attr.signature_algorithm", FT_BYTES,
          BASE_NONE, NULL, 0, "RFC 9838", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
