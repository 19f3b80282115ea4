/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the keys out of Key Download payloads. */
#ifndef IKE_GROUP_DOWNLOAD_H
#define IKE_GROUP_DOWNLOAD_H

#include "decrypt/group/group_store.h"
#include "decrypt/keys/esp_keys.h"

/* gdoi_download.c: Key Download of GDOI (RFC 6407 5.6): the KEK of GROUPKEY-PUSH, its signature
 * key, and the TEKs of ESP and AH. */

/* Of an authentic message alone. `over`: the KEK that it was pushed under, or NULL. `frame`: where
 * it is, for the tree. */
void ike_gdoi_download(ike_sa_base *base, const ike_group_download *download,
                       const ike_rekey_sa *over, uint32_t frame);

/* gdoi_hierarchy.c: A logical key hierarchy (RFC 6407 5.6.3): keys that encrypt others, up to the
 * KEK. */

/* Takes in one key of an array. Calls `use` with its IV and key, or with what they may be when they
 * are encrypted under keys of which several are known by that name; never where none is known. */
typedef void (*ike_lkh_use)(void *user, ike_span key);
void ike_lkh_update(ike_group_store *store, const ike_group_key *key, ike_lkh_use use, void *user);

/* gikev2_download.c: Key Download of G-IKEv2 (RFC 9838 3 and 4.5): Rekey SAs for GSA_REKEY, keys of
 * ESP and AH, key wrap keys. */

/* What the default key wrap key (KWK ID 0) may be, for a message of one IKE SA or Rekey SA. */
enum { IKE_MAX_DEFAULT_KWK = 16 };
typedef struct {
    ike_span keys[IKE_MAX_DEFAULT_KWK];
    unsigned count;
} ike_default_kwk;

/* Of an authentic message alone. `over`: the Rekey SA that it came over, or NULL. `frame`: where it
 * is, for the tree. Returns how many keys were unwrapped. */
unsigned ike_gikev2_download(ike_sa_base *base, const ike_group_download *download,
                             const ike_default_kwk *kwk, ike_rekey_sa *over, uint32_t frame);

/* group_keys.c: Policies of group SAs in the terms of the register of algorithms. */

/* The algorithms of a policy, AH with a NULL cipher. false: one is not supported. */
bool ike_group_algorithms(const ike_group_policy *policy, ike_algorithms *algorithms);

/* A key of ESP or AH without its bytes. `policy` may be NULL: the algorithms are not known then.
 * false: no SPI of four bytes, or no such protocol. */
bool ike_group_esp_key(const ike_group_policy *policy, uint8_t protocol, ike_span spi,
                       ike_esp_key *key);

/* The cipher of KEK_ALG_DES, KEK_ALG_3DES and KEK_ALG_AES (RFC 6407 5.3.3) in IKEv2's numbers; 0
 * none. */
uint16_t ike_group_kek_cipher(uint16_t algorithm);

/* The origin of a key that was downloaded in this frame; `secret` is static. */
ike_key_origin ike_group_origin(const char *secret, uint32_t frame);

#endif
