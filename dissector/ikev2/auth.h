/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authentication of IKEv2: auth.c. */
#ifndef IKEV2_AUTH_H
#define IKEV2_AUTH_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev2_dissect_auth;

void ikev2_register_auth(void);

#endif
