/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counter with CBC-MAC (RFC 3610) over any 16 byte block cipher of OpenSSL, for Camellia, whose
 * CCM OpenSSL has not. */
#ifndef IKE_CCM_H
#define IKE_CCM_H

#include <openssl/evp.h>

#include "proto/ike_span.h"

/* Runs CCM over `in` into `out` (same length, may be the same bytes) with the tag of `tag_length`
 * bytes computed into `tag`. `ecb` is a context that encrypts single blocks with the key; the
 * nonce has 7 to 13 bytes. false when OpenSSL fails. A decryptor compares the tag itself. */
bool ike_ccm_run(EVP_CIPHER_CTX *ecb, bool encrypt, ike_span nonce, ike_span aad, ike_span in,
                 uint8_t *out, uint8_t *tag, size_t tag_length);

#endif
