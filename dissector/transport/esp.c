/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP (RFC 4303) with the keys of the IKE SAs in the capture:
 *
 *   | SPI (4) | Sequence Number (4) | IV | payload, padding, pad length, next header | ICV |
 *
 * The fields are the built-in's, so that filters on esp.* keep working. */
#include "dissector/transport/esp.h"

#include <epan/ipproto.h>
#include <epan/show_exception.h>

#include "dissector/base/subdissector.h"
#include "dissector/session/export_pdu.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "dissector/transport/esp_flow.h"

enum { ESP_HEADER = 8, ESP_TRAILER = 2, NEXT_DUMMY = 59 };

ws_bool ike_decrypt_esp = TRUE;

static int proto_esp = -1;
static int hf_spi = -1;
static int hf_sequence = -1;
static int hf_sequence_high = -1;
static int hf_iv = -1;
static int hf_encrypted = -1;
static int hf_decrypted = -1;
static int hf_contained = -1;
static int hf_icv = -1;
static int hf_icv_good = -1;
static int hf_icv_bad = -1;
static int hf_pad = -1;
static int hf_pad_length = -1;
static int hf_next = -1;
static int hf_expected = -1;
static int hf_previous = -1;
static int hf_wrong = -1;
static int ett_esp = -1;
static int ett_icv = -1;
static int ett_decrypted = -1;
static expert_field ei_no_key = EI_INIT;
static expert_field ei_not_decrypted = EI_INIT;
static expert_field ei_icv = EI_INIT;
static expert_field ei_sequence = EI_INIT;
static expert_field ei_padding = EI_INIT;
static expert_field ei_truncated_icv = EI_INIT;

static dissector_handle_t builtin_esp;
static dissector_handle_t own_esp;
static dissector_table_t ip_protocols;
/* What is known of an ESP packet. Later passes find it by its index: records are stored for each
 * packet as the index of a state, of which a flow has few, for there are many packets. */
typedef struct {
    ike_esp_flow *flow;        /* NULL when there were too many unknown SPIs */
    ike_esp_sa *sa;            /* whose keys decrypt it; NULL: for Wireshark's dissector */
    ike_decrypt_status status; /* of a packet whose SA is known */
} esp_state;

/* The sequence number and frame that a flow saw last, and the state of that packet. */
typedef struct {
    uint32_t sequence, frame, state;
} last_packet;

/* A packet whose sequence number is not the next one. */
typedef struct {
    uint32_t expected, previous_frame;
} esp_gap;

/* A packet of the first pass. */
typedef struct {
    uint32_t frame, state; /* index into states */
} esp_packet;

/* One packet while it is dissected. */
typedef struct {
    esp_state state;
    const esp_gap *gap;
} esp_data;

static wmem_map_t *last_packets; /* ike_esp_flow -> last_packet */
static wmem_map_t *gaps;         /* 1 + index of the packet -> esp_gap */
static GArray *states;           /* esp_state */
static GArray *packets;          /* esp_packet, in the order of their frames */

/* Records the packet for its flow: returns the index of its state. */
static uint32_t record_state(const esp_state *state, uint32_t sequence, uint32_t frame)
{
    last_packet *last = state->flow ? wmem_map_lookup(last_packets, state->flow) : NULL;
    const esp_state *before = last ? &g_array_index(states, esp_state, last->state) : NULL;
    uint32_t index = last ? last->state : states->len;

    if (state->flow && !last) {
        last = wmem_new0(wmem_file_scope(), last_packet);
        wmem_map_insert(last_packets, state->flow, last);
    } else if (last && last->sequence + 1 != sequence &&
               (last->sequence != sequence || last->frame != frame)) {
        esp_gap *gap = wmem_new(wmem_file_scope(), esp_gap);
        *gap = (esp_gap){last->sequence + 1, last->frame};
        wmem_map_insert(gaps, GUINT_TO_POINTER(packets->len + 1), gap);
    }
    if (!before || before->sa != state->sa || before->status != state->status) {
        index = states->len;
        g_array_append_val(states, *state);
    }
    if (last)
        *last = (last_packet){sequence, frame, index};
    return index;
}

static bool decrypt_packet(tvbuff_t *tvb, ike_esp_sa *sa, ike_decrypted_esp *result)
{
    unsigned length = tvb_reported_length(tvb);

    memset(result, 0, sizeof *result);
    if (tvb_captured_length(tvb) < length) {
        result->status = IKE_DECRYPT_SHORT;
        return false;
    }
    return ike_esp_decrypt(sa, (ike_span){tvb_get_ptr(tvb, 0, (int)length), length}, result);
}

