/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys lack beside SK_e and SK_a. */
#ifndef IKEV2_COMPLETE_H
#define IKEV2_COMPLETE_H

#include "decrypt/ikev2/ikev2_sa.h"

/* Fills in what a verified generation lacks (SK_d, SK_pi, SK_pr, the PRF) from the other secrets of
 * the ring. Costs nothing when it lacks nothing, or the ring has not changed since the last time.
 */
void ikev2_complete(ikev2_sa *sa, ikev2_generation *generation);

/* Whether there is nothing that ikev2_complete() could fill in. */
bool ikev2_is_complete(const ikev2_generation *generation);

#endif
