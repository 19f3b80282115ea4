/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IP header before AH as its ICV covers it. */
#ifndef IKE_AH_HEADER_H
#define IKE_AH_HEADER_H

#include "dissector/base/packet.h"

enum { IKE_AH_FIXED = 12 };

/* The IP header, its options or extension headers and the first IKE_AH_FIXED bytes of AH, which
 * `tvb` begins with, as the ICV covers them (RFC 4302 3.3.3.1): what routers may change is zero, or
 * as it arrives. Of a reassembled packet it is the header of the whole. In the packet's pool; empty
 * when the header is not found. */
ike_span ike_ah_covered_header(tvbuff_t *tvb, packet_info *pinfo);

#endif
