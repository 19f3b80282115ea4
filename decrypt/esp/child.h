/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CHILD_SA (IKEv1: an IPsec SA pair) as it was negotiated: enough to make its keys when the first
 * ESP packet asks for them. */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "decrypt/keys/dh_secrets.h"
#include "decrypt/esp/esp_packet.h"
#include "decrypt/ike_crypto.h"
#include "decrypt/crypto/secret.h"

/* Roles in the exchange that made the CHILD_SA, as indexes. */
enum { IKE_CHILD_I, IKE_CHILD_R };

typedef struct {
    uint16_t group;
    ike_secret ke[2];
} ike_child_exchange;

/* Keys that opened a packet. */
typedef struct {
    ike_child_keys keys;
    const char *origin;
} ike_child_known_keys;

typedef struct ike_child ike_child;
struct ike_child {
    ike_child *next_of_owner; /* ike_crypto.children: it owns them */
    ike_child *links[2];      /* esp_sa.c: in the list or the table of the ring */
    ike_crypto *owner;
    const ike_algorithms *algorithms; /* shared: ike_keyring_share() */
    uint32_t spi[2];                  /* chosen by each side: of the packets that it receives */
    ike_secret *nonces;               /* of both roles; NULL when its keys can never be made */
    ike_child_exchange *exchanges;    /* the key exchanges for PFS; NULL without */
    uint8_t exchange_count;
    uint8_t generation; /* IKEv2: number of the IKE SA's keys that it was made under */
    uint8_t esn;        /* ike_esn */
    bool transport;
    ike_child_known_keys *known_keys; /* NULL until a packet was opened */

    /* Made with one choice of shared secrets for PFS. `variant` numbers the choices of SK_d from 0
     * (with this PPK or that, and without one). false: there is none, or it cannot be computed. */
    bool (*derive)(const ike_child *child, unsigned variant, const ike_span *secrets,
                   ike_child_keys *keys);
};

/* With room for `exchange_count` key exchanges, at most IKE_MAX_KE. */
ike_child *ike_child_new(ike_crypto *owner, unsigned exchange_count);
void ike_child_free(ike_child *child); /* wipes; NULL is fine */

/* The nonces of both roles, which are copied; and one of them, empty when they are not known. */
void ike_child_set_nonces(ike_child *child, const ike_secret nonces[2]);
ike_span ike_child_nonce(const ike_child *child, unsigned role);

/* Hands every set of keys that the CHILD_SA can have over to `use`, until that returns true; then
 * they are settled. Returns whether it did. */
typedef bool (*ike_child_use)(void *user, const ike_child_keys *keys, const char *origin);
bool ike_child_each_keys(ike_child *child, ike_child_use use, void *user);

#endif
