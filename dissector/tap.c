/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands what is known of each packet to those who listen. */
#include "tap.h"

#include <epan/tap.h>

/* Where the frame's last ike_tapped is kept. The places of messages in a frame (session.c) are made
 * of a layer and an offset and live as long as the file; this lives as long as the dissection. */
enum { KEY_LAST = 0 };

static int tap;
static int certificate_tap;

const ike_sa *ike_tapped_sa(const ike_tapped *tapped)
{
    if (tapped->verdict)
        return tapped->verdict->exchange->sa;
    return tapped->flow ? tapped->flow->sa : NULL;
}

const ike_tapped *ike_tapped_in(packet_info *pinfo)
{
    return p_get_proto_data(pinfo->pool, pinfo, proto_isakmp, KEY_LAST);
}

static void hand_over(packet_info *pinfo, const ike_verdict *verdict, const ike_esp_flow *flow)
{
    ike_tapped *tapped = wmem_new(pinfo->pool, ike_tapped);

    *tapped = (ike_tapped){verdict, flow};
    p_set_proto_data(pinfo->pool, pinfo, proto_isakmp, KEY_LAST, tapped);
    tap_queue_packet(tap, pinfo, tapped);
}

void ike_tap_message(packet_info *pinfo, const ike_verdict *verdict)
{
    if (verdict)
        hand_over(pinfo, verdict, NULL);
}

void ike_tap_esp(packet_info *pinfo, const ike_esp_flow *flow)
{
    if (flow)
        hand_over(pinfo, NULL, flow);
}

void ike_tap_certificate(packet_info *pinfo, uint8_t major, uint8_t encoding, ike_octets data)
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
