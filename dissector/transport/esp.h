/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP (RFC 4303) and AH (RFC 4302) whose keys are known; all others go to Wireshark's own
 * dissectors. */
#ifndef IKE_ESP_H
#define IKE_ESP_H

#include "dissector/base/packet.h"

/* Dissects one ESP packet from its SPI on, wherever it was carried. */
int ike_dissect_esp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Preference isakmp.decrypt_esp: off leaves all ESP to Wireshark. */
extern ws_bool ike_decrypt_esp;

void ike_register_esp(void);
void ike_esp_handoff(void);

/* ah.c */

/* Dissects AH and what is behind it. */
int ike_dissect_ah(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

void ike_register_ah(void);
void ike_ah_handoff(void);

#endif
