/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attributes of IKEv1: of the IKE SA (RFC 2409 appendix A), of IPsec SAs (RFC 2407 4.5), and
 * how values of attributes are shown. */
#ifndef IKEV1_ATTRIBUTES_H
#define IKEV1_ATTRIBUTES_H

#include "dissector/base/attribute.h"

#include "registry/names.h"

/* Attributes of a phase 1 and of a phase 2 transform. */
extern const ike_attribute_family ikev1_ike_attributes;
extern const ike_attribute_family ikev1_ipsec_attributes;

/* The same in a RESPONDER-LIFETIME notification (RFC 2407 4.6.3.1). */
extern const ike_attribute_family ikev1_lifetime_ike_attributes;
extern const ike_attribute_family ikev1_lifetime_ipsec_attributes;

/* A value that is a number with a name, or bytes without one (registry IKE_REG_COUNT). */
typedef struct {
    uint16_t type;
    const int *hf;
    ike_registry registry;
} ikev1_value_row;

/* Shows `value` by the row of its type among `count` rows, in `tree` and beside the attribute's
 * name. Numbers may have any length up to eight bytes. Nothing without such a row. */
void ikev1_show_value(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                      uint16_t type, const ikev1_value_row *rows, unsigned count);

/* A lifetime: by `hf` up to four bytes, by `hf64` up to eight, beyond that as bytes. */
void ikev1_show_duration(tvbuff_t *value, proto_tree *tree, proto_item *item, int hf, int hf64,
                         int hf_bytes);

/* Takes the facts of the attributes from `offset` on into `transform`; `phase2`: they are IPsec
 * attributes. */
void ikev1_record_attributes(tvbuff_t *tvb, unsigned offset, bool phase2,
                             ikev1_transform *transform);

void ikev1_register_attributes(void);

#endif
