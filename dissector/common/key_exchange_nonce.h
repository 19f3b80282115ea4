/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Exchange and Nonce of both versions: key_exchange_nonce.c. */
#ifndef IKE_KEY_EXCHANGE_NONCE_H
#define IKE_KEY_EXCHANGE_NONCE_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_ke;
ike_payload_fn ikev2_dissect_ke;
ike_payload_fn ike_dissect_nonce;

void ikev2_register_ke(void);

#endif
