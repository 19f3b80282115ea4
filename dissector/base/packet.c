/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/packet.h"

int proto_isakmp = -1;

ike_packet ike_packet_unrecorded(const ike_packet *pkt)
{
    ike_packet copy = *pkt;

    copy.msg = wmem_new0(pkt->pinfo->pool, ike_message);
    /* The header and the counts behind it; the lists begin empty. */
    memcpy(copy.msg, pkt->msg, offsetof(ike_message, id));
    return copy;
}
