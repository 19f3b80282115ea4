/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security Association of IKEv1 (RFC 2408 3.4 to 3.6, RFC 2407 4.6.1): the domain of
 * interpretation, its situation, then proposals with their transforms.
 *
 *   +---------------------------------------------------------------+
 *   |              Domain of Interpretation (DOI) (4)               |
 *   |          Situation (4 in the IPsec DOI), its labels           |
 *   +---------------+---------------+---------------+---------------+
 *   |   Proposal #  |  Protocol-Id  |   SPI Size    |# of Transforms|  each after 4 bytes of
 *   |                     SPI, then transforms                      |  generic header
 *   +---------------+---------------+-------------------------------+
 *   |  Transform #  | Transform-Id  |           RESERVED2           |  likewise
 *   |                          Attributes                           |
 *   +---------------------------------------------------------------+
 */
#include "dissector/ikev1/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/common/proposal_substructure.h"
#include "dissector/ikev1/attributes.h"

enum { SIT_SECRECY = 2, SIT_INTEGRITY = 4 };

static int hf_doi = -1;
static int hf_situation = -1;
static int hf_identity_only = -1;
static int hf_secrecy = -1;
static int hf_integrity = -1;
static int hf_label_domain = -1;
static int hf_secrecy_length = -1;
static int hf_secrecy_level = -1;
static int hf_secrecy_category_length = -1;
static int hf_secrecy_category = -1;
static int hf_integrity_length = -1;
static int hf_integrity_level = -1;
static int hf_integrity_category_length = -1;
static int hf_integrity_category = -1;
static int hf_protocol = -1;
static int hf_transform_number = -1;
static int hf_transform_id = -1;
static int ett_situation = -1;
static expert_field ei_labels = EI_INIT;
static expert_field ei_doi = EI_INIT;
static ikev1_doi_fn *dissect_gdoi;

void ikev1_set_gdoi(ikev1_doi_fn *dissect)
{
    dissect_gdoi = dissect;
}

/* ---- transforms ----------------------------------------------------------------------------- */

static const ike_registry transform_registries[] = {
    [IKEV1_PROTO_ISAKMP] = IKE_REG_IKEV1_TRANSFORM_ISAKMP,
    [IKEV1_PROTO_IPSEC_AH] = IKE_REG_IKEV1_TRANSFORM_AH,
    [IKEV1_PROTO_IPSEC_ESP] = IKE_REG_IKEV1_TRANSFORM_ESP,
    [IKEV1_PROTO_IPCOMP] = IKE_REG_IKEV1_TRANSFORM_IPCOMP,
};

static const char *transform_name(const ike_packet *pkt, uint8_t protocol, uint8_t id)
{
    if (!protocol || protocol >= array_length(transform_registries))
        return "Unknown";
    return ike_vendor_name_of(pkt, transform_registries[protocol], id);
}

static void record_transform(ike_packet *pkt, tvbuff_t *tvb, uint8_t protocol)
{
    ike_message *msg = pkt->msg;

    if (msg->transform_count == IKE_MAX_TRANSFORMS)
        return;
    ikev1_transform *transform = &msg->v1_transforms[msg->transform_count++];
    memset(transform, 0, sizeof *transform);
    transform->number = tvb_get_uint8(tvb, 4);
    transform->id = tvb_get_uint8(tvb, 5);
    ikev1_record_attributes(tvb, IKE_SUBSTRUCTURE_HEADER, protocol != IKEV1_PROTO_ISAKMP,
                            transform);
    if (msg->proposal_count)
        msg->proposals[msg->proposal_count - 1].transform_count++;
}

