/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKE and ESP in a TCP stream (RFC 8229, RFC 9329 3):
 *
 *   initiator only, once:  "IKETCP"
 *   +-------------------------------+-------------------------------+
 *   | Length, with these two bytes | Non-ESP marker (0) and IKE    |
 *   +-------------------------------+ message, ESP packet, or 0xff  |
 *   |                                                               |
 *
 * A capture that begins in mid-stream, or lost segments, shows bytes whose frame is not known. So
 * what begins at a sequence number is decided on the first pass, by what was seen around it or by
 * what is plausible, and kept where later passes could not know it. */
#include "dissector/transport/tcp_encap.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>

#include "dissector/message.h"
#include "dissector/transport/udp_encap.h"

enum { LENGTH_FIELD = 2, PREFIX = 6, MARKER = 4, SPI = 4 };
enum { ESP_LEAST = 18, KEEPALIVE_FRAME = 3, KEEPALIVE = 0xff, FIRST_FREE_SPI = 256 };
enum { MAX_CHAIN = 8 };

static const char prefix_text[PREFIX + 1] = "IKETCP";

static int proto_tcpencap = -1;
static int hf_prefix = -1;
static int hf_length = -1;
static int hf_marker = -1;
static int hf_keepalive = -1;
static int hf_data = -1;
static int ett_tcpencap = -1;
static expert_field ei_lost = EI_INIT;
static expert_field ei_again = EI_INIT;
static expert_field ei_short = EI_INIT;
static dissector_handle_t encap_handle;

/* What begins at an offset. */
typedef enum {
    PIECE_FRAME, /* a length and a message */
    PIECE_PREFIX,
    PIECE_AGAIN, /* bytes of frames that were dissected before: a TCP retransmission */
    PIECE_LOST,  /* bytes whose frame is not known */
    PIECE_MORE,  /* not known yet */
    PIECE_ALIEN, /* another protocol */
} piece_kind;

typedef struct {
    piece_kind kind;
    unsigned length;
} piece;

/* Frames that were dissected, one behind the other, by sequence numbers. */
typedef struct {
    uint32_t start, length;
} known_range;

/* One direction of a connection, as the first pass knows it. */
typedef struct {
    wmem_tree_t *ranges; /* sequence number -> known_range */
    uint32_t end;        /* of the frame dissected last */
    bool waiting;        /* more was asked for before the first frame was found, at: */
    uint32_t waiting_at;
} stream_side;

typedef struct {
    stream_side sides[2];
    bool ours; /* the prefix or a plausible frame was seen */
} stream;

/* One call from TCP. */
typedef struct {
    stream *connection;
    stream_side *side;
    uint32_t sequence; /* of offset 0 */
    bool at_boundary;  /* what comes now follows a whole frame, or begins the stream */
    bool any;          /* something was shown */
    piece first;       /* at offset 0 */
    piece now;         /* what get_length() found and dissect_piece() is to show */
    uint32_t now_at;   /* its sequence number */
} stream_call;

static stream *stream_of(packet_info *pinfo)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    stream *found = conversation_get_proto_data(conversation, proto_isakmp);

    if (!found) {
        found = wmem_new0(wmem_file_scope(), stream);
        for (unsigned i = 0; i < array_length(found->sides); i++)
            found->sides[i].ranges = wmem_tree_new(wmem_file_scope());
        conversation_add_proto_data(conversation, proto_isakmp, found);
    }
    return found;
}

static stream_side *side_of(stream *connection, const packet_info *pinfo)
{
    int order = cmp_address(&pinfo->src, &pinfo->dst);

    if (!order)
        order = pinfo->srcport > pinfo->destport ? 1 : -1;
    return &connection->sides[order > 0];
}