static ike_esp_sa *find_sa(tvbuff_t *tvb)
{
    ike_decrypt_context *decryption = ike_session_decryption();

    if (!ike_decrypt_esp || !decryption || tvb_captured_length(tvb) < ESP_HEADER + ESP_TRAILER)
        return NULL;
    ike_session_follow();
    return ike_esp_find(decryption, IKEV2_PROTOCOL_ESP, tvb_get_ntohl(tvb, 0));
}

static ike_esp_flow *track(tvbuff_t *tvb, packet_info *pinfo, const ike_decrypted_esp *result,
                           bool decrypted)
{
    const ike_esp_seen seen = {.spi = tvb_get_ntohl(tvb, 0),
                               .sequence = tvb_get_ntohl(tvb, 4),
                               .header = ESP_HEADER,
                               .sequence_high = result->sequence_high,
                               .icv_checked = result->icv_checked,
                               .icv_ok = result->icv_ok,
                               .decrypted = decrypted,
                               .truncated_icv = result->truncated_icv};

    return ike_track_esp(tvb, pinfo, &seen);
}

static esp_state first_look(tvbuff_t *tvb, packet_info *pinfo, ike_decrypted_esp *result)
{
    esp_state state = {.sa = find_sa(tvb)};
    bool decrypted = state.sa && decrypt_packet(tvb, state.sa, result);
    bool has_header = tvb_captured_length(tvb) >= ESP_HEADER;

    state.status = state.sa ? result->status : IKE_DECRYPT_NO_KEY;
    if (has_header && ike_session_tracker())
        state.flow = track(tvb, pinfo, result, decrypted);
    esp_packet packet = {pinfo->num,
                         record_state(&state, has_header ? tvb_get_ntohl(tvb, 4) : 0, pinfo->num)};
    g_array_append_val(packets, packet);
    return state;
}

/* The index of the first packet of a frame, or of a later frame. The first pass takes the frames in
 * their order. */