/* One transform; `tvb` holds all of it. The meaning of its numbers depends on the protocol. */
static void dissect_transform(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                              uint8_t protocol)
{
    bool is_gmt = pkt->msg->major == 1 && pkt->msg->minor == 1; /* GM/T 0022 */
    uint8_t id = tvb_get_uint8(tvb, 5);
    const char *name = transform_name(pkt, protocol, id);

    proto_item_append_text(item, " # %u: %s", tvb_get_uint8(tvb, 4), name);
    proto_tree_add_item(tree, hf_transform_number, tvb, 4, 1, ENC_NA);
    ike_add_named(tree, hf_transform_id, tvb, 5, 1, id, name);
    proto_tree_add_item(tree, hf_ike_reserved, tvb, 6, 2, ENC_NA);
    record_transform(pkt, tvb, protocol);
    ike_dissect_attributes(pkt, tvb, IKE_SUBSTRUCTURE_HEADER, tree,
                           protocol != IKEV1_PROTO_ISAKMP ? &ikev1_ipsec_attributes
                           : is_gmt                       ? &ikev1_china_attributes
                                                          : &ikev1_ike_attributes);
}

/* ---- proposals ------------------------------------------------------------------------------ */

static void dissect_proposal(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                             uint8_t protocol _U_)
{
    ike_dissect_proposal(pkt, tvb, tree, item, hf_protocol, dissect_transform);
}

/* Whether a proposal can begin at `offset`. */
static bool is_proposal(tvbuff_t *tvb, unsigned offset)
{
    unsigned left = ike_left(tvb, offset);

    if (left < IKE_SUBSTRUCTURE_HEADER)
        return false;
    uint8_t next = tvb_get_uint8(tvb, offset);
    unsigned length = tvb_get_ntohs(tvb, offset + 2);
    return (!next || next == IKE_PROPOSAL) && length >= IKE_SUBSTRUCTURE_HEADER && length <= left;
}

static void dissect_proposals(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree)
{
    ike_dissect_substructures(pkt, body, offset, tree, IKE_PROPOSAL, dissect_proposal, 0);
}

/* ---- the situation of the IPsec DOI --------------------------------------------------------- */

/* A sensitivity level (its length in bytes) and its categories (a bitmap, its length in bits),
 * both padded to a multiple of four bytes. */
typedef struct {
    const int *level_length, *level, *category_length, *category;
} label_fields;

static const label_fields secrecy_fields = {&hf_secrecy_length, &hf_secrecy_level,
                                            &hf_secrecy_category_length, &hf_secrecy_category};
static const label_fields integrity_fields = {&hf_integrity_length, &hf_integrity_level,
                                              &hf_integrity_category_length,
                                              &hf_integrity_category};

static unsigned padded(unsigned bytes)
{
    return (bytes + 3) & ~3u;
}

/* The offset behind a label at `offset`; 0 when it exceeds the payload. */
static unsigned label_end(tvbuff_t *body, unsigned offset)
{
    for (unsigned part = 0; part < 2; part++) {
        if (ike_left(body, offset) < 4)
            return 0;
        unsigned length = tvb_get_ntohs(body, offset);
        length = padded(part ? (length + 7) / 8 : length);
        if (ike_left(body, offset + 4) < length)
            return 0;
        offset += 4 + length;
    }
    return offset;
}

/* Shows a label whose end label_end() found. */
static unsigned show_label(tvbuff_t *body, unsigned offset, proto_tree *tree,
                           const label_fields *fields)
{
    for (unsigned part = 0; part < 2; part++) {
        unsigned number = tvb_get_ntohs(body, offset);
        unsigned bytes = part ? (number + 7) / 8 : number;
        proto_item *length =
            proto_tree_add_item(tree, part ? *fields->category_length : *fields->level_length, body,
                                offset, 2, ENC_BIG_ENDIAN);
        proto_item_append_text(length, part ? " bits" : " bytes");
        proto_tree_add_item(tree, hf_ike_reserved, body, offset + 2, 2, ENC_NA);
        if (bytes)
            proto_tree_add_item(tree, part ? *fields->category : *fields->level, body, offset + 4,
                                bytes, ENC_NA);
        offset += 4 + padded(bytes);
    }
    return offset;
}

/* Where the proposals begin behind the labels of `secrecy` and `integrity`. 0 when
 * the labels exceed the payload. */
