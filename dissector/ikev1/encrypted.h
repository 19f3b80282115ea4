/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted messages of IKEv1: encrypted.c. */
#ifndef IKEV1_ENCRYPTED_H
#define IKEV1_ENCRYPTED_H

#include "dissector/base/payload_chain.h"

ike_encrypted_fn ikev1_dissect_encrypted;

void ikev1_register_encrypted(void);

#endif
