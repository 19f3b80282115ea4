/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about mobility: MOBIKE (RFC 4555), redirection (RFC 5685), virtual links
 * (RFC 5739), clusters (RFC 6311). */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/common/notification.h"
#include "dissector/ikev2/notify/notify.h"

static int hf_additional_ip4 = -1;
static int hf_additional_ip6 = -1;
static int hf_cookie2 = -1;
static int hf_no_nats_source_ip4 = -1;
static int hf_no_nats_destination_ip4 = -1;
static int hf_no_nats_source_ip6 = -1;
static int hf_no_nats_destination_ip6 = -1;
static int hf_no_nats_source_port = -1;
static int hf_no_nats_destination_port = -1;
static int hf_gateway_type = -1;
static int hf_gateway_length = -1;
static int hf_new_ipv4 = -1;
static int hf_new_ipv6 = -1;
static int hf_new_fqdn = -1;
static int hf_new_data = -1;
static int hf_nonce = -1;
static int hf_original_ipv4 = -1;
static int hf_original_ipv6 = -1;
static int hf_original_fqdn = -1;
static int hf_original_data = -1;
static int hf_link_id = -1;
static int hf_sync_nonce = -1;
static int hf_sync_send = -1;
static int hf_sync_receive = -1;
static int hf_replay_delta = -1;
static int hf_replay_delta_number = -1;
static expert_field ei_gateway = EI_INIT;

/* RFC 4555 4.2.6: both addresses, both ports. */
static void dissect_no_nats(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                            uint16_t type _U_)
{
    static const ike_value_row ip4 = {
        .fields = {&hf_no_nats_source_ip4, &hf_no_nats_destination_ip4, &hf_no_nats_source_port,
                   &hf_no_nats_destination_port}};
    static const ike_value_row ip6 = {
        .fields = {&hf_no_nats_source_ip6, &hf_no_nats_destination_ip6, &hf_no_nats_source_port,
                   &hf_no_nats_destination_port}};

    ike_notify_add_value(pkt, data, tree, item, tvb_reported_length(data) <= 12 ? &ip4 : &ip6);
}

/* The fields of a gateway's identity: the new one, or the one that redirected the initiator. */
typedef struct {
    const int *ipv4, *ipv6, *fqdn, *data;
} gateway_fields;

static void show_gateway(tvbuff_t *data, unsigned length, proto_tree *tree, uint8_t type,
                         const gateway_fields *fields)
{
    if (type == IKEV2_GATEWAY_IPV4 && length == 4) {
        proto_tree_add_item(tree, *fields->ipv4, data, 2, 4, ENC_BIG_ENDIAN);
    } else if (type == IKEV2_GATEWAY_IPV6 && length == 16) {
        proto_tree_add_item(tree, *fields->ipv6, data, 2, 16, ENC_NA);
    } else if (type == IKEV2_GATEWAY_FQDN) {
        proto_tree_add_item(tree, *fields->fqdn, data, 2, length, ENC_ASCII);
        /* Filters on the bytes are older than the name of the original gateway. */
        if (fields->data == &hf_original_data)
            proto_item_set_hidden(
                proto_tree_add_item(tree, *fields->data, data, 2, length, ENC_NA));
    } else {
        proto_tree_add_item(tree, *fields->data, data, 2, length, ENC_NA);
    }
}

/* RFC 5685 6: type and length of an identity, the identity; REDIRECT repeats the initiator's nonce
 * in IKE_SA_INIT. */
static void dissect_redirect(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                             uint16_t type)
{
    static const gateway_fields new_gateway = {&hf_new_ipv4, &hf_new_ipv6, &hf_new_fqdn,
                                               &hf_new_data};
    static const gateway_fields original = {&hf_original_ipv4, &hf_original_ipv6, &hf_original_fqdn,
                                            &hf_original_data};

    if (!ike_notify_expect(pkt, data, item, 2, UINT_MAX))
        return;
    uint8_t gateway_type = tvb_get_uint8(data, 0);
    unsigned length = tvb_get_uint8(data, 1);
    proto_tree_add_item(tree, hf_gateway_type, data, 0, 1, ENC_NA);
    proto_item *shown = proto_tree_add_item(tree, hf_gateway_length, data, 1, 1, ENC_NA);
    if (length > ike_left(data, 2)) {
        expert_add_info(pkt->pinfo, shown, &ei_gateway);
        length = ike_left(data, 2);
    }
    if (length)
        show_gateway(data, length, tree, gateway_type,
                     type == IKEV2_NOTIFY_REDIRECTED_FROM ? &original : &new_gateway);
    if (!ike_left(data, 2 + length))
        return;
    if (type == IKEV2_NOTIFY_REDIRECTED_FROM)
        ike_notify_expect(pkt, data, item, 2 + length, 2 + length);
    else
        ike_add_rest(tree, hf_nonce, data, 2 + length, ENC_NA);
}

