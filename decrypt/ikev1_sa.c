/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKEv1 SA. */
#include "ikev1_sa.h"

struct ikev1_sa {
    bool has_suite;
};

ikev1_sa *ikev1_sa_new(void)
{
    return g_new0(ikev1_sa, 1);
}

void ikev1_sa_free(ikev1_sa *sa)
{
    g_free(sa);
}

void ikev1_learn(ike_crypto *crypto, const ike_key_facts *facts)
{
    crypto->v1->has_suite = crypto->v1->has_suite || facts->has_v1_suite;
}

bool ikev1_open(ike_crypto *crypto, const ike_sealed *sealed, const ike_open_hint *hint,
                ike_opened *result)
{
    (void)crypto, (void)sealed, (void)hint;
    result->status = IKE_OPEN_NO_KEY;
    return false;
}

ike_auth_verdict ikev1_auth_verdict(const ike_crypto *crypto, bool of_initiator)
{
    (void)crypto, (void)of_initiator;
    return (ike_auth_verdict){IKE_AUTH_UNKNOWN, "Not verified"};
}
