/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Child SA (IKEv1: an IPsec SA pair) as it was negotiated: enough to make its keys when the first
 * ESP packet asks for them. */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "decrypt/context.h"
#include "decrypt/esp/esp_packet.h"
#include "decrypt/message.h"

/* Roles in the exchange that made the Child SA, as indexes. */
enum { IKE_CHILD_I, IKE_CHILD_R };

typedef struct {
    uint16_t group;
    ike_secret ke[2];
} ike_child_exchange;

/* Keys that decrypted a packet. */
typedef struct {
    ike_child_keys keys;
    ike_key_origin origin;
} ike_child_known_keys;

typedef struct ike_child ike_child;
struct ike_child {
    ike_child *next_of_owner; /* ike_sa_base.children: it owns them */
    ike_child *links[2];      /* esp_table.c: in the list or the table of the capture */
    ike_sa_base *owner;
    const ike_algorithms *algorithms; /* ike_decrypt_context_intern() */
    uint32_t spi[2];                  /* chosen by each side: of the packets that it receives */
    ike_secret *nonces;               /* of both roles; NULL when its keys can never be made */
    ike_child_exchange *exchanges;    /* the key exchanges for PFS; NULL without */
    uint8_t exchange_count;
    uint8_t generation; /* IKEv2: number of the IKE SA's keys that it was made under */
    uint8_t esn;        /* ike_esn */
    bool transport;
    bool unsupported; /* an algorithm is known and cannot be computed: there are no keys */
    ike_child_known_keys *known_keys; /* NULL until a packet was decrypted */

    uint8_t protocol; /* 2 AH, 3 ESP */

    /* Whether a PPK goes into the keys, and the right one is not known; NULL: there are no PPKs. */
    bool (*lacks_ppk)(const ike_child *child);

    /* Made with one choice of shared secrets for PFS. `variant` numbers the choices of SK_d from 0
     * (with this PPK or that, and without one). *of_ike_sa is where the keys of the IKE SA come
     * from. false: there is none, or it cannot be computed. */
    bool (*derive)(const ike_child *child, unsigned variant, const ike_span *secrets,
                   ike_child_keys *keys, ike_key_origin *of_ike_sa);
};

/* For `exchange_count` key exchanges, at most IKE_MAX_KE. */
ike_child *ike_child_new(ike_sa_base *owner, unsigned exchange_count);
void ike_child_free(ike_child *child); /* wipes; NULL is fine */

/* The nonces of both roles, which are copied; and one of them, empty when they are not known. */
void ike_child_set_nonces(ike_child *child, const ike_secret nonces[2]);
ike_span ike_child_nonce(const ike_child *child, unsigned role);

/* Hands every set of keys that the Child SA can have over to `use`, until that returns true; then
 * they are stored. Charged to the search, which may go on with unbound secrets. Returns whether it
 * did. Otherwise the search knows what keeps it from having keys. */
typedef bool (*ike_child_use)(void *user, const ike_child_keys *keys, const ike_key_origin *origin);
bool ike_child_each_keys(ike_child *child, ike_search *search, ike_child_use use, void *user);

#endif
