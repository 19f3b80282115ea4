/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv1 (RFC 2408 3.1 and what came after): a new one is a row here. */
#include "payloads.h"

static const ike_payload_row rows[] = {
    {1, ikev1_dissect_sa},        {4, ikev1_dissect_ke},
    {5, ike_dissect_id},          {6, ike_dissect_cert},
    {7, ike_dissect_certreq},     {8, ikev1_dissect_hash},
    {9, ikev1_dissect_signature}, {10, ike_dissect_nonce},
    {13, ike_dissect_vendor},     {128, ikev1_dissect_symmetric_key},
};

ike_payload_fn *ikev1_payload_function(const ike_packet *pkt _U_, uint8_t type)
{
    static ike_payload_fn *functions[256];
    static bool ready;

    if (!ready) {
        for (unsigned i = 0; i < array_length(rows); i++)
            functions[rows[i].type] = rows[i].dissect;
        ready = true;
    }
    return functions[type];
}

void ikev1_register(void)
{
    ikev1_register_encrypted();
    ikev1_register_attributes();
    ikev1_register_sa();
    ikev1_register_hash();
}
