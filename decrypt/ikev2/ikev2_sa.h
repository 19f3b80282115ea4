/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKEv2 SA: what its exchanges brought, and its keys.
 *
 * Nothing protects IKE_SA_INIT. So every variant of its request and response is a candidate, until
 * an ICV is right under keys made from one pair of them, or AUTH verifies over one of them: that
 * fixes the choice. */
#ifndef IKEV2_SA_H
#define IKEV2_SA_H

#include "decrypt/context.h"
#include "decrypt/esp/proposed_spis.h"
#include "decrypt/ikev2/ikev2_key_schedule.h"
#include "decrypt/ikev2/ikev2_keys.h"

enum {
    IKEV2_MAX_GENERATIONS = 16,
    IKEV2_MAX_KEY_EXCHANGES = 8, /* IKE_SA_INIT and ADDKE1-7 */
    IKEV2_SK_D_VARIANTS = 16,    /* SK_d as derived, and with PPKs that may be meant */
    IKEV2_MAX_INIT = 8,          /* variants of a side's IKE_SA_INIT message */
};

/* A message of IKE_SA_INIT or IKE_SESSION_RESUME (RFC 5723), one variant of several. */
typedef struct {
    uint32_t frame;
    ike_secret message; /* complete: AUTH covers it */
    ike_secret nonce, ke;
    uint16_t group;
    uint64_t responder_spi;
    bool resume;
    ike_secret ticket; /* request: what the initiator resumes with */
    /* Response: */
    bool has_suite, computable;
    const ike_algorithms *rows; /* ike_decrypt_context_intern() */
    uint16_t additional[7];
    bool use_ppk; /* RFC 8784 */
} ikev2_init;

/* One key exchange: public values. */
typedef struct {
    uint32_t message_id; /* of IKE_INTERMEDIATE */
    uint16_t group;
    ike_secret ke[2];
} ikev2_exchange;

/* The SA that another one replaced: what the keys of that one are derived with. */
typedef struct {
    ike_secret *sk_d; /* what it can be: IKEV2_SK_D_VARIANTS, empty ones at the end; or NULL */
    const ike_prf_alg *prf;
} ikev2_predecessor;

typedef struct ikev2_pending ikev2_pending; /* ikev2_child.c */
typedef struct ikev2_auth ikev2_auth;       /* ikev2_auth.c */

typedef struct ikev2_sa ikev2_sa;
struct ikev2_sa {
    ike_sa_base base; /* first: a Child SA's owner is this */

    /* Of the chosen variants. */
    const ike_algorithms *rows; /* ike_decrypt_context_intern(); NULL without a suite */
    ike_secret nonce[2];
    ike_secret ticket;
    const ikev2_init *chosen[2];

    ikev2_init **init[2];    /* in the order of capture, at most IKEV2_MAX_INIT; NULL none */
    uint32_t init_frames[2]; /* with `init_fixed`: where the chosen ones are */

    ikev2_exchange *exchanges; /* ikev2_sa_exchange() makes them: most SAs have but one */
    ikev2_predecessor *old;    /* NULL: it replaced none */
    ikev2_sa *rekeyed;         /* the SA that replaces this one, until it is taken */
    ikev2_generation **generations;
    ike_secret ppk_id;
    ike_proposed_spis *first_child; /* what it proposed, until the answer; or NULL */
    GPtrArray *tickets;             /* GBytes, given out by this SA; NULL none */
    ikev2_pending *pending;         /* CREATE_CHILD_SA exchanges that are not complete */
    ikev2_auth *auth; /* NULL: nothing was seen, or `auth_results` is all that is left */
    ike_auth_result *auth_results; /* of both sides, once nothing can change them; or NULL */
    uint32_t first_child_spi;      /* the initiator's, from IKE_AUTH */

    uint8_t init_count[2];
    uint8_t exchange_capacity;
    uint8_t exchange_count; /* those that both sides have answered */
    uint8_t generation_count;
    uint8_t group_auth; /* ike_group_auth of the GSA_REKEY message taken in last */

    bool other_psk[2];   /* AUTH of this side verifies, its peer has another PSK */
    bool has_suite;      /* negotiated in the capture */
    bool computable;     /* and supported, but for a PRF that may be NULL */
    bool several_suites; /* responses of IKE_SA_INIT differ in it */
    bool ppk_supported;  /* USE_PPK answered */
    bool ppk_confirmed, ppk_int_confirmed; /* PPK_IDENTITY answered */
    bool resumed;
    bool init_fixed;       /* keys or AUTH verified with the chosen variants */
    bool verified;         /* an ICV of the SA was right */
    bool side_verified[2]; /* with the keys of this sender */
};

ikev2_sa *ikev2_sa_new(ike_decrypt_context *capture, uint64_t initiator_spi,
                       uint64_t responder_spi);

/* Adds a variant of a side's IKE_SA_INIT message; the same message again changes nothing. */
void ikev2_sa_add_init(ikev2_sa *sa, unsigned side, const ike_key_inputs *inputs);

/* The choice without any key: the first request and the first response to it. */
void ikev2_sa_choose_default(ikev2_sa *sa);

/* Chooses pair `number` of all pairs that messages with this responder SPI can follow (0: any),
 * from 0 on. false: there are not so many. Once the right ones are known there is one. */
bool ikev2_sa_choose_pair(ikev2_sa *sa, unsigned number, uint64_t responder_spi);

/* The chosen ones are the right ones. */
void ikev2_sa_fix_init(ikev2_sa *sa);

/* Algorithms that were negotiated, as numbers. */
void ikev2_sa_set_suite(ikev2_sa *sa, const ike_suite *suite);

/* The key exchange with this index, below IKEV2_MAX_KEY_EXCHANGES; made when it is new. The pointer
 * is good until the next call. */
ikev2_exchange *ikev2_sa_exchange(ikev2_sa *sa, unsigned index);

/* Wipes nonces, public values and IKE_SA_INIT messages: nothing is derived from them any more. */
void ikev2_sa_clear_exchanges(ikev2_sa *sa);

/* Wipes what is declared here; ikev2_sa_free() of ikev2.h does the rest. */
void ikev2_sa_clear(ikev2_sa *sa);

/* The newest generation that decrypted something, or NULL. */
static inline ikev2_generation *ikev2_current(const ikev2_sa *sa)
{
    return sa->generation_count ? sa->generations[sa->generation_count - 1] : NULL;
}

/* Stores a generation, which the SA then owns. Returns its number from 1, 0 when there are too many
 * (it is freed then). */
uint8_t ikev2_sa_store(ikev2_sa *sa, ikev2_generation *generation);

#endif