/* As long as a sequence number of the Child SA: four bytes, or eight with ESN. */
static void dissect_replay_counter_sync(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                        proto_item *item, uint16_t type _U_)
{
    unsigned length = tvb_reported_length(data);

    ike_add_rest(tree, hf_replay_delta, data, 0, ENC_NA);
    if (ike_notify_expect(pkt, data, item, 4, 8))
        proto_tree_add_item(tree, hf_replay_delta_number, data, 0, length < 8 ? 4 : 8,
                            ENC_BIG_ENDIAN);
}

static const ike_value_row rows[] = {
    {IKEV2_NOTIFY_ADDITIONAL_IP4_ADDRESS, .fields = {&hf_additional_ip4}},
    {IKEV2_NOTIFY_ADDITIONAL_IP6_ADDRESS, .fields = {&hf_additional_ip6}},
    {IKEV2_NOTIFY_COOKIE2, .fields = {&hf_cookie2}, .least = 8, .most = 64},
    {IKEV2_NOTIFY_NO_NATS_ALLOWED, .dissect = dissect_no_nats},
    {IKEV2_NOTIFY_REDIRECT, .dissect = dissect_redirect},
    {IKEV2_NOTIFY_REDIRECTED_FROM, .dissect = dissect_redirect},
    {IKEV2_NOTIFY_LINK_ID, .fields = {&hf_link_id}},
    {IKEV2_NOTIFY_IKEV2_MESSAGE_ID_SYNC,
     .fields = {&hf_sync_nonce, &hf_sync_send, &hf_sync_receive}},
    {IKEV2_NOTIFY_IPSEC_REPLAY_COUNTER_SYNC, .dissect = dissect_replay_counter_sync},
};

