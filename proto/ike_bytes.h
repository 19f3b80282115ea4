/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_BYTES_OF_PACKET_H
#define IKE_BYTES_OF_PACKET_H

#include <stdint.h>

/* Bytes that belong to the packet. */
typedef struct {
    const uint8_t *data; /* NULL when there are none */
    uint32_t length;
} ike_bytes;

#endif
