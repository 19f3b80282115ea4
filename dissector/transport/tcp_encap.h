/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKE and ESP in a TCP stream (RFC 8229, RFC 9329), and bare IKE messages on TCP 500. plugin/ puts
 * these on the ports. */
#ifndef IKE_TCP_ENCAP_H
#define IKE_TCP_ENCAP_H

#include "dissector/base/packet.h"

/* TCP 4500: the stream prefix, then frames of a 16-bit length and IKE, ESP or a keepalive. `data`
 * is TCP's struct tcpinfo. Returns the bytes taken; 0 when this is another protocol. */
int ike_dissect_tcp_encap(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* Any TCP port: takes the connection when its stream begins with the prefix. */
ws_bool ike_dissect_tcp_encap_heur(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* TCP 500: IKE messages one after the other, each as long as its header says; or the above when the
 * stream begins with the prefix. */
int ike_dissect_tcp_500(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* `encap` is the handle of ike_dissect_tcp_encap(), which a connection that the heuristic found is
 * given to. */
void ike_tcp_encap_handoff(dissector_handle_t encap);

void ike_register_tcp_encap(void);

#endif
