/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv2 (RFC 7296 3.2): to support one is to add a row here, with a function of its
 * own. Notify (notify/notify.c) and those of G-IKEv2 (group/register.c) add their own rows. */
#include "dissector/ikev2/payloads.h"

#include "dissector/common/payloads.h"

static const ike_payload_row rows[] = {
    {IKEV2_PAYLOAD_SA, .dissect = ikev2_dissect_sa, .least = 1, .what = "a proposal"},
    {IKEV2_PAYLOAD_KE, .dissect = ikev2_dissect_ke, .least = 4, .what = "a key exchange"},
    {IKEV2_PAYLOAD_IDI, .dissect = ike_dissect_id},
    {IKEV2_PAYLOAD_IDR, .dissect = ike_dissect_id},
    {IKEV2_PAYLOAD_CERT, .dissect = ike_dissect_cert},
    {IKEV2_PAYLOAD_CERTREQ, .dissect = ike_dissect_certreq, .least = 1,
     .what = "a certificate request"},
    {IKEV2_PAYLOAD_AUTH, .dissect = ikev2_dissect_auth, .least = 4, .what = "an authentication"},
    {IKEV2_PAYLOAD_NONCE, .dissect = ike_dissect_nonce},
    {IKEV2_PAYLOAD_DELETE, .dissect = ikev2_dissect_delete, .least = 4, .what = "a deletion"},
    {IKEV2_PAYLOAD_VENDOR_ID, .dissect_in_place = ike_dissect_vendor},
    {IKEV2_PAYLOAD_TSI, .dissect = ikev2_dissect_ts, .least = 4, .what = "traffic selectors"},
    {IKEV2_PAYLOAD_TSR, .dissect = ikev2_dissect_ts, .least = 4, .what = "traffic selectors"},
    {IKEV2_PAYLOAD_SK, .dissect = ikev2_dissect_sk, .ends_chain = true},
    {IKEV2_PAYLOAD_CP, .dissect = ikev2_dissect_cp, .least = 4, .what = "a configuration"},
    {IKEV2_PAYLOAD_EAP, .dissect = ike_dissect_eap, .least = 4, .what = "an EAP packet"},
    {IKEV2_PAYLOAD_GSPM, .dissect = ikev2_dissect_gspm},
    {IKEV2_PAYLOAD_SKF, .dissect = ikev2_dissect_skf, .ends_chain = true},
    {IKEV2_PAYLOAD_PS, .dissect = ikev2_dissect_puzzle},
    {IKEV1_PAYLOAD_FRAGMENT, .dissect = ike_dissect_fragment_payload, .least = 5,
     .what = "a fragment"},
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
