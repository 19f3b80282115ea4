/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Encrypted payload of an IKEv2 SA. */
#ifndef IKEV2_DECRYPT_H
#define IKEV2_DECRYPT_H

#include "decrypt/ikev2/ikev2_sa.h"

/* As ike_crypto_decrypt(). */
bool ikev2_decrypt(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result);

#endif
