/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cisco Unity's lists of networks, which both versions have as attributes: ikev1_config.c. */
#ifndef IKE_CONFIG_UNITY_H
#define IKE_CONFIG_UNITY_H

#include "attribute.h"

ike_attribute_fn ike_dissect_unity_split_include;
ike_attribute_fn ike_dissect_unity_local_lan;

#endif
