/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attributes of IKEv1: of the IKE SA (RFC 2409 appendix A) and of IPsec SAs (RFC 2407 4.5). A
 * new attribute is a row in one of the two tables. */
#include "dissector/ikev1/attributes.h"

#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"

enum { LIFE_SECONDS = 1, LIFE_KILOBYTES = 2 };

/* The fields that every family of attributes has here. */
typedef struct {
    ike_attribute_fields all;
    int life_type, life_duration, life_duration64, life_duration_bytes;
} family_fields;

static family_fields ike;
static family_fields ipsec;
static family_fields lifetime_ike;
static family_fields lifetime_ipsec;

static int hf_encryption = -1;
static int hf_hash = -1;
static int hf_auth_method = -1;
static int hf_auth_method_china = -1;
static int hf_group = -1;
static int hf_group_type = -1;
static int hf_group_prime = -1;
static int hf_generator_one = -1;
static int hf_generator_two = -1;
static int hf_curve_a = -1;
static int hf_curve_b = -1;
static int hf_prf = -1;
static int hf_key_length = -1;
static int hf_field_size = -1;
static int hf_group_order = -1;
static int hf_block_size = -1;
static int hf_asymmetric = -1;
static int hf_gss_identity = -1;

static int hf_pfs_group = -1;
static int hf_encapsulation = -1;
static int hf_auth_algorithm = -1;
static int hf_esp_key_length = -1;
static int hf_key_rounds = -1;
static int hf_dictionary = -1;
static int hf_compression = -1;
static int hf_ecn = -1;
static int hf_esn = -1;
static int hf_auth_key_length = -1;
static int hf_signature_encoding = -1;
static int hf_address_preservation = -1;
static int hf_direction = -1;
static int hf_security_context = -1;

static const value_string china_methods[] = {{10, "Public key digital envelope"}, {0, NULL}};

/* The field of all versions, hidden: filters on it match too. */
static void add_auth_method(ike_packet *pkt _U_, tvbuff_t *value, proto_tree *tree,
                            proto_item *item _U_, uint16_t type _U_)
{
    if (tvb_reported_length(value) <= 4)
        proto_item_set_hidden(proto_tree_add_item(tree, hf_auth_method, value, 0,
                                                  tvb_reported_length(value), ENC_BIG_ENDIAN));
}

/* UTF-16 in the draft, byte order by the position of the zeros; some peers send one byte each. */
static unsigned gss_encoding(tvbuff_t *value)
{
    if (tvb_reported_length(value) < 2)
        return ENC_UTF_8 | ENC_NA;
    if (!tvb_get_uint8(value, 1))
        return ENC_UTF_16 | ENC_LITTLE_ENDIAN;
    return tvb_get_uint8(value, 0) ? ENC_UTF_8 | ENC_NA : ENC_UTF_16 | ENC_BIG_ENDIAN;
}

static void dissect_gss_identity(ike_packet *pkt, tvbuff_t *value, proto_tree *tree,
                                 proto_item *item, uint16_t type _U_)
{
    char *text = NULL;

    proto_tree_add_item_ret_display_string(tree, hf_gss_identity, value, 0,
                                           tvb_reported_length(value), gss_encoding(value),
                                           pkt->pinfo->pool, &text);
    ike_append_text(item, ": ", text);
}

#define DURATION(family)                                                                           \
    .fields = {&(family).life_duration, &(family).life_duration64, &(family).life_duration_bytes}, \
    .by_length = true

