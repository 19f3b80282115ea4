/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counter with CBC-MAC (RFC 3610) over any 16 byte block cipher of OpenSSL, for Camellia, whose
 * CCM OpenSSL has not. */
#ifndef IKE_CCM_H
#define IKE_CCM_H

#include <openssl/evp.h>

#include "proto/ike_span.h"

/* Decrypts `in` to `out` (same length, may be the same bytes); the tag of `tag_length` bytes that
 * it should have goes to `tag`, which the caller compares. `ecb` is a context that encrypts single
 * blocks with the key; the nonce has 7 to 13 bytes. false when OpenSSL fails. */
bool ike_ccm_decrypt(EVP_CIPHER_CTX *ecb, ike_span nonce, ike_span aad, ike_span in, uint8_t *out,
                     uint8_t *tag, size_t tag_length);

#endif