static unsigned labels_end(tvbuff_t *body, unsigned offset, bool secrecy, bool integrity)
{
    offset += 4; /* Labeled Domain Identifier */
    if (secrecy)
        offset = label_end(body, offset);
    if (offset && integrity)
        offset = label_end(body, offset);
    return offset && is_proposal(body, offset) ? offset : 0;
}

/* The labels of a labeled situation. The figure in RFC 2407 has those of secrecy and of integrity
 * in any case; a sender may leave out those whose bit is not set. */
static unsigned dissect_labels(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                               uint32_t situation)
{
    bool secrecy = situation & SIT_SECRECY, integrity = situation & SIT_INTEGRITY;

    if (labels_end(body, offset, true, true)) {
        secrecy = integrity = true;
    } else if (!labels_end(body, offset, secrecy, integrity)) {
        if (!is_proposal(body, offset))
            proto_tree_add_expert(tree, pkt->pinfo, &ei_labels, body, offset, -1);
        return offset;
    }
    proto_tree_add_item(tree, hf_label_domain, body, offset, 4, ENC_BIG_ENDIAN);
    offset += 4;
    if (secrecy)
        offset = show_label(body, offset, tree, &secrecy_fields);
    if (integrity)
        offset = show_label(body, offset, tree, &integrity_fields);
    return offset;
}

static void dissect_ipsec(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree)
{
    if (ike_left(body, offset) < 4) {
        ike_too_short(pkt, body, tree, "a situation");
        return;
    }
    uint32_t situation = tvb_get_ntohl(body, offset);
    proto_item *item = proto_tree_add_item(tree, hf_situation, body, offset, 4, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_situation);

    proto_tree_add_item(sub, hf_identity_only, body, offset, 4, ENC_BIG_ENDIAN);
    proto_tree_add_item(sub, hf_secrecy, body, offset, 4, ENC_BIG_ENDIAN);
    proto_tree_add_item(sub, hf_integrity, body, offset, 4, ENC_BIG_ENDIAN);
    offset += 4;
    if (situation & (SIT_SECRECY | SIT_INTEGRITY))
        offset = dissect_labels(pkt, body, offset, sub, situation);
    dissect_proposals(pkt, body, offset, tree);
}

/* ---- the payload ---------------------------------------------------------------------------- */

/* A DOI whose situation is not known (or none, DOI 0): the rest is the situation, and below it the
 * proposals where the situation allows it. */
static void dissect_other(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree)
{
    proto_item *item = ike_add_rest(tree, hf_situation, body, offset, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_situation);

    if (is_proposal(body, offset + 4))
        dissect_proposals(pkt, body, offset + 4, sub);
    else if (is_proposal(body, offset))
        dissect_proposals(pkt, body, offset, sub);
}

void ikev1_dissect_sa(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                      uint8_t type _U_)
{
    enum { FIXED = 4 };

    uint32_t doi = tvb_get_ntohl(body, 0);
    proto_item *shown = proto_tree_add_item(tree, hf_doi, body, 0, 4, ENC_BIG_ENDIAN);

    if (!pkt->msg->sa_body.data)
        pkt->msg->sa_body = ike_bytes_of(body, 0, -1);
    if (doi == IKEV1_DOI_IPSEC) {
        dissect_ipsec(pkt, body, FIXED, tree);
    } else if (doi == IKEV1_DOI_GDOI) {
        dissect_gdoi(pkt, body, FIXED, tree);
    } else {
        if (doi != IKEV1_DOI_ISAKMP)
            expert_add_info(pkt->pinfo, shown, &ei_doi);
        dissect_other(pkt, body, FIXED, tree);
    }
}

