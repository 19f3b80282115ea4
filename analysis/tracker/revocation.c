/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/revocation.h"

#include <glib.h>

#include "proto/der.h"
#include "proto/ike_numbers.h"

/* CRLReason (RFC 5280 5.3.1). */
static const char *reason_name(const ike_der *value)
{
    static const char *const names[] = {
        "unspecified",      "key compromise",         "CA compromise",    "affiliation change",
        "superseded",       "cessation of operation", "certificate hold", NULL,
        "removed from CRL", "privilege withdrawn",    "AA compromise"};
    if (value->tag != IKE_DER_ENUMERATED || value->length != 1 ||
        value->data[0] >= G_N_ELEMENTS(names))
        return NULL;
    return names[value->data[0]];
}

static bool read_digits(const ike_der *time, size_t at, size_t digits, int *number)
{
    *number = 0;
    if (at + digits > time->length)
        return false;
    for (size_t i = at; i < at + digits; i++) {
        if (!g_ascii_isdigit(time->data[i]))
            return false;
        *number = *number * 10 + (time->data[i] - '0');
    }
    return true;
}

/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them; 0 for others. */
static uint64_t seconds_of(const ike_der *time)
{
    enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };
    int parts[PARTS];
    size_t at = time->tag == IKE_DER_GENERALIZED_TIME ? 4 : 2;
    if ((time->tag != IKE_DER_UTC_TIME && time->tag != IKE_DER_GENERALIZED_TIME) ||
        !read_digits(time, 0, at, &parts[YEAR]))
        return 0;
    if (time->tag == IKE_DER_UTC_TIME)
        parts[YEAR] += parts[YEAR] < 50 ? 2000 : 1900;
    for (int i = MONTH; i < PARTS; i++, at += 2)
        if (!read_digits(time, at, 2, &parts[i]))
            return 0;
    GDateTime *date = g_date_time_new_utc(parts[YEAR], parts[MONTH], parts[DAY], parts[HOUR],
                                          parts[MINUTE], (double)parts[SECOND]);
    gint64 seconds = date ? g_date_time_to_unix(date) : 0;
    g_clear_pointer(&date, g_date_time_unref);
    return seconds > 0 ? (uint64_t)seconds : 0;
}

static bool is_serial(const ike_der *number, const ike_x509 *certificate)
{
    const uint8_t *data = number->data;
    size_t length = number->length;
    if (number->tag != IKE_DER_INTEGER || !certificate->serial)
        return false;
    for (; length > 1 && *data == 0; length--)
        data++;
    return length == certificate->serial_length && memcmp(data, certificate->serial, length) == 0;
}

/* ---- CRL ------------------------------------------------------------------------------------- */

/* crlEntryExtensions: the one with the reason (2.5.29.21). */
static const char *entry_reason(const ike_der *extensions)
{
    static const uint8_t reason_code[] = {0x55, 0x1d, 0x15};
    ike_der one, part, value;
    bool more = ike_der_enter(extensions, IKE_DER_SEQUENCE, &one);
    for (; more; more = ike_der_next(&one)) {
        if (!ike_der_enter(&one, IKE_DER_SEQUENCE, &part) ||
            !ike_der_is_oid(&part, reason_code, sizeof reason_code))
            continue;
        while (ike_der_next(&part))
            if (ike_der_enter(&part, IKE_DER_OCTET_STRING, &value))
                return reason_name(&value);
    }
    return NULL;
}

static bool find_entry(const ike_der *list, const ike_x509 *certificate, ike_revocation *found)
{
    ike_der entry, part;
    bool more = ike_der_enter(list, IKE_DER_SEQUENCE, &entry);
    for (; more; more = ike_der_next(&entry)) {
        if (!ike_der_enter(&entry, IKE_DER_SEQUENCE, &part) || !is_serial(&part, certificate))
            continue;
        *found = (ike_revocation){.source = "CRL"};
        if (ike_der_next(&part))
            found->revoked_at = seconds_of(&part);
        if (ike_der_next(&part))
            found->reason = entry_reason(&part);
        return true;
    }
    return false;
}

/* RFC 5280 5.1: CertificateList { tbsCertList { version?, signature, issuer, thisUpdate,
 * nextUpdate?, revokedCertificates?, ... } ... } */
