/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads that both versions have, a function for each, and what registers its fields. */
#ifndef IKE_COMMON_PAYLOADS_H
#define IKE_COMMON_PAYLOADS_H

#include "dissector/base/payload_chain.h"

/* certificate.c: Certificate and Certificate Request. */
ike_payload_fn ike_dissect_cert;
ike_payload_fn ike_dissect_certreq;
void ike_register_cert(void);

/* delete.c: Delete of both versions. */
ike_payload_fn ikev1_dissect_delete;
ike_payload_fn ikev2_dissect_delete;
void ike_register_delete(void);

/* eap.c: Extensible Authentication. */
ike_payload_fn ike_dissect_eap;

/* fragment_payload.c: The fragment payload (132) of Cisco and Microsoft. */
ike_payload_fn ike_dissect_fragment_payload;
void ike_register_fragment_payload(void);

/* identification.c: Identification of both versions. */
ike_payload_fn ike_dissect_id;
void ike_register_id(void);

/* key_exchange_nonce.c: Key Exchange and Nonce of both versions. */
ike_payload_fn ikev1_dissect_ke;
ike_payload_fn ikev2_dissect_ke;
ike_payload_fn ike_dissect_nonce;
void ikev2_register_ke(void);

/* vendor_id.c: Vendor ID of both versions. */
ike_payload_in_place_fn ike_dissect_vendor;
void ike_register_vendor(void);

/* register.c: all of them. */
void ike_register_common(void);

#endif
