/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extensible Authentication: eap.c. */
#ifndef IKE_EAP_H
#define IKE_EAP_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ike_dissect_eap;

#endif
