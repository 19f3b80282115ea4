/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP whose keys are known (RFC 4303); all other ESP goes to Wireshark's own dissector. */
#ifndef IKE_ESP_H
#define IKE_ESP_H

#include "dissector/base/packet.h"

/* Dissects one ESP packet from its SPI on, wherever it was carried. */
int ike_dissect_esp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Preference isakmp.decrypt_esp: off leaves all ESP to Wireshark. */
extern ws_bool ike_decrypt_esp;

void ike_register_esp(void);
void ike_esp_handoff(void);

#endif
