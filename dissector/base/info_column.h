/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Info column of a message: exchange and direction, then what its payloads add. */
#ifndef IKE_INFO_COLUMN_H
#define IKE_INFO_COLUMN_H

#include "dissector/base/packet.h"

/* Appends ", name" of a notification, as long as there are not too many. */
void ike_append_info_name(ike_packet *pkt, const char *name);

#endif
