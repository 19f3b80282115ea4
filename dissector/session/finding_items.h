/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of analysis/ as expert infos: finding_items.c. */
#ifndef IKE_FINDING_ITEMS_H
#define IKE_FINDING_ITEMS_H

#include "analysis/findings/findings.h"
#include "dissector/base/packet.h"

/* Adds the findings of the message. */
void ike_add_findings(ike_packet *pkt, const ike_message_record *record);

void ike_register_findings(void);

#endif
