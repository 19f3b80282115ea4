/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How IKE is carried over UDP: 500 and 848, and 4500 with its keepalives, non-ESP markers
 * and ESP (RFC 3948). */
#include "dissector/transport/udp_encap.h"

#include <epan/conversation.h>

#include "dissector/base/bytes.h"
#include "dissector/base/subdissector.h"
#include "dissector/message.h"
#include "dissector/transport/esp.h"
#include "registry/names.h"

enum { NON_ESP_MARKER = 4, NON_IKE_MARKER = 8, KEEPALIVE = 0xff };

static int proto_udpencap = -1;
static int hf_ike_keepalive = -1;
static int hf_keepalive = -1;
static int hf_marker = -1;
static int hf_non_ike_marker = -1;
static int hf_short = -1;
static int ett_udpencap = -1;
static expert_field ei_short = EI_INIT;
static expert_field ei_no_marker = EI_INIT;
static dissector_handle_t esp_handle;
static int behind_marker; /* its address: what ike_call_message() says of a message */
static dissector_handle_t ike_handle;
static dissector_handle_t encap_handle;

static bool is_keepalive(tvbuff_t *tvb)
{
    return tvb_reported_length(tvb) == 1 && tvb_captured_length(tvb) == 1 &&
           tvb_get_uint8(tvb, 0) == KEEPALIVE;
}

/* UDP 500: a keepalive has no business here, but some send it. */
static int dissect_keepalive(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, proto_isakmp, tvb, 0, -1, ENC_NA);

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "ISAKMP");
    col_set_str(pinfo->cinfo, COL_INFO, "NAT Keepalive");
    proto_tree_add_item(proto_item_add_subtree(item, ett_udpencap), hf_ike_keepalive, tvb, 0, 1,
                        ENC_NA);
    return 1;
}

/* Whether the bytes from `offset` to the end are one IKE message and nothing else can be meant. */
static bool is_strictly_ike(tvbuff_t *tvb, unsigned offset)
{
    enum { GENERIC_HEADER = 4, V1_FLAGS = 0x07, V2_FLAGS = 0x38, SA_INIT = 34 };
    unsigned left = ike_left(tvb, offset);

    if (left < IKE_HEADER + GENERIC_HEADER || tvb_captured_length(tvb) < offset + left)
        return false;
    int at = (int)offset;
    uint8_t next = tvb_get_uint8(tvb, at + 16), version = tvb_get_uint8(tvb, at + 17);
    uint8_t exchange = tvb_get_uint8(tvb, at + 18), flags = tvb_get_uint8(tvb, at + 19);
    bool v1 = version == 0x10;

    if ((!v1 && version != 0x20) || !tvb_get_ntoh64(tvb, at) || tvb_get_ntohl(tvb, at + 24) != left)
        return false;
    if (flags & ~(v1 ? V1_FLAGS : V2_FLAGS))
        return false;
    if (!v1 && exchange != SA_INIT && !tvb_get_ntoh64(tvb, at + 8))
        return false;
    if (!next || !ike_registry_assigned(v1 ? IKE_REG_IKEV1_PAYLOAD : IKE_REG_IKEV2_PAYLOAD, next) ||
        !ike_registry_assigned(v1 ? IKE_REG_IKEV1_EXCHANGE : IKE_REG_IKEV2_EXCHANGE, exchange))
        return false;
    if (v1 && flags & 1)
        return true; /* encrypted: no payload to see */
    unsigned length = tvb_get_ntohs(tvb, at + IKE_HEADER + 2);
    return length >= GENERIC_HEADER && length <= left - IKE_HEADER;
}

/* What a header says whose length may be wrong or truncated. */
static bool has_ike_version(tvbuff_t *tvb, unsigned offset)
{
    enum { VERSION_AT = 17 };

    if (tvb_captured_length(tvb) <= offset + VERSION_AT)
        return false;
    uint8_t major = tvb_get_uint8(tvb, (int)offset + VERSION_AT) >> 4;
    return major == 1 || major == 2;
}

/* Whether a header at `offset` says the length that follows. */
static bool has_ike_length(tvbuff_t *tvb, unsigned offset)
{
    enum { LENGTH_AT = 24 };

    return has_ike_version(tvb, offset) && tvb_captured_length(tvb) >= offset + IKE_HEADER &&
           tvb_get_ntohl(tvb, (int)(offset + LENGTH_AT)) == ike_left(tvb, offset);
}

/* Some send the marker of port 4500 on 500 too. An initiator SPI may begin with zeros (RFC
 * 7296 3.1), so the header's length decides, where that is of no use its version. */
static bool has_marker_on_500(tvbuff_t *tvb)
{
    if (tvb_captured_length(tvb) <= NON_ESP_MARKER || tvb_get_ntohl(tvb, 0))
        return false;
    if (has_ike_length(tvb, 0) || has_ike_length(tvb, NON_ESP_MARKER))
        return !has_ike_length(tvb, 0);
    return !has_ike_version(tvb, 0) && has_ike_version(tvb, NON_ESP_MARKER);
}

/* Eight zeros before ESP, on port 500 (draft-ietf-ipsec-udp-encaps-00 2.1). */
static bool has_non_ike_marker(tvbuff_t *tvb)
{
    enum { LEAST_ESP = 8 };

    return tvb_captured_length(tvb) >= NON_IKE_MARKER + LEAST_ESP && !tvb_get_ntoh64(tvb, 0) &&
           tvb_get_ntohl(tvb, NON_IKE_MARKER) && !has_ike_version(tvb, 0);
}

