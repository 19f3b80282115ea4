/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vendor ID of both versions: vendor_id.c. */
#ifndef IKE_VENDOR_ID_PAYLOAD_H
#define IKE_VENDOR_ID_PAYLOAD_H

#include "dissector/base/payload_chain.h"

ike_payload_in_place_fn ike_dissect_vendor;

void ike_register_vendor(void);

#endif