void ikev2_register_notify_mobility(void)
{
    static hf_register_info hf[] = {
        {&hf_additional_ip4,
         {"Additional IPv4 address", "isakmp.notify.data.additional_ip4_address", FT_IPv4,
          BASE_NONE, NULL, 0, "Another address that the sender can be reached at", HFILL}},
        {&hf_additional_ip6,
         {"Additional IPv6 address", "isakmp.notify.data.additional_ip6_address", FT_IPv6,
          BASE_NONE, NULL, 0, "Another address that the sender can be reached at", HFILL}},
        {&hf_cookie2,
         {"Cookie2", "isakmp.notify.data.cookie2", FT_BYTES, BASE_NONE, NULL, 0,
          "To be repeated to prove that the peer receives at its address", HFILL}},
        {&hf_no_nats_source_ip4,
         {"Source address", "isakmp.notify.data.no_nats_allowed.source_ip4", FT_IPv4, BASE_NONE,
          NULL, 0, "As the sender sees it", HFILL}},
        {&hf_no_nats_destination_ip4,
         {"Destination address", "isakmp.notify.data.no_nats_allowed.destination_ip4", FT_IPv4,
          BASE_NONE, NULL, 0, "As the sender sees it", HFILL}},
        {&hf_no_nats_source_ip6,
         {"Source address", "isakmp.notify.data.no_nats_allowed.source_ip6", FT_IPv6, BASE_NONE,
          NULL, 0, "As the sender sees it", HFILL}},
        {&hf_no_nats_destination_ip6,
         {"Destination address", "isakmp.notify.data.no_nats_allowed.destination_ip6", FT_IPv6,
          BASE_NONE, NULL, 0, "As the sender sees it", HFILL}},
        {&hf_no_nats_source_port,
         {"Source port", "isakmp.notify.data.no_nats_allowed.source_port", FT_UINT16, BASE_DEC,
          NULL, 0, "Source port as the sender sees it (RFC 4555)", HFILL}},
        {&hf_no_nats_destination_port,
         {"Destination port", "isakmp.notify.data.no_nats_allowed.destination_port", FT_UINT16,
          BASE_DEC, NULL, 0, "Destination port as the sender sees it (RFC 4555)", HFILL}},
        {&hf_gateway_type,
         {"Gateway Identity Type", "isakmp.notify.data.redirect.gw_ident.type", FT_UINT8,
          BASE_DEC | BASE_EXT_STRING, &ike_strings[IKE_REG_IKEV2_GATEWAY], 0, NULL, HFILL}},
        {&hf_gateway_length,
         {"Gateway Identity Length", "isakmp.notify.data.redirect.gw_ident.len", FT_UINT8, BASE_DEC,
          NULL, 0, NULL, HFILL}},
        {&hf_new_ipv4,
         {"New Responder Gateway Identity (IPv4)",
          "isakmp.notify.data.redirect.new_resp_gw_ident.ipv4", FT_IPv4, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_new_ipv6,
         {"New Responder Gateway Identity (IPv6)",
          "isakmp.notify.data.redirect.new_resp_gw_ident.ipv6", FT_IPv6, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_new_fqdn,
         {"New Responder Gateway Identity (FQDN)",
          "isakmp.notify.data.redirect.new_resp_gw_ident.fqdn", FT_STRING, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_new_data,
         {"New Responder Gateway Identity (DATA)",
          "isakmp.notify.data.redirect.new_resp_gw_ident.data", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_nonce,
         {"Redirect Nonce Data", "isakmp.notify.data.redirect.nonce_data", FT_BYTES, BASE_NONE,
          NULL, 0, "The initiator's nonce, repeated", HFILL}},
        {&hf_original_ipv4,
         {"Original Responder Gateway Identity (IPv4)",
          "isakmp.notify.data.redirect.org_resp_gw_ident.ipv4", FT_IPv4, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_original_ipv6,
         {"Original Responder Gateway Identity (IPv6)",
          "isakmp.notify.data.redirect.org_resp_gw_ident.ipv6", FT_IPv6, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_original_fqdn,
         {"Original Responder Gateway Identity (FQDN)",
          "isakmp.notify.data.redirect.org_resp_gw_ident.fqdn", FT_STRING, BASE_NONE, NULL, 0,
          "Name of the gateway that redirected the initiator (RFC 5685)", HFILL}},
        {&hf_original_data,
         {"Original Responder Gateway Identity (DATA)",
          "isakmp.notify.data.redirect.org_resp_gw_ident.data", FT_BYTES, BASE_NONE, NULL, 0, NULL,
          HFILL}},
        {&hf_link_id,
         {"IKEv2 link ID", "isakmp.notify.data.link_id", FT_BYTES, BASE_NONE, NULL, 0,
          "Virtual link that the SA belongs to, chosen by the gateway", HFILL}},
        {&hf_sync_nonce,
         {"Nonce Data", "isakmp.notify.data.ha.nonce_data", FT_UINT32, BASE_HEX, NULL, 0,
          "The same in the synchronisation request and its response", HFILL}},
        {&hf_sync_send,
         {"EXPECTED SEND REQ MESSAGE ID", "isakmp.notify.data.ha.expected_send_req_message_id",
          FT_UINT32, BASE_HEX, NULL, 0, "Message ID of the next request that the sender will send",
          HFILL}},
        {&hf_sync_receive,
         {"EXPECTED RECV REQ MESSAGE ID", "isakmp.notify.data.ha.expected_recv_req_message_id",
          FT_UINT32, BASE_HEX, NULL, 0,
          "Message ID of the next request that the sender expects to receive", HFILL}},
        {&hf_replay_delta,
         {"Incoming IPsec SA delta value", "isakmp.notify.data.ha.incoming_ipsec_sa_delta_value",
          FT_BYTES, BASE_NONE, NULL, 0,
          "How far the peer should advance the sequence numbers that it sends", HFILL}},
        {&hf_replay_delta_number,
         {"Incoming IPsec SA delta", "isakmp.notify.data.ha.incoming_ipsec_sa_delta", FT_UINT64,
          BASE_DEC, NULL, 0, "How far the peer should advance the sequence numbers that it sends",
          HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_gateway,
         {"isakmp.notify.data.redirect.gw_ident.len.invalid", PI_MALFORMED, PI_ERROR,
          "The gateway's identity is longer than the notification", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ikev2_notify_add_rows(rows, array_length(rows));
}
