/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTHENTICATION_FAILED: why one side rejects the other, from what is known of both. */
#include <string.h>

#include "analysis/findings/accepted.h"
#include "analysis/findings/certificates.h"
#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"
#include "analysis/tracker/signature_algorithm.h"
#include "proto/ike_numbers.h"

/* A rejection in the making. */
typedef struct {
    const ike_tracker *tracker;
    ike_draft *draft;
    const ike_message_record *message; /* that rejects */
    const ike_sa *sa;
    const ike_party *rejected, *rejecting;
    bool of_initiator;  /* the initiator is rejected */
    const char *method; /* with which it authenticates itself, NULL not known */
    bool *says_all;     /* set where the reason is a clause of its own */
} rejection;

static void add(const rejection *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(const rejection *r, const char *format, ...)
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
static void put_method(const rejection *r)
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

/* ---- reasons, each with the clause that names it --------------------------------------------- */

typedef bool (*reason_fn)(const rejection *r);

/* AUTH was recomputed, and differs. */
static bool explain_wrong(const rejection *r)
{
    const char *reason = r->rejected->authentication_reason;
    if (r->rejected->authentication != IKE_AUTHENTICATION_WRONG)
        return false;
    g_string_append_printf(r->draft->text, ": %s", reason ? reason : "AUTH does not verify");
    put_method(r);
    add(r,
        "AUTH of the %s does not verify with what the key log holds: compare the secret of both "
        "sides for this identity.",
        ike_role(r->of_initiator));
    return true;
}

/* The logs of both sides have a PSK: that of the rejected side verifies its AUTH, the other does
 * not. */
static bool explain_other_psk(const rejection *r)
{
    if (!r->rejected->other_psk)
        return false;
    g_string_append(r->draft->text, ": the PSKs of the two sides differ");
    g_string_append_printf(r->draft->requested, "PSK of the %s, which verifies AUTH",
                           ike_role(r->of_initiator));
    g_string_append_printf(r->draft->received, "another PSK of the %s, which does not",
                           ike_role(!r->of_initiator));
    add(r, "Both are in the key log: configure the same PSK for this identity on both sides.");
    return true;
}

static bool explain_dates(const rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!ike_is_out_of_date(certificate, r->message->time_ns))
        return false;
    g_string_append(r->draft->text, ": certificate ");
    ike_put_validity_fault(r->draft, certificate, r->message->time_ns);
    add(r, "Renew the certificate of the %s, or set the clock of the %s.",
        ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

/* A CRL or OCSP response beside the certificate revokes it (RFC 7296 3.6, RFC 4806). */
static bool explain_revocation(const rejection *r)
{
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!certificate || !certificate->revocation.source)
        return false;
    g_string_append(r->draft->text, ": certificate ");
    ike_put_revocation(r->draft, &certificate->revocation);
    add(r, "Issue a new certificate to the %s. The %s is in a CERT payload.",
        ike_role(r->of_initiator),
        strcmp(certificate->revocation.source, "CRL") == 0 ? "CRL" : "OCSP response");
    return true;
}

/* The identity that a side expects is looked for among the names of the certificate (RFC
 * 4945 3.1). */
static bool explain_name(const rejection *r)
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
    add(r,
        "Issue a certificate with that subjectAltName to the %s, or configure one of the names in "
        "it as the identity %s.",
        ike_role(r->of_initiator),
        r->of_initiator ? "of the initiator" : "that the initiator expects");
    return true;
}

