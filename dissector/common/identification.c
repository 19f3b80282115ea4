/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identification: IDi and IDr of IKEv2 (RFC 7296 3.5), ID of IKEv1 (RFC 2407 4.6.2).
 *
 *   +---------------+-----------------------------------------------+
 *   |   ID Type     |  IKEv2: RESERVED / IKEv1: Protocol ID | Port  |
 *   +---------------+-----------------------------------------------+
 *   |                      Identification Data                      |
 *   +---------------------------------------------------------------+
 */
#include "dissector/common/payloads.h"

#include <epan/oids.h>

#include "dissector/base/common_fields.h"
#include "dissector/base/der.h"
#include "dissector/base/items.h"
#include "dissector/base/subdissector.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/public_key_encryption.h"
#include "registry/names.h"

static int hf_type_v1 = -1;
static int hf_type_v2 = -1;
static int hf_protocol = -1;
static int hf_port = -1;
static int hf_data = -1;
static int hf_ipv4 = -1;
static int hf_fqdn = -1;
static int hf_user_fqdn = -1;
static int hf_ipv4_subnet = -1;
static int hf_ipv4_start = -1;
static int hf_ipv4_end = -1;
static int hf_ipv6 = -1;
static int hf_ipv6_subnet = -1;
static int hf_ipv6_start = -1;
static int hf_ipv6_end = -1;
static int hf_key_id = -1;
static int hf_dn = -1;
static int hf_oid = -1;
static int hf_oid_specific = -1;
static int hf_fc_name = -1;
static int hf_gn_email = -1;
static int hf_gn_dns = -1;
static int hf_gn_uri = -1;
static int hf_gn_ipv4 = -1;
static int hf_gn_ipv6 = -1;
static int hf_gn_oid = -1;
static int hf_gn_other = -1;
static int ett_id = -1;
static int ett_name = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_type = EI_INIT;
static expert_field ei_general_name = EI_INIT;

/* How the data of an identity type is shown: one or two values of fixed size, or all of it (0). */
typedef struct {
    uint8_t type;
    const int *first, *second;
    uint8_t size;
} id_row;

static const id_row rows[] = {
    {IKEV1_ID_IPV4_ADDR, &hf_ipv4, NULL, 4},
    {IKEV1_ID_FQDN, &hf_fqdn, NULL, 0},
    {IKEV1_ID_USER_FQDN, &hf_user_fqdn, NULL, 0},
    {IKEV1_ID_IPV4_ADDR_SUBNET, &hf_ipv4, &hf_ipv4_subnet, 4},
    {IKEV1_ID_IPV6_ADDR, &hf_ipv6, NULL, 16},
    {IKEV1_ID_IPV6_ADDR_SUBNET, &hf_ipv6, &hf_ipv6_subnet, 16},
    {IKEV1_ID_IPV4_ADDR_RANGE, &hf_ipv4_start, &hf_ipv4_end, 4},
    {IKEV1_ID_IPV6_ADDR_RANGE, &hf_ipv6_start, &hf_ipv6_end, 16},
    {IKEV1_ID_KEY_ID, &hf_key_id, NULL, 0},
    {IKEV1_ID_LIST, &hf_key_id, NULL, 0},
};

