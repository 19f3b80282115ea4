/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing over to Wireshark's own dissectors: ASN.1 by what it is, EAP, IP protocol names. */
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

/* Wireshark writes down each protocol that it calls in a packet and takes more than 500 for a
 * recursion without end; a TCP segment can hold more messages than that, and a message more
 * certificates. Whoever may be called so often takes the number of layers before it calls, and
 * gives back afterwards all but the first 100 of the packet. */
unsigned ike_layers(packet_info *pinfo);
void ike_layers_back(packet_info *pinfo, unsigned before);

/* Has `tvb` dissected as what it is. The columns stay ours; what breaks in there does not break us.
 * A name found inside (a certificate's subject, an algorithm) is appended to `item`. */
void ike_call_asn1(ike_packet *pkt, ike_asn1 kind, tvbuff_t *tvb, proto_tree *tree,
                   proto_item *item);

/* Reads one DER tag and length at `offset`. Returns the offset of the contents, 0 when the element
 * is not whole. */
unsigned ike_der_header(tvbuff_t *tvb, unsigned offset, uint8_t *tag, unsigned *length);

/* Hands an EAP packet to Wireshark's dissector, with its summary in the Info column. */
void ike_call_eap(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);

/* Hands a GSS-API token to Wireshark's dissector. The columns stay ours. */
void ike_call_gssapi(ike_packet *pkt, tvbuff_t *tvb, proto_tree *tree);

/* "TCP (6)"; lives as long as the packet. */
const char *ike_ip_protocol_name(packet_info *pinfo, uint8_t protocol);

void ike_register_subdissector(void);

/* Finds the foreign dissectors; called once by the hand-off. */
void ike_subdissector_handoff(void);

#endif
