/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Diffie-Hellman with a private value from a key log: MODP, ECP, Brainpool, X25519, X448. */
#ifndef IKE_DH_H
#define IKE_DH_H

#include <openssl/types.h>

#include "decrypt/crypto/secret.h"
#include "decrypt/crypto/status.h"

typedef enum {
    IKE_DH_MODP,
    IKE_DH_EC,     /* public value x | y, secret x (RFC 5903 7) */
    IKE_DH_MODERN, /* X25519, X448: RFC 8031 */
} ike_dh_kind;

typedef struct {
    uint16_t id; /* IKEv2 transform type 4, the same number in IKEv1 */
    const char *name;
    ike_dh_kind kind;
    const char *openssl;    /* named DH group or key type; NULL for curves and Oakley's first two */
    int nid;                /* of the curve */
    uint16_t public_length; /* of the KE data, bytes */
    uint16_t secret_length; /* of the shared secret, leading zeros included */
} ike_dh_group;

/* The row of a group, or NULL when a private value cannot be used with it (KEMs, unknown). */
const ike_dh_group *ike_dh_find(uint16_t id);

/* The shared secret from one side's private value and the other side's KE data. Private values are
 * big endian numbers, X25519 and X448 the bytes of RFC 7748. IKE_ERR_PUBLIC: the KE data is no
 * member of the group, or has another length; IKE_ERR_KEY_LENGTH: the private value is empty, zero
 * or too long. */
ike_status ike_dh_shared(const ike_dh_group *group, ike_span private_value, ike_span peer_public,
                         ike_secret *shared);

/* What one exponentiation with a private value of so many bytes costs; 1,000 is one modulo 2,048
 * bits with an exponent as long. */
uint32_t ike_dh_cost(const ike_dh_group *group, size_t private_length);

/* The KE data that belongs to a private value, by which its owner is known. */
ike_status ike_dh_public(const ike_dh_group *group, ike_span private_value,
                         ike_secret *public_value);

/* The prime of a MODP group; NULL for other kinds and when OpenSSL lacks it. The caller frees it.
 */
BIGNUM *ike_dh_prime(const ike_dh_group *group);

#endif
