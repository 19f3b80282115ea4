/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AH (RFC 4302) with the keys of the capture and of key logs:
 *
 *   | Next Header | Payload Len | RESERVED (2) | SPI (4) | Sequence Number (4) | ICV |
 *
 * Payload Len is the length of AH in words of four bytes, less two. The fields are the built-in's,
 * so that filters on ah.* keep working. */
#include "dissector/transport/esp.h"

#include <epan/ipproto.h>

#include "dissector/base/subdissector.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "dissector/transport/ah_header.h"
#include "dissector/transport/esp_flow.h"

enum { PROTOCOL_ESP = 50 };

static int proto_ah = -1;
static int hf_next = -1;
static int hf_length = -1;
static int hf_reserved = -1;
static int hf_spi = -1;
static int hf_sequence = -1;
static int hf_icv = -1;
static int hf_good = -1;
static int hf_bad = -1;
static int hf_padding = -1;
static int hf_sequence_high = -1;
static int ett_ah = -1;
static int ett_icv = -1;
static expert_field ei_icv = EI_INIT;
static expert_field ei_no_key = EI_INIT;
static expert_field ei_not_verified = EI_INIT;

static dissector_handle_t builtin_ah;
static dissector_handle_t own_ah;
static dissector_table_t ip_protocols;

/* What the first pass found, by the layer in the frame. */
typedef struct {
    ike_esp_sa *sa; /* NULL: no key can be known */
    ike_esp_flow *flow;
    ike_verified_ah result; /* the same on every pass */
} ah_state;

/* Bytes of AH, 0 when they are not all there. */
static unsigned length_of(tvbuff_t *tvb)
{
    unsigned length =
        tvb_captured_length(tvb) >= IKE_AH_FIXED ? 4 * (tvb_get_uint8(tvb, 1) + 2u) : 0;

    return length >= IKE_AH_FIXED && length <= tvb_captured_length(tvb) ? length : 0;
}

static void verify(tvbuff_t *tvb, packet_info *pinfo, unsigned length, ah_state *state)
{
    unsigned size = tvb_reported_length(tvb);

    state->result.status = IKE_DECRYPT_SHORT;
    if (tvb_captured_length(tvb) < size)
        return;
    ike_span before = ike_ah_covered_header(tvb, pinfo);
    if (!before.length) {
        state->result.status = IKE_DECRYPT_NO_KEY;
        state->sa = NULL;
        return;
    }
    const uint8_t *bytes = tvb_get_ptr(tvb, 0, (int)size);
    const ike_ah_packet packet = {
        before, {bytes + IKE_AH_FIXED, length - IKE_AH_FIXED}, {bytes + length, size - length}};
    ike_ah_verify(state->sa, &packet, &state->result);
}

static ah_state *first_look(tvbuff_t *tvb, packet_info *pinfo, unsigned length)
{
    ah_state *state = wmem_new0(wmem_file_scope(), ah_state);
    ike_decrypt_context *decryption = ike_session_decryption();

    state->result.status = IKE_DECRYPT_NO_KEY;
    if (decryption && ike_decrypt_esp) {
        ike_session_follow();
        state->sa = ike_esp_find(decryption, IKEV2_PROTOCOL_AH, tvb_get_ntohl(tvb, 4));
    }
    if (state->sa)
        verify(tvb, pinfo, length, state);
    /* Of AH around ESP the packets are counted as ESP. */
    if (ike_session_tracker() && tvb_get_uint8(tvb, 0) != PROTOCOL_ESP) {
        const ike_esp_seen seen = {.spi = tvb_get_ntohl(tvb, 4),
                                   .sequence = tvb_get_ntohl(tvb, 8),
                                   .header = IKE_AH_FIXED,
                                   .sequence_high = state->result.sequence_high,
                                   .icv_checked = state->result.icv_checked,
                                   .icv_ok = state->result.icv_ok,
                                   .decrypted = state->result.icv_ok};
        state->flow = ike_track_esp(tvb, pinfo, &seen);
    }
    return state;
}

/* ---- the tree -------------------------------------------------------------------------------- */

