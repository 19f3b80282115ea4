/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKE message while it is dissected; with it come the numbers of the registries. */
#ifndef IKE_PACKET_H
#define IKE_PACKET_H

#include "dissector/base/compat.h"
#include <epan/exceptions.h>
#include <epan/expert.h>
#include <epan/proto_data.h>
#include <epan/tfs.h>
#include <epan/to_str.h>

#include "proto/ike_message.h"
#include "proto/ike_numbers.h"

extern int proto_isakmp; /* the built-in's protocol, taken over */

/* Per-message data for later passes: session/session.h. */
typedef struct ike_message_data ike_message_data;

typedef struct ike_packet {
    packet_info *pinfo;
    proto_tree *tree; /* below "Internet Security Association ..." */
    proto_item *item;
    proto_item *sa_item;    /* the summary of the IKE SA; NULL if it is not shown */
    tvbuff_t *tvb;          /* the message, from the IKE header to its end */
    ike_message *msg;       /* the parsed message */
    ike_message_data *data; /* NULL for a copy inside an ICMP error */
    uint64_t vendors;       /* whose Vendor IDs the IKE SA has so far: 1 << ike_vendor */
    bool gdoi;              /* on the port of GDOI, or after an SA payload of its DOI (RFC 6407) */
    bool first_pass;
    bool decrypted;        /* what is dissected now was encrypted */
    bool not_authentic;    /* and its ICV or HASH is wrong */
    uint8_t hash_number;   /* IKEv1: n of HASH(n), verified; 0 not known */
    bool unreadable;       /* the data of the next payload begins with undecrypted bytes */
    tvbuff_t *plaintext;   /* payloads that were encrypted; NULL if they were not decrypted */
    proto_tree *auth_tree; /* of the payload that authenticates the sender; NULL if there is none */
    proto_item *auth_item;
    unsigned payloads;    /* in the chain so far, with those inside SK */
    unsigned notifies;    /* named in the Info column so far */
    unsigned info_length; /* IKEv1: of the Info column up to the exchange's name */
} ike_packet;

/* A copy of `pkt` with a parsed message of its own: what payloads record there is not recorded for
 * the message. For payloads that are not authentic, or that describe other SAs. Leaves `pkt`
 * untouched, also when an exception passes. */
ike_packet ike_packet_unrecorded(const ike_packet *pkt);

#endif
