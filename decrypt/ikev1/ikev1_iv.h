/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IVs of IKEv1 (RFC 2409 5.5 and appendix B). */
#ifndef IKEV1_IV_H
#define IKEV1_IV_H

#include "decrypt/ikev1/ikev1_sa.h"

/* Hands every IV that this message can have over to `use`, the likeliest first, until it returns
 * true. `hash` is what IVs are made with (NULL when not known), block_length the cipher's. */
typedef bool (*ikev1_iv_use)(void *user, const uint8_t *iv);
bool ikev1_each_iv(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length,
                   const ike_encrypted_payload *encrypted, ikev1_iv_use use, void *user);

/* Whether the other side sent the message: the message does not show it, but both sides never
 * encrypt the same. */
bool ikev1_iv_is_reflected(const ikev1_sa *sa, const ike_encrypted_payload *encrypted);

/* Adds a message to its chain; iv has IKE_MAX_BLOCK bytes, or is NULL when it was not decrypted. */
void ikev1_iv_add(ikev1_sa *sa, const ike_encrypted_payload *encrypted, const uint8_t *iv);

void ikev1_iv_swap_sides(ikev1_iv_chains *chains); /* NULL is fine */

void ikev1_iv_free(ikev1_iv_chains *chains); /* NULL is fine */

/* Whether the IV of the message is the first one of phase 1 (RFC 2409 5.5), which is known: the
 * initiator encrypts first. */
bool ikev1_iv_begins_phase1(const ikev1_sa *sa, const ike_encrypted_payload *encrypted);

/* Whether an IV that decrypts the message is the first of its message ID, and not the last block of
 * another message. */
bool ikev1_iv_is_first(const ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                       const uint8_t *iv, size_t block_length);

#endif
