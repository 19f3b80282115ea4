/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows what analysis/ found out about a message: generated fields and expert infos. */
#ifndef IKE_GENERATED_FIELDS_H
#define IKE_GENERATED_FIELDS_H

#include "dissector/session/session.h"

/* Shows the verdict over the message, on every pass. */
void ike_add_generated_fields(ike_packet *pkt);

/* Shows the findings of the message: findings_show.c. */
void ike_add_findings(ike_packet *pkt, const ike_message_record *record);
void ike_register_findings(void);

void ike_register_generated_fields(void);

#endif
