/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What analysis/ knows of a message: generated fields and expert infos. */
#ifndef IKE_GENERATED_FIELDS_H
#define IKE_GENERATED_FIELDS_H

#include "analysis/findings/findings.h"
#include "dissector/base/packet.h"

/* Adds the record of the message (pkt->data), on every pass. */
void ike_add_generated_fields(ike_packet *pkt);

void ike_register_generated_fields(void);

/* finding_items.c: its findings as expert infos. */
/* Adds the findings of the message. */
void ike_add_findings(ike_packet *pkt, const ike_message_record *record);

void ike_register_findings(void);

/* sa_item.c: "IKE SA 3: failed, AUTHENTICATION_FAILED" at the top of each message. */
/* Adds the item, before all others of the message. Nothing if the message has no IKE SA. */
void ike_add_sa_item(ike_packet *pkt);

/* Fills it, when the message was recorded. */
void ike_fill_sa_item(ike_packet *pkt);

void ike_register_sa_item(void);

#endif
