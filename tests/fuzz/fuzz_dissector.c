/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin in Wireshark's library: epan is initialised once, each input is a capture (frames.h)
 * that is dissected twice with tree and columns, as tshark -2 -V does. The key log file named by
 * IKE_FUZZ_KEYLOG is loaded beside the keys that the target knows. With IKE_FUZZ_SHOW set the trees
 * are printed. */
#include "dissector/base/compat.h"

#include <stdio.h>
#include <stdlib.h>

#include <epan/column-info.h>
#include <epan/column.h>
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <epan/prefs.h>
#include <epan/timestamp.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#include "analysis/report/report.h"
#include "dissector/session/session.h"
#include "encrypting.h"
#include "frames.h"
#include "proto/network_order.h"

enum { IP_HEADER = 20, UDP_HEADER = 8, TCP_HEADER = 20, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };
enum { MAX_PACKET = 65535, CUT_AT = 60 };

void plugin_register(void);

typedef struct {
    frame_data fd;
    uint8_t *bytes; /* of exactly its captured length */
    unsigned captured, length;
} packet;

struct packet_provider_data {
    packet packets[FUZZ_MAX_FRAMES];
    unsigned count;
    uint32_t sequence[2]; /* of TCP, by direction */
    uint64_t now_ms;
    fuzz_v1 v1;
    unsigned v1_plain; /* how many of the plain messages of main mode were sent */
};

static column_info columns;
static bool shown;

static const nstime_t *frame_time(struct packet_provider_data *capture, uint32_t number)
{
    return number && number <= capture->count ? &capture->packets[number - 1].fd.abs_ts : NULL;
}

/* ---- building packets ------------------------------------------------------------------------ */

static void put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_ip(uint8_t *at, unsigned length, uint8_t protocol, bool back)
{
    static const uint8_t ends[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};

    at[0] = 0x45;
    put_u16(at + 2, length);
    at[8] = 64;
    at[9] = protocol;
    memcpy(at + 12, ends[back], 4);
    memcpy(at + 16, ends[!back], 4);
}

static void put_tcp(struct packet_provider_data *capture, uint8_t *at, unsigned port, bool back,
                    unsigned length)
{
    put_u16(at, back ? port : 1025);
    put_u16(at + 2, back ? 1025 : port);
    ike_put_u32(at + 4, 1 + capture->sequence[back]);
    ike_put_u32(at + 8, 1 + capture->sequence[!back]);
    at[12] = TCP_HEADER / 4 << 4;
    at[13] = 0x18; /* PSH, ACK */
    put_u16(at + 14, 65535);
    capture->sequence[back] += length;
}

/* What a way puts round the bytes. */
static const struct {
    uint8_t protocol;
    uint16_t port;
    uint8_t prefix; /* zero bytes before them; TCP: the length of the frame */
} ways[FUZZ_WAYS] = {
    [FUZZ_WAY_UDP_500] = {PROTOCOL_UDP, 500, 0},
    [FUZZ_WAY_UDP_4500] = {PROTOCOL_UDP, 4500, 4},
    [FUZZ_WAY_UDP_RAW] = {PROTOCOL_UDP, 4500, 0},
    [FUZZ_WAY_TCP_4500] = {PROTOCOL_TCP, 4500, 6},
    [FUZZ_WAY_TCP_RAW] = {PROTOCOL_TCP, 4500, 0},
    [FUZZ_WAY_ESP] = {50, 0, 0},
    [FUZZ_WAY_ENCRYPTED] = {PROTOCOL_UDP, 4500, 4},
    [FUZZ_WAY_V1_ENCRYPTED] = {PROTOCOL_UDP, 500, 0},
    [FUZZ_WAY_TCP_500] = {PROTOCOL_TCP, 500, 0},
    [FUZZ_WAY_AH] = {51, 0, 0},
    [FUZZ_WAY_UDP_848] = {PROTOCOL_UDP, 848, 0},
};

