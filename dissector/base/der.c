/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/der.h"

#include <string.h>

#include <epan/charsets.h>
#include <epan/oids.h>

#include "proto/der.h"

enum { BMP_STRING = 0x1e };

/* The element at `offset`. */
static bool read_at(tvbuff_t *tvb, unsigned offset, ike_der *element)
{
    unsigned size = tvb_captured_length(tvb);

    return offset < size &&
           ike_der_read(tvb_get_ptr(tvb, offset, size - offset), size - offset, element);
}

unsigned ike_der_header(tvbuff_t *tvb, unsigned offset, uint8_t *tag, unsigned *length)
{
    ike_der element;

    if (!read_at(tvb, offset, &element))
        return 0;
    *tag = element.tag;
    *length = (unsigned)element.length;
    return tvb_captured_length(tvb) - (unsigned)(element.length + element.rest);
}

unsigned ike_der_count(tvbuff_t *tvb)
{
    ike_der all, element;
    unsigned count = 0;

    if (read_at(tvb, 0, &all) && ike_der_enter(&all, IKE_DER_SEQUENCE, &element))
        for (count = 1; ike_der_next(&element); count++)
            ;
    return count;
}

static const char *oid_name(wmem_allocator_t *pool, const ike_der *oid)
{
    return oid_resolved_from_encoded(pool, oid->data, (int)oid->length);
}

static const char *string_value(wmem_allocator_t *pool, const ike_der *value)
{
    enum { MAX_VALUE = 128 };
    int length = (int)MIN(value->length, MAX_VALUE);
    char *text = (char *)(value->tag == BMP_STRING
                              ? get_ucs_2_string(pool, value->data, length, ENC_BIG_ENDIAN)
                              : get_utf_8_string(pool, value->data, length));

    for (char *at = text, *next; *at; at = next) {
        next = g_utf8_next_char(at);
        if (!g_unichar_isprint(g_utf8_get_char(at))) /* controls, marks of direction */
            memset(at, '.', (size_t)(next - at));
    }
    return text;
}

/* The last attribute comes first (RFC 4514 2.1), as in Wireshark's own labels: "name=value" of each
 * SET { SEQUENCE { OBJECT IDENTIFIER, string } }. */
static const char *name_text(wmem_allocator_t *pool, const ike_der *name)
{
    enum { MAX_ATTRIBUTES = 32 };
    const char *text = NULL;
    ike_der set, pair, oid;
    bool more = ike_der_enter(name, IKE_DER_SEQUENCE, &set);

    for (unsigned i = 0; more && i < MAX_ATTRIBUTES; i++, more = ike_der_next(&set)) {
        if (!ike_der_enter(&set, IKE_DER_SET, &pair) ||
            !ike_der_enter(&pair, IKE_DER_SEQUENCE, &oid) || oid.tag != IKE_DER_OID)
            break;
        ike_der value = oid;
        if (!ike_der_next(&value))
            break;
        text = wmem_strdup_printf(pool, "%s=%s%s%s", oid_name(pool, &oid),
                                  string_value(pool, &value), text ? "," : "", text ? text : "");
    }
    return text;
}

const char *ike_der_name(wmem_allocator_t *pool, tvbuff_t *tvb, unsigned offset)
{
    ike_der name;

    return read_at(tvb, offset, &name) ? name_text(pool, &name) : NULL;
}

/* Certificate { TBSCertificate { [0] version, serialNumber, signature, issuer, validity, subject
 * (RFC 5280 4.1). */
const char *ike_der_subject(wmem_allocator_t *pool, tvbuff_t *tvb)
{
    static const uint8_t before[] = {IKE_DER_INTEGER, IKE_DER_SEQUENCE, IKE_DER_SEQUENCE,
                                     IKE_DER_SEQUENCE};
    ike_der certificate, tbs, part;

    if (!read_at(tvb, 0, &certificate) || !ike_der_enter(&certificate, IKE_DER_SEQUENCE, &tbs) ||
        !ike_der_enter(&tbs, IKE_DER_SEQUENCE, &part))
        return NULL;
    if (part.tag == IKE_DER_CONTEXT && !ike_der_next(&part))
        return NULL;
    for (unsigned i = 0; i < array_length(before); i++)
        if (part.tag != before[i] || !ike_der_next(&part))
            return NULL;
    return name_text(pool, &part);
}

const char *ike_der_first_oid(wmem_allocator_t *pool, tvbuff_t *tvb)
{
    ike_der element;
    bool good = read_at(tvb, 0, &element);

    while (good && element.tag == IKE_DER_SEQUENCE)
        good = ike_der_read(element.data, element.length, &element);
    return good && element.tag == IKE_DER_OID ? oid_name(pool, &element) : NULL;
}
