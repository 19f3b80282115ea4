/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key schedule of IKEv2: from shared secrets to the keys of the IKE SA and its Child SAs, and
 * the bytes that AUTH is about. Pure functions: nothing is remembered. */
#ifndef IKE_IKEV2_KEYS_H
#define IKE_IKEV2_KEYS_H

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/crypto/status.h"

/* ---- the IKE SA ------------------------------------------------------------------------------ */

/* RFC 7296 2.14: SKEYSEED = prf(Ni | Nr, g^ir), with the half nonces of XCBC and CMAC. */
ike_status ikev2_skeyseed(const ike_prf_alg *prf, ike_nonces nonces, ike_span dh_shared,
                          ike_secret *skeyseed);

/* SKEYSEED of an SA made from another one's SK_d, with the PRF of that one:
 *   RFC 7296 2.18, rekey:                     secrets = { g^ir (new) }
 *   RFC 9370 2.2.2, after IKE_INTERMEDIATE n: secrets = { SK(n) }, nonces of IKE_SA_INIT
 *   RFC 9370 2.2.4, rekey with IKE_FOLLOWUP_KE: secrets = { SK(0), SK(1), .. SK(n) }
 * At most IKE_MAX_KE secrets. */
ike_status ikev2_skeyseed_from_sk_d(const ike_prf_alg *prf, ike_span sk_d, const ike_span *secrets,
                                    size_t count, ike_nonces nonces, ike_secret *skeyseed);

/* RFC 5723 5.1, session resumption: SKEYSEED = prf(SK_d (old), "Resumption" | Ni | Nr). */
ike_status ikev2_skeyseed_resumed(const ike_prf_alg *prf, ike_span sk_d, ike_nonces nonces,
                                  ike_secret *skeyseed);

/* The seven secrets of an IKE SA. ai and ar are empty with an AEAD. */
typedef struct {
    ike_secret d, ai, ar, ei, er, pi, pr;
} ikev2_sk;

/* RFC 7296 2.14: {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} =
 * prf+(SKEYSEED, Ni | Nr | SPIi | SPIr). The caller clears `sk`. SPIs as numbers. */
ike_status ikev2_sk_derive(const ike_algorithms *algorithms, ike_span skeyseed, ike_nonces nonces,
                           uint64_t spi_i, uint64_t spi_r, ikev2_sk *sk);

void ikev2_sk_clear(ikev2_sk *sk);

/* RFC 8784 3: mixes a PPK into SK_d, SK_pi or SK_pr: prf+(PPK, SK_*), of the same length. With a
 * PPK negotiated in IKE_INTERMEDIATE (RFC 9867) that of SK_d is the SKEYSEED of all new keys.
 * `mixed` may be the secret that `sk` is from. */
ike_status ikev2_ppk_mix(const ike_prf_alg *prf, ike_span ppk, ike_span sk, ike_secret *mixed);

/* ---- Child SAs ------------------------------------------------------------------------------- */

/* RFC 7296 2.17 and RFC 9370 2.2.4: KEYMAT = prf+(SK_d, [SK(0) |] Ni | Nr [| SK(1) .. SK(n)]),
 * split. `prf` is that of the IKE SA. secrets: none for the first Child SA and without PFS. */
ike_status ikev2_child_keys(const ike_prf_alg *prf, const ike_algorithms *child, ike_span sk_d,
                            const ike_span *secrets, size_t count, ike_nonces nonces,
                            ike_child_keys *keys);

/* ---- AUTH ------------------------------------------------------------------------------------ */

/* One side's signed bytes (RFC 7296 2.15):
 *   RealMessage | nonce of the other side | prf(SK_p, RestOfID payload) [| IntAuth] */
typedef struct {
    ike_span message; /* this side's IKE_SA_INIT message, whole, without non-ESP marker */
    ike_span nonce;   /* of the other side */
    ike_span
        sk_p; /* SK_pi for the initiator, SK_pr for the responder; mixed with the PPK if used */
    ike_span id_body;  /* ID payload without generic header: type, 3 reserved bytes, data */
    ike_span int_auth; /* ikev2_int_auth_join, or empty */
} ikev2_signed;

/* Appends the signed bytes to each other in `bytes`. */
ike_status ikev2_signed_bytes(const ike_prf_alg *prf, const ikev2_signed *parts, ike_secret *bytes);

/* RFC 7296 2.15: AUTH = prf(prf(secret, "Key Pad for IKEv2"), signed bytes); the secret is the PSK
 * or the MSK of EAP (2.16). */
ike_status ikev2_psk_auth(const ike_prf_alg *prf, ike_span secret, ike_span signed_bytes,
                          ike_secret *auth);

/* RFC 5723 5.1: AUTH of a resumed session = prf(SK_p, message), the sender's IKE_SESSION_RESUME
 * message whole. */
ike_status ikev2_resume_auth(const ike_prf_alg *prf, ike_span sk_p, ike_span message,
                             ike_secret *auth);

/* RFC 9242 3.3.2: IntAuth_i(n) or IntAuth_r(n) = prf(SK_p, [previous |] A | P). `header_and_sk` is
 * A: the message from the IKE header to the generic header of SK, with its lengths as if it were
 * not encrypted (ikev2_int_auth_head); `plaintext` is P: the payloads inside SK, without padding.
 */
ike_status ikev2_int_auth(const ike_prf_alg *prf, ike_span sk_p, ike_span previous,
                          ike_span header_and_sk, ike_span plaintext, ike_secret *int_auth);

/* A of RFC 9242 3.3.2 from the message as it was sent: its bytes up to the end of the generic
 * header of SK, which starts at `sk_offset`, with both length fields as if there were no IV,
 * padding and ICV round a plaintext of `plaintext_length` bytes. Of a fragmented message the first
 * fragment is given: its SKF becomes the SK that it is a part of. false when the payload chain does
 * not lead to sk_offset. */
bool ikev2_int_auth_head(ike_span message, size_t sk_offset, size_t plaintext_length,
                         ike_secret *head);

/* IntAuth = IntAuth_iN | IntAuth_rN | message ID of the first IKE_AUTH (RFC 9242 3.3.2). */
void ikev2_int_auth_join(ike_span int_auth_i, ike_span int_auth_r, uint32_t auth_message_id,
                         ike_secret *int_auth);

#endif
