/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "IKE SA 3: failed, AUTHENTICATION_FAILED" at the top of each message: what became of its IKE SA,
 * and why. */
#ifndef IKE_SA_ITEM_H
#define IKE_SA_ITEM_H

#include "dissector/base/packet.h"

/* Adds the item, before all others of the message. Nothing if the message has no IKE SA. */
void ike_add_sa_item(ike_packet *pkt);

/* Fills it, when the message was recorded. */
void ike_fill_sa_item(ike_packet *pkt);

void ike_register_sa_item(void);

#endif
