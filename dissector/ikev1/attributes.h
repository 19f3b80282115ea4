/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attributes of IKEv1: of the IKE SA (RFC 2409 appendix A), of IPsec SAs (RFC 2407 4.5). */
#ifndef IKEV1_ATTRIBUTES_H
#define IKEV1_ATTRIBUTES_H

#include "dissector/base/attribute.h"

#include "registry/names.h"

/* Attributes of a phase 1 and of a phase 2 transform. */
extern const ike_attribute_family ikev1_ike_attributes;
extern const ike_attribute_family ikev1_ipsec_attributes;
extern const ike_attribute_family ikev1_china_attributes; /* phase 1, GM/T 0022 */

/* The same in a RESPONDER-LIFETIME notification (RFC 2407 4.6.3.1). */
extern const ike_attribute_family ikev1_lifetime_ike_attributes;
extern const ike_attribute_family ikev1_lifetime_ipsec_attributes;

/* Records the attributes from `offset` on in `transform`; `phase2`: they are IPsec attributes. */
void ikev1_record_attributes(tvbuff_t *tvb, unsigned offset, bool phase2,
                             ikev1_transform *transform);

void ikev1_register_attributes(void);

#endif
