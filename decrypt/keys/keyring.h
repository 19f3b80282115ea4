/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inner side of the key ring: how the readers of key logs and tables put secrets in, and the
 * stores in which they are found.
 *
 * All bytes are copied; the caller wipes his own. Lengths beyond what a kind can have are refused
 * (false), so that a hostile log costs memory in proportion to itself. */
#ifndef IKE_KEYRING_H
#define IKE_KEYRING_H

#include "decrypt/crypto/algorithm.h" /* names and numbers for the readers */
#include "decrypt/keys/esp_keys.h"
#include "decrypt/keys/key_sources.h"
#include "decrypt/keys/peer_keys.h"
#include "decrypt/keys/sa_keys.h"

/* ---- where secrets come from ----------------------------------------------------------------- */

/* What is added from now on comes from this line of this file (row of this table); `name` is
 * copied, NULL and 0 when unknown. */
void ike_keyring_set_origin(ike_keyring *ring, const char *name, unsigned line);

/* Where a key comes from, for the tree: "key log file charon.log:12 (SK_e, AES-CBC-256)". Static or
 * as long as the ring. `algorithm` may be NULL. */
const char *ike_keyring_origin_text(ike_keyring *ring, const ike_key_origin *origin,
                                    const char *algorithm);

/* The same of a secret that decrypted or verified something, which is recorded. */
const char *ike_keyring_used_text(ike_keyring *ring, const ike_key_origin *origin,
                                  const char *algorithm);

/* Records that a secret of this origin decrypted or verified something; asks it of a name. */
void ike_keyring_mark_used(ike_keyring *ring, const ike_key_origin *origin);
bool ike_keyring_is_used(const ike_keyring *ring, const char *name);

/* ---- secrets of an IKE SA -------------------------------------------------------------------- */

/* A new, empty set. version is 1 or 2, or 0 when the log does not tell. An empty set is never
 * tried. */
ike_set_id ike_keyring_new_set(ike_keyring *ring, ike_key_source source, uint8_t version);

/* Puts a secret into a set. A second secret of a kind replaces the first, except DH secrets, which
 * are appended. false: no such set, empty, or too long (4,096 bytes). */
bool ike_keyring_set_secret(ike_keyring *ring, ike_set_id set, ike_secret_kind kind,
                            ike_span secret);

/* Whether the set has a secret of this kind already. */
bool ike_keyring_set_has(const ike_keyring *ring, ike_set_id set, ike_secret_kind kind);

/* The algorithms of the set, when the log names them. Without them those of the capture's
 * negotiation are used, or what fits the lengths of the keys is tried. integrity may be one of
 * IKE_INTEGRITY_... of algorithm.h. */
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

/* ---- secrets of peers and of ESP ------------------------------------------------------------- */

/* As ike_peer_keys_add(). */
bool ike_keyring_add_peer(ike_keyring *ring, ike_key_source source, ike_peer_kind kind,
                          const char *peer, ike_span secret);

/* As ike_esp_keys_add(). */
bool ike_keyring_add_esp(ike_keyring *ring, ike_key_source source, const ike_esp_key *key);

/* ---- rows of the tables: the next row of the table is the origin ----------------------------- */

/* An empty set for a row of the decryption table of IKEv1 or IKEv2. */
ike_set_id ike_keyring_new_row(ike_keyring *ring, uint8_t version);

/* As ike_keyring_add_peer(), for a row of the PSK table. */
bool ike_keyring_add_psk_of_row(ike_keyring *ring, const char *peer, ike_span psk);

/* ---- for the readers ------------------------------------------------------------------------- */

/* Warns of a line that looks like a secret and is not complete. */
void ike_keyring_complain(ike_keyring *ring, const char *source, unsigned line, const char *why);

/* The state of a source's reader, NULL at first; freed with `free_reader` when the source is
 * cleared and when the ring goes. */
void *ike_keyring_reader(const ike_keyring *ring, ike_key_source source);
void ike_keyring_set_reader(ike_keyring *ring, ike_key_source source, void *reader,
                            void (*free_reader)(void *reader));

/* ---- for those who look for keys ------------------------------------------------------------- */

ike_sa_keys *ike_keyring_sa_keys(const ike_keyring *ring);
const ike_peer_keys *ike_keyring_peer_keys(const ike_keyring *ring);
const ike_esp_keys *ike_keyring_esp_keys(const ike_keyring *ring);

/* Whether no source will give more: ike_keyring_close(). */
bool ike_keyring_is_closed(const ike_keyring *ring);

/* Grows when secrets were removed. */
unsigned ike_keyring_clearings(const ike_keyring *ring);

#endif