static uint32_t first_of_frame(uint32_t frame)
{
    uint32_t begin = 0, end = packets->len;

    while (begin < end) {
        uint32_t middle = begin + (end - begin) / 2;

        if (g_array_index(packets, esp_packet, middle).frame < frame)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

/* False if the first pass did not see the packet. */
static bool read_data(tvbuff_t *tvb, packet_info *pinfo, esp_data *data, ike_decrypted_esp *result)
{
    uint32_t place = ike_frame_of(pinfo)->esp_packets++;
    uint32_t index = packets->len;

    if (!PINFO_FD_VISITED(pinfo)) {
        data->state = first_look(tvb, pinfo, result);
    } else {
        index = first_of_frame(pinfo->num) + place;
        if (index >= packets->len)
            return false;
        const esp_packet *packet = &g_array_index(packets, esp_packet, index);
        if (packet->frame != pinfo->num)
            return false;
        data->state = g_array_index(states, esp_state, packet->state);
        if (data->state.sa && !decrypt_packet(tvb, data->state.sa, result) &&
            result->status != data->state.status) {
            result->status = data->state.status; /* later packets have other reasons */
            result->refused = NULL;
        }
    }
    data->gap = wmem_map_lookup(gaps, GUINT_TO_POINTER(index + 1));
    return true;
}

static void show_sequence(tvbuff_t *tvb, packet_info *pinfo, proto_item *item, const esp_data *data)
{
    const esp_gap *gap = data->gap;

    if (!gap)
        return;
    proto_tree *sub = proto_item_add_subtree(item, ett_icv);
    proto_item_set_generated(proto_tree_add_uint(sub, hf_expected, tvb, 4, 4, gap->expected));
    proto_item_set_generated(proto_tree_add_uint(sub, hf_previous, tvb, 4, 4, gap->previous_frame));
    proto_item_set_generated(proto_tree_add_item(sub, hf_wrong, tvb, 4, 4, ENC_NA));
    expert_add_info_format(pinfo, item, &ei_sequence, "Expected sequence number %u", gap->expected);
}

static void show_header(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const esp_data *data,
                        const ike_decrypted_esp *result)
{
    unsigned length = tvb_reported_length(tvb);
    unsigned iv = (unsigned)result->iv_length, icv = (unsigned)result->icv_length;

    proto_tree_add_item(tree, hf_spi, tvb, 0, 4, ENC_BIG_ENDIAN);
    proto_item *sequence = proto_tree_add_item(tree, hf_sequence, tvb, 4, 4, ENC_BIG_ENDIAN);
    show_sequence(tvb, pinfo, sequence, data);
    if (result->sequence_high)
        proto_item_set_generated(
            proto_tree_add_uint(tree, hf_sequence_high, tvb, 4, 4, result->sequence_high));
    if (ESP_HEADER + iv + icv > length)
        return;
    if (iv)
        proto_tree_add_item(tree, hf_iv, tvb, ESP_HEADER, (int)iv, ENC_NA);
    proto_tree_add_item(tree, hf_encrypted, tvb, (int)(ESP_HEADER + iv),
                        (int)(length - ESP_HEADER - iv - icv), ENC_NA);
    if (!icv)
        return;
    proto_item *item =
        proto_tree_add_item(tree, hf_icv, tvb, (int)(length - icv), (int)icv, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_icv);
    bool bad = result->icv_checked && !result->icv_ok;
    if (result->icv_checked)
        proto_item_append_text(item, result->icv_ok ? " [correct]" : " [incorrect]");
    proto_item_set_generated(proto_tree_add_boolean(sub, hf_icv_good, tvb, (int)(length - icv),
                                                    (int)icv, result->icv_ok));
    proto_item_set_generated(
        proto_tree_add_boolean(sub, hf_icv_bad, tvb, (int)(length - icv), (int)icv, bad));
    if (bad)
        expert_add_info(pinfo, item, &ei_icv);
    if (result->truncated_icv)
        expert_add_info(pinfo, item, &ei_truncated_icv);
}

/* The inner packet goes through Wireshark's dissectors. */
static void dissect_payload(tvbuff_t *inner, packet_info *pinfo, proto_tree *tree, uint8_t next)
{
    if (next != NEXT_DUMMY)
        ike_export_inner_packet(pinfo, inner, next);
    if (next == NEXT_DUMMY)
        col_append_str(pinfo->cinfo, COL_INFO, " Dummy packet");
    else if (!dissector_try_uint(ip_protocols, next, inner, pinfo, tree))
        call_data_dissector(inner, pinfo, tree);
}

/* Plaintext: payload, padding, pad length, next header. */
static void show_plain(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_tree *parent,
                       ike_decrypted_esp *result)
{
    unsigned length = (unsigned)result->plain_length;
    unsigned pad = result->pad_length;
    tvbuff_t *plain = tvb_new_child_real_data(tvb, result->plain, length, (int)length);

    tvb_set_free_cb(plain, g_free);
    result->plain = NULL;
    add_new_data_source(pinfo, plain, "Decrypted ESP");
    proto_item *item = proto_tree_add_item(tree, hf_decrypted, plain, 0, (int)length, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_decrypted);
    if (length < ESP_TRAILER + pad) {
        expert_add_info(pinfo, item, &ei_padding);
        return;
    }
    unsigned contained = length - ESP_TRAILER - pad;
    proto_tree_add_item(sub, hf_contained, plain, 0, (int)contained, ENC_NA);
    if (pad)
        proto_tree_add_item(sub, hf_pad, plain, (int)contained, (int)pad, ENC_NA);
    proto_tree_add_item(sub, hf_pad_length, plain, (int)(contained + pad), 1, ENC_NA);
    proto_tree_add_uint_format(sub, hf_next, plain, (int)(contained + pad + 1), 1,
                               result->next_header, "Next header: %s (0x%02x)",
                               ipprotostr(result->next_header), result->next_header);
    if (contained)
        dissect_payload(tvb_new_subset_length(plain, 0, (int)contained), pinfo, parent,
                        result->next_header);
}

/* A missing secret is no fault of the packet. */
static bool lacks_key(ike_decrypt_status status)
{
    return status == IKE_DECRYPT_NO_KEY || status == IKE_DECRYPT_NO_SHARED ||
           status == IKE_DECRYPT_NO_SK_D || status == IKE_DECRYPT_NO_PPK;
}

/* Adds what is known of a packet that Wireshark's dissector has shown. */
static void add_links_item(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                           const esp_data *data, bool lacks)
{
    bool linked = data->state.flow && data->state.flow->sa;

    if (lacks)
        ike_record_missing_key(pinfo);
    if (!tree || (!linked && !lacks))
        return;
    proto_item *item = proto_tree_add_item(tree, proto_esp, tvb, 0, 0, ENC_NA);

    proto_item_set_generated(item);
    proto_item_set_text(item, "ESP");
    proto_tree *sub = proto_item_add_subtree(item, ett_esp);
    if (linked) {
        proto_item_append_text(item, " of IKE SA %u", data->state.flow->sa->stream);
        ike_show_esp_links(tvb, sub, data->state.flow);
    }
    if (!lacks)
        return;
    proto_item_append_text(item, ", not decrypted");
    if (data->state.status == IKE_DECRYPT_NO_KEY) /* of many packets: its text is registered */
        expert_add_info(pinfo, item, &ei_no_key);
    else
        expert_add_info_format(pinfo, item, &ei_no_key, "Not decrypted: %s",
                               ike_decrypt_status_text(data->state.status));
    ike_add_key_logs(tvb, sub, "ESP SA", tvb_get_ntohl(tvb, 0), 0);
}

/* What ike_dissect_esp() passes on to dissect_own(). */
typedef struct {
    esp_data data;
    ike_decrypted_esp result;
} esp_call;

/* A packet whose SA we know, below a layer of its own. */
static int dissect_own(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *user)
{
    esp_call *call = user;

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "ESP");
    col_add_fstr(pinfo->cinfo, COL_INFO, "ESP (SPI=0x%08x)", tvb_get_ntohl(tvb, 0));
    proto_item *item = proto_tree_add_item(tree, proto_esp, tvb, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_esp);
    show_header(tvb, pinfo, sub, &call->data, &call->result);
    ike_show_esp_links(tvb, sub, call->data.state.flow);
    ike_add_key_source_item(tvb, sub, call->result.plain ? call->result.key_source : NULL);
    ike_add_esp_refusal(tvb, pinfo, sub, "ESP SA", tvb_get_ntohl(tvb, 0), call->result.refused);
    if (call->result.plain)
        show_plain(tvb, pinfo, sub, tree, &call->result);
    else
        expert_add_info_format(pinfo, item, &ei_not_decrypted, "Not decrypted: %s",
                               ike_decrypt_status_text(call->result.status));
    return (int)tvb_captured_length(tvb);
}

/* Whether the packet is for Wireshark's dissector: without an SA of ours, or without its key, which
 * Wireshark's own table of ESP SAs may have. That dissector keeps data of each packet: not of the
 * many that a TCP segment may be filled with. */
static bool is_for_builtin(tvbuff_t *tvb, packet_info *pinfo, const esp_data *data)
{
    enum { MAX_FOR_BUILTIN = 64 };

    if (tvb_captured_length(tvb) < ESP_HEADER)
        return true;
    const ike_frame *frame = ike_frame_of(pinfo);
    return frame->esp_packets - frame->esp_before <= MAX_FOR_BUILTIN && ike_may_call(pinfo, 1) &&
           (!data->state.sa || lacks_key(data->state.status));
}

/* Adds no layer itself: one of the two dissectors that it calls does. */
int ike_dissect_esp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *user _U_)
{
    /* In an ICMP error it is a copy of what was sent before. */
    if (pinfo->flags.in_error_pkt && !pinfo->fd->visited)
        ike_track_esp_unreachable(tvb, pinfo);
    if (pinfo->flags.in_error_pkt || !proto_is_protocol_enabled(find_protocol_by_id(proto_esp)))
        return call_dissector(builtin_esp, tvb, pinfo, tree);
    esp_call call = {0};

    if (!read_data(tvb, pinfo, &call.data, &call.result))
        return call_dissector(builtin_esp, tvb, pinfo, tree);
    ike_tap_esp(pinfo, call.data.state.flow);
    if (is_for_builtin(tvb, pinfo, &call.data)) {
        g_free(call.result.plain);
        unsigned sources = g_slist_length(pinfo->data_src);
        int used = call_dissector(builtin_esp, tvb, pinfo, tree);
        /* With a key of its own table the built-in adds its plaintext as a data source. */
        bool decrypted = g_slist_length(pinfo->data_src) > sources;
        add_links_item(tvb, pinfo, tree, &call.data, ike_decrypt_esp && !decrypted);
        return used;
    }
    if (!ike_may_call(pinfo, 1))
        return dissect_own(tvb, pinfo, tree, &call);
    return call_dissector_with_data(own_esp, tvb, pinfo, tree, &call);
}

