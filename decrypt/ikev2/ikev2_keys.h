/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of an IKEv2 SA: one generation for each key exchange (IKE_SA_INIT or rekey, then
 * IKE_INTERMEDIATE, RFC 9370), and the encrypted payload under them: SK (RFC 7296 3.14, RFC 5282)
 * and SKF (RFC 7383 2.5). */
#ifndef IKEV2_KEYS_H
#define IKEV2_KEYS_H

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/crypto/cipher.h"
#include "decrypt/crypto/mac.h"
#include "decrypt/keys/origin.h"
#include "decrypt/message.h"

/* Sides, as indexes: the original initiator of the IKE SA and its responder. */
enum { IKE_I, IKE_R };

/* SK_d and SK_p with a PPK mixed in (RFC 8784). */
typedef struct {
    ike_secret sk_d, sk_p[2];
} ikev2_mixed;

typedef struct {
    ike_algorithms rows; /* PRF NULL: unknown, or not supported */
    ike_secret sk_d, sk_a[2], sk_e[2], sk_p[2];
    ikev2_mixed *mixed;    /* NULL: no PPK was mixed in */
    ike_cipher *cipher[2]; /* created when needed */
    ike_mac *mac[2];
    bool from_table;    /* bound to these SPIs with its algorithms, by the user's table */
    bool separate;      /* of a set: one of its keys may be right and another wrong */
    bool ppk_mixed;     /* its SKEYSEED has a PPK mixed in (RFC 9867) */
    unsigned completed; /* revision of the ring when it was completed last, plus 1; 0 never */
    uint8_t exchange;   /* index of the key exchange that made it */
    ike_key_origin origin;
    const char *origin_text; /* for the tree; NULL until it is needed */
} ikev2_generation;

ikev2_generation *ikev2_generation_new(const ike_algorithms *rows);
void ikev2_generation_free(ikev2_generation *generation); /* wipes; NULL is fine */

/* SK_d and SK_p with a PPK mixed in, empty when there was none. */
ikev2_mixed *ikev2_generation_mixed(ikev2_generation *generation);

/* Whether the keys of `generation` fit: decides by the ICV alone. IKE_ERR_ARGUMENT when they have
 * no ICV that could decide. */
ike_status ikev2_generation_verify(ikev2_generation *generation,
                                   const ike_encrypted_payload *encrypted);

/* Why the lengths of an encrypted payload do not fit these algorithms; IKE_DECRYPT_OK: they do. */
ike_decrypt_status ikev2_misfit(const ike_algorithms *rows, const ike_encrypted_payload *encrypted);

/* Whether the plaintext begins like a payload chain: for SK_e that were not derived with the SK_a
 * whose ICV fits, or whose cipher was guessed. */
bool ikev2_generation_decrypts_well(ikev2_generation *generation,
                                    const ike_encrypted_payload *encrypted);

/* Decrypts with these keys. Keys that the user gave for this SA decrypt also when the ICV is wrong
 * or cannot be checked, if the plaintext is a payload chain. */
ike_decrypt_status ikev2_generation_decrypt(ikev2_generation *generation,
                                            const ike_encrypted_payload *encrypted,
                                            ike_decrypted_payload *result);

/* Where IV and ICV of an encrypted payload are under these algorithms. */
void ikev2_set_layout(const ike_algorithms *rows, ike_decrypted_payload *result);

#endif
