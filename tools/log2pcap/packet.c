/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/packet.h"

#include <string.h>

#include "proto/keyed_hash.h"
#include "proto/network_order.h"

enum {
    IKE_PORT = 500,
    NAT_PORT = 4500,
    TCP = 6,
    UDP = 17,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    UDP_HEADER = 8,
    TCP_HEADER = 20,
    STREAM_KEY = 36,
};

static const uint8_t non_esp_marker[4]; /* RFC 3948 2.2 */

/* RFC 9329 3: what the side that connects sends first */
static const uint8_t stream_prefix[] = {'I', 'K', 'E', 'T', 'C', 'P'};

/* RFC 5737 and RFC 3849: where the log does not name an address */
static const uint8_t unnamed_ipv4[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
static const uint8_t unnamed_ipv6[2][16] = {{0x20, 0x01, 0x0d, 0xb8, [15] = 1},
                                            {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};

static guint stream_hash(gconstpointer key)
{
    return (guint)ike_keyed_hash(g_bytes_get_data((GBytes *)(uintptr_t)key, NULL), STREAM_KEY);
}

void log_packets_init(log_packets *packets)
{
    packets->identification = 1;
    packets->streams =
        g_hash_table_new_full(stream_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
}

void log_packets_free(log_packets *packets)
{
    g_hash_table_unref(packets->streams);
}

/* RFC 1071, over one more piece. */
static uint32_t sum(uint32_t total, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2)
        total += ike_get_u16(bytes + i);
    if (length % 2)
        total += (uint32_t)bytes[length - 1] << 8;
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return total;
}

/* An address that the log does not name: `second` for the peer. */
static void name_endpoint(log_endpoint *endpoint, uint8_t length, bool second)
{
    if (endpoint->length == length)
        return;
    endpoint->length = length;
    memcpy(endpoint->address, length == 4 ? unnamed_ipv4[second] : unnamed_ipv6[second], length);
}

static void name_both(const log_message *message, log_endpoint *source, log_endpoint *destination)
{
    *source = message->source;
    *destination = message->destination;
    uint8_t length = MAX(source->length, destination->length);
    name_endpoint(source, length ? length : 4, !message->sent);
    name_endpoint(destination, length ? length : 4, message->sent);
    if (source->port == 0)
        source->port = destination->port == NAT_PORT ? NAT_PORT : IKE_PORT;
    if (destination->port == 0)
        destination->port = source->port == NAT_PORT ? NAT_PORT : IKE_PORT;
}

/* What stands in front of ESP in UDP or a keepalive is no marker: RFC 3948 2.1, 2.3. */
static bool needs_marker(const log_message *message, const log_endpoint *source,
                         const log_endpoint *destination)
{
    if (message->tcp)
        return true; /* RFC 9329 4 */
    if (source->port == IKE_PORT || destination->port == IKE_PORT)
        return false;
    uint32_t length = log_isakmp_length(message->bytes->data, message->bytes->len);
    return length > 0 && (length == message->size || length > message->bytes->len);
}

static void append_ip(GByteArray *packet, const log_endpoint *source,
                      const log_endpoint *destination, uint8_t protocol, size_t payload,
                      uint16_t identification)
{
    uint8_t header[IPV6_HEADER] = {0};

    if (source->length == 4) {
        header[0] = 0x45;
        ike_put_u16(header + 2, (uint16_t)(IPV4_HEADER + payload));
        ike_put_u16(header + 4, identification);
        header[8] = 64; /* time to live */
        header[9] = protocol;
        memcpy(header + 12, source->address, 4);
        memcpy(header + 16, destination->address, 4);
        ike_put_u16(header + 10, (uint16_t)(~sum(0, header, IPV4_HEADER) & 0xffff));
        g_byte_array_append(packet, header, IPV4_HEADER);
        return;
    }
    header[0] = 0x60;
    ike_put_u16(header + 4, (uint16_t)payload);
    header[6] = protocol;
    header[7] = 64; /* hop limit */
    memcpy(header + 8, source->address, 16);
    memcpy(header + 24, destination->address, 16);
    g_byte_array_append(packet, header, IPV6_HEADER);
}

/* Writes the checksum of the transport header at `start`, RFC 768 and RFC 8200 8.1. One of bytes
 * that are not there cannot be computed: it stays 0 then. */
static void put_checksum(GByteArray *packet, size_t start, size_t offset, uint8_t protocol,
                         const log_endpoint *source, const log_endpoint *destination)
{
    uint8_t pseudo[4] = {0, protocol};
    size_t length = packet->len - start;

    ike_put_u16(pseudo + 2, (uint16_t)length);
    uint32_t total = sum(0, source->address, source->length);
    total = sum(total, destination->address, destination->length);
    total = sum(total, pseudo, sizeof pseudo);
    uint32_t checksum = ~sum(total, packet->data + start, length) & 0xffff;
    ike_put_u16(packet->data + start + offset,
                (uint16_t)(checksum || protocol == TCP ? checksum : 0xffff));
}

static GBytes *stream_key(const log_endpoint *source, const log_endpoint *destination)
{
    uint8_t key[STREAM_KEY];

    memcpy(key, source->address, 16);
    memcpy(key + 16, destination->address, 16);
    ike_put_u16(key + 32, source->port);
    ike_put_u16(key + 34, destination->port);
    return g_bytes_new(key, sizeof key);
}

/* Whether a direction is the first one of a connection: it begins with the stream prefix then. */
static bool begins_stream(log_packets *packets, const log_endpoint *source,
                          const log_endpoint *destination)
{
    GBytes *there = stream_key(source, destination), *back = stream_key(destination, source);
    bool known = g_hash_table_contains(packets->streams, there) ||
                 g_hash_table_contains(packets->streams, back);

    g_bytes_unref(there);
    g_bytes_unref(back);
    return !known;
}

/* The sequence number of the next segment of a direction, which has `length` bytes. */
static uint32_t take_sequence(log_packets *packets, const log_endpoint *source,
                              const log_endpoint *destination, size_t length)
{
    GBytes *key = stream_key(source, destination);
    uint32_t sequence = GPOINTER_TO_UINT(g_hash_table_lookup(packets->streams, key));

    if (sequence == 0)
        sequence = 1;
    g_hash_table_insert(packets->streams, key, GUINT_TO_POINTER(sequence + (uint32_t)length));
    return sequence;
}

/* RFC 9329 3: a length of two bytes, which counts itself, before each message. */
static void append_tcp(log_packets *packets, GByteArray *packet, const log_endpoint *source,
                       const log_endpoint *destination, bool prefix, size_t payload)
{
    uint8_t header[TCP_HEADER] = {0}, length[2];
    size_t prefix_length = prefix ? sizeof stream_prefix : 0;

    ike_put_u16(header, source->port);
    ike_put_u16(header + 2, destination->port);
    ike_put_u32(header + 4, take_sequence(packets, source, destination,
                                          prefix_length + sizeof length + payload));
    header[12] = TCP_HEADER / 4 << 4;
    header[13] = 0x18; /* PSH, ACK */
    ike_put_u16(header + 14, UINT16_MAX);
    g_byte_array_append(packet, header, sizeof header);
    g_byte_array_append(packet, stream_prefix, (unsigned)prefix_length);
    ike_put_u16(length, (uint16_t)(payload + sizeof length));
    g_byte_array_append(packet, length, sizeof length);
}

static void append_udp(GByteArray *packet, const log_endpoint *source,
                       const log_endpoint *destination, size_t payload)
{
    uint8_t header[UDP_HEADER] = {0};

    ike_put_u16(header, source->port);
    ike_put_u16(header + 2, destination->port);
    ike_put_u16(header + 4, (uint16_t)(UDP_HEADER + payload));
    g_byte_array_append(packet, header, sizeof header);
}

size_t log_packet_make(log_packets *packets, const log_message *message, GByteArray *packet)
{
    log_endpoint source, destination;
    const GByteArray *bytes = message->bytes;

    g_byte_array_set_size(packet, 0);
    name_both(message, &source, &destination);
    bool marker = needs_marker(message, &source, &destination);
    size_t payload = MAX(message->size, bytes->len) + (marker ? sizeof non_esp_marker : 0);
    bool prefix = message->tcp && begins_stream(packets, &source, &destination);
    size_t transport =
        message->tcp ? TCP_HEADER + 2 + (prefix ? sizeof stream_prefix : 0) : (size_t)UDP_HEADER;
    payload = MIN(payload, UINT16_MAX - IPV4_HEADER - transport);
    uint8_t protocol = message->tcp ? TCP : UDP;
    append_ip(packet, &source, &destination, protocol, transport + payload,
              packets->identification++);
    size_t start = packet->len;
    if (message->tcp)
        append_tcp(packets, packet, &source, &destination, prefix, payload);
    else
        append_udp(packet, &source, &destination, payload);
    if (marker)
        g_byte_array_append(packet, non_esp_marker, sizeof non_esp_marker);
    size_t size = start + transport + payload;
    g_byte_array_append(packet, bytes->data, (unsigned)MIN(bytes->len, size - packet->len));
    if (packet->len == size)
        put_checksum(packet, start, message->tcp ? 16 : 6, protocol, &source, &destination);
    return size;
}
