/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared secrets that the key ring has for key exchanges of the capture: as logged, or computed
 * from the private value of one side and the public one of the other. */
#ifndef IKE_DH_CANDIDATES_H
#define IKE_DH_CANDIDATES_H

#include "decrypt/keys/keyring.h"
#include "decrypt/search/search.h"

/* Private values by the public value that they make, and shared secrets that were computed. One per
 * key ring. */
typedef struct ike_dh_cache ike_dh_cache;

ike_dh_cache *ike_dh_cache_new(const ike_keyring *ring);
void ike_dh_cache_free(ike_dh_cache *cache); /* wipes */

typedef struct {
    struct {
        uint64_t initiator_spi, responder_spi; /* of IKE SAs that the secrets may be bound to */
    } owners[2];
    struct {
        uint16_t group;      /* IKEv2's and IKEv1's numbers are the same; 0 unknown */
        ike_span ke_i, ke_r; /* public values; empty when unknown */
    } exchanges[IKE_MAX_KE];
    unsigned count; /* of exchanges whose secrets go into one derivation together */
} ike_dh_wanted;

/* Given `count` secrets in the order of the exchanges; returns true when they were right. */
typedef bool (*ike_dh_use)(void *user, const ike_span *secrets, const ike_key_origin *origin);

/* Hands over every fitting choice: of secrets bound to one of the owners, or (!search->bound) to
 * nothing. Secrets of several exchanges are neighbours in the log. Private values are charged to
 * the search here, what `use` does there. Returns whether `use` was content. */
bool ike_each_dh(ike_dh_cache *cache, ike_search *search, const ike_dh_wanted *wanted,
                 ike_dh_use use, void *user);

#endif
