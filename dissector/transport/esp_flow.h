/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP and AH packets as the tracker counts them. */
#ifndef IKE_ESP_FLOW_H
#define IKE_ESP_FLOW_H

#include "analysis/tracker/tracker.h"
#include "dissector/base/packet.h"

/* What was read and verified of a packet. */
typedef struct {
    uint32_t spi, sequence;
    unsigned header;        /* bytes before what is compared to find copies of the packet */
    uint32_t sequence_high; /* of an extended sequence number */
    bool icv_checked, icv_ok, decrypted;
    bool truncated_icv; /* HMAC-SHA-256 with 96 bits */
} ike_esp_seen;

/* Counts the packet that `tvb` holds from its SPI or AH header on. First pass. NULL when there are
 * too many unknown SPIs. */
ike_esp_flow *ike_track_esp(tvbuff_t *tvb, packet_info *pinfo, const ike_esp_seen *seen);
/* Records the ICMP error that quotes it. First pass. */
void ike_track_esp_unreachable(tvbuff_t *tvb, packet_info *pinfo);

/* Adds IKE SA, Child SA and the frame that negotiated it; `flow` may be NULL. */
void ike_show_esp_links(tvbuff_t *tvb, proto_tree *tree, const ike_esp_flow *flow);

void ike_register_esp_flow(void);

#endif
