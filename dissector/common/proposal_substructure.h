/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of proposals and transforms in both versions (RFC 7296 3.3, RFC 2408 3.5):
 * 0 or the own kind when more follow, a reserved byte, two bytes of length, then four bytes that
 * differ. */
#ifndef IKE_SUBSTRUCTURE_H
#define IKE_SUBSTRUCTURE_H

#include "dissector/base/packet.h"

enum { IKE_SUBSTRUCTURE_HEADER = 8, IKE_PROPOSAL = 2, IKE_TRANSFORM = 3 };

/* Dissects one; `tvb` holds all of it, eight bytes at least. `protocol` is that of the proposal
 * that a transform is in, 0 for proposals and for transforms outside of them. */
typedef void ike_substructure_fn(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                                 uint8_t protocol);

/* Walks the substructures of one kind from `offset` of `tvb` to its end and calls `dissect` for
 * each with `protocol`. Returns how many there were. */
unsigned ike_dissect_substructures(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                                   proto_tree *tree, uint8_t kind, ike_substructure_fn *dissect,
                                   uint8_t protocol);

/* Dissects a proposal, with its transforms by `transform`. `hf_protocol` is the field for Protocol
 * IDs of the version. */
void ike_dissect_proposal(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree, proto_item *item,
                          int hf_protocol, ike_substructure_fn *transform);

void ike_register_substructure(void);

#endif
