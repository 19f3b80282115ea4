/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session resumption of IKEv2 (RFC 5723): the keys of the new IKE SA come from SK_d of the old one,
 * which is known by the ticket that it gave out, or is any that the key ring has. */
#ifndef IKEV2_RESUME_H
#define IKEV2_RESUME_H

#include "decrypt/ikev2/ikev2_sa.h"

/* Tickets given out and resumed with. A resumed SA takes its algorithms from the old one. */
void ikev2_resume_update(ike_crypto *crypto, const ike_key_inputs *inputs);

/* Nobody shall find this SA by its tickets any more: it goes. */
void ikev2_resume_free(ike_crypto *crypto);

/* Makes the keys of a resumed SA from every SK_d that may be the old one's, as ikev2_each_derived
 * does. false for an SA that was not resumed. */
bool ikev2_each_resumed(ike_crypto *crypto, bool (*spend)(void *user),
                        bool (*use)(void *user, ikev2_generation *generation), void *user);

#endif
