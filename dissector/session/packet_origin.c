/* SPDX-License-Identifier: GPL-2.0-or-later */
/* epan hands on neither IP Identification nor TTL nor the ICMP header: they are read from the bytes
 * before the message, where those are what the addresses and ports of the packet say. */
#include "dissector/session/packet_origin.h"

#include <wiretap/wtap.h>

#include "proto/keyed_hash.h"

enum {
    UDP_HEADER = 8,
    IPV4_LEAST = 20,
    IPV4_MOST = 60,
    IPV6_HEADER = 40,
    ICMP_HEADER = 8,
    MARKER = 4
};
enum { PROTOCOL_UDP = 17, PROTOCOL_ESP = 50, PROTOCOL_AH = 51 };

typedef struct {
    tvbuff_t *bytes; /* of the frame, or what else it was taken from */
    int at;          /* of the header in it */
    uint8_t version;
} ip_header;

uint32_t ike_interface_of(const packet_info *pinfo)
{
    const wtap_rec *rec = pinfo->rec;

    if (!rec || rec->rec_type != REC_TYPE_PACKET || !(rec->presence_flags & WTAP_HAS_INTERFACE_ID))
        return 0;
    return rec->rec_header.packet_header.interface_id + 1;
}

static bool same_address(tvbuff_t *bytes, int at, const address *to)
{
    return tvb_memeql(bytes, at, to->data, (size_t)to->len) == 0;
}

static bool is_carried(uint8_t protocol)
{
    return protocol == PROTOCOL_UDP || protocol == PROTOCOL_ESP || protocol == PROTOCOL_AH;
}

/* Is there an IP header of the packet that ends at `end`? */
static bool find_ip_header(tvbuff_t *bytes, int end, const packet_info *pinfo, ip_header *header)
{
    if (pinfo->src.type == AT_IPv6 && end >= IPV6_HEADER) {
        int at = end - IPV6_HEADER;
        *header = (ip_header){bytes, at, 6};
        return tvb_get_uint8(bytes, at) >> 4 == 6 && is_carried(tvb_get_uint8(bytes, at + 6)) &&
               same_address(bytes, at + 8, &pinfo->src) &&
               same_address(bytes, at + 24, &pinfo->dst);
    }
    for (int length = IPV4_LEAST;
         pinfo->src.type == AT_IPv4 && length <= IPV4_MOST && length <= end; length += 4) {
        int at = end - length;
        *header = (ip_header){bytes, at, 4};
        if (tvb_get_uint8(bytes, at) == (0x40 | length / 4) &&
            is_carried(tvb_get_uint8(bytes, at + 9)) &&
            same_address(bytes, at + 12, &pinfo->src) && same_address(bytes, at + 16, &pinfo->dst))
            return true;
    }
    return false;
}

/* Of UDP there is a header between, and on port 4500 a marker. */
static bool find_header(tvbuff_t *tvb, const packet_info *pinfo, ip_header *header)
{
    tvbuff_t *bytes = tvb_get_ds_tvb(tvb);
    int at = tvb_raw_offset(tvb);

    if (!bytes || at <= 0 || (unsigned)at > tvb_captured_length(bytes) || pinfo->ptype == PT_TCP)
        return false;
    if (find_ip_header(bytes, at, pinfo, header))
        return true;
    for (int udp = at - UDP_HEADER; udp > 0 && udp >= at - UDP_HEADER - MARKER; udp -= MARKER)
        if (tvb_get_ntohs(bytes, udp) == pinfo->srcport &&
            tvb_get_ntohs(bytes, udp + 2) == pinfo->destport &&
            find_ip_header(bytes, udp, pinfo, header))
            return true;
    return false;
}

bool ike_read_ip_header(tvbuff_t *tvb, const packet_info *pinfo, uint16_t *ip_id, uint8_t *ttl)
{
    ip_header header;

    *ip_id = 0;
    *ttl = 0;
    if (!find_header(tvb, pinfo, &header))
        return false;
    if (header.version == 4)
        *ip_id = tvb_get_ntohs(header.bytes, header.at + 4);
    *ttl = tvb_get_uint8(header.bytes, header.at + (header.version == 4 ? 8 : 7));
    return true;
}

bool ike_read_icmp_error(const ike_packet *pkt, ike_icmp_error *error)
{
    ip_header header;

    *error = (ike_icmp_error){0};
    if (!find_header(pkt->tvb, pkt->pinfo, &header) || header.at < ICMP_HEADER)
        return false;
    int at = header.at - ICMP_HEADER;
    error->version = header.version;
    error->type = tvb_get_uint8(header.bytes, at);
    error->code = tvb_get_uint8(header.bytes, at + 1);
    if (header.version == 4 && error->type == 3 && error->code == 4)
        error->mtu = tvb_get_ntohs(header.bytes, at + 6); /* RFC 1191 4 */
    else if (header.version == 6 && error->type == 2)
        error->mtu = tvb_get_ntohl(header.bytes, at + 4); /* RFC 4443 3.2 */
    return true;
}

void ike_record_origin(ike_packet *pkt)
{
    ike_message *msg = pkt->msg;
    tvbuff_t *tvb = pkt->tvb;
    unsigned captured = tvb_captured_length(tvb);

    msg->digest = ike_keyed_hash(tvb_get_ptr(tvb, 0, (int)captured), captured);
    if (captured >= IKE_PREFIX_BYTES)
        msg->prefix_digest =
            ike_keyed_hash(tvb_get_ptr(tvb, 0, IKE_PREFIX_BYTES), IKE_PREFIX_BYTES);
    if (captured < tvb_reported_length(tvb))
        msg->captured = captured;
    msg->interface = ike_interface_of(pkt->pinfo);
    ike_read_ip_header(tvb, pkt->pinfo, &msg->ip_id, &msg->ttl);
}
