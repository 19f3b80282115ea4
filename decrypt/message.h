/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes into decrypt/ with each message, and what comes out. */
#ifndef IKE_DECRYPT_MESSAGE_H
#define IKE_DECRYPT_MESSAGE_H

#include "decrypt/crypto/authentication.h"
#include "decrypt/crypto/suite.h"
#include "proto/ike_span.h"

/* ---- what a message brings for key derivation and authentication ----------------------------- */

/* A proposal's number, protocol (1 IKE, 2 AH, 3 ESP) and SPI of 4 or 8 bytes; 0 none. */
typedef struct {
    uint8_t number, protocol;
    uint64_t spi;
} ike_proposal_spi;

typedef struct {
    uint8_t encoding;
    ike_span data;
} ike_cert_span;

/* What one message brings. Given on the first pass only, when the message is not encrypted, or was
 * decrypted with a valid ICV (IKEv1: a sound payload chain). */
typedef struct {
    uint8_t exchange;
    bool response;       /* IKEv2 */
    bool from_initiator; /* sender is the original initiator of the IKE SA */
    bool authentic;      /* ike_decrypt_hint.authentic of its encrypted payload */
    uint8_t generation;  /* ike_decrypt_hint.generation: the keys that decrypted it */
    uint32_t message_id;
    uint32_t frame;
    ike_span message;   /* the whole IKE message, without non-ESP marker (AUTH covers SA_INIT) */
    ike_span plaintext; /* of SK, whole (IntAuth of RFC 9242); empty otherwise */
    ike_span nonce;
    uint16_t ke_group;
    ike_span ke;
    const ike_proposal_spi *proposals; /* of this message, in their order */
    size_t proposal_count;
    uint8_t proposal_number; /* of the proposal that the fields below are about */
    bool has_suite;          /* a response's chosen proposal, or a request's only one */
    uint8_t suite_protocol;  /* 1 IKE, 2 AH, 3 ESP */
    ike_suite suite;
    uint64_t new_ike_spi; /* CREATE_CHILD_SA that rekeys the IKE SA: the sender's new SPI */
    uint32_t child_spi;   /* the sender's inbound ESP or AH SPI; 0 none */
    bool child_transport; /* USE_TRANSPORT_MODE present */
    ike_span id_body;     /* of the sender */
    uint8_t auth_method;  /* 0 when there is no AUTH */
    ike_span auth;
    const ike_cert_span *certs; /* of this message */
    size_t cert_count;
    bool use_ppk;    /* USE_PPK notify */
    bool has_ppk_id; /* PPK_IDENTITY, which a response of RFC 8784 leaves empty */
    ike_span ppk_id;
    ike_span link;   /* ADDITIONAL_KEY_EXCHANGE data, RFC 9370 */
    ike_span ticket; /* RFC 5723, of TICKET_OPAQUE, or of TICKET_LT_OPAQUE without the lifetime */
    ike_span eap;    /* EAP payload body */
    uint8_t source[16], destination[16]; /* addresses, for PSKs bound to one */
    uint8_t address_bytes;               /* 4, 16 or 0 */

    /* IKEv1 only. */
    uint16_t v1_encryption, v1_hash, v1_auth, v1_group, v1_prf,
        v1_key_bits;   /* chosen phase 1 transform */
    bool has_v1_suite; /* exactly one transform: the choice of the answer */
    ike_span
        v1_sa_body; /* SA payload of the initiator, after the generic header (HASH_I, HASH_R) */
    ike_span v1_hash_data, v1_signature; /* HASH and SIG payload data */
    uint8_t v1_protocol;                 /* phase 2: protocol of the chosen proposal, 3 ESP */
    uint32_t v1_spi;                     /* phase 2: the sender's SPI */
    uint16_t v1_esp_transform, v1_esp_auth, v1_esp_key_bits, v1_encapsulation; /* phase 2 chosen */
    uint16_t v1_pfs_group;
    uint32_t v1_ah_spi; /* of the AH proposal in a bundle with ESP (RFC 2408 4.2); 0 none */
    uint16_t v1_ah_auth;

    const struct ike_group_download *group; /* of GDOI and G-IKEv2; NULL none */
} ike_key_inputs;

