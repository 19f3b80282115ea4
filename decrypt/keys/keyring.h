/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inner side of the key ring: how the readers of key logs and tables put secrets in. How the
 * SAs find them is in keyring_find.h.
 *
 * All bytes are copied; the caller wipes his own. Lengths beyond what a kind can have are refused
 * (false), so that a hostile log costs memory in proportion to itself. */
#ifndef IKE_KEYRING_H
#define IKE_KEYRING_H

#include "decrypt/decrypt.h"

/* ---- secrets of an IKE SA ---------------------------------------------------------------------
 */

typedef enum {
    /* IKEv2, RFC 7296 2.14. */
    IKE_SECRET_SK_D,
    IKE_SECRET_SK_AI,
    IKE_SECRET_SK_AR,
    IKE_SECRET_SK_EI, /* with the salt of AEAD and CTR ciphers behind the key */
    IKE_SECRET_SK_ER,
    IKE_SECRET_SK_PI,
    IKE_SECRET_SK_PR,
    IKE_SECRET_SKEYSEED,
    IKE_SECRET_MSK, /* of an EAP method, RFC 7296 2.16 */
    /* IKEv1, RFC 2409 5 and appendix B. */
    IKE_SECRET_V1_KEY, /* Ka: what the cipher uses */
    IKE_SECRET_V1_SKEYID,
    IKE_SECRET_V1_SKEYID_D,
    IKE_SECRET_V1_SKEYID_A,
    IKE_SECRET_V1_SKEYID_E,
    /* Both versions. */
    IKE_SECRET_DH_SHARED,  /* shared secret of one key exchange; several, in their order: RFC 9370,
                              rekeys and PFS of the same IKE SA */
    IKE_SECRET_DH_PRIVATE, /* private value of one side; same order */
    IKE_SECRETS
} ike_secret_kind;

/* Secrets that were logged together belong to one *set*: one derivation. Sets are named by a number
 * from ike_keyring_new_set, and bound to SPIs at once, later or never (then they are tried). */
typedef uint32_t ike_set_id; /* 0: none */

/* A new, empty set. version is 1 or 2, or 0 when the log does not tell. An empty set costs nothing
 * to those who look for keys. */
ike_set_id ike_keyring_new_set(ike_keyring *ring, ike_key_source source, uint8_t version);

/* Puts a secret into a set. A second secret of a kind replaces the first, except DH secrets, which
 * are appended. false: no such set, empty, or too long (4,096 bytes). */
bool ike_keyring_set_secret(ike_keyring *ring, ike_set_id set, ike_secret_kind kind,
                            ike_span secret);

/* Whether the set has a secret of this kind already. */
bool ike_keyring_set_has(const ike_keyring *ring, ike_set_id set, ike_secret_kind kind);

/* The algorithms of the set, when the log names them. Without them those of the capture's
 * negotiation are used, or what fits the lengths of the keys is tried. integrity may be
 * IKE_INTEGRITY_ANY + bits (64, 96, 128, 160, 192, 256): an ICV of that length that is not checked,
 * or IKE_INTEGRITY_SHA256_96, the truncation of old Linux. */
enum { IKE_INTEGRITY_ANY = 0xf000, IKE_INTEGRITY_SHA256_96 = 0xf001 };
bool ike_keyring_set_suite(ike_keyring *ring, ike_set_id set, const ike_suite *suite);

/* Binds the set to an IKE SA; responder_spi 0 where the log knows the initiator's alone. Several
 * sets bound to one SA are its generations (IKE_INTERMEDIATE), in the order of their making. */
bool ike_keyring_bind_set(ike_keyring *ring, ike_set_id set, uint64_t initiator_spi,
                          uint64_t responder_spi);

/* For formats of one secret a line: puts the secret into the newest set with these SPIs and this
 * source, and into a new set when there is none or that one has another secret of the kind already
 * (for DH secrets: appended). Both SPIs 0: an unbound set of its own. The same secret again changes
 * nothing. */
bool ike_keyring_add_secret(ike_keyring *ring, ike_key_source source, uint8_t version,
                            uint64_t initiator_spi, uint64_t responder_spi, ike_secret_kind kind,
                            ike_span secret);

/* ---- secrets of a peer -------------------------------------------------------------------------
 */

typedef enum {
    IKE_PEER_PSK,
    IKE_PEER_PPK,      /* RFC 8784; the peer is the PPK_ID */
    IKE_PEER_PASSWORD, /* EAP-MSCHAPv2, XAUTH */
} ike_peer_kind;

/* peer: an identity as people write it (a.example, user@example, an address), or "*", or NULL:
 * then it is tried for every SA. */
bool ike_keyring_add_peer(ike_keyring *ring, ike_key_source source, ike_peer_kind kind,
                          const char *peer, ike_span secret);

/* ---- ESP ---------------------------------------------------------------------------------------
 */

/* Keys of one direction of a CHILD_SA. */
typedef struct {
    uint32_t spi;            /* 0: unknown, tried */
    uint8_t destination[16]; /* of the packets */
    uint8_t address_bytes;   /* 4, 16, or 0: any destination */
    bool has_suite;          /* encryption, key_bits, integrity below are known */
    ike_suite suite;     /* IKEv2 numbers; integrity 0 none or AEAD, or IKE_INTEGRITY_ANY + bits */
    bool esn_known;      /* suite.esn is */
    ike_span encryption; /* key and salt. With `integrity` empty it may be the whole KEYMAT of the
                            direction: it is cut where the algorithms say */
    ike_span integrity;
} ike_esp_key;

/* Adds one direction. A second record with the same SPI and destination is a candidate beside the
 * first: the ICV decides. */
bool ike_keyring_add_esp(ike_keyring *ring, ike_key_source source, const ike_esp_key *key);

/* The algorithms of the set or ESP key by the names people's logs use, in any case: Wireshark's
 * ("AES-CBC-256 [RFC3602]", "HMAC-SHA-1-96 [RFC2404]"), Linux's ("rfc4106(gcm(aes))", "cbc(aes)",
 * "hmac(sha256)" with its truncation in bits), strongSwan's ("AES_CBC_256", "HMAC_SHA2_256_128").
 * key_bytes: length of the key with salt, for names that leave the key length open; 0 unknown.
 * truncation_bits: 0 unknown. false: unknown name. */
bool ike_encryption_by_name(const char *name, size_t key_bytes, uint16_t *encryption,
                            uint16_t *key_bits);
bool ike_integrity_by_name(const char *name, unsigned truncation_bits, uint16_t *integrity);

/* ---- for the readers ---------------------------------------------------------------------------
 */

/* Tells the user of a line that looks like a secret and is not whole. */
void ike_keyring_complain(ike_keyring *ring, const char *source, unsigned line, const char *why);

/* A place of the readers' own, one for each source, NULL at first; freed with `free` when the
 * source is cleared and when the ring goes. */
void *ike_keyring_reader(const ike_keyring *ring, ike_key_source source);
void ike_keyring_set_reader(ike_keyring *ring, ike_key_source source, void *reader,
                            void (*free_reader)(void *reader));

#endif