static const id_row *row_of(uint8_t type)
{
    for (unsigned i = 0; i < array_length(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

/* Shows the value and, beside the name of its parent, the same as text. */
static void show_part(packet_info *pinfo, tvbuff_t *tvb, unsigned offset, unsigned length,
                      proto_tree *tree, proto_item *item, int hf, const char *before)
{
    header_field_info *field = proto_registrar_get_nth((unsigned)hf);

    if (field->type == FT_STRING) {
        char *text = NULL;
        proto_tree_add_item_ret_display_string(tree, hf, tvb, offset, length, ENC_UTF_8 | ENC_NA,
                                               pinfo->pool, &text);
        ike_append_text(item, before, text);
        return;
    }
    proto_tree_add_item(tree, hf, tvb, offset, length, ENC_BIG_ENDIAN);
    if (!tree)
        return;
    if (field->type == FT_IPv4)
        proto_item_append_text(item, "%s%s", before, tvb_ip_to_str(pinfo->pool, tvb, offset));
    else if (field->type == FT_IPv6)
        proto_item_append_text(item, "%s%s", before, tvb_ip6_to_str(pinfo->pool, tvb, offset));
    else
        proto_item_append_text(item, "%s%s", before,
                               tvb_bytes_to_str(pinfo->pool, tvb, offset, length));
}

static void dissect_name(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item)
{
    /* The value is the CHOICE of Name, as in the built-in: 0, rdnSequence. */
    proto_item *name = proto_tree_add_uint(tree, hf_dn, data, 0, tvb_reported_length(data), 0);

    ike_call_asn1(pkt, IKE_ASN1_NAME, data, proto_item_add_subtree(name, ett_name), item);
}

/* The alternatives of GeneralName (RFC 5280 4.2.1.6) that have a short form, by tag. */
static const int *general_name_field(uint8_t tag, unsigned length)
{
    switch (tag) {
    case 0x81:
        return &hf_gn_email;
    case 0x82:
        return &hf_gn_dns;
    case 0x86:
        return &hf_gn_uri;
    case 0x87:
        return length == 4 ? &hf_gn_ipv4 : length == 16 ? &hf_gn_ipv6 : NULL;
    case 0x88:
        return &hf_gn_oid;
    default:
        return NULL;
    }
}

static void dissect_general_name(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                 proto_item *item)
{
    enum { DIRECTORY_NAME = 0xa4 };
    uint8_t tag = 0;
    unsigned length = 0;
    unsigned contents = ike_der_header(data, 0, &tag, &length);

    if (!contents || !length) {
        expert_add_info(pkt->pinfo, item, &ei_general_name);
        return;
    }
    const int *hf = general_name_field(tag, length);
    if (tag == DIRECTORY_NAME)
        dissect_name(pkt, tvb_new_subset_length(data, contents, length), tree, item);
    else
        show_part(pkt->pinfo, data, contents, length, tree, item, hf ? *hf : hf_gn_other, "");
}

/* ID_FC_NAME (RFC 4595): the eight bytes of a Fibre Channel name. ID_NULL (RFC 7619) has none. */
static void check_extension(ike_packet *pkt, proto_item *item, uint8_t type, unsigned length)
{
    if (type == IKEV2_ID_NULL && length)
        expert_add_info_format(pkt->pinfo, item, &ei_length, "ID_NULL with %u bytes of data",
                               length);
    if (type == IKEV2_ID_FC_NAME && length != 8)
        expert_add_info_format(pkt->pinfo, item, &ei_length,
                               "%u bytes of identification data, ID_FC_NAME needs 8", length);
}

/* ID_OID of GDOI (RFC 8052 2.1): an object identifier and data specific to it, each
 * behind its length. */
static void dissect_oid(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item)
{
    unsigned length = ike_left(data, 0) ? tvb_get_uint8(data, 0) : 0;
    unsigned offset = 1 + length;
    unsigned specific = ike_left(data, offset) >= 2 ? tvb_get_ntohs(data, offset) : 0;

    if (ike_left(data, 0) < 1 + length || ike_left(data, offset + 2) < specific) {
        expert_add_info(pkt->pinfo, item, &ei_length);
        return;
    }
    proto_tree_add_item(tree, hf_oid, data, 1, length, ENC_NA);
    if (specific)
        proto_tree_add_item(tree, hf_oid_specific, data, offset + 2, specific, ENC_NA);
    if (length > 2)
        proto_item_append_text(item, "%s",
                               oid_encoded2string(pkt->pinfo->pool,
                                                  tvb_get_ptr(data, 3, length - 2),
                                                  (int)length - 2));
}

static void dissect_data(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                         uint8_t type)
{
    const id_row *row = row_of(type);
    unsigned length = tvb_reported_length(data);

    if (type == IKEV2_ID_DER_ASN1_DN) {
        dissect_name(pkt, data, tree, item);
        return;
    }
    if (type == IKEV2_ID_DER_ASN1_GN) {
        dissect_general_name(pkt, data, tree, item);
        return;
    }
    if (type == IKEV1_ID_OID && pkt->msg->major < 2) {
        dissect_oid(pkt, data, tree, item);
        return;
    }
    if (pkt->msg->major >= 2)
        check_extension(pkt, item, type, length);
    if (!row)
        return;
    if (!row->size) {
        bool fc = type == IKEV2_ID_FC_NAME && pkt->msg->major >= 2; /* 12 is a list in IKEv1 */
        show_part(pkt->pinfo, data, 0, length, tree, item, fc ? hf_fc_name : *row->first, "");
        return;
    }
    unsigned need = row->second ? 2u * row->size : row->size;
    if (length != need)
        expert_add_info_format(pkt->pinfo, item, &ei_length,
                               "%u bytes of identification data, this type needs %u", length, need);
    if (length < need)
        return;
    show_part(pkt->pinfo, data, 0, row->size, tree, item, *row->first, "");
    if (row->second)
        show_part(pkt->pinfo, data, row->size, row->size, tree, item, *row->second,
                  type == IKEV1_ID_IPV4_ADDR_RANGE || type == IKEV1_ID_IPV6_ADDR_RANGE ? "-" : "/");
}

static void record_identity(ike_packet *pkt, tvbuff_t *body, uint8_t payload)
{
    ike_message *msg = pkt->msg;
    unsigned slot = msg->major < 2 ? msg->id_count : payload == IKEV2_PAYLOAD_IDR ? 1 : 0;

    if (slot >= IKE_MAX_IDS)
        return;
    if (msg->major >= 2 && !msg->id_count)
        memset(msg->id, 0, sizeof msg->id);
    msg->id[slot] = (ike_identity){
        .type = tvb_get_uint8(body, 0),
        .protocol = msg->major < 2 ? tvb_get_uint8(body, 1) : 0,
        .port = msg->major < 2 ? tvb_get_ntohs(body, 2) : 0,
        .data = ike_bytes_of(body, 4, -1),
        .body = ike_bytes_of(body, 0, -1),
    };
    msg->id_count = msg->major < 2 ? (uint8_t)(msg->id_count + 1) : 2;
}

void ike_dissect_id(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                    uint8_t payload)
{
    enum { FIXED = 4 };
    bool v1 = pkt->msg->major < 2;

    if (ikev1_dissect_public_key_encrypted(pkt, body, tree, item, payload))
        return;
    if (ike_left(body, 0) < FIXED) {
        ike_too_short(pkt, body, tree, "an identity");
        return;
    }
    uint8_t type = tvb_get_uint8(body, 0);
    proto_item *kind = proto_tree_add_item(tree, v1 ? hf_type_v1 : hf_type_v2, body, 0, 1, ENC_NA);
    if (!ike_registry_assigned(v1 ? IKE_REG_IKEV1_ID : IKE_REG_IKEV2_ID, type))
        expert_add_info(pkt->pinfo, kind, &ei_type);
    if (v1) {
        uint8_t protocol = tvb_get_uint8(body, 1);
        proto_tree_add_uint_format_value(tree, hf_protocol, body, 1, 1, protocol, "%s",
                                         protocol ? ike_ip_protocol_name(pkt->pinfo, protocol)
                                                  : "Unused");
        uint16_t port = tvb_get_ntohs(body, 2);
        proto_tree_add_uint_format_value(tree, hf_port, body, 2, 2, port, port ? "%u" : "Unused",
                                         port);
    } else {
        proto_tree_add_item(tree, hf_ike_reserved, body, 1, 3, ENC_NA);
    }
    record_identity(pkt, body, payload);

    proto_item *data_item = ike_add_rest(tree, hf_data, body, FIXED, ENC_NA);
    if (ike_left(body, FIXED))
        dissect_data(pkt, tvb_new_subset_remaining(body, FIXED),
                     proto_item_add_subtree(data_item, ett_id), data_item, type);
}

void ike_register_id(void)
{
    static hf_register_info hf[] = {
        {&hf_type_v1,
         {"ID type", "isakmp.id.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_ID], 0, "ISAKMP ID Type", HFILL}},
        {&hf_type_v2,
         {"ID type", "isakmp.id.type", FT_UINT8, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_ID], 0, "ISAKMP ID Type", HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.id.protoid", FT_UINT8, BASE_DEC, NULL, 0, "ISAKMP ID Protocol ID",
          HFILL}},
        {&hf_port,
         {"Port", "isakmp.id.port", FT_UINT16, BASE_DEC, NULL, 0, "ISAKMP ID Port", HFILL}},
        {&hf_data,
         {"Identification Data:", "isakmp.id.data", FT_NONE, BASE_NONE, NULL, 0, "ISAKMP ID Data",
          HFILL}},
        {&hf_ipv4,
         {"ID_IPV4_ADDR", "isakmp.id.data.ipv4_addr", FT_IPv4, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_fqdn, {"ID_FQDN", "isakmp.id.data.fqdn", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_user_fqdn,
         {"ID_USER_FQDN", "isakmp.id.data.user_fqdn", FT_STRING, BASE_NONE, NULL, 0,
          "ID_RFC822_ADDR in IKEv2", HFILL}},
        {&hf_ipv4_subnet,
         {"ID_IPV4_SUBNET", "isakmp.id.data.ipv4_subnet", FT_IPv4, BASE_NONE, NULL, 0,
          "The network mask", HFILL}},
        {&hf_ipv4_start,
         {"ID_IPV4_RANGE (Start)", "isakmp.id.data.ipv4_range_start", FT_IPv4, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_ipv4_end,
         {"ID_IPV4_RANGE (End)", "isakmp.id.data.ipv4_range_end", FT_IPv4, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_ipv6,
         {"ID_IPV6_ADDR", "isakmp.id.data.ipv6_addr", FT_IPv6, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_ipv6_subnet,
         {"ID_IPV6_ADDR_SUBNET", "isakmp.id.data.ipv6_subnet", FT_IPv6, BASE_NONE, NULL, 0,
          "The network mask", HFILL}},
        {&hf_ipv6_start,
         {"ID_IPV6_ADDR_RANGE (Start)", "isakmp.id.data.ipv6_range_start", FT_IPv6, BASE_NONE, NULL,
          0, NULL, HFILL}},
        {&hf_ipv6_end,
         {"ID_IPV6_ADDR_RANGE (End)", "isakmp.id.data.ipv6_range_end", FT_IPv6, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_key_id,
         {"ID_KEY_ID", "isakmp.id.data.key_id", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_oid,
         {"ID_OID", "isakmp.id.data.oid", FT_BYTES, BASE_NONE, NULL, 0, "Object identifier in DER",
          HFILL}},
        {&hf_oid_specific,
         {"ID_OID (specific)", "isakmp.id.data.oid_specific", FT_BYTES, BASE_NONE, NULL, 0,
          "Data specific to the object identifier", HFILL}},
        {&hf_dn,
         {"ID_DER_ASN1_DN", "isakmp.id.data.der_asn1_dn", FT_UINT32, BASE_DEC, NULL, 0,
          "Kind of name: 0, a sequence of relative distinguished names", HFILL}},
        {&hf_fc_name,
         {"ID_FC_NAME", "isakmp.id.data.fc_name", FT_BYTES, BASE_NONE, NULL, 0,
          "Name of a Fibre Channel port or node", HFILL}},
        {&hf_gn_email,
         {"Mail address", "isakmp.id.data.der_asn1_gn.rfc822_name", FT_STRING, BASE_NONE, NULL, 0,
          "rfc822Name of a GeneralName (RFC 5280 4.2.1.6)", HFILL}},
        {&hf_gn_dns,
         {"DNS name", "isakmp.id.data.der_asn1_gn.dns_name", FT_STRING, BASE_NONE, NULL, 0,
          "dNSName of a GeneralName (RFC 5280 4.2.1.6)", HFILL}},
        {&hf_gn_uri,
         {"URI", "isakmp.id.data.der_asn1_gn.uri", FT_STRING, BASE_NONE, NULL, 0,
          "uniformResourceIdentifier of a GeneralName (RFC 5280 4.2.1.6)", HFILL}},
        {&hf_gn_ipv4,
         {"IP address", "isakmp.id.data.der_asn1_gn.ipv4", FT_IPv4, BASE_NONE, NULL, 0,
          "iPAddress of a GeneralName (RFC 5280 4.2.1.6)", HFILL}},
        {&hf_gn_ipv6,
         {"IP address", "isakmp.id.data.der_asn1_gn.ipv6", FT_IPv6, BASE_NONE, NULL, 0,
          "iPAddress of a GeneralName (RFC 5280 4.2.1.6)", HFILL}},
        {&hf_gn_oid,
         {"Registered ID", "isakmp.id.data.der_asn1_gn.registered_id", FT_OID, BASE_NONE, NULL, 0,
          "registeredID of a GeneralName (RFC 5280 4.2.1.6)", HFILL}},
        {&hf_gn_other,
         {"Other name", "isakmp.id.data.der_asn1_gn.other", FT_BYTES, BASE_NONE, NULL, 0,
          "Any other GeneralName, in DER (RFC 5280 4.2.1.6)", HFILL}},
    };
    static int *ett[] = {&ett_id, &ett_name};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.id.data.length", PI_PROTOCOL, PI_WARN,
          "Invalid length of identification data for this type", EXPFILL}},
        {&ei_general_name,
         {"isakmp.id.data.der_asn1_gn.invalid", PI_MALFORMED, PI_ERROR, "Not a GeneralName",
          EXPFILL}},
        {&ei_type,
         {"isakmp.id.type.unknown", PI_UNDECODED, PI_NOTE, "Unknown identity type", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
