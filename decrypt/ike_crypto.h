/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKE SA as this room sees it: what both versions share, and one part for
 * each. */
#ifndef IKE_CRYPTO_H
#define IKE_CRYPTO_H

#include "decrypt/keys/keyring_find.h"

typedef struct ikev1_sa ikev1_sa; /* ikev1_sa.h */
typedef struct ikev2_sa ikev2_sa; /* ikev2_sa.h */

struct ike_crypto {
    ike_keyring *ring;
    uint8_t major;
    uint64_t initiator_spi, responder_spi;
    ikev1_sa *v1; /* one of the two, by major */
    ikev2_sa *v2;
    struct ike_child *children; /* child.h: its CHILD_SAs, by next_of_owner */
    ike_crypto *rekeyed;        /* the SA that replaces this one, until it is taken */

    /* How much may still be spent on trying keys, given anew when the ring changes. */
    unsigned trials_left;
    unsigned trials_revision;
    bool trials_given;
};

/* Takes one trial from what this SA may spend; false: no more. */
bool ike_crypto_spend_trial(ike_crypto *crypto);

/* The identity in the body of an ID payload as people write it (name, address), to look up its PSK;
 * NULL for types that have no such form. The caller frees it with g_free. */
char *ike_identity_text(ike_span body);

/* ---- payload chains ----------------------------------------------------------------------------
 */

/* How many bytes at the start of `plain` are a sound chain of payloads that starts with type
 * `next`: each with a header, a length that fits and, for IKEv1, a reserved byte of zero and a
 * type that exists. -1 when it is none. What follows the chain is padding. */
long ikev1_chain_length(uint8_t next, const uint8_t *plain, size_t length);

/* Whether `plain` without padding is exactly a chain of IKEv2 payloads starting with `next`. */
bool ikev2_chain_fits(uint8_t next, const uint8_t *plain, size_t length);

#endif
