/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKEv2 SA: what its exchanges told, and its keys, one generation for each key
 * exchange (IKE_SA_INIT or rekey, then IKE_INTERMEDIATE, RFC 9370). */
#ifndef IKEV2_SA_H
#define IKEV2_SA_H

#include "decrypt/crypto/cipher.h"
#include "decrypt/ike_crypto.h"
#include "decrypt/ikev2/ikev2_key_schedule.h"
#include "decrypt/crypto/mac.h"
#include "decrypt/crypto/secret.h"

/* Sides, as indexes: the original initiator of the IKE SA and its responder. */
enum { IKE_I, IKE_R };

enum {
    IKEV2_MAX_GENERATIONS = 16,
    IKEV2_MAX_KEY_EXCHANGES = 8, /* IKE_SA_INIT and ADDKE1-7 */
    IKEV2_SK_D_VARIANTS = 16,    /* SK_d as derived, and with PPKs that may be meant */
};

/* SK_d and SK_p with a PPK mixed in (RFC 8784). */
typedef struct {
    ike_secret sk_d, sk_p[2];
} ikev2_mixed;

/* One generation of keys. */
typedef struct {
    ike_algorithms rows; /* PRF NULL: unknown, or none that we can compute */
    ike_secret sk_d, sk_a[2], sk_e[2], sk_p[2];
    ikev2_mixed *mixed;    /* NULL: no PPK was mixed in */
    ike_cipher *cipher[2]; /* made when needed: ikev2_generation_create_context() */
    ike_mac *mac[2];
    uint16_t context_slot; /* its place among those that have ciphers, from 1; 0: it has none */
    bool verified;         /* an ICV was right */
    bool from_table;       /* bound to these SPIs with its algorithms, by the user's table */
    bool ppk_mixed;        /* its SKEYSEED has a PPK mixed in (RFC 9867) */
    unsigned completed;    /* revision of the ring when it was completed last, plus 1; 0 never */
    uint8_t exchange;      /* index of the key exchange that made it */
    const char *origin;
} ikev2_generation;

/* One key exchange: public values and the secret, as far as they are known. */
typedef struct {
    uint16_t group;
    ike_secret ke[2];
    ike_secret shared; /* when the keys made from it were right */
} ikev2_exchange;

/* One side's part in authentication (ikev2_auth.c). */
typedef struct ikev2_auth ikev2_auth;

typedef struct ikev2_pending ikev2_pending; /* ikev2_child.c */

/* The SA that another one replaced: what the keys of that one are derived with. */
typedef struct {
    uint64_t initiator_spi, responder_spi;
    ike_secret *sk_d; /* what it can be: IKEV2_SK_D_VARIANTS, empty ones at the end; or NULL */
    const ike_prf_alg *prf;
} ikev2_predecessor;

struct ikev2_sa {
    bool has_suite;             /* negotiated in the capture */
    bool computable;            /* and ours, but for a PRF that may be NULL */
    const ike_algorithms *rows; /* shared: ike_keyring_share(); NULL without a suite */
    ikev2_exchange *exchanges;  /* ikev2_sa_exchange() makes room: most SAs have but one */
    uint8_t exchange_room;
    uint8_t exchange_count; /* those that both sides have answered */
    ike_secret nonce[2];

    ikev2_predecessor *old; /* NULL: it replaced none */

    ikev2_generation **generations;
    uint8_t generation_count;

    bool ppk_supported, ppk_confirmed; /* RFC 8784: USE_PPK answered; PPK_IDENTITY answered */
    bool ppk_int_supported, ppk_int_confirmed; /* RFC 9867: the same, in IKE_INTERMEDIATE */
    ike_secret ppk_id;
    uint32_t first_child_spi; /* the initiator's, from IKE_AUTH */
    ike_secret ticket;        /* RFC 5723: what the initiator resumed with; empty: it did not */
    GPtrArray *tickets;       /* GBytes, given out by this SA; NULL none */
    ikev2_pending *pending;   /* CREATE_CHILD_SA exchanges that are not through */
    ikev2_auth *auth;         /* NULL: nothing was learned, or `judged` is all that is left */
    ike_auth_result *judged;  /* of both sides, once nothing can change them; or NULL */
};

void ikev2_sa_clear(ikev2_sa *sa); /* wipes and frees all that hangs on it */

/* Algorithms that were agreed on, as numbers. */
void ikev2_sa_set_suite(ike_crypto *crypto, const ike_suite *suite);

/* The key exchange with this index, below IKEV2_MAX_KEY_EXCHANGES; made when it is new. The pointer
 * is good until the next call. */
ikev2_exchange *ikev2_sa_exchange(ikev2_sa *sa, unsigned index);

/* Wipes nonces, public values and shared secrets: nothing is derived from them any more. */
void ikev2_sa_clear_exchanges(ikev2_sa *sa);

/* A suite in numbers as rows; false when encryption or integrity is none that we can compute. */
bool ikev2_rows_of_suite(const ike_suite *suite, bool from_set, ike_algorithms *rows);

ikev2_generation *ikev2_generation_new(const ike_algorithms *rows);
void ikev2_generation_free(ikev2_generation *generation);

/* To be called before a cipher or a MAC is made for it: only the generations that were woken last
 * have any, so that they do not add up over all IKE SAs of a capture. */
void ikev2_generation_create_context(ikev2_generation *generation);

/* Room for SK_d and SK_p with a PPK mixed in, made now if there was none. */
ikev2_mixed *ikev2_generation_mixed(ikev2_generation *generation);

/* The newest generation that opened something, or NULL. */
ikev2_generation *ikev2_current(const ikev2_sa *sa);

/* Keeps a generation, which the SA then owns. Returns its number from 1, 0 when there are too many
 * (it is freed then). */
uint8_t ikev2_sa_store(ikev2_sa *sa, ikev2_generation *generation);

/* ---- ikev2_decrypt.c
 * -------------------------------------------------------------------------------- */

bool ikev2_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result);

/* Whether the keys of `generation` fit `sealed`: decides by the ICV alone. IKE_ERR_ARGUMENT when
 * they have no ICV that could decide. */
ike_status ikev2_generation_fits(ikev2_generation *generation,
                                 const ike_encrypted_payload *encrypted);

/* Whether what comes out of `sealed` begins like a payload chain: for SK_e that were not derived
 * with the SK_a whose ICV fits, or whose cipher was guessed. */
bool ikev2_generation_decrypts_well(ikev2_generation *generation,
                                    const ike_encrypted_payload *encrypted);

/* ---- ikev2_trial.c
 * ------------------------------------------------------------------------------- */

/* Looks for keys whose ICV fits, in everything that the ring and the exchanges offer. Returns the
 * new generation, not yet kept, or NULL with the best reason in *why. */
ikev2_generation *ikev2_find_keys(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                                  ike_decrypt_status *why);

/* The row of the user's table for this SA with its algorithms: what may be shown though the ICV
 * does not fit. NULL if there is none. The caller frees it. */
ikev2_generation *ikev2_table_keys(const ike_crypto *crypto);

/* Fills in what a verified generation lacks (SK_d, SK_pi, SK_pr, the PRF) from the other secrets of
 * the ring. Costs nothing when it lacks nothing, or the ring has not changed since the last time.
 */
void ikev2_complete(ike_crypto *crypto, ikev2_generation *generation);

/* Whether there is nothing that ikev2_complete() could fill in. */
bool ikev2_lacks_nothing(const ikev2_generation *generation);

/* ---- ikev2_update_keys.c
 * ------------------------------------------------------------------------------- */

void ikev2_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs);

#endif
