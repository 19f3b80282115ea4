/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encrypted part of an IKEv1 message: all after the header (RFC 2408 3.1, RFC 2409 appendix B).
 */
#include "payloads.h"
#include "sealed.h"
#include "session.h"

static int hf_iv_used = -1;

void ikev1_dissect_encrypted(ike_packet *pkt, tvbuff_t *body, uint8_t first)
{
    ike_opened result;

    pkt->msg->opening = IKE_SEALED;
    pkt->msg->first_inside = (uint16_t)(first + 1);
    ike_sealed_open(pkt, body, first, false, &result);
    if (result.status != IKE_OPEN_OK || !result.plain) {
        g_free(result.plain);
        result.plain = NULL;
        ike_sealed_show_failure(pkt, body, pkt->tree, pkt->item, &result);
        return;
    }
    pkt->msg->opening = IKE_OPENED;
    unsigned contained = (unsigned)result.plain_length;
    tvbuff_t *plain = ike_sealed_plaintext(pkt, &result);
    proto_tree *tree = pkt->tree;
    tvbuff_t *inside = ike_sealed_show_plain(pkt, plain, &tree, contained, false);
    if (!inside)
        return;
    pkt->inside = inside;
    pkt->opened = true;
    ike_dissect_chain(pkt, inside, tree, first);
}

void ikev1_register_encrypted(void)
{
    static hf_register_info hf[] = {
        {&hf_iv_used,
         {"IV used", "isakmp.enc.iv_used", FT_BYTES, BASE_NONE, NULL, 0,
          "The IV that decrypted the first block", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