/* Whether a message to a group is from its key server. */
typedef enum {
    IKE_GROUP_AUTH_NONE,     /* no such message */
    IKE_GROUP_AUTH_IMPLICIT, /* not signed: a member may have sent it */
    IKE_GROUP_AUTH_VERIFIED,
    IKE_GROUP_AUTH_NO_KEY, /* the key server's public key is not known */
    IKE_GROUP_AUTH_UNSUPPORTED,
    IKE_GROUP_AUTH_WRONG,
    IKE_GROUP_AUTH_MISSING,  /* the policy of the group demands a signature */
    IKE_GROUP_AUTH_REPLAYED, /* its sequence number is not higher than an earlier one */
} ike_group_auth;

/* The same as a result for the tree. */
ike_auth_result ike_group_auth_result(ike_group_auth auth);

/* ---- encrypted payloads ---------------------------------------------------------------------- */

typedef enum {
    IKE_DECRYPT_OK,
    IKE_DECRYPT_NOT_BUILT, /* this build cannot decrypt */
    IKE_DECRYPT_NO_KEY,    /* no source has a key for this SA */
    IKE_DECRYPT_NO_SUITE,  /* a key, but the algorithms are unknown: SA_INIT or main mode not in the
                              capture */
    IKE_DECRYPT_BAD_ICV,   /* key known, the integrity check fails: not authentic */
    IKE_DECRYPT_WRONG_KEY, /* IKEv1 or unauthenticated IKEv2: invalid plaintext */
    IKE_DECRYPT_KEY_LENGTH,        /* invalid key length for the algorithm */
    IKE_DECRYPT_NO_CIPHER,         /* algorithm not in this OpenSSL (legacy provider missing) */
    IKE_DECRYPT_SHORT,             /* too short for IV, one block and ICV */
    IKE_DECRYPT_BLOCK_SIZE,        /* ciphertext no multiple of the block size */
    IKE_DECRYPT_PADDING,           /* pad length beyond the plaintext */
    IKE_DECRYPT_NO_IV,             /* IKEv1: the chain of IVs is broken; see first_good */
    IKE_DECRYPT_WRONG_PSK,         /* IKEv1: the shared secret is known, and no PSK makes a key that
                                     decrypts         the message */
    IKE_DECRYPT_INVALID_PLAINTEXT, /* IKEv1: keys that decrypted others of the SA do not decrypt
                                      this message */
    IKE_DECRYPT_NO_SHARED,    /* ESP: PFS, and the shared secret of its key exchange is not known */
    IKE_DECRYPT_NO_SK_D,      /* ESP: negotiated, but SK_d or SKEYID_d of its IKE SA is not known */
    IKE_DECRYPT_UNSUPPORTED,  /* a negotiated algorithm is known and cannot be computed */
    IKE_DECRYPT_NO_GROUP_KEY, /* Rekey SA of a group: no key download brought its keys */
    IKE_DECRYPT_NOT_AUTHENTIC, /* decrypted, or keys are verified: this message's ICV or HASH is
                                  wrong */
    IKE_DECRYPT_NO_PSK,        /* IKEv1: the shared secret is known, but no PSK for the peer */
    IKE_DECRYPT_NO_PPK,        /* ESP: a PPK was negotiated that is not known */
    IKE_DECRYPT_OTHER_VALUE,   /* a private value that makes neither of the public values */
    IKE_DECRYPT_NOT_ALL_TRIED, /* more secrets that are bound to nothing than may be tried */
    IKE_DECRYPT_STATUSES
} ike_decrypt_status;

/* A phrase for the tree, static. */
const char *ike_decrypt_status_text(ike_decrypt_status status);

