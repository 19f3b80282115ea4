/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Group Security Association of G-IKEv2: gikev2_policy.c. */
#ifndef IKE_GIKEV2_POLICY_H
#define IKE_GIKEV2_POLICY_H

#include "dissector/base/payload_chain.h"

ike_payload_fn gikev2_dissect_gsa;

void gikev2_register_policy(void);

#endif
