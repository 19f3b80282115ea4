/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notification of IKEv1 (RFC 2408 3.14, RFC 2407 4.6.3, RFC 3706); a type that has data of its own
 * is a row in the table.
 *
 *   +---------------------------------------------------------------+
 *   |              Domain of Interpretation  (DOI)                  |
 *   +---------------+---------------+-------------------------------+
 *   |  Protocol-ID  |   SPI Size    |      Notify Message Type      |
 *   +---------------+---------------+-------------------------------+
 *   |       Security Parameter Index, then Notification Data        |
 *   +---------------------------------------------------------------+
 */
#include "dissector/ikev1/notify.h"

#include "dissector/base/attribute.h"
#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/base/payload_notation.h"
#include "dissector/base/value_strings.h"
#include "dissector/base/vendor_name.h"
#include "dissector/ikev1/attributes.h"
#include "dissector/ikev1/authip.h"
#include "proto/ike_numbers.h"

enum { FIXED = 8, FIRST_STATUS = 16384 };

static int hf_doi = -1;
static int hf_protocol = -1;
static int hf_flags = -1; /* AuthIP */
static int hf_type = -1;
static int hf_data = -1;
static int hf_r_u_there = -1;
static int hf_r_u_there_ack = -1;
static int hf_replay_status = -1;
static int hf_load_balance = -1;
static int hf_group_hash = -1;
static int hf_exchange_info = -1;
static int hf_authip_status = -1;
static int hf_authip_cookie = -1;
static int ett_data = -1;
static expert_field ei_spi = EI_INIT;
static expert_field ei_error = EI_INIT;
static expert_field ei_unknown = EI_INIT;
static expert_field ei_length = EI_INIT;

static const value_string authip_flags[] = {{1, "To be acknowledged"}, {0, NULL}};
static const value_string replay_states[] = {
    {0, "Replay detection disabled"}, {1, "Replay detection enabled"}, {0, NULL}};

/* Data that is one value: `bytes` 0 for any length, numbers may be shorter. */
static const struct {
    uint16_t type;
    const int *hf;
    uint8_t bytes;
} rows[] = {
    {IKEV1_NOTIFY_REPLAY_STATUS, &hf_replay_status, 4},
    {IKEV1_NOTIFY_R_U_THERE, &hf_r_u_there, 4},
    {IKEV1_NOTIFY_R_U_THERE_ACK, &hf_r_u_there_ack, 4},
    {IKEV1_NOTIFY_UNITY_LOAD_BALANCE, &hf_load_balance, 4},
    {IKEV1_NOTIFY_PRESHARED_KEY_HASH_UNITY_GROUP_HASH, &hf_group_hash, 0},
    {IKEV1_NOTIFY_EXCHANGE_INFO, &hf_exchange_info, 4},
    {IKEV1_NOTIFY_STATUS, &hf_authip_status, 4},
    {IKEV1_NOTIFY_DOS_COOKIE, &hf_authip_cookie, 0},
};

static void record_notify(ike_packet *pkt, tvbuff_t *body, uint16_t type, unsigned spi_size)
{
    ike_message *msg = pkt->msg;

    if (msg->notify_count == IKE_MAX_NOTIFIES) {
        msg->too_many = true;
        return;
    }
    ike_record_payload_notify(pkt);
    msg->notifies[msg->notify_count++] = (ike_notify){
        .type = type,
        .protocol = tvb_get_uint8(body, 4),
        .spi = ike_bytes_of(body, FIXED, (int)spi_size),
        .data = ike_bytes_of(body, FIXED + spi_size, -1),
        .doi = tvb_get_ntohl(body, 0),
    };
}

/* A value of a fixed length; a shorter number is shown all the same. */
static void show_value(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item, int hf,
                       unsigned bytes)
{
    unsigned length = tvb_reported_length(data);
    bool number = FT_IS_UINT(proto_registrar_get_nth((unsigned)hf)->type);

    if (bytes && length != bytes)
        expert_add_info_format(pkt->pinfo, item, &ei_length, "%u octets, but the type has %u",
                               length, bytes);
    if (bytes && length < bytes && !number)
        return;
    proto_tree_add_item(tree, hf, data, 0, (int)(bytes && bytes < length ? bytes : length),
                        ENC_BIG_ENDIAN);
}

static void dissect_data(ike_packet *pkt, tvbuff_t *body, unsigned offset, proto_tree *tree,
                         uint16_t type)
{
    proto_item *item = ike_add_rest(tree, hf_data, body, offset, ENC_NA);

    if (!ike_left(body, offset))
        return;
    tvbuff_t *data = tvb_new_subset_remaining(body, (int)offset);
    proto_tree *sub = proto_item_add_subtree(item, ett_data);
    if (type == IKEV1_NOTIFY_RESPONDER_LIFETIME) {
        ike_dissect_attributes(pkt, data, 0, sub,
                               tvb_get_uint8(body, 4) == IKEV1_PROTO_ISAKMP
                                   ? &ikev1_lifetime_ike_attributes
                                   : &ikev1_lifetime_ipsec_attributes);
        return;
    }
    for (unsigned i = 0; i < array_length(rows); i++)
        if (rows[i].type == type)
            show_value(pkt, data, sub, item, *rows[i].hf, rows[i].bytes);
}

