/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notification data of IKEv1 (RFC 2408 3.14, RFC 2407 4.6.3, RFC 3706): a row per type. */
#include "dissector/ikev1/payloads.h"

#include "dissector/base/attribute.h"
#include "dissector/base/bytes.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/notify_names.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/notification.h"
#include "dissector/ikev1/attributes.h"

enum { DOI = 4 };

static int hf_doi = -1;
static int hf_protocol = -1;
static int hf_flags = -1; /* AuthIP */
static int hf_type = -1;
static int hf_r_u_there = -1;
static int hf_r_u_there_ack = -1;
static int hf_replay_status = -1;
static int hf_load_balance = -1;
static int hf_group_hash = -1;
static int hf_exchange_info = -1;
static int hf_authip_status = -1;
static int hf_authip_cookie = -1;

static const value_string authip_flags[] = {{1, "To be acknowledged"}, {0, NULL}};
static const value_string replay_states[] = {
    {0, "Replay detection disabled"}, {1, "Replay detection enabled"}, {0, NULL}};

static void dissect_ike_lifetime(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                 proto_item *item _U_, uint16_t type _U_)
{
    ike_dissect_attributes(pkt, data, 0, tree, &ikev1_lifetime_ike_attributes);
}

static void dissect_ipsec_lifetime(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                   proto_item *item _U_, uint16_t type _U_)
{
    ike_dissect_attributes(pkt, data, 0, tree, &ikev1_lifetime_ipsec_attributes);
}

static const ike_value_row ike_lifetime_row = {IKEV1_NOTIFY_RESPONDER_LIFETIME,
                                               .dissect = dissect_ike_lifetime};

static const ike_value_row rows[] = {
    {IKEV1_NOTIFY_RESPONDER_LIFETIME, .dissect = dissect_ipsec_lifetime},
    {IKEV1_NOTIFY_REPLAY_STATUS, .fields = {&hf_replay_status}},
    {IKEV1_NOTIFY_R_U_THERE, .fields = {&hf_r_u_there}},
    {IKEV1_NOTIFY_R_U_THERE_ACK, .fields = {&hf_r_u_there_ack}},
    {IKEV1_NOTIFY_UNITY_LOAD_BALANCE, .fields = {&hf_load_balance}},
    {IKEV1_NOTIFY_PRESHARED_KEY_HASH_UNITY_GROUP_HASH, .fields = {&hf_group_hash}},
    {IKEV1_NOTIFY_EXCHANGE_INFO, .fields = {&hf_exchange_info}},
    {IKEV1_NOTIFY_STATUS, .fields = {&hf_authip_status}},
    {IKEV1_NOTIFY_DOS_COOKIE, .fields = {&hf_authip_cookie}},
};

static const ike_value_row *row_of(const ike_packet *pkt _U_, uint16_t type, uint8_t protocol)
{
    if (type == IKEV1_NOTIFY_RESPONDER_LIFETIME && protocol == IKEV1_PROTO_ISAKMP)
        return &ike_lifetime_row;
    for (unsigned i = 0; i < array_length(rows); i++)
        if (rows[i].type == type)
            return &rows[i];
    return NULL;
}

void ikev1_dissect_notify(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t payload _U_)
{
    static const ike_notification ikev1 = {
        .registry = IKE_REG_IKEV1_NOTIFY,
        .first_private = IKEV1_NOTIFY_FIRST_PRIVATE,
        .protocol = &hf_protocol,
        .spi_size = &hf_ike_spi_size,
        .type = &hf_type,
        .has_spi = true,
        .row_of = row_of,
    };
    static const ike_notification authip = {
        .registry = IKE_REG_IKEV1_NOTIFY,
        .first_private = IKEV1_NOTIFY_FIRST_PRIVATE,
        .protocol = &hf_protocol,
        .spi_size = &hf_flags,
        .type = &hf_type,
        .row_of = row_of,
    };

    if (ike_left(body, 0) >= DOI)
        proto_tree_add_item(tree, hf_doi, body, 0, DOI, ENC_BIG_ENDIAN);
    ike_dissect_notification(pkt, body, DOI, tree, item,
                             ikev1_is_authip(pkt->msg) ? &authip : &ikev1);
}

void ikev1_register_notify(void)
{
    static hf_register_info hf[] = {
        {&hf_doi,
         {"Domain of interpretation", "isakmp.notify.doi", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_DOI], 0, "ISAKMP Notify Domain of Interpretation", HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.notify.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_PROTOCOL], 0, "ISAKMP Notify Protocol ID", HFILL}},
        {&hf_flags,
         {"Flags", "isakmp.notify.flags", FT_UINT8, BASE_HEX, VALS(authip_flags), 0,
          "AuthIP: where IKE has the SPI size", HFILL}},
        {&hf_type,
         {"Notify Message Type", "isakmp.notify.msgtype", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV1_NOTIFY], 0, "ISAKMP Notify Message Type", HFILL}},
        {&hf_r_u_there,
         {"DPD ARE-YOU-THERE sequence", "isakmp.notify.data.dpd.are_you_there", FT_UINT32, BASE_DEC,
          NULL, 0, NULL, HFILL}},
        {&hf_r_u_there_ack,
         {"DPD ARE-YOU-THERE-ACK sequence", "isakmp.notify.data.dpd.are_you_there_ack", FT_UINT32,
          BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_replay_status,
         {"Replay status", "isakmp.notify.data.replay_status", FT_UINT32, BASE_DEC,
          VALS(replay_states), 0, "Whether the responder detects replayed packets", HFILL}},
        {&hf_load_balance,
         {"UNITY LOAD BALANCE", "isakmp.notify.data.unity.load_balance", FT_IPv4, BASE_NONE, NULL,
          0, "Gateway to connect to instead", HFILL}},
        {&hf_group_hash,
         {"Hash of the group's preshared key", "isakmp.notify.data.unity.group_hash", FT_BYTES,
          BASE_NONE, NULL, 0, "PRESHARED_KEY_HASH of Cisco Unity", HFILL}},
        {&hf_exchange_info,
         {"Exchange information", "isakmp.notify.data.ms.exchange_info", FT_UINT32, BASE_HEX, NULL,
          0, "Flags of Microsoft's implementation", HFILL}},
        {&hf_authip_status,
         {"Status", "isakmp.notify.data.ms.status", FT_UINT32, BASE_HEX, NULL, 0,
          "Windows error code", HFILL}},
        {&hf_authip_cookie,
         {"DoS cookie", "isakmp.notify.data.ms.dos_cookie", FT_BYTES, BASE_NONE, NULL, 0,
          "Returned by the initiator to prove that it receives at its address", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
