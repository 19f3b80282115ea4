/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows what analysis/ found out about a message: generated fields and expert infos. */
#ifndef IKE_SHOW_H
#define IKE_SHOW_H

#include "dissector/session/session.h"

/* Shows the verdict over the message, on every pass. */
void ike_show_note(ike_packet *pkt);

/* Shows the findings of the message: findings_show.c. */
void ike_show_findings(ike_packet *pkt, const ike_verdict *verdict);
void ike_register_findings(void);

void ike_register_show(void);

#endif
