/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode configuration of IKEv1: configuration.c. */
#ifndef IKEV1_CONFIGURATION_H
#define IKEV1_CONFIGURATION_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_config;

void ikev1_register_config(void);

#endif
