/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly of fragmented messages: SKF (RFC 7383) and the fragment payload of Cisco and
 * Microsoft. */
#ifndef IKE_FRAGMENT_H
#define IKE_FRAGMENT_H

#include "dissector/transport/fragment_set.h"

/* Records the one fragment of a message and adds the links, in `tree`, that Wireshark users know.
 * Fragments of other IKE SAs, directions, messages and totals never mix. A forged fragment of
 * payload 132 does not prevent the message: of all combinations those that `check` finds right or
 * plausible are reassembled, else the one of fragments that came one after the other. Returns the
 * whole in the frame that completes it, NULL otherwise: if fragments are missing, not decrypted, or
 * truncated by the capture. */
tvbuff_t *ike_reassemble(ike_packet *pkt, ike_fragment *fragment, proto_tree *tree);

void ike_register_fragment(void);

#endif
