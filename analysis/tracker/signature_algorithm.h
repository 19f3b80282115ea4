/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The algorithm that an AUTH payload of RFC 7427 names. */
#ifndef IKE_SIGNATURE_ALGORITHM_H
#define IKE_SIGNATURE_ALGORITHM_H

#include <stddef.h>
#include <stdint.h>

/* Hash algorithms of RFC 7427 7 and RFC 8420, as SIGNATURE_HASH_ALGORITHMS lists them. */
enum {
    IKE_SIGNATURE_SHA1 = 1,
    IKE_SIGNATURE_SHA2_256,
    IKE_SIGNATURE_SHA2_384,
    IKE_SIGNATURE_SHA2_512,
    IKE_SIGNATURE_IDENTITY,
};

/* The name of a DER AlgorithmIdentifier (RFC 7427 A), static; NULL for others. *hash is the
 * algorithm's hash, 0 when it is not known. */
const char *ike_signature_algorithm(const uint8_t *der, size_t length, uint8_t *hash);

/* "SHA2-256"; NULL for others. */
const char *ike_signature_hash_name(uint8_t hash);

#endif
