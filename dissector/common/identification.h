/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identification of both versions: identification.c. */
#ifndef IKE_IDENTIFICATION_H
#define IKE_IDENTIFICATION_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ike_dissect_id;

void ike_register_id(void);

#endif
