/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extensible Authentication (RFC 7296 3.16): handed to Wireshark's EAP dissector. */
#include "dissector/common/payloads.h"

#include "dissector/base/bytes.h"
#include "dissector/base/subdissector.h"

#include "proto/eap_packet.h"

void ike_dissect_eap(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                     uint8_t type _U_)
{
    enum { FIXED = 4 };

    pkt->msg->eap = ike_bytes_of(body, 0, -1);
    ike_parse_eap(pkt->msg->eap, &pkt->msg->eap_packet);
    pkt->msg->eap_code = tvb_get_uint8(body, 0);
    if (ike_left(body, FIXED))
        pkt->msg->eap_type = tvb_get_uint8(body, FIXED);
    ike_call_eap(pkt, body, tree);
}
