/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKE message: header, payloads, what is known of it. */
#ifndef IKE_DISSECT_MESSAGE_H
#define IKE_DISSECT_MESSAGE_H

#include "dissector/base/packet.h"

/* Dissects the message that `tvb` begins with. Returns the bytes used: the length in the header,
 * all of `tvb` if that is more. */
int ike_dissect_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* The same for a message that was reassembled from the fragments of others. */
void ike_dissect_reassembled(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

void ike_register_message(void);

#endif
