/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands what is known of each packet to those who listen. */
#include "dissector/session/tap.h"

#include <epan/tap.h>

/* The key of a frame's ike_frame, which lives as long as the dissection. */
enum { KEY_FRAME = 0 };

static int tap;
static int certificate_tap;

const ike_sa *ike_tapped_sa(const ike_tapped *tapped)
{
    if (tapped->record)
        return tapped->record->exchange->sa;
    return tapped->flow ? tapped->flow->sa : NULL;
}

/* The first pass takes each frame once, one after the other: there one place serves all. */
static ike_frame first_pass;
static uint32_t first_pass_number;
static int64_t first_pass_offset; /* in the file */
static wmem_map_t *dropped;       /* number of a frame -> ike_frame: what frames before it had, that a
                                     read filter dropped and whose number it got; NULL none */

void ike_frames_begin(void)
{
    first_pass_number = 0;
    dropped = NULL;
}

/* A second frame of one number takes the place of the first, which was dropped. */
static void begin_frame(packet_info *pinfo)
{
    if (first_pass_number != pinfo->num) {
        first_pass = (ike_frame){0};
    } else if (first_pass_offset != pinfo->fd->file_off) {
        first_pass.esp_before = first_pass.esp_packets;
        first_pass.last = NULL;
        if (!dropped)
            dropped = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
        ike_frame *before = wmem_map_lookup(dropped, GUINT_TO_POINTER(pinfo->num));
        if (!before) {
            before = wmem_new(wmem_file_scope(), ike_frame);
            wmem_map_insert(dropped, GUINT_TO_POINTER(pinfo->num), before);
        }
        *before = first_pass;
    }
    first_pass_number = pinfo->num;
    first_pass_offset = pinfo->fd->file_off;
}

ike_frame *ike_frame_of(packet_info *pinfo)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        begin_frame(pinfo);
        return &first_pass;
    }
    ike_frame *frame = p_get_proto_data(pinfo->pool, pinfo, proto_isakmp, KEY_FRAME);

    if (!frame) {
        const ike_frame *before =
            dropped ? wmem_map_lookup(dropped, GUINT_TO_POINTER(pinfo->num)) : NULL;
        frame = wmem_new0(pinfo->pool, ike_frame);
        if (before)
            *frame = *before;
        p_add_proto_data(pinfo->pool, pinfo, proto_isakmp, KEY_FRAME, frame);
    }
    return frame;
}

const ike_tapped *ike_tapped_in(packet_info *pinfo)
{
    return ike_frame_of(pinfo)->last;
}

static void hand_over(packet_info *pinfo, const ike_message_record *record,
                      const ike_esp_flow *flow, const char *summary)
{
    ike_tapped *tapped = wmem_new(pinfo->pool, ike_tapped);

    *tapped = (ike_tapped){record, flow, summary};
    ike_frame_of(pinfo)->last = tapped;
    if (have_tap_listener(tap))
        tap_queue_packet(tap, pinfo, tapped);
}

bool ike_is_tapped(void)
{
    return have_tap_listener(tap);
}

void ike_tap_message(packet_info *pinfo, const ike_message_record *record, const char *summary)
{
    hand_over(pinfo, record, NULL, summary);
}

void ike_tap_esp(packet_info *pinfo, const ike_esp_flow *flow)
{
    if (flow)
        hand_over(pinfo, NULL, flow, NULL);
}

void ike_tap_certificate(packet_info *pinfo, uint8_t major, uint8_t encoding, ike_span data)
{
    if (!data.length || !have_tap_listener(certificate_tap))
        return;
    ike_tapped_certificate *tapped = wmem_new(pinfo->pool, ike_tapped_certificate);
    *tapped = (ike_tapped_certificate){major, encoding, data};
    tap_queue_packet(certificate_tap, pinfo, tapped);
}

void ike_tap_certificates(int registered)
{
    certificate_tap = registered;
}

void ike_register_tap(void)
{
    tap = register_tap(IKE_TAP);
}
