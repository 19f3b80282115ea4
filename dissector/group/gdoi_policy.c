/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy of a group in GDOI (RFC 6407 5.2 to 5.5, RFC 8052): the contents of an SA payload of
 * DOI 2, payloads for the rekey SA (SAK), for the SAs of data (SAT) and for the group as a whole
 * (GAP), each with a generic header.
 *
 *   SA:  | DOI (4) | Situation (4) | SA Attribute Next Payload (2) | RESERVED2 (2) | payloads
 *   SAK: | Protocol | SRC ID Type | SRC ID Port (2) | SRC ID Data Len | SRC ID Data
 *        | DST ID Type | DST ID Port (2) | DST ID Data Len | DST ID Data
 *        | SPI (16) | RESERVED2 (4) | KEK attributes
 *   SAT: | Protocol-ID | ESP, AH: Protocol, SRC ID and DST ID as above, Transform ID, SPI (4),
 *        | IPsec attributes
 *   GAP: | attributes
 */
#include "dissector/group/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/bytes.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/group/group_record.h"
#include "dissector/ikev1/attributes.h"

enum { GENERIC_HEADER = 4, MAX_PAYLOADS = 64 };

/* The fields that SAK and SAT have in the same way. */
typedef struct {
    int type, port, length, data;
} identity_fields;

typedef struct {
    int next, reserved, length, protocol;
    identity_fields source, destination;
    int spi;
} policy_fields;

static policy_fields sak;
static policy_fields sat;

static ike_attribute_fields kek;
static ike_attribute_fields gap;
static ike_attribute_fields iec;

static int hf_situation = -1;
static int hf_sa_next = -1;
static int hf_sak_management = -1;
static int hf_sak_algorithm = -1;
static int hf_sak_key_length = -1;
static int hf_sak_lifetime = -1;
static int hf_sak_lifetime64 = -1;
static int hf_sak_lifetime_bytes = -1;
static int hf_sak_sig_hash = -1;
static int hf_sak_sig_algorithm = -1;
static int hf_sak_sig_key_length = -1;
static int hf_sak_ack = -1;
static int hf_sat_protocol_id = -1;
static int hf_sat_payload = -1;
static int hf_sat_transform = -1;
static int hf_gap_activation = -1;
static int hf_gap_deactivation = -1;
static int hf_gap_sender_id = -1;
static int hf_iec_oid_length = -1;
static int hf_iec_oid = -1;
static int hf_iec_specific_length = -1;
static int hf_iec_specific = -1;
static int hf_iec_auth = -1;
static int hf_iec_encr = -1;
static int hf_iec_lifetime = -1;
static int hf_iec_activation = -1;
static int hf_iec_delivery = -1;
static int ett_payload = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_many = EI_INIT;

/* ---- attributes ----------------------------------------------------------------------------- */

static const ike_value_row kek_rows[] = {
    {GDOI_KEK_ATTRIBUTE_KEK_MANAGEMENT_ALGORITHM, .fields = {&hf_sak_management},
     .registry = IKE_REG_GDOI_KEK_MANAGEMENT},
    {GDOI_KEK_ATTRIBUTE_KEK_ALGORITHM, .fields = {&hf_sak_algorithm},
     .registry = IKE_REG_GDOI_KEK_ALGORITHM},
    {GDOI_KEK_ATTRIBUTE_KEK_KEY_LENGTH, .fields = {&hf_sak_key_length}},
    {GDOI_KEK_ATTRIBUTE_KEK_KEY_LIFETIME,
     .fields = {&hf_sak_lifetime, &hf_sak_lifetime64, &hf_sak_lifetime_bytes}, .by_length = true},
    {GDOI_KEK_ATTRIBUTE_SIG_HASH_ALGORITHM, .fields = {&hf_sak_sig_hash},
     .registry = IKE_REG_GDOI_SIG_HASH},
    {GDOI_KEK_ATTRIBUTE_SIG_ALGORITHM, .fields = {&hf_sak_sig_algorithm},
     .registry = IKE_REG_GDOI_SIG_ALGORITHM},
    {GDOI_KEK_ATTRIBUTE_SIG_KEY_LENGTH, .fields = {&hf_sak_sig_key_length}},
    {GDOI_KEK_ATTRIBUTE_KEK_ACK_REQUESTED, .fields = {&hf_sak_ack},
     .registry = IKE_REG_GDOI_KEK_ACK},
};

