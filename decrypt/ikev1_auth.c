/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies HASH_I, HASH_R and SIG of IKEv1. */
#include "ikev1_sa.h"

void ikev1_auth_learn(ike_crypto *crypto, const ike_key_facts *facts)
{
    (void)crypto, (void)facts;
}

void ikev1_auth_free(ikev1_auth_state *auth)
{
    (void)auth;
}

ike_auth_verdict ikev1_auth_verdict(const ike_crypto *crypto, bool of_initiator)
{
    (void)crypto, (void)of_initiator;
    return (ike_auth_verdict){IKE_AUTH_UNKNOWN, "Not verified"};
}
