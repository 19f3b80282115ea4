/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register of algorithms: one row each. The rows carry IKEv2's transform numbers; the numbers
 * of IKEv1's registries and the names of tables, daemons and kernels lead to the same rows. All
 * lengths in bytes unless the name has bits. */
#ifndef IKE_ALGORITHM_H
#define IKE_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ike_numbers.h"

/* Largest values in the tables below, for buffers on the stack. */
enum {
    IKE_MAX_BLOCK = 16,
    IKE_MAX_ICV = 32,
    IKE_MAX_HASH = 64,
    IKE_MAX_ENCR_KEY = 60, /* Blowfish 448 bits; AEAD 256 bits and salt are shorter */
};

/* ---- encryption ------------------------------------------------------------------------------ */

typedef enum {
    IKE_MODE_NULL,
    IKE_MODE_CBC,
    IKE_MODE_CTR,
    IKE_MODE_GCM,
    IKE_MODE_CCM,
    IKE_MODE_POLY1305,    /* ChaCha20-Poly1305 */
    IKE_MODE_GMAC,        /* authentication without encryption, RFC 4543 */
    IKE_MODE_UNSUPPORTED, /* known by number and name, cannot be computed */
} ike_cipher_mode;

/* Beside transform type 1. */
enum {
    IKE_ENCR_SEED_CBC = 0xf000, /* of IKEv1's ESP alone */
    IKE_ENCR_RC4 = 0xf001,
};

typedef struct {
    uint16_t id;      /* IKEv2 transform type 1 */
    const char *name; /* "AES-CBC", without key length */
    ike_cipher_mode mode;
    uint16_t key_bits[4];  /* allowed, ends with 0; with key_range the least and the greatest */
    bool key_range;        /* any multiple of 8 between the two */
    uint16_t default_bits; /* without a Key Length attribute */
    uint16_t phase1_bits;  /* the same in IKEv1 phase 1 (RFC 2409 appendix B); 0: no other */
    uint8_t salt_length;   /* at the end of the key, RFC 5282, 5930, 7634 */
    uint8_t iv_length;     /* of the nonce's explicit part, or the CBC IV */
    uint8_t block_length;  /* the ciphertext is a multiple of this */
    uint8_t icv_length;    /* AEAD and GMAC; 0 for the others */
    bool implicit_iv;      /* RFC 8750: the IV is the sequence number and not on the wire */
    bool legacy;           /* OpenSSL keeps it in its legacy provider */
    const char *openssl;   /* with %u for the key bits, or the whole name */
} ike_encr;

/* The row of an ENCR transform number. NULL if unknown. A row may be one that is not supported. */
const ike_encr *ike_encr_find(uint16_t id);

/* Can it be computed? What only OpenSSL's legacy provider has is supported. */
bool ike_encr_is_supported(const ike_encr *encr);

/* The row of an Encryption Algorithm of IKEv1 phase 1 (RFC 2409 appendix A). NULL if none. */
const ike_encr *ike_encr_find_v1(uint16_t id);

/* The row of an ESP transform ID of IKEv1 phase 2 (RFC 2407 4.4.4). NULL if none. */
const ike_encr *ike_encr_find_v1_esp(uint16_t id);

/* May the cipher have a key of so many bits (salt not counted)? */
bool ike_encr_takes_bits(const ike_encr *encr, unsigned bits);

/* Does it authenticate too, so that there is no integrity algorithm? */
bool ike_encr_is_aead(const ike_encr *encr);

/* Bytes of key to take from KEYMAT or SK_e*: `bits` (0 = the default) and the salt. */
size_t ike_encr_key_length(const ike_encr *encr, unsigned bits);

/* Bytes of IV on the wire. */
size_t ike_encr_wire_iv(const ike_encr *encr);

/* ---- integrity ------------------------------------------------------------------------------- */

/* The constructions under integrity algorithms and PRFs. */
typedef enum {
    IKE_MAC_NONE, /* nothing is checked: NONE, and the "ANY n bits" rows with an ICV to skip */
    IKE_MAC_HMAC,
    IKE_MAC_XCBC, /* AES-XCBC-MAC, RFC 3566; as PRF RFC 4434 */
    IKE_MAC_CMAC, /* AES-CMAC, RFC 4493; as PRF RFC 4615 */
    IKE_MAC_GMAC, /* AES-GMAC of AH, RFC 4543: the ICV field is IV and tag */
} ike_mac_kind;

/* Transform type 3 (IANA). Those of key logs and tables alone have numbers from 0xf000 on: an ICV
 * of so many bits that is not checked, and field variants. */
enum {
    IKE_INTEGRITY_ANY = 0xf000,       /* + 64, 96, 128, 160, 192 or 256 */
    IKE_INTEGRITY_SHA256_96 = 0xf001, /* HMAC-SHA2-256 truncated to 96 bits by old Linux kernels */
    IKE_INTEGRITY_RIPEMD_96 = 0xf002, /* RFC 2857 */
};

typedef struct {
    uint16_t id;      /* IKEv2 transform type 3, or IKE_INTEGRITY_... */
    const char *name; /* as the built-in's decryption table has it, where it has it */
    ike_mac_kind kind;
    const char *digest; /* HMAC: OpenSSL's name */
    uint8_t key_length; /* GMAC: with the salt */
    uint8_t icv_length; /* on the wire; GMAC: with the IV */
} ike_integ;

/* The row of an INTEG transform number or IKE_INTEGRITY_..., or NULL when it is none that can be
 * computed. 0 gives the row NONE. */
const ike_integ *ike_integ_find(uint16_t id);

/* The truncation of the same MAC that other implementations use on the wire (HMAC-SHA-256-96 for
 * HMAC-SHA-256-128), or NULL. */
const ike_integ *ike_integ_field_variant(const ike_integ *integ);

/* The row of an Authentication Algorithm of IKEv1 phase 2 (RFC 2407 4.5). NULL if none. */
const ike_integ *ike_integ_find_v1_esp(uint16_t id);

/* ---- pseudo-random functions and hashes ------------------------------------------------------ */

typedef struct {
    uint16_t id; /* IKEv2 transform type 2 */
    ike_mac_kind kind;
    const char *digest;    /* HMAC: OpenSSL's name */
    uint8_t key_length;    /* preferred length: that of SK_d, SK_pi and SK_pr */
    uint8_t output_length; /* of one call */
} ike_prf_alg;

/* The row of a PRF transform number, or NULL. */
const ike_prf_alg *ike_prf_find(uint16_t id);

/* The row whose HMAC is the PRF of an IKEv1 phase 1 with this Hash Algorithm (RFC 2409 appendix A);
 * its digest is the negotiated hash itself. NULL if none. */
const ike_prf_alg *ike_hash_find_v1(uint16_t id);

/* ---- names ----------------------------------------------------------------------------------- */

/* Algorithms by the names that logs use, in any case: Wireshark's
 * ("AES-CBC-256 [RFC3602]", "HMAC-SHA-1-96 [RFC2404]"), Linux's ("rfc4106(gcm(aes))", "cbc(aes)",
 * "hmac(sha256)" with its truncation in bits), strongSwan's ("AES_CBC_256", "HMAC_SHA2_256_128").
 * key_bytes: length of the key with salt, for names that leave the key length open; 0 unknown.
 * truncation_bits: 0 unknown. false: unknown name. */
bool ike_encryption_by_name(const char *name, size_t key_bytes, uint16_t *encryption,
                            uint16_t *key_bits);
bool ike_integrity_by_name(const char *name, unsigned truncation_bits, uint16_t *integrity);

#endif
