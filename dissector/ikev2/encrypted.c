/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted and Authenticated, complete (RFC 7296 3.14) and in fragments (RFC 7383 2.5):
 *
 *   SKF only: | Fragment Number (2) | Total Fragments (2) |
 *   | Initialization Vector | Encrypted payloads, padding, pad length | ICV |
 */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/items.h"
#include "dissector/session/decryption.h"
#include "dissector/session/session.h"
#include "dissector/transport/fragment.h"

static int hf_number = -1;
static int hf_total = -1;
static expert_field ei_numbering = EI_INIT;

/* Dissects the decrypted payloads. Payloads with a wrong ICV are shown but not recorded. */
static void dissect_plaintext(ike_packet *pkt, tvbuff_t *plaintext, proto_tree *tree, uint8_t first,
                              bool authentic)
{
    if (!plaintext)
        return;
    ike_packet inner = authentic ? *pkt : ike_packet_unrecorded(pkt);
    inner.decrypted = true;
    inner.not_authentic = !authentic;
    unsigned used = ike_dissect_chain(&inner, plaintext, 0, tree, first);
    ike_trailing(&inner, plaintext, tree, used);
    if (authentic)
        *pkt = inner;
}

/* What an encrypted payload holds. */
typedef struct {
    tvbuff_t *payloads; /* NULL: none */
    proto_tree *tree;   /* for them */
    bool authentic;
} decrypted_payload;

/* Decrypts a payload and adds its items, or why it was not decrypted (false). */
static bool decrypt(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                    uint8_t first, bool fragment, decrypted_payload *decrypted)
{
    ike_decrypted_payload result;

    ike_decrypt_payload(pkt, body, first, fragment, &result);
    if (!result.plain || result.plain_length < (size_t)result.pad_length + 1) {
        ike_add_decrypt_failure(pkt, body, tree, item, &result);
        return false;
    }
    unsigned contained = (unsigned)(result.plain_length - 1 - result.pad_length);
    decrypted->authentic = !result.icv_checked || result.icv_ok;
    decrypted->tree = tree;
    ike_add_encrypted_layout(pkt, body, tree, &result);
    ike_add_key_source(pkt, tree, &result);
    decrypted->payloads = ike_add_plaintext(pkt, ike_add_plaintext_source(pkt, &result),
                                            &decrypted->tree, contained, true);
    return true;
}

/* The generic header of four bytes before `body` begins with the type of the first payload inside.
 */
static uint8_t first_inside(const ike_packet *pkt, tvbuff_t *body)
{
    int start = tvb_raw_offset(body) - tvb_raw_offset(pkt->tvb) - 4;

    return start >= 0 ? tvb_get_uint8(pkt->tvb, start) : 0;
}

static void record_encrypted(ike_packet *pkt, uint8_t first)
{
    pkt->msg->encrypted = true;
    pkt->msg->decryption = IKE_DECRYPTION_NONE;
    pkt->msg->first_inside = (uint16_t)(first + 1);
}

void ikev2_dissect_sk(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t type _U_)
{
    decrypted_payload decrypted;
    uint8_t first = first_inside(pkt, body);

    record_encrypted(pkt, first);
    if (pkt->decrypted) {
        /* SK inside SK is not allowed (RFC 7296 3.14). */
        ike_too_short(pkt, body, tree, "an encrypted payload inside an encrypted payload");
        return;
    }
    if (!decrypt(pkt, body, tree, item, first, false, &decrypted))
        return;
    if (decrypted.authentic)
        pkt->msg->decryption = IKE_DECRYPTION_DONE;
    pkt->plaintext = decrypted.payloads;
    dissect_plaintext(pkt, decrypted.payloads, decrypted.tree, first, decrypted.authentic);
}

void ikev2_dissect_skf(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                       uint8_t type _U_)
{
    enum { FIXED = 4 };

    pkt->msg->encrypted = true;
    pkt->msg->decryption = IKE_DECRYPTION_NONE;
    if (pkt->decrypted || ike_left(body, 0) < FIXED) {
        ike_too_short(pkt, body, tree, "an encrypted fragment");
        return;
    }
    uint8_t first = first_inside(pkt, body);
    uint16_t number = tvb_get_ntohs(body, 0), total = tvb_get_ntohs(body, 2);
    proto_item *number_item = proto_tree_add_item(tree, hf_number, body, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_total, body, 2, 2, ENC_BIG_ENDIAN);
    proto_item_append_text(item, " %u/%u", number, total);
    col_append_fstr(pkt->pinfo->cinfo, COL_INFO, " (fragment %u/%u)", number, total);
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);
    bool numbered = number && number <= total;
    if (!numbered) {
        expert_add_info(pkt->pinfo, number_item, &ei_numbering);
        pkt->msg->malformed = true;
    }
    if (numbered) {
        pkt->msg->fragment = number;
        pkt->msg->fragments = total;
    }
    if (number == 1)
        pkt->msg->first_inside = (uint16_t)(first + 1);

    tvbuff_t *encrypted = tvb_new_subset_remaining(body, FIXED);
    decrypted_payload decrypted;
    tvbuff_t *part =
        decrypt(pkt, encrypted, tree, item, first, true, &decrypted) && decrypted.authentic
            ? decrypted.payloads
            : NULL;
    if (part)
        pkt->msg->decryption = IKE_FRAGMENT;
    if (!numbered || (!part && pkt->msg->not_authentic))
        return;
    ike_fragment fragment = {
        .kind = part ? IKE_FRAGMENT_DECRYPTED : IKE_FRAGMENT_ENCRYPTED,
        .number = number,
        .total = total,
        .first = first,
        .bytes = part ? part : encrypted,
    };
    tvbuff_t *reassembled = ike_reassemble(pkt, &fragment, pkt->tree);
    if (!reassembled || !part)
        return;
    col_append_str(pkt->pinfo->cinfo, COL_INFO, " (reassembled)");
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);
    pkt->msg->decryption = IKE_DECRYPTION_DONE;
    pkt->msg->reassembled = true;
    pkt->plaintext = reassembled;
    pkt->msg->first_inside = (uint16_t)(fragment.first + 1);
    dissect_plaintext(pkt, reassembled, pkt->tree, fragment.first, true);
}

void ikev2_register_sk(void)
{
    static hf_register_info hf[] = {
        {&hf_number,
         {"Fragment Number", "isakmp.frag.number", FT_UINT16, BASE_DEC, NULL, 0,
          "ISAKMP fragment number", HFILL}},
        {&hf_total,
         {"Total Fragments", "isakmp.frag.total", FT_UINT16, BASE_DEC, NULL, 0,
          "ISAKMP total number of fragments", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_numbering,
         {"isakmp.fragment_number.invalid", PI_MALFORMED, PI_WARN, "Invalid fragment numbering",
          EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