static const ike_value_row ike_rows[] = {
    {IKEV1_ATTRIBUTE_ENCRYPTION_ALGORITHM, .fields = {&hf_encryption},
     .registry = IKE_REG_IKEV1_ENCR},
    {IKEV1_ATTRIBUTE_HASH_ALGORITHM, .fields = {&hf_hash}, .registry = IKE_REG_IKEV1_HASH},
    {IKEV1_ATTRIBUTE_AUTHENTICATION_METHOD, .fields = {&hf_auth_method},
     .registry = IKE_REG_IKEV1_AUTH},
    {IKEV1_ATTRIBUTE_GROUP_DESCRIPTION, .fields = {&hf_group}, .registry = IKE_REG_IKEV1_GROUP},
    {IKEV1_ATTRIBUTE_GROUP_TYPE, .fields = {&hf_group_type}, .registry = IKE_REG_IKEV1_GROUP_TYPE},
    {IKEV1_ATTRIBUTE_GROUP_PRIME, .fields = {&hf_group_prime}},
    {IKEV1_ATTRIBUTE_GROUP_GENERATOR_ONE, .fields = {&hf_generator_one}},
    {IKEV1_ATTRIBUTE_GROUP_GENERATOR_TWO, .fields = {&hf_generator_two}},
    {IKEV1_ATTRIBUTE_GROUP_CURVE_A, .fields = {&hf_curve_a}},
    {IKEV1_ATTRIBUTE_GROUP_CURVE_B, .fields = {&hf_curve_b}},
    {IKEV1_ATTRIBUTE_LIFE_TYPE, .fields = {&ike.life_type}, .registry = IKE_REG_IKEV1_LIFE_TYPE},
    {IKEV1_ATTRIBUTE_LIFE_DURATION, DURATION(ike)},
    {IKEV1_ATTRIBUTE_GSS_IDENTITY_NAME, .dissect = dissect_gss_identity},
    {IKEV1_ATTRIBUTE_PRF, .fields = {&hf_prf}, .registry = IKE_REG_IKEV1_PRF},
    {IKEV1_ATTRIBUTE_KEY_LENGTH, .fields = {&hf_key_length}},
    {IKEV1_ATTRIBUTE_FIELD_SIZE, .fields = {&hf_field_size}},
    {IKEV1_ATTRIBUTE_GROUP_ORDER, .fields = {&hf_group_order}},
    {IKEV1_ATTRIBUTE_BLOCK_SIZE, .fields = {&hf_block_size}},
    {IKEV1_ATTRIBUTE_ASYMMETRIC_CRYPTOGRAPHIC_ALGORITHM_TYPE, .fields = {&hf_asymmetric},
     .registry = IKE_REG_IKEV1_ASYMMETRIC},
};

/* GM/T 0022, which uses version 1.1 of ISAKMP, has methods of its own. */
static const ike_value_row china_rows[] = {
    {IKEV1_ATTRIBUTE_AUTHENTICATION_METHOD, .fields = {&hf_auth_method_china},
     .dissect = add_auth_method},
};

static const ike_value_row ipsec_rows[] = {
    {IPSEC_ATTRIBUTE_SA_LIFE_TYPE, .fields = {&ipsec.life_type},
     .registry = IKE_REG_IPSEC_LIFE_TYPE},
    {IPSEC_ATTRIBUTE_SA_LIFE_DURATION, DURATION(ipsec)},
    {IPSEC_ATTRIBUTE_GROUP_DESCRIPTION, .fields = {&hf_pfs_group}, .registry = IKE_REG_IKEV1_GROUP},
    {IPSEC_ATTRIBUTE_ENCAPSULATION_MODE, .fields = {&hf_encapsulation},
     .registry = IKE_REG_IPSEC_ENCAPSULATION},
    {IPSEC_ATTRIBUTE_AUTHENTICATION_ALGORITHM, .fields = {&hf_auth_algorithm},
     .registry = IKE_REG_IPSEC_AUTH},
    {IPSEC_ATTRIBUTE_KEY_LENGTH, .fields = {&hf_esp_key_length}},
    {IPSEC_ATTRIBUTE_KEY_ROUNDS, .fields = {&hf_key_rounds}},
    {IPSEC_ATTRIBUTE_COMPRESS_DICTIONARY_SIZE, .fields = {&hf_dictionary}},
    {IPSEC_ATTRIBUTE_COMPRESS_PRIVATE_ALGORITHM, .fields = {&hf_compression}},
    {IPSEC_ATTRIBUTE_ECN_TUNNEL, .fields = {&hf_ecn}, .registry = IKE_REG_IPSEC_ECN_TUNNEL},
    {IPSEC_ATTRIBUTE_EXTENDED_SEQUENCE_NUMBER, .fields = {&hf_esn}, .registry = IKE_REG_IPSEC_ESN},
    {IPSEC_ATTRIBUTE_AUTHENTICATION_KEY_LENGTH, .fields = {&hf_auth_key_length}},
    {IPSEC_ATTRIBUTE_SIGNATURE_ENCODING_ALGORITHM, .fields = {&hf_signature_encoding},
     .registry = IKE_REG_IPSEC_SIGNATURE_ENCODING},
    {IPSEC_ATTRIBUTE_ADDRESS_PRESERVATION, .fields = {&hf_address_preservation},
     .registry = IKE_REG_IPSEC_ADDRESS_PRESERVATION},
    {IPSEC_ATTRIBUTE_SA_DIRECTION, .fields = {&hf_direction},
     .registry = IKE_REG_IPSEC_SA_DIRECTION},
    {IPSEC_ATTRIBUTE_SECCTX, .fields = {&hf_security_context}},
};