static void show_icv(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, unsigned length,
                     const ike_verified_ah *result)
{
    int bytes = (int)(length - IKE_AH_FIXED);

    if (bytes <= 0)
        return;
    proto_item *item = proto_tree_add_item(tree, hf_icv, tvb, IKE_AH_FIXED, bytes, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_icv);
    if (!result->icv_checked)
        return;
    proto_item_append_text(item, result->icv_ok ? " [correct]" : " [incorrect]");
    proto_item_set_generated(
        proto_tree_add_boolean(sub, hf_good, tvb, IKE_AH_FIXED, bytes, result->icv_ok));
    proto_item_set_generated(
        proto_tree_add_boolean(sub, hf_bad, tvb, IKE_AH_FIXED, bytes, !result->icv_ok));
    if (result->icv_length && (int)result->icv_length < bytes)
        proto_tree_add_item(sub, hf_padding, tvb, IKE_AH_FIXED + (int)result->icv_length,
                            bytes - (int)result->icv_length, ENC_NA);
    if (!result->icv_ok)
        expert_add_info_format(pinfo, item, &ei_icv, "AH ICV does not verify: %s",
                               result->status == IKE_DECRYPT_NOT_AUTHENTIC
                                   ? "modified on the way (by a NAT?) or forged"
                                   : "wrong key, or modified on the way (by a NAT?)");
}

static void show_header(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, unsigned length,
                        const ah_state *state)
{
    uint8_t next = tvb_get_uint8(tvb, 0);

    proto_tree_add_uint_format_value(tree, hf_next, tvb, 0, 1, next, "%s (%u)", ipprotostr(next),
                                     next);
    proto_tree_add_uint_format_value(tree, hf_length, tvb, 1, 1, tvb_get_uint8(tvb, 1),
                                     "%u (%u bytes)", tvb_get_uint8(tvb, 1), length);
    proto_tree_add_item(tree, hf_reserved, tvb, 2, 2, ENC_NA);
    proto_tree_add_item(tree, hf_spi, tvb, 4, 4, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_sequence, tvb, 8, 4, ENC_BIG_ENDIAN);
    if (state->result.sequence_high)
        proto_item_set_generated(
            proto_tree_add_uint(tree, hf_sequence_high, tvb, 8, 4, state->result.sequence_high));
    show_icv(tvb, pinfo, tree, length, &state->result);
    ike_show_esp_links(tvb, tree, state->flow);
    ike_add_key_source_item(tvb, tree, state->result.key_source);
}

