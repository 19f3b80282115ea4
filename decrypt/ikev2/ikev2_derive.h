/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of an IKEv2 SA by its key schedule: from SKEYSEED, or from the secrets of its key exchanges
 * (RFC 7296 2.14 and 2.18, RFC 9370 2.2). */
#ifndef IKEV2_DERIVE_H
#define IKEV2_DERIVE_H

#include "decrypt/ikev2/ikev2_sa.h"

/* The index of the last key exchange that both sides have answered; 0 when there is none. */
uint8_t ikev2_newest_exchange(const ikev2_sa *sa);

/* The keys that SKEYSEED makes with the SA's nonces, SPIs and algorithms. NULL when one of them is
 * not known. The caller frees it. */
ikev2_generation *ikev2_from_skeyseed(const ikev2_sa *sa, ike_span skeyseed);

/* The same with algorithms that the SA itself need not know. */
ikev2_generation *ikev2_from_skeyseed_for(const ikev2_sa *sa, const ike_algorithms *rows,
                                          ike_span skeyseed);

/* Derives with every shared secret and private value that the ring has for this SA (search->bound)
 * or for none, and hands each generation over to `use`, which owns it, until that returns true.
 * Charged to the search. Returns whether `use` was content. */
typedef bool (*ikev2_derived_use)(void *user, ikev2_generation *generation);
bool ikev2_each_derived(ikev2_sa *sa, ike_search *search, ikev2_derived_use use, void *user);

#endif
