/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of payloads: each begins with the type of the one after it (RFC 7296 3.2, RFC
 * 2408 3.2).
 *
 *   +---------------+---------------+-------------------------------+
 *   | Next Payload  |C|  RESERVED   |         Payload Length        |
 *   +---------------+---------------+-------------------------------+
 */
#include "dissector/base/payload_chain.h"

#include <epan/show_exception.h>

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/payload_notation.h"
#include "dissector/base/vendor_name.h"
#include "registry/names.h"

enum { GENERIC_HEADER = 4, MAX_PAYLOADS = 400 };

static int hf_critical = -1;
static int hf_reserved7 = -1;
static int ett_payload = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_many = EI_INIT;
static expert_field ei_critical = EI_INIT;
static expert_field ei_unknown = EI_INIT;
static expert_field ei_end = EI_INIT;
static expert_field ei_reserved = EI_INIT;

static const ike_payload_row *payload_rows[IKE_PAYLOAD_TABLES][UINT8_MAX + 1];
static ike_encrypted_fn *dissect_ikev1_encrypted;

void ike_add_payloads(ike_payload_table table, const ike_payload_row *rows, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        payload_rows[table][rows[i].type] = &rows[i];
}

void ike_set_ikev1_encrypted(ike_encrypted_fn *dissect)
{
    dissect_ikev1_encrypted = dissect;
}

void ike_dissect_ikev1_encrypted(ike_packet *pkt, tvbuff_t *body, uint8_t first)
{
    dissect_ikev1_encrypted(pkt, body, first);
}

static bool is_ikev1(const ike_packet *pkt)
{
    return pkt->msg->major < 2;
}

/* NULL for an unknown type. */
static const ike_payload_row *row_of(const ike_packet *pkt, uint8_t type)
{
    if (!is_ikev1(pkt))
        return payload_rows[IKE_PAYLOADS_IKEV2][type];
    if (pkt->gdoi && payload_rows[IKE_PAYLOADS_GDOI][type])
        return payload_rows[IKE_PAYLOADS_GDOI][type];
    return payload_rows[IKE_PAYLOADS_IKEV1][type];
}

/* Names that IANA assigned, made once; NULL for the others. They are asked for with every payload:
 * with a search each, filtering a flood took 0.37 s instead of 0.32. */
static const char *const *assigned_names(ike_registry registry)
{
    static const char *names[2][UINT8_MAX + 1];
    const char **found = names[registry == IKE_REG_IKEV2_PAYLOAD];

    for (uint32_t type = 0; !found[0] && type <= UINT8_MAX; type++)
        if (ike_registry_assigned(registry, UINT8_MAX - type))
            found[UINT8_MAX - type] = ike_registry_name(registry, UINT8_MAX - type);
    return found;
}

const char *ike_payload_name(const ike_packet *pkt, uint8_t type)
{
    ike_registry registry = is_ikev1(pkt) ? IKE_REG_IKEV1_PAYLOAD : IKE_REG_IKEV2_PAYLOAD;
    const ike_payload_row *row = row_of(pkt, type);
    const char *name = row && row->name ? row->name : assigned_names(registry)[type];

    return name ? name : ike_vendor_name_of(pkt, registry, type);
}

static void dissect_generic_header(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                                   proto_tree *tree, proto_item *item, bool known)
{
    uint8_t next = tvb_get_uint8(tvb, (int)offset);
    uint8_t second = tvb_get_uint8(tvb, (int)offset + 1);

    ike_add_named(tree, hf_ike_next_payload, tvb, offset, 1, next, ike_payload_name(pkt, next));
    if (is_ikev1(pkt)) {
        proto_tree_add_item(tree, hf_ike_reserved, tvb, (int)offset + 1, 1, ENC_NA);
    } else {
        proto_tree_add_item(tree, hf_critical, tvb, (int)offset + 1, 1, ENC_BIG_ENDIAN);
        proto_tree_add_item(tree, hf_reserved7, tvb, (int)offset + 1, 1, ENC_BIG_ENDIAN);
    }
    if (!is_ikev1(pkt) && second & 0x80 && !known) {
        expert_add_info(pkt->pinfo, item, &ei_critical);
        pkt->msg->critical_unknown = true;
    }
    if (second & (is_ikev1(pkt) ? 0xff : 0x7f))
        expert_add_info(pkt->pinfo, item, &ei_reserved);
    proto_tree_add_item(tree, hf_ike_payload_length, tvb, (int)offset + 2, 2, ENC_BIG_ENDIAN);
}

