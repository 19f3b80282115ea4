/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of payloads: each begins with the type of the one after it (RFC 7296 3.2, RFC
 * 2408 3.2).
 *
 *   +---------------+---------------+-------------------------------+
 *   | Next Payload  |C|  RESERVED   |         Payload Length        |
 *   +---------------+---------------+-------------------------------+
 */
#include "dissector/base/common_fields.h"
#include "dissector/base/packet.h"
#include <epan/column-info.h>
#include <epan/show_exception.h>
#include <epan/tap.h>

#include "dissector/common/payloads.h"
#include "registry/names.h"
#include "dissector/session/decryption.h"
#include "dissector/base/vendor.h"

enum { GENERIC_HEADER = 4, MAX_PAYLOADS = 400 };
enum { IKEV2_SK = 46, IKEV2_SKF = 53 };

static int hf_critical = -1;
static int hf_reserved7 = -1;
static int ett_payload = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_many = EI_INIT;
static expert_field ei_critical = EI_INIT;
static expert_field ei_unknown = EI_INIT;
static expert_field ei_end = EI_INIT;
static expert_field ei_trailing = EI_INIT;
static expert_field ei_short = EI_INIT;
static expert_field ei_reserved = EI_INIT;

unsigned ike_left(tvbuff_t *tvb, unsigned offset)
{
    unsigned length = tvb_reported_length(tvb);

    return offset < length ? length - offset : 0;
}

ike_bytes ike_bytes_of(tvbuff_t *tvb, unsigned offset, int length)
{
    ike_bytes bytes = {NULL, 0};
    unsigned want = length < 0 ? ike_left(tvb, offset) : (unsigned)length;

    if (want && want <= ike_left(tvb, offset) && tvb_bytes_exist(tvb, (int)offset, (int)want)) {
        bytes.data = tvb_get_ptr(tvb, (int)offset, (int)want);
        bytes.length = want;
    }
    return bytes;
}

proto_item *ike_add_rest(proto_tree *tree, int hf, tvbuff_t *tvb, unsigned offset,
                         unsigned encoding)
{
    return proto_tree_add_item(tree, hf, tvb, (int)offset, (int)ike_left(tvb, offset), encoding);
}

void ike_trailing(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, unsigned offset)
{
    unsigned left = ike_left(body, offset);

    if (!left)
        return;
    proto_item *item =
        proto_tree_add_item(tree, hf_ike_extra_data, body, (int)offset, (int)left, ENC_NA);
    expert_add_info(pkt->pinfo, item, &ei_trailing);
}

bool ike_experts_show(packet_info *pinfo, proto_tree *tree)
{
    static int protocol = -1, tap = -1;
    const column_info *columns = pinfo->cinfo;

    if (protocol == -1) {
        protocol = proto_get_id_by_filter_name("_ws.expert");
        tap = find_tap_id("expert");
    }
    return proto_field_is_referenced(tree, protocol) || have_tap_listener(tap) ||
           (columns && columns->col_first[COL_EXPERT] >= 0);
}

void ike_add_expert(const ike_packet *pkt, proto_item *item, expert_field *expert)
{
    if (pkt->experts_show || proto_field_is_referenced(pkt->tree, expert->hf))
        expert_add_info(pkt->pinfo, item, expert);
}

void ike_add_hidden_data(proto_tree *tree, tvbuff_t *body)
{
    if (ike_left(body, 0))
        proto_item_set_hidden(ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA));
}

void ike_append_text(proto_item *item, const char *before, const char *text)
{
    enum { ROOM = 160 };

    if (!text || strlen(text) <= ROOM) {
        proto_item_append_text(item, "%s%s", before, text ? text : "");
        return;
    }
    const char *end = g_utf8_find_prev_char(text, text + ROOM);
    proto_item_append_text(item, "%s%.*s…", before, (int)(end ? end - text : ROOM), text);
}

void ike_too_short(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, const char *what)
{
    pkt->msg->malformed = true;
    proto_tree_add_expert_format(tree, pkt->pinfo, &ei_short, body, 0, -1,
                                 "Too short for %s: %u octets", what, tvb_reported_length(body));
    if (tvb_reported_length(body))
        ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
}

