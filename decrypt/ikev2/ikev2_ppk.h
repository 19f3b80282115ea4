/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postquantum preshared keys (RFC 8784, RFC 9867). */
#ifndef IKEV2_PPK_H
#define IKEV2_PPK_H

#include "decrypt/ikev2/ikev2_sa.h"

/* The PPK that IKE_INTERMEDIATE or IKE_AUTH names. */
void ikev2_ppk_update(ikev2_sa *sa, const ike_key_inputs *inputs);

/* Whether one was negotiated that this AUTH or SK_d has mixed in. */
bool ikev2_ppk_negotiated(const ikev2_sa *sa);

/* Hands every PPK that can be meant over to `use`, until it returns true. */
bool ikev2_each_ppk(const ikev2_sa *sa, ike_peer_use use, void *user);

/* What SK_d of these keys may be, numbered from 0, the likeliest first: with the PPK that AUTH or
 * the log showed to be right, else with each that may be meant, and as derived. false: there is
 * none of this number. The caller clears `sk_d`. */
bool ikev2_sk_d(const ikev2_sa *sa, const ikev2_generation *generation, unsigned variant,
                ike_secret *sk_d);

#endif
