/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Security Association of IKEv1: security_association.c. */
#ifndef IKEV1_SECURITY_ASSOCIATION_H
#define IKEV1_SECURITY_ASSOCIATION_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_sa;

/* Dissects what follows a domain of interpretation at `offset` of an SA payload. */
typedef void ikev1_doi_fn(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree);

/* Adds the Group DOI (RFC 6407), at registration. */
void ikev1_set_gdoi(ikev1_doi_fn *dissect);

void ikev1_register_sa(void);

#endif
