/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of numbers, private ones included: as the vendors whose Vendor IDs the IKE SA has call
 * them. */
#ifndef IKE_VENDOR_NAME_H
#define IKE_VENDOR_NAME_H

#include "dissector/base/packet.h"

#include "registry/private.h"

/* The name of a number: the registry's, else what the vendors of this IKE SA call it, else what all
 * vendors that use it call it, else all their names ("Private Use: A (3GPP) or B (strongSwan)"),
 * else the name of its range. Never NULL; lives as long as the packet. */
const char *ike_vendor_name_of(const ike_packet *pkt, ike_registry registry, uint32_t value);

/* The same for a notification of IKEv2. */
const char *ike_vendor_notify_name(const ike_packet *pkt, uint16_t type);

#endif
