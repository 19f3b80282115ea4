/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delete (RFC 7296 3.11, RFC 2408 3.15): in IKEv1 a domain of interpretation precedes the
 * common part, and the SPI of an IKE SA is its pair of cookies.
 *
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol ID  |   SPI Size    |           # of SPIs           |
 *   |                             SPIs                              |
 *   +---------------------------------------------------------------+
 */
#include "dissector/common/payloads.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/former_names.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"

static int hf_doi = -1;
static int hf_ikev1_protocol = -1;
static int hf_protocol = -1;
static int hf_count = -1;
static int hf_spi = -1;
static expert_field ei_count = EI_INIT;

enum { FIXED = 4, DOI = 4 };

static void record_spi(ike_packet *pkt, uint8_t protocol, ike_span spi)
{
    ike_message *msg = pkt->msg;

    if (msg->delete_count < IKE_MAX_DELETES)
        msg->deletes[msg->delete_count++] = (ike_delete){protocol, spi};
}

/* The SPIs, as many as the payload has; returns the offset behind them. */
static unsigned dissect_spis(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                             unsigned size, unsigned count, uint8_t protocol)
{
    if (!size)
        record_spi(pkt, protocol, (ike_span){NULL, 0});
    for (unsigned i = 0; size && i < count && ike_left(body, offset) >= size; i++) {
        proto_tree_add_item(tree, hf_spi, body, offset, size, ENC_NA);
        record_spi(pkt, protocol, ike_bytes_of(body, offset, size));
        offset += size;
    }
    return offset;
}

/* "ESP" for PROTO_IPSEC_ESP: short for the Info column. */
static const char *short_name(const char *name)
{
    static const char *const prefixes[] = {"PROTO_IPSEC_", "PROTO_"};

    for (unsigned i = 0; i < array_length(prefixes); i++)
        if (g_str_has_prefix(name, prefixes[i]))
            return name + strlen(prefixes[i]);
    return name;
}

/* The part common to both versions, from `offset` on. */
static void dissect_delete(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                           proto_item *item, int hf, value_string_ext *protocols)
{
    uint8_t protocol = tvb_get_uint8(body, offset);
    unsigned size = tvb_get_uint8(body, offset + 1);
    unsigned count = tvb_get_ntohs(body, offset + 2);
    const char *name = val_to_str_ext_const(protocol, protocols, "SA");

    if (offset)
        proto_tree_add_item(tree, hf_doi, body, 0, DOI, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf, body, offset, 1, ENC_NA);
    proto_tree_add_item(tree, hf_ike_spi_size, body, offset + 1, 1, ENC_NA);
    proto_item *number = proto_tree_add_item(tree, hf_count, body, offset + 2, 2, ENC_BIG_ENDIAN);
    offset += FIXED;
    unsigned end = dissect_spis(pkt, body, offset, tree, size, count, protocol);
    if (end != offset + size * count) {
        expert_add_info_format(pkt->pinfo, number, &ei_count,
                               "%u SPIs of %u bytes exceed the payload", count, size);
        ike_add_former_name(pkt, IKE_FORMER_DELETE_SPIS);
    }
    ike_trailing(pkt, body, tree, end);
    proto_item_append_text(item, " - %s", name);
    ike_append_info_name(pkt, wmem_strdup_printf(pkt->pinfo->pool, "Delete %s", short_name(name)));
}

void ikev2_dissect_delete(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t type _U_)
{
    dissect_delete(pkt, body, 0, tree, item, hf_protocol, &ike_strings[IKE_REG_IKEV2_PROTOCOL]);
}

void ikev1_dissect_delete(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t type _U_)
{
    dissect_delete(pkt, body, DOI, tree, item, hf_ikev1_protocol,
                   &ike_strings[IKE_REG_IKEV1_PROTOCOL]);
}

void ike_register_delete(void)
{
    static hf_register_info hf[] = {
        {&hf_doi,
         {"Domain of interpretation", "isakmp.delete.doi", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_DOI], 0, "ISAKMP Delete Domain of Interpretation", HFILL}},
        {&hf_ikev1_protocol,
         {"Protocol ID", "isakmp.delete.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_PROTOCOL], 0, "ISAKMP Delete Protocol ID", HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.delete.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PROTOCOL], 0, "ISAKMP Delete Protocol ID", HFILL}},
        {&hf_count,
         {"Number of SPIs", "isakmp.spinum", FT_UINT16, BASE_DEC, NULL, 0, "ISAKMP Number of SPIs",
          HFILL}},
        {&hf_spi,
         {"Delete SPI", "isakmp.delete.spi", FT_BYTES, BASE_NONE, NULL, 0,
          "Identifies the security association to delete", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_count,
         {"isakmp.spinum.invalid", PI_MALFORMED, PI_ERROR, "SPIs exceed the payload", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
