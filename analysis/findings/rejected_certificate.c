/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTHENTICATION_FAILED: what is wrong with the certificate or the signature of the rejected side.
 */
#include <stdarg.h>
#include <string.h>

#include "analysis/findings/certificates.h"
#include "analysis/findings/rejection.h"
#include "analysis/tracker/signature_algorithm.h"
#include "proto/ike_numbers.h"

void ike_reject_add(const ike_rejection *r, const char *format, ...)
{
    GString *detail = r->draft->detail;
    va_list arguments;
    if (detail->len)
        g_string_append_c(detail, ' ');
    va_start(arguments, format);
    g_string_append_vprintf(detail, format, arguments);
    va_end(arguments);
}

/* How the rejected side authenticates itself, and whom it asks for. */
void ike_reject_put_method(const ike_rejection *r)
{
    GString *out = r->draft->requested;
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!r->method)
        return;
    g_string_assign(out, r->method);
    if (r->rejected->signature)
        g_string_append_printf(out, " (%s)", r->rejected->signature);
    if (certificate && certificate->key && certificate->key_bits)
        g_string_append_printf(out, ", %s key of %u bits", certificate->key, certificate->key_bits);
    if (certificate) {
        g_string_append(out, ", issuer ");
        ike_append_quoted(out, certificate->issuer);
    }
    if (r->of_initiator && r->sa->requested_id) {
        g_string_append(out, ", IDr ");
        ike_append_quoted(out, r->sa->requested_id);
    }
}

bool ike_reject_dates(const ike_rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!ike_is_out_of_date(certificate, r->message->time_ns))
        return false;
    g_string_append(r->draft->text, ": certificate ");
    ike_put_validity_fault(r->draft, certificate, r->message->time_ns);
    bool early = certificate->not_before > r->message->time_ns / IKE_SECOND;
    ike_reject_add(r,
                   early ? "Set the clock of the CA that issued it to the %s, or that of the %s."
                         : "Renew the certificate of the %s, or set the clock of the %s.",
                   ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

/* A CRL or OCSP response beside the certificate revokes it (RFC 7296 3.6, RFC 4806). */
bool ike_reject_revocation(const ike_rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!certificate || !certificate->revocation.source)
        return false;
    g_string_append(r->draft->text, ": certificate ");
    ike_put_revocation(r->draft, &certificate->revocation);
    ike_reject_add(r, "Issue a new certificate to the %s. The %s is in a CERT payload.",
                   ike_role(r->of_initiator),
                   strcmp(certificate->revocation.source, "CRL") == 0 ? "CRL" : "OCSP response");
    return true;
}

/* The identity that a side expects is looked for among the names of the certificate (RFC
 * 4945 3.1). */
bool ike_reject_name(const ike_rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    const char *expected =
        !r->of_initiator && r->sa->requested_id ? r->sa->requested_id : r->rejected->id;
    if (!certificate || !expected || ike_certificate_names(certificate, expected))
        return false;
    g_string_append(r->draft->text, ": certificate lacks ");
    if (g_strcmp0(expected, r->rejected->id) == 0) {
        g_string_append(r->draft->text, "that name");
    } else {
        g_string_append(r->draft->text, "the name ");
        ike_append_quoted(r->draft->text, expected);
    }
    r->draft->finding.values = IKE_VALUES_EXPECTED;
    g_string_append(r->draft->requested, expected);
    ike_append_names(r->draft->received, certificate);
    r->draft->finding.from_wire = IKE_WIRE_REQUESTED;
    ike_reject_add(
        r,
        "Issue a certificate with that subjectAltName to the %s, or configure one of the names in "
        "it as the identity %s.",
        ike_role(r->of_initiator),
        r->of_initiator ? "of the initiator" : "that the initiator expects");
    return true;
}

bool ike_reject_authorities(const ike_rejection *r)
{
    const ike_party *rejected = r->rejected, *rejecting = r->rejecting;
    if (!rejected->certificate || ike_have_common_authority(rejected, rejecting))
        return false;
    g_string_append(r->draft->text, ": no common CA in their CERTREQs");
    ike_append_authorities(r->draft->requested, rejected->authorities);
    ike_append_authorities(r->draft->received, rejecting->authorities);
    ike_reject_add(
        r,
        "Most likely the %s does not know the CA of the %s: install it there, or let the %s send "
        "the intermediate certificates.",
        ike_role(!r->of_initiator), ike_role(r->of_initiator), ike_role(r->of_initiator));
    return true;
}

