/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries keys and IVs on an IKEv1 message. */
#ifndef IKEV1_PLAINTEXT_H
#define IKEV1_PLAINTEXT_H

#include "decrypt/ikev1/ikev1_hash.h"

/* How many bytes at the start of `plain` are a sound chain of payloads that starts with type
 * `next`: each with a header, a length that fits, a reserved byte of zero and a type that exists.
 * -1 when there is none. What follows the chain is padding. */
long ikev1_payload_chain_length(uint8_t next, const uint8_t *plain, size_t length);

/* How a message is decrypted with some keys. */
typedef enum {
    IKEV1_NO_FIT,  /* with no IV that is known the plaintext is a payload chain */
    IKEV1_PERHAPS, /* nothing speaks against it: a HASH alone, without an IV */
    IKEV1_PARTLY,  /* IV unknown; from the second block on there is a chain, or padding */
    IKEV1_SURELY,  /* the same, and a HASH in it has the length of the hash algorithm */
    IKEV1_COMPLETE,
} ikev1_fit;

typedef struct {
    ikev1_sa *sa;
    ikev1_keys *keys;
    const ike_encrypted_payload *encrypted;
    size_t block;
    uint8_t *plain; /* encrypted->body.length bytes */
    uint8_t iv[IKE_MAX_BLOCK];
    bool had_iv;         /* there was an IV to try */
    bool had_wrong_hash; /* with o->iv there is a payload chain, but its HASH is wrong */
    ikev1_hash_check hash;
    bool damaged;        /* ike_decrypted_payload.damaged */
    bool by_signature;   /* that is by SIG */
    uint8_t hash_number; /* n of the HASH(n) that is right; 0 none */
} ikev1_decryption;

/* Goes on with these keys. false: no cipher, or the message is no multiple of its block. */
bool ikev1_use_keys(ikev1_decryption *o, ikev1_keys *keys);

/* With every IV that the message can have; true: the plaintext is a payload chain. */
bool ikev1_decrypt_complete(ikev1_decryption *o);

/* Without an IV: from the second block on, and the head restored. */
ikev1_fit ikev1_decrypt_headless(ikev1_decryption *o);

/* With this IV, of o->block bytes. `partly`: it restores the head only. false: OpenSSL fails. */
bool ikev1_decrypt_with(ikev1_decryption *o, const uint8_t *iv, bool partly);

/* Bytes behind the payload chain; 0 when there is none. */
size_t ikev1_padding_length(const ikev1_decryption *o);

/* Tries keys on a message: with every IV, then without one. */
ikev1_fit ikev1_keys_fit(ikev1_sa *sa, ikev1_keys *keys, const ike_encrypted_payload *encrypted);

#endif
