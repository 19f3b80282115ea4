/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GDOI (RFC 6407) over IKEv1: GROUPKEY-PULL brings keys, GROUPKEY-PUSH is encrypted under one of
 * them, whose SPI its header has as cookies. */
#ifndef IKEV1_PUSH_H
#define IKEV1_PUSH_H

#include "decrypt/ikev1/ikev1_sa.h"

/* As ikev1_decrypt(), for a GROUPKEY-PUSH whose KEK is known. false: it is none. */
bool ikev1_decrypt_push(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result);

/* Takes in what a message says of its group. Returns whether it is a GROUPKEY-PUSH under a known
 * KEK, of which nothing else counts. */
bool ikev1_update_group(ikev1_sa *sa, const ike_key_inputs *inputs);

#endif