void ikev1_register_sa(void)
{
    static hf_register_info hf[] = {
        {&hf_doi,
         {"Domain of interpretation", "isakmp.sa.doi", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_DOI], 0, "ISAKMP Domain of Interpretation", HFILL}},
        {&hf_situation,
         {"Situation", "isakmp.sa.situation", FT_BYTES, BASE_NONE, NULL, 0, "ISAKMP SA Situation",
          HFILL}},
        {&hf_identity_only,
         {"Identity Only", "isakmp.sa.situation.identity_only", FT_BOOLEAN, 32, NULL, 0x01,
          "The SA is identified by the identities in ID payloads", HFILL}},
        {&hf_secrecy,
         {"Secrecy", "isakmp.sa.situation.secrecy", FT_BOOLEAN, 32, NULL, 0x02,
          "Labeled secrecy is required", HFILL}},
        {&hf_integrity,
         {"Integrity", "isakmp.sa.situation.integrity", FT_BOOLEAN, 32, NULL, 0x04,
          "Labeled integrity is required", HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.prop.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_PROTOCOL], 0, "ISAKMP Proposal Protocol ID", HFILL}},
        {&hf_transform_number,
         {"Transform number", "isakmp.trans.number", FT_UINT8, BASE_DEC, NULL, 0,
          "ISAKMP Transform Number", HFILL}},
        {&hf_transform_id,
         {"Transform ID", "isakmp.trans.id", FT_UINT8, BASE_DEC, NULL, 0, "ISAKMP Transform ID",
          HFILL}},
        {&hf_label_domain,
         {"Labeled Domain Identifier", "isakmp.sa.situation.domain", FT_UINT32, BASE_DEC, NULL, 0,
          "How the labels are to be read", HFILL}},
        {&hf_secrecy_length,
         {"Secrecy Length", "isakmp.sa.situation.secrecy_length", FT_UINT16, BASE_DEC, NULL, 0,
          "Length of the secrecy level in bytes (RFC 2407 4.6.1)", HFILL}},
        {&hf_secrecy_level,
         {"Secrecy Level", "isakmp.sa.situation.secrecy_level", FT_BYTES, BASE_NONE, NULL, 0,
          "Mandatory secrecy level (RFC 2407 4.6.1)", HFILL}},
        {&hf_secrecy_category_length,
         {"Secrecy Category Length", "isakmp.sa.situation.secrecy_category_length", FT_UINT16,
          BASE_DEC, NULL, 0, "Length of the secrecy category bitmap in bits (RFC 2407 4.6.1)",
          HFILL}},
        {&hf_secrecy_category,
         {"Secrecy Category Bitmap", "isakmp.sa.situation.secrecy_category", FT_BYTES, BASE_NONE,
          NULL, 0, "Mandatory secrecy categories, one bit each (RFC 2407 4.6.1)", HFILL}},
        {&hf_integrity_length,
         {"Integrity Length", "isakmp.sa.situation.integrity_length", FT_UINT16, BASE_DEC, NULL, 0,
          "Length of the integrity level in bytes (RFC 2407 4.6.1)", HFILL}},
        {&hf_integrity_level,
         {"Integrity Level", "isakmp.sa.situation.integrity_level", FT_BYTES, BASE_NONE, NULL, 0,
          "Mandatory integrity level (RFC 2407 4.6.1)", HFILL}},
        {&hf_integrity_category_length,
         {"Integrity Category Length", "isakmp.sa.situation.integrity_category_length", FT_UINT16,
          BASE_DEC, NULL, 0, "Length of the integrity category bitmap in bits (RFC 2407 4.6.1)",
          HFILL}},
        {&hf_integrity_category,
         {"Integrity Category Bitmap", "isakmp.sa.situation.integrity_category", FT_BYTES,
          BASE_NONE, NULL, 0, "Mandatory integrity categories, one bit each (RFC 2407 4.6.1)",
          HFILL}},
    };
    static int *ett[] = {&ett_situation};
    static ei_register_info ei[] = {
        {&ei_labels,
         {"isakmp.sa.situation.labels.invalid", PI_MALFORMED, PI_WARN,
          "Labels of the situation exceed the payload", EXPFILL}},
        {&ei_doi,
         {"isakmp.sa.doi.unknown", PI_UNDECODED, PI_NOTE, "Unknown domain of interpretation",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
