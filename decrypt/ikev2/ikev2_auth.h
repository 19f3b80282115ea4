/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AUTH payloads of IKEv2 (RFC 7296 2.15 and 2.16, RFC 9242, RFC 8784, RFC 7619). */
#ifndef IKEV2_AUTH_H
#define IKEV2_AUTH_H

#include "decrypt/ikev2/ikev2_sa.h"

void ikev2_auth_update(ikev2_sa *sa, const ike_key_inputs *inputs);

/* A message of the set-up was captured after an AUTH that covers it or needs what it names: what
 * did not verify is verified again. NULL is fine. */
void ikev2_auth_verify_again(const ikev2_auth *auth);

/* IKE_AUTH is over: wipes what the AUTHs cover when nothing can change the results. */
void ikev2_auth_finish(ikev2_sa *sa);

void ikev2_auth_free(ikev2_auth *auth); /* NULL is fine */

ike_auth_result ikev2_auth_result(ikev2_sa *sa, bool of_initiator);

/* Stores the first fragment of an IKE_INTERMEDIATE message: IntAuth covers its header. */
void ikev2_auth_first_fragment(ikev2_sa *sa, const ike_encrypted_payload *encrypted);

#endif