/* The identity that the initiator asks for, and that of the responder if the capture has it. */
static bool explain_identity(const rejection *r)
{
    const char *requested = r->sa->requested_id, *is = r->sa->responder.id;
    const ike_peer *peer =
        ike_tracker_find_peer(r->tracker, &r->sa->responder.endpoint, r->sa->major);
    uint32_t frame = 0;
    if (!is && peer && peer->id) {
        is = peer->id;
        frame = peer->id_frame;
    }
    if (!requested || !is || strcmp(requested, is) == 0)
        return false;
    /* The refusal of the responder says so of itself. */
    *r->says_all = r->of_initiator;
    g_string_append(r->draft->text, r->of_initiator ? "initiator expects " : ": it expects ");
    ike_append_quoted(r->draft->text, requested);
    if (r->of_initiator) {
        g_string_append(r->draft->text, ", responder is ");
        ike_append_quoted(r->draft->text, is);
    }
    g_string_append(r->draft->requested, requested);
    g_string_append(r->draft->received, is);
    r->draft->finding.from_wire = IKE_WIRE_REQUESTED | IKE_WIRE_RECEIVED;
    r->draft->finding.frame = frame;
    add(r, "The initiator asks for ");
    ike_append_quoted(r->draft->detail, requested);
    g_string_append(r->draft->detail, " (IDr), and the responder is ");
    ike_append_quoted(r->draft->detail, is);
    g_string_append(r->draft->detail, ": make the remote identity of the initiator and the local "
                                      "identity of the responder equal.");
    return true;
}

static bool explain_same_identity(const rejection *r)
{
    const ike_sa *other = r->of_initiator ? ike_tracker_same_identity(r->tracker, r->sa) : NULL;
    if (!other)
        return false;
    r->draft->finding.frame = other->first_frame;
    g_string_append(r->draft->text, ": it is up from ");
    ike_format_address(r->draft->text, &other->initiator.endpoint);
    g_string_append_printf(r->draft->text, " (IKE SA %u)", other->stream);
    ike_format_address(r->draft->requested, &r->sa->initiator.endpoint);
    ike_format_address(r->draft->received, &other->initiator.endpoint);
    add(r,
        "The responder allows one IKE SA per identity (uniqueness): give each client an identity "
        "of its own, or let a new IKE SA replace the old one.");
    return true;
}

static bool explain_authorities(const rejection *r)
{
    const ike_party *rejected = r->rejected, *rejecting = r->rejecting;
    if (!rejected->certificate || ike_have_common_authority(rejected, rejecting))
        return false;
    g_string_append(r->draft->text, ": no common CA in their CERTREQs");
    ike_append_authorities(r->draft->requested, rejected->authorities);
    ike_append_authorities(r->draft->received, rejecting->authorities);
    add(r,
        "Most likely the %s does not know the CA of the %s: install it there, or let the %s send "
        "the intermediate certificates.",
        ike_role(!r->of_initiator), ike_role(r->of_initiator), ike_role(r->of_initiator));
    return true;
}

/* IKEv1 names authorities by their names (RFC 2408 3.10). */
static bool explain_issuer(const rejection *r)
{
    const char *issuer = ike_top_issuer(r->rejected);
    const ike_recorded_authorities *asked = r->rejecting->authorities;
    if (!issuer || !asked || !asked->names || ike_knows_issuer(r->rejecting, issuer))
        return false;
    g_string_append(r->draft->text, ": issuer of certificate is no requested CA");
    g_string_append(r->draft->requested, "issuer ");
    ike_append_quoted(r->draft->requested, issuer);
    ike_append_authorities(r->draft->received, asked);
    add(r,
        "Let the %s send the certificates between its own and a CA that the %s has, or install "
        "its issuer there.",
        ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

/* No CA stands behind it: the other side has to have the certificate itself. */
static bool explain_self_signed(const rejection *r)
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
    add(r,
        "Issue a certificate of a CA that the %s trusts to the %s, or install the self-signed one "
        "there.",
        ike_role(!r->of_initiator), ike_role(r->of_initiator));
    return true;
}

/* The two sides have certificates of different issuers, and ask for the same CA: then the chain of
 * the rejected one ends before that CA. */
static bool explain_other_issuer(const rejection *r)
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
    add(r,
        "Both sides ask for the same CA, but their certificates have different issuers: let the %s "
        "send its intermediate certificates, or install them on the %s.",
        ike_role(r->of_initiator), ike_role(!r->of_initiator));
    return true;
}

