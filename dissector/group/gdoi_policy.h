/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SA payload of GDOI and its attribute payloads (RFC 6407 5.2 to 5.5): gdoi_policy.c. */
#ifndef GDOI_POLICY_H
#define GDOI_POLICY_H

#include "dissector/base/payload_chain.h"

/* What follows the DOI in an SA payload of DOI 2. */
void gdoi_dissect_sa(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree);

ike_payload_fn gdoi_dissect_sa_kek;
ike_payload_fn gdoi_dissect_sa_tek;
ike_payload_fn gdoi_dissect_gap;

void gdoi_register_policy(void);

#endif
