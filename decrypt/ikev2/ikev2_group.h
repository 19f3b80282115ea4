/* SPDX-License-Identifier: GPL-2.0-or-later */
/* G-IKEv2 (RFC 9838): keys downloaded over an IKE SA, and the Rekey SAs that they are for. */
#ifndef IKEV2_GROUP_H
#define IKEV2_GROUP_H

#include "decrypt/ikev2/ikev2_sa.h"

/* The keys of the Rekey SA that this message has the SPIs of, with the ICV verified; the caller
 * owns them. NULL: it is none; *why is set when it is one and its keys do not decrypt the message.
 */
ikev2_generation *ikev2_find_rekey_keys(const ike_encrypted_payload *encrypted,
                                        ike_decrypt_context *capture, ike_decrypt_status *why);

/* Takes in what an authentic message downloads. */
void ikev2_update_group(ikev2_sa *sa, const ike_key_inputs *inputs);

#endif