/* What a later pass needs to decrypt the same message again; the caller keeps it per message. */
typedef struct {
    uint8_t generation; /* which keys of the SA (0 = none yet); IKE_INTERMEDIATE makes new ones */
    uint8_t status;     /* why it was not decrypted */
    bool authentic;     /* first pass: its ICV or HASH was right */
    bool forged;        /* first pass, IKEv1: its HASH was wrong */
    bool
        unconfirmed; /* IKEv1: decrypted but for its head, as its IV is not known, and others of the
                        SA are verified: it follows a lost message, or has blocks of another one */
    uint8_t group_auth; /* ike_group_auth */
    uint8_t iv_length;  /* IKEv1: the IV that decrypted it */
    uint8_t iv[16];
} ike_decrypt_hint;

/* One encrypted payload. IKEv2: the SK or SKF body and what the ICV and AEAD cover. IKEv1: all
 * after the header. */
typedef struct {
    ike_span message; /* from the IKE header to the end of the message */
    ike_span body;    /* IKEv2: IV, ciphertext, ICV; IKEv1: ciphertext. Lies inside message */
    bool from_initiator;
    bool fragment;   /* SKF */
    bool first_pass; /* state may change */
    uint8_t exchange;
    uint8_t next_payload; /* first payload type inside */
    uint32_t message_id;
} ike_encrypted_payload;

typedef struct {
    ike_decrypt_status status;
    uint8_t *plain; /* g_malloc'd, the caller frees with g_free; NULL when not decrypted. IKEv2:
                       with its padding: padding and pad length still at the end */
    size_t plain_length;
    size_t iv_length,
        icv_length; /* layout of an IKEv2 body; also set when only the algorithms are known */
    bool layout_known;
    bool misfit; /* IKEv2: the algorithms that were negotiated make no message of this length */
    bool icv_checked, icv_ok;
    uint8_t icv[32]; /* what it should be, when checked and wrong and computable */
    size_t icv_computed;
    uint8_t pad_length;
    /* IKEv1, IKE_DECRYPT_NO_IV with plain set: bytes before first_good are not plaintext but for
       the generic payload header at their head, which was found from what follows; the chain can be
       walked from byte 0. */
    size_t first_good;
    bool hash_checked, hash_ok; /* IKEv1: HASH at the head of a phase 2 or informational message */
    bool damaged; /* IKEv1 phase 1: HASH or SIG is right, what it does not cover shows damage */
    uint8_t hash_number; /* n of the HASH(n) that is right; 0 not known */
    const char
        *key_source; /* what decrypted it, for the tree; static or owned by the ring; may be NULL */
    const char *refused;   /* what did not, as ike_refusal_text() */
    ike_decrypt_hint hint; /* to be kept for later passes */
} ike_decrypted_payload;

/* ---- ESP ------------------------------------------------------------------------------------- */

typedef struct {
    ike_decrypt_status status;
    uint8_t *plain; /* g_malloc'd: payload, padding, pad length, next header */
    size_t plain_length, iv_length, icv_length;
    bool icv_checked, icv_ok;
    uint8_t pad_length, next_header;
    uint32_t sequence_high; /* ESN that verified */
    bool transport;
    bool truncated_icv;     /* HMAC-SHA-256-128 was negotiated, the ICV has 96 bits */
    const char *key_source; /* what decrypted it, for the tree; as long as the ring; may be NULL */
    const char *refused;    /* what did not; likewise */
} ike_decrypted_esp;

/* ---- AH -------------------------------------------------------------------------------------- */

/* One packet as the ICV covers it (RFC 4302 3.3.3): IP header and AH up to the ICV field, with what
 * routers may change as zeros; the ICV field as sent, padding included; what is behind AH. */
typedef struct {
    ike_span before, icv, after;
} ike_ah_packet;

typedef struct {
    ike_decrypt_status status;
    bool icv_checked, icv_ok;
    size_t icv_length;      /* without padding; 0 not known */
    uint32_t sequence_high; /* ESN that verified */
    const char *key_source; /* as long as the ring */
    const char *refused;    /* what did not verify it; likewise; may be NULL */
} ike_verified_ah;

/* Where lines of text go, each with its line feed. */
typedef void (*ike_write_line)(const char *line, void *user);

#endif
