/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKEv1 SA, as decrypt.c sees it. */
#ifndef IKEV1_H
#define IKEV1_H

#include "decrypt/ikev1/ikev1_sa.h"

/* Takes in what a message brings: as ike_crypto_update_keys(). */
void ikev1_update_keys(ikev1_sa *sa, const ike_key_inputs *inputs);

/* What was taken for the initiator is the responder, in all that was taken in. */
void ikev1_swap_sides(ikev1_sa *sa);

/* Wipes and frees all of the SA; NULL is fine. */
void ikev1_sa_free(ikev1_sa *sa);

/* ikev1_decrypt.c: its encrypted messages. */
/* As ike_crypto_decrypt(). */
bool ikev1_decrypt(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result);

#endif
