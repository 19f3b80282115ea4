/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Analyze > Follow > ISAKMP Stream (Wireshark 4.2 and later), and -z follow,isakmp,ascii,STREAM:
 * the messages of one IKE SA as a daemon logs them, one line each:
 *
 *   frame 3, 0.004 s: IKE_AUTH request 1 [ IDi N(INIT_CONTACT) IDr AUTH SA TSi TSr ] */
#include "plugin/menus.h"

#include "dissector/session/session.h"
#include "dissector/session/tap.h"

#include <epan/follow.h>

static char *filter_of(unsigned stream)
{
    return g_strdup_printf("isakmp.stream == %u", stream);
}

static char *filter_of_packet(epan_dissect_t *edt _U_, packet_info *pinfo, unsigned *stream,
                              unsigned *sub_stream _U_)
{
    const ike_tapped *tapped = ike_tapped_in(pinfo);
    const ike_sa *sa = tapped ? ike_tapped_sa(tapped) : NULL;

    if (!sa)
        return NULL;
    *stream = sa->stream;
    return filter_of(sa->stream);
}

static char *filter_of_index(unsigned stream, unsigned sub_stream _U_)
{
    return filter_of(stream);
}

/* The ports change in an IKE SA when it finds a NAT, so they are no part of the filter. */
static char *filter_of_peers(address *source, address *destination, int source_port _U_,
                             int destination_port _U_)
{
    const char *field = source->type == AT_IPv6 ? "ipv6.addr" : "ip.addr";
    char *from = address_to_str(NULL, source), *to = address_to_str(NULL, destination);
    char *filter = g_strdup_printf("isakmp && %s == %s && %s == %s", field, from, field, to);

    wmem_free(NULL, from);
    wmem_free(NULL, to);
    return filter;
}

static char *port_text(wmem_allocator_t *scope, unsigned port)
{
    return wmem_strdup_printf(scope, "%u", port);
}

#if IKE_FOLLOWS_BY_NUMBER
static uint32_t count_streams(void)
{
    return ike_session_tracker() ? ike_tracker_count(ike_session_tracker()) : 0;
}
#endif

static char *line_of(const ike_tapped *tapped)
{
    const ike_message_record *record = tapped->record;
    uint64_t start = record->exchange->sa->first_ns;
    double seconds = record->time_ns >= start ? (double)(record->time_ns - start) / 1e9 : 0;

    return g_strdup_printf("frame %u, %.3f s: %s\n", record->frame, seconds, tapped->summary);
}

static tap_packet_status add_message(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                     const void *data, tap_flags_t flags _U_)
{
    follow_info_t *follow = tapdata;
    const ike_tapped *tapped = data;

    if (!tapped->record || !tapped->summary)
        return TAP_PACKET_DONT_REDRAW;
    bool server = !tapped->record->from_initiator;
    if (follow->client_ip.type == AT_NONE) {
        copy_address(&follow->client_ip, server ? &pinfo->dst : &pinfo->src);
        copy_address(&follow->server_ip, server ? &pinfo->src : &pinfo->dst);
        follow->client_port = server ? pinfo->destport : pinfo->srcport;
        follow->server_port = server ? pinfo->srcport : pinfo->destport;
    }
    char *line = line_of(tapped);
    follow_record_t *message = g_new0(follow_record_t, 1);
    message->is_server = server;
    message->packet_num = pinfo->num;
    message->abs_ts = pinfo->abs_ts;
    message->data =
        g_byte_array_append(g_byte_array_new(), (const uint8_t *)line, (unsigned)strlen(line));
    follow->bytes_written[server] += message->data->len;
    follow->payload = g_list_prepend(follow->payload, message);
    g_free(line);
    return TAP_PACKET_DONT_REDRAW;
}

void ike_follow_register(void)
{
    ike_register_follow_stream(proto_isakmp, IKE_TAP, filter_of_packet, filter_of_index,
                               filter_of_peers, port_text, add_message, count_streams);
}
