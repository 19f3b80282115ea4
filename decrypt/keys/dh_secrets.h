/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared secrets that the ring can offer for key exchanges seen in the capture: as logged, or
 * computed from the private value of one side and the public one of the other. */
#ifndef IKE_DH_SECRETS_H
#define IKE_DH_SECRETS_H

#include "decrypt/ikev2/ikev2_key_schedule.h"
#include "decrypt/keys/keyring_find.h"

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
typedef bool (*ike_dh_use)(void *user, const ike_span *secrets, const char *origin);

/* Offers every fitting choice: of secrets bound to one of the owners, or (!bound) to nothing.
 * Secrets of several exchanges are neighbours in the log. Returns whether `use` was content. */
bool ike_each_dh(ike_keyring *ring, const ike_dh_wanted *wanted, bool bound, ike_dh_use use,
                 void *user);

#endif