/* Whether `sequence` is the first of the stream, which the capture must have from its SYN on. */
static bool is_stream_start(packet_info *pinfo, uint32_t sequence)
{
    enum { SYN_SEEN = 0x03 }; /* SYN or SYN-ACK, in TCP's completeness */
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    const struct tcp_analysis *tcp =
        conversation ? get_tcp_conversation_data(conversation, pinfo) : NULL;

    /* Relative or not: a preference. */
    return tcp && (tcp->conversation_completeness & SYN_SEEN) &&
           (sequence == 1 || sequence == tcp->fwd->base_seq + 1);
}

/* How many bytes at `offset`, up to the end of the data, are those of the prefix; 0 if one
 * differs. */
static unsigned prefix_match(tvbuff_t *tvb, unsigned offset)
{
    unsigned left = (unsigned)tvb_captured_length_remaining(tvb, (int)offset);
    unsigned length = MIN(left, (unsigned)PREFIX);

    return length && !tvb_strneql(tvb, (int)offset, prefix_text, length) ? length : 0;
}

typedef enum { NO, YES, LIKELY, MORE } plausibility;

/* An IKE header behind the marker that says the same length as the frame. */
static plausibility plausible_ike(tvbuff_t *tvb, unsigned offset, unsigned length, unsigned left)
{
    unsigned header = offset + LENGTH_FIELD + MARKER;

    if (length < LENGTH_FIELD + MARKER + IKE_HEADER)
        return NO;
    if (left < LENGTH_FIELD + MARKER + IKE_HEADER)
        return MORE;
    unsigned version = tvb_get_uint8(tvb, (int)header + 17) >> 4;
    uint32_t said = tvb_get_ntohl(tvb, (int)header + 24);

    return tvb_get_ntoh64(tvb, (int)header) && (version == 1 || version == 2) &&
                   said == length - LENGTH_FIELD - MARKER
               ? YES
               : NO;
}

/* Whether a frame can begin at `offset`. IKE is certain; ESP is no more than likely. */
static plausibility plausible_frame(tvbuff_t *tvb, unsigned offset)
{
    unsigned left = (unsigned)tvb_captured_length_remaining(tvb, (int)offset);

    if (left < LENGTH_FIELD)
        return MORE;
    unsigned length = tvb_get_ntohs(tvb, (int)offset);
    if (length == KEEPALIVE_FRAME) {
        if (left < KEEPALIVE_FRAME)
            return MORE;
        return tvb_get_uint8(tvb, (int)offset + LENGTH_FIELD) == KEEPALIVE ? LIKELY : NO;
    }
    if (length < ESP_LEAST)
        return NO;
    if (left < LENGTH_FIELD + SPI)
        return MORE;
    uint32_t spi = tvb_get_ntohl(tvb, (int)offset + LENGTH_FIELD);
    if (!spi)
        return plausible_ike(tvb, offset, length, left);
    return spi < FIRST_FREE_SPI ? NO : LIKELY;
}

/* Whether frames can follow each other from `offset` on. An IKE message is sufficient; ESP must
 * lead to one, to the very end of the segment or, with `strict`, repeat its SPI. */
static plausibility plausible_chain(tvbuff_t *tvb, unsigned offset, bool strict)
{
    unsigned end = tvb_captured_length(tvb);
    uint32_t last_spi = 0;
    bool original_of = false;

    for (unsigned n = 0; n < MAX_CHAIN; n++) {
        plausibility here = plausible_frame(tvb, offset);
        if (here == YES || here == NO || (here == MORE && n == 0))
            return here;
        if (here == MORE)
            return strict && !original_of ? NO : YES;
        unsigned length = tvb_get_ntohs(tvb, (int)offset);
        if (length > KEEPALIVE_FRAME) {
            uint32_t spi = tvb_get_ntohl(tvb, (int)offset + LENGTH_FIELD);
            original_of = original_of || spi == last_spi;
            last_spi = spi;
        }
        offset += length;
        if (offset >= end)
            return original_of || (offset == end && !strict) ? YES : NO;
    }
    return YES;
}

