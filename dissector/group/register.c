/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of GDOI (RFC 6407), for IKEv1, and of G-IKEv2 (RFC 9838), for IKEv2. */
#include "dissector/group/register.h"

#include "dissector/group/gdoi_keys.h"
#include "dissector/group/gdoi_policy.h"
#include "dissector/group/gikev2.h"
#include "dissector/group/gikev2_keys.h"
#include "dissector/group/gikev2_policy.h"
#include "dissector/ikev1/security_association.h"

static const ike_payload_row ikev1_rows[] = {
    {IKEV1_PAYLOAD_KD, gdoi_dissect_key_download, NULL, false},
    {IKEV1_PAYLOAD_SEQ, gdoi_dissect_sequence, NULL, false},
    {IKEV1_PAYLOAD_POP, gdoi_dissect_pop, NULL, false},
    {IKEV1_PAYLOAD_GAP, gdoi_dissect_gap, NULL, false},
};

/* Numbers with another meaning in the Group DOI. */
static const ike_payload_row gdoi_rows[] = {
    {IKEV1_PAYLOAD_SAK, gdoi_dissect_sa_kek, NULL, false},
    {IKEV1_PAYLOAD_SAT, gdoi_dissect_sa_tek, NULL, false},
};

static const ike_payload_row ikev2_rows[] = {
    {IKEV2_PAYLOAD_IDG, gikev2_dissect_idg, NULL, false},
    {IKEV2_PAYLOAD_GSA, gikev2_dissect_gsa, NULL, false},
    {IKEV2_PAYLOAD_KD, gikev2_dissect_kd, NULL, false},
};

void ike_register_group(void)
{
    gdoi_register_policy();
    gdoi_register_keys();
    gikev2_register();
    gikev2_register_policy();
    gikev2_register_keys();
    ike_add_payloads(IKE_PAYLOADS_IKEV1, ikev1_rows, array_length(ikev1_rows));
    ike_add_payloads(IKE_PAYLOADS_GDOI, gdoi_rows, array_length(gdoi_rows));
    ike_add_payloads(IKE_PAYLOADS_IKEV2, ikev2_rows, array_length(ikev2_rows));
    ikev1_set_gdoi(gdoi_dissect_sa);
}
