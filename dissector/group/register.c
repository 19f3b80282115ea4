/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of GDOI (RFC 6407), for IKEv1, and of G-IKEv2 (RFC 9838), for IKEv2. */
#include "dissector/group/payloads.h"

#include "dissector/group/gikev2.h"
#include "dissector/ikev1/payloads.h"

static const ike_payload_row ikev1_rows[] = {
    {IKEV1_PAYLOAD_KD, .dissect = gdoi_dissect_key_download, .least = 4, .what = "a key download"},
    {IKEV1_PAYLOAD_SEQ, .dissect = gdoi_dissect_sequence, .least = 4, .what = "a sequence number"},
    {IKEV1_PAYLOAD_POP, .dissect = gdoi_dissect_pop},
    {IKEV1_PAYLOAD_GAP, .dissect = gdoi_dissect_gap},
};

/* Numbers with another meaning in the Group DOI. */
static const ike_payload_row gdoi_rows[] = {
    {IKEV1_PAYLOAD_SAK, .dissect = gdoi_dissect_sa_kek},
    {IKEV1_PAYLOAD_SAT, .dissect = gdoi_dissect_sa_tek},
};

static const ike_payload_row ikev2_rows[] = {
    {IKEV2_PAYLOAD_IDG, .dissect = gikev2_dissect_idg},
    {IKEV2_PAYLOAD_GSA, .dissect = gikev2_dissect_gsa},
    {IKEV2_PAYLOAD_KD, .dissect = gikev2_dissect_kd},
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