/* The next place after `offset` where a frame begins; the end when there is none. */
static unsigned next_plausible(tvbuff_t *tvb, unsigned offset)
{
    unsigned end = tvb_captured_length(tvb);

    for (offset++; offset + LENGTH_FIELD + SPI <= end; offset++)
        if (prefix_match(tvb, offset) == PREFIX || plausible_chain(tvb, offset, true) == YES)
            return offset;
    return end;
}

enum { MAX_RANGE = 1 << 30 }; /* sequence numbers come again after four times as many bytes */

/* The range that begins at `sequence` or before; NULL if it is too far back to be of this turn. */
static known_range *range_before(const stream_side *side, uint32_t sequence)
{
    known_range *range = wmem_tree_lookup32_le(side->ranges, sequence);

    return range && side->end - (range->start + range->length) < MAX_RANGE ? range : NULL;
}

static void record_frame(stream_side *side, uint32_t start, uint32_t length)
{
    known_range *range = range_before(side, start - 1);

    side->end = start + length;
    if (range && range->start + range->length == start && range->length < MAX_RANGE) {
        range->length += length;
        return;
    }
    range = wmem_new(wmem_file_scope(), known_range);
    *range = (known_range){start, length};
    wmem_tree_insert32(side->ranges, start, range);
}

/* How many bytes from `sequence` on belong to frames that were dissected. */
static unsigned seen_before(const stream_side *side, uint32_t sequence)
{
    const known_range *range = range_before(side, sequence);

    return range && sequence - range->start < range->length
               ? range->length - (sequence - range->start)
               : 0;
}

static bool ends_a_frame(const stream_side *side, uint32_t sequence)
{
    const known_range *range = range_before(side, sequence - 1);

    return range && range->start + range->length == sequence;
}

/* What begins at a boundary: nothing of it depends on what was seen before. */
static piece piece_at_boundary(tvbuff_t *tvb, unsigned offset)
{
    unsigned left = (unsigned)tvb_captured_length_remaining(tvb, (int)offset);
    unsigned match = prefix_match(tvb, offset);

    if (match == PREFIX)
        return (piece){PIECE_PREFIX, PREFIX};
    if (match || left < LENGTH_FIELD)
        return (piece){PIECE_MORE, 0};
    unsigned length = tvb_get_ntohs(tvb, (int)offset);
    if (length < LENGTH_FIELD) /* fatal (RFC 9329 3) */
        return (piece){PIECE_LOST, next_plausible(tvb, offset) - offset};
    return (piece){PIECE_FRAME, length};
}

/* What begins where no frame is known to begin. */
static piece piece_anywhere(const stream_call *call, tvbuff_t *tvb, unsigned offset)
{
    unsigned end = tvb_captured_length(tvb);

    if (prefix_match(tvb, offset) == PREFIX)
        return (piece){PIECE_PREFIX, PREFIX};
    switch (plausible_chain(tvb, offset, false)) {
    case YES:
        return (piece){PIECE_FRAME, tvb_get_ntohs(tvb, (int)offset)};
    case MORE:
        return (piece){PIECE_MORE, 0};
    default:
        break;
    }
    unsigned next = next_plausible(tvb, offset);
    return (piece){next == end && !call->connection->ours ? PIECE_ALIEN : PIECE_LOST,
                   next - offset};
}

