/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Microsoft's AuthIP: authip.c. */
#ifndef IKEV1_AUTHIP_H
#define IKEV1_AUTHIP_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_gss_token;
ike_payload_fn ikev1_dissect_authip_crypto;
ike_payload_fn ikev1_dissect_gss_id;
ike_payload_fn ikev1_dissect_authip_auth;
ike_payload_fn ikev1_dissect_key_dictation;
ike_payload_fn ikev1_dissect_dictation_weight;

/* Whether the message belongs to AuthIP: payloads in clear follow the header whatever its
 * encryption flag, and notifications have no SPI. */
bool ikev1_is_authip(const ike_message *msg);

void ikev1_register_authip(void);

#endif
