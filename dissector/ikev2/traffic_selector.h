/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic Selectors of IKEv2: traffic_selector.c. */
#ifndef IKEV2_TRAFFIC_SELECTOR_H
#define IKEV2_TRAFFIC_SELECTOR_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev2_dissect_ts;

/* One traffic selector (RFC 7296 3.13.1) at `offset`, where four bytes are; `payload` is the type
 * of the payload that holds it. Returns its length, 0 if it exceeds the payload. */
unsigned ikev2_dissect_selector(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                                uint8_t payload);

void ikev2_register_ts(void);

#endif
