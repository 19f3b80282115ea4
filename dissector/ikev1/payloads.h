/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv1, a function for each, and what registers its fields. */
#ifndef IKEV1_PAYLOADS_H
#define IKEV1_PAYLOADS_H

#include "dissector/base/payload_chain.h"

/* authip.c: Microsoft's AuthIP. */
ike_payload_fn ikev1_dissect_gss_token;
ike_payload_fn ikev1_dissect_authip_crypto;
ike_payload_fn ikev1_dissect_gss_id;
ike_payload_fn ikev1_dissect_authip_auth;
ike_payload_fn ikev1_dissect_key_dictation;
ike_payload_fn ikev1_dissect_dictation_weight;
/* Whether the message belongs to AuthIP: payloads in clear follow the header whatever its
 * encryption flag, and notifications have no SPI. */
bool ikev1_is_authip(const ike_message *msg);
void ikev1_register_authip(void);

/* configuration.c: Mode configuration of IKEv1. */
ike_payload_fn ikev1_dissect_config;
void ikev1_register_config(void);

/* encrypted.c: Encrypted messages of IKEv1. */
ike_encrypted_fn ikev1_dissect_encrypted;
void ikev1_register_encrypted(void);

/* hash.c: Payloads of IKEv1 that are bytes only. */
ike_payload_fn ikev1_dissect_hash;
ike_payload_fn ikev1_dissect_signature;
ike_payload_fn ikev1_dissect_symmetric_key;
void ikev1_register_hash(void);

/* nat.c: NAT-D and NAT-OA of IKEv1. */
ike_payload_fn ikev1_dissect_nat_d;
ike_payload_fn ikev1_dissect_nat_oa;
void ikev1_register_nat(void);

/* notify.c: Notification of IKEv1. */
ike_payload_fn ikev1_dissect_notify;
void ikev1_register_notify(void);

/* security_association.c: Security Association of IKEv1. */
ike_payload_fn ikev1_dissect_sa;
/* Dissects what follows a domain of interpretation at `offset` of an SA payload. */
typedef void ikev1_doi_fn(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree);
/* Adds the Group DOI (RFC 6407), at registration. */
void ikev1_set_gdoi(ikev1_doi_fn *dissect);
void ikev1_register_sa(void);

/* payload_table.c: all of them. */
void ikev1_register(void);

#endif