static int dissect_own(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *user)
{
    const ah_state *state = user;
    unsigned length = length_of(tvb);
    uint8_t next = tvb_get_uint8(tvb, 0);

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "AH");
    col_add_fstr(pinfo->cinfo, COL_INFO, "AH (SPI=0x%08x)", tvb_get_ntohl(tvb, 4));
    proto_item *item = proto_tree_add_item(tree, proto_ah, tvb, 0, (int)length, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_ah);
    show_header(tvb, pinfo, sub, length, state);
    if (!state->result.icv_checked)
        expert_add_info_format(pinfo, item, &ei_not_verified, "Not verified: %s",
                               ike_decrypt_status_text(state->result.status));
    ike_add_esp_refusal(tvb, pinfo, sub, "AH SA", tvb_get_ntohl(tvb, 4), state->result.refused);
    tvbuff_t *inner = tvb_new_subset_remaining(tvb, (int)length);
    if (!dissector_try_uint(ip_protocols, next, inner, pinfo, tree))
        call_data_dissector(inner, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

/* Adds what is known of a packet that Wireshark's dissector has shown. */
static void add_links_item(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                           const ah_state *state)
{
    bool linked = state->flow && state->flow->sa;

    if (!tree || (!linked && !ike_has_key_logs()))
        return;
    proto_item *item = proto_tree_add_item(tree, proto_ah, tvb, 0, 0, ENC_NA);

    proto_item_set_generated(item);
    proto_item_set_text(item, "AH");
    proto_tree *sub = proto_item_add_subtree(item, ett_ah);
    if (linked) {
        proto_item_append_text(item, " of IKE SA %u", state->flow->sa->stream);
        ike_show_esp_links(tvb, sub, state->flow);
    }
    proto_item_append_text(item, ", not verified");
    expert_add_info_format(pinfo, item, &ei_no_key, "Not verified: %s",
                           ike_decrypt_status_text(state->result.status));
    ike_add_key_logs(tvb, sub, "AH SA", tvb_get_ntohl(tvb, 4), 0);
}

static bool lacks_key(const ah_state *state)
{
    ike_decrypt_status status = state->result.status;

    return !state->sa || status == IKE_DECRYPT_NO_KEY || status == IKE_DECRYPT_NO_SHARED ||
           status == IKE_DECRYPT_NO_SK_D || status == IKE_DECRYPT_NO_PPK;
}

int ike_dissect_ah(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *user _U_)
{
    unsigned length = length_of(tvb);
    uint32_t layer = pinfo->curr_layer_num;

    /* In an ICMP error it is a copy of what was sent before. */
    if (!length || pinfo->flags.in_error_pkt ||
        !proto_is_protocol_enabled(find_protocol_by_id(proto_ah)) || !ike_may_call(pinfo, 1))
        return call_dissector(builtin_ah, tvb, pinfo, tree);
    ah_state *state = p_get_proto_data(wmem_file_scope(), pinfo, proto_ah, layer);
    if (!state && !PINFO_FD_VISITED(pinfo)) {
        state = first_look(tvb, pinfo, length);
        p_add_proto_data(wmem_file_scope(), pinfo, proto_ah, layer, state);
    }
    if (!state)
        return call_dissector(builtin_ah, tvb, pinfo, tree);
    ike_tap_esp(pinfo, state->flow);
    if (!lacks_key(state))
        return call_dissector_with_data(own_ah, tvb, pinfo, tree, state);
    int used = call_dissector(builtin_ah, tvb, pinfo, tree);
    add_links_item(tvb, pinfo, tree, state);
    return used;
}

/* ---- registration ---------------------------------------------------------------------------- */

void ike_ah_handoff(void)
{
    builtin_ah = find_dissector("ah");
    own_ah = create_dissector_handle(dissect_own, proto_ah);
    ip_protocols = find_dissector_table("ip.proto");
}

void ike_register_ah(void)
{
    static hf_register_info hf[] = {
        {&hf_next, {"Next header", "ah.next_header", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_length, {"Length", "ah.length", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_reserved, {"Reserved", "ah.reserved", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_spi,
         {"AH SPI", "ah.spi", FT_UINT32, BASE_HEX, NULL, 0,
          "IP Authentication Header Security Parameters Index", HFILL}},
        {&hf_sequence,
         {"AH Sequence", "ah.sequence", FT_UINT32, BASE_DEC, NULL, 0,
          "IP Authentication Header Sequence Number", HFILL}},
        {&hf_icv,
         {"AH ICV", "ah.icv", FT_BYTES, BASE_NONE, NULL, 0,
          "IP Authentication Header Integrity Check Value", HFILL}},
    };
    static hf_register_info hf_own[] = {
        {&hf_good,
         {"Good", "isakmp.ah.icv_good", FT_BOOLEAN, BASE_NONE, NULL, 0, "The ICV of AH is right",
          HFILL}},
        {&hf_bad,
         {"Bad", "isakmp.ah.icv_bad", FT_BOOLEAN, BASE_NONE, NULL, 0, "The ICV of AH is wrong",
          HFILL}},
        {&hf_padding,
         {"ICV padding", "isakmp.ah.icv_padding", FT_BYTES, BASE_NONE, NULL, 0,
          "Fills AH to a multiple of 64 bits (RFC 4302 2.6)", HFILL}},
        {&hf_sequence_high,
         {"AH Sequence (high)", "isakmp.ah.sequence_high", FT_UINT32, BASE_DEC, NULL, 0,
          "The half of the extended sequence number that is not sent", HFILL}},
    };
    static int *ett[] = {&ett_ah, &ett_icv};
    static ei_register_info ei[] = {
        {&ei_icv, {"isakmp.ah.icv", PI_CHECKSUM, PI_WARN, "The ICV of AH is wrong", EXPFILL}},
        {&ei_no_key, {"isakmp.ah.no_key", PI_SECURITY, PI_CHAT, "No key for this AH SA", EXPFILL}},
        {&ei_not_verified,
         {"isakmp.ah.not_verified", PI_SECURITY, PI_WARN, "AH of a known SA not verified",
          EXPFILL}},
    };

    proto_ah = proto_get_id_by_filter_name("ah");
    proto_register_field_array(proto_ah, hf, array_length(hf));
    proto_register_field_array(proto_isakmp, hf_own, array_length(hf_own));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
