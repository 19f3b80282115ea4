/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration attributes that both versions of IKE have (draft-dukes-ike-mode-cfg, RFC 7296
 * 3.15.1, Microsoft's, Cisco Unity's). */
#ifndef IKE_CONFIG_ATTRIBUTES_H
#define IKE_CONFIG_ATTRIBUTES_H

#include "dissector/base/attribute.h"

/* isakmp.cfg.attr and what is below it for every attribute. */
extern ike_attribute_fields ike_config_fields;

/* The attributes that both versions show alike; the base of their families. */
extern const ike_attribute_family ike_config_attributes;

extern expert_field ei_ike_config_length; /* isakmp.cfg.attr.length.invalid */

/* Records the attributes from `offset` on in the parsed message. */
void ike_record_config_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset);

void ike_register_config_attributes(void);

#endif