static void add_packet(struct packet_provider_data *capture, uint8_t way, uint8_t flags,
                       const uint8_t *bytes, size_t length)
{
    bool back = flags & FUZZ_FLAG_BACK;
    unsigned prefix = ways[way].prefix;
    uint8_t protocol = ways[way].protocol;
    unsigned transport = protocol == PROTOCOL_TCP   ? TCP_HEADER
                         : protocol == PROTOCOL_UDP ? UDP_HEADER
                                                    : 0;
    unsigned head = IP_HEADER + transport + prefix;

    if (capture->count == FUZZ_MAX_FRAMES || length > MAX_PACKET - head)
        return;
    packet *p = &capture->packets[capture->count++];
    unsigned body = prefix + (unsigned)length;
    p->length = IP_HEADER + transport + body;
    p->bytes = g_malloc0(p->length);
    put_ip(p->bytes, p->length, protocol, back);
    uint8_t *inner = p->bytes + IP_HEADER;
    if (protocol == PROTOCOL_UDP) {
        put_u16(inner, back || way == FUZZ_WAY_V1_ENCRYPTED ? ways[way].port : 4501);
        put_u16(inner + 2, back && way != FUZZ_WAY_V1_ENCRYPTED ? 4501 : ways[way].port);
        put_u16(inner + 4, UDP_HEADER + body);
    } else if (protocol == PROTOCOL_TCP) {
        put_tcp(capture, inner, ways[way].port, back, body);
    }
    if (way == FUZZ_WAY_TCP_4500)
        put_u16(inner + transport, body);
    if (length)
        memcpy(p->bytes + head, bytes, length);
    p->captured =
        flags & FUZZ_FLAG_CUT && p->length > CUT_AT ? p->length - p->length / 4 : p->length;
    if (p->captured < p->length)
        p->bytes = g_realloc(p->bytes, p->captured);

    wtap_rec rec = {.rec_type = REC_TYPE_PACKET, .presence_flags = WTAP_HAS_TS};
    capture->now_ms += flags & FUZZ_FLAG_LATE ? 5000 : 10;
    rec.ts.secs = (time_t)(1700000000 + capture->now_ms / 1000);
    rec.ts.nsecs = (int)(capture->now_ms % 1000 * 1000000);
    rec.rec_header.packet_header.len = p->length;
    rec.rec_header.packet_header.caplen = p->captured;
    frame_data_init(&p->fd, capture->count, &rec, 0, 0);
}

static void add_encrypted(struct packet_provider_data *capture, const fuzz_frame *frame)
{
    fuzz_input in = {frame->bytes, frame->bytes + frame->length};
    GByteArray *message = g_byte_array_new();
    fuzz_encrypted how = {.sa = fuzz_u8(&in)};

    how.exchange = fuzz_u8(&in);
    how.flags = fuzz_u8(&in);
    how.message_id = fuzz_u8(&in);
    how.first = fuzz_u8(&in);
    how.fragment = fuzz_u8(&in);
    how.fragments = fuzz_u8(&in);
    fuzz_encrypt(&how, in.at, fuzz_left(&in), message);
    add_packet(capture, FUZZ_WAY_ENCRYPTED, frame->flags, message->data, message->len);
    g_byte_array_free(message, TRUE);
}

static void add_v1_encrypted(struct packet_provider_data *capture, const fuzz_frame *frame)
{
    fuzz_input in = {frame->bytes, frame->bytes + frame->length};
    GByteArray *message = g_byte_array_new();

    for (; capture->v1_plain < 4; capture->v1_plain++) {
        fuzz_v1_plain(capture->v1_plain, message);
        add_packet(capture, FUZZ_WAY_V1_ENCRYPTED, capture->v1_plain % 2 ? FUZZ_FLAG_BACK : 0,
                   message->data, message->len);
        g_byte_array_set_size(message, 0);
    }
    uint8_t exchange = fuzz_u8(&in), id = fuzz_u8(&in), first = fuzz_u8(&in);
    fuzz_v1_encrypt(&capture->v1, exchange, id, first, in.at, fuzz_left(&in), message);
    add_packet(capture, FUZZ_WAY_V1_ENCRYPTED, frame->flags, message->data, message->len);
    g_byte_array_free(message, TRUE);
}