static const ike_value_row gap_rows[] = {
    {GDOI_GAP_ATTRIBUTE_ACTIVATION_TIME_DELAY, .fields = {&hf_gap_activation}},
    {GDOI_GAP_ATTRIBUTE_DEACTIVATION_TIME_DELAY, .fields = {&hf_gap_deactivation}},
    {GDOI_GAP_ATTRIBUTE_SENDER_ID_REQUEST, .fields = {&hf_gap_sender_id}},
};

static const ike_value_row iec_rows[] = {
    {GDOI_IEC61850_SA_ATD, .fields = {&hf_iec_activation}},
    {GDOI_IEC61850_SA_KDA, .fields = {&hf_iec_delivery}},
};

#define FAMILY(text, all, names, known)                                                            \
    IKE_ATTRIBUTE_FAMILY(text, all, names, known, .numbers_of_any_length = true)

static const ike_attribute_family kek_attributes =
    FAMILY("KEK Attribute", &kek, IKE_REG_GDOI_KEK_ATTR, kek_rows);
static const ike_attribute_family gap_attributes =
    FAMILY("GAP Attribute", &gap, IKE_REG_GDOI_GAP_ATTR, gap_rows);
static const ike_attribute_family iec_attributes =
    FAMILY("SA Data Attribute", &iec, IKE_REG_IEC61850_SA_ATTR, iec_rows);

/* ---- common to SAK and SAT ------------------------------------------------------------------ */

/* The bytes that data of this type has; 0 for any. */
static unsigned data_bytes(uint8_t id_type)
{
    static const uint8_t bytes[] = {
        [IKEV1_ID_IPV4_ADDR] = 4,       [IKEV1_ID_IPV4_ADDR_SUBNET] = 8,
        [IKEV1_ID_IPV6_ADDR] = 16,      [IKEV1_ID_IPV6_ADDR_SUBNET] = 32,
        [IKEV1_ID_IPV4_ADDR_RANGE] = 8, [IKEV1_ID_IPV6_ADDR_RANGE] = 32,
    };

    return id_type < array_length(bytes) ? bytes[id_type] : 0;
}

/* An identity's type, port, length and data; returns the offset behind, 0 when it exceeds the
 * payload. The length has one byte; implementations are known that send two. */
static unsigned dissect_identity(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                                 const identity_fields *fields)
{
    if (ike_left(body, offset) < 4)
        return 0;
    uint8_t kind = tvb_get_uint8(body, offset);
    unsigned bytes = tvb_get_uint8(body, offset + 3), size = 1;

    if (data_bytes(kind) && bytes != data_bytes(kind) && ike_left(body, offset) >= 5 &&
        tvb_get_ntohs(body, offset + 3) == data_bytes(kind)) {
        bytes = data_bytes(kind);
        size = 2;
    }
    proto_tree_add_item(tree, fields->type, body, offset, 1, ENC_NA);
    proto_tree_add_item(tree, fields->port, body, offset + 1, 2, ENC_BIG_ENDIAN);
    proto_item *shown = proto_tree_add_uint(tree, fields->length, body, offset + 3, size, bytes);
    offset += 3 + size;
    if (bytes > ike_left(body, offset)) {
        expert_add_info(pkt->pinfo, shown, &ei_length);
        return 0;
    }
    proto_item *item = proto_tree_add_item(tree, fields->data, body, offset, bytes, ENC_NA);
    if (bytes >= 16 && data_bytes(kind))
        proto_item_append_text(item, " (%s)", tvb_ip6_to_str(pkt->pinfo->pool, body, offset));
    else if (bytes >= 4 && data_bytes(kind))
        proto_item_append_text(item, " (%s)", tvb_ip_to_str(pkt->pinfo->pool, body, offset));
    return offset + bytes;
}

