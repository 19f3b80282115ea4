/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys lack beside Ka. */
#ifndef IKEV1_COMPLETE_H
#define IKEV1_COMPLETE_H

#include "decrypt/ikev1/ikev1_sa.h"

/* Fills in SKEYID and its children from the other secrets of the ring. Costs nothing when they are
 * there, or the ring has not changed since the last time. */
void ikev1_complete(ikev1_sa *sa, ikev1_keys *keys);

#endif
