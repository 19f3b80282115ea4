/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small reader of DER, enough for validity, names and key sizes of certificates. */
#include "analysis/tracker/certificate.h"

#include <string.h>

/* One DER element; `next` is what follows it in its parent. */
typedef struct {
    uint8_t tag;
    const uint8_t *data;
    size_t length;
    const uint8_t *next;
    size_t rest;
} der_element;

static bool der_read(const uint8_t *at, size_t left, der_element *element)
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

static bool der_next(der_element *element)
{
    return der_read(element->next, element->rest, element);
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *attribute_name(const der_element *oid)
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
    if (oid->length == sizeof email && memcmp(oid->data, email, sizeof email) == 0)
        return "E";
    if (oid->length == sizeof domain && memcmp(oid->data, domain, sizeof domain) == 0)
        return "DC";
    return "?";
}

static void append_value(GString *out, const der_element *value)
{
    for (size_t i = 0; i < MIN(value->length, 96); i++) {
        uint8_t c = value->data[i];
        if (value->tag == 0x0c && c >= 0x80) { /* UTF8String: whole sequences or an escape */
            gunichar u = g_utf8_get_char_validated((const char *)value->data + i,
                                                   (gssize)(value->length - i));
            if (u != (gunichar)-1 && u != (gunichar)-2 && g_unichar_isprint(u)) {
                g_string_append_unichar(out, u);
                i += (size_t)g_unichar_to_utf8(u, NULL) - 1;
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

bool ike_format_name(GString *out, const uint8_t *der, size_t length)
{
    der_element name, set, pair, part;
    gsize start = out->len;
    if (!der || !der_read(der, length, &name) || name.tag != 0x30)
        return false;
    set = (der_element){.next = name.data, .rest = name.length};
    while (set.rest > 0) {
        if (!der_next(&set) || set.tag != 0x31)
            break;
        pair = (der_element){.next = set.data, .rest = set.length};
        while (pair.rest > 0 && der_next(&pair) && pair.tag == 0x30) {
            if (!der_read(pair.data, pair.length, &part) || part.tag != 0x06)
                continue;
            g_string_append_printf(out, "%s%s=", out->len > start ? ", " : "",
                                   attribute_name(&part));
            if (der_next(&part))
                append_value(out, &part);
        }
    }
    return out->len > start;
}

/* ---- times ----------------------------------------------------------------------------------- */

static bool two_digits(const uint8_t *at, int *value)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *value = (at[0] - '0') * 10 + (at[1] - '0');
    return true;
}

/* UTCTime or GeneralizedTime as RFC 5280 allows them, in seconds since the epoch; 0 when damaged.
 */
static uint64_t read_time(const der_element *time)
{
    int part[7] = {0}; /* century, year, month, day, hour, minute, second */
    size_t first = time->tag == 0x17 ? 1 : 0, digits = (7 - first) * 2;
    if ((time->tag != 0x17 && time->tag != 0x18) || time->length < digits)
        return 0;
    for (size_t i = first; i < 7; i++)
        if (!two_digits(time->data + (i - first) * 2, &part[i]))
            return 0;
    if (first)
        part[0] = part[1] >= 50 ? 19 : 20;
    int year = part[0] * 100 + part[1];
    if (year < 1970 || part[2] < 1 || part[2] > 12 || part[3] < 1)
        return 0;
    /* Days since 1970-03-01 counted in years that begin in March. */
    int y = part[2] <= 2 ? year - 1 : year, m = part[2] <= 2 ? part[2] + 9 : part[2] - 3;
    int64_t days =
        365 * (int64_t)y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + part[3] - 1 - 719468;
    int64_t seconds = ((days * 24 + part[4]) * 60 + part[5]) * 60 + part[6];
    return seconds > 0 ? (uint64_t)seconds : 0;
}

/* ---- algorithms ------------------------------------------------------------------------------ */

static bool is_oid(const der_element *oid, const uint8_t *bytes, size_t length)
{
    return oid->tag == 0x06 && oid->length == length && memcmp(oid->data, bytes, length) == 0;
}

/* pkcs-1 1.2.840.113549.1.1.x, and the last arc. */
static bool is_pkcs1(const der_element *oid, uint8_t *last)
{
    static const uint8_t pkcs1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
    if (oid->tag != 0x06 || oid->length != sizeof pkcs1 + 1 ||
        memcmp(oid->data, pkcs1, sizeof pkcs1) != 0)
        return false;
    *last = oid->data[sizeof pkcs1];
    return true;
}

static void read_signature_hash(const der_element *algorithm, bool *sha1, bool *md5)
{
    static const uint8_t ecdsa_sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01};
    static const uint8_t dsa_sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03};
    der_element oid;
    uint8_t last = 0;
    if (algorithm->tag != 0x30 || !der_read(algorithm->data, algorithm->length, &oid))
        return;
    if (is_pkcs1(&oid, &last)) {
        *md5 = last == 4;
        *sha1 = last == 5;
    }
    if (is_oid(&oid, ecdsa_sha1, sizeof ecdsa_sha1) || is_oid(&oid, dsa_sha1, sizeof dsa_sha1))
        *sha1 = true;
}

bool ike_algorithm_is_sha1(const uint8_t *der, size_t length)
{
    der_element algorithm;
    bool sha1 = false, md5 = false;
    if (der && der_read(der, length, &algorithm))
        read_signature_hash(&algorithm, &sha1, &md5);
    return sha1;
}

/* SubjectPublicKeyInfo: the modulus length when it is an RSA key. */
static uint32_t read_rsa_bits(const der_element *info)
{
    der_element algorithm, oid, key, sequence, modulus;
    uint8_t last = 0;
    if (info->tag != 0x30 || !der_read(info->data, info->length, &algorithm) ||
        !der_read(algorithm.data, algorithm.length, &oid) || !is_pkcs1(&oid, &last) || last != 1)
        return 0;
    key = algorithm;
    if (!der_next(&key) || key.tag != 0x03 || key.length < 2 ||
        !der_read(key.data + 1, key.length - 1, &sequence) ||
        !der_read(sequence.data, sequence.length, &modulus) || modulus.tag != 0x02)
        return 0;
    while (modulus.length > 0 && modulus.data[0] == 0) {
        modulus.data++;
        modulus.length--;
    }
    if (modulus.length == 0 || modulus.length > 8192)
        return 0;
    uint32_t bits = (uint32_t)modulus.length * 8;
    for (uint8_t top = modulus.data[0]; !(top & 0x80); top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

bool ike_certificate_read(const uint8_t *der, size_t length, ike_certificate_info *inputs)
{
    der_element certificate, tbs, part, validity, time, issuer;
    memset(inputs, 0, sizeof *inputs);
    if (!der || !der_read(der, length, &certificate) || certificate.tag != 0x30 ||
        !der_read(certificate.data, certificate.length, &tbs) || tbs.tag != 0x30 ||
        !der_read(tbs.data, tbs.length, &part))
        return false;
    if (part.tag == 0xa0 && !der_next(&part)) /* version */
        return false;
    if (part.tag != 0x02 || !der_next(&part)) /* serial number */
        return false;
    read_signature_hash(&part, &inputs->sha1, &inputs->md5);
    issuer = part;
    if (!der_next(&issuer))
        return false;
    validity = issuer;
    if (!der_next(&validity) || validity.tag != 0x30)
        return false;
    if (der_read(validity.data, validity.length, &time)) {
        inputs->not_before = read_time(&time);
        if (der_next(&time))
            inputs->not_after = read_time(&time);
    }
    const uint8_t *subject = validity.next;
    part = validity;
    if (!der_next(&part))
        return false;
    inputs->subject = subject;
    inputs->subject_length = (size_t)(part.next - subject);
    inputs->self_issued =
        part.length == issuer.length && memcmp(part.data, issuer.data, part.length) == 0;
    if (der_next(&part))
        inputs->rsa_bits = read_rsa_bits(&part);
    return true;
}
