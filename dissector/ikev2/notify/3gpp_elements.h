/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Information elements in 3GPP's notify data (TS 24.302 8.2.9). */
#ifndef IKEV2_NOTIFY_3GPP_ELEMENTS_H
#define IKEV2_NOTIFY_3GPP_ELEMENTS_H

#include "dissector/base/packet.h"
#include "dissector/ikev2/notify/notify.h"

/* Most bodies are a length byte and the value of an information element. Adds the byte as `hf` and
 * returns the value, limited to what is there; NULL if there is no value. */
tvbuff_t *ike_3gpp_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, int hf);

extern expert_field ei_ike_3gpp_length; /* isakmp.notify.priv.3gpp.length.invalid */

void ike_3gpp_register_value(void);

/* 3gpp_qos.c: quality of service. */
ike_value_fn ike_3gpp_dissect_eps_qos;
ike_value_fn ike_3gpp_dissect_extended_eps_qos;
ike_value_fn ike_3gpp_dissect_apn_ambr;
ike_value_fn ike_3gpp_dissect_extended_apn_ambr;
ike_value_fn ike_3gpp_dissect_5g_qos_info;

void ike_3gpp_register_qos(void);

/* 3gpp_tft.c: the value of a Traffic Flow Template (TS 24.008 10.5.6.12). */
void ike_3gpp_dissect_tft(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item);

void ike_3gpp_register_tft(void);

#endif
