/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Download of G-IKEv2 (RFC 9838 4.5): a key bag for each SA of the group, and one for the
 * member. Keys come wrapped:
 *
 *   +---------------------------------------------------------------+
 *   |                             Key ID                            |
 *   |                             KWK ID                            |
 *   |                          Wrapped Key                          |
 *   +---------------------------------------------------------------+
 */
#include "dissector/group/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/bytes.h"
#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/group/gikev2.h"
#include "dissector/group/group_record.h"
#include "proto/network_order.h"
#include "registry/names.h"

enum { WRAPPED_HEADER = 8 };

static ike_attribute_fields attribute_fields;
static int hf_key_id = -1;
static int hf_wrapping_id = -1;
static int hf_wrapped = -1;
static int hf_public_key = -1;
static int hf_sender_id = -1;
static expert_field ei_wrapped = EI_INIT;
static expert_field ei_key_id = EI_INIT;

static void dissect_wrapped(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                            bool of_sa)
{
    if (ike_left(value, 0) < WRAPPED_HEADER) {
        expert_add_info(pkt->pinfo, item, &ei_wrapped);
        return;
    }
    uint32_t id = tvb_get_ntohl(value, 0), wrapping = tvb_get_ntohl(value, 4);
    proto_item *shown = proto_tree_add_item(tree, hf_key_id, value, 0, 4, ENC_BIG_ENDIAN);

    proto_item_append_text(shown, id ? "" : " (keys of the SA)");
    /* Zero identifies the keys of an SA, and nothing else. */
    if (of_sa != !id)
        expert_add_info(pkt->pinfo, shown, &ei_key_id);
    shown = proto_tree_add_item(tree, hf_wrapping_id, value, 4, 4, ENC_BIG_ENDIAN);
    proto_item_append_text(shown, wrapping ? "" : " (the default key wrap key)");
    if (ike_left(value, WRAPPED_HEADER))
        ike_add_rest(tree, hf_wrapped, value, WRAPPED_HEADER, ENC_NA);
    proto_item_append_text(item, ": key %u wrapped with %u", id, wrapping);
}

static void dissect_sa_key(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                           uint16_t type _U_)
{
    dissect_wrapped(pkt, value, tree, item, true);
}

static void dissect_wrap_key(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    dissect_wrapped(pkt, value, tree, item, false);
}

/* The key that GSA_REKEY is signed with, as SubjectPublicKeyInfo. */
static void dissect_auth_key(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    ike_add_rest(tree, hf_public_key, value, 0, ENC_NA);
    ike_call_asn1(pkt, IKE_ASN1_PUBLIC_KEY, value, tree, item);
}

static const ike_value_row sa_rows[] = {
    {GIKEV2_KEY_BAG_SA_KEY, .dissect = dissect_sa_key},
};

static const ike_value_row member_rows[] = {
    {GIKEV2_KEY_BAG_WRAP_KEY, .dissect = dissect_wrap_key},
    {GIKEV2_KEY_BAG_AUTH_KEY, .dissect = dissect_auth_key},
    {GIKEV2_KEY_BAG_GM_SENDER_ID, .fields = {&hf_sender_id}},
};

static const ike_attribute_family sa_attributes = IKE_ATTRIBUTE_FAMILY(
    "Group Key Bag Attribute", &attribute_fields, IKE_REG_GIKEV2_GROUP_KEY_BAG_ATTR, sa_rows);

static const ike_attribute_family member_attributes = IKE_ATTRIBUTE_FAMILY(
    "Member Key Bag Attribute", &attribute_fields, IKE_REG_GIKEV2_MEMBER_KEY_BAG_ATTR, member_rows);

static void record_key(ike_packet *pkt, uint8_t protocol, ike_span spi, uint16_t type,
                       ike_span value)
{
    bool authentication = !protocol && type == GIKEV2_KEY_BAG_AUTH_KEY;
    bool wrapped = protocol ? type == GIKEV2_KEY_BAG_SA_KEY : type == GIKEV2_KEY_BAG_WRAP_KEY;

    if (!authentication && (!wrapped || value.length <= WRAPPED_HEADER))
        return;
    ike_group_key *key = ike_record_group_key(pkt,
                                              authentication ? IKE_GROUP_AUTH_KEY
                                              : protocol     ? IKE_GROUP_KEYMAT
                                                             : IKE_GROUP_WRAP_KEY,
                                              protocol, spi);
    if (!key)
        return;
    key->data = value;
    if (wrapped) {
        key->id = ike_get_u32(value.data);
        key->wrapping_id = ike_get_u32(value.data + 4);
        key->data = (ike_span){value.data + WRAPPED_HEADER, value.length - WRAPPED_HEADER};
    }
}

static void record_keys(ike_packet *pkt, tvbuff_t *part, unsigned offset, uint8_t protocol)
{
    ike_span spi = gikev2_spi(part, offset), value;
    uint16_t type;

    while (ike_attribute_next_bytes(part, &offset, &type, &value))
        record_key(pkt, protocol, spi, type, value);
}

static void dissect_bag(ike_packet *pkt, tvbuff_t *part, unsigned offset, proto_tree *tree,
                        uint8_t protocol)
{
    record_keys(pkt, part, offset, protocol);
    if (ike_left(part, offset))
        ike_dissect_attributes(pkt, part, offset, tree,
                               protocol ? &sa_attributes : &member_attributes);
}

void gikev2_dissect_kd(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                       uint8_t type _U_)
{
    static const gikev2_parts bags = {"Group Key Bag", "Member Key Bag", dissect_bag};

    gikev2_dissect_parts(pkt, body, tree, item, &bags);
}

void gikev2_register_keys(void)
{
    static hf_register_info hf[] = {
        IKE_ATTRIBUTE_FIELDS(attribute_fields, "isakmp.kd.attr", "Key Bag Attribute"),
        {&hf_key_id,
         {"Key ID", "isakmp.kd.key_id", FT_UINT32, BASE_DEC, NULL, 0,
          "Which key is wrapped; 0 is the keying material of the SA", HFILL}},
        {&hf_wrapping_id,
         {"KWK ID", "isakmp.kd.kwk_id", FT_UINT32, BASE_DEC, NULL, 0,
          "Which key it is wrapped with; 0 is the default key wrap key", HFILL}},
        {&hf_wrapped,
         {"Wrapped Key", "isakmp.kd.wrapped_key", FT_BYTES, BASE_NONE, NULL, 0,
          "Key, wrapped under the key that its Key ID names (RFC 9838)", HFILL}},
        {&hf_public_key,
         {"Authentication Key", "isakmp.kd.auth_key", FT_BYTES, BASE_NONE, NULL, 0,
          "Public key of the group's key server, as SubjectPublicKeyInfo", HFILL}},
        {&hf_sender_id,
         {"Sender-ID", "isakmp.kd.sender_id", FT_UINT32, BASE_DEC, NULL, 0,
          "Sender-ID for this member alone", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_wrapped,
         {"isakmp.kd.wrapped_key.short", PI_MALFORMED, PI_ERROR, "Too short for a wrapped key",
          EXPFILL}},
        {&ei_key_id,
         {"isakmp.kd.key_id.invalid", PI_PROTOCOL, PI_WARN,
          "Key ID must be zero for keys of an SA, and not zero for other keys", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
