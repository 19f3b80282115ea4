/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/transport/esp_flow.h"

#include "dissector/base/common_fields.h"
#include "dissector/base/items.h"
#include "dissector/session/packet_origin.h"
#include "dissector/session/session.h"
#include "proto/keyed_hash.h"

static int hf_negotiated_in = -1;

static void endpoint_of(ike_endpoint *endpoint, const address *from, uint32_t port)
{
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->port = (uint16_t)port;
    if (from->type == AT_IPv4 || from->type == AT_IPv6) {
        endpoint->family = from->type == AT_IPv4 ? 4 : 6;
        memcpy(endpoint->bytes, from->data, (size_t)from->len);
    }
}

/* What a copy of the packet has too, wherever and with whatever snap length it was captured. */
static uint64_t digest_of(tvbuff_t *tvb, unsigned header)
{
    struct {
        uint64_t length;
        uint8_t start[16];
    } compared = {.length = tvb_reported_length(tvb)};
    unsigned left = tvb_captured_length(tvb) - header;

    tvb_memcpy(tvb, compared.start, (int)header, MIN(left, sizeof compared.start));
    return ike_keyed_hash(&compared, sizeof compared);
}

ike_esp_flow *ike_track_esp(tvbuff_t *tvb, packet_info *pinfo, const ike_esp_seen *seen)
{
    ike_esp_packet packet = {
        .spi = seen->spi,
        .sequence = seen->sequence,
        .frame = pinfo->num,
        .bytes = tvb_reported_length(tvb),
        .time_ns =
            (uint64_t)pinfo->abs_ts.secs * UINT64_C(1000000000) + (uint64_t)pinfo->abs_ts.nsecs,
        .digest = digest_of(tvb, seen->header),
        .interface = ike_interface_of(pinfo),
        .sequence_high = seen->sequence_high,
        .high_known = seen->icv_checked && seen->icv_ok,
        .decrypted = seen->decrypted,
        .truncated_icv = seen->truncated_icv,
        .not_authentic = seen->icv_checked && !seen->icv_ok,
    };
    uint16_t ip_id;

    endpoint_of(&packet.source, &pinfo->src, pinfo->srcport);
    endpoint_of(&packet.destination, &pinfo->dst, pinfo->destport);
    ike_read_ip_header(tvb, pinfo, &ip_id, &packet.ttl);
    return ike_tracker_esp(ike_session_tracker(), &packet);
}

void ike_track_esp_unreachable(tvbuff_t *tvb, packet_info *pinfo)
{
    ike_endpoint to;
    ike_icmp_error error;

    if (tvb_captured_length(tvb) < sizeof(uint32_t) || !ike_read_icmp_error(tvb, pinfo, &error))
        return;
    endpoint_of(&to, &pinfo->dst, pinfo->destport);
    ike_tracker_esp_unreachable(ike_session_tracker(), tvb_get_ntohl(tvb, 0), &to, pinfo->num,
                                &error);
}

void ike_show_esp_links(tvbuff_t *tvb, proto_tree *tree, const ike_esp_flow *flow)
{
    if (!flow)
        return;
    if (flow->sa)
        ike_add_generated_uint(tree, hf_ike_stream, tvb, flow->sa->stream);
    if (!flow->child)
        return;
    ike_add_generated_uint(tree, hf_ike_child, tvb, flow->child->number);
    const ike_message_record *message =
        flow->child->response ? flow->child->response : flow->child->request;
    if (message)
        ike_add_generated_uint(tree, hf_negotiated_in, tvb, message->frame);
}

void ike_register_esp_flow(void)
{
    static hf_register_info hf[] = {
        {&hf_negotiated_in,
         {"Negotiated in", "isakmp.negotiated_in", FT_FRAMENUM, BASE_NONE, NULL, 0,
          "The message that set up this Child SA", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
