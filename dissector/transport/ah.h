/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AH whose key is known (RFC 4302); all other AH goes to Wireshark's own dissector. */
#ifndef IKE_AH_H
#define IKE_AH_H

#include "dissector/base/packet.h"

/* Dissects AH and what is behind it. */
int ike_dissect_ah(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

void ike_register_ah(void);
void ike_ah_handoff(void);

#endif
