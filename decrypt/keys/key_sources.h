/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key ring as its users see it: every secret known, from all sources. */
#ifndef IKE_KEY_SOURCES_H
#define IKE_KEY_SOURCES_H

#include <stdbool.h>

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
    IKE_SOURCE_GROUP,   /* Key Download payloads in the capture, GDOI and G-IKEv2 */
    IKE_SOURCES
} ike_key_source;

/* Removes and wipes what came from one source (before its preferences are applied again). */
void ike_keyring_clear(ike_keyring *ring, ike_key_source source);

/* The sources have given all that they will. When that was nothing, what IKE SAs negotiate in the
 * clear is not stored. */
void ike_keyring_close(ike_keyring *ring);

/* Whether no source has given or will give anything. */
bool ike_keyring_stays_empty(const ike_keyring *ring);

/* A number that grows with every change of the ring: failed trials are repeated only then. */
unsigned ike_keyring_revision(const ike_keyring *ring);

/* Whether a key log has, for the same IKE SA, a secret that another source has of which secrets were
 * used: it may be the other peer's log. `name`: ike_key_log.name. */
bool ike_keyring_agrees(const ike_keyring *ring, const char *name);

/* One row of "IKEv2 Decryption Table": hex text as the user wrote it, the algorithms by the names
 * that the built-in's table uses ("AES-CBC-256 [RFC3602]"). Returns NULL, or a static text that
 * names what is wrong with the row (key length against algorithm included). */
const char *ike_keyring_add_ikev2_row(ike_keyring *ring, const char *spi_i, const char *spi_r,
                                      const char *sk_ei, const char *sk_er, const char *encryption,
                                      const char *sk_ai, const char *sk_ar, const char *integrity);

/* One row of "IKEv1 Decryption Table": initiator cookie and encryption key, hex text. */
const char *ike_keyring_add_ikev1_row(ike_keyring *ring, const char *cookie, const char *key);

/* One row of the PSK table: peer is an identity, an address or "*"; psk is text, "0x" hex or "0s"
 * base64. */
const char *ike_keyring_add_psk_row(ike_keyring *ring, const char *peer, const char *psk);

#endif
