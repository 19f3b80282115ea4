/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delete of both versions: delete.c. */
#ifndef IKE_DELETE_H
#define IKE_DELETE_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ikev1_dissect_delete;
ike_payload_fn ikev2_dissect_delete;

void ike_register_delete(void);

#endif
