/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies the AUTH payloads of IKEv2 (RFC 7296 2.15 and 2.16, RFC 9242, RFC 8784, RFC 7619). */
#ifndef IKEV2_AUTH_H
#define IKEV2_AUTH_H

#include "decrypt/ikev2/ikev2_sa.h"

void ikev2_auth_update(ike_crypto *crypto, const ike_key_inputs *inputs);
/* IKE_AUTH is over: gives up what the AUTHs cover when nothing can change the verdicts. */
void ikev2_auth_finish(ike_crypto *crypto);

void ikev2_auth_free(ikev2_auth *auth); /* NULL is fine */

ike_auth_result ikev2_auth_result(const ike_crypto *crypto, bool of_initiator);

/* Remembers the first fragment of an IKE_INTERMEDIATE message: IntAuth covers its header. */
void ikev2_auth_first_fragment(ike_crypto *crypto, const ike_encrypted_payload *encrypted);

/* ---- ikev2_ppk.c
 * --------------------------------------------------------------------------------- */

/* What was told of a postquantum preshared key (RFC 8784). */
void ikev2_ppk_update(ike_crypto *crypto, const ike_key_inputs *inputs);

/* Whether both sides agreed on one that this AUTH or SK_d has mixed in. */
bool ikev2_ppk_negotiated(const ikev2_sa *sa);

/* Hands every PPK that can be meant over to `use`, until it returns true. */
bool ikev2_each_ppk(const ike_crypto *crypto, ike_peer_use use, void *user);

/* What SK_d of these keys may be, numbered from 0, the likeliest first: with the PPK that AUTH or
 * the log showed to be right, else with each that may be meant, and as derived. false: there is
 * none of this number. The caller clears `sk_d`. */
bool ikev2_sk_d(const ike_crypto *crypto, const ikev2_generation *generation, unsigned variant,
                ike_secret *sk_d);

/* ---- ikev2_int_auth.c
 * ---------------------------------------------------------------------------- */

typedef struct ikev2_intermediate ikev2_intermediate; /* IKE_INTERMEDIATE messages seen */

void ikev2_intermediate_add(ikev2_intermediate **list, const ike_key_inputs *inputs,
                            const ike_secret *first_fragment, uint8_t generation);
void ikev2_intermediate_free(ikev2_intermediate *list);

/* IntAuth of RFC 9242 3.3 for the first IKE_AUTH with this message ID; empty without
 * IKE_INTERMEDIATE. false when a message or a key for it is missing. */
bool ikev2_int_auth_all(const ike_crypto *crypto, const ikev2_intermediate *list,
                        uint32_t auth_message_id, ike_secret *int_auth);

#endif