static bool is_ikev1(const ike_packet *pkt)
{
    return pkt->msg->major < 2;
}

const char *ike_payload_name(const ike_packet *pkt, uint8_t type)
{
    const char *assigned = is_ikev1(pkt) ? NULL : ike_assigned_payload(type);

    if (assigned)
        return assigned;
    return is_ikev1(pkt) ? ikev1_payload_name(pkt, type)
                         : ike_vendor_name_of(pkt, IKE_REG_IKEV2_PAYLOAD, type);
}

/* Whether the fields of generic headers show. There are many, and whoever filters for something
 * else pays for each. */
static ike_group_of_fields header_fields =
    IKE_FIELDS(&hf_ike_payload_type, &hf_ike_next_payload, &hf_ike_reserved, &hf_ike_payload_length,
               &hf_critical, &hf_reserved7);

static bool headers_show(ike_packet *pkt, proto_tree *tree)
{
    return ike_shows(&pkt->headers, tree, &header_fields);
}

static void show_generic_header(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree)
{
    uint8_t next = tvb_get_uint8(tvb, (int)offset);
    uint8_t second = tvb_get_uint8(tvb, (int)offset + 1);

    ike_add_payload_type(tree, hf_ike_next_payload, tvb, offset, 1, next,
                         ike_payload_name(pkt, next));
    if (is_ikev1(pkt)) {
        proto_tree_add_item(tree, hf_ike_reserved, tvb, (int)offset + 1, 1, ENC_NA);
    } else {
        proto_tree_add_boolean(tree, hf_critical, tvb, (int)offset + 1, 1, second);
        proto_tree_add_uint(tree, hf_reserved7, tvb, (int)offset + 1, 1, second);
    }
}

static void dissect_generic_header(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                                   proto_tree *tree, proto_item *item, bool known)
{
    uint8_t second = tvb_get_uint8(tvb, (int)offset + 1);

    if (headers_show(pkt, tree))
        show_generic_header(pkt, tvb, offset, tree);
    if (!is_ikev1(pkt) && second & 0x80 && !known) {
        expert_add_info(pkt->pinfo, item, &ei_critical);
        pkt->msg->critical_unknown = true;
    }
    if (second & (is_ikev1(pkt) ? 0xff : 0x7f))
        expert_add_info(pkt->pinfo, item, &ei_reserved);
}

static void dissect_unknown(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item)
{
    if (tvb_reported_length(body))
        ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
    expert_add_info(pkt->pinfo, item, &ei_unknown);
}

/* A payload that breaks (a certificate that is none, say) must not take those after it along. */
static void dissect_body(ike_packet *pkt, ike_payload_fn *dissect, tvbuff_t *body, proto_tree *tree,
                         proto_item *item, uint8_t type)
{
    TRY
    {
        dissect(pkt, body, tree, item, type);
    }
    CATCH_NONFATAL_ERRORS
    {
        pkt->msg->malformed = true;
        show_exception(body, pkt->pinfo, tree, EXCEPT_CODE, GET_MESSAGE);
    }
    ENDTRY;
}

/* IKEv1 without an IV: the header was found from what follows, the data begins with garbage. */
static void dissect_unreadable(ike_packet *pkt _U_, tvbuff_t *body, proto_tree *tree,
                               proto_item *item, uint8_t type _U_)
{
    ike_add_rest(tree, hf_ike_data, body, 0, ENC_NA);
    proto_item_append_text(item, " (begins unreadable)");
}

static ike_payload_fn *function_of(const ike_packet *pkt, uint8_t type)
{
    return is_ikev1(pkt) ? ikev1_payload_function(pkt, type) : ikev2_payload_function(type);
}

