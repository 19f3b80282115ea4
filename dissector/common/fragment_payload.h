/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fragment payload (132) of Cisco and Microsoft: fragment_payload.c. */
#ifndef IKE_FRAGMENT_PAYLOAD_H
#define IKE_FRAGMENT_PAYLOAD_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ike_dissect_fragment_payload;

void ike_register_fragment_payload(void);

#endif
