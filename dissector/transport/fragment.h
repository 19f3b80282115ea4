/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly of fragmented messages: SKF (RFC 7383) and the fragment payload of Cisco and
 * Microsoft. */
#ifndef IKE_FRAGMENT_H
#define IKE_FRAGMENT_H

#include "dissector/base/packet.h"

typedef enum {
    IKE_FRAGMENT_DECRYPTED, /* SKF, decrypted: reassembles into payloads */
    IKE_FRAGMENT_ENCRYPTED, /* SKF, still shut: grouped and linked only */
    IKE_FRAGMENT_CISCO,     /* payload 132: reassembles into a message with its header */
} ike_fragment_kind;

typedef struct {
    ike_fragment_kind kind;
    unsigned number; /* from 1 */
    unsigned total;  /* 0: not known yet (Cisco) */
    bool last;       /* Cisco */
    unsigned id;     /* Cisco: fragment ID of the message; SKF: 0 */
    uint8_t first;   /* SKF: first payload type inside; what it is of the whole comes back here */
    tvbuff_t *bytes; /* this fragment's part */
} ike_fragment;

/* Takes the one fragment of a message in and shows the links, in `tree`, that Wireshark users know.
 * Fragments of other IKE SAs, directions, messages and totals never mix; nor do other bytes under
 * the same number. Returns the whole in the frame that completes it, NULL otherwise: where
 * fragments are missing, sealed, or cut by the capture. */
tvbuff_t *ike_reassemble(ike_packet *pkt, ike_fragment *fragment, proto_tree *tree);

void ike_register_fragment(void);

#endif
