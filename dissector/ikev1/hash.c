/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payloads of IKEv1 that are bytes only: Hash and Signature (RFC 2408 3.11, 3.12), and the key
 * that GM/T 0022 sends encrypted under the peer's public key. */
#include "dissector/ikev1/payloads.h"

#include "dissector/base/items.h"

static int hf_hash = -1;
static int hf_hash_name = -1;
static int hf_signature = -1;
static int hf_symmetric_key = -1;
static expert_field ei_empty = EI_INIT;

static void show(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, int hf)
{
    proto_item *item = ike_add_rest(tree, hf, body, 0, ENC_NA);

    if (!tvb_reported_length(body))
        expert_add_info(pkt->pinfo, item, &ei_empty);
}

/* In phase 1 the payload authenticates its sender (RFC 2409 5); later HASHes only protect a
 * message. */
static void record_auth_tree(ike_packet *pkt, proto_tree *tree, proto_item *item)
{
    uint8_t exchange = pkt->msg->exchange;

    if (exchange != IKEV1_EXCHANGE_BASE && exchange != IKEV1_EXCHANGE_MAIN_MODE &&
        exchange != IKEV1_EXCHANGE_AGGRESSIVE_MODE)
        return;
    pkt->auth_tree = tree;
    pkt->auth_item = item;
}

void ikev1_dissect_hash(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                        uint8_t type _U_)
{
    record_auth_tree(pkt, tree, item);
    show(pkt, body, tree, hf_hash);
    if (pkt->hash_number && pkt->msg->exchange == IKEV1_EXCHANGE_QUICK_MODE)
        ike_add_generated_string(
            tree, hf_hash_name, body,
            wmem_strdup_printf(pkt->pinfo->pool, "HASH(%u), verified", pkt->hash_number));
    if (!pkt->msg->hash.data)
        pkt->msg->hash = ike_bytes_of(body, 0, -1);
}

void ikev1_dissect_signature(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                             uint8_t type _U_)
{
    record_auth_tree(pkt, tree, item);
    show(pkt, body, tree, hf_signature);
    if (!pkt->msg->signature.data)
        pkt->msg->signature = ike_bytes_of(body, 0, -1);
}

void ikev1_dissect_symmetric_key(ike_packet *pkt, tvbuff_t *body, proto_tree *tree,
                                 proto_item *item _U_, uint8_t type _U_)
{
    show(pkt, body, tree, hf_symmetric_key);
    ike_add_hidden_data(tree, body);
}

void ikev1_register_hash(void)
{
    static hf_register_info hf[] = {
        {&hf_hash, {"Hash DATA", "isakmp.hash", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_hash_name,
         {"Name", "isakmp.hash.name", FT_STRING, BASE_NONE, NULL, 0,
          "Which HASH of quick mode or GROUPKEY-PULL it is: the one that is right", HFILL}},
        {&hf_signature,
         {"Signature DATA", "isakmp.sig", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_symmetric_key,
         {"Encrypted Symmetric Key", "isakmp.symmetric_key", FT_BYTES, BASE_NONE, NULL, 0,
          "GM/T 0022", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_empty,
         {"isakmp.payload.empty", PI_PROTOCOL, PI_WARN, "The payload has no data", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
