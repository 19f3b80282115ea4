/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decryption as the dissector sees it: secrets go in from everywhere, what the exchanges bring goes
 * in as it is seen, encrypted payloads go in and plaintext comes out. A build without OpenSSL has
 * the same functions (decrypt_stub.c), which answer IKE_DECRYPT_NOT_BUILT.
 *
 * Nothing here keeps a pointer to what the caller passes in, unless stated. */
#ifndef IKE_DECRYPT_H
#define IKE_DECRYPT_H

#include "decrypt/crypto/public_value.h"
#include "decrypt/crypto/x509.h"
#include "decrypt/esp/esp.h"
#include "decrypt/keylog/key_logs.h"
#include "decrypt/keys/key_sources.h"
#include "decrypt/message.h"

/* ---- a capture ------------------------------------------------------------------------------- */

/* The ring is kept and must outlive it; so must it all SAs. */
ike_decrypt_context *ike_decrypt_context_new(ike_keyring *ring);
void ike_decrypt_context_free(ike_decrypt_context *context); /* NULL is fine */

/* ---- one IKE SA ------------------------------------------------------------------------------ */

typedef struct ike_crypto ike_crypto; /* the key state of one IKE SA */

/* A new IKE SA. Responder SPI 0 when not yet known. */
ike_crypto *ike_crypto_new(ike_decrypt_context *context, uint8_t major, uint64_t initiator_spi,
                           uint64_t responder_spi);
void ike_crypto_set_responder_spi(ike_crypto *crypto, uint64_t responder_spi);

/* IKEv1: whether what was taken for the initiator at first is the responder: from_initiator of
 * messages before means the other side. */
void ike_crypto_set_sides_swapped(ike_crypto *crypto, bool swapped);

void ike_crypto_free(ike_crypto *crypto); /* wipes; NULL is fine */

/* Takes in one message and derives what can be derived: keys of the SA, of the IKE SA that replaces
 * it, Child SA keys. */
void ike_crypto_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs);

/* The IKE SA that replaced this one in the CREATE_CHILD_SA taken in last: it is made from the old
 * one's SK_d and handed to the caller, who owns it; NULL when there is none. */
ike_crypto *ike_crypto_take_rekeyed(ike_crypto *crypto);

/* The SPIs of the IKE SA that would be taken; false: there is none. */
bool ike_crypto_rekeyed_spis(const ike_crypto *crypto, uint64_t spis[2]);

/* Decrypts one encrypted payload. `hint` is NULL or all zero on the first pass, what the first pass
 * gave on later ones. Returns result->status == IKE_DECRYPT_OK. */
bool ike_crypto_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result);

/* The result for the AUTH, HASH or SIG payload of one side, as far as it is known by now. */
ike_auth_result ike_crypto_auth(const ike_crypto *crypto, bool of_initiator);

/* Whether AUTH of one side verifies, and the log of its peer has another PSK. */
bool ike_crypto_has_other_psk(const ike_crypto *crypto, bool of_initiator);

/* Whether the message taken in last is from the key server of its group: GSA_REKEY (RFC 9838) and
 * GROUPKEY-PUSH (RFC 6407). */
ike_group_auth ike_crypto_group_auth(const ike_crypto *crypto);

/* Several unauthenticated messages can claim to be the request and response of IKE_SA_INIT, or one
 * of phase 1. Once keys are verified it is known which they are: the frames of the request and the
 * response (main and aggressive mode 1 and 2), of those with the KE of initiator and responder (the
 * same but in main mode: 3 and 4), and of those with the HASH or SIG that verified (IKEv1). 0 where
 * it is not known; false when nothing is verified. */
enum { IKE_VERIFIED_FRAMES = 6 };
bool ike_crypto_verified_frames(const ike_crypto *crypto, uint32_t frames[IKE_VERIFIED_FRAMES]);

/* IKEv1: the body of the ID payload that the HASH or SIG of a side covers, once that is verified;
 * else empty. As long as the SA is not given another message. */
ike_span ike_crypto_authenticated_id(const ike_crypto *crypto, bool of_initiator);

/* Writes the keys of the SA and of its Child SAs that decrypted something, one a line in the
 * plugin's own key log format: SK_* and SKEYID_d, _a, _e, the key of the cipher, ESP keys. Never a
 * PSK, a private value, a shared secret, or SKEYID and SKEYSEED, from which one could be guessed.
 */
void ike_crypto_write_keys(const ike_crypto *crypto, ike_write_line write, void *user);

/* ---- the end --------------------------------------------------------------------------------- */

/* Frees what is shared by all captures. Only when there is none any more; what is needed comes back
 * when one is begun. */
void ike_decrypt_cleanup(void);

#endif