/* The first pass decides. */
static piece decide(stream_call *call, packet_info *pinfo, tvbuff_t *tvb, unsigned offset)
{
    unsigned left = tvb_captured_length(tvb) - offset;
    uint32_t sequence = call->sequence + offset;
    unsigned seen = seen_before(call->side, sequence);
    bool boundary = call->at_boundary || ends_a_frame(call->side, sequence);

    if (seen)
        return (piece){PIECE_AGAIN, MIN(seen, left)};
    piece found = boundary ? piece_at_boundary(tvb, offset) : piece_anywhere(call, tvb, offset);
    /* That this is IKE is not known yet: a service of another kind may have the port. */
    if (boundary && !call->connection->ours && found.kind == PIECE_FRAME) {
        plausibility chain = plausible_chain(tvb, offset, false);
        if (chain != YES)
            found = (piece){chain == MORE ? PIECE_MORE : PIECE_ALIEN, left};
    }
    if (found.kind == PIECE_MORE && !pinfo->can_desegment)
        found = (piece){PIECE_LOST, left};
    if (found.kind == PIECE_MORE && !boundary) {
        call->side->waiting = true;
        call->side->waiting_at = sequence;
    }
    if (found.kind == PIECE_FRAME || found.kind == PIECE_PREFIX) {
        call->connection->ours = true;
        call->side->waiting = false;
    }
    return found;
}

/* What begins at `offset`. Later passes find what was decided, or that nothing was to decide. */
static piece find_piece(stream_call *call, packet_info *pinfo, tvbuff_t *tvb, unsigned offset)
{
    uint32_t key = call->sequence + offset;

    if (PINFO_FD_VISITED(pinfo)) {
        const piece *kept = p_get_proto_data(wmem_file_scope(), pinfo, proto_tcpencap, key);
        return kept ? *kept : piece_at_boundary(tvb, offset);
    }
    piece found = decide(call, pinfo, tvb, offset);
    if (found.kind != PIECE_FRAME && found.kind != PIECE_PREFIX)
        p_add_proto_data(wmem_file_scope(), pinfo, proto_tcpencap, key,
                         wmem_memdup(wmem_file_scope(), &found, sizeof found));
    return found;
}

static unsigned get_length(packet_info *pinfo, tvbuff_t *tvb, int offset, void *data)
{
    stream_call *call = data;

    call->now = offset ? find_piece(call, pinfo, tvb, (unsigned)offset) : call->first;
    call->now_at = call->sequence + (uint32_t)offset;
    return call->now.kind == PIECE_MORE ? 0 : call->now.length;
}

static void dissect_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, proto_tree *sub,
                            proto_item *item)
{
    tvbuff_t *rest = tvb_new_subset_remaining(tvb, LENGTH_FIELD);
    unsigned length = tvb_reported_length(rest);

    if (length == 1 && tvb_get_uint8(rest, 0) == KEEPALIVE) {
        col_append_str(pinfo->cinfo, COL_INFO, "NAT-keepalive");
        proto_tree_add_item(sub, hf_keepalive, rest, 0, 1, ENC_NA);
        return;
    }
    if (length < SPI) {
        col_append_fstr(pinfo->cinfo, COL_INFO, "Neither IKE, ESP nor keepalive: %u bytes", length);
        expert_add_info(pinfo, item, &ei_short);
        if (length)
            proto_tree_add_item(sub, hf_data, rest, 0, (int)length, ENC_NA);
        return;
    }
    if (tvb_get_ntohl(rest, 0)) {
        proto_item_set_len(item, LENGTH_FIELD);
        ike_call_esp(rest, pinfo, tree);
        return;
    }
    proto_tree_add_item(sub, hf_marker, rest, 0, MARKER, ENC_NA);
    proto_item_set_len(item, LENGTH_FIELD + MARKER);
    ike_call_message(tvb_new_subset_remaining(rest, MARKER), pinfo, tree);
}

static void show_bytes(tvbuff_t *tvb, packet_info *pinfo, proto_tree *sub, proto_item *item,
                       expert_field *why, const char *info)
{
    col_append_str(pinfo->cinfo, COL_INFO, info);
    proto_tree_add_item(sub, hf_data, tvb, 0, -1, ENC_NA);
    expert_add_info(pinfo, item, why);
}

