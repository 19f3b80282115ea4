/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Negotiated algorithms as rows of the register, and the keys that they take. */
#ifndef IKE_ALGORITHM_SET_H
#define IKE_ALGORITHM_SET_H

#include "decrypt/crypto/algorithm.h"
#include "decrypt/crypto/secret.h"
#include "decrypt/crypto/suite.h"

typedef struct {
    const ike_encr *encr;
    unsigned key_bits;      /* 0: the cipher's default */
    const ike_integ *integ; /* NULL with an AEAD */
    const ike_prf_alg *prf; /* IKE SA only; NULL unknown or not supported */
} ike_algorithms;

/* Rows for the numbers of a proposal. The integrity algorithm may be one of a key log
 * (IKE_INTEGRITY_...). false: encryption or integrity is not supported, or the key length is none
 * of the cipher's. An AEAD loses its integrity algorithm. A PRF that is not supported is NULL. */
bool ike_algorithms_of_suite(const ike_suite *suite, ike_algorithms *algorithms);

/* Hands all combinations that keys of these lengths can be for over to `use`, the most used ones
 * first, until it returns true. Keys of an AEAD have no integrity key. `esp`: NULL encryption and
 * GMAC too. Returns whether `use` did. */
typedef bool (*ike_algorithms_use)(void *user, const ike_algorithms *algorithms);
bool ike_each_algorithms(size_t encryption_length, size_t integrity_length, bool esp,
                         ike_algorithms_use use, void *user);

/* For the hash tables that keep each combination once. */
unsigned ike_algorithms_hash(const void *algorithms);
int ike_algorithms_equal(const void *a, const void *b);

/* Bytes of KEYMAT for one direction of a Child SA: encryption (with salt) and integrity. */
size_t ike_encryption_key_length(const ike_algorithms *algorithms);
size_t ike_integrity_key_length(const ike_algorithms *algorithms);

/* Nonces in the order of the exchange: initiator of the exchange first. */
typedef struct {
    ike_span i, r;
} ike_nonces;

/* Keys of both directions of a Child SA: i protects what the initiator of the exchange sends. */
typedef struct {
    ike_secret ei, ai, er, ar; /* ei and er with salt; ai and ar empty with an AEAD */
} ike_child_keys;

void ike_child_keys_clear(ike_child_keys *keys);

/* Bytes of KEYMAT that both directions take. */
size_t ike_child_keymat_length(const ike_algorithms *child);

/* Splits KEYMAT of that length: encryption then integrity, initiator then responder (RFC 7296
 * 2.17). false when it is shorter. */
bool ike_child_keys_split(const ike_algorithms *child, ike_span keymat, ike_child_keys *keys);

#endif
