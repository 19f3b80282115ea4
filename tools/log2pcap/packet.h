/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP packets around messages. */
#ifndef LOG2PCAP_PACKET_H
#define LOG2PCAP_PACKET_H

#include "tools/log2pcap/messages.h"

/* What is counted on over the packets of one capture. */
typedef struct {
    uint16_t identification; /* of the next IPv4 packet: copies of one packet share it */
    GHashTable *streams;     /* endpoints of a TCP direction -> next sequence number */
} log_packets;

void log_packets_init(log_packets *packets);
void log_packets_free(log_packets *packets);

/* Makes the packet of a message that has bytes: IPv4 or IPv6, UDP or TCP, a non-ESP marker where
 * its ports ask for one. `packet` is overwritten. Returns the size that it had on the wire, which
 * is larger than what is there when the log lacks the end of the message. */
size_t log_packet_make(log_packets *packets, const log_message *message, GByteArray *packet);

#endif
