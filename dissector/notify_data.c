/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of RFC 7296 and of what updates it: a row for each type. */
#include "notify.h"

#include "registry/strings.h"

static int hf_group = -1;
static int hf_nat_hash = -1;
static int hf_ipcomp_cpi = -1;
static int hf_ipcomp_transform = -1;
static int hf_hash_algorithm = -1;
static int hf_window = -1;
static int hf_cookie = -1;
static int hf_critical = -1;
static expert_field ei_length = EI_INIT;

/* Says that the data has not the length that its type needs; what fits is shown all the same. */
static bool expect_length(ike_packet *pkt, tvbuff_t *data, proto_item *item, unsigned need)
{
    unsigned length = tvb_reported_length(data);

    if (length != need)
        expert_add_info_format(pkt->pinfo, item, &ei_length, "%u octets of data instead of %u",
                               length, need);
    return length >= need;
}

static void dissect_invalid_ke(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                               uint16_t type _U_)
{
    if (expect_length(pkt, data, item, 2))
        proto_tree_add_item(tree, hf_group, data, 0, 2, ENC_BIG_ENDIAN);
}

static void dissect_window(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                           uint16_t type _U_)
{
    if (expect_length(pkt, data, item, 4))
        proto_tree_add_item(tree, hf_window, data, 0, 4, ENC_BIG_ENDIAN);
}

static void dissect_ipcomp(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                           uint16_t type _U_)
{
    /* Transforms with attributes may follow with more octets. */
    if (tvb_reported_length(data) < 3) {
        expect_length(pkt, data, item, 3);
        return;
    }
    proto_tree_add_item(tree, hf_ipcomp_cpi, data, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_ipcomp_transform, data, 2, 1, ENC_NA);
}

static void dissect_hash_algorithms(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                    proto_item *item, uint16_t type _U_)
{
    unsigned offset = 0;

    for (; ike_left(data, offset) >= 2; offset += 2)
        proto_tree_add_item(tree, hf_hash_algorithm, data, (int)offset, 2, ENC_BIG_ENDIAN);
    if (ike_left(data, offset))
        expect_length(pkt, data, item, offset);
}

static void dissect_unsupported_critical(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                         proto_item *item, uint16_t type _U_)
{
    if (!expect_length(pkt, data, item, 1))
        return;
    uint8_t payload = tvb_get_uint8(data, 0);
    proto_tree_add_uint_format_value(tree, hf_critical, data, 0, 1, payload, "%s (%u)",
                                     ike_payload_name(pkt, payload), payload);
}

static const ikev2_notify_row rows[] = {
    {1, NULL, dissect_unsupported_critical},
    {17, NULL, dissect_invalid_ke},
    {16385, NULL, dissect_window},
    {16387, NULL, dissect_ipcomp},
    {16388, &hf_nat_hash, NULL},
    {16389, &hf_nat_hash, NULL},
    {16390, &hf_cookie, NULL},
    {16431, NULL, dissect_hash_algorithms},
};

void ikev2_register_notify_data(void)
{
    static hf_register_info hf[] = {
        {&hf_group,
         {"Accepted DH group number", "isakmp.notify.data.accepted_dh_group", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings_ikev2_ke_ext, 0, NULL, HFILL}},
        {&hf_nat_hash,
         {"HASH of the address and port", "isakmp.ike.nat_hash", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_ipcomp_cpi,
         {"IPCOMP CPI", "isakmp.notify.data.ipcomp.cpi", FT_UINT16, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_ipcomp_transform,
         {"IPCOMP Transform ID", "isakmp.notify.data.ipcomp.transform_id", FT_UINT8,
          BASE_DEC | BASE_EXT_STRING, &ike_strings_ikev2_ipcomp_ext, 0, NULL, HFILL}},
        {&hf_hash_algorithm,
         {"Supported Signature Hash Algorithm", "isakmp.notify.data.signature_hash_algorithms",
          FT_UINT16, BASE_DEC | BASE_EXT_STRING, &ike_strings_ikev2_hash_ext, 0, NULL, HFILL}},
        {&hf_window,
         {"Window size", "isakmp.notify.data.window_size", FT_UINT32, BASE_DEC, NULL, 0,
          "How many requests may be outstanding", HFILL}},
        {&hf_cookie,
         {"Cookie", "isakmp.notify.data.cookie", FT_BYTES, BASE_NONE, NULL, 0,
          "To be sent back to prove that the initiator receives at its address", HFILL}},
        {&hf_critical,
         {"Unsupported payload", "isakmp.notify.data.unsupported_critical_payload", FT_UINT8,
          BASE_DEC, NULL, 0, "Type of the payload that was not understood", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.notify.data.length", PI_PROTOCOL, PI_WARN,
          "The notification's data has not the length of its type", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ikev2_notify_add_rows(rows, array_length(rows));
}
