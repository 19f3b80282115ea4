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

/* Names that IANA assigned, made once; NULL for others. Every payload asks for them. */
static const char *const *assigned_names(ike_registry registry)
{
    static const char *names[2][UINT8_MAX + 1];
    const char **found = names[registry == IKE_REG_IKEV2_PAYLOAD];

    for (uint32_t type = 0; !found[0] && type <= UINT8_MAX; type++)
        found[UINT8_MAX - type] = ike_registry_assigned_name(registry, UINT8_MAX - type);
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
    uint8_t next = tvb_get_uint8(tvb, offset);
    uint8_t second = tvb_get_uint8(tvb, offset + 1);

    ike_add_named(tree, hf_ike_next_payload, tvb, offset, 1, next, ike_payload_name(pkt, next));
    if (is_ikev1(pkt)) {
        proto_tree_add_item(tree, hf_ike_reserved, tvb, offset + 1, 1, ENC_NA);
    } else {
        proto_tree_add_boolean(tree, hf_critical, tvb, offset + 1, 1, second);
        proto_tree_add_uint(tree, hf_reserved7, tvb, offset + 1, 1, second);
    }
    if (!is_ikev1(pkt) && second & 0x80 && !known) {
        expert_add_info(pkt->pinfo, item, &ei_critical);
        pkt->msg->critical_unknown = true;
    }
    if (second & (is_ikev1(pkt) ? 0xff : 0x7f))
        expert_add_info(pkt->pinfo, item, &ei_reserved);
    proto_tree_add_uint(tree, hf_ike_payload_length, tvb, offset + 2, 2,
                        tvb_get_ntohs(tvb, offset + 2));
}

static void dissect_unknown(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item)
{
    if (tvb_reported_length(body))
        ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
    expert_add_info(pkt->pinfo, item, &ei_unknown);
}

/* IKEv1 without an IV: the header was found from what follows, the data begins undecrypted. */
static void dissect_unreadable(tvbuff_t *body, proto_tree *tree, proto_item *item)
{
    ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
    proto_item_append_text(item, " (first block not decrypted)");
}

/* The payload's length from its header, limited to what is left; an invalid one gets an expert
 * info. 0 ends the chain. */
static unsigned checked_length(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                               uint8_t type)
{
    unsigned length = tvb_get_ntohs(tvb, offset + 2);
    unsigned left = ike_left(tvb, offset);

    if (length >= GENERIC_HEADER && length <= left)
        return length;
    if (!pkt->msg->malformed)
        pkt->msg->fault_payload = type;
    ike_record_fault(pkt, length < GENERIC_HEADER ? "its length is less than its header"
                                                  : "its length exceeds the message");
    if (length < GENERIC_HEADER) {
        proto_tree_add_expert_format(tree, pkt->pinfo, &ei_length, tvb, offset, GENERIC_HEADER,
                                     "%s payload: length %u is less than its header",
                                     ike_payload_name(pkt, type), length);
        return 0;
    }
    proto_tree_add_expert_format(tree, pkt->pinfo, &ei_length, tvb, offset, GENERIC_HEADER,
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
        proto_tree_add_expert_format(tree, pkt->pinfo, &ei_end, tvb, offset, ike_left(tvb, offset),
                                     "Next payload is %s, but the message ends here",
                                     ike_payload_name(pkt, type));
        return false;
    }
    return true;
}

/* A walk along a chain: where the next payload begins, and the payload that is dissected. */
typedef struct {
    ike_packet *pkt;
    tvbuff_t *tvb;
    proto_tree *tree;
    unsigned offset;
    uint8_t type; /* of the payload at `offset`; 0 at the end */
    uint8_t current;
    bool was_malformed; /* before the current one */
    bool inside;        /* its body is dissected now */
    proto_tree *payload_tree;
} chain_walk;

static void begin_payload(chain_walk *walk, const ike_payload_row *row, unsigned length)
{
    walk->current = walk->type;
    walk->was_malformed = walk->pkt->msg->malformed;
    walk->type = row && row->ends_chain ? 0 : tvb_get_uint8(walk->tvb, walk->offset);
    walk->offset += length;
}

static void end_payload(chain_walk *walk)
{
    ike_message *msg = walk->pkt->msg;

    if (!walk->was_malformed && msg->malformed)
        msg->fault_payload = walk->current;
    walk->inside = false;
}