static bool explain_short_key(const rejection *r)
{
    enum { LEAST_RSA = 2048 };
    const ike_recorded_certificate *certificate = r->rejected->certificate;
    if (!certificate || !certificate->key || !g_str_has_prefix(certificate->key, "RSA") ||
        !certificate->key_bits || certificate->key_bits >= LEAST_RSA)
        return false;
    g_string_append_printf(r->draft->text, ": RSA key of %u bits", certificate->key_bits);
    r->draft->finding.values = IKE_VALUES_EXPECTED;
    g_string_append_printf(r->draft->requested, "RSA key of at least %u bits", LEAST_RSA);
    g_string_append_printf(r->draft->received, "RSA key of %u bits", certificate->key_bits);
    return true;
}

static bool is_psk(const ike_sa *sa)
{
    const char *v1 = ike_format_auth_method(1, sa->negotiated->auth_method);
    return sa->major == 1 ? v1 && g_str_has_prefix(v1, "PSK")
                          : sa->initiator.auth_method == IKEV2_AUTH_SHARED_KEY &&
                                sa->responder.auth_method == IKEV2_AUTH_SHARED_KEY;
}

/* IKEv1: the refusal is encrypted, and the initiator that could read it stopped at once: the keys,
 * which are made of the PSK, are equal (RFC 2409 5). */
static bool is_read_refusal(const rejection *r)
{
    const ike_exchange *init = r->sa->init;
    return r->sa->major == 1 && r->message->grade == IKE_GRADE_VERIFIED && init && init->by_step &&
           init->by_step[5] && init->by_step[5]->retransmissions == 0;
}

/* One PSK authenticates both sides: then it is not the secret that differs. */
static bool explain_same_secret(const rejection *r)
{
    bool both = r->rejected->authentication == IKE_AUTHENTICATION_VERIFIED &&
                r->rejecting->authentication == IKE_AUTHENTICATION_VERIFIED;
    if (!is_psk(r->sa) || !(both || is_read_refusal(r)))
        return false;
    /* In IKEv1 it is the initiator that proposes the method. */
    if (r->sa->major == 1 && !r->of_initiator) {
        g_string_append(r->draft->text, ": same PSK; identity not accepted");
        if (r->rejected->id)
            g_string_append(r->draft->received, r->rejected->id);
        r->draft->finding.from_wire = IKE_WIRE_RECEIVED;
        add(r, "AUTH of both sides verifies with the same PSK: make the remote identity of the "
               "initiator and the local identity of the responder equal.");
        return true;
    }
    g_string_append(r->draft->text, ": same PSK; method or identity not accepted");
    put_method(r);
    add(r,
        "%s, so the secrets match: the %s expects another authentication method (certificate, "
        "EAP, XAUTH), or has no configuration for this identity%s.",
        both ? "AUTH of both sides verifies with the same PSK"
             : "The initiator could decrypt the refusal",
        ike_role(!r->of_initiator), r->sa->major == 1 ? " or this exchange mode" : "");
    return true;
}

static bool is_signature(const rejection *r)
{
    uint16_t method = r->rejected->auth_method;
    return r->sa->major != 1 &&
           (method == IKEV2_AUTH_RSA_SIGNATURE || method == IKEV2_AUTH_DSS_SIGNATURE ||
            method == IKEV2_AUTH_DIGITAL_SIGNATURE);
}

/* SIGNATURE_HASH_ALGORITHMS of the side that rejects, or NULL. */
static const ike_recorded_notify *announced_hashes(const rejection *r)
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
static bool explain_no_certificate(const rejection *r)
{
    if (!is_signature(r) || r->rejected->chain_count || r->rejected->certificate)
        return false;
    g_string_append(r->draft->text, ": signature without a certificate");
    g_string_append(r->draft->requested, "signature, no CERT payload");
    add(r, "Let the %s send its certificate, or install it on the %s.", ike_role(r->of_initiator),
        ike_role(!r->of_initiator));
    return true;
}

/* In another IKE SA of the same peers another identity or method was accepted. */
static bool explain_accepted(const rejection *r)
{
    const ike_sa *other = ike_accepted_elsewhere(r->tracker, r->sa);
    if (!other || !ike_append_accepted(r->draft, other, r->of_initiator))
        return false;
    add(r,
        "The same peers set up IKE SA %u with the other value: likely the %s has no configuration "
        "for this one.",
        other->stream, ike_role(!r->of_initiator));
    return true;
}

