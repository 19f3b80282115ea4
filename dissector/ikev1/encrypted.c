/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encrypted part of an IKEv1 message: all after the header (RFC 2408 3.1, RFC 2409 appendix B),
 * payloads and then padding. No packet carries the IV. */
#include "dissector/ikev1/payloads.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/session/decryption.h"
#include "dissector/session/session.h"

enum { GENERIC_HEADER = 4 };

static int hf_iv_used = -1;
static int hf_unreadable = -1;
static expert_field ei_partial = EI_INIT;
static expert_field ei_hash = EI_INIT;

/* Fragments, and all of AuthIP, have the flag and yet a payload in clear behind the header. */
static bool is_clear(const ike_packet *pkt, tvbuff_t *body, uint8_t first)
{
    if (ikev1_is_authip(pkt->msg))
        return true;
    return first == IKEV1_PAYLOAD_FRAGMENT && ike_left(body, 0) > GENERIC_HEADER &&
           tvb_get_ntohs(body, 2) == ike_left(body, 0) && !tvb_get_ntohs(body, 0);
}

static void show_iv(const ike_packet *pkt, proto_tree *tree, const ike_decrypted_payload *result)
{
    const ike_decrypt_hint *hint = &result->hint;

    if (!hint->iv_length || result->status != IKE_DECRYPT_OK)
        return;
    proto_item_set_generated(proto_tree_add_bytes_with_length(tree, hf_iv_used, pkt->tvb, 0, 0,
                                                              hint->iv, hint->iv_length));
}

static void show_unreadable(ike_packet *pkt, tvbuff_t *plain, proto_tree *tree, unsigned first_good)
{
    if (first_good <= GENERIC_HEADER || first_good > tvb_reported_length(plain))
        return;
    proto_item *item = proto_tree_add_item(tree, hf_unreadable, plain, GENERIC_HEADER,
                                           first_good - GENERIC_HEADER, ENC_NA);
    expert_add_info_format(
        pkt->pinfo, item, &ei_partial,
        "IV not known (earlier messages are missing): the first %u bytes are not decrypted",
        first_good);
}

/* Filters that were written for the built-in know the padding as isakmp.extradata: they go on
 * matching, unseen. */
static void store_builtin_padding(tvbuff_t *plain, proto_tree *tree, unsigned contained)
{
    if (ike_left(plain, contained))
        proto_item_set_hidden(ike_add_rest(tree, hf_ike_extra_data, plain, contained, ENC_NA));
}

static bool is_forged(const ike_decrypted_payload *result)
{
    return result->hash_checked && !result->hash_ok;
}

/* Payloads with a wrong HASH are shown but not recorded, and so are those that may be copied from
 * another message, when others of the IKE SA are verified. */
static bool is_recorded(const ike_decrypted_payload *result)
{
    return !is_forged(result) && !result->hint.unconfirmed;
}

static void dissect_plaintext(ike_packet *pkt, tvbuff_t *plaintext, proto_tree *tree, uint8_t first,
                              const ike_decrypted_payload *result)
{
    bool recorded = is_recorded(result);
    ike_packet inner = recorded ? *pkt : ike_packet_unrecorded(pkt);

    inner.decrypted = true;
    inner.hash_number = result->hash_number;
    inner.not_authentic = !recorded;
    inner.unreadable = result->status == IKE_DECRYPT_NO_IV;
    if (is_forged(result))
        expert_add_info(pkt->pinfo, pkt->item, &ei_hash);
    ike_dissect_chain(&inner, plaintext, 0, tree, first);
    if (recorded)
        *pkt = inner;
}

void ikev1_dissect_encrypted(ike_packet *pkt, tvbuff_t *body, uint8_t first)
{
    ike_decrypted_payload result;

    /* As in decrypted copies, which firewalls' debug captures have. */
    if (!ikev1_is_authip(pkt->msg) && ike_is_ikev1_chain(body, first)) {
        pkt->msg->encrypted = false;
        ike_dissect_chain(pkt, body, 0, pkt->tree, first);
        return;
    }
    pkt->msg->decryption = IKE_DECRYPTION_NONE;
    pkt->msg->first_inside = (uint16_t)(first + 1);
    if (is_clear(pkt, body, first)) {
        ike_dissect_chain(pkt, body, 0, pkt->tree, first);
        return;
    }
    ike_decrypt_payload(pkt, body, first, false, &result);
    if (!result.plain || !result.plain_length || result.plain_length <= result.pad_length) {
        ike_add_decrypt_failure(pkt, body, pkt->tree, pkt->item, &result);
        return;
    }
    if (is_recorded(&result))
        pkt->msg->decryption = IKE_DECRYPTION_DONE;
    unsigned contained = (unsigned)(result.plain_length - result.pad_length);
    ike_add_encrypted_layout(pkt, body, pkt->tree, &result);
    show_iv(pkt, pkt->tree, &result);
    ike_add_key_source(pkt, pkt->tree, &result);
    tvbuff_t *plain = ike_add_plaintext_source(pkt, &result);
    proto_tree *tree = pkt->tree;
    if (result.status == IKE_DECRYPT_NO_IV)
        show_unreadable(pkt, plain, tree, (unsigned)result.first_good);
    store_builtin_padding(plain, tree, contained);
    pkt->plaintext = ike_add_plaintext(pkt, plain, &tree, contained, false);
    dissect_plaintext(pkt, pkt->plaintext, tree, first, &result);
}

void ikev1_register_encrypted(void)
{
    static hf_register_info hf[] = {
        {&hf_iv_used,
         {"IV used", "isakmp.enc.iv_used", FT_BYTES, BASE_NONE, NULL, 0,
          "The IV that decrypted the first block", HFILL}},
        {&hf_unreadable,
         {"Unreadable", "isakmp.enc.unreadable", FT_BYTES, BASE_NONE, NULL, 0,
          "The part of the first block that needs the IV", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_partial,
         {"isakmp.enc.partial", PI_DECRYPTION, PI_WARN,
          "Decrypted except for the first block (IV not known)", EXPFILL}},
        {&ei_hash,
         {"isakmp.hash.wrong", PI_SECURITY, PI_WARN,
          "HASH does not verify: message modified, or not from the peer", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
