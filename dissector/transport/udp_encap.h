/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How IKE is carried over UDP; over TCP see tcp_encap.h. plugin/ puts these on the ports. */
#ifndef IKE_ENCAP_H
#define IKE_ENCAP_H

#include "dissector/base/packet.h"

/* UDP 500 and 848: a bare IKE message. */
int ike_dissect_port_500(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* UDP 4500 (RFC 3948): keepalive, IKE behind a non-ESP marker, or ESP. */
int ike_dissect_udpencap(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Any UDP port: takes the conversation when a datagram is strictly an IKE message, with a marker or
 * without. */
ws_bool ike_dissect_udp_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* What is inside: an IKE message, through its handle, and an ESP packet. */
void ike_call_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);
void ike_call_esp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* The handles through which IKE and ESP inside are dissected, so that each can be switched off, and
 * that of ike_dissect_udpencap(). */
void ike_encap_handoff(dissector_handle_t ike, dissector_handle_t esp, dissector_handle_t encap);

void ike_register_udp_encap(void);

#endif
