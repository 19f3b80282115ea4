/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key state of one IKEv1 SA. */
#ifndef IKEV1_SA_H
#define IKEV1_SA_H

#include "ike_crypto.h"

ikev1_sa *ikev1_sa_new(void);
void ikev1_sa_free(ikev1_sa *sa); /* NULL is fine */

void ikev1_learn(ike_crypto *crypto, const ike_key_facts *facts);
bool ikev1_open(ike_crypto *crypto, const ike_sealed *sealed, const ike_open_hint *hint,
                ike_opened *result);
ike_auth_verdict ikev1_auth_verdict(const ike_crypto *crypto, bool of_initiator);

#endif
