/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies of group SAs in the terms of the register of algorithms. */
#ifndef IKE_GROUP_KEYS_H
#define IKE_GROUP_KEYS_H

#include "decrypt/crypto/algorithm_set.h"
#include "decrypt/keys/esp_keys.h"
#include "proto/ike_group.h"

/* The algorithms of a policy, AH with a NULL cipher. false: one is not supported. */
bool ike_group_algorithms(const ike_group_policy *policy, ike_algorithms *algorithms);

/* A key of ESP or AH without its bytes. `policy` may be NULL: the algorithms are not known then.
 * false: no SPI of four bytes, or no such protocol. */
bool ike_group_esp_key(const ike_group_policy *policy, uint8_t protocol, ike_bytes spi,
                       ike_esp_key *key);

/* The origin of a key that was downloaded in this frame; `secret` is static. */
ike_key_origin ike_group_origin(const char *secret, uint32_t frame);

#endif
