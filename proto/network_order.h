/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in network order, where there is no tvbuff. The bytes need no alignment. */
#ifndef IKE_NETWORK_ORDER_H
#define IKE_NETWORK_ORDER_H

#include <stdint.h>

static inline uint16_t ike_get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t ike_get_u32(const uint8_t *at)
{
    return (uint32_t)ike_get_u16(at) << 16 | ike_get_u16(at + 2);
}

static inline uint64_t ike_get_u64(const uint8_t *at)
{
    return (uint64_t)ike_get_u32(at) << 32 | ike_get_u32(at + 4);
}

static inline void ike_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void ike_put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static inline void ike_put_u64(uint8_t *at, uint64_t value)
{
    ike_put_u32(at, (uint32_t)(value >> 32));
    ike_put_u32(at + 4, (uint32_t)value);
}

#endif
