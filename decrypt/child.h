/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CHILD_SA (IKEv1: an IPsec SA pair) as it was negotiated: enough to make its keys when the first
 * ESP packet asks for them. */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "dh_secrets.h"
#include "esp_packet.h"
#include "ike_crypto.h"
#include "secret.h"

/* Roles in the exchange that made the CHILD_SA, as indexes. */
enum { IKE_CHILD_I, IKE_CHILD_R };

typedef struct {
    uint16_t group;
    ike_secret ke[2];
} ike_child_exchange;

typedef struct ike_child ike_child;
struct ike_child {
    unsigned references;
    ike_crypto *owner;
    ike_algorithms algorithms;
    ike_esn esn;
    bool transport;
    uint32_t spi[2]; /* chosen by each side: of the packets that it receives */
    ike_secret nonce[2];
    ike_child_exchange *exchanges; /* the key exchanges for PFS; NULL without */
    unsigned exchange_count;
    uint8_t generation;      /* IKEv2: number of the IKE SA's keys that it was made under */

    /* Made with one choice of shared secrets for PFS. `variant` numbers the choices of SK_d from 0
     * (with this PPK or that, and without one). false: there is none, or it cannot be computed. */
    bool (*derive)(const ike_child *child, unsigned variant, const ike_span *secrets,
                   ike_child_keys *keys);

    bool settled; /* these keys opened a packet */
    ike_child_keys keys;
    const char *origin;
};

/* With room for `exchange_count` key exchanges, at most IKE_MAX_KE. */
ike_child *ike_child_new(ike_crypto *owner, unsigned exchange_count);
ike_child *ike_child_ref(ike_child *child);
void ike_child_unref(ike_child *child); /* wipes with the last reference; NULL is fine */

/* Hands every set of keys that the CHILD_SA can have over to `use`, until that returns true; then
 * they are settled. Returns whether it did. */
typedef bool (*ike_child_use)(void *user, const ike_child_keys *keys, const char *origin);
bool ike_child_each_keys(ike_child *child, ike_child_use use, void *user);

#endif
