/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traffic Flow Template (TS 24.008 10.5.6.12): 3gpp_tft.c. */
#ifndef IKEV2_NOTIFY_3GPP_TFT_H
#define IKEV2_NOTIFY_3GPP_TFT_H

#include "dissector/base/packet.h"

/* The value part. */
void ike_3gpp_dissect_tft(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item);

void ike_3gpp_register_tft(void);

#endif