static unsigned dissect_both(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                             const policy_fields *fields)
{
    if (!ike_left(body, offset))
        return 0;
    uint8_t protocol = tvb_get_uint8(body, offset);
    proto_tree_add_uint_format_value(tree, fields->protocol, body, offset, 1, protocol, "%s",
                                     protocol ? ike_ip_protocol_name(pkt->pinfo, protocol)
                                              : "any (0)");
    offset = dissect_identity(pkt, body, offset + 1, tree, &fields->source);
    return offset ? dissect_identity(pkt, body, offset, tree, &fields->destination) : 0;
}

/* ---- what is recorded ----------------------------------------------------------------------- */

/* `offset`: of the KEK attributes. */
static void record_kek(ike_packet *pkt, tvbuff_t *body, unsigned offset, ike_span spi)
{
    ike_group_policy *policy = ike_record_group_policy(pkt, IKE_GROUP_REKEY, spi);
    const struct {
        uint16_t attribute;
        uint16_t *field;
    } rows[] = {
        {GDOI_KEK_ATTRIBUTE_KEK_ALGORITHM, policy ? &policy->encryption : NULL},
        {GDOI_KEK_ATTRIBUTE_KEK_KEY_LENGTH, policy ? &policy->key_bits : NULL},
        {GDOI_KEK_ATTRIBUTE_SIG_ALGORITHM, policy ? &policy->authentication : NULL},
        {GDOI_KEK_ATTRIBUTE_SIG_HASH_ALGORITHM, policy ? &policy->authentication_hash : NULL},
    };

    if (!policy)
        return;
    policy->gdoi = true;
    for (unsigned i = 0; i < array_length(rows); i++)
        *rows[i].field = (uint16_t)ike_attribute_number(body, offset, rows[i].attribute, 0);
}

/* Of an AH transform without the attribute: AH_MD5 and AH_SHA are one more than HMAC-MD5 and
 * HMAC-SHA, the others have the same numbers (RFC 2407 4.4.3 and 4.5). */
static uint16_t integrity_of_ah(uint8_t transform)
{
    return transform == 2 || transform == 3 ? transform - 1 : transform;
}

/* `offset`: of the IPsec attributes. */
static void record_tek(ike_packet *pkt, tvbuff_t *body, unsigned offset, uint8_t protocol,
                       uint8_t transform, ike_span spi)
{
    bool ah = protocol == GDOI_PROTO_IPSEC_AH;
    ike_group_policy *policy = ike_record_group_policy(pkt, ah ? IKE_GROUP_AH : IKE_GROUP_ESP, spi);

    if (!policy)
        return;
    policy->gdoi = true;
    policy->encryption = ah ? 0 : transform;
    policy->integrity =
        (uint16_t)ike_attribute_number(body, offset, IPSEC_ATTRIBUTE_AUTHENTICATION_ALGORITHM,
                                       ah ? integrity_of_ah(transform) : 0);
    policy->key_bits = (uint16_t)ike_attribute_number(body, offset, IPSEC_ATTRIBUTE_KEY_LENGTH, 0);
    policy->sequence_numbers =
        (uint16_t)ike_attribute_number(body, offset, IPSEC_ATTRIBUTE_EXTENDED_SEQUENCE_NUMBER, 0);
}

/* ---- the payloads --------------------------------------------------------------------------- */

void gdoi_dissect_sa_kek(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                         uint8_t type _U_)
{
    enum { SPI = 16, RESERVED2 = 4 };
    unsigned offset = dissect_both(pkt, body, 0, tree, &sak);

    if (!offset || ike_left(body, offset) < SPI + RESERVED2) {
        ike_too_short(pkt, body, tree, "an SA KEK");
        return;
    }
    proto_tree_add_item(tree, sak.spi, body, offset, SPI, ENC_NA);
    proto_tree_add_item(tree, hf_ike_reserved, body, offset + SPI, RESERVED2, ENC_NA);
    record_kek(pkt, body, offset + SPI + RESERVED2, ike_bytes_of(body, offset, SPI));
    ike_dissect_attributes(pkt, body, offset + SPI + RESERVED2, tree, &kek_attributes);
}

