/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of 3GPP about quality of service: 3gpp_qos.c. */
#ifndef IKEV2_NOTIFY_3GPP_QOS_H
#define IKEV2_NOTIFY_3GPP_QOS_H

#include "dissector/ikev2/notify/notify.h"

ike_value_fn ike_3gpp_dissect_eps_qos;
ike_value_fn ike_3gpp_dissect_extended_eps_qos;
ike_value_fn ike_3gpp_dissect_apn_ambr;
ike_value_fn ike_3gpp_dissect_extended_apn_ambr;
ike_value_fn ike_3gpp_dissect_5g_qos_info;

void ike_3gpp_register_qos(void);

#endif
