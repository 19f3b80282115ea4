/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payloads of extensions that have one field: extension.c. */
#ifndef IKEV2_EXTENSION_H
#define IKEV2_EXTENSION_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev2_dissect_gspm;
ike_payload_fn ikev2_dissect_puzzle;

void ikev2_register_extension(void);

#endif