static void dissect_body(chain_walk *walk, const ike_payload_row *row, proto_item *item,
                         unsigned offset, unsigned size)
{
    ike_packet *pkt = walk->pkt;
    bool unreadable = pkt->unreadable;

    pkt->unreadable = false;
    if (row && row->dissect_in_place && !unreadable) {
        walk->inside = true;
        row->dissect_in_place(pkt, walk->tvb, offset, size, walk->payload_tree, item);
        return;
    }
    tvbuff_t *body = tvb_new_subset_length(walk->tvb, offset, size);
    walk->inside = true;
    if (unreadable)
        dissect_unreadable(body, walk->payload_tree, item);
    else if (row && size < row->least)
        ike_too_short(pkt, body, walk->payload_tree, row->what);
    else if (row)
        row->dissect(pkt, body, walk->payload_tree, item, walk->current);
    else
        dissect_unknown(pkt, body, walk->payload_tree, item);
}

static void dissect_payload(chain_walk *walk, unsigned length)
{
    ike_packet *pkt = walk->pkt;
    unsigned offset = walk->offset, size = length - GENERIC_HEADER;
    uint8_t type = walk->type;
    const ike_payload_row *row = row_of(pkt, type);
    bool is_known = row || pkt->unreadable;
    proto_item *item = ike_add_named(walk->tree, hf_ike_payload_type, walk->tvb, offset, length,
                                     type, ike_payload_name(pkt, type));

    walk->payload_tree = proto_item_add_subtree(item, ett_payload);
    begin_payload(walk, row, length);
    ike_record_payload(pkt, type);
    dissect_generic_header(pkt, walk->tvb, offset, walk->payload_tree, item, is_known);
    if (!is_known && pkt->msg->critical_unknown && !pkt->msg->critical_type)
        pkt->msg->critical_type = type;
    dissect_body(walk, row, item, offset + GENERIC_HEADER, size);
    end_payload(walk);
}

static void dissect_next(chain_walk *walk)
{
    ike_packet *pkt = walk->pkt;

    if (!is_payload_left(pkt, walk->tvb, walk->offset, walk->tree, walk->type)) {
        walk->type = 0;
        return;
    }
    if (++pkt->payloads > MAX_PAYLOADS) {
        proto_tree_add_expert_format(walk->tree, pkt->pinfo, &ei_many, walk->tvb, walk->offset, -1,
                                     "Too many payloads: those after %d are not dissected",
                                     MAX_PAYLOADS);
        walk->type = 0;
        walk->offset = tvb_reported_length(walk->tvb);
        return;
    }
    unsigned length = checked_length(pkt, walk->tvb, walk->offset, walk->tree, walk->type);
    if (length) {
        dissect_payload(walk, length);
        return;
    }
    ike_add_rest(walk->tree, hf_ike_data, walk->tvb, walk->offset, ENC_NA);
    walk->type = 0;
    walk->offset = tvb_reported_length(walk->tvb);
}

/* Ends at the end of the chain or with an exception in the body of a payload (a malformed
 * certificate, say), behind which the walk goes on. One TRY for all payloads: one for each costs
 * as much as adding its header to the tree. */
static void dissect_until_exception(chain_walk *walk)
{
    TRY
    {
        while (walk->type)
            dissect_next(walk);
    }
    CATCH_NONFATAL_ERRORS
    {
        if (!walk->inside)
            RETHROW;
        ike_record_fault(walk->pkt, "its fields exceed its length");
        show_exception(walk->tvb, walk->pkt->pinfo, walk->payload_tree, EXCEPT_CODE, GET_MESSAGE);
        end_payload(walk);
    }
    ENDTRY;
}

unsigned ike_dissect_chain(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                           uint8_t first)
{
    chain_walk walk = {.pkt = pkt, .tvb = tvb, .tree = tree, .offset = offset, .type = first};

    while (walk.type)
        dissect_until_exception(&walk);
    return walk.offset;
}

bool ike_is_ikev1_chain(tvbuff_t *tvb, uint8_t first)
{
    enum { MAX_PADDING = 16 };
    unsigned offset = 0, size = tvb_captured_length(tvb);
    uint8_t type = first;

    while (type) {
        if (!payload_rows[IKE_PAYLOADS_IKEV1][type] || size - offset < GENERIC_HEADER ||
            tvb_get_uint8(tvb, offset + 1))
            return false;
        unsigned length = tvb_get_ntohs(tvb, offset + 2);
        if (length <= GENERIC_HEADER || length > size - offset)
            return false;
        type = tvb_get_uint8(tvb, offset);
        offset += length;
    }
    if (!offset || size - offset >= MAX_PADDING || size != tvb_reported_length(tvb))
        return false;
    while (offset < size && !tvb_get_uint8(tvb, offset))
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
         {"isakmp.chain.end", PI_MALFORMED, PI_ERROR, "The message ends before its last payload",
          EXPFILL}},
        {&ei_reserved,
         {"isakmp.reserved.set", PI_PROTOCOL, PI_NOTE, "Reserved bits are not zero", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
