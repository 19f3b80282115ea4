/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload functions, for the tables of ikev2_payloads.c and ikev1_payloads.c. */
#ifndef IKE_PAYLOADS_H
#define IKE_PAYLOADS_H

#include "dissector/base/packet.h"

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
ike_payload_fn gikev2_dissect_idg;
ike_payload_fn gikev2_dissect_gsa;
ike_payload_fn gikev2_dissect_kd;
ike_payload_fn ikev2_dissect_gspm;
ike_payload_fn ikev2_dissect_puzzle;
ike_payload_fn ikev1_dissect_sa;
ike_payload_fn ikev1_dissect_hash;
ike_payload_fn ikev1_dissect_signature;
ike_payload_fn ikev1_dissect_symmetric_key;
ike_payload_fn ikev1_dissect_notify;
ike_payload_fn ikev1_dissect_delete;
ike_payload_fn ikev1_dissect_config;
ike_payload_fn ikev1_dissect_nat_d;
ike_payload_fn ikev1_dissect_nat_oa;
ike_payload_fn ikev1_dissect_fragment;
ike_payload_fn ikev1_dissect_gss_token;
ike_payload_fn ikev1_dissect_authip_crypto;
ike_payload_fn ikev1_dissect_gss_id;
ike_payload_fn ikev1_dissect_authip_auth;
ike_payload_fn ikev1_dissect_key_dictation;
ike_payload_fn ikev1_dissect_dictation_weight;

/* Whether any field of a Vendor ID shows; what ike_dissect_vendor() notes of it when none does. */
bool ike_vendor_shows(ike_packet *pkt, proto_tree *tree);
void ike_record_vendor(ike_packet *pkt, ike_bytes bytes);

/* Notes an Encrypted payload in front of `first` that nobody looks at, where nobody gave a secret
 * either; false when it is to be dissected all the same. */
bool ikev2_skip_encrypted(ike_packet *pkt, uint8_t first);

/* Whether the message belongs to Microsoft's AuthIP, whose encryption flag does not seal all that
 * follows the header, and whose notifications have no SPI. */
bool ikev1_is_authip(const ike_message *msg);

/* The transforms that fill `tvb` (RFC 7296 3.3.2), outside a proposal as well. */
void ikev2_dissect_transforms(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);

/* One traffic selector (RFC 7296 3.13.1) at `offset`, where four bytes are; `payload` is the type
 * of the payload that holds it. Returns its length, 0 when it does not fit. */
unsigned ikev2_dissect_selector(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                                uint8_t payload);

/* What ikev1_register() calls: one for each file of IKEv1 that owns fields. */
void ikev1_register_encrypted(void);
void ikev1_register_attributes(void);
void ikev1_register_sa(void);
void ikev1_register_hash(void);
void ikev1_register_notify(void);
void ikev1_register_config(void);
void ikev1_register_nat(void);
void ikev1_register_fragment(void);
void ikev1_register_authip(void);

#endif
