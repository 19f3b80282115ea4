/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How IKE is carried over UDP and TCP. plugin/ puts these on the ports. */
#ifndef IKE_ENCAP_H
#define IKE_ENCAP_H

#include "ike.h"

/* UDP 500, 848 and TCP 500: a bare IKE message. */
int ike_dissect_port_500(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* UDP 4500 (RFC 3948): keepalive, IKE behind a non-ESP marker, or ESP. */
int ike_dissect_udpencap(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data);

/* The handles through which IKE behind a marker and ESP are dissected, so that each can be switched
 * off. */
void ike_encap_handoff(dissector_handle_t ike, dissector_handle_t esp);

#endif
