/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about Child SAs: header compression (RFC 5857), aggregation and fragmentation
 * (RFC 9347), several key exchanges (RFC 9370), SAs for each resource (RFC 9611). */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/attribute.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/notification.h"
#include "dissector/ikev2/notify/notify.h"
#include "registry/names.h"

static ike_attribute_fields rohc_fields;
static int hf_rohc_max_cid = -1;
static int hf_rohc_profile = -1;
static int hf_rohc_integrity = -1;
static int hf_rohc_icv_length = -1;
static int hf_rohc_mrru = -1;
static int hf_key_exchange_link = -1;
static int hf_aggfrag = -1;
static int hf_aggfrag_congestion = -1;
static int hf_aggfrag_dont_fragment = -1;
static int hf_resource = -1;
static int ett_aggfrag = -1;

/* IANA "RObust Header Compression (ROHC) Profile Identifiers". */
static const value_string rohc_profiles[] = {{0x0000, "ROHC uncompressed"},
                                             {0x0001, "ROHC RTP"},
                                             {0x0101, "ROHCv2 RTP"},
                                             {0x0002, "ROHC UDP"},
                                             {0x0102, "ROHCv2 UDP"},
                                             {0x0003, "ROHC ESP"},
                                             {0x0103, "ROHCv2 ESP"},
                                             {0x0004, "ROHC IP"},
                                             {0x0104, "ROHCv2 IP"},
                                             {0x0005, "ROHC LLA"},
                                             {0x0105, "ROHC LLA with R-mode"},
                                             {0x0006, "ROHC TCP"},
                                             {0x0007, "ROHC RTP/UDP-Lite"},
                                             {0x0107, "ROHCv2 RTP/UDP-Lite"},
                                             {0x0008, "ROHC UDP-Lite"},
                                             {0x0108, "ROHCv2 UDP-Lite"},
                                             {0, NULL}};

static const ike_value_row rohc_rows[] = {
    {IKEV2_ROHC_MAX_CID, .fields = {&hf_rohc_max_cid}},
    {IKEV2_ROHC_PROFILE, .fields = {&hf_rohc_profile}},
    {IKEV2_ROHC_INTEG, .fields = {&hf_rohc_integrity}},
    {IKEV2_ROHC_ICV_LENGTH, .fields = {&hf_rohc_icv_length}},
    {IKEV2_ROHC_MRRU, .fields = {&hf_rohc_mrru}},
};

static const ike_attribute_family rohc =
    IKE_ATTRIBUTE_FAMILY("ROHC Attribute Type", &rohc_fields, IKE_REG_IKEV2_ROHC, rohc_rows);

static void dissect_rohc(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item _U_,
                         uint16_t type _U_)
{
    ike_dissect_attributes(pkt, data, 0, tree, &rohc);
}

/* RFC 9347 5.1: one byte of flags. */
static void dissect_aggfrag(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                            uint16_t type _U_)
{
    static int *const flags[] = {&hf_aggfrag_congestion, &hf_aggfrag_dont_fragment, NULL};

    if (ike_notify_expect(pkt, data, item, 1, 1))
        proto_tree_add_bitmask(tree, data, 0, hf_aggfrag, ett_aggfrag, flags, ENC_BIG_ENDIAN);
}

static const ike_value_row rows[] = {
    {IKEV2_NOTIFY_ROHC_SUPPORTED, .dissect = dissect_rohc},
    {IKEV2_NOTIFY_ADDITIONAL_KEY_EXCHANGE, .fields = {&hf_key_exchange_link}},
    {IKEV2_NOTIFY_USE_AGGFRAG, .dissect = dissect_aggfrag},
    {IKEV2_NOTIFY_SA_RESOURCE_INFO, .fields = {&hf_resource}},
};

void ikev2_register_notify_children(void)
{
    static hf_register_info hf[] = {
        {&rohc_fields.attribute,
         {"ROHC Attribute Type", "isakmp.notify.data.rohc.attr", FT_NONE, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&rohc_fields.type,
         {"ROHC Attribute Type", "isakmp.notify.data.rohc.attr.type", FT_UINT16, BASE_DEC, NULL, 0,
          NULL, HFILL}},
        {&rohc_fields.format,
         {"ROHC Format", "isakmp.notify.data.rohc.attr.format", FT_BOOLEAN, 16,
          TFS(&ike_attribute_format), 0x8000, NULL, HFILL}},
        {&rohc_fields.length,
         {"Length", "isakmp.notify.data.rohc.attr.length", FT_UINT16, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&rohc_fields.value,
         {"Value", "isakmp.notify.data.rohc.attr.value", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_rohc_max_cid,
         {"Maximum Context Identifier", "isakmp.notify.data.rohc.attr.max_cid", FT_UINT16, BASE_DEC,
          NULL, 0, NULL, HFILL}},
        {&hf_rohc_profile,
         {"ROHC Profile", "isakmp.notify.data.rohc.attr.profile", FT_UINT16, BASE_DEC,
          VALS(rohc_profiles), 0, NULL, HFILL}},
        {&hf_rohc_integrity,
         {"ROHC Integrity Algorithm", "isakmp.notify.data.rohc.attr.integ", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_INTEG], 0, NULL, HFILL}},
        {&hf_rohc_icv_length,
         {"ROHC ICV Length in bytes", "isakmp.notify.data.rohc.attr.icv_len", FT_UINT16, BASE_DEC,
          NULL, 0, NULL, HFILL}},
        {&hf_rohc_mrru,
         {"MRRU", "isakmp.notify.data.rohc.attr.mrru", FT_UINT16, BASE_DEC, NULL, 0,
          "Maximum reconstructed reception unit", HFILL}},
        {&hf_key_exchange_link,
         {"Key exchange link", "isakmp.notify.data.additional_key_exchange", FT_BYTES, BASE_NONE,
          NULL, 0, "The responder's mark of the exchange that is not finished", HFILL}},
        {&hf_aggfrag,
         {"AGGFRAG flags", "isakmp.notify.data.aggfrag", FT_UINT8, BASE_HEX, NULL, 0,
          "Flags of USE_AGGFRAG (RFC 9347 5.1)", HFILL}},
        {&hf_aggfrag_congestion,
         {"Congestion control", "isakmp.notify.data.aggfrag.congestion_control", FT_BOOLEAN, 8,
          TFS(&tfs_required_not_required), 0x02,
          "Whether the receiver requires congestion control (RFC 9347 5.1)", HFILL}},
        {&hf_aggfrag_dont_fragment,
         {"Don't fragment", "isakmp.notify.data.aggfrag.dont_fragment", FT_BOOLEAN, 8,
          TFS(&tfs_set_notset), 0x01, "The sender does not take fragments of packets", HFILL}},
        {&hf_resource,
         {"Resource", "isakmp.notify.data.sa_resource_info", FT_BYTES, BASE_SHOW_ASCII_PRINTABLE,
          NULL, 0, "What the SA is for, to those who read the sender's logs", HFILL}},
    };
    static int *ett[] = {&ett_aggfrag};

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    ikev2_notify_add_rows(rows, array_length(rows));
}
