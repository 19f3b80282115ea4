/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv1 (RFC 2408 3.1 and what came after): to support one is to add a row here.
 * Those of GDOI add their own rows (group/register.c). */
#include "dissector/ikev1/payload_table.h"

#include "dissector/common/certificate.h"
#include "dissector/common/delete.h"
#include "dissector/common/fragment_payload.h"
#include "dissector/common/identification.h"
#include "dissector/common/key_exchange_nonce.h"
#include "dissector/common/vendor_id.h"
#include "dissector/ikev1/attributes.h"
#include "dissector/ikev1/authip.h"
#include "dissector/ikev1/configuration.h"
#include "dissector/ikev1/encrypted.h"
#include "dissector/ikev1/hash.h"
#include "dissector/ikev1/nat.h"
#include "dissector/ikev1/notify.h"
#include "dissector/ikev1/security_association.h"

static const ike_payload_row rows[] = {
    {IKEV1_PAYLOAD_SA, ikev1_dissect_sa, NULL, false},
    {IKEV1_PAYLOAD_KE, ikev1_dissect_ke, NULL, false},
    {IKEV1_PAYLOAD_ID, ike_dissect_id, NULL, false},
    {IKEV1_PAYLOAD_CERT, ike_dissect_cert, NULL, false},
    {IKEV1_PAYLOAD_CR, ike_dissect_certreq, NULL, false},
    {IKEV1_PAYLOAD_HASH, ikev1_dissect_hash, NULL, false},
    {IKEV1_PAYLOAD_SIG, ikev1_dissect_signature, NULL, false},
    {IKEV1_PAYLOAD_NONCE, ike_dissect_nonce, NULL, false},
    {IKEV1_PAYLOAD_NOTIFY, ikev1_dissect_notify, NULL, false},
    {IKEV1_PAYLOAD_DELETE, ikev1_dissect_delete, NULL, false},
    {IKEV1_PAYLOAD_VENDOR_ID, ike_dissect_vendor, NULL, false},
    {IKEV1_PAYLOAD_ATTR, ikev1_dissect_config, NULL, false},
    {IKEV1_PAYLOAD_NAT_D_DRAFTS_04_08, ikev1_dissect_nat_d, "NAT-D (drafts 04-08)", false},
    {IKEV1_PAYLOAD_NAT_OA_DRAFTS_04_08, ikev1_dissect_nat_oa, "NAT-OA (drafts 04-08)", false},
    {IKEV1_PAYLOAD_NAT_D, ikev1_dissect_nat_d, NULL, false},
    {IKEV1_PAYLOAD_NAT_OA, ikev1_dissect_nat_oa, NULL, false},
    {IKEV1_PAYLOAD_SYMMETRIC_KEY, ikev1_dissect_symmetric_key, NULL, false},
    {IKEV1_PAYLOAD_GSS_API_TOKEN, ikev1_dissect_gss_token, NULL, false},
    {IKEV1_PAYLOAD_NAT_D_DRAFTS_00_03, ikev1_dissect_nat_d, NULL, false},
    {IKEV1_PAYLOAD_NAT_OA_DRAFTS_00_03, ikev1_dissect_nat_oa, NULL, false},
    {IKEV1_PAYLOAD_FRAGMENT, ike_dissect_fragment_payload, NULL, false},
    {IKEV1_PAYLOAD_AUTHIP_CRYPTO, ikev1_dissect_authip_crypto, NULL, false},
    {IKEV1_PAYLOAD_AUTHIP_GSS_ID, ikev1_dissect_gss_id, NULL, false},
    {IKEV1_PAYLOAD_AUTHIP_AUTH, ikev1_dissect_authip_auth, NULL, false},
    {IKEV1_PAYLOAD_AUTHIP_KEY_DICTATION, ikev1_dissect_key_dictation, NULL, false},
    {IKEV1_PAYLOAD_AUTHIP_KEY_DICTATION_WEIGHT, ikev1_dissect_dictation_weight, NULL, false},
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
