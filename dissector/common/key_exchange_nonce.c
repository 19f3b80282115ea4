/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key Exchange (RFC 7296 3.4) and, in all versions, Nonce (3.9). */
#include "dissector/common/payloads.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/public_key_encryption.h"
#include "dissector/session/session.h"
#include "registry/names.h"

static int hf_group = -1;
static int hf_data = -1;
static int hf_nonce = -1;
static expert_field ei_length = EI_INIT;
static expert_field ei_value = EI_INIT;
static expert_field ei_nonce = EI_INIT;

/* A value that is not a member of its group: RFC 6989, RFC 8031 3.2. */
static const char *check_value(ike_packet *pkt, proto_item *item, uint16_t group, ike_span data)
{
    const char *fault = ike_public_value_fault(group, data);

    if (fault)
        expert_add_info_format(pkt->pinfo, item, &ei_value, "Invalid public value: %s", fault);
    return fault;
}

/* IKEv1 names the group of phase 1 in the SA payload of the messages before. */
static uint16_t phase1_group(const ike_packet *pkt)
{
    const ike_sa *sa = pkt->data ? pkt->data->sa : NULL;

    return pkt->msg->message_id == 0 && sa ? sa->negotiated->key_exchange : 0;
}

static void record_key_exchange(ike_packet *pkt, proto_item *item, uint16_t group, ike_span data)
{
    ike_message *msg = pkt->msg;
    const char *fault = check_value(pkt, item, group ? group : phase1_group(pkt), data);

    if (msg->ke_count == IKE_MAX_KEY_EXCHANGES)
        return;
    msg->ke[msg->ke_count++] = (ike_key_exchange){group, data, fault};
}

/* The length that the group gives this side's value: a KEM's public key and ciphertext differ. */
static void check_length(ike_packet *pkt, proto_item *item, uint16_t id, unsigned length)
{
    const ike_group *group = ike_group_find(id);

    if (!group || !group->init_bytes || length == group->init_bytes || length == group->resp_bytes)
        return;
    expert_add_info_format(pkt->pinfo, item, &ei_length,
                           "%u bytes of key exchange data, %s needs %u", length, group->name,
                           pkt->msg->response ? group->resp_bytes : group->init_bytes);
}

void ikev2_dissect_ke(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t type _U_)
{
    enum { FIXED = 4 };

    uint16_t group = tvb_get_ntohs(body, 0);
    proto_tree_add_item(tree, hf_group, body, 0, 2, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_ike_reserved, body, 2, 2, ENC_NA);
    proto_item *data = ike_add_rest(tree, hf_data, body, FIXED, ENC_NA);
    check_length(pkt, data, group, ike_left(body, FIXED));
    record_key_exchange(pkt, data, group, ike_bytes_of(body, FIXED, -1));
    proto_item_append_text(item, " - %s",
                           val_to_str_ext_const(group, &ike_strings[IKE_REG_IKEV2_KE], "unknown"));
}

void ikev1_dissect_ke(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                      uint8_t type)
{
    if (ikev1_dissect_public_key_encrypted(pkt, body, tree, item, type))
        return;

    proto_item *data = ike_add_rest(tree, hf_data, body, 0, ENC_NA);
    record_key_exchange(pkt, data, 0, ike_bytes_of(body, 0, -1));
}

void ike_dissect_nonce(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                       uint8_t type)
{
    unsigned length = tvb_reported_length(body);
    unsigned least = pkt->msg->major < 2 ? 8 : 16;

    if (ikev1_dissect_public_key_encrypted(pkt, body, tree, item, type))
        return;
    proto_item *nonce = ike_add_rest(tree, hf_nonce, body, 0, ENC_NA);
    if (length < least || length > 256)
        expert_add_info_format(pkt->pinfo, nonce, &ei_nonce, "Nonce of %u bytes, must be %u to 256",
                               length, least);
    pkt->msg->nonce = ike_bytes_of(body, 0, -1);
}

void ikev2_register_ke(void)
{
    static hf_register_info hf[] = {
        {&hf_group,
         {"DH Group #", "isakmp.key_exchange.dh_group", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_KE], 0, NULL, HFILL}},
        {&hf_data,
         {"Key Exchange Data", "isakmp.key_exchange.data", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_nonce,
         {"Nonce DATA", "isakmp.nonce", FT_BYTES, BASE_NONE, NULL, 0, "ISAKMP Nonce", HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_length,
         {"isakmp.key_exchange.data.length", PI_PROTOCOL, PI_WARN,
          "Invalid length of key exchange data for this group", EXPFILL}},
        {&ei_value,
         {"isakmp.key_exchange.data.invalid", PI_PROTOCOL, PI_WARN,
          "Key exchange data is not a public value of its group", EXPFILL}},
        {&ei_nonce,
         {"isakmp.nonce.length", PI_PROTOCOL, PI_WARN, "Nonce too short or too long", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
