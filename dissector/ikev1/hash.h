/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payloads of IKEv1 that are bytes only: hash.c. */
#ifndef IKEV1_HASH_H
#define IKEV1_HASH_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_hash;
ike_payload_fn ikev1_dissect_signature;
ike_payload_fn ikev1_dissect_symmetric_key;

void ikev1_register_hash(void);

#endif
