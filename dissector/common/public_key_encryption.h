/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload bodies of IKEv1 phase 1 that public key encryption hides (RFC 2409 5.2 and 5.3). */
#ifndef IKE_PUBLIC_KEY_ENCRYPTION_H
#define IKE_PUBLIC_KEY_ENCRYPTION_H

#include "dissector/base/packet.h"

/* Shows the body of an IKEv1 payload of `type` as ciphertext if the authentication method of its
 * IKE SA encrypts it: true, and nothing is recorded. False and nothing shown for all other bodies.
 */
bool ikev1_dissect_public_key_encrypted(const ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                        proto_item *item, uint8_t type);

void ikev1_register_public_key_encryption(void);

#endif
