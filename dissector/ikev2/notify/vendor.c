/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data of vendors: private numbers, decoded only where the number has the vendor's name. */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/bytes.h"
#include "dissector/common/notification.h"
#include "dissector/ikev2/notify/notify.h"

static int hf_radius_type = -1;
static int hf_radius_length = -1;
static int hf_radius_value = -1;
static int hf_endpoint_priority = -1;
static int hf_endpoint_family = -1;
static int hf_endpoint_type = -1;
static int hf_endpoint_port = -1;
static int hf_endpoint_ipv4 = -1;
static int hf_endpoint_ipv6 = -1;
static int hf_connect_id = -1;
static int hf_connect_key = -1;
static int hf_connect_auth = -1;
static int hf_status = -1;
static int hf_null_auth = -1;
static int hf_overlay = -1;

static const value_string endpoint_families[] = {{0, "None"}, {1, "IPv4"}, {2, "IPv6"}, {0, NULL}};

static const value_string endpoint_types[] = {
    {1, "Host"}, {2, "Peer reflexive"}, {3, "Server reflexive"}, {4, "Relayed"}, {0, NULL}};

/* ME_ENDPOINT of strongSwan's mediation extension: an address at which the peer may be reached. */
static void dissect_endpoint(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                             uint16_t type _U_)
{
    static const ike_value_row ipv4 = {.fields = {&hf_endpoint_priority, &hf_endpoint_family,
                                                  &hf_endpoint_type, &hf_endpoint_port,
                                                  &hf_endpoint_ipv4},
                                       .optional = 1};
    static const ike_value_row ipv6 = {.fields = {&hf_endpoint_priority, &hf_endpoint_family,
                                                  &hf_endpoint_type, &hf_endpoint_port,
                                                  &hf_endpoint_ipv6},
                                       .optional = 1};

    ike_notify_add_value(pkt, data, tree, item, ike_left(data, 0) > 12 ? &ipv6 : &ipv4);
}

/* FortiGate: a number, of as many bytes as it needs. */
static void dissect_overlay(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                            uint16_t type _U_)
{
    if (ike_notify_expect(pkt, data, item, 1, 4))
        proto_tree_add_item(tree, hf_overlay, data, 0, MIN(4, tvb_reported_length(data)),
                            ENC_BIG_ENDIAN);
}

static const ike_value_row strongswan[] = {
    {IKEV2_NOTIFY_STRONGSWAN_MS_NOTIFY_STATUS, .fields = {&hf_status}},
    {IKEV2_NOTIFY_STRONGSWAN_ME_ENDPOINT, .dissect = dissect_endpoint},
    {IKEV2_NOTIFY_STRONGSWAN_ME_CONNECTID, .fields = {&hf_connect_id}},
    {IKEV2_NOTIFY_STRONGSWAN_ME_CONNECTKEY, .fields = {&hf_connect_key}},
    {IKEV2_NOTIFY_STRONGSWAN_ME_CONNECTAUTH, .fields = {&hf_connect_auth}},
    {IKEV2_NOTIFY_STRONGSWAN_RADIUS_ATTRIBUTE,
     .fields = {&hf_radius_type, &hf_radius_length, &hf_radius_value}},
};

static const ike_value_row libreswan[] = {
    {IKEV2_NOTIFY_PRIVATE_NULL_AUTH, .fields = {&hf_null_auth}},
};

static const ike_value_row microsoft[] = {
    {IKEV2_NOTIFY_STRONGSWAN_MS_NOTIFY_STATUS, .fields = {&hf_status}},
};

static const ike_value_row fortinet[] = {
    {IKEV2_NOTIFY_FORTINET_NETWORK_OVERLAY_ID, .dissect = dissect_overlay},
};

