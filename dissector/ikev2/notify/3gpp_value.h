/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Information elements in 3GPP's notify data (TS 24.302 8.2.9). */
#ifndef IKEV2_NOTIFY_3GPP_VALUE_H
#define IKEV2_NOTIFY_3GPP_VALUE_H

#include "dissector/base/packet.h"

/* Most bodies are a length byte and the value of an information element. Adds the byte as `hf` and
 * returns the value, limited to what is there; NULL if there is no value. */
tvbuff_t *ike_3gpp_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, int hf);

extern expert_field ei_ike_3gpp_length; /* isakmp.notify.priv.3gpp.length.invalid */

void ike_3gpp_register_value(void);

#endif
