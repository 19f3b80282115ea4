/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inner side of the key ring for those who look for keys: what is bound to SPIs by hash, what
 * is bound to nothing by kind and length, so that nobody tries a key that cannot fit. */
#ifndef IKE_KEYRING_FIND_H
#define IKE_KEYRING_FIND_H

#include <glib.h>

#include "decrypt/crypto/algorithm.h"
#include "decrypt/ikev2/ikev2_key_schedule.h" /* ike_algorithms */
#include "decrypt/keys/keyring.h"

typedef struct ike_secret_item ike_secret_item;
struct ike_secret_item {
    ike_secret_item *next; /* in the order of adding */
    uint16_t length;
    uint8_t kind; /* ike_secret_kind */
    uint8_t data[];
};

typedef struct ike_key_set ike_key_set;
struct ike_key_set {
    ike_set_id id;
    uint8_t source;                        /* ike_key_source */
    uint8_t version;                       /* 0 unknown */
    uint64_t initiator_spi, responder_spi; /* both 0: unbound */
    ike_suite *suite;                      /* NULL when the source does not tell */
    ike_secret_item *secrets;
    ike_key_set *next_bound; /* with the same pair of SPIs, in the order of binding */
};

/* The first secret of a kind in a set, or the one after `after`; NULL when there is none. */
const ike_secret_item *ike_key_set_find(const ike_key_set *set, ike_secret_kind kind,
                                        const ike_secret_item *after);

/* The same as a span; empty when there is none. */
ike_span ike_key_set_secret(const ike_key_set *set, ike_secret_kind kind);

/* The sets bound to an IKE SA, linked by next_bound, as the four ways to write it down: 0 both
 * SPIs, 1 both swapped, 2 and 3 only one of them given as the initiator's. NULL when there are
 * none. */
enum { IKE_WAYS_TO_BIND = 4 };
const ike_key_set *ike_keyring_bound(const ike_keyring *ring, uint64_t initiator_spi,
                                     uint64_t responder_spi, unsigned way);

/* A walk over the unbound sets that have a secret of this kind and length (0: any length, only for
 * kinds that are few: DH_PRIVATE), the last that was right first and then its neighbours, so that a
 * log in the capture's order costs one trial a SA. */
typedef struct {
    const GArray *ids;
    guint start, step;
} ike_set_walk;

void ike_keyring_walk(const ike_keyring *ring, ike_secret_kind kind, size_t length,
                      ike_set_walk *walk);
const ike_key_set *ike_keyring_walk_next(const ike_keyring *ring, ike_set_walk *walk);

/* Tells the walks that this set was right. */
void ike_keyring_mark_right(ike_keyring *ring, const ike_key_set *set);

/* Trials cost time: a ring of a million keys and a capture of a thousand foreign SAs must not try
 * all on all. ike_keyring_spend notes one trial of a key of nobody; ike_keyring_trials_left says
 * how many of `full` a search may still make: all at first, few after many in vain (the right key
 * is then looked for near the one that was right last). The count starts anew when the ring
 * changes.
 */
void ike_keyring_spend(ike_keyring *ring);
unsigned ike_keyring_trials_left(ike_keyring *ring, unsigned full);

/* The set of a number, or NULL when it was forgotten. */
const ike_key_set *ike_keyring_set(const ike_keyring *ring, ike_set_id id);

/* The PSKs, PPKs or passwords for a peer: `identity` (may be NULL) or `address` (bytes 0, 4, 16)
 * first, those for everybody after them. Calls `use` for each until it returns true; returns
 * whether one did. */
typedef bool (*ike_peer_use)(void *user, ike_span secret, ike_key_source source);
bool ike_keyring_each_peer(const ike_keyring *ring, ike_peer_kind kind, const char *identity,
                           const uint8_t *address, size_t address_bytes, ike_peer_use use,
                           void *user);

/* ESP keys as added. */
typedef struct ike_esp_record ike_esp_record;
struct ike_esp_record {
    ike_esp_record *next; /* same SPI (or SPI 0) */
    uint8_t source;
    ike_esp_key key; /* its spans point behind the record */
};
const ike_esp_record *ike_keyring_esp(const ike_keyring *ring, uint32_t spi);

/* The ESP SAs of which packets came (esp_sa.c): SPI -> ike_esp_sa. */
GHashTable *ike_keyring_esp_sas(const ike_keyring *ring);

/* The CHILD_SAs that were negotiated (esp_sa.c): a list until the first ESP packet, then a table.
 */
typedef struct {
    struct ike_child *newest, *oldest;
    GHashTable *by_spi; /* SPI -> newest ike_child; NULL until then */
} ike_esp_children;
ike_esp_children *ike_keyring_esp_children(ike_keyring *ring);

/* Whether no source will give more: ike_keyring_close(). */
bool ike_keyring_is_closed(const ike_keyring *ring);

/* The same algorithms, kept once as long as the ring: thousands of SAs have the same. */
const ike_algorithms *ike_keyring_share(ike_keyring *ring, const ike_algorithms *algorithms);

/* RFC 5723: ticket (GBytes) -> ike_crypto that gave it out (ikev2_resume.c). */
GHashTable *ike_keyring_tickets(const ike_keyring *ring);

/* The number of the newest set; 0 none. */
ike_set_id ike_keyring_newest_set(const ike_keyring *ring);

/* "key log file" and so on, for the tree. */
const char *ike_source_name(ike_key_source source);

/* The row of an integrity algorithm of a set: IANA's numbers and IKE_INTEGRITY_.... */
const ike_integ *ike_set_integ(uint16_t integrity);

#endif
