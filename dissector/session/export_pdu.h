/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File > Export PDUs to File, and tshark -U NAME -w FILE: what was decrypted, without its
 * encryption, for those who have no keys. */
#ifndef IKE_EXPORT_PDU_H
#define IKE_EXPORT_PDU_H

#include "dissector/base/packet.h"

/* The tap "ISAKMP": a message as it would be without encryption, when it was decrypted (and in
 * IKEv2 verified) or never encrypted. The header names the first inner payload, the length is that
 * of the plaintext, and in IKEv1 the encryption bit is clear. */
void ike_export_message(const ike_packet *pkt);

/* The tap "OSI layer 3": the packet inside ESP; `protocol` is its Next Header. */
void ike_export_inner_packet(packet_info *pinfo, tvbuff_t *packet, uint8_t protocol);

void ike_register_export_pdu(void);

#endif