void ikev1_dissect_notify(ike_packet *pkt, tvbuff_t *body, proto_tree *tree, proto_item *item,
                          uint8_t payload _U_)
{
    if (ike_left(body, 0) < FIXED) {
        ike_too_short(pkt, body, tree, "a notification");
        return;
    }
    bool authip = ikev1_is_authip(pkt->msg);
    unsigned spi_size = authip ? 0 : tvb_get_uint8(body, 5);
    uint16_t type = tvb_get_ntohs(body, 6);
    const char *name = ike_vendor_name_of(pkt, IKE_REG_IKEV1_NOTIFY, type);

    proto_item_append_text(item, " - %s", name);
    proto_tree_add_item(tree, hf_doi, body, 0, 4, ENC_BIG_ENDIAN);
    proto_tree_add_item(tree, hf_protocol, body, 4, 1, ENC_NA);
    proto_item *size =
        proto_tree_add_item(tree, authip ? hf_flags : hf_ike_spi_size, body, 5, 1, ENC_NA);
    proto_item *shown = ike_add_named(tree, hf_type, body, 6, 2, type, name);
    if (spi_size > ike_left(body, FIXED)) {
        expert_add_info(pkt->pinfo, size, &ei_spi);
        spi_size = ike_left(body, FIXED);
    }
    if (spi_size)
        proto_tree_add_item(tree, hf_ike_spi, body, FIXED, (int)spi_size, ENC_NA);
    if (type < FIRST_STATUS)
        expert_add_info_format(pkt->pinfo, shown, &ei_error, "The peer reports %s", name);
    else if (!ike_registry_assigned(IKE_REG_IKEV1_NOTIFY, type) && type < 32768)
        expert_add_info(pkt->pinfo, shown, &ei_unknown);
    record_notify(pkt, body, type, spi_size);
    dissect_data(pkt, body, FIXED + spi_size, tree, type);
}

void ikev1_register_notify(void)
{
    static hf_register_info hf[] = {
        {&hf_doi,
         {"Domain of interpretation", "isakmp.notify.doi", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev1_doi_ext, 0, "ISAKMP Notify Domain of Interpretation", HFILL}},
        {&hf_protocol,
         {"Protocol ID", "isakmp.notify.protoid", FT_UINT32, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev1_protocol_ext, 0, "ISAKMP Notify Protocol ID", HFILL}},
        {&hf_flags,
         {"Flags", "isakmp.notify.flags", FT_UINT8, BASE_HEX, VALS(authip_flags), 0,
          "AuthIP: where IKE has the SPI size", HFILL}},
        {&hf_type,
         {"Notify Message Type", "isakmp.notify.msgtype", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev1_notify_ext, 0, "ISAKMP Notify Message Type", HFILL}},
        {&hf_data,
         {"Notification DATA", "isakmp.notify.data", FT_BYTES, BASE_NONE, NULL, 0, NULL, HFILL}},
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
          0, "The gateway to turn to", HFILL}},
        {&hf_group_hash,
         {"Hash of the group's preshared key", "isakmp.notify.data.unity.group_hash", FT_BYTES,
          BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_exchange_info,
         {"Exchange information", "isakmp.notify.data.ms.exchange_info", FT_UINT32, BASE_HEX, NULL,
          0, "Flags of Microsoft's implementation", HFILL}},
        {&hf_authip_status,
         {"Status", "isakmp.notify.data.ms.status", FT_UINT32, BASE_HEX, NULL, 0,
          "Windows error code", HFILL}},
        {&hf_authip_cookie,
         {"DoS cookie", "isakmp.notify.data.ms.dos_cookie", FT_BYTES, BASE_NONE, NULL, 0,
          "To be sent back to prove that the initiator receives at its address", HFILL}},
    };
    static int *ett[] = {&ett_data};
    static ei_register_info ei[] = {
        {&ei_spi,
         {"isakmp.notify.spisize.invalid", PI_MALFORMED, PI_ERROR,
          "The SPI is longer than the payload", EXPFILL}},
        {&ei_error,
         {"isakmp.notify.error.ikev1", PI_RESPONSE_CODE, PI_NOTE, "The peer reports an error",
          EXPFILL}},
        {&ei_unknown,
         {"isakmp.notify.msgtype.unassigned", PI_UNDECODED, PI_NOTE, "Unknown notification",
          EXPFILL}},
        {&ei_length,
         {"isakmp.notify.data.length.ikev1", PI_PROTOCOL, PI_WARN,
          "The notification's data has not the length of its type", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
}
