/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets of peers: PSKs, PPKs and passwords, by identity, by address, or for every peer. */
#ifndef IKE_PEER_KEYS_H
#define IKE_PEER_KEYS_H

#include "decrypt/keys/origin.h"
#include "proto/ike_span.h"

typedef enum {
    IKE_PEER_PSK,
    IKE_PEER_PPK,      /* RFC 8784; the peer is the PPK_ID */
    IKE_PEER_PASSWORD, /* EAP-MSCHAPv2, XAUTH */
    IKE_PEER_KINDS
} ike_peer_kind;

typedef struct ike_peer_keys ike_peer_keys;

ike_peer_keys *ike_peer_keys_new(void);
void ike_peer_keys_free(ike_peer_keys *peers); /* wipes */
void ike_peer_keys_clear(ike_peer_keys *peers, ike_key_source source);
unsigned ike_peer_keys_revision(const ike_peer_keys *peers);

/* peer: an identity as people write it (a.example, user@example, an address, a distinguished name),
 * or "*" or NULL for every peer. The same secret for the same peer again changes nothing. false:
 * empty or too long. */
bool ike_peer_keys_add(ike_peer_keys *peers, const ike_key_origin *origin, ike_peer_kind kind,
                       const char *peer, ike_span secret);

/* The secrets for a peer: those of `identity` (may be NULL), then those of `address` (bytes 0, 4,
 * 16), then those for every peer, each in the order of adding. Calls `use` for each until it
 * returns true; returns whether it did. */
typedef bool (*ike_peer_use)(void *user, ike_span secret, const ike_key_origin *origin);
bool ike_peer_keys_each(const ike_peer_keys *peers, ike_peer_kind kind, const char *identity,
                        const uint8_t *address, size_t address_length, ike_peer_use use,
                        void *user);

#endif
