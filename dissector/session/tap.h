/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listeners (the report, the table of IKE SAs, the menus) get of each packet. */
#ifndef IKE_TAP_H
#define IKE_TAP_H

#include "dissector/base/packet.h"

#include "analysis/tracker/tracker.h"

/* The name for register_tap_listener(); its data is an ike_tapped. It is the protocol's:
 * Wireshark's conversation tables listen to the tap that is named like their protocol. */
#define IKE_TAP "isakmp"

/* One IKE message or one ESP packet. */
typedef struct {
    const ike_message_record *record; /* of the message; NULL for ESP */
    const ike_esp_flow *flow;         /* of the ESP packet; NULL for IKE */
    const char *summary; /* of the message, with its payloads: "IKE_AUTH request 1 [ IDi AUTH ]";
                            lives as long as the dissection; NULL when there is none */
} ike_tapped;

/* What is known of a frame while it is dissected or shown. Frames that a read filter drops on the
 * first pass have the number of the next one: what they had counts, too. */
typedef struct {
    uint32_t messages;      /* IKE messages with its number so far */
    uint32_t esp_packets;   /* ESP packets with its number so far */
    uint32_t esp_before;    /* those that are not of this frame */
    const ike_tapped *last; /* NULL when there was neither IKE nor ESP */
} ike_frame;

ike_frame *ike_frame_of(packet_info *pinfo); /* never NULL */
void ike_frames_begin(void);                 /* of a capture */

/* A certificate, CRL or the like as it was sent; for the listeners of ike_tap_certificates(). */
typedef struct {
    uint8_t major;    /* version of IKE: whose registry `encoding` is of */
    uint8_t encoding; /* RFC 7296 3.6, RFC 2408 3.9 */
    ike_span data;
} ike_tapped_certificate;

/* The IKE SA of what was tapped, NULL when it is not known (ESP with an SPI never negotiated here).
 * It may become known later in the capture: ask when it is needed. */
const ike_sa *ike_tapped_sa(const ike_tapped *tapped);

/* What the last message or ESP packet of a frame was, while the frame is dissected or shown; NULL
 * when there was none. */
const ike_tapped *ike_tapped_in(packet_info *pinfo);

/* Whether there are listeners: what is made for them alone need not be made. */
bool ike_is_tapped(void);

/* Tells the listeners, on every pass. `summary`: of ike_tapped. */
void ike_tap_message(packet_info *pinfo, const ike_message_record *record, const char *summary);
void ike_tap_esp(packet_info *pinfo, const ike_esp_flow *flow);
void ike_tap_certificate(packet_info *pinfo, uint8_t major, uint8_t encoding, ike_span data);

/* Registers the tap of certificates under a tap identifier that plugin/ got from Wireshark. */
void ike_tap_certificates(int tap);

void ike_register_tap(void);

#endif
