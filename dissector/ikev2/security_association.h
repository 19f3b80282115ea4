/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security Association of IKEv2: security_association.c. */
#ifndef IKEV2_SECURITY_ASSOCIATION_H
#define IKEV2_SECURITY_ASSOCIATION_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev2_dissect_sa;

/* The transforms that fill `tvb` (RFC 7296 3.3.2), outside a proposal as well. */
void ikev2_dissect_transforms(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);

void ikev2_register_sa(void);

#endif