int ike_dissect_port_500(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (is_keepalive(tvb))
        return dissect_keepalive(tvb, pinfo, tree);
    if (data == &behind_marker)
        return ike_dissect_message(tvb, pinfo, tree);
    if (has_non_ike_marker(tvb)) {
        proto_tree_add_item(tree, hf_non_ike_marker, tvb, 0, NON_IKE_MARKER, ENC_NA);
        ike_call_esp(tvb_new_subset_remaining(tvb, NON_IKE_MARKER), pinfo, tree);
        return (int)tvb_captured_length(tvb);
    }
    if (has_marker_on_500(tvb)) {
        proto_tree_add_item(tree, hf_marker, tvb, 0, NON_ESP_MARKER, ENC_NA);
        tvb = tvb_new_subset_remaining(tvb, NON_ESP_MARKER);
    }
    return ike_dissect_message(tvb, pinfo, tree);
}

void ike_call_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (ike_may_call(pinfo, 1))
        call_dissector_with_data(ike_handle, tvb, pinfo, tree, &behind_marker);
    else
        ike_dissect_message(tvb, pinfo, tree);
}

void ike_call_esp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (ike_may_call(pinfo, 1))
        call_dissector(esp_handle, tvb, pinfo, tree);
    else
        ike_dissect_esp(tvb, pinfo, tree, NULL);
}

int ike_dissect_udpencap(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    proto_item *item = proto_tree_add_item(tree, proto_udpencap, tvb, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_udpencap);

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "UDPENCAP");
    col_clear(pinfo->cinfo, COL_INFO);
    if (is_keepalive(tvb)) {
        col_set_str(pinfo->cinfo, COL_INFO, "NAT-keepalive");
        proto_tree_add_item(sub, hf_keepalive, tvb, 0, 1, ENC_NA);
        return 1;
    }
    if (tvb_captured_length(tvb) < NON_ESP_MARKER) {
        col_add_fstr(pinfo->cinfo, COL_INFO, "Neither IKE, ESP nor keepalive: %u bytes",
                     tvb_reported_length(tvb));
        proto_tree_add_item(sub, hf_short, tvb, 0, -1, ENC_NA);
        expert_add_info(pinfo, item, &ei_short);
        return (int)tvb_captured_length(tvb);
    }
    if (is_strictly_ike(tvb, 0)) { /* without a marker */
        col_set_str(pinfo->cinfo, COL_INFO, "ISAKMP");
        proto_item_set_len(item, 0);
        expert_add_info(pinfo, item, &ei_no_marker);
        ike_call_message(tvb, pinfo, tree);
    } else if (tvb_get_ntohl(tvb, 0) == 0) {
        col_set_str(pinfo->cinfo, COL_INFO, "ISAKMP");
        proto_tree_add_item(sub, hf_marker, tvb, 0, NON_ESP_MARKER, ENC_NA);
        proto_item_set_len(item, NON_ESP_MARKER);
        ike_call_message(tvb_new_subset_remaining(tvb, NON_ESP_MARKER), pinfo, tree);
    } else {
        col_set_str(pinfo->cinfo, COL_INFO, "ESP");
        proto_item_set_len(item, 0);
        ike_call_esp(tvb, pinfo, tree);
    }
    return (int)tvb_captured_length(tvb);
}

ws_bool ike_dissect_udp_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bool plain = is_strictly_ike(tvb, 0);
    bool marked = !plain && tvb_captured_length(tvb) > NON_ESP_MARKER && !tvb_get_ntohl(tvb, 0) &&
                  is_strictly_ike(tvb, NON_ESP_MARKER);

    if (!plain && !marked)
        return FALSE;
    /* What follows between the two may be ESP, or encrypted beyond recognition. */
    conversation_set_dissector(find_or_create_conversation(pinfo),
                               marked ? encap_handle : ike_handle);
    if (marked)
        ike_dissect_udpencap(tvb, pinfo, tree, data);
    else
        ike_dissect_port_500(tvb, pinfo, tree, data);
    return TRUE;
}

void ike_encap_handoff(dissector_handle_t ike, dissector_handle_t esp, dissector_handle_t encap)
{
    ike_handle = ike;
    esp_handle = esp;
    encap_handle = encap;
}

void ike_register_udp_encap(void)
{
    static hf_register_info hf[] = {
        {&hf_ike_keepalive,
         {"NAT Keepalive", "isakmp.ike.nat_keepalive", FT_NONE, BASE_NONE, NULL, 0,
          "NAT Keepalive packet", HFILL}},
    };
    static hf_register_info hf_encap[] = {
        {&hf_keepalive,
         {"NAT-keepalive packet", "udpencap.nat_keepalive", FT_NONE, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_marker,
         {"Non-ESP Marker", "udpencap.non_esp_marker", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_non_ike_marker,
         {"Non-IKE Marker", "udpencap.non_ike_marker", FT_NONE, BASE_NONE, NULL, 0,
          "Eight zeros in the place of an initiator SPI: ESP on port 500", HFILL}},
        {&hf_short,
         {"Data", "udpencap.short", FT_BYTES, BASE_NONE, NULL, 0,
          "Too short for IKE or ESP, and not a keepalive", HFILL}},
    };
    static int *ett[] = {&ett_udpencap};
    static ei_register_info ei[] = {
        {&ei_no_marker,
         {"udpencap.non_esp_marker.missing", PI_PROTOCOL, PI_WARN,
          "IKE without a non-ESP marker (RFC 3948 2.2)", EXPFILL}},
        {&ei_short,
         {"udpencap.short.invalid", PI_PROTOCOL, PI_WARN,
          "Too short for IKE or ESP, and not a keepalive", EXPFILL}},
    };

    proto_udpencap = proto_get_id_by_filter_name("udpencap");
    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_field_array(proto_udpencap, hf_encap, array_length(hf_encap));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_udpencap), ei, array_length(ei));
}
