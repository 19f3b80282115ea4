/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv1 (RFC 2408 3.1 and what came after): a new one is a row here. */
#include "dissector/group/gdoi.h"
#include "dissector/common/payloads.h"
#include "dissector/base/vendor.h"

static const ike_payload_row rows[] = {
    {1, ikev1_dissect_sa},
    {4, ikev1_dissect_ke},
    {5, ike_dissect_id},
    {6, ike_dissect_cert},
    {7, ike_dissect_certreq},
    {8, ikev1_dissect_hash},
    {9, ikev1_dissect_signature},
    {10, ike_dissect_nonce},
    {11, ikev1_dissect_notify},
    {12, ikev1_dissect_delete},
    {13, ike_dissect_vendor},
    {14, ikev1_dissect_config},
    {15, ikev1_dissect_nat_d},  /* drafts 04 to 08 */
    {16, ikev1_dissect_nat_oa}, /* drafts 04 to 08 */
    {17, gdoi_dissect_key_download},
    {18, gdoi_dissect_sequence},
    {19, gdoi_dissect_pop},
    {20, ikev1_dissect_nat_d},
    {21, ikev1_dissect_nat_oa},
    {22, gdoi_dissect_gap},
    {128, ikev1_dissect_symmetric_key},
    {129, ikev1_dissect_gss_token},
    {130, ikev1_dissect_nat_d},  /* drafts 00 to 03 */
    {131, ikev1_dissect_nat_oa}, /* drafts 00 to 03 */
    {132, ikev1_dissect_fragment},
    {133, ikev1_dissect_authip_crypto},
    {134, ikev1_dissect_gss_id},
    {135, ikev1_dissect_authip_auth},
    {136, ikev1_dissect_key_dictation},
    {137, ikev1_dissect_dictation_weight},
};

/* Numbers that mean something else in the Group Domain of Interpretation, and what they are called
 * outside of it. */
static const ike_payload_row gdoi_rows[] = {
    {15, gdoi_dissect_sa_kek},
    {16, gdoi_dissect_sa_tek},
};
static const value_string draft_names[] = {
    {15, "NAT-D (drafts 04-08)"}, {16, "NAT-OA (drafts 04-08)"}, {0, NULL}};

const char *ikev1_payload_name(const ike_packet *pkt, uint8_t type)
{
    const char *name = gdoi_speaks(pkt) ? NULL : try_val_to_str(type, draft_names);

    return name ? name : ike_vendor_name_of(pkt, IKE_REG_IKEV1_PAYLOAD, type);
}

ike_payload_fn *ikev1_payload_function(const ike_packet *pkt, uint8_t type)
{
    static ike_payload_fn *functions[256];
    static bool ready;

    if (!ready) {
        for (unsigned i = 0; i < array_length(rows); i++)
            functions[rows[i].type] = rows[i].dissect;
        ready = true;
    }
    if (gdoi_speaks(pkt))
        for (unsigned i = 0; i < array_length(gdoi_rows); i++)
            if (gdoi_rows[i].type == type)
                return gdoi_rows[i].dissect;
    return functions[type];
}

void ikev1_register(void)
{
    ikev1_register_encrypted();
    ikev1_register_attributes();
    ikev1_register_sa();
    ikev1_register_hash();
    ikev1_register_notify();
    ikev1_register_config();
    ikev1_register_nat();
    ikev1_register_fragment();
    ikev1_register_authip();
    gdoi_register_policy();
    gdoi_register_keys();
}
