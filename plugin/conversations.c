/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tab ISAKMP of Statistics > Conversations and Endpoints, and -z conv,isakmp and
 * -z endpoints,isakmp: IKE and the ESP that goes with it. Without ports: an IKE SA that finds a NAT
 * goes on from another one, and ESP has none. Wireshark keeps the number of a conversation, so
 * there a conversation is an IKE SA, and its filter selects it. tshark has no column for it: there
 * it is the peers' addresses. */
#include "plugin/menus.h"

#include "dissector/base/compat.h"
#include "dissector/session/tap.h"

#include <epan/conversation_table.h>

static const char *filter_field(const address *peer, conv_filter_type_e filter)
{
    static const char *const fields[][2] = {
        [CONV_FT_SRC_ADDRESS] = {"ip.src", "ipv6.src"},
        [CONV_FT_DST_ADDRESS] = {"ip.dst", "ipv6.dst"},
        [CONV_FT_ANY_ADDRESS] = {"ip.addr", "ipv6.addr"},
    };
    bool known = peer->type == AT_IPv4 || peer->type == AT_IPv6;

    if (!known || filter >= array_length(fields) || !fields[filter][0])
        return CONV_FILTER_INVALID;
    return fields[filter][peer->type == AT_IPv6];
}

/* Wireshark writes "FIELD == ADDRESS": the IKE SA goes in front of the field. */
static const char *conversation_field(conv_item_t *item, conv_filter_type_e filter)
{
    const address *peer = filter == CONV_FT_DST_ADDRESS ? &item->dst_address : &item->src_address;
    const char *field = filter_field(peer, filter);

    if (item->conv_id == CONV_ID_UNSET || !strcmp(field, CONV_FILTER_INVALID))
        return field;
    char *text = g_strdup_printf("isakmp.stream == %u && %s", (unsigned)item->conv_id, field);
    const char *interned = g_intern_string(text);
    g_free(text);
    return interned;
}

static const char *endpoint_field(endpoint_item_t *item, conv_filter_type_e filter)
{
    return filter_field(&item->myaddress, filter);
}

static void set_address_of(address *of, const ike_endpoint *endpoint)
{
    if (endpoint->family == 4)
        set_address(of, AT_IPv4, 4, endpoint->bytes);
    else if (endpoint->family == 6)
        set_address(of, AT_IPv6, 16, endpoint->bytes);
    else
        clear_address(of);
}

/* Behind ESP the packet's addresses are those of the inner packet: the flow has the outer ones. */
static void get_addresses(const packet_info *pinfo, const ike_tapped *tapped, address *source,
                          address *destination)
{
    if (tapped->flow) {
        set_address_of(source, &tapped->flow->source);
        set_address_of(destination, &tapped->flow->destination);
    } else {
        copy_address_shallow(source, &pinfo->src);
        copy_address_shallow(destination, &pinfo->dst);
    }
}

static tap_packet_status add_conversation(void *tapdata, packet_info *pinfo,
                                          epan_dissect_t *edt _U_, const void *data,
                                          tap_flags_t flags)
{
    static ct_dissector_info_t info = {conversation_field};
    conv_hash_t *table = tapdata;
    const ike_sa *sa = ike_is_tshark() ? NULL : ike_tapped_sa(data);
    address source, destination;

    table->flags = flags;
    get_addresses(pinfo, data, &source, &destination);
    add_conversation_table_data_with_conv_id(
        table, &source, &destination, 0, 0, sa ? sa->stream : CONV_ID_UNSET, 1,
        (int)pinfo->fd->pkt_len, &pinfo->rel_ts, &pinfo->abs_ts, &info, IKE_CONVERSATION_TYPE);
    return TAP_PACKET_REDRAW;
}

static tap_packet_status add_endpoints(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                       const void *data, tap_flags_t flags)
{
    static et_dissector_info_t info = {endpoint_field};
    conv_hash_t *table = tapdata;
    int bytes = (int)pinfo->fd->pkt_len;
    address source, destination;

    table->flags = flags;
    get_addresses(pinfo, data, &source, &destination);
    add_endpoint_table_data(table, &source, 0, TRUE, 1, bytes, &info, IKE_CONVERSATION_TYPE);
    add_endpoint_table_data(table, &destination, 0, FALSE, 1, bytes, &info, IKE_CONVERSATION_TYPE);
    return TAP_PACKET_REDRAW;
}

void ike_conversations_register(void)
{
    register_conversation_table(proto_isakmp, TRUE, add_conversation, add_endpoints);
}
