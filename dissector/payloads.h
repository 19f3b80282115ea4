/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload functions, for the tables of ikev2_payloads.c and ikev1_payloads.c. */
#ifndef IKE_PAYLOADS_H
#define IKE_PAYLOADS_H

#include "ike.h"

ike_payload_fn ikev2_dissect_sa;
ike_payload_fn ikev2_dissect_ke;
ike_payload_fn ikev1_dissect_ke;
ike_payload_fn ike_dissect_id;
ike_payload_fn ike_dissect_cert;
ike_payload_fn ike_dissect_certreq;
ike_payload_fn ikev2_dissect_auth;
ike_payload_fn ike_dissect_nonce;
ike_payload_fn ikev2_dissect_notify;
ike_payload_fn ikev2_dissect_delete;
ike_payload_fn ike_dissect_vendor;
ike_payload_fn ikev2_dissect_ts;
ike_payload_fn ikev2_dissect_sk;
ike_payload_fn ikev2_dissect_skf;
ike_payload_fn ikev2_dissect_cp;
ike_payload_fn ike_dissect_eap;

#endif
