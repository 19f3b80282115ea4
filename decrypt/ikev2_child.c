/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CHILD_SAs and rekeyed IKE SAs of IKEv2. */
#include "ikev2_child.h"

void ikev2_learn_child(ike_crypto *crypto, const ike_key_facts *facts)
{
    (void)crypto, (void)facts;
}
