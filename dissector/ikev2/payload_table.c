/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payloads of IKEv2 (RFC 7296 3.2): a new one is a row here and a function of its own. */
#include "dissector/common/payloads.h"

static const ike_payload_row rows[] = {
    {33, ikev2_dissect_sa},     {34, ikev2_dissect_ke},        {35, ike_dissect_id},
    {36, ike_dissect_id},       {37, ike_dissect_cert},        {38, ike_dissect_certreq},
    {39, ikev2_dissect_auth},   {40, ike_dissect_nonce},       {41, ikev2_dissect_notify},
    {42, ikev2_dissect_delete}, {43, ike_dissect_vendor},      {44, ikev2_dissect_ts},
    {45, ikev2_dissect_ts},     {46, ikev2_dissect_sk},        {47, ikev2_dissect_cp},
    {48, ike_dissect_eap},      {49, ikev2_dissect_gspm},      {50, gikev2_dissect_idg},
    {51, gikev2_dissect_gsa},   {52, gikev2_dissect_kd},       {53, ikev2_dissect_skf},
    {54, ikev2_dissect_puzzle}, {132, ikev1_dissect_fragment},
};

ike_payload_fn *ikev2_payload_function(uint8_t type)
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