/* The policy of an ESP or AH SA, behind the protocol ID. */
static bool dissect_tek_ipsec(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, uint8_t protocol)
{
    unsigned offset = dissect_both(pkt, body, 1, tree, &sat);

    if (!offset || ike_left(body, offset) < 5)
        return false;
    uint8_t id = tvb_get_uint8(body, offset);
    ike_registry registry =
        protocol == GDOI_PROTO_IPSEC_AH ? IKE_REG_IKEV1_TRANSFORM_AH : IKE_REG_IKEV1_TRANSFORM_ESP;
    proto_tree_add_uint_format_value(tree, hf_sat_transform, body, offset, 1, id, "%s (%u)",
                                     ike_vendor_name_of(pkt, registry, id), id);
    proto_tree_add_item(tree, sat.spi, body, offset + 1, 4, ENC_NA);
    record_tek(pkt, body, offset + 5, protocol, id, ike_bytes_of(body, offset + 1, 4));
    ike_dissect_attributes(pkt, body, offset + 5, tree, &ikev1_ipsec_attributes);
    return true;
}

/* The policy of traffic of IEC 61850 (RFC 8052 2.2): object identifier, SPI, algorithms. */
static bool dissect_tek_iec(ike_packet *pkt, tvbuff_t *body, proto_tree *tree)
{
    enum { FIXED = 12 }; /* SPI, two algorithms, lifetime */
    unsigned oid = ike_left(body, 1) ? tvb_get_uint8(body, 1) : 0;
    unsigned offset = 2 + oid;

    if (ike_left(body, offset) < 2)
        return false;
    unsigned specific = tvb_get_ntohs(body, offset);
    if (ike_left(body, offset + 2) < specific + FIXED)
        return false;
    proto_tree_add_item(tree, hf_iec_oid_length, body, 1, 1, ENC_NA);
    proto_tree_add_item(tree, hf_iec_oid, body, 2, oid, ENC_NA);
    proto_tree_add_item(tree, hf_iec_specific_length, body, offset, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_iec_specific, body, offset + 2, specific, ENC_NA);
    offset += 2 + specific;
    proto_tree_add_item(tree, sat.spi, body, offset, 4, ENC_NA);
    proto_tree_add_item(tree, hf_iec_auth, body, offset + 4, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_iec_encr, body, offset + 6, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_iec_lifetime, body, offset + 8, 4, ENC_BIG_ENDIAN);
    ike_dissect_attributes(pkt, body, offset + FIXED, tree, &iec_attributes);
    return true;
}

void gdoi_dissect_sa_tek(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                         uint8_t type _U_)
{
    if (!ike_left(body, 0)) {
        ike_too_short(pkt, body, tree, "an SA TEK");
        return;
    }
    uint8_t protocol = tvb_get_uint8(body, 0);
    bool done = false;

    proto_tree_add_item(tree, hf_sat_protocol_id, body, 0, 1, ENC_NA);
    proto_item_append_text(
        item, " - %s",
        val_to_str_ext_const(protocol, &ike_strings[IKE_REG_GDOI_TEK_PROTOCOL], "unknown"));
    if (protocol == GDOI_PROTO_IPSEC_ESP || protocol == GDOI_PROTO_IPSEC_AH)
        done = dissect_tek_ipsec(pkt, body, tree, protocol);
    else if (protocol == GDOI_PROTO_IEC_61850)
        done = dissect_tek_iec(pkt, body, tree);
    if (done)
        return;
    if (protocol >= GDOI_PROTO_IPSEC_ESP && protocol <= GDOI_PROTO_IEC_61850)
        ike_too_short(pkt, body, tree, "an SA TEK");
    else if (ike_left(body, 1))
        ike_add_rest(tree, hf_sat_payload, body, 1, ENC_NA);
}

void gdoi_dissect_gap(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                      uint8_t type _U_)
{
    ike_dissect_attributes(pkt, body, 0, tree, &gap_attributes);
    ike_add_hidden_data(tree, body);
}

/* ---- inside the SA payload ------------------------------------------------------------------ */

