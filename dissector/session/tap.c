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

void ike_frames_begin(void)
{
    first_pass_number = 0;
}

ike_frame *ike_frame_of(packet_info *pinfo)
{
    if (!PINFO_FD_VISITED(pinfo)) {
        if (first_pass_number != pinfo->num)
            first_pass = (ike_frame){0};
        first_pass_number = pinfo->num;
        return &first_pass;
    }
    ike_frame *frame = p_get_proto_data(pinfo->pool, pinfo, proto_isakmp, KEY_FRAME);

    if (!frame) {
        frame = wmem_new0(pinfo->pool, ike_frame);
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
