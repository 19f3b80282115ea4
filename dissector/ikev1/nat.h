/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT-D and NAT-OA of IKEv1: nat.c. */
#ifndef IKEV1_NAT_H
#define IKEV1_NAT_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_nat_d;
ike_payload_fn ikev1_dissect_nat_oa;

void ikev1_register_nat(void);

#endif
