/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notifications of a message by name, for a column of the packet list. */
#ifndef IKE_NOTIFY_NAMES_H
#define IKE_NOTIFY_NAMES_H

#include "dissector/base/packet.h"

/* Where status types begin, in both versions, and those for private use. */
enum {
    IKE_NOTIFY_FIRST_STATUS = 16384,
    IKEV1_NOTIFY_FIRST_PRIVATE = 32768, /* RFC 2408 3.14.1 */
    IKEV2_NOTIFY_FIRST_PRIVATE = 40960, /* RFC 7296 3.10.1 */
};

/* The names of the notifications that were recorded, separated by ", ", in the order of interest:
 * errors, private ones, status. Equal ones in a row are one; what the sender can do and NAT
 * detection are left out. Empty if there are no others. Lives as long as the packet. */
const char *ike_notify_names(const ike_packet *pkt);

#endif