void ikev2_register_notify_vendor(void)
{
    static hf_register_info hf[] = {
        {&hf_radius_type,
         {"RADIUS attribute", "isakmp.notify.data.strongswan.radius.type", FT_UINT8, BASE_DEC, NULL,
          0, "Type of a RADIUS attribute that strongSwan forwards", HFILL}},
        {&hf_radius_length,
         {"Length", "isakmp.notify.data.strongswan.radius.len", FT_UINT8, BASE_DEC, NULL, 0,
          "Length of the RADIUS attribute in bytes, type and length included", HFILL}},
        {&hf_radius_value,
         {"Value", "isakmp.notify.data.strongswan.radius.value", FT_BYTES,
          BASE_SHOW_ASCII_PRINTABLE, NULL, 0, "Value of the RADIUS attribute", HFILL}},
        {&hf_endpoint_priority,
         {"Priority", "isakmp.notify.data.strongswan.endpoint.priority", FT_UINT32, BASE_DEC, NULL,
          0, "Priority of an endpoint (IKEv2 mediation extension)", HFILL}},
        {&hf_endpoint_family,
         {"Address family", "isakmp.notify.data.strongswan.endpoint.family", FT_UINT8, BASE_DEC,
          VALS(endpoint_families), 0, "Address family of an endpoint (IKEv2 mediation extension)",
          HFILL}},
        {&hf_endpoint_type,
         {"Endpoint type", "isakmp.notify.data.strongswan.endpoint.type", FT_UINT8, BASE_DEC,
          VALS(endpoint_types), 0, "How the endpoint was found (IKEv2 mediation extension)",
          HFILL}},
        {&hf_endpoint_port,
         {"Port", "isakmp.notify.data.strongswan.endpoint.port", FT_UINT16, BASE_DEC, NULL, 0,
          "UDP port of an endpoint (IKEv2 mediation extension)", HFILL}},
        {&hf_endpoint_ipv4,
         {"Address", "isakmp.notify.data.strongswan.endpoint.ipv4", FT_IPv4, BASE_NONE, NULL, 0,
          "IPv4 address of an endpoint (IKEv2 mediation extension)", HFILL}},
        {&hf_endpoint_ipv6,
         {"Address", "isakmp.notify.data.strongswan.endpoint.ipv6", FT_IPv6, BASE_NONE, NULL, 0,
          "IPv6 address of an endpoint (IKEv2 mediation extension)", HFILL}},
        {&hf_connect_id,
         {"Connect ID", "isakmp.notify.data.strongswan.connect_id", FT_BYTES, BASE_NONE, NULL, 0,
          "Identifies a mediated connection (IKEv2 mediation extension)", HFILL}},
        {&hf_connect_key,
         {"Connect key", "isakmp.notify.data.strongswan.connect_key", FT_BYTES, BASE_NONE, NULL, 0,
          "Key for the connectivity checks (IKEv2 mediation extension)", HFILL}},
        {&hf_connect_auth,
         {"Connect authentication", "isakmp.notify.data.strongswan.connect_auth", FT_BYTES,
          BASE_NONE, NULL, 0, "Authenticates a connectivity check (IKEv2 mediation extension)",
          HFILL}},
        {&hf_status,
         {"Windows status", "isakmp.notify.data.microsoft.status", FT_UINT32, BASE_HEX, NULL, 0,
          "Error code of the peer's Windows", HFILL}},
        {&hf_null_auth,
         {"Authentication data for ID_NULL", "isakmp.notify.data.libreswan.null_auth", FT_BYTES,
          BASE_NONE, NULL, 0, "AUTH data for ID_NULL beside that of another method", HFILL}},
        {&hf_overlay,
         {"Network Overlay ID", "isakmp.notify.data.fortinet.network_overlay_id", FT_UINT32,
          BASE_DEC_HEX, NULL, 0, "Number of the overlay network that the initiator connects to",
          HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    ikev2_notify_add_private(IKE_VENDOR_STRONGSWAN, strongswan, array_length(strongswan));
    ikev2_notify_add_private(IKE_VENDOR_LIBRESWAN, libreswan, array_length(libreswan));
    ikev2_notify_add_private(IKE_VENDOR_MICROSOFT, microsoft, array_length(microsoft));
    ikev2_notify_add_private(IKE_VENDOR_FORTINET, fortinet, array_length(fortinet));
}
