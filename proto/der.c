/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/der.h"

bool ike_der_read(const uint8_t *at, size_t left, ike_der *element)
{
    size_t header = 2, length;
    if (left < 2)
        return false;
    length = at[1];
    if (length & 0x80) {
        size_t bytes = length & 0x7f;
        if (bytes == 0 || bytes > 3 || left < 2 + bytes)
            return false;
        length = 0;
        for (size_t i = 0; i < bytes; i++)
            length = length << 8 | at[2 + i];
        header += bytes;
    }
    if (length > left - header)
        return false;
    element->tag = at[0];
    element->data = at + header;
    element->length = length;
    element->next = at + header + length;
    element->rest = left - header - length;
    return true;
}

bool ike_der_next(ike_der *element)
{
    return ike_der_read(element->next, element->rest, element);
}

bool ike_der_enter(const ike_der *outer, uint8_t tag, ike_der *inner)
{
    return outer->tag == tag && ike_der_read(outer->data, outer->length, inner);
}
