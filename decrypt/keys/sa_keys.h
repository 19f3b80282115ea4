/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets of IKE SAs by SPI pair; those bound to no SPI by kind and length, so that a key that
 * cannot fit is never tried. */
#ifndef IKE_SA_KEYS_H
#define IKE_SA_KEYS_H

#include <glib.h>

#include "decrypt/crypto/suite.h"
#include "decrypt/keys/origin.h"
#include "proto/ike_span.h"

typedef enum {
    /* IKEv2, RFC 7296 2.14. */
    IKE_SECRET_SK_D,
    IKE_SECRET_SK_AI,
    IKE_SECRET_SK_AR,
    IKE_SECRET_SK_EI, /* with the salt of AEAD and CTR ciphers behind the key */
    IKE_SECRET_SK_ER,
    IKE_SECRET_SK_PI,
    IKE_SECRET_SK_PR,
    IKE_SECRET_SKEYSEED,
    IKE_SECRET_MSK,           /* of an EAP method, RFC 7296 2.16 */
    IKE_SECRET_REJECTING_PSK, /* with which a daemon verified AUTH, in vain */
    /* IKEv1, RFC 2409 5 and appendix B. */
    IKE_SECRET_V1_KEY, /* Ka: what the cipher uses */
    IKE_SECRET_V1_SKEYID,
    IKE_SECRET_V1_SKEYID_D,
    IKE_SECRET_V1_SKEYID_A,
    IKE_SECRET_V1_SKEYID_E,
    IKE_SECRET_GDOI_KEK, /* RFC 6407 5.6.2: IV and key; the SPI of the KEK is the pair of cookies */
    /* Both versions. */
    IKE_SECRET_PLAINTEXT,  /* of one message; its name is the pair of SPIs (plaintexts.h) */
    IKE_SECRET_DH_SHARED,  /* shared secret of one key exchange; several, in their order: RFC 9370,
                              rekeys and PFS of the same IKE SA */
    IKE_SECRET_DH_PRIVATE, /* private value of one side; same order */
    IKE_SECRETS
} ike_secret_kind;

/* Secrets that were logged together belong to one *set*: one derivation. A set is bound to SPIs at
 * once, later or never (then it is tried). */
typedef uint32_t ike_set_id; /* 0: none */

typedef struct ike_secret_item ike_secret_item;
struct ike_secret_item {
    ike_secret_item *next; /* in the order of adding */
    uint32_t line;         /* of its source; 0 unknown */
    uint16_t length;
    uint8_t kind; /* ike_secret_kind */
    uint8_t data[];
};

typedef struct ike_key_set ike_key_set;
struct ike_key_set {
    ike_set_id id;
    ike_key_origin origin;
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

/* The origin of a secret of this set, of its first one of a kind. `secret`: what it is. */
ike_key_origin ike_key_item_origin(const ike_key_set *set, const ike_secret_item *item,
                                   const char *secret);
ike_key_origin ike_key_set_origin(const ike_key_set *set, ike_secret_kind kind, const char *secret);

typedef struct ike_sa_keys ike_sa_keys;

ike_sa_keys *ike_sa_keys_new(void);
void ike_sa_keys_free(ike_sa_keys *keys);                         /* wipes */
void ike_sa_keys_clear(ike_sa_keys *keys, ike_key_source source); /* wipes those of a source */

/* How often something changed. */
unsigned ike_sa_keys_revision(const ike_sa_keys *keys);

/* Whether a plaintext was ever added: only then is it worth to look for that of a message. */
bool ike_sa_keys_has_plaintexts(const ike_sa_keys *keys);

/* ---- adding: ike_keyring_... of keyring.h describes them ------------------------------------- */

ike_set_id ike_sa_keys_new_set(ike_sa_keys *keys, const ike_key_origin *origin, uint8_t version);
/* `line`: of the secret; 0: that of the set. */
bool ike_sa_keys_set_secret(ike_sa_keys *keys, ike_set_id id, ike_secret_kind kind, ike_span secret,
                            uint32_t line);
bool ike_sa_keys_set_suite(ike_sa_keys *keys, ike_set_id id, const ike_suite *suite);
bool ike_sa_keys_bind(ike_sa_keys *keys, ike_set_id id, uint64_t initiator_spi,
                      uint64_t responder_spi);

/* The newest set bound to these SPIs; NULL when there is none. */
const ike_key_set *ike_sa_keys_newest_bound(const ike_sa_keys *keys, uint64_t initiator_spi,
                                            uint64_t responder_spi);

/* ---- finding --------------------------------------------------------------------------------- */

/* The set of a number, or NULL when it was removed; the number of the newest set, 0 none. */
const ike_key_set *ike_sa_keys_set(const ike_sa_keys *keys, ike_set_id id);
ike_set_id ike_sa_keys_newest(const ike_sa_keys *keys);

/* The sets bound to an IKE SA, linked by next_bound, as the four ways to write it down: 0 both
 * SPIs, 1 both swapped, 2 and 3 only one of them given as the initiator's. NULL when there are
 * none. */
enum { IKE_WAYS_TO_BIND = 4 };
const ike_key_set *ike_sa_keys_bound(const ike_sa_keys *keys, uint64_t initiator_spi,
                                     uint64_t responder_spi, unsigned way);

/* A walk over the sets bound to an IKE SA in all ways, the first 512 of them. */
typedef struct {
    const ike_sa_keys *keys;
    uint64_t initiator_spi, responder_spi;
    const ike_key_set *set; /* the last that was handed over */
    unsigned ways, count;   /* that were begun; sets that were handed over */
} ike_bound_walk;

enum { IKE_BOUND_SETS_MAX = 512 };
ike_bound_walk ike_sa_keys_walk_bound(const ike_sa_keys *keys, uint64_t initiator_spi,
                                      uint64_t responder_spi);
const ike_key_set *ike_bound_walk_next(ike_bound_walk *walk); /* NULL: there is no other */

/* A walk over the unbound sets that have a secret of this kind and length (0: any length, only for
 * kinds that are few: DH_PRIVATE), the last that was right first and then its neighbours, so that a
 * log in the capture's order costs one trial per SA. */
typedef struct {
    const GArray *ids;
    guint start, step;
} ike_set_walk;

void ike_sa_keys_walk(const ike_sa_keys *keys, ike_secret_kind kind, size_t length,
                      ike_set_walk *walk);
const ike_key_set *ike_sa_keys_walk_next(const ike_sa_keys *keys, ike_set_walk *walk);

/* This set was right: walks start here from now on. */
void ike_sa_keys_mark_right(ike_sa_keys *keys, const ike_key_set *set);

#endif