/* A hash of the signature that the other side did not announce (RFC 7427 4). */
static bool explain_signature(const rejection *r)
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
    put_method(r);
    add(r,
        "The SIGNATURE_HASH_ALGORITHMS of the %s lack that hash: let the %s sign with one of those "
        "that it announces.",
        ike_role(!r->of_initiator), ike_role(r->of_initiator));
    return true;
}

static bool explain_ppk(const rejection *r)
{
    if (!r->sa->ppk || !r->of_initiator)
        return false;
    g_string_append(r->draft->text, ": its PPK ");
    ike_append_quoted(r->draft->text, r->sa->ppk);
    g_string_append(r->draft->text, " may differ");
    put_method(r);
    add(r, "It uses the post-quantum pre-shared key ");
    ike_append_quoted(r->draft->detail, r->sa->ppk);
    g_string_append(r->draft->detail,
                    ": the responder may have another one of that name, or none.");
    return true;
}

/* A Certificate Request, or none, hints at the method that the other side expects. */
static void add_certificate_request(const rejection *r)
{
    const char *rejecting = ike_role(!r->of_initiator);
    if (r->rejected->certificate && !r->rejecting->asks_certificate)
        add(r, "The %s asks for no certificate (no CERTREQ): possibly it expects a PSK or EAP.",
            rejecting);
    else if (!r->rejected->certificate && r->rejecting->asks_certificate)
        add(r, "The %s asks for certificates (CERTREQ): possibly it expects one.", rejecting);
    if (!r->of_initiator && r->sa->eap_only[1] && r->rejected->certificate)
        add(r,
            "The initiator offers EAP-only authentication (RFC 5998): possibly it expects that.");
}

/* The configuration that may be missing: a responder selects it by both identities. */
static void append_identities(const rejection *r)
{
    GString *detail = r->draft->detail;
    const char *id = r->rejected->id;
    if (id && *id)
        ike_append_quoted(detail, id);
    else
        g_string_append(detail, "this identity");
    if (!r->of_initiator || !r->sa->requested_id)
        return;
    g_string_append(detail, " with IDr ");
    ike_append_quoted(detail, r->sa->requested_id);
}

/* IKEv1: the first message, with the identity in aggressive mode, is refused at once. */
static bool explain_first_message(const rejection *r)
{
    const char *mode = ike_format_exchange_of(r->sa->exchanges);
    if (r->sa->major != 1 || r->sa->negotiated->known || !r->of_initiator)
        return false;
    g_string_append_printf(r->draft->text, ": identity or %s not accepted", mode);
    g_string_append(r->draft->requested, mode);
    add(r,
        "It is the response to the first message: there is no configuration for this identity, or "
        "none that allows %s.",
        mode);
    return true;
}

/* Whether the rejecting side has the CA of the certificate, as far as its requests tell. */
static void add_authority(const rejection *r)
{
    const char *issuer = ike_top_issuer(r->rejected), *rejecting = ike_role(!r->of_initiator);
    if (r->rejecting->authorities)
        ike_append_authorities(r->draft->received, r->rejecting->authorities);
    if (issuer && ike_knows_issuer(r->rejecting, issuer))
        add(r, "The %s knows a CA of that name.", rejecting);
    else if (r->rejecting->authorities && r->rejected->authorities)
        add(r, "Both sides ask for certificates of the same CA.");
}

/* Names and dates are right: what else may be wrong with a certificate. */
static void add_certificate_reasons(const rejection *r, bool verified)
{
    const char *issuer = ike_top_issuer(r->rejected), *rejecting = ike_role(!r->of_initiator);
    bool known = issuer && ike_knows_issuer(r->rejecting, issuer);
    bool common = r->rejecting->authorities && r->rejected->authorities;
    add(r, "%sNames and dates of the certificate are right.",
        verified ? "The signature verifies. " : "");
    add_authority(r);
    add(r, "Possible reasons: %sthe certificate is revoked, its key, signature or CA is not what ",
        known    ? ""
        : common ? "an intermediate certificate is missing, "
                 : "its issuer (CA or intermediate certificate) is missing at the other side, ");
    g_string_append_printf(r->draft->detail,
                           "the policy of the %s requires, or the %s has no configuration for ",
                           rejecting, rejecting);
}

