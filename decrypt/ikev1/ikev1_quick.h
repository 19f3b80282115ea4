/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quick mode (RFC 2409 5.5). */
#ifndef IKEV1_QUICK_H
#define IKEV1_QUICK_H

#include "decrypt/ikev1/ikev1_sa.h"

void ikev1_update_quick(ikev1_sa *sa, const ike_key_inputs *inputs);

/* The nonces of a quick mode as far as they were seen; the first sender's is i. */
ike_nonces ikev1_quick_nonces(const ikev1_sa *sa, uint32_t message_id);

#endif
