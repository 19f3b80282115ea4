/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv2 (RFC 7296 3.2): to support one is to add a row here, with a function of its
 * own. Notify (notify/notify.c) and those of G-IKEv2 (group/register.c) add their own rows. */
#include "dissector/ikev2/payload_table.h"

#include "dissector/common/certificate.h"
#include "dissector/common/delete.h"
#include "dissector/common/eap.h"
#include "dissector/common/fragment_payload.h"
#include "dissector/common/identification.h"
#include "dissector/common/key_exchange_nonce.h"
#include "dissector/common/vendor_id.h"
#include "dissector/ikev2/auth.h"
#include "dissector/ikev2/configuration.h"
#include "dissector/ikev2/encrypted.h"
#include "dissector/ikev2/extension.h"
#include "dissector/ikev2/security_association.h"
#include "dissector/ikev2/traffic_selector.h"

static const ike_payload_row rows[] = {
    {IKEV2_PAYLOAD_SA, ikev2_dissect_sa, NULL, false},
    {IKEV2_PAYLOAD_KE, ikev2_dissect_ke, NULL, false},
    {IKEV2_PAYLOAD_IDI, ike_dissect_id, NULL, false},
    {IKEV2_PAYLOAD_IDR, ike_dissect_id, NULL, false},
    {IKEV2_PAYLOAD_CERT, ike_dissect_cert, NULL, false},
    {IKEV2_PAYLOAD_CERTREQ, ike_dissect_certreq, NULL, false},
    {IKEV2_PAYLOAD_AUTH, ikev2_dissect_auth, NULL, false},
    {IKEV2_PAYLOAD_NONCE, ike_dissect_nonce, NULL, false},
    {IKEV2_PAYLOAD_DELETE, ikev2_dissect_delete, NULL, false},
    {IKEV2_PAYLOAD_VENDOR_ID, ike_dissect_vendor, NULL, false},
    {IKEV2_PAYLOAD_TSI, ikev2_dissect_ts, NULL, false},
    {IKEV2_PAYLOAD_TSR, ikev2_dissect_ts, NULL, false},
    {IKEV2_PAYLOAD_SK, ikev2_dissect_sk, NULL, true},
    {IKEV2_PAYLOAD_CP, ikev2_dissect_cp, NULL, false},
    {IKEV2_PAYLOAD_EAP, ike_dissect_eap, NULL, false},
    {IKEV2_PAYLOAD_GSPM, ikev2_dissect_gspm, NULL, false},
    {IKEV2_PAYLOAD_SKF, ikev2_dissect_skf, NULL, true},
    {IKEV2_PAYLOAD_PS, ikev2_dissect_puzzle, NULL, false},
    {IKEV1_PAYLOAD_FRAGMENT, ike_dissect_fragment_payload, NULL, false},
};

void ikev2_register(void)
{
    ikev2_register_sa();
    ikev2_register_auth();
    ikev2_register_ts();
    ikev2_register_sk();
    ikev2_register_cp();
    ikev2_register_extension();
    ike_add_payloads(IKE_PAYLOADS_IKEV2, rows, array_length(rows));
}
