/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/distinguished_name.h"

#include <string.h>

#include "analysis/tracker/quoted.h"
#include "proto/der.h"

/* ---- names ----------------------------------------------------------------------------------- */

static const char *attribute_name(const ike_der *oid)
{
    static const struct {
        uint8_t last;
        const char *name;
    } x520[] = {{3, "CN"},     {4, "SN"}, {5, "serialNumber"}, {6, "C"},  {7, "L"},  {8, "ST"},
                {9, "STREET"}, {10, "O"}, {11, "OU"},          {12, "T"}, {42, "GN"}};
    static const uint8_t email[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01};
    static const uint8_t domain[] = {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19};
    if (oid->length == 3 && oid->data[0] == 0x55 && oid->data[1] == 0x04)
        for (size_t i = 0; i < G_N_ELEMENTS(x520); i++)
            if (x520[i].last == oid->data[2])
                return x520[i].name;
    if (ike_der_is_oid(oid, email, sizeof email))
        return "E";
    if (ike_der_is_oid(oid, domain, sizeof domain))
        return "DC";
    return "?";
}

static void append_value(GString *out, const ike_der *value)
{
    for (size_t i = 0; i < MIN(value->length, 96); i++) {
        uint8_t c = value->data[i];
        if (value->tag == 0x0c && c >= 0x80) { /* UTF8String: whole sequences or an escape */
            const char *at = (const char *)value->data + i;
            size_t bytes = ike_shown_bytes(at, value->length - i);
            if (bytes) {
                g_string_append_len(out, at, (gssize)bytes);
                i += bytes - 1;
                continue;
            }
        }
        if (value->tag == 0x1e && c == 0)
            continue; /* BMPString: the high bytes of ASCII */
        if (c >= 0x20 && c < 0x7f)
            g_string_append_c(out, (char)c);
        else
            g_string_append_printf(out, "\\x%02x", c);
    }
}

/* RelativeDistinguishedName ::= SET OF SEQUENCE { type, value } */
static void append_set(GString *out, gsize start, const ike_der *set)
{
    ike_der pair, part;
    bool more = ike_der_enter(set, IKE_DER_SET, &pair);
    for (; more && pair.tag == IKE_DER_SEQUENCE; more = ike_der_next(&pair)) {
        if (!ike_der_enter(&pair, IKE_DER_SEQUENCE, &part) || part.tag != IKE_DER_OID)
            continue;
        g_string_append_printf(out, "%s%s=", out->len > start ? ", " : "", attribute_name(&part));
        if (ike_der_next(&part))
            append_value(out, &part);
    }
}

bool ike_format_name(GString *out, const uint8_t *der, size_t length)
{
    ike_der name, set;
    gsize start = out->len;
    if (!der || !ike_der_read(der, length, &name))
        return false;
    bool more = ike_der_enter(&name, IKE_DER_SEQUENCE, &set);
    for (; more && set.tag == IKE_DER_SET; more = ike_der_next(&set))
        append_set(out, start, &set);
    return out->len > start;
}
