/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/bytes.h"

unsigned ike_left(tvbuff_t *tvb, unsigned offset)
{
    unsigned length = tvb_reported_length(tvb);

    return offset < length ? length - offset : 0;
}

ike_span ike_bytes_of(tvbuff_t *tvb, unsigned offset, int length)
{
    ike_span bytes = {NULL, 0};
    unsigned want = length < 0 ? ike_left(tvb, offset) : (unsigned)length;

    if (want && offset <= tvb_captured_length(tvb) && want <= tvb_captured_length(tvb) - offset) {
        bytes.data = tvb_get_ptr(tvb, offset, want);
        bytes.length = want;
    }
    return bytes;
}
