/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of an IKEv2 SA among all secrets. */
#ifndef IKEV2_SEARCH_H
#define IKEV2_SEARCH_H

#include "decrypt/ikev2/ikev2_sa.h"

/* Looks for keys whose ICV fits, in everything that the ring and the exchanges have. Returns the
 * new generation, not yet stored, or NULL with the best reason in *why. */
ikev2_generation *ikev2_find_keys(ikev2_sa *sa, const ike_encrypted_payload *encrypted,
                                  ike_decrypt_status *why);

/* The row of the user's table for this SA with its algorithms: what may be shown though the ICV
 * is wrong. NULL if there is none. The caller frees it. */
ikev2_generation *ikev2_table_keys(const ikev2_sa *sa);

/* ikev2_complete.c: what keys lack beside SK_e and SK_a. */
/* Fills in what a verified generation lacks (SK_d, SK_pi, SK_pr, the PRF) from the other secrets of
 * the ring. Costs nothing when it lacks nothing, or the ring has not changed since the last time.
 */
void ikev2_complete(ikev2_sa *sa, ikev2_generation *generation);

/* Whether there is nothing that ikev2_complete() could fill in. */
bool ikev2_is_complete(const ikev2_generation *generation);

#endif
