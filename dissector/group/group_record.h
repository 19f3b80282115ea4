/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the payloads of GDOI and G-IKEv2 record in the parsed message: group_record.c. */
#ifndef IKE_GROUP_RECORD_H
#define IKE_GROUP_RECORD_H

#include "dissector/base/packet.h"
#include "proto/ike_group.h"

/* The group part of the parsed message, made when there was none. */
ike_group_download *ike_group_of(ike_packet *pkt);

/* A new policy and a new key at the end of the message's lists, all zero but for what is given;
 * NULL when the list is full, and on later passes. `spi` may be empty. */
ike_group_policy *ike_record_group_policy(ike_packet *pkt, uint8_t protocol, ike_span spi);
ike_group_key *ike_record_group_key(ike_packet *pkt, ike_group_key_kind kind, uint8_t protocol,
                                    ike_span spi);

#endif
