/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTH and SIG payloads against the certificate or public key that came with them. Whether the
 * certificate itself is to be trusted is not asked here. */
#ifndef IKE_SIGNATURE_H
#define IKE_SIGNATURE_H

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/authentication.h"
#include "proto/ike_span.h"

/* The AUTH payload of IKEv2.
 * method     1 RSA, 3 DSS, 9 to 11 ECDSA (RFC 4754), 14 digital signature (RFC 7427, 8420); the
 * shared key method 2 and NULL (13) are no signatures: ikev2_psk_auth key        DER: X.509
 * certificate (encoding 4), SubjectPublicKeyInfo (15) or PKCS #1 RSA key (11) bytes     what was
 * signed: ikev2_signed_bytes signature  the AUTH data; with method 14 from the length of the
 * AlgorithmIdentifier on The reason is a static text. IKE_AUTH_UNKNOWN: the key or the algorithm
 * cannot be used here. */
ike_auth_result ikev2_signature_verify(uint8_t method, ike_span key, ike_span bytes,
                                       ike_span signature);

/* The PRF that HASH_I or HASH_R is computed with when it is to be signed by a Authentication
 * Method: DSS and ECDSA bring their own hash (RFC 2409 5.1, RFC 4754 2). `negotiated` for all
 * others. */
const ike_prf_alg *ikev1_signature_prf(uint16_t method, const ike_prf_alg *negotiated);

/* The SIG payload of IKEv1 over HASH_I or HASH_R, which is signed as it is, without a
 * DigestInfo. `key` as above. */
ike_auth_result ikev1_signature_verify(ike_span key, ike_span hash, ike_span signature);

#endif
