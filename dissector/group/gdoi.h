/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Group Domain of Interpretation (RFC 6407): what its payloads share with those of IKEv1. */
#ifndef GDOI_H
#define GDOI_H

#include "dissector/base/packet.h"

/* Whether the message is one of GDOI: its numbers mean other things then. */
bool gdoi_speaks(const ike_packet *pkt);

/* What follows the DOI in an SA payload of DOI 2. */
void gdoi_dissect_sa(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree);

ike_payload_fn gdoi_dissect_sa_kek;
ike_payload_fn gdoi_dissect_sa_tek;
ike_payload_fn gdoi_dissect_gap;
ike_payload_fn gdoi_dissect_key_download;
ike_payload_fn gdoi_dissect_sequence;
ike_payload_fn gdoi_dissect_pop;

void gdoi_register_policy(void);
void gdoi_register_keys(void);

#endif