/* IKEv1 names authorities by their names (RFC 2408 3.10). */
bool ike_reject_issuer(const ike_rejection *r)
{
    const char *issuer = ike_top_issuer(r->rejected);
    const ike_recorded_authorities *asked = r->rejecting->authorities;
    if (!issuer || !asked || !asked->names || ike_knows_issuer(r->rejecting, issuer))
        return false;
    g_string_append(r->draft->text, ": issuer of certificate is no requested CA");
    g_string_append(r->draft->requested, "issuer ");
    ike_append_quoted(r->draft->requested, issuer);
    ike_append_authorities(r->draft->received, asked);
    ike_reject_add(
        r,
        "Let the %s send the certificates between its own and a CA that the %s has, or install "
        "its issuer there.",
        ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

/* No CA stands behind it: the other side has to have the certificate itself. */
bool ike_reject_self_signed(const ike_rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!certificate || !certificate->self_issued ||
        ike_knows_issuer(r->rejecting, certificate->subject))
        return false;
    g_string_append(r->draft->text, ": self-signed certificate");
    g_string_append(r->draft->requested, "self-signed ");
    ike_append_quoted(r->draft->requested, certificate->subject);
    if (r->rejecting->authorities)
        ike_append_authorities(r->draft->received, r->rejecting->authorities);
    ike_reject_add(
        r,
        "Issue a certificate of a CA that the %s trusts to the %s, or install the self-signed one "
        "there.",
        ike_role(!r->of_initiator), ike_role(r->of_initiator));
    return true;
}

/* The two sides have certificates of different issuers, and ask for the same CA: then the chain of
 * the rejected one ends before that CA. */
bool ike_reject_other_issuer(const ike_rejection *r)
{
    const char *issuer = ike_top_issuer(r->rejected), *other = ike_top_issuer(r->rejecting);
    if (!issuer || !other || strcmp(issuer, other) == 0 || !r->rejecting->authorities ||
        !r->rejected->authorities || ike_knows_issuer(r->rejecting, issuer))
        return false;
    g_string_append(r->draft->text, ": issuer of certificate may be unknown");
    g_string_append(r->draft->requested, "issuer ");
    ike_append_quoted(r->draft->requested, issuer);
    g_string_append(r->draft->received, "issuer ");
    ike_append_quoted(r->draft->received, other);
    ike_reject_add(
        r,
        "Both sides ask for the same CA, but their certificates have different issuers: let the %s "
        "send its intermediate certificates, or install them on the %s.",
        ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

bool ike_reject_short_key(const ike_rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!ike_has_short_rsa_key(certificate))
        return false;
    g_string_append_printf(r->draft->text, ": RSA key of %u bits", certificate->key_bits);
    r->draft->finding.values = IKE_VALUES_EXPECTED;
    g_string_append_printf(r->draft->requested, "RSA key of at least %u bits", IKE_LEAST_RSA_BITS);
    g_string_append_printf(r->draft->received, "RSA key of %u bits", certificate->key_bits);
    return true;
}

/* RFC 4945 5.1.3.2: a keyUsage has digitalSignature or nonRepudiation. */
bool ike_reject_key_usage(const ike_rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!certificate || !certificate->cannot_sign)
        return false;
    g_string_append(r->draft->text, ": keyUsage of certificate allows no signature");
    g_string_append(r->draft->requested, "keyUsage digitalSignature");
    g_string_append(r->draft->received, "keyUsage without digitalSignature");
    r->draft->finding.values = IKE_VALUES_EXPECTED;
    ike_reject_add(r,
                   "Issue a certificate with keyUsage digitalSignature to the %s (RFC 4945 "
                   "5.1.3.2).",
                   ike_role(r->of_initiator));
    return true;
}

static bool is_signature(const ike_rejection *r)
{
    uint16_t method = r->rejected->auth_method;
    return r->sa->major != 1 &&
           (method == IKEV2_AUTH_RSA_SIGNATURE || method == IKEV2_AUTH_DSS_SIGNATURE ||
            method == IKEV2_AUTH_DIGITAL_SIGNATURE);
}

/* SIGNATURE_HASH_ALGORITHMS of the side that rejects, or NULL. */
static const ike_recorded_notify *announced_hashes(const ike_rejection *r)
{
    const ike_exchange *init = r->sa->init;
    const ike_message_record *sent = !init             ? NULL
                                     : r->of_initiator ? init->response
                                                       : init->request;
    return r->sa->major != 1 && sent
               ? ike_content_notify(sent->content, IKEV2_NOTIFY_SIGNATURE_HASH_ALGORITHMS)
               : NULL;
}

static const char *hash_name(const uint8_t number[2])
{
    const char *name = number[0] ? NULL : ike_signature_hash_name(number[1]);
    return name ? name : "another";
}

/* A signature without the certificate that it belongs to. */
bool ike_reject_no_certificate(const ike_rejection *r)
{
    if (!is_signature(r) || r->rejected->chain_count || r->rejected->certificate)
        return false;
    g_string_append(r->draft->text, ": signature without a certificate");
    g_string_append(r->draft->requested, "signature, no CERT payload");
    ike_reject_add(r, "Let the %s send its certificate, or install it on the %s.",
                   ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

/* A hash of the signature that the other side did not announce (RFC 7427 4). */
bool ike_reject_signature(const ike_rejection *r)
{
    const ike_recorded_notify *announced = announced_hashes(r);
    uint8_t hash = r->rejected->signature_hash;
    if (!announced || !hash)
        return false;
    for (uint8_t i = 0; i + 1 < announced->recorded; i += 2) {
        if (announced->data[i] == 0 && announced->data[i + 1] == hash)
            return false;
        g_string_append_printf(r->draft->received, "%s%s", i ? ", " : "",
                               hash_name(announced->data + i));
    }
    g_string_append_printf(r->draft->text, ": signed with %s, which it does not announce",
                           ike_signature_hash_name(hash));
    ike_reject_put_method(r);
    ike_reject_add(
        r,
        "The SIGNATURE_HASH_ALGORITHMS of the %s lack that hash: let the %s sign with one of those "
        "that it announces.",
        ike_role(!r->of_initiator), ike_role(r->of_initiator));
    return true;
}

static bool announces(const ike_recorded_notify *hashes, const uint8_t number[2])
{
    for (uint8_t i = 0; i + 1 < hashes->recorded; i += 2)
        if (hashes->data[i] == number[0] && hashes->data[i + 1] == number[1])
            return true;
    return false;
}

/* The initiator does not verify signatures with SHA2-256, which most sign with, and the responder,
 * which has to sign next and announces it, refuses: it may have no other signature (RFC 7427 4). */
bool ike_reject_few_hashes(const ike_rejection *r)
{
    const ike_exchange *init = r->of_initiator && r->sa->major != 1 ? r->sa->init : NULL;
    const uint16_t type = IKEV2_NOTIFY_SIGNATURE_HASH_ALGORITHMS;
    const ike_recorded_notify *few =
        init && init->request ? ike_content_notify(init->request->content, type) : NULL;
    const ike_recorded_notify *more = announced_hashes(r);
    static const uint8_t sha2_256[2] = {0, 2};
    if (!is_signature(r) || !few || !more || few->recorded < 2 || announces(few, sha2_256) ||
        !announces(more, sha2_256))
        return false;
    GString *names = g_string_new(NULL);
    bool all = true;
    for (uint8_t i = 0; i + 1 < few->recorded && all; i += 2) {
        g_string_append_printf(names, "%s%s", i ? ", " : "", hash_name(few->data + i));
        all = announces(more, few->data + i);
    }
    if (all) {
        g_string_append_printf(r->draft->text, ": it accepts signatures with %s only", names->str);
        g_string_append_printf(r->draft->requested, "signature with %s", names->str);
        ike_reject_add(r,
                       "SIGNATURE_HASH_ALGORITHMS of the initiator lack hashes that the responder "
                       "announces: possibly the responder is configured to sign with one of "
                       "those. Otherwise it does not accept the certificate of the initiator.");
    }
    g_string_free(names, TRUE);
    return all;
}

/* Whether the rejecting side has the CA of the certificate, as far as its requests tell. */
static void add_authority(const ike_rejection *r)
{
    const char *issuer = ike_top_issuer(r->rejected), *rejecting = ike_role(!r->of_initiator);
    if (r->rejecting->authorities)
        ike_append_authorities(r->draft->received, r->rejecting->authorities);
    if (issuer && ike_knows_issuer(r->rejecting, issuer))
        ike_reject_add(r, "The %s knows a CA of that name.", rejecting);
    else if (r->rejecting->authorities && r->rejected->authorities)
        ike_reject_add(r, "Both sides ask for certificates of the same CA.");
}

/* Names and dates are right: what else may be wrong with a certificate. */
void ike_reject_add_certificate_reasons(const ike_rejection *r, bool verified)
{
    const char *issuer = ike_top_issuer(r->rejected), *rejecting = ike_role(!r->of_initiator);
    bool known = issuer && ike_knows_issuer(r->rejecting, issuer);
    bool common = r->rejecting->authorities && r->rejected->authorities;
    ike_reject_add(r, "%sNames and dates of the certificate are right.",
                   verified ? "The signature verifies. " : "");
    if (!r->of_initiator && r->rejected->certificate->no_server_auth)
        ike_reject_add(r, "It has no extended key usage serverAuth, which Windows and Apple "
                          "require.");
    add_authority(r);
    ike_reject_add(
        r,
        "Possible reasons: %sthe certificate is revoked or cannot be checked, its CA is out of "
        "date or has another key, its key, signature or CA is not what ",
        known    ? ""
        : common ? "an intermediate certificate is missing, "
                 : "its issuer (CA or intermediate certificate) is missing at the other side, ");
    g_string_append_printf(r->draft->detail,
                           "the policy of the %s requires, or the %s has no configuration for ",
                           rejecting, rejecting);
}