static void dissect_payload(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, unsigned length,
                            proto_tree *tree, uint8_t type)
{
    ike_payload_fn *dissect = pkt->unreadable ? dissect_unreadable : function_of(pkt, type);
    proto_item *item = pkt->item;
    proto_tree *sub = tree;

    if (headers_show(pkt, tree)) {
        item = ike_add_payload_type(tree, hf_ike_payload_type, tvb, offset, length, type,
                                    ike_payload_name(pkt, type));
        sub = proto_item_add_subtree(item, ett_payload);
    }
    pkt->unreadable = false;
    pkt->msg->payloads[type / 64] |= UINT64_C(1) << (type % 64);
    dissect_generic_header(pkt, tvb, offset, sub, item, dissect != NULL);
    if (!dissect && pkt->msg->critical_unknown && !pkt->msg->critical_type)
        pkt->msg->critical_type = type;
    if (headers_show(pkt, tree))
        proto_tree_add_uint(sub, hf_ike_payload_length, tvb, (int)offset + 2, 2,
                            tvb_get_ntohs(tvb, (int)offset + 2));
    /* The many of a scan: for its few facts no tvb is made. */
    if (dissect == ike_dissect_vendor && !ike_vendor_shows(pkt, tree)) {
        ike_record_vendor(
            pkt, ike_bytes_of(tvb, offset + GENERIC_HEADER, (int)(length - GENERIC_HEADER)));
        return;
    }
    if (dissect == ikev2_dissect_sk && !ike_encrypted_fields_referenced(pkt) &&
        ikev2_skip_encrypted(pkt, tvb_get_uint8(tvb, (int)offset)))
        return;

    tvbuff_t *body =
        tvb_new_subset_length(tvb, (int)(offset + GENERIC_HEADER), (int)(length - GENERIC_HEADER));
    if (dissect)
        dissect_body(pkt, dissect, body, sub, item, type);
    else
        dissect_unknown(pkt, body, sub, item);
}

/* The payload's length from its header, made to fit: says what is wrong with it. 0 ends the chain.
 */
static unsigned checked_length(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                               uint8_t type)
{
    unsigned length = tvb_get_ntohs(tvb, (int)offset + 2);
    unsigned left = ike_left(tvb, offset);

    if (length >= GENERIC_HEADER && length <= left)
        return length;
    pkt->msg->malformed = true;
    if (length < GENERIC_HEADER) {
        proto_tree_add_expert_format(
            tree, pkt->pinfo, &ei_length, tvb, (int)offset, GENERIC_HEADER,
            "The %s payload has length %u, less than its own header: the chain ends here",
            ike_payload_name(pkt, type), length);
        return 0;
    }
    proto_tree_add_expert_format(tree, pkt->pinfo, &ei_length, tvb, (int)offset, GENERIC_HEADER,
                                 "The %s payload has length %u, but only %u octets are left",
                                 ike_payload_name(pkt, type), length, left);
    return left;
}

unsigned ike_dissect_chain(ike_packet *pkt, tvbuff_t *tvb, unsigned offset, proto_tree *tree,
                           uint8_t first)
{
    uint8_t type = first;

    while (type) {
        if (ike_left(tvb, offset) < GENERIC_HEADER) {
            pkt->msg->malformed = true;
            proto_tree_add_expert_format(tree, pkt->pinfo, &ei_end, tvb, (int)offset,
                                         (int)ike_left(tvb, offset),
                                         "The chain announces a %s payload where the message ends",
                                         ike_payload_name(pkt, type));
            return offset;
        }
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
        dissect_payload(pkt, tvb, offset, length, tree, type);
        offset += length;
        /* In SK and SKF the next payload is the first one inside (RFC 7296 3.14). */
        if (!is_ikev1(pkt) && (type == IKEV2_SK || type == IKEV2_SKF))
            break;
        type = next;
    }
    return offset;
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
          "Unknown payload with the critical bit: the receiver must refuse the message", EXPFILL}},
        {&ei_unknown,
         {"isakmp.typepayload.unknown", PI_UNDECODED, PI_NOTE, "Unknown payload type", EXPFILL}},
        {&ei_end,
         {"isakmp.chain.end", PI_MALFORMED, PI_ERROR, "The message ends inside its payloads",
          EXPFILL}},
        {&ei_trailing,
         {"isakmp.extradata.present", PI_PROTOCOL, PI_NOTE, "Octets after the end", EXPFILL}},
        {&ei_short, {"isakmp.payload.short", PI_MALFORMED, PI_ERROR, "Payload too short", EXPFILL}},
        {&ei_reserved,
         {"isakmp.reserved.set", PI_PROTOCOL, PI_NOTE, "Reserved bits are not zero", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
