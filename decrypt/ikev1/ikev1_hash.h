/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HASH payloads of IKEv1. */
#ifndef IKEV1_HASH_H
#define IKEV1_HASH_H

#include "decrypt/ikev1/ikev1_sa.h"

typedef enum { IKEV1_HASH_UNKNOWN, IKEV1_HASH_RIGHT, IKEV1_HASH_WRONG } ikev1_hash_check;

/* The HASH at the head of a phase 2, informational or transaction message, over `rest`, the
 * payloads behind it. `hash` is compared from byte `from` on (what stands before may be invalid);
 * the complete HASH is written to `right` where it is right (may be NULL), and which one it is to
 * *number: n of HASH(n). */
ikev1_hash_check ikev1_check_hash(const ikev1_sa *sa, const ikev1_keys *keys,
                                  const ike_encrypted_payload *encrypted, ike_span hash,
                                  size_t from, ike_span rest, uint8_t *right, uint8_t *number);

/* What HASH_I and HASH_R are over but for the ID: variant `number`, below IKEV1_AUTH_MATERIALS, of
 * the SA payload. *swapped: with the sides the other way round, as the first messages may have been
 * captured in the wrong order. false: there is no such variant, or parts are not in the capture. */
enum { IKEV1_AUTH_MATERIALS = 2 * IKEV1_MAX_MESSAGES };
bool ikev1_auth_material(const ikev1_sa *sa, unsigned number, ikev1_phase1 *phase1,
                         ikev1_auth *covered, bool *swapped);

/* Whether both SA payloads were seen: with one alone a HASH that does not match means nothing, as
 * it may be the responder's. */
bool ikev1_sides_are_known(const ikev1_sa *sa);

/* HASH_I or HASH_R over the ID in the same message. */
ikev1_hash_check ikev1_check_phase1_hash(const ikev1_sa *sa, const ikev1_keys *keys,
                                         bool of_initiator, ike_span id, ike_span hash);

/* SIG over HASH_I or HASH_R, with the key of the certificate (DER) in the same message. WRONG where
 * it does not verify, which the key of another certificate may do. */
ikev1_hash_check ikev1_check_phase1_signature(const ikev1_sa *sa, const ikev1_keys *keys,
                                              bool of_initiator, ike_span id, ike_span certificate,
                                              ike_span signature);

#endif
