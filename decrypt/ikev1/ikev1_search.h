/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of an IKEv1 SA among all secrets. */
#ifndef IKEV1_SEARCH_H
#define IKEV1_SEARCH_H

#include "decrypt/ikev1/ikev1_sa.h"

/* Looks for keys that decrypt the message in all that the ring has. NULL: the reason is in *why. */
ikev1_keys *ikev1_find_keys(ikev1_sa *sa, const ike_encrypted_payload *encrypted,
                            ike_decrypt_status *why);

/* ikev1_complete.c: what keys lack beside Ka. */
/* Fills in SKEYID and its children from the other secrets of the ring. Costs nothing when they are
 * there, or the ring has not changed since the last time. */
void ikev1_complete(ikev1_sa *sa, ikev1_keys *keys);

#endif
