/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that a capture carries: key log text in Decryption Secrets Blocks of pcapng. */
#ifndef IKE_SECRETS_H
#define IKE_SECRETS_H

#include <epan/packet_info.h>

#include "decrypt/decrypt.h"

/* Asks Wireshark for the blocks; does nothing where it cannot hand them out (before 4.4). */
void ike_secrets_register(void);

/* Puts the blocks that are kept into the ring of a capture that begins. */
void ike_secrets_fill(ike_keyring *ring);

/* Asked at the first message of a session: whether its capture can still bring blocks, as pcapng
 * can, whose packets name an interface. Blocks of another capture are freed. */
bool ike_secrets_may_follow(const packet_info *pinfo);

#endif
