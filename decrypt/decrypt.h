/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one header of decrypt/ that the dissector sees: keys go in from everywhere, facts of the
 * exchanges go in as they are seen, sealed payloads go in and plaintext comes out. A build without
 * OpenSSL has the same functions (decrypt/without.c), which answer IKE_DECRYPT_NOT_BUILT.
 *
 * Nothing here keeps a pointer to what the caller passes in, unless it says so. */
#ifndef IKE_DECRYPT_H
#define IKE_DECRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ike_x509.h"

/* ---- the key ring: every secret known, from all sources -------------------------------------- */

typedef struct ike_keyring ike_keyring;

/* Called for each line or record of a source that looks like a secret and cannot be used. */
typedef void (*ike_keyring_warn)(void *user, const char *source, unsigned line, const char *why);

ike_keyring *ike_keyring_new(ike_keyring_warn warn, void *user);
void ike_keyring_free(ike_keyring *ring); /* wipes all secrets; NULL is fine */

/* Sources of secrets, in falling order of trust when nothing verifies. */
typedef enum {
    IKE_SOURCE_TABLE,   /* rows of the built-in's decryption tables */
    IKE_SOURCE_KEYLOG,  /* the key log file */
    IKE_SOURCE_CAPTURE, /* a Decryption Secrets Block */
    IKE_SOURCE_PSK,     /* the PSK table */
    IKE_SOURCES
} ike_key_source;

/* Forgets what came from one source (before its preferences are applied again). */
void ike_keyring_clear(ike_keyring *ring, ike_key_source source);

/* Says that the sources have given all that they will: when that was nothing, what the IKE SAs
 * agree on in the clear need not be kept for keys that nobody can derive. */
void ike_keyring_close(ike_keyring *ring);

/* Whether no source has given or will give anything. */
bool ike_keyring_stays_empty(const ike_keyring *ring);

/* A number that grows with every change of the ring: failed trials are repeated only when it did.
 */
unsigned ike_keyring_revision(const ike_keyring *ring);

/* One row of "IKEv2 Decryption Table": hex text as the user wrote it, the algorithms by the names
 * that the built-in's table uses ("AES-CBC-256 [RFC3602]"). Returns NULL, or a static text that
 * says what is wrong with the row (key length against algorithm included). */
const char *ike_keyring_add_ikev2_row(ike_keyring *ring, const char *spi_i, const char *spi_r,
                                      const char *sk_ei, const char *sk_er, const char *encryption,
                                      const char *sk_ai, const char *sk_ar, const char *integrity);

/* One row of "IKEv1 Decryption Table": initiator cookie and encryption key, hex text. */
const char *ike_keyring_add_ikev1_row(ike_keyring *ring, const char *cookie, const char *key);

/* One row of the PSK table: peer is an identity, an address or "*"; psk is text, "0x" hex or "0s"
 * base64. */
const char *ike_keyring_add_psk_row(ike_keyring *ring, const char *peer, const char *psk);

/* Text in any of the key log formats (docs/keylog.md), a piece at a time: whole lines are used, the
 * rest waits for the next piece. `name` is for warnings. */
void ike_keyring_add_text(ike_keyring *ring, ike_key_source source, const char *name,
                          const char *text, size_t length, bool last);

/* Reads the key log file at `path` from where the last call ended (from the start when it shrank or
 * was replaced). Costs one stat when nothing changed. false: the file cannot be read (warned once).
 */
bool ike_keyring_follow_file(ike_keyring *ring, const char *path);

/* ---- one IKE SA ------------------------------------------------------------------------------ */

typedef struct ike_crypto ike_crypto; /* the key state of one IKE SA */

/* A new IKE SA; the ring is kept and must outlive it. Responder SPI 0 when not yet known. */
ike_crypto *ike_crypto_new(ike_keyring *ring, uint8_t major, uint64_t initiator_spi,
                           uint64_t responder_spi);
void ike_crypto_set_responder_spi(ike_crypto *crypto, uint64_t responder_spi);
void ike_crypto_free(ike_crypto *crypto); /* wipes; NULL is fine */

/* The algorithms of an IKE SA or CHILD_SA in IKEv2 transform numbers; 0 where there is none. */
typedef struct {
    uint16_t encryption, key_bits, integrity, prf, group;
    uint16_t additional[7]; /* ADDKE1-7, RFC 9370; 0 none */
    bool esn;
} ike_suite;

typedef struct {
    const uint8_t *data;
    size_t length;
} ike_span;

typedef struct {
    uint8_t encoding;
    ike_span data;
} ike_cert_span;

/* What one message tells for key derivation and authentication. Given on the first pass only, when
 * the message is plain or was opened with a valid ICV (IKEv1: a sound payload chain). */
