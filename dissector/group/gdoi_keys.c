/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a group in GDOI (RFC 6407 5.6, 5.7): Key Download, Sequence Number, and the Proof of
 * Possession of RFC 3547.
 *
 *   KD:  | Number of Key Packets (2) | RESERVED2 (2) | key packets
 *   each | KD Type | RESERVED | KD Length (2) | SPI Size | SPI | attributes
 */
#include "dissector/group/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/bytes.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/group/group_record.h"
#include "proto/network_order.h"

enum { PACKET_HEADER = 5 };

static int hf_count = -1;
static int hf_packet = -1;
static int hf_packet_type = -1;
static int hf_packet_length = -1;
static int hf_spi_size = -1;
static int hf_spi = -1;
static ike_attribute_fields attribute_fields;
static int hf_tek_key = -1;
static int hf_tek_integrity = -1;
static int hf_tek_source = -1;
static int hf_kek_key = -1;
static int hf_signature_key = -1;
static int hf_sid_bits = -1;
static int hf_sid = -1;
static int hf_lkh_version = -1;
static int hf_lkh_count = -1;
static int hf_lkh_id = -1;
static int hf_lkh_handle = -1;
static int hf_lkh_key = -1;
static int hf_lkh_key_type = -1;
static int hf_lkh_created = -1;
static int hf_lkh_expires = -1;
static int hf_lkh_data = -1;
static int hf_sequence = -1;
static int hf_pop = -1;
static int hf_masked = -1;
static int ett_packet = -1;
static int ett_lkh = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_count = EI_INIT;
static expert_field ei_masked = EI_INIT;

/* ---- a logical key hierarchy ---------------------------------------------------------------- */

enum { LKH_KEY_HEADER = 16 };

/* The key data, with the IV before it where the cipher has one (RFC 6407 5.6.3.1): only the policy
 * has its length, which is the same for all keys of an array. */
static unsigned key_bytes(unsigned left, unsigned keys)
{
    return keys ? left / keys : left;
}

/* One key of an array, of which `keys` are left; returns the offset behind, 0 when it exceeds the
 * array.
 */
