/* SPDX-License-Identifier: GPL-2.0-or-later */
/* epan hands on neither IP Identification nor TTL nor the ICMP header: they are read from the bytes
 * before the message, where those are what the addresses and ports of the packet say. */
#include "dissector/session/packet_origin.h"

#include <wiretap/wtap.h>

#include "proto/keyed_hash.h"
#include "proto/network_order.h"

enum {
    UDP_HEADER = 8,
    IPV4_LEAST = 20,
    IPV4_MOST = 60,
    IPV6_HEADER = 40,
    ICMP_HEADER = 8,
    MARKER = 4
};
enum { PROTOCOL_UDP = 17, PROTOCOL_ESP = 50, PROTOCOL_AH = 51 };

/* The bytes of the frame, or what else the message was taken from, up to the message. */
typedef struct {
    const uint8_t *begin;
    size_t length;
} bytes_before;

typedef struct {
    const uint8_t *start;
    size_t before; /* bytes before it */
    uint8_t version;
} ip_header;

uint32_t ike_interface_of(const packet_info *pinfo)
{
    const wtap_rec *rec = pinfo->rec;

    if (!rec || rec->rec_type != REC_TYPE_PACKET || !(rec->presence_flags & WTAP_HAS_INTERFACE_ID))
        return 0;
    return rec->rec_header.packet_header.interface_id + 1;
}

static bool is_carried(uint8_t protocol)
{
    return protocol == PROTOCOL_UDP || protocol == PROTOCOL_ESP || protocol == PROTOCOL_AH;
}

static bool has_addresses(const uint8_t *bytes, const packet_info *pinfo)
{
    size_t length = (size_t)pinfo->src.len;

    return memcmp(bytes, pinfo->src.data, length) == 0 &&
           memcmp(bytes + length, pinfo->dst.data, length) == 0;
}

/* Is there an IP header of the packet that ends `end` bytes into the frame? */
static bool find_ip_header(bytes_before frame, size_t end, const packet_info *pinfo,
                           ip_header *header)
{
    const uint8_t *after = frame.begin + end;

    if (pinfo->src.type == AT_IPv6 && pinfo->dst.type == AT_IPv6 && end >= IPV6_HEADER) {
        *header = (ip_header){after - IPV6_HEADER, end - IPV6_HEADER, 6};
        return header->start[0] >> 4 == 6 && is_carried(header->start[6]) &&
               has_addresses(header->start + 8, pinfo);
    }
    if (pinfo->src.type != AT_IPv4 || pinfo->dst.type != AT_IPv4)
        return false;
    for (size_t length = IPV4_LEAST; length <= IPV4_MOST && length <= end; length += 4) {
        *header = (ip_header){after - length, end - length, 4};
        if (header->start[0] == (0x40 | length / 4) && is_carried(header->start[9]) &&
            has_addresses(header->start + 12, pinfo))
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
    bytes_before frame = {tvb_get_ptr(bytes, 0, at), (size_t)at};
    for (size_t back = UDP_HEADER; back <= UDP_HEADER + MARKER && back < frame.length;
         back += MARKER) {
        const uint8_t *udp = frame.begin + frame.length - back;
        if (ike_get_u16(udp) == pinfo->srcport && ike_get_u16(udp + 2) == pinfo->destport &&
            find_ip_header(frame, frame.length - back, pinfo, header))
            return true;
    }
    return find_ip_header(frame, frame.length, pinfo, header);
}

bool ike_read_ip_header(tvbuff_t *tvb, const packet_info *pinfo, uint16_t *ip_id, uint8_t *ttl)
{
    ip_header header;

    *ip_id = 0;
    *ttl = 0;
    if (!find_header(tvb, pinfo, &header))
        return false;
    if (header.version == 4)
        *ip_id = ike_get_u16(header.start + 4);
    *ttl = header.start[header.version == 4 ? 8 : 7];
    return true;
}

bool ike_read_icmp_error(tvbuff_t *tvb, const packet_info *pinfo, ike_icmp_error *error)
{
    ip_header header;

    *error = (ike_icmp_error){0};
    if (!find_header(tvb, pinfo, &header) || header.before < ICMP_HEADER)
        return false;
    const uint8_t *icmp = header.start - ICMP_HEADER;
    error->version = header.version;
    error->type = icmp[0];
    error->code = icmp[1];
    error->length = header.version == 4 ? ike_get_u16(header.start + 2)
                                        : IPV6_HEADER + ike_get_u16(header.start + 4);
    if (header.version == 4 && error->type == 3 && error->code == 4)
        error->mtu = ike_get_u16(icmp + 6); /* RFC 1191 4 */
    else if (header.version == 6 && error->type == 2)
        error->mtu = ike_get_u32(icmp + 4); /* RFC 4443 3.2 */
    return true;
}

void ike_record_origin(ike_packet *pkt)
{
    ike_message *msg = pkt->msg;
    tvbuff_t *tvb = pkt->tvb;
    unsigned captured = tvb_captured_length(tvb);

    const uint8_t *bytes = tvb_get_ptr(tvb, 0, (int)captured);

    msg->digest = ike_keyed_hash(bytes, captured);
    if (captured >= IKE_HEADER + IKE_PREFIX_BYTES)
        msg->prefix_digest = ike_keyed_hash(bytes + IKE_HEADER, IKE_PREFIX_BYTES);
    if (captured < tvb_reported_length(tvb))
        msg->captured = captured;
    msg->interface = ike_interface_of(pkt->pinfo);
    ike_read_ip_header(tvb, pkt->pinfo, &msg->ip_id, &msg->ttl);
}
