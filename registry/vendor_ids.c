/* SPDX-License-Identifier: GPL-2.0-or-later
 * Finds a Vendor ID by its longest known pattern. */
#include "registry/vendor_ids.h"

#include <string.h>

#include "registry/tables.h"

/* Lexicographic order of the keys, a prefix before what it begins. */
static int compare(const ike_vendor_id *id, const uint8_t *bytes, size_t len)
{
    int order = memcmp(id->bytes, bytes, id->key < len ? id->key : len);
    if (order != 0)
        return order;
    return id->key < len ? -1 : id->key > len;
}

static bool matches(const ike_vendor_id *id, const uint8_t *bytes, size_t len)
{
    if (id->length > len || (id->exact && id->length != len) || (id->total && id->total != len))
        return false;
    if (!id->mask)
        return memcmp(bytes, id->bytes, id->length) == 0;
    for (size_t i = 0; i < id->length; i++)
        if ((bytes[i] ^ id->bytes[i]) & id->mask[i])
            return false;
    return true;
}

/* Where the entries that begin with each byte begin; made when it is first needed. */
static const uint16_t *index_by_first(void)
{
    static uint16_t begin[257];
    size_t row = 0;

    if (begin[256])
        return begin;
    for (unsigned byte = 0; byte <= 256; byte++) {
        while (row < ike_vendor_ids_at_start && ike_vendor_ids[row].bytes[0] < byte)
            row++;
        begin[byte] = (uint16_t)row;
    }
    return begin;
}

/* All entries between a prefix of the bytes and the bytes' own place begin with that prefix. So
 * the last entry that is not greater either is the answer, or the answer is among its parents. */
static const ike_vendor_id *find_at_start(const uint8_t *bytes, size_t len)
{
    const uint16_t *begin = index_by_first();
    size_t low = begin[bytes[0]], high = begin[bytes[0] + 1], first = low;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&ike_vendor_ids[middle], bytes, len) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == first)
        return NULL;
    for (const ike_vendor_id *id = &ike_vendor_ids[low - 1];; id = &ike_vendor_ids[id->parent]) {
        if (matches(id, bytes, len))
            return id;
        if (id->parent < 0)
            return NULL;
    }
}

const ike_vendor_id *ike_vendor_id_find(const uint8_t *bytes, size_t len)
{
    const ike_vendor_id *found;

    if (len == 0)
        return NULL;
    found = find_at_start(bytes, len);
    for (size_t i = ike_vendor_ids_at_start; !found && i < ike_vendor_ids_count; i++)
        if (matches(&ike_vendor_ids[i], bytes, len))
            found = &ike_vendor_ids[i];
    return found;
}

const char *ike_vendor_name(ike_vendor vendor)
{
    return ike_vendor_names[(unsigned)vendor < IKE_VENDOR_COUNT ? vendor : IKE_VENDOR_UNKNOWN];
}
