/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv1 (RFC 2408 3.1 and what came after): to support one is to add a row here.
 * Those of GDOI add their own rows (group/register.c). */
#include "dissector/ikev1/payloads.h"

#include "dissector/common/payloads.h"
#include "dissector/ikev1/attributes.h"

static const ike_payload_row rows[] = {
    {IKEV1_PAYLOAD_SA, .dissect = ikev1_dissect_sa, .least = 4,
     .what = "a domain of interpretation"},
    {IKEV1_PAYLOAD_KE, .dissect = ikev1_dissect_ke},
    {IKEV1_PAYLOAD_ID, .dissect = ike_dissect_id},
    {IKEV1_PAYLOAD_CERT, .dissect = ike_dissect_cert},
    {IKEV1_PAYLOAD_CR, .dissect = ike_dissect_certreq, .least = 1, .what = "a certificate request"},
    {IKEV1_PAYLOAD_HASH, .dissect = ikev1_dissect_hash},
    {IKEV1_PAYLOAD_SIG, .dissect = ikev1_dissect_signature},
    {IKEV1_PAYLOAD_NONCE, .dissect = ike_dissect_nonce},
    {IKEV1_PAYLOAD_NOTIFY, .dissect = ikev1_dissect_notify},
    {IKEV1_PAYLOAD_DELETE, .dissect = ikev1_dissect_delete, .least = 8, .what = "a deletion"},
    {IKEV1_PAYLOAD_VENDOR_ID, .dissect_in_place = ike_dissect_vendor},
    {IKEV1_PAYLOAD_ATTR, .dissect = ikev1_dissect_config, .least = 4, .what = "a configuration"},
    {IKEV1_PAYLOAD_NAT_D_DRAFTS_04_08, .dissect = ikev1_dissect_nat_d,
     .name = "NAT-D (drafts 04-08)"},
    {IKEV1_PAYLOAD_NAT_OA_DRAFTS_04_08, .dissect = ikev1_dissect_nat_oa, .least = 4,
     .what = "an original address", .name = "NAT-OA (drafts 04-08)"},
    {IKEV1_PAYLOAD_NAT_D, .dissect = ikev1_dissect_nat_d},
    {IKEV1_PAYLOAD_NAT_OA, .dissect = ikev1_dissect_nat_oa, .least = 4,
     .what = "an original address"},
    {IKEV1_PAYLOAD_SYMMETRIC_KEY, .dissect = ikev1_dissect_symmetric_key},
    {IKEV1_PAYLOAD_GSS_API_TOKEN, .dissect = ikev1_dissect_gss_token},
    {IKEV1_PAYLOAD_NAT_D_DRAFTS_00_03, .dissect = ikev1_dissect_nat_d},
    {IKEV1_PAYLOAD_NAT_OA_DRAFTS_00_03, .dissect = ikev1_dissect_nat_oa, .least = 4,
     .what = "an original address"},
    {IKEV1_PAYLOAD_FRAGMENT, .dissect = ike_dissect_fragment_payload, .least = 5,
     .what = "a fragment"},
    {IKEV1_PAYLOAD_AUTHIP_CRYPTO, .dissect = ikev1_dissect_authip_crypto, .least = 4,
     .what = "a sequence number"},
    {IKEV1_PAYLOAD_AUTHIP_GSS_ID, .dissect = ikev1_dissect_gss_id},
    {IKEV1_PAYLOAD_AUTHIP_AUTH, .dissect = ikev1_dissect_authip_auth},
    {IKEV1_PAYLOAD_AUTHIP_KEY_DICTATION, .dissect = ikev1_dissect_key_dictation},
    {IKEV1_PAYLOAD_AUTHIP_KEY_DICTATION_WEIGHT, .dissect = ikev1_dissect_dictation_weight,
     .least = 4, .what = "a weight"},
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