static void dissect_unknown(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item)
{
    if (tvb_reported_length(body))
        ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
    expert_add_info(pkt->pinfo, item, &ei_unknown);
}

/* An exception in one payload (a malformed certificate, say) does not end the chain. */
static void dissect_body(ike_packet *pkt, ike_payload_fn *dissect, tvbuff_t *body, proto_tree *tree,
                         proto_item *item, uint8_t type)
{
    TRY
    {
        dissect(pkt, body, tree, item, type);
    }
    CATCH_NONFATAL_ERRORS
    {
        ike_record_fault(pkt, "its fields exceed its length");
        show_exception(body, pkt->pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
}

/* IKEv1 without an IV: the header was found from what follows, the data begins undecrypted. */
static void dissect_unreadable(ike_packet *pkt _U_, tvbuff_t *body, proto_tree *tree,
                               proto_item *item, uint8_t type _U_)
{
    ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
    proto_item_append_text(item, " (begins unreadable)");
}

static void dissect_payload(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, unsigned length,
                            proto_tree *tree, uint8_t type)
{
    const ike_payload_row *row = row_of(pkt, type);
    bool malformed_before = pkt->msg->malformed;
    ike_payload_fn *dissect = pkt->unreadable ? dissect_unreadable : row ? row->dissect : NULL;
    proto_item *item = ike_add_named(tree, hf_ike_payload_type, tvb, offset, length, type,
                                     ike_payload_name(pkt, type));
    proto_tree *sub = proto_item_add_subtree(item, ett_payload);

    pkt->unreadable = false;
    ike_record_payload(pkt, type, length - GENERIC_HEADER);
    dissect_generic_header(pkt, tvb, offset, sub, item, dissect != NULL);
    if (!dissect && pkt->msg->critical_unknown && !pkt->msg->critical_type)
        pkt->msg->critical_type = type;
    tvbuff_t *body =
        tvb_new_subset_length(tvb, (int)(offset + GENERIC_HEADER), (int)(length - GENERIC_HEADER));
    if (dissect)
        dissect_body(pkt, dissect, body, sub, item, type);
    else
        dissect_unknown(pkt, body, sub, item);
    if (!malformed_before && pkt->msg->malformed)
        pkt->msg->fault_payload = type;
}

/* The payload's length from its header, limited to what is left; an invalid one gets an expert
 * info. 0 ends the chain. */
static unsigned checked_length(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                               uint8_t type)
{
    unsigned length = tvb_get_ntohs(tvb, (int)offset + 2);
    unsigned left = ike_left(tvb, offset);

    if (length >= GENERIC_HEADER && length <= left)
        return length;
    if (!pkt->msg->malformed)
        pkt->msg->fault_payload = type;
    ike_record_fault(pkt, length < GENERIC_HEADER ? "its length is less than its header"
                                                  : "its length exceeds the message");
    if (length < GENERIC_HEADER) {
        proto_tree_add_expert_format(tree, pkt->pinfo, &ei_length, tvb, (int)offset, GENERIC_HEADER,
                                     "%s payload: length %u is less than its header",
                                     ike_payload_name(pkt, type), length);
        return 0;
    }
    proto_tree_add_expert_format(tree, pkt->pinfo, &ei_length, tvb, (int)offset, GENERIC_HEADER,
                                 "%s payload: length %u exceeds the %u bytes left",
                                 ike_payload_name(pkt, type), length, left);
    return left;
}

/* Whether a payload of type `type` can begin at `offset`; says what prevents it. */
static bool is_payload_left(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                            uint8_t type)
{
    if (ike_left(tvb, offset) < GENERIC_HEADER) {
        if (!pkt->msg->malformed)
            pkt->msg->fault_payload = type;
        ike_record_fault(pkt, "the message ends before it");
        proto_tree_add_expert_format(
            tree, pkt->pinfo, &ei_end, tvb, (int)offset, (int)ike_left(tvb, offset),
            "Next payload is %s, but the message ends here", ike_payload_name(pkt, type));
        return false;
    }
    return true;
}

unsigned ike_dissect_chain(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                           uint8_t first)
{
    uint8_t type = first;

    while (type) {
        if (!is_payload_left(pkt, tvb, offset, tree, type))
            return offset;
        if (++pkt->payloads > MAX_PAYLOADS) {
            proto_tree_add_expert_format(tree, pkt->pinfo, &ei_many, tvb, (int)offset, -1,
                                         "Too many payloads: those after %d are not dissected",
                                         MAX_PAYLOADS);
            return tvb_reported_length(tvb);
        }
        unsigned length = checked_length(pkt, tvb, offset, tree, type);
        uint8_t next = tvb_get_uint8(tvb, (int)offset);

        if (!length) {
            if (ike_left(tvb, offset))
                ike_add_rest(tree, hf_ike_data, tvb, offset, ENC_NA);
            return tvb_reported_length(tvb);
        }
        const ike_payload_row *row = row_of(pkt, type);
        dissect_payload(pkt, tvb, offset, length, tree, type);
        offset += length;
        if (row && row->ends_chain)
            break;
        type = next;
    }
    return offset;
}

bool ike_is_ikev1_chain(tvbuff_t *tvb, uint8_t first)
{
    enum { MAX_PADDING = 16 };
    unsigned offset = 0, size = tvb_captured_length(tvb);
    uint8_t type = first;

    while (type) {
        if (!payload_rows[IKE_PAYLOADS_IKEV1][type] || size - offset < GENERIC_HEADER ||
            tvb_get_uint8(tvb, (int)offset + 1))
            return false;
        unsigned length = tvb_get_ntohs(tvb, (int)offset + 2);
        if (length <= GENERIC_HEADER || length > size - offset)
            return false;
        type = tvb_get_uint8(tvb, (int)offset);
        offset += length;
    }
    if (!offset || size - offset >= MAX_PADDING || size != tvb_reported_length(tvb))
        return false;
    while (offset < size && !tvb_get_uint8(tvb, (int)offset))
        offset++;
    return offset == size;
}

void ike_register_chain(void)
{
    static hf_register_info hf[] = {
        {&hf_critical,
         {"Critical Bit", "isakmp.criticalpayload", FT_BOOLEAN, 8, TFS(&tfs_critical_not_critical),
          0x80, "IKEv2 Critical Payload", HFILL}},
        {&hf_reserved7,
         {"Reserved", "isakmp.reserved7", FT_UINT8, BASE_HEX, NULL, 0x7f, NULL, HFILL}},
    };
    static int *ett[] = {&ett_payload};
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.payloadlength.invalid", PI_MALFORMED, PI_ERROR, "Invalid payload length",
          EXPFILL}},
        {&ei_many,
         {"isakmp.payloads.too_many", PI_PROTOCOL, PI_WARN, "Too many payloads", EXPFILL}},
        {&ei_critical,
         {"isakmp.criticalpayload.unknown", PI_PROTOCOL, PI_WARN,
          "Unknown critical payload: the receiver must reject the message", EXPFILL}},
        {&ei_unknown,
         {"isakmp.typepayload.unknown", PI_UNDECODED, PI_NOTE, "Unknown payload type", EXPFILL}},
        {&ei_end,
         {"isakmp.chain.end", PI_MALFORMED, PI_ERROR, "The message ends inside its payloads",
          EXPFILL}},
        {&ei_reserved,
         {"isakmp.reserved.set", PI_PROTOCOL, PI_NOTE, "Reserved bits are not zero", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
