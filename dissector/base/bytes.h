/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a tvb whose length comes from the wire. */
#ifndef IKE_BASE_BYTES_H
#define IKE_BASE_BYTES_H

#include "dissector/base/packet.h"

/* How many bytes of `tvb` are left at `offset`; 0 beyond the end. */
unsigned ike_left(tvbuff_t *tvb, unsigned offset);

/* The bytes of `tvb` from `offset`, borrowed from the packet; empty if they are not all captured.
 * `length` < 0: to the end. */
ike_span ike_bytes_of(tvbuff_t *tvb, unsigned offset, int length);

#endif
