/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificate and Certificate Request: certificate.c. */
#ifndef IKE_CERTIFICATE_H
#define IKE_CERTIFICATE_H

#include "dissector/base/payload_chain.h"

ike_payload_fn ike_dissect_cert;
ike_payload_fn ike_dissect_certreq;

void ike_register_cert(void);

#endif
