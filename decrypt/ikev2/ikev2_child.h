/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an IKEv2 SA negotiates with its SK_d: Child SAs and the IKE SA that replaces it. */
#ifndef IKEV2_CHILD_H
#define IKEV2_CHILD_H

#include "decrypt/ikev2/ikev2_sa.h"

/* A message of IKE_AUTH, CREATE_CHILD_SA or IKE_FOLLOWUP_KE. */
void ikev2_update_child(ikev2_sa *sa, const ike_key_inputs *inputs);

/* The whole list of unfinished exchanges; NULL is fine. */
void ikev2_pending_free(ikev2_pending *first);

#endif
