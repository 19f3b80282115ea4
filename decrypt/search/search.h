/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking for the keys of an SA among secrets that may be meant: what it may cost, and that it was
 * in vain.
 *
 * Work is charged before it is done, in units of one PRF or ICV; an exponentiation modulo 2,048
 * bits is 1,000. Secrets that a source binds to the SA's SPIs are paid from the SA's own budget,
 * all others by one budget of the capture, which every SA (IKEv1, IKEv2, ESP) and every kind of
 * secret share. A search takes at most a quarter of what is left, so that the first SA of a capture
 * does not starve the others; one that succeeds gives back what it cost and more, as the secrets
 * evidently belong to the capture. Both start again when the key ring changes. */
#ifndef IKE_SEARCH_H
#define IKE_SEARCH_H

#include "decrypt/keys/keyring.h"
#include "decrypt/message.h"

enum {
    IKE_COST_PRF = 1,
    IKE_COST_DECRYPT = 2,  /* a cipher with a new key */
    IKE_COST_SCHEDULE = 8, /* a key schedule: SKEYSEED and SK_*, SKEYID and its children */
};

/* Of a capture. All zero at first. */
typedef struct {
    unsigned revision; /* of the key ring, plus 1 */
    uint32_t left, reserve;
} ike_search_budget;

/* Of one SA. All zero at first. */
typedef struct {
    unsigned revision;   /* of the key ring, plus 1 */
    uint32_t bound_left; /* units for what is bound to the SA */
    uint8_t in_vain;     /* searches among what is bound to nothing */
    bool limited;        /* one of them ended before all was tried */
} ike_search_memo;

/* Why a secret is not that of the SA. */
typedef struct {
    ike_decrypt_status why;
    ike_key_origin origin; /* of the secret; all zero: the reason is none */
    const char *algorithm; /* that it was tried with; NULL none */
    size_t given, needed;  /* bytes; both 0 unless its length is wrong */
} ike_refusal;

typedef struct {
    ike_search_budget *budget;
    ike_search_memo *memo;
    bool bound;          /* what is tried now is bound to the SA */
    bool exhausted;      /* the last charge was refused: the walks end */
    uint32_t unbound;    /* units for what is not */
    uint32_t spent;      /* of them */
    ike_refusal refusal; /* the one that tells most */
} ike_search;

/* Begins a search for one message or packet. `revision`: of the key ring. */
void ike_search_begin(ike_search *search, ike_search_budget *budget, ike_search_memo *memo,
                      unsigned revision);

/* Goes on with secrets that are bound to nothing. false: they must not be tried, as that was in
 * vain for several messages of the SA already (one could be damaged or forged). */
bool ike_search_unbind(ike_search *search);

/* Pays for work. false: it must not be done. */
bool ike_search_charge(ike_search *search, uint32_t cost);

/* Records why what was tried does not fit. That a secret which is bound to nothing does not fit
 * means nothing. */
void ike_search_refuse(ike_search *search, const ike_refusal *refusal);

/* Whether a status says that a secret was refused. */
bool ike_status_is_refusal(ike_decrypt_status status);

/* Which secret was refused: "key log file k.log:3 (SK_ei, AES-CBC: 31 bytes, not 32)". NULL: none;
 * else as long as the ring. */
const char *ike_refusal_text(ike_keyring *ring, const ike_refusal *refusal);

void ike_search_end(ike_search *search, bool found);

#endif