static bool find_in_crl(ike_span crl, const ike_x509 *certificate, ike_revocation *found)
{
    ike_der outer, list, part;
    if (!ike_der_read(crl.data, crl.length, &outer) ||
        !ike_der_enter(&outer, IKE_DER_SEQUENCE, &list) ||
        !ike_der_enter(&list, IKE_DER_SEQUENCE, &part) ||
        (part.tag == IKE_DER_INTEGER && !ike_der_next(&part)))
        return false;
    const uint8_t *issuer = part.next; /* behind the signature's algorithm */
    if (!ike_der_next(&part) || (size_t)(part.next - issuer) != certificate->issuer_length ||
        memcmp(issuer, certificate->issuer, certificate->issuer_length) != 0)
        return false;
    while (ike_der_next(&part))
        if (part.tag == IKE_DER_SEQUENCE)
            return find_entry(&part, certificate, found);
    return false;
}

/* ---- OCSP ------------------------------------------------------------------------------------ */

/* SingleResponse { certID { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber },
 * certStatus, ... }; revoked is [1] { revocationTime, [0] reason? } */
static bool is_revoked_by(const ike_der *response, const ike_x509 *certificate,
                          ike_revocation *found)
{
    enum { REVOKED = IKE_DER_CONTEXT + 1 };
    ike_der part, id, value, reason;
    if (!ike_der_enter(response, IKE_DER_SEQUENCE, &part) ||
        !ike_der_enter(&part, IKE_DER_SEQUENCE, &id) || !ike_der_next(&id) || !ike_der_next(&id) ||
        !ike_der_next(&id) || !is_serial(&id, certificate) || !ike_der_next(&part) ||
        part.tag != REVOKED)
        return false;
    *found = (ike_revocation){.source = "OCSP"};
    if (!ike_der_enter(&part, REVOKED, &value))
        return true;
    found->revoked_at = seconds_of(&value);
    if (ike_der_next(&value) && ike_der_enter(&value, IKE_DER_CONTEXT, &reason))
        found->reason = reason_name(&reason);
    return true;
}

/* tbsResponseData { [0] version?, responderID, producedAt, responses, ... } */
static bool find_response(const ike_der *data, const ike_x509 *certificate, ike_revocation *found)
{
    ike_der part, one;
    if (!ike_der_enter(data, IKE_DER_SEQUENCE, &part))
        return false;
    do {
        if (part.tag != IKE_DER_SEQUENCE)
            continue;
        bool more = ike_der_enter(&part, IKE_DER_SEQUENCE, &one);
        for (; more; more = ike_der_next(&one))
            if (is_revoked_by(&one, certificate, found))
                return true;
        return false;
    } while (ike_der_next(&part));
    return false;
}

/* OCSPResponse { responseStatus, [0] { responseType, response OCTET STRING } }, and in it
 * BasicOCSPResponse { tbsResponseData, ... } */
static bool find_in_ocsp(ike_span ocsp, const ike_x509 *certificate, ike_revocation *found)
{
    ike_der outer, part, bytes, string, basic, data;
    return ike_der_read(ocsp.data, ocsp.length, &outer) &&
           ike_der_enter(&outer, IKE_DER_SEQUENCE, &part) && ike_der_next(&part) &&
           ike_der_enter(&part, IKE_DER_CONTEXT, &bytes) &&
           ike_der_enter(&bytes, IKE_DER_SEQUENCE, &string) && ike_der_next(&string) &&
           ike_der_enter(&string, IKE_DER_OCTET_STRING, &basic) &&
           ike_der_enter(&basic, IKE_DER_SEQUENCE, &data) &&
           find_response(&data, certificate, found);
}

bool ike_find_revocation(const ike_certificate *payload, const ike_x509 *certificate,
                         ike_revocation *found)
{
    if (!payload->data.data || !certificate)
        return false;
    if (payload->encoding == IKEV2_CERT_CRL || payload->encoding == IKEV2_CERT_ARL)
        return find_in_crl(payload->data, certificate, found);
    return payload->encoding == IKEV2_CERT_OCSP_CONTENT &&
           find_in_ocsp(payload->data, certificate, found);
}
