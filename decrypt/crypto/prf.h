/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pseudo-random functions of IKE and the plain hashes of IKEv1. */
#ifndef IKE_PRF_H
#define IKE_PRF_H

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/secret.h"
#include "decrypt/crypto/status.h"

/* prf(key, parts...), prf->output_length bytes into `out`. A key of any length: XCBC and CMAC make
 * theirs from it as RFC 4434 section 2 and RFC 4615 section 3 say. */
ike_status ike_prf(const ike_prf_alg *prf, ike_span key, const ike_span *parts, size_t count,
                   uint8_t *out);

/* The same into a secret, which is left alone on errors and may be where `key` or a part lies. */
ike_status ike_prf_secret(const ike_prf_alg *prf, ike_span key, const ike_span *parts, size_t count,
                          ike_secret *out);

/* prf+(key, parts...) of RFC 7296 2.13, `length` bytes into `out`; at most 255 outputs of the PRF
 * (IKE_ERR_TOO_LONG). */
ike_status ikev2_prf_plus(const ike_prf_alg *prf, ike_span key, const ike_span *parts, size_t count,
                          uint8_t *out, size_t length);

/* hash(parts...) with the digest of an HMAC PRF row (ike_hash_find_v1), output_length bytes.
 * IKE_ERR_ARGUMENT for a row without digest. */
ike_status ike_hash(const ike_prf_alg *prf, const ike_span *parts, size_t count, uint8_t *out);

#endif