/* RESPONDER-LIFETIME has lifetimes only. */
static const ike_value_row lifetime_ike_rows[] = {
    {IKEV1_ATTRIBUTE_LIFE_TYPE, .fields = {&lifetime_ike.life_type},
     .registry = IKE_REG_IKEV1_LIFE_TYPE},
    {IKEV1_ATTRIBUTE_LIFE_DURATION, DURATION(lifetime_ike)},
};
static const ike_value_row lifetime_ipsec_rows[] = {
    {IPSEC_ATTRIBUTE_SA_LIFE_TYPE, .fields = {&lifetime_ipsec.life_type},
     .registry = IKE_REG_IPSEC_LIFE_TYPE},
    {IPSEC_ATTRIBUTE_SA_LIFE_DURATION, DURATION(lifetime_ipsec)},
};

#define FAMILY(family, text, names, known, parent)                                                 \
    IKE_ATTRIBUTE_FAMILY(text, &(family).all, names, known, .base = parent,                        \
                         .numbers_of_any_length = true)

const ike_attribute_family ikev1_ike_attributes =
    FAMILY(ike, "IKE Attribute", IKE_REG_IKEV1_ATTR, ike_rows, NULL);
const ike_attribute_family ikev1_china_attributes =
    FAMILY(ike, "IKE Attribute", IKE_REG_IKEV1_ATTR, china_rows, &ikev1_ike_attributes);
const ike_attribute_family ikev1_ipsec_attributes =
    FAMILY(ipsec, "IPsec Attribute", IKE_REG_IPSEC_ATTR, ipsec_rows, NULL);
const ike_attribute_family ikev1_lifetime_ike_attributes =
    FAMILY(lifetime_ike, "IKE Attribute", IKE_REG_IKEV1_ATTR, lifetime_ike_rows, NULL);
const ike_attribute_family ikev1_lifetime_ipsec_attributes =
    FAMILY(lifetime_ipsec, "IPsec Attribute", IKE_REG_IPSEC_ATTR, lifetime_ipsec_rows, NULL);

/* ---- records --------------------------------------------------------------------------------- */

static uint16_t limited(uint32_t number)
{
    return number > UINT16_MAX ? UINT16_MAX : (uint16_t)number;
}

static void record_life(ikev1_transform *transform, uint16_t unit, uint32_t duration)
{
    if (unit == LIFE_SECONDS)
        transform->life_seconds = duration;
    else if (unit == LIFE_KILOBYTES)
        transform->life_kbytes = duration;
}

void ikev1_record_attributes(tvbuff_t *tvb, unsigned offset, bool phase2,
                             ikev1_transform *transform)
{
    uint16_t unit = LIFE_SECONDS, type;
    uint32_t number;
    uint16_t *const phase1_values[] = {
        [IKEV1_ATTRIBUTE_ENCRYPTION_ALGORITHM] = &transform->encryption,
        [IKEV1_ATTRIBUTE_HASH_ALGORITHM] = &transform->hash,
        [IKEV1_ATTRIBUTE_AUTHENTICATION_METHOD] = &transform->auth_method,
        [IKEV1_ATTRIBUTE_GROUP_DESCRIPTION] = &transform->group,
        [IKEV1_ATTRIBUTE_LIFE_TYPE] = &unit,
        [IKEV1_ATTRIBUTE_PRF] = &transform->prf,
        [IKEV1_ATTRIBUTE_KEY_LENGTH] = &transform->key_bits,
    };
    uint16_t *const phase2_values[] = {
        [IPSEC_ATTRIBUTE_SA_LIFE_TYPE] = &unit,
        [IPSEC_ATTRIBUTE_GROUP_DESCRIPTION] = &transform->group,
        [IPSEC_ATTRIBUTE_ENCAPSULATION_MODE] = &transform->encapsulation,
        [IPSEC_ATTRIBUTE_AUTHENTICATION_ALGORITHM] = &transform->auth_algorithm,
        [IPSEC_ATTRIBUTE_KEY_LENGTH] = &transform->key_bits,
        [IPSEC_ATTRIBUTE_EXTENDED_SEQUENCE_NUMBER] = &transform->esn,
    };
    uint16_t *const *values = phase2 ? phase2_values : phase1_values;
    unsigned count = phase2 ? array_length(phase2_values) : array_length(phase1_values);

    while (ike_attribute_next(tvb, &offset, &type, &number))
        if (type == (phase2 ? IPSEC_ATTRIBUTE_SA_LIFE_DURATION : IKEV1_ATTRIBUTE_LIFE_DURATION))
            record_life(transform, unit, number);
        else if (type < count && values[type])
            *values[type] = limited(number);
}

