/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Download of G-IKEv2: gikev2_keys.c. */
#ifndef IKE_GIKEV2_KEYS_H
#define IKE_GIKEV2_KEYS_H

#include "dissector/base/payload_chain.h"

ike_payload_fn gikev2_dissect_kd;

void gikev2_register_keys(void);

#endif
