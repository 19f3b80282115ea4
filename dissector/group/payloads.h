/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of GDOI and G-IKEv2, a function for each, and what registers its fields. */
#ifndef IKE_GROUP_PAYLOADS_H
#define IKE_GROUP_PAYLOADS_H

#include "dissector/base/payload_chain.h"

/* gdoi_keys.c: Key Download, Sequence Number and Proof of Possession of GDOI. */
ike_payload_fn gdoi_dissect_key_download;
ike_payload_fn gdoi_dissect_sequence;
ike_payload_fn gdoi_dissect_pop;
void gdoi_register_keys(void);

/* gdoi_policy.c: The SA payload of GDOI and its attribute payloads (RFC 6407 5.2 to 5.5). */
/* What follows the DOI in an SA payload of DOI 2. */
void gdoi_dissect_sa(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree);
ike_payload_fn gdoi_dissect_sa_kek;
ike_payload_fn gdoi_dissect_sa_tek;
ike_payload_fn gdoi_dissect_gap;
void gdoi_register_policy(void);

/* gikev2_keys.c: Key Download of G-IKEv2. */
ike_payload_fn gikev2_dissect_kd;
void gikev2_register_keys(void);

/* gikev2_policy.c: Group Security Association of G-IKEv2. */
ike_payload_fn gikev2_dissect_gsa;
void gikev2_register_policy(void);

/* register.c: all of them. */
void ike_register_group(void);

#endif