/* ---- registration --------------------------------------------------------------------------- */

/* epan keeps the names for the life of the program. */
#define FAMILY_FIELDS(fields, prefix, label)                                                       \
    IKE_ATTRIBUTE_FIELDS((fields).all, prefix, label),                                             \
        {&(fields).life_duration,                                                                  \
         {"Life Duration", prefix ".life_duration", FT_UINT32, BASE_DEC, NULL, 0, NULL, HFILL}},   \
        {&(fields).life_duration64,                                                                \
         {"Life Duration", prefix ".life_duration64", FT_UINT64, BASE_DEC, NULL, 0, NULL, HFILL}}, \
    {                                                                                              \
        &(fields).life_duration_bytes,                                                             \
        {                                                                                          \
            "Life Duration", prefix ".life_duration_bytes", FT_BYTES, BASE_NONE, NULL, 0, NULL,    \
                HFILL                                                                              \
        }                                                                                          \
    }

#define LIFE_TYPE(fields, prefix, strings)                                                         \
    {                                                                                              \
        &(fields).life_type,                                                                       \
        {                                                                                          \
            "Life Type", prefix ".life_type", FT_UINT16, BASE_DEC | BASE_EXT_STRING, strings, 0,   \
                "Unit of the Life Duration that follows", HFILL                                    \
        }                                                                                          \
    }

