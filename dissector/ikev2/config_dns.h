/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration attributes about DNS: config_dns.c. */
#ifndef IKE_CONFIG_DNS_H
#define IKE_CONFIG_DNS_H

#include "dissector/base/attribute.h"

ike_value_fn ikev2_dissect_dnssec_ta;     /* INTERNAL_DNSSEC_TA, RFC 8598 */
ike_value_fn ikev2_dissect_encdns;        /* ENCDNS_IP4 and ENCDNS_IP6, RFC 9464 */
ike_value_fn ikev2_dissect_encdns_digest; /* ENCDNS_DIGEST_INFO, RFC 9464 */

void ikev2_register_config_dns(void);

#endif
