/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication (RFC 7296 3.8), with the algorithm identifier of RFC 7427. */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "registry/names.h"

static int hf_method = -1;
static int hf_data = -1;
static int hf_asn1_length = -1;
static int hf_asn1 = -1;
static int hf_signature = -1;
static int ett_auth = -1;
static int ett_asn1 = -1;
static expert_field ei_method = EI_INIT;
static expert_field ei_asn1 = EI_INIT;

/* RFC 7427 3: one byte of length, the AlgorithmIdentifier, the signature. */
static void dissect_signature(ike_packet *pkt, tvbuff_t *data, proto_tree *tree)
{
    unsigned length = ike_left(data, 0) ? tvb_get_uint8(data, 0) : 0;

    if (!ike_left(data, 0))
        return;
    proto_item *item = proto_tree_add_item(tree, hf_asn1_length, data, 0, 1, ENC_NA);
    if (!length || length > ike_left(data, 1)) {
        expert_add_info(pkt->pinfo, item, &ei_asn1);
        return;
    }
    proto_item *asn1 = proto_tree_add_item(tree, hf_asn1, data, 1, length, ENC_NA);
    ike_call_asn1(pkt, IKE_ASN1_ALGORITHM, tvb_new_subset_length(data, 1, length),
                  proto_item_add_subtree(asn1, ett_asn1), asn1);
    ike_add_rest(tree, hf_signature, data, (1 + length), ENC_NA);
}

void ikev2_dissect_auth(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                        uint8_t type _U_)
{
    enum { FIXED = 4 };

    uint8_t method = tvb_get_uint8(body, 0);
    proto_item *shown = proto_tree_add_item(tree, hf_method, body, 0, 1, ENC_NA);
    if (!ike_registry_assigned(IKE_REG_IKEV2_AUTH, method))
        expert_add_info(pkt->pinfo, shown, &ei_method);
    proto_tree_add_item(tree, hf_ike_reserved, body, 1, 3, ENC_NA);
    proto_item *data = ike_add_rest(tree, hf_data, body, FIXED, ENC_NA);
    pkt->auth_tree = tree;
    pkt->auth_item = item;
    pkt->msg->auth_method = method;
    pkt->msg->auth = ike_bytes_of(body, FIXED, -1);
    if (method == IKEV2_AUTH_DIGITAL_SIGNATURE && ike_left(body, FIXED))
        dissect_signature(pkt, tvb_new_subset_remaining(body, FIXED),
                          proto_item_add_subtree(data, ett_auth));
}

void ikev2_register_auth(void)
{
    static hf_register_info hf[] = {
        {&hf_method,
         {"Authentication Method", "isakmp.auth.method", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_AUTH], 0, "IKEv2 Authentication Method", HFILL}},
        {&hf_data,
         {"Authentication Data", "isakmp.auth.data", FT_BYTES, BASE_NONE, NULL, 0,
          "IKEv2 Authentication Data", HFILL}},
        {&hf_asn1_length,
         {"ASN.1 Length", "isakmp.auth.data.sig.asn1.len", FT_UINT8, BASE_DEC, NULL, 0,
          "IKEv2 Authentication Data Digital Signature ASN.1 Length", HFILL}},
        {&hf_asn1,
         {"ASN.1 Data", "isakmp.auth.data.sig.asn1.data", FT_BYTES, BASE_NONE, NULL, 0,
          "IKEv2 Authentication Data Digital Signature ASN.1 Data", HFILL}},
        {&hf_signature,
         {"Signature Value", "isakmp.auth.data.sig.value", FT_BYTES, BASE_NONE, NULL, 0,
          "IKEv2 Authentication Data Digital Signature Value", HFILL}},
    };
    static int *ett[] = {&ett_auth, &ett_asn1};
    static ei_register_info ei[] = {
        {&ei_method,
         {"isakmp.auth.method.unknown", PI_UNDECODED, PI_NOTE, "Unknown authentication method",
          EXPFILL}},
        {&ei_asn1,
         {"isakmp.auth.data.sig.asn1.invalid", PI_MALFORMED, PI_ERROR,
          "Algorithm identifier exceeds the payload", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