static void show_generic_header(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, uint8_t type)
{
    const policy_fields *fields = type == IKEV1_PAYLOAD_SAK   ? &sak
                                  : type == IKEV1_PAYLOAD_SAT ? &sat
                                                              : NULL;
    uint8_t next = tvb_get_uint8(tvb, 0);

    proto_tree_add_uint_format_value(tree, fields ? fields->next : hf_ike_next_payload, tvb, 0, 1,
                                     next, "%s (%u)", ike_payload_name(pkt, next), next);
    proto_tree_add_item(tree, fields ? fields->reserved : hf_ike_reserved, tvb, 1, 1, ENC_NA);
    proto_tree_add_item(tree, fields ? fields->length : hf_ike_payload_length, tvb, 2, 2,
                        ENC_BIG_ENDIAN);
}

static void dissect_one(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, uint8_t type)
{
    proto_item *item =
        proto_tree_add_uint_format(tree, hf_ike_payload_type, tvb, 0, tvb_reported_length(tvb),
                                   type, "Payload: %s (%u)", ike_payload_name(pkt, type), type);
    proto_tree *sub = proto_item_add_subtree(item, ett_payload);
    tvbuff_t *body = tvb_new_subset_remaining(tvb, GENERIC_HEADER);

    show_generic_header(pkt, tvb, sub, type);
    pkt->msg->payloads[type / 64] |= UINT64_C(1) << (type % 64);
    if (type == IKEV1_PAYLOAD_SAK)
        gdoi_dissect_sa_kek(pkt, body, sub, item, type);
    else if (type == IKEV1_PAYLOAD_SAT)
        gdoi_dissect_sa_tek(pkt, body, sub, item, type);
    else if (type == IKEV1_PAYLOAD_GAP)
        gdoi_dissect_gap(pkt, body, sub, item, type);
    else
        ike_trailing(pkt, body, sub, 0);
}

/* The payloads of the policy, chained by their generic headers. */
static void dissect_payloads(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                             uint8_t type)
{
    for (unsigned n = 0; type && ike_left(body, offset); n++) {
        unsigned left = ike_left(body, offset);
        unsigned length = left >= GENERIC_HEADER ? tvb_get_ntohs(body, offset + 2) : 0;

        if (length < GENERIC_HEADER || length > left || n == MAX_PAYLOADS) {
            pkt->msg->malformed = true;
            proto_tree_add_expert(tree, pkt->pinfo, n == MAX_PAYLOADS ? &ei_many : &ei_length, body,
                                  offset, -1);
            return;
        }
        dissect_one(pkt, tvb_new_subset_length(body, offset, length), tree, type);
        type = tvb_get_uint8(body, offset);
        offset += length;
    }
    ike_trailing(pkt, body, tree, offset);
}

void gdoi_dissect_sa(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree)
{
    enum { FIXED = 8 };

    pkt->gdoi = true;
    if (ike_left(body, offset) < FIXED) {
        ike_too_short(pkt, body, tree, "a situation and the type of the first attribute payload");
        return;
    }
    uint16_t type = tvb_get_ntohs(body, offset + 4);
    proto_tree_add_item(tree, hf_situation, body, offset, 4, ENC_NA);
    proto_item *next = proto_tree_add_item(tree, hf_sa_next, body, offset + 4, 2, ENC_NA);
    proto_item_append_text(next, " (%s)",
                           type < 256 ? ike_payload_name(pkt, (uint8_t)type) : "Unknown");
    proto_tree_add_item(tree, hf_ike_reserved2, body, offset + 6, 2, ENC_NA);
    dissect_payloads(pkt, body, offset + FIXED, tree, (uint8_t)type);
}

/* ---- registration --------------------------------------------------------------------------- */

/* epan keeps the names for the life of the program. */
#define IDENTITY_FIELDS(fields, name, prefix)                                                      \
    {&(fields).type,                                                                               \
     {name " ID Type", prefix "_id_type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,                    \
      &ike_strings[IKE_REG_IKEV1_ID], 0, NULL, HFILL}},                                            \
        {&(fields).port,                                                                           \
         {name " ID Port", prefix "_id_port", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},         \
        {&(fields).length,                                                                         \
         {name " ID Data Length", prefix "_id_length", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}}, \
    {                                                                                              \
        &(fields).data,                                                                            \
        {                                                                                          \
            name " ID Data", prefix "_id_data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL          \
        }                                                                                          \
    }
