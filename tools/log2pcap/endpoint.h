/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and ports as logs write them. */
#ifndef LOG2PCAP_ENDPOINT_H
#define LOG2PCAP_ENDPOINT_H

#include "decrypt/log/text.h"

/* An IP address and a port. */
typedef struct {
    uint8_t address[16];
    uint8_t length; /* of the address in bytes: 4, 16, or 0 where the log does not name it */
    uint16_t port;  /* 0: not named */
} log_endpoint;

/* Takes an address and a port off the front: A[PORT], [A]:PORT, A:PORT, A port PORT or the address
 * alone; IPv6 addresses without brackets end with the last colon. An address that someone made
 * unreadable ("x.x.7.183") is taken off too and leaves length 0. */
bool log_take_endpoint(ike_text *text, log_endpoint *endpoint);

#endif