static void add_frame(struct packet_provider_data *capture, const fuzz_frame *frame)
{
    if (frame->way == FUZZ_WAY_ENCRYPTED)
        add_encrypted(capture, frame);
    else if (frame->way == FUZZ_WAY_V1_ENCRYPTED)
        add_v1_encrypted(capture, frame);
    else
        add_packet(capture, frame->way, frame->flags, frame->bytes, frame->length);
}

/* ---- dissecting ------------------------------------------------------------------------------ */

static void show(proto_tree *tree, void *user)
{
    char label[ITEM_LABEL_LENGTH];
    field_info *field = PNODE_FINFO(tree);

    if (field && field->rep)
        g_strlcpy(label, field->rep->representation, sizeof label);
    else if (field)
        ike_fill_label(field, label);
    if (field && shown)
        puts(label);
    proto_tree_children_foreach(tree, show, user);
}

static void dissect(epan_t *session, packet *p)
{
    wtap_rec rec = {.rec_type = REC_TYPE_PACKET,
                    .presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN,
                    .ts = p->fd.abs_ts};
    nstime_t elapsed = NSTIME_INIT_ZERO;
    static const frame_data *reference;
    uint32_t cumulated = 0;
    epan_dissect_t *edt = epan_dissect_new(session, TRUE, TRUE);

    rec.rec_header.packet_header.len = p->length;
    rec.rec_header.packet_header.caplen = p->captured;
    rec.rec_header.packet_header.pkt_encap = WTAP_ENCAP_RAW_IP4;
    reference = &p->fd;
    frame_data_set_before_dissect(&p->fd, &elapsed, &reference, NULL);
    epan_dissect_run_with_taps(edt, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec,
                               tvb_new_real_data(p->bytes, p->captured, (int)p->length), &p->fd,
                               &columns);
    epan_dissect_fill_in_columns(edt, FALSE, TRUE);
    frame_data_set_after_dissect(&p->fd, &cumulated);
    proto_tree_children_foreach(edt->tree, show, NULL);
    epan_dissect_free(edt);
}

static void read_text(const char *text, void *user)
{
    *(size_t *)user += strlen(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct packet_provider_funcs functions = {.get_frame_ts = frame_time};
    struct packet_provider_data *capture = g_new0(struct packet_provider_data, 1);
    fuzz_input in = {data, data + size};
    fuzz_frame frame;
    size_t length = 0;

    while (fuzz_frame_next(&in, &frame)) {
        add_frame(capture, &frame);
        if (frame.flags & FUZZ_FLAG_AGAIN)
            add_frame(capture, &frame);
    }
    epan_t *session = epan_new(capture, &functions);
    fuzz_add_keys(ike_session_keyring());
    if (getenv("IKE_FUZZ_KEYLOG"))
        ike_keyring_follow_file(ike_session_keyring(), getenv("IKE_FUZZ_KEYLOG"));
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < capture->count; i++)
            dissect(session, &capture->packets[i]);
    ike_report_text(ike_session_tracker(), NULL, NULL, read_text, &length);
    for (unsigned i = 0; i < capture->count; i++) {
        frame_data_destroy(&capture->packets[i].fd);
        g_free(capture->packets[i].bytes);
    }
    epan_free(session);
    g_free(capture);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    /* Wireshark's pools hand out bytes one by one then, so that the sanitizer sees their ends. */
    setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 1);
    /* Without the lists of vendors and services, which every new session reads. (As root Wireshark
     * does not listen to this, and an input takes ten times as long.) */
    setenv("WIRESHARK_DATA_DIR", "/nonexistent", 1);
    ws_log_init((*argv)[0], NULL);
    init_process_policies();
    g_free(configuration_init((*argv)[0], NULL));
    timestamp_set_type(TS_RELATIVE);
    timestamp_set_precision(TS_PREC_AUTO);
    timestamp_set_seconds_type(TS_SECONDS_DEFAULT);
    wtap_init(FALSE);
    shown = getenv("IKE_FUZZ_SHOW") != NULL;
    plugin_register();
    if (!epan_init(NULL, NULL, FALSE))
        abort();
    e_prefs *settings = epan_load_settings();
    prefs_apply_all();
    build_column_format_array(&columns, settings->num_cols, TRUE);
    return 0;
}
