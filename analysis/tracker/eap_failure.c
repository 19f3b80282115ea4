/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/eap_failure.h"

typedef struct {
    uint32_t number;
    const char *name;
    const char *meaning;
    bool about_certificate;
} failure_row;

/* TLS alerts that end a handshake (RFC 5246 7.2, RFC 8446 6). */
static const failure_row tls_alerts[] = {
    {10, "unexpected_message", NULL, false},
    {20, "bad_record_mac", NULL, false},
    {40, "handshake_failure",
     "the two sides have no TLS cipher suite in common, or a certificate that it requires is "
     "missing",
     false},
    {42, "bad_certificate", "its signature or encoding is wrong", true},
    {43, "unsupported_certificate", "its type is not supported", true},
    {44, "certificate_revoked", "it is revoked", true},
    {45, "certificate_expired", "it is out of date", true},
    {46, "certificate_unknown", "unknown CA, wrong name or use, revoked or out of date", true},
    {47, "illegal_parameter", NULL, false},
    {48, "unknown_ca", "its CA is not known there, or an intermediate certificate is missing",
     true},
    {49, "access_denied", "it is valid, and its name or access is not accepted", true},
    {50, "decode_error", NULL, false},
    {51, "decrypt_error", "a signature or Finished does not verify", false},
    {70, "protocol_version", "the two sides have no TLS version in common", false},
    {71, "insufficient_security", "the cipher suites are too weak for it", false},
    {80, "internal_error", NULL, false},
    {112, "unrecognized_name", NULL, false},
    {116, "certificate_required", "there is none", true},
};

/* RFC 2759 6. */
static const failure_row mschapv2_errors[] = {
    {646, "restricted logon hours", "the account may not log on at this time", false},
    {647, "account disabled", "the account is disabled", false},
    {648, "password expired", "the password has expired", false},
    {649, "no dial-in permission", "the account has no permission for remote access", false},
    {691, "authentication failure", "user name or password is wrong", false},
    {709, "changing password failed", "the new password is not accepted", false},
};

/* AT_NOTIFICATION (RFC 4186 8.1, RFC 4187 10.19); codes with the high bit report success. */
static const failure_row aka_notifications[] = {
    {0, "general failure after authentication", NULL, false},
    {1026, "temporarily denied access", "the subscriber may not use the service now", false},
    {1031, "not subscribed", "the subscriber has no subscription to the service", false},
    {16384, "general failure", NULL, false},
};

/* AT_CLIENT_ERROR_CODE (RFC 4186 10.19, RFC 4187 10.20). */
static const failure_row aka_client_errors[] = {
    {0, "unable to process packet", NULL, false},
    {1, "unsupported version", NULL, false},
    {2, "insufficient number of challenges", NULL, false},
    {3, "RANDs are not fresh", NULL, false},
};

static const failure_row *find(const failure_row *rows, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].number == number)
            return &rows[i];
    return NULL;
}

static void take(const failure_row *row, ike_eap_failure *failure)
{
    *failure = (ike_eap_failure){.meaning = row ? row->meaning : NULL,
                                 .about_certificate = row && row->about_certificate};
}

static bool append_mschapv2(GString *out, const ike_eap_packet *eap, ike_eap_failure *failure)
{
    const failure_row *row =
        find(mschapv2_errors, G_N_ELEMENTS(mschapv2_errors), eap->mschapv2_error);
    take(row, failure);
    g_string_append_printf(out, "MSCHAPv2 failure E=%u", eap->mschapv2_error);
    if (row)
        g_string_append_printf(out, " (%s)", row->name);
    return true;
}

static bool append_tls(GString *out, const ike_eap_packet *eap, ike_eap_failure *failure)
{
    enum { FATAL = 2 };
    const failure_row *row = find(tls_alerts, G_N_ELEMENTS(tls_alerts), eap->tls_alert_description);
    if (eap->tls_alert_level != FATAL)
        return false;
    take(row, failure);
    g_string_append_printf(out, "TLS alert %s (%u)", row ? row->name : "unknown",
                           eap->tls_alert_description);
    return true;
}

static bool append_aka(GString *out, const ike_eap_packet *eap, ike_eap_failure *failure)
{
    enum {
        AKA = 23,
        AKA_PRIME = 50,
        AUTHENTICATION_REJECT = 2,
        CLIENT_ERROR = 14,
        SUCCESS = 0x8000
    };
    if ((eap->type == AKA || eap->type == AKA_PRIME) && eap->aka_subtype == AUTHENTICATION_REJECT) {
        failure->meaning = "the keys of USIM and home network differ (AUTN is wrong)";
        g_string_append(out, "AKA-Authentication-Reject");
        return true;
    }
    if (!eap->aka_has_code || (eap->aka_code & SUCCESS))
        return false;
    bool client = eap->aka_subtype == CLIENT_ERROR;
    const failure_row *row =
        client ? find(aka_client_errors, G_N_ELEMENTS(aka_client_errors), eap->aka_code)
               : find(aka_notifications, G_N_ELEMENTS(aka_notifications), eap->aka_code);
    take(row, failure);
    g_string_append_printf(out, "%s %u", client ? "client error" : "notification", eap->aka_code);
    if (row)
        g_string_append_printf(out, " (%s)", row->name);
    return true;
}

bool ike_append_eap_failure(GString *out, const ike_eap_packet *eap, ike_eap_failure *failure)
{
    *failure = (ike_eap_failure){.meaning = NULL};
    if (eap->mschapv2_error)
        return append_mschapv2(out, eap, failure);
    if (eap->tls_alert)
        return append_tls(out, eap, failure);
    return append_aka(out, eap, failure);
}