static void begin_info(stream_call *call, packet_info *pinfo)
{
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "TCPENCAP");
    if (!call->any)
        col_clear(pinfo->cinfo, COL_INFO);
    else
        col_append_str(pinfo->cinfo, COL_INFO, "; ");
    col_set_fence(pinfo->cinfo, COL_INFO);
    call->any = true;
}

static int dissect_piece(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    stream_call *call = data;
    proto_item *item = proto_tree_add_item(tree, proto_tcpencap, tvb, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_tcpencap);

    begin_info(call, pinfo);
    call->at_boundary = true;
    switch (call->now.kind) {
    case PIECE_PREFIX:
        col_append_str(pinfo->cinfo, COL_INFO, "IKETCP");
        proto_tree_add_item(sub, hf_prefix, tvb, 0, PREFIX, ENC_ASCII);
        break;
    case PIECE_FRAME:
        proto_tree_add_item(sub, hf_length, tvb, 0, LENGTH_FIELD, ENC_BIG_ENDIAN);
        break;
    case PIECE_AGAIN:
        show_bytes(tvb, pinfo, sub, item, &ei_again, "bytes seen before");
        break;
    default:
        show_bytes(tvb, pinfo, sub, item, &ei_lost, "part of an unknown message");
        call->at_boundary = false;
    }
    if (!PINFO_FD_VISITED(pinfo) && call->now.kind <= PIECE_PREFIX)
        record_frame(call->side, call->now_at, call->now.length);
    if (call->now.kind == PIECE_FRAME)
        dissect_message(tvb, pinfo, tree, sub, item);
    col_set_fence(pinfo->cinfo, COL_INFO);
    return (int)tvb_captured_length(tvb);
}

/* The sequence number of the first byte. TCP does not count what it passed over in a segment that
 * continues a frame. */
static uint32_t sequence_of(tvbuff_t *tvb, const struct tcpinfo *tcp)
{
    if (!tcp)
        return 0;
    return tcp->is_reassembled ? tcp->seq : tcp->nxtseq - tvb_reported_length(tvb);
}

static stream_call begin_call(tvbuff_t *tvb, packet_info *pinfo, const struct tcpinfo *tcp)
{
    stream_call call = {.connection = stream_of(pinfo), .sequence = sequence_of(tvb, tcp)};

    call.side = side_of(call.connection, pinfo);
    /* What TCP reassembled begins where a frame was begun before; or where too little was there to
     * say so. */
    call.at_boundary =
        !tcp || is_stream_start(pinfo, call.sequence) ||
        (tcp->is_reassembled && !(call.side->waiting && call.side->waiting_at == call.sequence));
    return call;
}

int ike_dissect_tcp_encap(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!tvb_captured_length(tvb))
        return 0;
    stream_call call = begin_call(tvb, pinfo, data);

    call.first = find_piece(&call, pinfo, tvb, 0);
    if (call.first.kind == PIECE_ALIEN)
        return 0;
    /* Called with one byte already: so short a rest may be lost, or seen before. */
    tcp_dissect_pdus(tvb, pinfo, tree, TRUE, 1, get_length, dissect_piece, &call);
    return (int)tvb_captured_length(tvb);
}

ws_bool ike_dissect_tcp_encap_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const struct tcpinfo *tcp = data;
    unsigned match = prefix_match(tvb, 0);

    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_tcpencap)))
        return FALSE;
    if (!tcp || !match)
        return FALSE;
    if (match < PREFIX) {
        /* The prefix itself may be truncated; only at the start of the stream. */
        if (!is_stream_start(pinfo, tcp->seq) || !pinfo->can_desegment)
            return FALSE;
        pinfo->desegment_offset = 0;
        pinfo->desegment_len = DESEGMENT_ONE_MORE_SEGMENT;
        return TRUE;
    }
    if (tvb_captured_length(tvb) > PREFIX && plausible_frame(tvb, PREFIX) == NO)
        return FALSE;
    conversation_set_dissector(find_or_create_conversation(pinfo), encap_handle);
    return ike_dissect_tcp_encap(tvb, pinfo, tree, data) > 0;
}