typedef struct {
    uint8_t exchange;
    bool response;       /* IKEv2 */
    bool from_initiator; /* sender is the original initiator of the IKE SA */
    uint32_t message_id;
    ike_span message;   /* the whole IKE message, without non-ESP marker (AUTH covers SA_INIT) */
    ike_span plaintext; /* of SK, whole (IntAuth of RFC 9242); empty otherwise */
    ike_span nonce;
    uint16_t ke_group;
    ike_span ke;
    bool has_suite;         /* a response's chosen proposal, or a request's only one */
    uint8_t suite_protocol; /* 1 IKE, 2 AH, 3 ESP */
    ike_suite suite;
    uint64_t new_ike_spi; /* CREATE_CHILD_SA that rekeys the IKE SA: the sender's new SPI */
    uint32_t child_spi;   /* the sender's inbound ESP or AH SPI; 0 none */
    bool child_transport; /* USE_TRANSPORT_MODE present */
    uint8_t id_type;
    ike_span id_body;    /* of the sender */
    uint8_t auth_method; /* 0 when there is no AUTH */
    ike_span auth;
    const ike_cert_span *certs; /* of this message */
    size_t cert_count;
    bool use_ppk;     /* USE_PPK notify */
    bool use_ppk_int; /* USE_PPK_INT, RFC 9867 */
    bool has_ppk_id;  /* PPK_IDENTITY, which a response of RFC 8784 leaves empty */
    ike_span ppk_id;
    ike_span no_ppk_auth; /* NO_PPK_AUTH */
    ike_span link;        /* ADDITIONAL_KEY_EXCHANGE data, RFC 9370 */
    ike_span ticket; /* RFC 5723, of TICKET_OPAQUE, or of TICKET_LT_OPAQUE without the lifetime */
    ike_span eap;    /* EAP payload body */
    const uint16_t *sig_hashes; /* SIGNATURE_HASH_ALGORITHMS */
    size_t sig_hash_count;
    uint8_t source[16], destination[16]; /* addresses, for PSKs bound to one */
    uint8_t address_bytes;               /* 4, 16 or 0 */

    /* IKEv1 only. */
    uint16_t v1_encryption, v1_hash, v1_auth, v1_group, v1_prf,
        v1_key_bits;        /* chosen phase 1 transform */
    bool has_v1_suite;      /* exactly one transform: the choice of the answer */
    unsigned v1_transforms; /* how many there were */
    ike_span
        v1_sa_body; /* SA payload of the initiator, after the generic header (HASH_I, HASH_R) */
    ike_span v1_hash_data, v1_signature; /* HASH and SIG payload data */
    uint8_t v1_protocol;                 /* phase 2: protocol of the chosen proposal, 3 ESP */
    uint32_t v1_spi;                     /* phase 2: the sender's SPI */
    uint16_t v1_esp_transform, v1_esp_auth, v1_esp_key_bits, v1_encapsulation; /* phase 2 chosen */
    uint16_t v1_pfs_group;
} ike_key_inputs;

/* Takes in the facts of one message and derives what can be derived: keys of the SA, of the IKE SA
 * that replaces it, CHILD_SA keys. */
void ike_crypto_update_keys(ike_crypto *crypto, const ike_key_inputs *inputs);

/* The IKE SA that replaced this one in a CREATE_CHILD_SA just learned: it is made from the old
 * one's SK_d and handed to the caller, who owns it; NULL when there is none. */
ike_crypto *ike_crypto_take_rekeyed(ike_crypto *crypto);

/* The SPIs of the SA as it knows them: those of the *new* initiator and responder after a rekey. */
void ike_crypto_spis(const ike_crypto *crypto, uint64_t *initiator_spi, uint64_t *responder_spi);

/* ---- opening a sealed message ---------------------------------------------------------------- */

typedef enum {
    IKE_DECRYPT_OK,
    IKE_DECRYPT_NOT_BUILT, /* this build cannot decrypt */
    IKE_DECRYPT_NO_KEY,    /* no source has a key for this SA */
    IKE_DECRYPT_NO_SUITE,  /* a key, but the algorithms are unknown: SA_INIT or main mode not in the
                              capture */
    IKE_DECRYPT_BAD_ICV,   /* key known, the integrity check fails */
    IKE_DECRYPT_WRONG_KEY, /* IKEv1 or unauthenticated IKEv2: decrypts to garbage */
    IKE_DECRYPT_KEY_LENGTH, /* the key has not the length that the algorithm needs */
    IKE_DECRYPT_NO_CIPHER,  /* algorithm not in this OpenSSL (legacy provider missing) or not
                               supported */
    IKE_DECRYPT_SHORT,      /* too short for IV, one block and ICV */
    IKE_DECRYPT_BLOCK_SIZE, /* ciphertext no multiple of the block size */
    IKE_DECRYPT_PADDING,    /* pad length beyond the plaintext */
    IKE_DECRYPT_NO_IV,      /* IKEv1: the chain of IVs is broken; see first_good */
    IKE_DECRYPT_WRONG_PSK,  /* IKEv1: the shared secret is known, and with no PSK the message opens
                             */
    IKE_DECRYPT_INVALID_PLAINTEXT, /* IKEv1: keys that opened others of the SA do not open this
                                      message */
    IKE_DECRYPT_NO_SHARED, /* ESP: PFS, and the shared secret of its key exchange is not known */
    IKE_DECRYPT_NO_SK_D,   /* ESP: negotiated, but SK_d or SKEYID_d of its IKE SA is not known */
} ike_decrypt_status;

