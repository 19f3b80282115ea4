/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the capture and the headers below IKE have of a packet, by which the tracker distinguishes
 * copies from retransmissions, and what an ICMP error says. */
#ifndef IKE_PACKET_ORIGIN_H
#define IKE_PACKET_ORIGIN_H

#include "dissector/base/packet.h"

/* Fills in digests, interface, IP Identification, TTL and captured length of the message. First
 * pass. */
void ike_record_origin(ike_packet *pkt);

/* The interface of the capture file, from 1; 0 when the file does not tell. */
uint32_t ike_interface_of(const packet_info *pinfo);

/* Identification (0 in IPv6) and TTL or hop limit of the IP header that `tvb`, the payload of UDP
 * or IP, came in. false: there is none, as in TCP or a reassembled packet. */
bool ike_read_ip_header(tvbuff_t *tvb, const packet_info *pinfo, uint16_t *ip_id, uint8_t *ttl);

/* The ICMP error that quotes `tvb`, a message or an ESP packet; false when it cannot be found. */
bool ike_read_icmp_error(tvbuff_t *tvb, const packet_info *pinfo, ike_icmp_error *error);

#endif