void ikev1_register_attributes(void)
{
    static hf_register_info hf[] = {
        FAMILY_FIELDS(ike, "isakmp.ike.attr", "IKE Attribute"),
        LIFE_TYPE(ike, "isakmp.ike.attr", &ike_strings[IKE_REG_IKEV1_LIFE_TYPE]),
        {&hf_encryption,
         {"Encryption Algorithm", "isakmp.ike.attr.encryption_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV1_ENCR], 0, NULL, HFILL}},
        {&hf_hash,
         {"HASH Algorithm", "isakmp.ike.attr.hash_algorithm", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_HASH], 0, NULL, HFILL}},
        {&hf_auth_method,
         {"Authentication Method", "isakmp.ike.attr.authentication_method", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV1_AUTH], 0, NULL, HFILL}},
        {&hf_auth_method_china,
         {"Authentication Method", "isakmp.ike.attr.authentication_method_china", FT_UINT16,
          BASE_DEC, VALS(china_methods), 0, "Authentication method of GM/T 0022", HFILL}},
        {&hf_group,
         {"Group Description", "isakmp.ike.attr.group_description", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV1_GROUP], 0, NULL, HFILL}},
        {&hf_group_type,
         {"Group Type", "isakmp.ike.attr.group_type", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_GROUP_TYPE], 0, NULL, HFILL}},
        {&hf_group_prime,
         {"Group Prime", "isakmp.ike.attr.group_prime", FT_BYTES, BASE_NONE, NULL, 0,
          "Prime or irreducible polynomial", HFILL}},
        {&hf_generator_one,
         {"Group Generator One", "isakmp.ike.attr.group_generator_one", FT_BYTES, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_generator_two,
         {"Group Generator Two", "isakmp.ike.attr.group_generator_two", FT_BYTES, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_curve_a,
         {"Group Curve A", "isakmp.ike.attr.group_curve_a", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_curve_b,
         {"Group Curve B", "isakmp.ike.attr.group_curve_b", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_prf, {"PRF", "isakmp.ike.attr.prf", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_key_length,
         {"Key Length", "isakmp.ike.attr.key_length", FT_UINT16, BASE_DEC, NULL, 0, "In bits",
          HFILL}},
        {&hf_field_size,
         {"Field Size", "isakmp.ike.attr.field_size", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_group_order,
         {"Group Order", "isakmp.ike.attr.group_order", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_block_size,
         {"Block Size", "isakmp.ike.attr.block_size", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_asymmetric,
         {"Asymmetric Cryptographic Algorithm Type",
          "isakmp.ike.attr.asymmetric_cryptographic_algorithm_type", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV1_ASYMMETRIC], 0, "GM/T 0022",
          HFILL}},
        {&hf_gss_identity,
         {"GSS Identity Name", "isakmp.ike.attr.gss_identity_name", FT_STRING, BASE_NONE, NULL, 0,
          "The sender's name for GSS-API (Kerberos)", HFILL}},
        FAMILY_FIELDS(ipsec, "isakmp.ipsec.attr", "IPsec Attribute"),
        LIFE_TYPE(ipsec, "isakmp.ipsec.attr", &ike_strings[IKE_REG_IPSEC_LIFE_TYPE]),
        {&hf_pfs_group,
         {"Group Description", "isakmp.ipsec.attr.group_description", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV1_GROUP], 0, NULL, HFILL}},
        {&hf_encapsulation,
         {"Encapsulation Mode", "isakmp.ipsec.attr.encap_mode", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IPSEC_ENCAPSULATION], 0, NULL, HFILL}},
        {&hf_auth_algorithm,
         {"Authentication Algorithm", "isakmp.ipsec.attr.auth_algorithm", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IPSEC_AUTH], 0, NULL, HFILL}},
        {&hf_esp_key_length,
         {"Key Length", "isakmp.ipsec.attr.key_length", FT_UINT16, BASE_DEC, NULL, 0, "In bits",
          HFILL}},
        {&hf_key_rounds,
         {"Key Rounds", "isakmp.ipsec.attr.key_rounds", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_dictionary,
         {"Compress Dictionary Size", "isakmp.ipsec.attr.cmpr_dict_size", FT_UINT16, BASE_DEC, NULL,
          0, "Logarithm to base 2 of the maximum size", HFILL}},
        {&hf_compression,
         {"Compress Private Algorithm", "isakmp.ipsec.attr.cmpr_algorithm", FT_BYTES, BASE_NONE,
          NULL, 0, "OUI of the vendor, then the vendor's own", HFILL}},
        {&hf_ecn,
         {"ECN Tunnel", "isakmp.ipsec.attr.ecn_tunnel", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IPSEC_ECN_TUNNEL], 0, NULL, HFILL}},
        {&hf_esn,
         {"Extended (64-bit) Sequence Number", "isakmp.ipsec.attr.ext_seq_nbr", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IPSEC_ESN], 0, NULL, HFILL}},
        {&hf_auth_key_length,
         {"Authentication Key Length", "isakmp.ipsec.attr.auth_key_length", FT_UINT16, BASE_DEC,
          NULL, 0, NULL, HFILL}},
        {&hf_signature_encoding,
         {"Signature Encoding Algorithm", "isakmp.ipsec.attr.sig_enco_algorithm", FT_BYTES,
          BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_address_preservation,
         {"Address Preservation", "isakmp.ipsec.attr.addr_preservation", FT_UINT16,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IPSEC_ADDRESS_PRESERVATION], 0, NULL,
          HFILL}},
        {&hf_direction,
         {"SA Direction", "isakmp.ipsec.attr.sa_direction", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IPSEC_SA_DIRECTION], 0, NULL, HFILL}},
        {&hf_security_context,
         {"Security Context", "isakmp.ipsec.attr.security_context", FT_STRING, BASE_NONE, NULL, 0,
          "Label of a mandatory access control system", HFILL}},
        FAMILY_FIELDS(lifetime_ike, "isakmp.notify.data.resp_lifetime.ike.attr", "IKE Attribute"),
        LIFE_TYPE(lifetime_ike, "isakmp.notify.data.resp_lifetime.ike.attr",
                  &ike_strings[IKE_REG_IKEV1_LIFE_TYPE]),
        FAMILY_FIELDS(lifetime_ipsec, "isakmp.notify.data.resp_lifetime.ipsec.attr",
                      "IPsec Attribute"),
        LIFE_TYPE(lifetime_ipsec, "isakmp.notify.data.resp_lifetime.ipsec.attr",
                  &ike_strings[IKE_REG_IPSEC_LIFE_TYPE]),
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
