/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/der.h"

#include <epan/oids.h>

#include "dissector/base/bytes.h"

enum {
    DER_INTEGER = 0x02,
    DER_OBJECT_IDENTIFIER = 0x06,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_VERSION = 0xa0, /* [0] of TBSCertificate */
};

/* Contents of an element, and where the next one begins. */
typedef struct {
    unsigned start, end;
} der_range;

unsigned ike_der_header(tvbuff_t *tvb, unsigned offset, uint8_t *tag, unsigned *length)
{
    if (ike_left(tvb, offset) < 2)
        return 0;
    *tag = tvb_get_uint8(tvb, offset);
    uint8_t first = tvb_get_uint8(tvb, offset + 1);
    offset += 2;
    *length = first;
    if (first & 0x80) {
        unsigned bytes = first & 0x7f;
        if (bytes == 0 || bytes > 3 || ike_left(tvb, offset) < bytes)
            return 0;
        for (*length = 0; bytes--; offset++)
            *length = *length << 8 | tvb_get_uint8(tvb, offset);
    }
    return *length <= ike_left(tvb, offset) ? offset : 0;
}

/* The element at `offset`, which must end before `limit` and have the tag `wanted`. */
static bool enter(tvbuff_t *tvb, unsigned offset, unsigned limit, uint8_t wanted, der_range *range)
{
    uint8_t tag = 0;
    unsigned length = 0;

    range->start = offset < limit ? ike_der_header(tvb, offset, &tag, &length) : 0;
    range->end = range->start + length;
    return range->start && tag == wanted && range->end <= limit;
}

unsigned ike_der_count(tvbuff_t *tvb)
{
    der_range all;
    uint8_t tag;
    unsigned length, count = 0;

    if (!enter(tvb, 0, tvb_reported_length(tvb), DER_SEQUENCE, &all))
        return 0;
    for (unsigned offset = all.start; offset < all.end; count++) {
        unsigned contents = ike_der_header(tvb, offset, &tag, &length);
        if (!contents)
            break;
        offset = contents + length;
    }
    return count;
}

static const char *oid_name(wmem_allocator_t *pool, tvbuff_t *tvb, der_range oid)
{
    int length = (int)(oid.end - oid.start);

    return oid_resolved_from_encoded(pool, tvb_get_ptr(tvb, oid.start, length), length);
}

static const char *string_value(wmem_allocator_t *pool, tvbuff_t *tvb, uint8_t tag, der_range value)
{
    enum { MAX_VALUE = 128 };
    unsigned length = MIN(value.end - value.start, MAX_VALUE);
    char *text =
        (char *)tvb_get_string_enc(pool, tvb, value.start, length,
                                   tag == DER_BMP_STRING ? ENC_UCS_2 | ENC_BIG_ENDIAN : ENC_UTF_8);

    for (char *at = text; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = '.';
    return text;
}

/* "name=value" of the AttributeTypeAndValue in `set`: SEQUENCE { OBJECT IDENTIFIER, string }. */
static const char *attribute_text(wmem_allocator_t *pool, tvbuff_t *tvb, der_range set)
{
    der_range pair, oid, value;
    uint8_t tag;
    unsigned length;

    if (!enter(tvb, set.start, set.end, DER_SEQUENCE, &pair) ||
        !enter(tvb, pair.start, pair.end, DER_OBJECT_IDENTIFIER, &oid))
        return NULL;
    value.start = ike_der_header(tvb, oid.end, &tag, &length);
    value.end = value.start + length;
    if (!value.start || value.end > pair.end)
        return NULL;
    return wmem_strdup_printf(pool, "%s=%s", oid_name(pool, tvb, oid),
                              string_value(pool, tvb, tag, value));
}

/* The last attribute comes first (RFC 4514 2.1), as in Wireshark's own labels. */
const char *ike_der_name(wmem_allocator_t *pool, tvbuff_t *tvb, unsigned offset)
{
    enum { MAX_ATTRIBUTES = 32 };
    const char *text = NULL, *one;
    der_range name, set;

    if (!enter(tvb, offset, tvb_captured_length(tvb), DER_SEQUENCE, &name))
        return NULL;
    offset = name.start;
    for (unsigned i = 0; i < MAX_ATTRIBUTES; i++, offset = set.end) {
        if (!enter(tvb, offset, name.end, DER_SET, &set) || !(one = attribute_text(pool, tvb, set)))
            break;
        text = text ? wmem_strdup_printf(pool, "%s,%s", one, text) : one;
    }
    return text;
}

/* Certificate { TBSCertificate { [0] version, serialNumber, signature, issuer, validity, subject
 * (RFC 5280 4.1). */
const char *ike_der_subject(wmem_allocator_t *pool, tvbuff_t *tvb)
{
    static const uint8_t before[] = {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE};
    der_range certificate, tbs, part;

    if (!enter(tvb, 0, tvb_captured_length(tvb), DER_SEQUENCE, &certificate) ||
        !enter(tvb, certificate.start, certificate.end, DER_SEQUENCE, &tbs))
        return NULL;
    unsigned offset = tbs.start;
    if (enter(tvb, offset, tbs.end, DER_VERSION, &part))
        offset = part.end;
    for (unsigned i = 0; i < array_length(before); i++) {
        if (!enter(tvb, offset, tbs.end, before[i], &part))
            return NULL;
        offset = part.end;
    }
    return ike_der_name(pool, tvb, offset);
}

const char *ike_der_first_oid(wmem_allocator_t *pool, tvbuff_t *tvb)
{
    der_range range = {0, tvb_captured_length(tvb)}, inner;

    while (enter(tvb, range.start, range.end, DER_SEQUENCE, &inner))
        range = inner;
    return enter(tvb, range.start, range.end, DER_OBJECT_IDENTIFIER, &inner)
               ? oid_name(pool, tvb, inner)
               : NULL;
}
