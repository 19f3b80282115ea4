/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv2, a function for each, and what registers its fields. */
#ifndef IKEV2_PAYLOADS_H
#define IKEV2_PAYLOADS_H

#include "dissector/base/payload_chain.h"
#include "dissector/base/value_row.h"

/* auth.c: Authentication of IKEv2. */
ike_payload_fn ikev2_dissect_auth;
void ikev2_register_auth(void);

/* config_dns.c: Its attributes about DNS. */
ike_value_fn ikev2_dissect_dnssec_ta;     /* INTERNAL_DNSSEC_TA, RFC 8598 */
ike_value_fn ikev2_dissect_encdns;        /* ENCDNS_IP4 and ENCDNS_IP6, RFC 9464 */
ike_value_fn ikev2_dissect_encdns_digest; /* ENCDNS_DIGEST_INFO, RFC 9464 */

void ikev2_register_config_dns(void);

/* configuration.c: Configuration of IKEv2. */
ike_payload_fn ikev2_dissect_cp;
void ikev2_register_cp(void);

/* encrypted.c: Encrypted and Authenticated, with or without fragments. */
ike_payload_fn ikev2_dissect_sk;
ike_payload_fn ikev2_dissect_skf;
void ikev2_register_sk(void);

/* extension.c: Payloads of extensions that have one field. */
ike_payload_fn ikev2_dissect_gspm;
ike_payload_fn ikev2_dissect_puzzle;
void ikev2_register_extension(void);

/* security_association.c: Security Association of IKEv2. */
ike_payload_fn ikev2_dissect_sa;
/* The transforms that fill `tvb` (RFC 7296 3.3.2), outside a proposal as well. */
void ikev2_dissect_transforms(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);
void ikev2_register_sa(void);

/* traffic_selector.c: Traffic Selectors of IKEv2. */
ike_payload_fn ikev2_dissect_ts;
/* One traffic selector (RFC 7296 3.13.1) at `offset`, where four bytes are; `payload` is the type
 * of the payload that holds it. Returns its length, 0 if it exceeds the payload. */
unsigned ikev2_dissect_selector(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                                uint8_t payload);
void ikev2_register_ts(void);

/* payload_table.c: all of them. */
void ikev2_register(void);

#endif
