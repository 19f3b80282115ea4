/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Session resumption of IKEv2 (RFC 5723): the keys of the new IKE SA come from SK_d of the old one,
 * which is known by the ticket that it gave out, or is any that the key ring has. */
#ifndef IKEV2_RESUME_H
#define IKEV2_RESUME_H

#include "decrypt/ikev2/ikev2_derive.h"

/* Tickets given out. */
void ikev2_resume_update(ikev2_sa *sa, const ike_key_inputs *inputs);

/* A resumed SA has no proposal: its algorithms are those of the SA that gave out its ticket (RFC
 * 5723 5.1). */
void ikev2_resume_suite(ikev2_sa *sa);

/* The SA goes: it is found by its tickets no more. */
void ikev2_resume_free(ikev2_sa *sa);

/* Makes the keys of a resumed SA as ikev2_each_derived() does: from SK_d of the SA that gave out
 * the ticket (search->bound), or any of the key ring. false for an SA that was not resumed. */
bool ikev2_each_resumed(ikev2_sa *sa, ike_search *search, ikev2_derived_use use, void *user);

#endif
