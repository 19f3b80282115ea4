/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKEv1 SA: what phase 1 brought, its keys, and the chains of IVs.
 *
 * Nothing protects messages 1 to 4 of main mode and 1 and 2 of aggressive mode. So every variant of
 * them is a candidate, until a message is decrypted under keys made from some of them, which fixes
 * the choice. */
#ifndef IKEV1_SA_H
#define IKEV1_SA_H

#include "decrypt/context.h"
#include "decrypt/crypto/cipher.h"
#include "decrypt/ikev1/ikev1_key_schedule.h"
#include "decrypt/message.h"

/* Sides, as indexes. */
enum { IKEV1_I, IKEV1_R };

/* The algorithms of phase 1. */
typedef struct {
    const ike_encr *encr;
    unsigned key_bits;
    const ike_prf_alg *hash, *prf;
} ikev1_rows;

/* Keys that decrypted a message, or are tried on one. */
typedef struct {
    ikev1_rows rows;
    ike_secret key; /* Ka */
    ike_secret skeyid;
    ikev1_skeyids skeyids;
    ike_cipher *cipher;
    bool by_psk;        /* derived from a PSK and the shared secret */
    unsigned completed; /* revision of the ring when they were completed last, plus 1 */
    ike_key_origin origin;
    const char *origin_text; /* for the tree; NULL until it is needed */
} ikev1_keys;

ikev1_keys *ikev1_keys_new(const ikev1_rows *rows);
void ikev1_keys_free(ikev1_keys *keys); /* wipes; NULL is fine */

/* A message of phase 1 with an SA payload, KE and nonce, or all of them (aggressive mode). */
typedef struct {
    uint32_t frame;
    bool has_sa;
    bool has_suite; /* exactly one transform */
    bool computable;
    ikev1_rows rows;
    uint16_t auth_method, group;
    ike_secret sa_body; /* of the SA payload */
    ike_secret nonce, ke;
} ikev1_message;

/* Addresses of initiator and responder: an address alone proves nothing, so all are candidates for
 * PSKs bound to one. */
typedef struct {
    uint8_t address[2][16];
    uint8_t length; /* 4 or 16 */
} ikev1_addresses;

enum { IKEV1_WITH_SA, IKEV1_WITH_KE }; /* kinds of messages, as indexes */
enum { IKEV1_MAX_MESSAGES = 6, IKEV1_MAX_KEYS = 4, IKEV1_MAX_ADDRESSES = 4 };

typedef struct ikev1_iv_chains ikev1_iv_chains;   /* ikev1_iv.h */
typedef struct ikev1_auth_state ikev1_auth_state; /* ikev1_auth.h */

typedef struct {
    ike_sa_base base; /* first: an IPsec SA's owner is this */

    /* Of the chosen messages. */
    bool has_suite;
    bool computable;
    ikev1_rows rows;
    uint16_t auth_method, group;
    ike_secret nonce[2], ke[2];
    ikev1_addresses addresses[IKEV1_MAX_ADDRESSES];
    uint8_t address_count;

    ikev1_message *messages[2][2][IKEV1_MAX_MESSAGES]; /* of a side, with SA or with KE */
    uint8_t message_count[2][2];
    const ikev1_message *chosen[2][2];
    const ikev1_message *preferred[2][2]; /* those under which a message was decrypted */
    bool has_preferred;
    bool swapped, preferred_swapped; /* the sides are the other way round: the first messages were
                                        captured in the wrong order, or one of them is forged */
    bool sides_swapped;              /* ikev1_sa_swap_sides() was called an odd number of times */
    bool choice_fixed;               /* keys made from them were right */

    ike_secret id[2]; /* bodies of the ID payloads seen last: for PSKs */

    /* Keys that decrypted a message. Several when both sides have different PSKs: then each
     * encrypts with its own. */
    ikev1_keys *keys[IKEV1_MAX_KEYS];
    unsigned key_count;
    bool verified;           /* a HASH was right, or a SIG */
    bool phase1_verified[2]; /* HASH or SIG of a side's last message of phase 1 */
    ikev1_iv_chains *chains;

    GHashTable *quick; /* message ID -> ikev1_quick; NULL none */
    ikev1_auth_state *auth;
    uint8_t group_auth; /* ike_group_auth of the GROUPKEY-PUSH message taken in last */
} ikev1_sa;

ikev1_sa *ikev1_sa_new(ike_decrypt_context *capture, uint64_t initiator_spi,
                       uint64_t responder_spi);

/* Adds a message of phase 1; the same again changes nothing. */
void ikev1_sa_add_message(ikev1_sa *sa, const ike_key_inputs *inputs);

/* Chooses combination `number` of the messages seen, from 0, the likeliest, on. false: there are
 * not so many. Once the right ones are known there is one. */
bool ikev1_sa_choose(ikev1_sa *sa, unsigned number);

/* The choice to go on with: the preferred one, else the likeliest. */
void ikev1_sa_choose_default(ikev1_sa *sa);

/* A message was decrypted under the chosen ones. */
void ikev1_sa_prefer_choice(ikev1_sa *sa);

/* The chosen ones are the right ones. */
void ikev1_sa_fix_choice(ikev1_sa *sa);

/* The frames of the chosen messages with the initiator's and the responder's SA payload, and with
 * their KE; 0 none. */
void ikev1_sa_frames(const ikev1_sa *sa, uint32_t frames[4]);

/* The messages so far are of the other side each. */
void ikev1_sa_swap_sides(ikev1_sa *sa);

/* Adds the addresses of a message. */
void ikev1_sa_add_addresses(ikev1_sa *sa, const ike_key_inputs *inputs);

/* Wipes what is declared here; ikev1_sa_free() of ikev1.h does the rest. */
void ikev1_sa_clear(ikev1_sa *sa);

/* What the key schedule has to know of phase 1; false when nonces or algorithms are unknown. */
bool ikev1_phase1_of(const ikev1_sa *sa, ikev1_phase1 *phase1);

#endif
