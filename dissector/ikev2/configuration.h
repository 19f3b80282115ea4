/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration of IKEv2: configuration.c. */
#ifndef IKEV2_CONFIGURATION_H
#define IKEV2_CONFIGURATION_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev2_dissect_cp;

void ikev2_register_cp(void);

#endif
