/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/certificates.h"

#include <string.h>

#include "analysis/tracker/quoted.h"

bool ike_has_short_rsa_key(const ike_recorded_certificate *certificate)
{
    return certificate && certificate->key && g_str_has_prefix(certificate->key, "RSA") &&
           certificate->key_bits && certificate->key_bits < IKE_LEAST_RSA_BITS;
}

bool ike_is_out_of_date(const ike_recorded_certificate *certificate, uint64_t now_ns)
{
    enum { MARGIN = 60 }; /* seconds that the clock of the capture may differ from the peer's */
    const ike_recorded_certificate *c = certificate;
    uint64_t now = now_ns / IKE_SECOND;
    return c && ((c->not_after && now > c->not_after + MARGIN) ||
                 (c->not_before && now + MARGIN < c->not_before));
}

static void append_date(GString *out, uint64_t seconds)
{
    GDateTime *time = g_date_time_new_from_unix_utc((gint64)seconds);
    char *date = time ? g_date_time_format(time, "%Y-%m-%d") : NULL;
    g_string_append(out, date ? date : "?");
    g_free(date);
    if (time)
        g_date_time_unref(time);
}

/* "2020-01-01 to 2021-01-01" */
static void append_validity(GString *out, const ike_recorded_certificate *certificate)
{
    append_date(out, certificate->not_before);
    g_string_append(out, " to ");
    append_date(out, certificate->not_after);
}

void ike_put_validity_fault(ike_draft *draft, const ike_recorded_certificate *certificate,
                            uint64_t now_ns)
{
    uint64_t now = now_ns / IKE_SECOND;
    bool expired = certificate->not_after && now > certificate->not_after;
    g_string_append(draft->text, expired ? "expired on " : "is not valid before ");
    append_date(draft->text, expired ? certificate->not_after : certificate->not_before);
    draft->finding.values = IKE_VALUES_EXPECTED;
    g_string_append(draft->requested, "valid on ");
    append_date(draft->requested, now);
    append_validity(draft->received, certificate);
}

void ike_put_revocation(ike_draft *draft, const ike_revocation *revocation)
{
    g_string_append(draft->text, "is revoked");
    if (revocation->revoked_at) {
        g_string_append(draft->text, " since ");
        append_date(draft->text, revocation->revoked_at);
    }
    if (revocation->reason)
        g_string_append_printf(draft->text, " (%s)", revocation->reason);
    draft->finding.values = IKE_VALUES_EXPECTED;
    g_string_append(draft->requested, "valid certificate");
    g_string_append_printf(draft->received, "revoked by the %s", revocation->source);
}

void ike_append_names(GString *out, const ike_recorded_certificate *certificate)
{
    ike_format_quoted(out, certificate->subject, 0);
    for (uint8_t i = 0; i < certificate->name_count; i++) {
        g_string_append(out, ", ");
        ike_format_quoted(out, certificate->names[i], 0);
    }
}

/* ---- authorities ----------------------------------------------------------------------------- */

static bool has_authority(const ike_recorded_authorities *list,
                          const ike_recorded_authorities *other, uint16_t index)
{
    const size_t bytes = IKE_AUTHORITY_BYTES;
    for (uint16_t i = 0; i < list->count; i++) {
        if (list->keys && other->keys &&
            memcmp(list->keys + i * bytes, other->keys + index * bytes, bytes) == 0)
            return true;
        if (list->names && other->names && strcmp(list->names[i], other->names[index]) == 0)
            return true;
    }
    return false;
}

bool ike_have_common_authority(const ike_party *a, const ike_party *b)
{
    if (!a->authorities || !b->authorities)
        return true;
    for (uint16_t i = 0; i < a->authorities->count; i++)
        if (has_authority(b->authorities, a->authorities, i))
            return true;
    return false;
}

void ike_append_authorities(GString *out, const ike_recorded_authorities *authorities)
{
    enum { SHOWN = 4, SHOWN_BYTES = 4 };
    for (uint16_t i = 0; i < authorities->count; i++) {
        if (i == SHOWN) {
            g_string_append_printf(out, " and %u more", authorities->count - SHOWN);
            return;
        }
        g_string_append(out, i ? ", CA " : "CA ");
        if (authorities->names)
            ike_append_quoted(out, authorities->names[i]);
        for (int k = 0; authorities->keys && k < SHOWN_BYTES; k++)
            g_string_append_printf(out, "%02x", authorities->keys[i * IKE_AUTHORITY_BYTES + k]);
    }
}

/* ---- the chain ------------------------------------------------------------------------------- */

static const ike_recorded_certificate *issuer_of(const ike_party *party,
                                                 const ike_recorded_certificate *certificate)
{
    for (uint8_t i = 0; i < party->chain_count; i++)
        if (&party->chain[i] != certificate &&
            strcmp(party->chain[i].subject, certificate->issuer) == 0)
            return &party->chain[i];
    return NULL;
}

static const ike_recorded_certificate *top_of(const ike_party *party)
{
    const ike_recorded_certificate *top = party->certificate;
    for (int i = 0; top && i < IKE_MAX_CERTIFICATES && issuer_of(party, top); i++)
        top = issuer_of(party, top);
    return top;
}

const char *ike_top_issuer(const ike_party *party)
{
    const ike_recorded_certificate *top = top_of(party);
    return top ? top->issuer : NULL;
}

bool ike_knows_issuer(const ike_party *party, const char *issuer)
{
    const ike_recorded_authorities *authorities = party->authorities;
    for (uint16_t i = 0; authorities && authorities->names && i < authorities->count; i++)
        if (strcmp(authorities->names[i], issuer) == 0)
            return true;
    for (uint8_t i = 0; i < party->chain_count; i++)
        if (strcmp(party->chain[i].issuer, issuer) == 0)
            return true;
    return false;
}

void ike_add_certificate(GString *detail, const ike_party *party)
{
    const ike_recorded_certificate *own = party->certificate, *top = top_of(party);
    if (!own)
        return;
    if (detail->len)
        g_string_append_c(detail, ' ');
    g_string_append(detail, "Certificate sent: ");
    ike_format_quoted(detail, own->subject, 0);
    if (own->key && own->key_bits)
        g_string_append_printf(detail, " (%s, %u bits)", own->key, own->key_bits);
    if (own->self_issued) {
        g_string_append(detail, ", which is signed with its own key.");
        return;
    }
    g_string_append(detail, ", issued by ");
    ike_format_quoted(detail, own->issuer, 0);
    if (top != own && !top->self_issued) {
        g_string_append(detail, "; the last issuer is ");
        ike_format_quoted(detail, top->issuer, 0);
    }
    if (!top->self_issued)
        g_string_append(detail, ", whose certificate was not sent");
    g_string_append_c(detail, '.');
}
