/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an IKEv2 SA negotiates with its SK_d: CHILD_SAs and the IKE SA that replaces it. */
#ifndef IKEV2_CHILD_H
#define IKEV2_CHILD_H

#include "decrypt/ikev2/ikev2_sa.h"

/* Facts of IKE_AUTH, CREATE_CHILD_SA and IKE_FOLLOWUP_KE. */
void ikev2_update_child(ike_crypto *crypto, const ike_key_inputs *inputs);

/* The whole list of unfinished exchanges; NULL is fine. */
void ikev2_pending_free(ikev2_pending *first);

#endif
