/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decrypts with one cipher and one key: plain block and stream ciphers and AEADs alike. */
#ifndef IKE_CIPHER_H
#define IKE_CIPHER_H

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/status.h"
#include "proto/ike_span.h"

typedef struct ike_cipher ike_cipher;

/* A cipher ready for any number of messages. `key` has the salt at its end where the algorithm has
 * one (ike_encr_key_length); it is copied. NULL on error, with the reason in *status:
 * IKE_ERR_KEY_LENGTH, IKE_ERR_NO_CIPHER. The caller frees it. */
ike_cipher *ike_cipher_new(const ike_encr *encr, ike_span key, ike_status *status);

/* Wipes and frees; NULL is fine. */
void ike_cipher_free(ike_cipher *cipher);

/* Decrypts `in` to `out`, of in.length bytes and may be in.data itself.
 * iv   encr->iv_length bytes, also where the IV is implicit
 * aad  what an AEAD authenticates beside the ciphertext; ignored by the others
 * icv  encr->icv_length bytes, empty where that is 0
 * On any error `out` holds nothing of the plaintext. */
ike_status ike_cipher_decrypt(ike_cipher *cipher, ike_span iv, ike_span aad, ike_span in,
                              ike_span icv, uint8_t *out);

/* Gives back what all ciphers share. Only when there is none any more. */
void ike_cipher_cleanup(void);

#endif
