/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of Wireshark's own dissectors: ASN.1 by what it is, EAP, GSS-API.
 *
 * EAP and GSS-API keep state (the reassembly of TLS). Bytes that failed their integrity check must
 * not change it: they are shown as bytes and do not reach these dissectors. */
#ifndef IKE_SUBDISSECTOR_H
#define IKE_SUBDISSECTOR_H

#include "dissector/base/packet.h"

typedef enum {
    IKE_ASN1_CERTIFICATE, /* X.509 certificate */
    IKE_ASN1_CRL,         /* X.509 CRL, and its delta */
    IKE_ASN1_PKCS7,       /* PKCS #7, CMS */
    IKE_ASN1_OCSP,        /* OCSPResponse */
    IKE_ASN1_ATTRIBUTE_CERTIFICATE,
    IKE_ASN1_NAME,       /* distinguished name */
    IKE_ASN1_PUBLIC_KEY, /* SubjectPublicKeyInfo */
    IKE_ASN1_ALGORITHM,  /* AlgorithmIdentifier */
    IKE_ASN1_KINDS
} ike_asn1;

/* Whether `calls` more dissectors may be called in this packet. Wireshark counts all that it calls
 * in a packet, one after the other or not, and takes 500 for an endless recursion; a TCP segment
 * can hold more messages than that, and a message more certificates. */
bool ike_may_call(packet_info *pinfo, unsigned calls);

/* Dissects `tvb` as `kind`. The columns stay ours, exceptions stay inside. The name of what it is
 * (a certificate's subject, an algorithm) is appended to `item`. */
void ike_call_asn1(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_tree *tree,
                   proto_item *item);

/* Dissects an EAP packet, with its summary in the Info column. */
void ike_call_eap(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);

/* Dissects a GSS-API token. The columns stay ours. */
void ike_call_gssapi(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);

/* "TCP (6)"; lives as long as the packet. */
const char *ike_ip_protocol_name(packet_info *pinfo, uint8_t protocol);

void ike_register_subdissector(void);

/* Finds the dissectors; called once by the hand-off. */
void ike_subdissector_handoff(void);

#endif
