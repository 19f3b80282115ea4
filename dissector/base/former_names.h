/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Field names that were replaced by better ones. Filters on them keep matching: each is a hidden
 * item beside the field that replaced it. */
#ifndef IKE_FORMER_NAMES_H
#define IKE_FORMER_NAMES_H

#include "dissector/base/packet.h"

/* The expert infos; the comment has the present name. */
typedef enum {
    IKE_FORMER_NOTIFY_ERROR,    /* IKEv1: isakmp.notify.error */
    IKE_FORMER_NOTIFY_LENGTH,   /* IKEv1: isakmp.notify.data.length */
    IKE_FORMER_NOTIFY_UNKNOWN,  /* IKEv1: isakmp.notify.msgtype.unknown */
    IKE_FORMER_NOTIFY_SPI_SIZE, /* IKEv1: isakmp.spisize.invalid */
    IKE_FORMER_PROPOSAL_SPI,    /* isakmp.prop.spisize.invalid */
    IKE_FORMER_TRANSFORMS,      /* isakmp.prop.transforms.invalid */
    IKE_FORMER_DELETE_SPIS,     /* isakmp.spinum.invalid */
    IKE_FORMER_CONFIG_LENGTH,   /* isakmp.cfg.attr.length.invalid */
    IKE_FORMER_RETRANSMISSION,  /* isakmp.finding.retransmission */
    IKE_FORMER_NAMES
} ike_former_name;

/* Adds the former name of an expert info that was added to this message. */
void ike_add_former_name(const ike_packet *pkt, ike_former_name name);

/* Adds the former names of a Unity network (address, mask and, if not `bare`, protocol and ports)
 * at `offset`. */
void ike_add_former_network(proto_tree *tree, tvbuff_t *tvb, unsigned offset, bool bare);

void ike_register_former_names(void);

#endif
