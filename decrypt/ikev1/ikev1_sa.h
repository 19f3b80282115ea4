/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKEv1 SA: what phase 1 told, its keys, and the chains of IVs. */
#ifndef IKEV1_SA_H
#define IKEV1_SA_H

#include "decrypt/crypto/cipher.h"
#include "decrypt/ike_crypto.h"
#include "decrypt/ikev1/ikev1_key_schedule.h"

/* Exchange types (RFC 2408 3.1, RFC 2409 appendix A). */
enum {
    IKEV1_MAIN = 2,
    IKEV1_AGGRESSIVE = 4,
    IKEV1_INFORMATIONAL = 5,
    IKEV1_TRANSACTION = 6,
    IKEV1_QUICK = 32,
    IKEV1_NEW_GROUP = 33,
};

enum { IKEV1_PAYLOAD_SA = 1, IKEV1_PAYLOAD_ID = 5, IKEV1_PAYLOAD_HASH = 8 };

/* Sides, as indexes. */
enum { IKEV1_I, IKEV1_R };

/* The algorithms of phase 1. */
typedef struct {
    const ike_encr *encr;
    unsigned key_bits;
    const ike_prf_alg *hash, *prf;
} ikev1_rows;

/* Keys that opened a message, or are tried on one. */
typedef struct {
    ikev1_rows rows;
    ike_secret key; /* Ka */
    ike_secret skeyid;
    ikev1_skeyids skeyids;
    ike_cipher *cipher;
    bool by_psk;        /* derived from a PSK and the shared secret */
    unsigned completed; /* revision of the ring when they were completed last, plus 1 */
    const char *origin;
} ikev1_keys;

/* One message that went through a chain of IVs. */
typedef struct {
    uint64_t digest; /* of its ciphertext */
    uint8_t iv[IKE_MAX_BLOCK];
    uint8_t last[IKE_MAX_BLOCK]; /* its last bytes: the cipher may not be known yet */
    bool sound;                  /* it opened with that IV */
} ikev1_link;

enum { IKEV1_LINKS = 16, IKEV1_MAX_KEYS = 4 };

/* The chain of phase 1 or of one message ID: the messages seen last. */
typedef struct {
    uint32_t message_id;
    ikev1_link links[IKEV1_LINKS]; /* the oldest first */
    unsigned count;
} ikev1_chain;

typedef struct ikev1_quick ikev1_quick;           /* ikev1_child.c */
typedef struct ikev1_auth_state ikev1_auth_state; /* ikev1_auth.c */

struct ikev1_sa {
    bool has_suite;
    bool suite_chosen; /* by the responder, not only offered */
    bool computable;
    ikev1_rows rows; /* of phase 1, as negotiated */
    uint16_t auth_method, group;
    ike_secret nonce[2], ke[2];
    ike_secret sa_body;                  /* of the initiator's SA payload */
    uint8_t source[16], destination[16]; /* of the initiator */
    uint8_t address_bytes;
    ike_secret id[2]; /* bodies of the ID payloads */

    /* Keys that opened a message. Several when both sides have different PSKs: then each seals with
     * its own. */
    ikev1_keys *keys[IKEV1_MAX_KEYS];
    unsigned key_count;
    ikev1_chain phase1;
    GHashTable *chains;  /* message ID -> ikev1_chain */
    GQueue *chain_order; /* message IDs, the oldest first */

    GHashTable *quick; /* message ID -> ikev1_quick */
    ikev1_auth_state *auth;
};

ikev1_sa *ikev1_sa_new(void);
void ikev1_sa_free(ikev1_sa *sa); /* NULL is fine */

ikev1_keys *ikev1_keys_new(const ikev1_rows *rows);
void ikev1_keys_free(ikev1_keys *keys); /* NULL is fine */

/* What the key schedule has to know of phase 1; false when nonces or algorithms are unknown. */
bool ikev1_phase1_of(const ike_crypto *crypto, ikev1_phase1 *phase1);

/* ---- ikev1_update_keys.c
 * ------------------------------------------------------------------------------- */

void ikev1_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs);

/* ---- ikev1_iv.c
 * ---------------------------------------------------------------------------------- */

/* Hands every IV that this message can have over to `use`, the likeliest first, until it returns
 * true. `hash` is what IVs are made with (NULL when not known), block_length the cipher's. */
typedef bool (*ikev1_iv_use)(void *user, const uint8_t *iv);
bool ikev1_each_iv(const ikev1_sa *sa, const ike_prf_alg *hash, size_t block_length,
                   const ike_encrypted_payload *encrypted, ikev1_iv_use use, void *user);

/* Takes a message into its chain; iv has IKE_MAX_BLOCK bytes, or is NULL when it did not open. */
void ikev1_chain_add(ikev1_sa *sa, const ike_encrypted_payload *encrypted, const uint8_t *iv);

/* ---- ikev1_decrypt.c
 * -------------------------------------------------------------------------------- */

bool ikev1_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                   const ike_decrypt_hint *hint, ike_decrypted_payload *result);

/* How a message opens with some keys. */
typedef enum {
    IKEV1_CLOSED,  /* with no IV that is known a payload chain comes out */
    IKEV1_PERHAPS, /* nothing speaks against it: a HASH alone, without an IV */
    IKEV1_PARTLY,  /* IV unknown; from the second block on there is a chain, or padding */
    IKEV1_SURELY,  /* the same, and a HASH in it has the length of the hash algorithm */
    IKEV1_COMPLETE,
} ikev1_fit;

/* Tries keys on a message: with every IV, then without one. */
ikev1_fit ikev1_keys_fit(const ike_crypto *crypto, ikev1_keys *keys,
                         const ike_encrypted_payload *encrypted);

/* ---- ikev1_trial.c
 * ------------------------------------------------------------------------------- */

/* Looks for keys that open the message in all that the ring offers. NULL with the reason in *why.
 */
ikev1_keys *ikev1_find_keys(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                            ike_decrypt_status *why);

/* Fills in what keys lack (SKEYID and its children) from the other secrets of the ring. */
void ikev1_complete(ike_crypto *crypto, ikev1_keys *keys);

/* ---- ikev1_hash.c
 * -------------------------------------------------------------------------------- */

typedef enum { IKEV1_HASH_UNKNOWN, IKEV1_HASH_RIGHT, IKEV1_HASH_WRONG } ikev1_hash_check;

/* The HASH at the head of a phase 2, informational or transaction message, over `rest`, the
 * payloads behind it. `hash` is compared from byte `from` on (what stands before may be garbled);
 * the whole HASH is given back in `right` where it is right (may be NULL). */
ikev1_hash_check ikev1_check_hash(const ike_crypto *crypto, const ikev1_keys *keys,
                                  const ike_encrypted_payload *encrypted, ike_span hash,
                                  size_t from, ike_span rest, uint8_t *right);

/* ---- ikev1_child.c
 * ------------------------------------------------------------------------------- */

void ikev1_update_quick(ike_crypto *crypto, const ike_key_inputs *inputs);
void ikev1_quick_free(gpointer quick);

/* The nonces of a quick mode as far as they were seen; the first sender's is i. */
ike_nonces ikev1_quick_nonces(const ikev1_sa *sa, uint32_t message_id);

/* ---- ikev1_auth.c
 * -------------------------------------------------------------------------------- */

void ikev1_auth_update(ike_crypto *crypto, const ike_key_inputs *inputs);
void ikev1_auth_free(ikev1_auth_state *auth);
ike_auth_result ikev1_auth_result(const ike_crypto *crypto, bool of_initiator);

#endif
