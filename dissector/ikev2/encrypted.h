/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted and Authenticated, with or without fragments: encrypted.c. */
#ifndef IKEV2_ENCRYPTED_H
#define IKEV2_ENCRYPTED_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev2_dissect_sk;
ike_payload_fn ikev2_dissect_skf;

void ikev2_register_sk(void);

#endif