/* A sentence for the tree, static. */
const char *ike_decrypt_status_text(ike_decrypt_status status);

/* What a later pass needs to open the same message again; kept by the caller for each message. */
typedef struct {
    uint8_t generation; /* which keys of the SA (0 = none yet); IKE_INTERMEDIATE makes new ones */
    uint8_t status;     /* why it did not open */
    uint8_t iv_length;  /* IKEv1: the IV that opened it */
    uint8_t iv[16];
} ike_decrypt_hint;

/* One sealed payload. IKEv2: the SK or SKF body and what the ICV and AEAD cover. IKEv1: all after
 * the header. */
typedef struct {
    ike_span message; /* from the IKE header to the end of the message */
    ike_span body;    /* IKEv2: IV, ciphertext, ICV; IKEv1: ciphertext. Lies inside message */
    bool from_initiator;
    bool fragment;   /* SKF */
    bool first_pass; /* state may change */
    uint8_t exchange;
    uint8_t next_payload; /* IKEv1: first payload type, to judge the plaintext */
    uint32_t message_id;
    uint32_t frame;
} ike_encrypted_payload;

typedef struct {
    ike_decrypt_status status;
    uint8_t *plain; /* g_malloc'd, the caller frees with g_free; NULL when not opened. IKEv2:
                       without padding cut off: padding and pad length still at the end */
    size_t plain_length;
    size_t iv_length,
        icv_length; /* layout of an IKEv2 body; also set when only the algorithms are known */
    bool layout_known;
    bool icv_checked, icv_ok;
    uint8_t icv[32]; /* what it should be, when checked and wrong and computable */
    size_t icv_computed;
    uint8_t pad_length;
    /* IKEv1, IKE_DECRYPT_NO_IV with plain set: bytes before first_good are not plaintext but for
       the generic payload header at their head, which was found from what follows; the chain can be
       walked from byte 0. */
    size_t first_good;
    bool hash_checked, hash_ok; /* IKEv1: HASH at the head of a phase 2 or informational message */
    const char
        *key_source; /* what opened it, for the tree; static or owned by the ring; may be NULL */
    ike_decrypt_hint hint; /* to be kept for later passes */
} ike_decrypted_payload;

/* Opens one sealed payload. `hint` is NULL or all zero on the first pass, what the first pass gave
 * on later ones. Returns result->status == IKE_DECRYPT_OK. */
bool ike_crypto_decrypt(ike_crypto *crypto, const ike_encrypted_payload *encrypted,
                        const ike_decrypt_hint *hint, ike_decrypted_payload *result);

/* ---- what authentication came to --------------------------------------------------------------
 */

typedef enum {
    IKE_AUTH_UNKNOWN, /* cannot say: see reason */
    IKE_AUTH_VERIFIED,
    IKE_AUTH_WRONG,
} ike_auth_status;

typedef struct {
    ike_auth_status result;
    const char *reason; /* static text: "PSK matches", "no certificate in the capture", ... */
} ike_auth_result;

/* The verdict over the AUTH, HASH or SIG payload of one side, as far as it is known by now. */
ike_auth_result ike_crypto_auth(const ike_crypto *crypto, bool of_initiator);

/* ---- ESP --------------------------------------------------------------------------------------
 */

typedef struct ike_esp_sa ike_esp_sa; /* one direction of one CHILD_SA whose keys are known */

/* The SA of an ESP packet by SPI and destination address (NULL, 0 to match any), or NULL. O(1).
 * Looks into all CHILD_SAs derived so far and the ring's ESP keys. */
ike_esp_sa *ike_esp_find(ike_keyring *ring, uint32_t spi, const uint8_t *destination,
                         size_t address_bytes);

typedef struct {
    ike_decrypt_status status;
    uint8_t *plain; /* g_malloc'd: payload, padding, pad length, next header */
    size_t plain_length, iv_length, icv_length;
    bool icv_checked, icv_ok;
    uint8_t pad_length, next_header;
    uint32_t sequence_high; /* ESN that verified */
    bool transport;
} ike_decrypted_esp;

/* Opens one ESP packet (RFC 4303), `packet` from the SPI on. */
bool ike_esp_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result);

/* ---- public values ----------------------------------------------------------------------------- */

/* What is wrong with `value` as the key exchange data of a group (RFC 6989), as a static text; NULL:
 * nothing, or it cannot be said. */
const char *ike_public_value_fault(uint16_t group, ike_span value);

/* ---- certificates ------------------------------------------------------------------------------ */

/* What a DER certificate says; verifies nothing. NULL: it is none, or damaged. The caller frees it. */
ike_x509 *ike_x509_read(ike_span der);
void ike_x509_free(ike_x509 *certificate); /* NULL is fine */

/* ---- the end ----------------------------------------------------------------------------------
 */

/* Gives back what is shared by all key rings. Only when there is none any more; what is needed
 * comes back when one is made. */
void ike_decrypt_cleanup(void);

#endif
