/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifies HASH_I, HASH_R and SIG of IKEv1 phase 1 (RFC 2409 5.1 to 5.4). */
#ifndef IKEV1_AUTH_H
#define IKEV1_AUTH_H

#include "decrypt/ikev1/ikev1_sa.h"

void ikev1_auth_update(ikev1_sa *sa, const ike_key_inputs *inputs);
void ikev1_auth_swap_sides(ikev1_auth_state *auth); /* NULL is fine */

void ikev1_auth_free(ikev1_auth_state *auth); /* NULL is fine */
ike_auth_result ikev1_auth_result(ikev1_sa *sa, bool of_initiator);

/* ikev1_complete.c: whether the logs of the two sides have derived different SKEYIDs of the PSK, and messages decrypt
 * with one of them (RFC 2409 5.4). */
bool ikev1_has_other_psk(const ikev1_sa *sa);

/* What verified of a side: the frame of its HASH or SIG, and the body of the ID payload that this
 * covers; 0 and empty when nothing did. */
typedef struct {
    uint32_t frame;
    ike_span id;
} ikev1_authenticated;
ikev1_authenticated ikev1_auth_verified(const ikev1_sa *sa, bool of_initiator);

#endif
