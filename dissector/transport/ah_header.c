/* SPDX-License-Identifier: GPL-2.0-or-later */
/* epan does not hand the IP header on: it is looked for in the bytes before AH, where the addresses
 * of the packet are. Behind IP reassembly there is nothing before AH: then the header is that of
 * the fragment that completed the packet, with the length of the whole. */
#include "dissector/transport/ah_header.h"

#include "proto/network_order.h"

enum { PROTOCOL_AH = 51, IPV4_LEAST = 20, IPV4_MOST = 60, IPV6_HEADER = 40 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60, ADDRESS = 16 };
enum { MOST_BEFORE = 2048, MOST_LINK_HEADER = 128, FRAGMENT_HEADER = 8 };

/* ---- IPv4 ------------------------------------------------------------------------------------ */

/* Appendix A.1: the options that arrive as they were sent. */
static bool is_immutable(uint8_t option)
{
    static const uint8_t numbers[] = {130, 133, 134, 148, 149};

    for (unsigned i = 0; i < array_length(numbers); i++)
        if (option == numbers[i])
            return true;
    return false;
}

/* The last address of a source route that still lies ahead is the destination, as it arrives. */
static void use_source_route(uint8_t *header, const uint8_t *option, unsigned length)
{
    enum { LOOSE = 131, STRICT = 137, FIRST = 3 };

    if ((option[0] == LOOSE || option[0] == STRICT) && length >= FIRST + 4 &&
        option[2] <= length - 3)
        memcpy(header + 16, option + length - 4, 4);
}

static void clear_options(uint8_t *header, unsigned length)
{
    enum { END = 0, NOP = 1 };

    for (unsigned at = IPV4_LEAST; at < length && header[at] != END;) {
        unsigned size = header[at] == NOP ? 1 : at + 1 < length ? header[at + 1] : 0;
        if (!size || (header[at] != NOP && size < 2) || size > length - at)
            return;
        if (header[at] != NOP && !is_immutable(header[at])) {
            use_source_route(header, header + at, size);
            memset(header + at, 0, size);
        }
        at += size;
    }
}

/* A.1: DSCP, ECN, flags, fragment offset, TTL and checksum are mutable. */
static void clear_ipv4(uint8_t *header, unsigned length)
{
    enum { TOS = 1, FLAGS = 6, TTL = 8, CHECKSUM = 10 };

    header[TOS] = header[FLAGS] = header[FLAGS + 1] = header[TTL] = 0;
    header[CHECKSUM] = header[CHECKSUM + 1] = 0;
    clear_options(header, length);
}

static bool is_ipv4(tvbuff_t *bytes, unsigned at, unsigned length, const packet_info *pinfo)
{
    return tvb_get_uint8(bytes, (int)at) == (0x40 | length / 4) &&
           tvb_get_uint8(bytes, (int)at + 9) == PROTOCOL_AH &&
           tvb_memeql(bytes, (int)at + 12, pinfo->src.data, 4) == 0 &&
           /* With a source route Wireshark has the last address of it. */
           (length > IPV4_LEAST || tvb_memeql(bytes, (int)at + 16, pinfo->dst.data, 4) == 0);
}

/* The header that ends at `end`: its length, 0 when there is none. */
static unsigned find_ipv4(tvbuff_t *bytes, unsigned end, const packet_info *pinfo)
{
    for (unsigned length = IPV4_LEAST; length <= IPV4_MOST && length <= end; length += 4)
        if (is_ipv4(bytes, end - length, length, pinfo))
            return length;
    return 0;
}

/* ---- IPv6 ------------------------------------------------------------------------------------ */

/* Appendix A.2: options whose third bit says so may change on the way; their data is zero. */
static void clear_ipv6_options(uint8_t *header, unsigned length)
{
    enum { FIXED = 2, PAD1 = 0, MAY_CHANGE = 0x20 };

    for (unsigned at = FIXED; at < length;) {
        if (header[at] == PAD1) {
            at++;
            continue;
        }
        if (at + 1 >= length || header[at + 1] > length - at - 2)
            return;
        if (header[at] & MAY_CHANGE)
            memset(header + at + 2, 0, header[at + 1]);
        at += 2u + header[at + 1];
    }
}

/* As it arrives: no segments left, the last address as destination (RFC 8200 4.4, RFC 6275 6.4). */
static void finish_routing(uint8_t *ip, uint8_t *header, unsigned length)
{
    enum { FIXED = 8, TYPE = 2, LEFT = 3, MOBILE = 2 };
    unsigned count = (length - FIXED) / ADDRESS, left = header[LEFT];
    uint8_t last[ADDRESS], *addresses = header + FIXED;

    if ((header[TYPE] != 0 && header[TYPE] != MOBILE) || !left || left > count)
        return;
    memcpy(last, addresses + (size_t)(count - 1) * ADDRESS, ADDRESS);
    memmove(addresses + (size_t)(count - left + 1) * ADDRESS,
            addresses + (size_t)(count - left) * ADDRESS, (size_t)(left - 1) * ADDRESS);
    memcpy(addresses + (size_t)(count - left) * ADDRESS, ip + 24, ADDRESS);
    memcpy(ip + 24, last, ADDRESS);
    header[LEFT] = 0;
}

static unsigned extension_length(uint8_t type, const uint8_t *header)
{
    return type == FRAGMENT ? FRAGMENT_HEADER : 8 * (1u + header[1]);
}

static bool is_extension(uint8_t type)
{
    return type == HOP_BY_HOP || type == ROUTING || type == DESTINATION || type == FRAGMENT;
}

/* Follows the extension headers to AH: the offset where it begins, or would begin behind a Fragment
 * header; 0 when they do not lead there. */
