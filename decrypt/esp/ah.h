/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AH (RFC 4302): the ICV with the keys of Child SAs, group SAs and key logs. */
#ifndef IKE_AH_H
#define IKE_AH_H

#include "decrypt/esp/esp_table.h"

/* Verifies one packet. Returns whether the ICV is right. */
bool ike_ah_sa_verify(ike_esp_sa *sa, const ike_ah_packet *packet, ike_verified_ah *result);

#endif
