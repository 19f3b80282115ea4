/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key schedule of IKEv1 (RFC 2409): SKEYID and what comes of it, IVs, HASH payloads, KEYMAT.
 * Pure functions: nothing is remembered. "Body" is a payload without its generic header. */
#ifndef IKE_IKEV1_KEYS_H
#define IKE_IKEV1_KEYS_H

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/crypto/status.h"

/* What all of phase 1 shares. Cookies as numbers; nonces are Ni_b and Nr_b. */
typedef struct {
    const ike_prf_alg *prf;  /* the negotiated one, else the row of the hash */
    const ike_prf_alg *hash; /* ike_hash_find_v1 of the negotiated hash */
    uint64_t cookie_i, cookie_r;
    ike_nonces nonces;
} ikev1_phase1;

/* ---- SKEYID and its children (RFC 2409 5) ---------------------------------------------------- */

/* Pre-shared key: prf(psk, Ni_b | Nr_b). */
ike_status ikev1_skeyid_psk(const ikev1_phase1 *phase1, ike_span psk, ike_secret *skeyid);

/* Signatures: prf(Ni_b | Nr_b, g^xy). */
ike_status ikev1_skeyid_signature(const ikev1_phase1 *phase1, ike_span dh_shared,
                                  ike_secret *skeyid);

/* Public key encryption: prf(hash(Ni_b | Nr_b), CKY-I | CKY-R). */
ike_status ikev1_skeyid_encryption(const ikev1_phase1 *phase1, ike_secret *skeyid);

typedef struct {
    ike_secret d, a, e;
} ikev1_skeyids;

/* SKEYID_d, SKEYID_a, SKEYID_e. */
ike_status ikev1_skeyids_derive(const ikev1_phase1 *phase1, ike_span skeyid, ike_span dh_shared,
                                ikev1_skeyids *skeyids);

void ikev1_skeyids_clear(ikev1_skeyids *skeyids);

/* The cipher's key of `length` bytes from SKEYID_e, expanded if that is shorter (appendix B). */
ike_status ikev1_encryption_key(const ike_prf_alg *prf, ike_span skeyid_e, size_t length,
                                ike_secret *key);

/* ---- IVs (RFC 2409 5.5, appendix B) ---------------------------------------------------------- */

/* The first IV of phase 1: hash(g^xi | g^xr), truncated to `block_length` bytes at `iv`. The public
 * values are KE bodies. */
ike_status ikev1_iv_phase1(const ike_prf_alg *hash, ike_span ke_i, ike_span ke_r, uint8_t *iv,
                           size_t block_length);

/* The first IV of a message ID: hash(last phase 1 ciphertext block | message ID), truncated. */
ike_status ikev1_iv_message(const ike_prf_alg *hash, ike_span last_block, uint32_t message_id,
                            uint8_t *iv, size_t block_length);

/* ---- HASH payloads --------------------------------------------------------------------------- */

/* What HASH_I and HASH_R are over. */
typedef struct {
    ike_span ke_i, ke_r; /* KE bodies */
    ike_span sa_i;       /* body of the initiator's SA payload, whole */
    ike_span id;         /* body of the ID payload of the side whose HASH it is */
} ikev1_auth;

/* HASH_I (of_initiator) or HASH_R: prf(SKEYID, g^x own | g^x other | CKY own | CKY other | SAi_b |
 * ID_b). A signature is made over the same bytes. */
ike_status ikev1_hash_auth(const ikev1_phase1 *phase1, ike_span skeyid, const ikev1_auth *auth,
                           bool of_initiator, ike_secret *hash);

/* HASH(1) of quick mode, and HASH of informational and transaction exchanges:
 * prf(SKEYID_a, M-ID | rest), `rest` all payloads after HASH, without padding. */
ike_status ikev1_hash_1(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                        ike_span rest, ike_secret *hash);

/* HASH(2) of quick mode: prf(SKEYID_a, M-ID | Ni_b | rest). */
ike_status ikev1_hash_2(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                        ike_span nonce_i, ike_span rest, ike_secret *hash);

/* HASH(3) of quick mode: prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b). */
ike_status ikev1_hash_3(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                        ike_nonces nonces, ike_secret *hash);

/* HASH(3) and HASH(4) of GDOI's GROUPKEY-PULL (RFC 6407 3.2):
 * prf(SKEYID_a, M-ID | Ni_b | Nr_b | rest). */
ike_status ikev1_hash_gdoi(const ike_prf_alg *prf, ike_span skeyid_a, uint32_t message_id,
                           ike_nonces nonces, ike_span rest, ike_secret *hash);

/* ---- phase 2 --------------------------------------------------------------------------------- */

/* KEYMAT of one direction (RFC 2409 5.5), named by the SPI that its receiver chose, in `length`
 * bytes: prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b) and on. dh_shared is empty
 * without PFS; nonces are those of the quick mode. */
ike_status ikev1_keymat(const ike_prf_alg *prf, ike_span skeyid_d, ike_span dh_shared,
                        uint8_t protocol, uint32_t spi, ike_nonces nonces, size_t length,
                        ike_secret *keymat);

#endif
