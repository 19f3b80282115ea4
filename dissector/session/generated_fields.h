/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What analysis/ knows of a message: generated fields and expert infos. */
#ifndef IKE_GENERATED_FIELDS_H
#define IKE_GENERATED_FIELDS_H

#include "dissector/base/packet.h"

/* Adds the record of the message (pkt->data), on every pass. */
void ike_add_generated_fields(ike_packet *pkt);

void ike_register_generated_fields(void);

#endif