static unsigned walk_extensions(const uint8_t *ip, unsigned length)
{
    uint8_t type = ip[6];
    unsigned at = IPV6_HEADER;

    while (is_extension(type) && at + FRAGMENT_HEADER <= length) {
        unsigned size = extension_length(type, ip + at);
        type = ip[at];
        at += size;
    }
    return type == PROTOCOL_AH && at <= length ? at : 0;
}

/* A.2: traffic class, flow label and hop limit are mutable. `length`: of all headers before AH; a
 * Fragment header is taken out. Returns what is left. */
static unsigned clear_ipv6(uint8_t *ip, unsigned length)
{
    uint8_t *type = &ip[6];

    ip[0] = 0x60;
    ip[1] = ip[2] = ip[3] = ip[7] = 0;
    for (unsigned at = IPV6_HEADER; is_extension(*type) && at < length;) {
        unsigned size = extension_length(*type, ip + at);
        if (*type == FRAGMENT) {
            *type = ip[at];
            memmove(ip + at, ip + at + size, length - at - size);
            length -= size;
            continue;
        }
        if (*type == ROUTING)
            finish_routing(ip, ip + at, size);
        else
            clear_ipv6_options(ip + at, size);
        type = &ip[at];
        at += size;
    }
    return length;
}

static bool is_ipv6(tvbuff_t *bytes, unsigned at, const packet_info *pinfo)
{
    return tvb_get_uint8(bytes, (int)at) >> 4 == 6 &&
           tvb_memeql(bytes, (int)at + 8, pinfo->src.data, ADDRESS) == 0;
}

static unsigned find_ipv6(tvbuff_t *bytes, unsigned end, const packet_info *pinfo)
{
    for (unsigned length = IPV6_HEADER; length <= MOST_BEFORE && length <= end; length += 8)
        if (is_ipv6(bytes, end - length, pinfo) &&
            walk_extensions(tvb_get_ptr(bytes, (int)(end - length), (int)length), length) == length)
            return length;
    return 0;
}

/* ---- of a reassembled packet ----------------------------------------------------------------- */

static tvbuff_t *frame_of(const packet_info *pinfo)
{
    return pinfo->data_src ? get_data_source_tvb(pinfo->data_src->data) : NULL;
}

static unsigned fragment_ipv4(tvbuff_t *frame, unsigned at, const packet_info *pinfo)
{
    unsigned length = 4u * (tvb_get_uint8(frame, (int)at) & 0x0f);

    return length >= IPV4_LEAST && at + length <= tvb_captured_length(frame) &&
                   is_ipv4(frame, at, length, pinfo) && tvb_get_ntohs(frame, (int)at + 6) & 0x3fff
               ? length
               : 0;
}

static unsigned fragment_ipv6(tvbuff_t *frame, unsigned at, const packet_info *pinfo)
{
    unsigned left = MIN(tvb_captured_length(frame) - at, MOST_BEFORE);

    return left >= IPV6_HEADER && is_ipv6(frame, at, pinfo)
               ? walk_extensions(tvb_get_ptr(frame, (int)at, (int)left), left)
               : 0;
}

/* The header of a fragment in the frame; *at is where it begins. */
static unsigned find_fragment(tvbuff_t *frame, const packet_info *pinfo, unsigned *at)
{
    unsigned length = 0;

    for (*at = 0;
         !length && *at < MOST_LINK_HEADER && *at + IPV4_LEAST <= tvb_captured_length(frame);
         *at += length ? 0 : 1)
        length = pinfo->src.type == AT_IPv4 ? fragment_ipv4(frame, *at, pinfo)
                                            : fragment_ipv6(frame, *at, pinfo);
    return length;
}

/* ---- both ------------------------------------------------------------------------------------ */

static ike_span cover(tvbuff_t *bytes, unsigned at, unsigned length, bool reassembled,
                      tvbuff_t *tvb, const packet_info *pinfo)
{
    uint8_t *covered = wmem_alloc(pinfo->pool, length + IKE_AH_FIXED);

    tvb_memcpy(bytes, covered, (int)at, length);
    if (pinfo->src.type == AT_IPv4)
        clear_ipv4(covered, length);
    else
        length = clear_ipv6(covered, length);
    if (reassembled && pinfo->src.type == AT_IPv4)
        ike_put_u16(covered + 2, (uint16_t)(length + tvb_reported_length(tvb)));
    else if (reassembled)
        ike_put_u16(covered + 4, (uint16_t)(length - IPV6_HEADER + tvb_reported_length(tvb)));
    tvb_memcpy(tvb, covered + length, 0, IKE_AH_FIXED);
    return (ike_span){covered, length + IKE_AH_FIXED};
}

ike_span ike_ah_covered_header(tvbuff_t *tvb, packet_info *pinfo)
{
    tvbuff_t *bytes = tvb_get_ds_tvb(tvb);
    int end = tvb_raw_offset(tvb);
    unsigned at = 0, length = 0;

    if ((pinfo->src.type != AT_IPv4 && pinfo->src.type != AT_IPv6) ||
        pinfo->dst.type != pinfo->src.type || !bytes || end < 0 ||
        (unsigned)end > tvb_captured_length(bytes))
        return (ike_span){NULL, 0};
    length = pinfo->src.type == AT_IPv4 ? find_ipv4(bytes, (unsigned)end, pinfo)
                                        : find_ipv6(bytes, (unsigned)end, pinfo);
    if (length)
        return cover(bytes, (unsigned)end - length, length, false, tvb, pinfo);
    bytes = end == 0 ? frame_of(pinfo) : NULL;
    length = bytes ? find_fragment(bytes, pinfo, &at) : 0;
    return length ? cover(bytes, at, length, true, tvb, pinfo) : (ike_span){NULL, 0};
}
