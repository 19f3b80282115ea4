/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tab ISAKMP of Statistics > Conversations and Endpoints, and -z conv,isakmp and
 * -z endpoints,isakmp: IKE and the ESP that goes with it. Wireshark has a column for the number of
 * a conversation, so there a conversation is an IKE SA, and its filter selects it. tshark has none:
 * there it is the peers' addresses. */
#include "plugin/menus.h"

#include "dissector/base/compat.h"
#include "dissector/session/tap.h"

#include <epan/conversation_table.h>

/* The names of the filter fields for the source, the destination and either. */
typedef const char *field_names[3];

static const field_names ip_fields = {"ip.src", "ip.dst", "ip.addr"};
static const field_names ipv6_fields = {"ipv6.src", "ipv6.dst", "ipv6.addr"};
static const field_names udp_fields = {"udp.srcport", "udp.dstport", "udp.port"};
static const field_names tcp_fields = {"tcp.srcport", "tcp.dstport", "tcp.port"};

static const char *filter_field(const address *peer, conversation_type type,
                                conv_filter_type_e filter)
{
    bool known = peer->type == AT_IPv4 || peer->type == AT_IPv6;
    const field_names *addresses = peer->type == AT_IPv6 ? &ipv6_fields : &ip_fields;
    const field_names *ports = type == CONVERSATION_TCP ? &tcp_fields : &udp_fields;

    switch (filter) {
    case CONV_FT_SRC_ADDRESS:
        return known ? (*addresses)[0] : CONV_FILTER_INVALID;
    case CONV_FT_DST_ADDRESS:
        return known ? (*addresses)[1] : CONV_FILTER_INVALID;
    case CONV_FT_ANY_ADDRESS:
        return known ? (*addresses)[2] : CONV_FILTER_INVALID;
    case CONV_FT_SRC_PORT:
        return (*ports)[0];
    case CONV_FT_DST_PORT:
        return (*ports)[1];
    case CONV_FT_ANY_PORT:
        return (*ports)[2];
    }
    return CONV_FILTER_INVALID;
}

/* Wireshark writes "FIELD == ADDRESS": the IKE SA goes in front of the field. */
static const char *conversation_field(conv_item_t *item, conv_filter_type_e filter)
{
    const address *peer = filter == CONV_FT_DST_ADDRESS ? &item->dst_address : &item->src_address;
    const char *field = filter_field(peer, item->ctype, filter);

    if (item->conv_id == CONV_ID_UNSET || !strcmp(field, CONV_FILTER_INVALID))
        return field;
    char *text = g_strdup_printf("isakmp.stream == %u && %s", (unsigned)item->conv_id, field);
    const char *interned = g_intern_string(text);
    g_free(text);
    return interned;
}

static const char *endpoint_field(endpoint_item_t *item, conv_filter_type_e filter)
{
    return filter_field(&item->myaddress, item->etype, filter);
}

/* The two ends of what was tapped. Behind ESP the packet's addresses are those of the inner packet:
 * the flow has the outer ones. */
typedef struct {
    address source, destination;
    unsigned source_port, destination_port;
    conversation_type type;
} ends;

static void set_end(address *end, const ike_endpoint *endpoint)
{
    if (endpoint->family == 4)
        set_address(end, AT_IPv4, 4, endpoint->bytes);
    else if (endpoint->family == 6)
        set_address(end, AT_IPv6, 16, endpoint->bytes);
    else
        clear_address(end);
}

static bool has_address(const ike_endpoint *endpoint, const address *wanted)
{
    address own;

    set_end(&own, endpoint);
    return addresses_equal(&own, wanted);
}

/* The port from which `peer` sent to `other` first: an IKE SA that finds a NAT goes on from another
 * one, and is one conversation all the same. */
static unsigned first_port(const ike_sa *sa, const address *peer, const address *other)
{
    for (unsigned i = 0; i < sa->path_count; i++) {
        const ike_endpoint *initiator = &sa->paths[i]->initiator;
        const ike_endpoint *responder = &sa->paths[i]->responder;
        if (has_address(initiator, peer) && has_address(responder, other))
            return initiator->port;
        if (has_address(responder, peer) && has_address(initiator, other))
            return responder->port;
    }
    return has_address(&sa->initiator.endpoint, peer) ? sa->initiator.endpoint.port
                                                      : sa->responder.endpoint.port;
}

/* ESP straight over IP has no ports, and tshark has no columns for those of IKE. */
static ends ends_of(const packet_info *pinfo, const ike_tapped *tapped)
{
    const ike_esp_flow *flow = tapped->flow;
    ends of = {.type = pinfo->ptype == PT_TCP ? CONVERSATION_TCP : CONVERSATION_UDP};

    if (flow) {
        set_end(&of.source, &flow->source);
        set_end(&of.destination, &flow->destination);
        of.source_port = flow->source.port;
        of.destination_port = flow->destination.port;
    } else {
        copy_address_shallow(&of.source, &pinfo->src);
        copy_address_shallow(&of.destination, &pinfo->dst);
        of.source_port = pinfo->srcport;
        of.destination_port = pinfo->destport;
    }
    if (ike_is_tshark())
        of.source_port = of.destination_port = 0;
    if (!of.source_port)
        of.type = CONVERSATION_NONE;
    return of;
}

static tap_packet_status add_conversation(void *tapdata, packet_info *pinfo,
                                          epan_dissect_t *edt _U_, const void *data,
                                          tap_flags_t flags)
{
    static ct_dissector_info_t info = {conversation_field};
    conv_hash_t *table = tapdata;
    const ike_sa *sa = ike_tapped_sa(data);
    ends of = ends_of(pinfo, data);
    conv_id_t number = CONV_ID_UNSET;

    table->flags = flags;
    if (sa && !ike_is_tshark()) {
        number = sa->stream;
        of.source_port = first_port(sa, &of.source, &of.destination);
        of.destination_port = first_port(sa, &of.destination, &of.source);
        of.type = CONVERSATION_NONE; /* no ports in the filter */
    }
    add_conversation_table_data_with_conv_id(
        table, &of.source, &of.destination, of.source_port, of.destination_port, number, 1,
        (int)pinfo->fd->pkt_len, &pinfo->rel_ts, &pinfo->abs_ts, &info, of.type);
    return TAP_PACKET_REDRAW;
}

static tap_packet_status add_endpoints(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                       const void *data, tap_flags_t flags)
{
    static et_dissector_info_t info = {endpoint_field};
    conv_hash_t *table = tapdata;
    ends of = ends_of(pinfo, data);
    int bytes = (int)pinfo->fd->pkt_len;

    table->flags = flags;
    add_endpoint_table_data(table, &of.source, of.source_port, TRUE, 1, bytes, &info, of.type);
    add_endpoint_table_data(table, &of.destination, of.destination_port, FALSE, 1, bytes, &info,
                            of.type);
    return TAP_PACKET_REDRAW;
}

void ike_conversations_register(void)
{
    register_conversation_table(proto_isakmp, FALSE, add_conversation, add_endpoints);
}
