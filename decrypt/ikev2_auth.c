/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies the AUTH payloads of IKEv2. */
#include "ikev2_auth.h"

void ikev2_auth_learn(ike_crypto *crypto, const ike_key_facts *facts)
{
    (void)crypto, (void)facts;
}

void ikev2_auth_free(ikev2_auth *auth)
{
    (void)auth;
}

ike_auth_verdict ikev2_auth_verdict(const ike_crypto *crypto, bool of_initiator)
{
    (void)crypto, (void)of_initiator;
    return (ike_auth_verdict){IKE_AUTH_UNKNOWN, "Not verified"};
}
