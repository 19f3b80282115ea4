/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proposals and transforms, which both versions of IKE lay out alike (RFC 7296 3.3, RFC 2408 3.5):
 * 0 or the own kind when more follow, a reserved octet, two octets of length, then four octets that
 * differ. */
#ifndef IKE_SUBSTRUCTURE_H
#define IKE_SUBSTRUCTURE_H

#include "ike.h"

enum { IKE_SUBSTRUCTURE_HEADER = 8, IKE_PROPOSAL = 2, IKE_TRANSFORM = 3 };

/* Dissects one; `tvb` holds it whole, eight octets at least. */
typedef void ike_substructure_fn(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree,
                                 proto_item *item);

/* Walks the substructures of one kind from `offset` of `tvb` to its end and calls `dissect` for
 * each. `name` is what the kind is called. Returns how many there were. */
unsigned ike_dissect_substructures(ike_packet *pkt, tvbuff_t *tvb, unsigned offset,
                                   proto_tree *tree, uint8_t kind, const char *name, int ett,
                                   ike_substructure_fn *dissect);

#endif
