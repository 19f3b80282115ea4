/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKEv2 SA, as decrypt.c sees it. */
#ifndef IKEV2_H
#define IKEV2_H

#include "decrypt/ikev2/ikev2_sa.h"

/* Takes in what a message brings: as ike_crypto_update_keys(). */
void ikev2_update_keys(ikev2_sa *sa, const ike_key_inputs *inputs);

/* Wipes and frees all of the SA; NULL is fine. */
void ikev2_sa_free(ikev2_sa *sa);

/* Called before anything of the first message whose ICV is right is used: drops what messages in
 * clear brought after IKE_SA_INIT, which may be forged. */
void ikev2_drop_unverified(ikev2_sa *sa);

/* ikev2_decrypt.c: its Encrypted payloads. */
/* As ike_crypto_decrypt(). */
bool ikev2_decrypt(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result);

#endif