static void close_capture(void)
{
    g_clear_pointer(&states, g_array_unref);
    g_clear_pointer(&packets, g_array_unref);
}

static void open_capture(void)
{
    close_capture();
    states = g_array_new(FALSE, FALSE, sizeof(esp_state));
    packets = g_array_new(FALSE, FALSE, sizeof(esp_packet));
}

void ike_esp_handoff(void)
{
    builtin_esp = find_dissector("esp");
    own_esp = create_dissector_handle(dissect_own, proto_esp);
    ip_protocols = find_dissector_table("ip.proto");
}

void ike_register_esp(void)
{
    static hf_register_info hf[] = {
        {&hf_spi,
         {"ESP SPI", "esp.spi", FT_UINT32, BASE_HEX_DEC, NULL, 0, "Security Parameters Index",
          HFILL}},
        {&hf_sequence,
         {"ESP Sequence", "esp.sequence", FT_UINT32, BASE_DEC, NULL, 0, "Sequence Number", HFILL}},
        {&hf_sequence_high,
         {"ESP Sequence (high)", "esp.sequence_high", FT_UINT32, BASE_DEC, NULL, 0,
          "The half of the extended sequence number that is not sent", HFILL}},
        {&hf_iv,
         {"ESP IV", "esp.iv", FT_BYTES, BASE_NONE, NULL, 0, "Initialization Vector", HFILL}},
        {&hf_encrypted,
         {"ESP Encrypted Data", "esp.encrypted_data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_decrypted,
         {"ESP Decrypted Data", "esp.decrypted_data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_contained,
         {"ESP Contained Data", "esp.contained_data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_icv,
         {"ESP ICV", "esp.icv", FT_BYTES, BASE_NONE, NULL, 0, "Integrity Check Value", HFILL}},
        {&hf_icv_good,
         {"Good", "esp.icv_good", FT_BOOLEAN, BASE_NONE, NULL, 0, "The ICV is right", HFILL}},
        {&hf_icv_bad,
         {"Bad", "esp.icv_bad", FT_BOOLEAN, BASE_NONE, NULL, 0, "The ICV is wrong", HFILL}},
        {&hf_pad, {"Pad", "esp.pad", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_pad_length,
         {"ESP Pad Length", "esp.pad_len", FT_UINT8, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_next, {"ESP Next Header", "esp.protocol", FT_UINT8, BASE_HEX, NULL, 0, NULL, HFILL}},
        {&hf_expected,
         {"Expected SN", "esp.sequence-analysis.expected-sn", FT_UINT32, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_previous,
         {"Previous Frame", "esp.sequence-analysis.previous-frame", FT_FRAMENUM, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_wrong,
         {"Wrong Sequence Number", "esp.sequence-analysis.wrong-sequence-number", FT_NONE,
          BASE_NONE, NULL, 0, NULL, HFILL}},
    };
    static int *ett[] = {&ett_esp, &ett_icv, &ett_decrypted};
    static ei_register_info ei[] = {
        {&ei_truncated_icv,
         {"isakmp.esp.icv.truncated", PI_PROTOCOL, PI_WARN,
          "HMAC-SHA-256 truncated to 96 bits, as old Linux kernels do (RFC 4868: 128)", EXPFILL}},
        {&ei_no_key,
         {"isakmp.esp.no_key", PI_DECRYPTION, PI_CHAT, "Not decrypted: No key for this SA",
          EXPFILL}},
        {&ei_not_decrypted,
         {"isakmp.esp.not_opened", PI_DECRYPTION, PI_WARN, "ESP of a known SA not decrypted",
          EXPFILL}},
        {&ei_icv, {"isakmp.esp.icv", PI_CHECKSUM, PI_WARN, "The ICV is wrong", EXPFILL}},
        {&ei_sequence,
         {"isakmp.esp.sequence", PI_SEQUENCE, PI_WARN, "Unexpected sequence number", EXPFILL}},
        {&ei_padding, {"isakmp.esp.padding", PI_MALFORMED, PI_WARN, "Invalid padding", EXPFILL}},
    };

    proto_esp = proto_get_id_by_filter_name("esp");
    proto_register_field_array(proto_esp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    last_packets =
        wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    gaps =
        wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
    register_init_routine(open_capture);
    register_cleanup_routine(close_capture);
}
