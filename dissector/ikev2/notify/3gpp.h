/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of 3GPP's notify data share. */
#ifndef IKE_NOTIFY_3GPP_H
#define IKE_NOTIFY_3GPP_H

#include "dissector/ikev2/notify/notify.h"

/* Most bodies are a length byte and the value of an information element. Shows the byte in `hf`
 * and returns the value, cut to what is there; NULL when there is no value. */
tvbuff_t *ike_3gpp_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, int hf);

/* The value part of a Traffic Flow Template (TS 24.008 10.5.6.12): notify_3gpp_tft.c. */
void ike_3gpp_dissect_tft(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item);
void ike_3gpp_register_tft(void);

/* Quality of service: notify_3gpp_qos.c. */
ikev2_notify_fn ike_3gpp_dissect_eps_qos;
ikev2_notify_fn ike_3gpp_dissect_extended_eps_qos;
ikev2_notify_fn ike_3gpp_dissect_apn_ambr;
ikev2_notify_fn ike_3gpp_dissect_extended_apn_ambr;
ikev2_notify_fn ike_3gpp_dissect_5g_qos_info;
void ike_3gpp_register_qos(void);

#endif
