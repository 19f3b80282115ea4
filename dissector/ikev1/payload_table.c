/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv1 (RFC 2408 3.1 and what came after): to support one is to add a row here.
 * Those of GDOI add their own rows (group/register.c). */
#include "dissector/ikev1/payloads.h"

#include "dissector/common/payloads.h"
#include "dissector/ikev1/attributes.h"

static const ike_payload_row rows[] = {
    {.type = IKEV1_PAYLOAD_SA, .dissect = ikev1_dissect_sa},
    {.type = IKEV1_PAYLOAD_KE, .dissect = ikev1_dissect_ke},
    {.type = IKEV1_PAYLOAD_ID, .dissect = ike_dissect_id},
    {.type = IKEV1_PAYLOAD_CERT, .dissect = ike_dissect_cert},
    {.type = IKEV1_PAYLOAD_CR, .dissect = ike_dissect_certreq},
    {.type = IKEV1_PAYLOAD_HASH, .dissect = ikev1_dissect_hash},
    {.type = IKEV1_PAYLOAD_SIG, .dissect = ikev1_dissect_signature},
    {.type = IKEV1_PAYLOAD_NONCE, .dissect = ike_dissect_nonce},
    {.type = IKEV1_PAYLOAD_NOTIFY, .dissect = ikev1_dissect_notify},
    {.type = IKEV1_PAYLOAD_DELETE, .dissect = ikev1_dissect_delete},
    {.type = IKEV1_PAYLOAD_VENDOR_ID, .dissect_in_place = ike_dissect_vendor},
    {.type = IKEV1_PAYLOAD_ATTR, .dissect = ikev1_dissect_config},
    {.type = IKEV1_PAYLOAD_NAT_D_DRAFTS_04_08,
     .dissect = ikev1_dissect_nat_d,
     .name = "NAT-D (drafts 04-08)"},
    {.type = IKEV1_PAYLOAD_NAT_OA_DRAFTS_04_08,
     .dissect = ikev1_dissect_nat_oa,
     .name = "NAT-OA (drafts 04-08)"},
    {.type = IKEV1_PAYLOAD_NAT_D, .dissect = ikev1_dissect_nat_d},
    {.type = IKEV1_PAYLOAD_NAT_OA, .dissect = ikev1_dissect_nat_oa},
    {.type = IKEV1_PAYLOAD_SYMMETRIC_KEY, .dissect = ikev1_dissect_symmetric_key},
    {.type = IKEV1_PAYLOAD_GSS_API_TOKEN, .dissect = ikev1_dissect_gss_token},
    {.type = IKEV1_PAYLOAD_NAT_D_DRAFTS_00_03, .dissect = ikev1_dissect_nat_d},
    {.type = IKEV1_PAYLOAD_NAT_OA_DRAFTS_00_03, .dissect = ikev1_dissect_nat_oa},
    {.type = IKEV1_PAYLOAD_FRAGMENT, .dissect = ike_dissect_fragment_payload},
    {.type = IKEV1_PAYLOAD_AUTHIP_CRYPTO, .dissect = ikev1_dissect_authip_crypto},
    {.type = IKEV1_PAYLOAD_AUTHIP_GSS_ID, .dissect = ikev1_dissect_gss_id},
    {.type = IKEV1_PAYLOAD_AUTHIP_AUTH, .dissect = ikev1_dissect_authip_auth},
    {.type = IKEV1_PAYLOAD_AUTHIP_KEY_DICTATION, .dissect = ikev1_dissect_key_dictation},
    {.type = IKEV1_PAYLOAD_AUTHIP_KEY_DICTATION_WEIGHT, .dissect = ikev1_dissect_dictation_weight},
};

void ikev1_register(void)
{
    ikev1_register_encrypted();
    ikev1_register_attributes();
    ikev1_register_sa();
    ikev1_register_hash();
    ikev1_register_notify();
    ikev1_register_config();
    ikev1_register_nat();
    ikev1_register_authip();
    ike_add_payloads(IKE_PAYLOADS_IKEV1, rows, array_length(rows));
    ike_set_ikev1_encrypted(ikev1_dissect_encrypted);
}