/* Whether a bare IKE message can begin at `offset`: no longer than others carry, for TCP waits for
 * all of it and goes through all that it has with each segment. */
static bool is_bare_message(tvbuff_t *tvb, int offset)
{
    enum { MOST = UINT16_MAX };
    unsigned version = tvb_get_uint8(tvb, offset + 17) >> 4;
    uint32_t length = tvb_get_ntohl(tvb, offset + 24);

    return tvb_get_ntoh64(tvb, offset) && (version == 1 || version == 2) && length >= IKE_HEADER &&
           length <= MOST;
}

static unsigned bare_length(packet_info *pinfo _U_, tvbuff_t *tvb, int offset, void *data _U_)
{
    return is_bare_message(tvb, offset) ? tvb_get_ntohl(tvb, offset + 24)
                                        : (unsigned)tvb_reported_length_remaining(tvb, offset);
}

static int dissect_bare(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bool *any = data;

    if (*any)
        col_append_str(pinfo->cinfo, COL_INFO, "; ");
    else
        col_clear(pinfo->cinfo, COL_INFO);
    col_set_fence(pinfo->cinfo, COL_INFO);
    *any = true;
    ike_dissect_message(tvb, pinfo, tree);
    col_set_fence(pinfo->cinfo, COL_INFO);
    return (int)tvb_captured_length(tvb);
}

int ike_dissect_tcp_500(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    bool any = false;

    if (data && (prefix_match(tvb, 0) || stream_of(pinfo)->ours)) {
        int used = ike_dissect_tcp_encap(tvb, pinfo, tree, data);
        if (used)
            return used;
    }
    if (tvb_captured_length(tvb) < IKE_HEADER || is_bare_message(tvb, 0))
        tcp_dissect_pdus(tvb, pinfo, tree, TRUE, IKE_HEADER, bare_length, dissect_bare, &any);
    else
        return ike_dissect_port_500(tvb, pinfo, tree, data);
    return (int)tvb_captured_length(tvb);
}

void ike_tcp_encap_handoff(dissector_handle_t encap)
{
    encap_handle = encap;
}

void ike_register_tcp_encap(void)
{
    static hf_register_info hf[] = {
        {&hf_prefix,
         {"Stream prefix", "tcpencap.prefix", FT_STRING, BASE_NONE, NULL, 0,
          "Begins a stream that carries IKE and ESP (RFC 9329 4)", HFILL}},
        {&hf_length,
         {"Length", "tcpencap.length", FT_UINT16, BASE_DEC, NULL, 0,
          "Bytes of the frame with the length itself", HFILL}},
        {&hf_marker,
         {"Non-ESP Marker", "tcpencap.non_esp_marker", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_keepalive,
         {"NAT-keepalive packet", "tcpencap.nat_keepalive", FT_NONE, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_data,
         {"Data", "tcpencap.data", FT_BYTES, BASE_NONE, NULL, 0, "Bytes that are not dissected",
          HFILL}},
    };
    static int *ett[] = {&ett_tcpencap};
    static ei_register_info ei[] = {
        {&ei_lost,
         {"tcpencap.data.lost", PI_SEQUENCE, PI_NOTE,
          "Part of a message that began before the capture or in a lost segment", EXPFILL}},
        {&ei_again,
         {"tcpencap.data.again", PI_SEQUENCE, PI_CHAT,
          "TCP retransmission: these bytes were dissected before", EXPFILL}},
        {&ei_short,
         {"tcpencap.length.short", PI_PROTOCOL, PI_WARN,
          "Too short for IKE or ESP, and not a keepalive", EXPFILL}},
    };

    proto_tcpencap = proto_get_id_by_filter_name("tcpencap");
    proto_register_field_array(proto_tcpencap, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_tcpencap), ei, array_length(ei));
}
