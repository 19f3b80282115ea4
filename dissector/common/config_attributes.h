/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration attributes that both versions of IKE have: config_attributes.c. What each version
 * has alone is in ikev1_config.c and payload_cp.c. */
#ifndef IKE_CONFIG_ATTRIBUTES_H
#define IKE_CONFIG_ATTRIBUTES_H

#include "dissector/base/attribute.h"

/* isakmp.cfg.attr and what is below it for every attribute. */
extern ike_attribute_fields ike_config_fields;

/* The attributes that both versions show alike; the base of their families. */
extern const ike_attribute_family ike_config_attributes;

/* Numbers and texts, which may have any length in IKEv1. */
extern int hf_ike_config_expiry;
extern int hf_ike_config_version;
extern int hf_ike_config_unity_banner;
extern int hf_ike_config_unity_save_password;
extern int hf_ike_config_unity_domain;
extern int hf_ike_config_unity_split_dns;
extern int hf_ike_config_unity_natt_port;
extern int hf_ike_config_unity_pfs;
extern int hf_ike_config_unity_firewall;
extern int hf_ike_config_unity_backup;
extern int hf_ike_config_unity_ddns;

extern expert_field ei_ike_config_length; /* isakmp.cfg.attr.length.invalid */

/* Fields that lie one after the other, each of so many bytes. */
typedef struct {
    const int *hf;
    uint8_t bytes;
} ike_config_part;

/* Shows the parts again and again to the end of `value`, addresses with their masks beside the name
 * too. Says at `item` when bytes are left or none were there, and when they came more than once
 * where the attribute is no `list`. */
void ike_config_show_parts(ike_packet *pkt, tvbuff_t *value, proto_tree *tree, proto_item *item,
                           const ike_config_part *parts, unsigned count, bool list);

/* Records the attributes from `offset` on in the parsed message. */
void ike_record_config_attributes(ike_packet *pkt, tvbuff_t *tvb, unsigned offset);

ike_attribute_fn
    ike_dissect_ip4_subnet; /* INTERNAL_IP4_SUBNET, which old drafts number otherwise */
ike_attribute_fn ike_dissect_ip6_subnet; /* INTERNAL_IP6_SUBNET, likewise */

void ike_register_config_attributes(void);

#endif