#define POLICY_FIELDS(fields, prefix, protocol_name, protocol_field)                               \
    {&(fields).next,                                                                               \
     {"Next Payload", prefix ".nextpayload", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},           \
        {&(fields).reserved,                                                                       \
         {"Reserved", prefix ".reserved", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},              \
        {&(fields).length,                                                                         \
         {"Payload length", prefix ".payload_len", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},    \
        {&(fields).protocol,                                                                       \
         {protocol_name, prefix protocol_field, FT_UINT8, BASE_DEC, NULL, 0, "IP protocol",        \
          HFILL}},                                                                                 \
        IDENTITY_FIELDS((fields).source, "SRC", prefix ".src"),                                    \
        IDENTITY_FIELDS((fields).destination, "DST", prefix ".dst"),                               \
    {                                                                                              \
        &(fields).spi,                                                                             \
        {                                                                                          \
            "SPI", prefix ".spi", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL                        \
        }                                                                                          \
    }

void gdoi_register_policy(void)
{
    static hf_register_info hf[] = {
        {&hf_situation,
         {"Situation", "isakmp.sa.situation", FT_BYTES, BASE_NONE, NULL, 0, "ISAKMP SA Situation",
          HFILL}},
        {&hf_sa_next,
         {"SA Attribute Next Payload", "isakmp.sa.next_attribute_payload", FT_BYTES, BASE_NONE,
          NULL, 0, "Type of the first payload of the policy", HFILL}},
        IKE_ATTRIBUTE_FIELDS(gap, "isakmp.gap.attr", "GAP Attribute"),
        {&hf_gap_activation,
         {"Activation Time Delay", "isakmp.gap.attr.activation_time_delay", FT_UINT16, BASE_DEC,
          NULL, 0, "In seconds", HFILL}},
        {&hf_gap_deactivation,
         {"Deactivation Time Delay", "isakmp.gap.attr.deactivation_time_delay", FT_UINT16, BASE_DEC,
          NULL, 0, "In seconds", HFILL}},
        {&hf_gap_sender_id,
         {"Sender-ID Request", "isakmp.gap.attr.sender_id_request", FT_UINT16, BASE_DEC, NULL, 0,
          "How many sender IDs are requested", HFILL}},
        POLICY_FIELDS(sak, "isakmp.sak", "Protocol ID", ".protoid"),
        IKE_ATTRIBUTE_FIELDS(kek, "isakmp.sak.attr", "KEK Attribute"),
        {&hf_sak_management,
         {"KEK Management Algorithm", "isakmp.sak.attr.management_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_GDOI_KEK_MANAGEMENT], 0,
          "Key hierarchy of the group, such as LKH (RFC 6407 5.3)", HFILL}},
        {&hf_sak_algorithm,
         {"KEK Algorithm", "isakmp.sak.attr.kek_algorithm", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_GDOI_KEK_ALGORITHM], 0, "Cipher of the rekey SA (RFC 6407 5.3)",
          HFILL}},
        {&hf_sak_key_length,
         {"KEK Key Length", "isakmp.sak.attr.kek_key_length", FT_UINT16, BASE_DEC, NULL, 0,
          "In bits", HFILL}},
        {&hf_sak_lifetime,
         {"KEK Key Lifetime", "isakmp.sak.attr.kek_key_lifetime", FT_UINT32, BASE_DEC, NULL, 0,
          "In seconds", HFILL}},
        {&hf_sak_lifetime64,
         {"KEK Key Lifetime", "isakmp.sak.attr.kek_key_lifetime64", FT_UINT64, BASE_DEC, NULL, 0,
          "In seconds", HFILL}},
        {&hf_sak_lifetime_bytes,
         {"KEK Key Lifetime", "isakmp.sak.attr.kek_key_lifetime_bytes", FT_BYTES, BASE_NONE, NULL,
          0, "In seconds", HFILL}},
        {&hf_sak_sig_hash,
         {"Signature Hash Algorithm", "isakmp.sak.attr.sig_hash_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_GDOI_SIG_HASH], 0,
          "Hash for the signatures of rekey messages (RFC 6407 5.3)", HFILL}},
        {&hf_sak_sig_algorithm,
         {"Signature Algorithm", "isakmp.sak.attr.sig_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_GDOI_SIG_ALGORITHM], 0,
          "Signature algorithm of rekey messages (RFC 6407 5.3)", HFILL}},
        {&hf_sak_sig_key_length,
         {"Signature Key Length", "isakmp.sak.attr.sig_key_length", FT_UINT16, BASE_DEC, NULL, 0,
          "In bits", HFILL}},
        {&hf_sak_ack,
         {"KEK Acknowledgement Requested", "isakmp.sak.attr.kek_ack_requested", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_GDOI_KEK_ACK], 0, "RFC 8263", HFILL}},
        POLICY_FIELDS(sat, "isakmp.sat", "Internet Protocol", ".protocol"),
        IKE_ATTRIBUTE_FIELDS(iec, "isakmp.sat.iec61850.attr", "SA Data Attribute"),
        {&hf_sat_protocol_id,
         {"Protocol ID", "isakmp.sat.protocol_id", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_GDOI_TEK_PROTOCOL], 0, NULL, HFILL}},
        {&hf_sat_payload,
         {"TEK Payload", "isakmp.sat.payload", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_sat_transform,
         {"Transform ID", "isakmp.sat.transform_id", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_iec_oid_length,
         {"OID Length", "isakmp.sat.iec61850.oid_length", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the object identifier in bytes (RFC 8052 2.2)", HFILL}},
        {&hf_iec_oid,
         {"OID", "isakmp.sat.iec61850.oid", FT_BYTES, BASE_NONE, NULL, 0, "In DER", HFILL}},
        {&hf_iec_specific_length,
         {"OID Specific Payload Length", "isakmp.sat.iec61850.specific_length", FT_UINT16, BASE_DEC,
          NULL, 0, "Length of the OID specific payload in bytes (RFC 8052 2.2)", HFILL}},
        {&hf_iec_specific,
         {"OID Specific Payload", "isakmp.sat.iec61850.specific", FT_BYTES, BASE_NONE, NULL, 0,
          "Data specific to the object identifier (RFC 8052 2.2)", HFILL}},
        {&hf_iec_auth,
         {"Authentication Algorithm", "isakmp.sat.iec61850.auth_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IEC61850_AUTH], 0,
          "Integrity algorithm of the traffic (RFC 8052 2.2)", HFILL}},
        {&hf_iec_encr,
         {"Encryption Algorithm", "isakmp.sat.iec61850.encr_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IEC61850_ENCR], 0,
          "Cipher of the traffic (RFC 8052 2.2)", HFILL}},
        {&hf_iec_lifetime,
         {"Remaining Lifetime", "isakmp.sat.iec61850.lifetime", FT_UINT32, BASE_DEC, NULL, 0,
          "In seconds", HFILL}},
        {&hf_iec_activation,
         {"Activation Time Delay", "isakmp.sat.iec61850.attr.activation_time_delay", FT_UINT32,
          BASE_DEC, NULL, 0, "In seconds", HFILL}},
        {&hf_iec_delivery,
         {"Key Delivery Assurance", "isakmp.sat.iec61850.attr.key_delivery_assurance", FT_UINT16,
          BASE_DEC, NULL, 0, "Whether members acknowledge the keys (RFC 8052 2.2)", HFILL}},
    };
    static int *ett[] = {&ett_payload};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.gdoi.length.invalid", PI_MALFORMED, PI_ERROR,
          "Length exceeds the enclosing payload, or is less than the header", EXPFILL}},
        {&ei_many,
         {"isakmp.gdoi.too_many", PI_PROTOCOL, PI_WARN,
          "Too many payloads: the rest is not dissected", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
