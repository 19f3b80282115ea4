/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encrypted messages of an IKEv1 SA. */
#ifndef IKEV1_DECRYPT_H
#define IKEV1_DECRYPT_H

#include "decrypt/ikev1/ikev1_sa.h"

/* As ike_crypto_decrypt(). */
bool ikev1_decrypt(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result);

#endif
