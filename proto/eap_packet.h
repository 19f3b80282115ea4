/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses an EAP packet for the outcome of its method. */
#ifndef IKE_EAP_PACKET_H
#define IKE_EAP_PACKET_H

#include "proto/ike_message.h"

/* Fills *to from an EAP packet (RFC 3748 4): `packet` begins with the code. Parts that are
 * truncated stay empty. The bytes in *to point into `packet`. */
void ike_parse_eap(ike_span packet, ike_eap_packet *to);

#endif