static unsigned dissect_lkh_key(tvbuff_t *value, unsigned offset, proto_tree *tree, unsigned keys)
{
    enum { FIXED = LKH_KEY_HEADER };
    unsigned left = ike_left(value, offset);

    if (left < FIXED || keys * FIXED > left)
        return 0;
    unsigned bytes = key_bytes(left - keys * FIXED, keys);
    if (left - FIXED < bytes)
        return 0;
    proto_item *item = proto_tree_add_item(tree, hf_lkh_key, value, offset, FIXED + bytes, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_lkh);
    proto_item_append_text(item, " %u", tvb_get_ntohs(value, offset));
    proto_tree_add_item(sub, hf_lkh_id, value, offset, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(sub, hf_lkh_key_type, value, offset + 2, 1, ENC_NA);
    proto_tree_add_item(sub, hf_ike_reserved, value, offset + 3, 1, ENC_NA);
    proto_tree_add_item(sub, hf_lkh_created, value, offset + 4, 4, ENC_BIG_ENDIAN);
    proto_tree_add_item(sub, hf_lkh_expires, value, offset + 8, 4, ENC_BIG_ENDIAN);
    proto_tree_add_item(sub, hf_lkh_handle, value, offset + 12, 4, ENC_BIG_ENDIAN);
    if (bytes)
        proto_tree_add_item(sub, hf_lkh_data, value, offset + FIXED, bytes, ENC_NA);
    return offset + FIXED + bytes;
}

/* Keys of the hierarchy; those of an update follow the ID and handle of the key that they are
 * encrypted under. */
static void dissect_lkh(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                        uint16_t type)
{
    bool update = type == GDOI_KD_LKH_ATTRIBUTE_LKH_UPDATE_ARRAY;
    unsigned offset = update ? 12 : 4;

    if (ike_left(value, 0) < offset) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    unsigned keys = tvb_get_ntohs(value, 1);
    proto_tree_add_item(tree, hf_lkh_version, value, 0, 1, ENC_NA);
    proto_tree_add_item(tree, hf_lkh_count, value, 1, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_ike_reserved, value, 3, 1, ENC_NA);
    if (update) {
        proto_tree_add_item(tree, hf_lkh_id, value, 4, 2, ENC_BIG_ENDIAN);
        proto_tree_add_item(tree, hf_ike_reserved2, value, 6, 2, ENC_NA);
        proto_tree_add_item(tree, hf_lkh_handle, value, 8, 4, ENC_BIG_ENDIAN);
    }
    for (; keys; keys--) {
        unsigned end = dissect_lkh_key(value, offset, tree, keys);
        if (!end) {
            expert_add_info(pkt->pinfo, item, &ei_length);
            return;
        }
        offset = end;
    }
    ike_trailing(pkt, value, tree, offset);
}

/* ---- attributes of key packets -------------------------------------------------------------- */

static const ike_value_row tek_rows[] = {
    {GDOI_KD_TEK_ATTRIBUTE_TEK_ALGORITHM_KEY, .fields = {&hf_tek_key}},
    {GDOI_KD_TEK_ATTRIBUTE_TEK_INTEGRITY_KEY, .fields = {&hf_tek_integrity}},
    {GDOI_KD_TEK_ATTRIBUTE_TEK_SOURCE_AUTH_KEY, .fields = {&hf_tek_source}},
};
static const ike_value_row kek_rows[] = {
    {GDOI_KD_KEK_ATTRIBUTE_KEK_ALGORITHM_KEY, .fields = {&hf_kek_key}},
    {GDOI_KD_KEK_ATTRIBUTE_SIG_ALGORITHM_KEY, .fields = {&hf_signature_key}},
};
static const ike_value_row lkh_rows[] = {
    {GDOI_KD_LKH_ATTRIBUTE_LKH_DOWNLOAD_ARRAY, .dissect = dissect_lkh},
    {GDOI_KD_LKH_ATTRIBUTE_LKH_UPDATE_ARRAY, .dissect = dissect_lkh},
    {GDOI_KD_LKH_ATTRIBUTE_SIG_ALGORITHM_KEY, .fields = {&hf_signature_key}},
};
static const ike_value_row sid_rows[] = {
    {GDOI_KD_SID_ATTRIBUTE_NUMBER_OF_SID_BITS, .fields = {&hf_sid_bits}},
    {GDOI_KD_SID_ATTRIBUTE_SID_VALUE, .fields = {&hf_sid}},
};

#define FAMILY(text, names, known)                                                                 \
    IKE_ATTRIBUTE_FAMILY(text, &attribute_fields, names, known, .numbers_of_any_length = true)

static const ike_attribute_family families[] = {
    [0] = {.label = "Key download Attribute", .fields = &attribute_fields},
    [GDOI_KD_TEK] = FAMILY("Key download TEK Attribute", IKE_REG_GDOI_KD_TEK_ATTR, tek_rows),
    [GDOI_KD_KEK] = FAMILY("Key download KEK Attribute", IKE_REG_GDOI_KD_KEK_ATTR, kek_rows),
    [GDOI_KD_LKH] = FAMILY("Key download LKH Attribute", IKE_REG_GDOI_KD_LKH_ATTR, lkh_rows),
    [GDOI_KD_SID] = FAMILY("Key download SID Attribute", IKE_REG_GDOI_KD_SID_ATTR, sid_rows),
};

/* ---- what is recorded ----------------------------------------------------------------------- */

/* A key of the hierarchy by its place and its handle (RFC 6407 5.6.3.1); different ones may have
 * the same number. Never 0. */
static uint32_t lkh_key_id(const uint8_t *lkh_id, const uint8_t *handle)
{
    uint32_t place = ike_get_u16(lkh_id);
    return ((place << 16 | place) ^ ike_get_u32(handle) * 2654435761u) | 1;
}

/* The keys of a path through the hierarchy, of which the root is the KEK. In an update each one is
 * encrypted under the one before it, the first under the one that the header names. */
static void record_lkh(ike_packet *pkt, ike_span spi, ike_span array, bool update)
{
    enum { TYPE = 2, HANDLE = 12 };
    unsigned fixed = update ? 12 : 4;
    unsigned keys = array.length > fixed ? ike_get_u16(array.data + 1) : 0;
    size_t size = keys ? (array.length - fixed) / keys : 0;
    uint32_t before = update && keys ? lkh_key_id(array.data + 4, array.data + 8) : 0;

    for (unsigned i = 0; i < keys && size > LKH_KEY_HEADER; i++) {
        const uint8_t *at = array.data + fixed + i * size;
        ike_group_key *key = ike_record_group_key(pkt, IKE_GROUP_LKH_KEY, IKE_GROUP_REKEY, spi);
        if (!key)
            return;
        key->id = lkh_key_id(at, at + HANDLE);
        key->wrapping_id = before;
        key->algorithm = at[TYPE];
        key->data = (ike_span){at + LKH_KEY_HEADER, size - LKH_KEY_HEADER};
        before = update ? key->id : 0;
    }
}

/* Kinds of keys by type of key packet and attribute. */
static const struct {
    uint8_t packet;
    uint16_t attribute;
    ike_group_key_kind kind;
} recorded[] = {
    {GDOI_KD_TEK, GDOI_KD_TEK_ATTRIBUTE_TEK_ALGORITHM_KEY, IKE_GROUP_ALGORITHM_KEY},
    {GDOI_KD_TEK, GDOI_KD_TEK_ATTRIBUTE_TEK_INTEGRITY_KEY, IKE_GROUP_INTEGRITY_KEY},
    {GDOI_KD_TEK, GDOI_KD_TEK_ATTRIBUTE_TEK_SOURCE_AUTH_KEY, IKE_GROUP_SOURCE_KEY},
    {GDOI_KD_KEK, GDOI_KD_KEK_ATTRIBUTE_KEK_ALGORITHM_KEY, IKE_GROUP_ALGORITHM_KEY},
    {GDOI_KD_KEK, GDOI_KD_KEK_ATTRIBUTE_SIG_ALGORITHM_KEY, IKE_GROUP_AUTH_KEY},
    {GDOI_KD_LKH, GDOI_KD_LKH_ATTRIBUTE_SIG_ALGORITHM_KEY, IKE_GROUP_AUTH_KEY},
};

static void record_key(ike_packet *pkt, uint8_t type, ike_span spi, uint16_t attribute,
                       ike_span value)
{
    if (type == GDOI_KD_LKH && (attribute == GDOI_KD_LKH_ATTRIBUTE_LKH_DOWNLOAD_ARRAY ||
                                attribute == GDOI_KD_LKH_ATTRIBUTE_LKH_UPDATE_ARRAY))
        record_lkh(pkt, spi, value, attribute == GDOI_KD_LKH_ATTRIBUTE_LKH_UPDATE_ARRAY);
    for (unsigned i = 0; i < array_length(recorded); i++) {
        if (recorded[i].packet != type || recorded[i].attribute != attribute)
            continue;
        /* Whether a TEK is of ESP or AH is known by its policy. */
        ike_group_key *key = ike_record_group_key(pkt, recorded[i].kind,
                                                  type == GDOI_KD_TEK ? 0 : IKE_GROUP_REKEY, spi);
        if (key)
            key->data = value;
    }
}

static void record_keys(ike_packet *pkt, tvbuff_t *packet, unsigned offset, uint8_t type)
{
    ike_span spi = ike_bytes_of(packet, PACKET_HEADER, offset - PACKET_HEADER), value;
    uint16_t attribute;

    while (ike_attribute_next_bytes(packet, &offset, &attribute, &value))
        record_key(pkt, type, spi, attribute, value);
}

/* ---- the payloads --------------------------------------------------------------------------- */

/* One key packet at the start of `tvb`; returns its length, 0 when it exceeds the payload. */
static unsigned dissect_packet(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree)
{
    unsigned left = tvb_reported_length(tvb);
    unsigned length = left >= PACKET_HEADER ? tvb_get_ntohs(tvb, 2) : 0;
    unsigned spi_size = left >= PACKET_HEADER ? tvb_get_uint8(tvb, 4) : 0;
    bool fits = length >= PACKET_HEADER + spi_size && length <= left;
    proto_item *item = proto_tree_add_item(tree, hf_packet, tvb, 0, fits ? length : left, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_packet);

    if (!fits) {
        pkt->msg->malformed = true;
        expert_add_info(pkt->pinfo, item, &ei_length);
        return 0;
    }
    uint8_t type = tvb_get_uint8(tvb, 0);
    proto_item_append_text(
        item, " - %s", val_to_str_ext_const(type, &ike_strings[IKE_REG_GDOI_KD_TYPE], "unknown"));
    proto_tree_add_item(sub, hf_packet_type, tvb, 0, 1, ENC_NA);
    proto_tree_add_item(sub, hf_ike_reserved, tvb, 1, 1, ENC_NA);
    proto_tree_add_item(sub, hf_packet_length, tvb, 2, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(sub, hf_spi_size, tvb, 4, 1, ENC_NA);
    if (spi_size)
        proto_tree_add_item(sub, hf_spi, tvb, PACKET_HEADER, spi_size, ENC_NA);
    tvbuff_t *packet = tvb_new_subset_length(tvb, 0, length);
    record_keys(pkt, packet, PACKET_HEADER + spi_size, type);
    ike_dissect_attributes(pkt, packet, PACKET_HEADER + spi_size, sub,
                           &families[type < array_length(families) ? type : 0]);
    return length;
}

/* Whether the key packets that are announced fill the payload. */
static bool holds_key_packets(tvbuff_t *body, unsigned offset, unsigned announced)
{
    for (; announced && ike_left(body, offset) >= PACKET_HEADER; announced--) {
        unsigned length = tvb_get_ntohs(body, offset + 2);
        if (length < PACKET_HEADER || length > ike_left(body, offset))
            return false;
        offset += length;
    }
    return !announced && !ike_left(body, offset);
}

void gdoi_dissect_key_download(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                               proto_item *item _U_, uint8_t type _U_)
{
    enum { FIXED = 4 };

    unsigned announced = tvb_get_ntohs(body, 0), found = 0, offset = FIXED;
    /* With KE payloads the whole of it is combined with their secret by exclusive or. */
    if (pkt->msg->ke_count && !holds_key_packets(body, FIXED, announced)) {
        expert_add_info(pkt->pinfo, ike_add_rest(tree, hf_masked, body, 0, ENC_NA), &ei_masked);
        return;
    }
    proto_item *count = proto_tree_add_item(tree, hf_count, body, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_ike_reserved2, body, 2, 2, ENC_NA);
    while (found < announced && ike_left(body, offset)) {
        unsigned length = dissect_packet(pkt, tvb_new_subset_remaining(body, offset), tree);
        if (!length)
            return;
        offset += length;
        found++;
    }
    if (found < announced)
        expert_add_info_format(pkt->pinfo, count, &ei_count, "%u key packets announced, %u present",
                               announced, found);
    ike_trailing(pkt, body, tree, offset);
}

void gdoi_dissect_sequence(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                           uint8_t type _U_)
{
    proto_tree_add_item(tree, hf_sequence, body, 0, 4, ENC_BIG_ENDIAN);
    ike_group_download *group = ike_group_of(pkt);
    group->has_sequence = true;
    group->sequence = tvb_get_ntohl(body, 0);
    proto_item_append_text(item, " - %u", tvb_get_ntohl(body, 0));
    ike_trailing(pkt, body, tree, 4);
}

void gdoi_dissect_pop(ike_packet *pkt _U_, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                      uint8_t type _U_)
{
    ike_add_rest(tree, hf_pop, body, 0, ENC_NA);
    ike_add_hidden_data(tree, body);
}

/* ---- registration --------------------------------------------------------------------------- */

void gdoi_register_keys(void)
{
    static hf_register_info hf[] = {
        {&hf_count,
         {"Number of Key Packets", "isakmp.kd.num_pkt", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_packet,
         {"Key Download Payload", "isakmp.kd.payload", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_packet_type,
         {"Type", "isakmp.kd.payload.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_GDOI_KD_TYPE], 0, NULL, HFILL}},
        {&hf_packet_length,
         {"Length", "isakmp.kd.payload.length", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_spi_size,
         {"SPI Size", "isakmp.kd.payload.spi_size", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_spi, {"SPI", "isakmp.kd.payload.spi", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_sequence,
         {"Sequence Number", "isakmp.seq.seq", FT_UINT32, BASE_DEC, NULL, 0,
          "Guards pushed rekeys against replay", HFILL}},
        {&hf_masked,
         {"Key packets combined with a shared secret", "isakmp.kd.masked", FT_BYTES, BASE_NONE,
          NULL, 0, "Perfect forward secrecy of RFC 3547 3.2.1", HFILL}},
        {&hf_pop,
         {"Proof of Possession", "isakmp.pop", FT_BYTES, BASE_NONE, NULL, 0, "RFC 3547", HFILL}},
        IKE_ATTRIBUTE_FIELDS(attribute_fields, "isakmp.key_download.attr",
                             "Key download Attribute"),
        {&hf_tek_key,
         {"Key of the cipher", "isakmp.key_download.tek.algorithm_key", FT_BYTES, BASE_NONE, NULL,
          0, "TEK_ALGORITHM_KEY (RFC 6407 5.6.1)", HFILL}},
        {&hf_tek_integrity,
         {"Key of the integrity algorithm", "isakmp.key_download.tek.integrity_key", FT_BYTES,
          BASE_NONE, NULL, 0, "TEK_INTEGRITY_KEY (RFC 6407 5.6.1)", HFILL}},
        {&hf_tek_source,
         {"Key of source authentication", "isakmp.key_download.tek.source_auth_key", FT_BYTES,
          BASE_NONE, NULL, 0, "TEK_SOURCE_AUTH_KEY (RFC 6407 5.6.1)", HFILL}},
        {&hf_kek_key,
         {"IV and key of the KEK", "isakmp.key_download.kek.algorithm_key", FT_BYTES, BASE_NONE,
          NULL, 0, "KEK_ALGORITHM_KEY (RFC 6407 5.6.2)", HFILL}},
        {&hf_signature_key,
         {"Public key of the signatures", "isakmp.key_download.sig_algorithm_key", FT_BYTES,
          BASE_NONE, NULL, 0, "SIG_ALGORITHM_KEY (RFC 6407 5.6.2)", HFILL}},
        {&hf_sid_bits,
         {"Number of sender ID bits", "isakmp.key_download.sid.bits", FT_UINT16, BASE_DEC, NULL, 0,
          "NUMBER_OF_SID_BITS (RFC 6407 5.6.4)", HFILL}},
        {&hf_sid,
         {"Sender ID", "isakmp.key_download.sid.value", FT_BYTES, BASE_NONE, NULL, 0,
          "SID_VALUE, the member's Sender-ID (RFC 6407 5.6.4)", HFILL}},
        {&hf_lkh_version,
         {"LKH Version", "isakmp.key_download.lkh.version", FT_UINT8, BASE_DEC, NULL, 0,
          "Version of the LKH array (RFC 6407 5.6.3)", HFILL}},
        {&hf_lkh_count,
         {"Number of LKH keys", "isakmp.key_download.lkh.count", FT_UINT16, BASE_DEC, NULL, 0,
          "Number of keys in the LKH array (RFC 6407 5.6.3)", HFILL}},
        {&hf_lkh_id,
         {"LKH ID", "isakmp.key_download.lkh.id", FT_UINT16, BASE_DEC, NULL, 0,
          "Place of the key in the tree", HFILL}},
        {&hf_lkh_handle,
         {"Key Handle", "isakmp.key_download.lkh.handle", FT_UINT32, BASE_DEC, NULL, 0,
          "Identifies a key of the hierarchy version (RFC 6407 5.6.3)", HFILL}},
        {&hf_lkh_key,
         {"LKH Key", "isakmp.key_download.lkh.key", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_lkh_key_type,
         {"Key Type", "isakmp.key_download.lkh.key_type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_GDOI_KEK_ALGORITHM], 0, "Cipher of the LKH key (RFC 6407 5.6.3)",
          HFILL}},
        {&hf_lkh_created,
         {"Key Creation Date", "isakmp.key_download.lkh.created", FT_UINT32, BASE_DEC, NULL, 0,
          "Seconds since the epoch, 0 for now", HFILL}},
        {&hf_lkh_expires,
         {"Key Expiration Date", "isakmp.key_download.lkh.expires", FT_UINT32, BASE_DEC, NULL, 0,
          "Seconds since the epoch, 0 for never", HFILL}},
        {&hf_lkh_data,
         {"Key Data", "isakmp.key_download.lkh.data", FT_BYTES, BASE_NONE, NULL, 0,
          "IV and key; encrypted in an update", HFILL}},
    };
    static int *ett[] = {&ett_packet, &ett_lkh};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.kd.length.invalid", PI_MALFORMED, PI_ERROR, "Keys exceed the payload", EXPFILL}},
        {&ei_masked,
         {"isakmp.kd.masked.note", PI_DECRYPTION, PI_NOTE,
          "Keys not decrypted: combined with the secret of the KE payloads (RFC 3547 3.2.1)",
          EXPFILL}},
        {&ei_count,
         {"isakmp.kd.num_pkt.invalid", PI_MALFORMED, PI_WARN,
          "Number of key packets differs from the count in the payload", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