/* What is left: the other side's configuration, which is not in the capture. */
static bool explain_other(const rejection *r)
{
    const char *rejecting = ike_role(!r->of_initiator);
    bool verified = r->rejected->authentication == IKE_AUTHENTICATION_VERIFIED;
    put_method(r);
    if (!r->method)
        return true;
    if (r->rejected->certificate)
        add_certificate_reasons(r, verified);
    else if (!g_str_has_prefix(r->method, "PSK"))
        add(r, "The %s has no configuration for ", rejecting);
    else
        add(r, "%sThe %s has a different secret or no configuration for ",
            verified ? "AUTH verifies with a secret in the key log. " : "", rejecting);
    append_identities(r);
    g_string_append(r->draft->detail, r->rejected->certificate
                                          ? ", or expects another method."
                                          : ", expects another method, or allows this identity "
                                            "only once.");
    add_certificate_request(r);
    return true;
}

/* RFC 4739: the first round of the initiator was accepted, which the IDr in the response shows. */
static bool explain_round(const rejection *r)
{
    const ike_exchange *exchange = r->message->exchange;
    if (r->sa->major == 1 || !r->of_initiator || !r->message->response || r->sa->eap_requested ||
        exchange->message_id < 2 || !exchange->request || !exchange->request->content ||
        !ike_content_has(exchange->request->content, IKEV2_PAYLOAD_IDI))
        return false;
    g_string_append(r->draft->text, ": second round not accepted");
    g_string_append(r->draft->requested, "ANOTHER_AUTH_FOLLOWS, second IDi");
    add(r, "The responder accepted the first round and expects none after it, or another one (RFC "
           "4739): configure as many rounds on both sides.");
    return true;
}

static const reason_fn reasons[] = {
    explain_round,         explain_wrong,          explain_other_psk,     explain_revocation,
    explain_dates,         explain_name,           explain_short_key,     explain_identity,
    explain_same_identity, explain_self_signed,    explain_authorities,   explain_issuer,
    explain_other_issuer,  explain_no_certificate, explain_signature,     explain_ppk,
    explain_accepted,      explain_same_secret,    explain_first_message, explain_other,
};

/* Who rejected whom; a reason that follows stands in the place of the method. */
static void append_head(const rejection *r, GString *text, bool has_reason)
{
    g_string_append_printf(text, "%s rejected", ike_role(!r->of_initiator));
    if (has_reason) {
        ike_append_whom(text, r->sa, r->of_initiator);
        return;
    }
    g_string_append_printf(text, "%s%s authentication of %s", r->method ? " " : "",
                           r->method ? r->method : "", ike_role(r->of_initiator));
    ike_append_identity(text, r->rejected);
}

void ike_explain_authentication(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_sa *sa = message->exchange->sa;
    bool of_initiator = !message->from_initiator, says_all = false;
    const ike_party *rejected = ike_party_of(sa, of_initiator);
    rejection r = {.tracker = tracker,
                   .draft = draft,
                   .message = message,
                   .sa = sa,
                   .rejected = rejected,
                   .rejecting = ike_party_of(sa, !of_initiator),
                   .of_initiator = of_initiator,
                   .method = ike_format_auth_method(sa->major, rejected->auth_method),
                   .says_all = &says_all};
    if (of_initiator && sa->eap && !sa->eap_inferred && !r.method)
        r.method = "EAP";
    if (message->grade == IKE_GRADE_ENCRYPTED)
        add(&r, "The message is not decrypted; its length leaves room for an error notify only%s.",
            message->response ? ". OpenIKED refuses a Child SA in the same way" : "");
    gsize start = draft->text->len;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (reasons[i](&r))
            break;
    if (!says_all) {
        GString *head = g_string_new(NULL);
        append_head(&r, head, draft->text->len > start);
        g_string_insert(draft->text, (gssize)start, head->str);
        g_string_free(head, TRUE);
    }
    ike_add_certificate(draft->detail, rejected);
}
