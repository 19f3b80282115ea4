/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies the AUTH payloads of IKEv2 (RFC 7296 2.15 and 2.16). */
#ifndef IKEV2_AUTH_H
#define IKEV2_AUTH_H

#include "ikev2_sa.h"

void ikev2_auth_learn(ike_crypto *crypto, const ike_key_facts *facts);
void ikev2_auth_free(ikev2_auth *auth); /* NULL is fine */

ike_auth_verdict ikev2_auth_verdict(const ike_crypto *crypto, bool of_initiator);

#endif
