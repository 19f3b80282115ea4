/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of raw IP (link type 101), and bytes that look random, the same ones on every run. */
#ifndef BENCH_PACKET_H
#define BENCH_PACKET_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { IP_HEADER = 20, UDP_HEADER = 8, PROTOCOL_UDP = 17, PROTOCOL_ESP = 50 };

static uint64_t random_state = UINT64_C(0x1296e7c1a5f3b80d);

static uint64_t random_u64(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void random_bytes(uint8_t *to, size_t length)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word = random_u64();
        memcpy(to + i, &word, length - i < 8 ? length - i : 8);
    }
}

static void set_number(uint8_t *at, uint64_t value, unsigned bytes)
{
    while (bytes--)
        *at++ = (uint8_t)(value >> 8 * bytes);
}

static void set_ip(uint8_t *ip, uint8_t protocol, size_t length, uint32_t from, uint32_t to)
{
    uint32_t sum = 0;

    memset(ip, 0, IP_HEADER);
    ip[0] = 0x45;
    set_number(ip + 2, length, 2);
    ip[8] = 64;
    ip[9] = protocol;
    set_number(ip + 12, from, 4);
    set_number(ip + 16, to, 4);
    for (unsigned i = 0; i < IP_HEADER; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    set_number(ip + 10, ~(sum + (sum >> 16)) & 0xffff, 2);
}

/* The headers of a datagram with `payload` bytes. Returns its length. */
static size_t set_udp(uint8_t *packet, size_t payload, uint32_t from, uint32_t to, uint16_t port[2])
{
    size_t length = IP_HEADER + UDP_HEADER + payload;

    set_ip(packet, PROTOCOL_UDP, length, from, to);
    set_number(packet + IP_HEADER, port[0], 2);
    set_number(packet + IP_HEADER + 2, port[1], 2);
    set_number(packet + IP_HEADER + 4, UDP_HEADER + payload, 2);
    set_number(packet + IP_HEADER + 6, 0, 2);
    return length;
}

static void write_capture_header(FILE *capture)
{
    const uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 101};

    fwrite(header, sizeof header, 1, capture);
}

static void write_packet(FILE *capture, uint64_t time_us, const void *packet, size_t length)
{
    const uint32_t record[] = {(uint32_t)(time_us / 1000000), (uint32_t)(time_us % 1000000),
                               (uint32_t)length, (uint32_t)length};

    fwrite(record, sizeof record, 1, capture);
    fwrite(packet, length, 1, capture);
}

#endif
