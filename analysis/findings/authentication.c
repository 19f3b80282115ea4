/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTHENTICATION_FAILED: why one side rejects the other, from what is known of both. */
#include <string.h>

#include "analysis/findings/accepted.h"
#include "analysis/findings/certificates.h"
#include "analysis/findings/explain.h"
#include "analysis/findings/rejection.h"
#include "analysis/tracker/peer.h"
#include "proto/ike_numbers.h"

/* ---- reasons, each with the clause that names it --------------------------------------------- */

typedef bool (*reason_fn)(const ike_rejection *r);

/* AUTH was recomputed, and differs. */
static bool explain_wrong(const ike_rejection *r)
{
    const char *reason = r->rejected->authentication_reason;
    if (r->rejected->authentication != IKE_AUTHENTICATION_WRONG)
        return false;
    g_string_append_printf(r->draft->text, ": %s", reason ? reason : "AUTH does not verify");
    ike_reject_put_method(r);
    ike_reject_add(
        r,
        "AUTH of the %s does not verify with what the key log holds: compare the secret of both "
        "sides for this identity.",
        ike_role(r->of_initiator));
    return true;
}

/* The logs of both sides have a PSK: that of the rejected side verifies its AUTH, the other does
 * not. */
static bool explain_other_psk(const ike_rejection *r)
{
    if (!r->rejected->other_psk)
        return false;
    g_string_append(r->draft->text, ": the PSKs of the two sides differ");
    g_string_append_printf(r->draft->requested, "PSK of the %s", ike_role(r->of_initiator));
    g_string_append_printf(r->draft->received, "PSK of the %s", ike_role(!r->of_initiator));
    ike_reject_add(
        r,
        "Both are in the key log, and AUTH verifies with that of the %s alone: configure the same "
        "PSK for this identity on both sides.",
        ike_role(r->of_initiator));
    return true;
}

/* The identity that the initiator asks for, and that of the responder if the capture has it. */
static bool explain_identity(const ike_rejection *r)
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
    *r->is_complete = r->of_initiator;
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
    ike_reject_add(r, "The initiator asks for ");
    ike_append_quoted(r->draft->detail, requested);
    g_string_append(r->draft->detail, " (IDr), and the responder is ");
    ike_append_quoted(r->draft->detail, is);
    g_string_append(r->draft->detail, ": make the remote identity of the initiator and the local "
                                      "identity of the responder equal.");
    return true;
}

static bool explain_same_identity(const ike_rejection *r)
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
    ike_reject_add(
        r,
        "The responder allows one IKE SA per identity (uniqueness): give each client an identity "
        "of its own, or let a new IKE SA replace the old one.");
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
static bool is_read_refusal(const ike_rejection *r)
{
    const ike_exchange *init = r->sa->init;
    return r->sa->major == 1 && r->message->grade == IKE_GRADE_VERIFIED && init && init->by_step &&
           init->by_step[5] && init->by_step[5]->retransmissions == 0;
}

/* One PSK authenticates both sides: then it is not the secret that differs. */
static bool explain_same_secret(const ike_rejection *r)
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
        ike_reject_add(
            r, "AUTH of both sides verifies with the same PSK: make the remote identity of the "
               "initiator and the local identity of the responder equal.");
        return true;
    }
    g_string_append(r->draft->text, ": same PSK; method or identity not accepted");
    ike_reject_put_method(r);
    ike_reject_add(
        r,
        "%s, so the secrets match: the %s expects another authentication method (certificate, "
        "EAP, XAUTH), or has no configuration for this identity%s.",
        both ? "AUTH of both sides verifies with the same PSK"
             : "The initiator could decrypt the refusal",
        ike_role(!r->of_initiator), r->sa->major == 1 ? " or this exchange mode" : "");
    return true;
}

/* In another IKE SA of the same peers another identity or method was accepted. */
static bool explain_accepted(const ike_rejection *r)
{
    const ike_sa *other = ike_accepted_elsewhere(r->tracker, r->sa);
    if (!other || !ike_append_accepted(r->draft, other, r->of_initiator))
        return false;
    ike_reject_add(
        r,
        "The same peers set up IKE SA %u with the other value: likely the %s has no configuration "
        "for this one.",
        other->stream, ike_role(!r->of_initiator));
    return true;
}

static bool explain_ppk(const ike_rejection *r)
{
    if (!r->sa->ppk || !r->of_initiator)
        return false;
    g_string_append(r->draft->text, ": its PPK ");
    ike_append_quoted(r->draft->text, r->sa->ppk);
    g_string_append(r->draft->text, " may differ");
    ike_reject_put_method(r);
    ike_reject_add(r, "It uses the post-quantum pre-shared key ");
    ike_append_quoted(r->draft->detail, r->sa->ppk);
    g_string_append(r->draft->detail,
                    ": the responder may have another one of that name, or none.");
    return true;
}

/* A Certificate Request, or none, hints at the method that the other side expects. */
static void add_certificate_request(const ike_rejection *r)
{
    const char *rejecting = ike_role(!r->of_initiator);
    if (r->rejected->certificate && !r->rejecting->asks_certificate)
        ike_reject_add(
            r, "The %s asks for no certificate (no CERTREQ): possibly it expects a PSK or EAP.",
            rejecting);
    else if (!r->rejected->certificate && r->rejecting->asks_certificate)
        ike_reject_add(r, "The %s asks for certificates (CERTREQ): possibly it expects one.",
                       rejecting);
    if (!r->of_initiator && r->sa->eap_only[1] && r->rejected->certificate)
        ike_reject_add(
            r,
            "The initiator offers EAP-only authentication (RFC 5998): possibly it expects that.");
}

/* The configuration that may be missing: a responder selects it by both identities. */
static void append_identities(const ike_rejection *r)
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
static bool explain_first_message(const ike_rejection *r)
{
    const char *mode = ike_format_exchange_of(r->sa->exchanges);
    if (r->sa->major != 1 || r->sa->negotiated->known || !r->of_initiator)
        return false;
    g_string_append_printf(r->draft->text, ": identity or %s not accepted", mode);
    g_string_append(r->draft->requested, mode);
    ike_reject_add(
        r,
        "It is the response to the first message: there is no configuration for this identity, or "
        "none that allows %s.",
        mode);
    return true;
}

/* What is left: the other side's configuration, which is not in the capture. */
static bool explain_other(const ike_rejection *r)
{
    const char *rejecting = ike_role(!r->of_initiator);
    bool verified = r->rejected->authentication == IKE_AUTHENTICATION_VERIFIED;
    ike_reject_put_method(r);
    if (!r->method)
        return true;
    if (r->rejected->certificate)
        ike_reject_add_certificate_reasons(r, verified);
    else if (!g_str_has_prefix(r->method, "PSK"))
        ike_reject_add(r, "The %s has no configuration for ", rejecting);
    else
        ike_reject_add(r, "%sThe %s has a different secret or no configuration for ",
                       verified ? "AUTH verifies with a secret in the key log. " : "", rejecting);
    append_identities(r);
    g_string_append(r->draft->detail, r->rejected->certificate
                                          ? r->sa->major == 1
                                                ? ", or expects another method, round or "
                                                  "exchange mode."
                                                : ", or expects another method or "
                                                  "round."
                                          : ", expects another method, or allows this identity "
                                            "only once.");
    if (r->of_initiator && r->rejected->certificate)
        ike_reject_add(r, "Or it has no private key or certificate for its own identity.");
    add_certificate_request(r);
    return true;
}

/* RFC 4739: the first round of the initiator was accepted, which the IDr in the response shows. */
static bool explain_round(const ike_rejection *r)
{
    const ike_exchange *exchange = r->message->exchange;
    if (r->sa->major == 1 || !r->of_initiator || !r->message->response || r->sa->eap_requested ||
        exchange->message_id < 2 || exchange == r->sa->auth_exchange || !exchange->request ||
        !exchange->request->content ||
        !ike_content_has(exchange->request->content, IKEV2_PAYLOAD_IDI))
        return false;
    g_string_append(r->draft->text, ": second round not accepted");
    g_string_append(r->draft->requested, "ANOTHER_AUTH_FOLLOWS, second IDi");
    ike_reject_add(
        r, "The responder accepted the first round and expects none after it, or another one (RFC "
           "4739): configure as many rounds on both sides.");
    return true;
}

static const reason_fn reasons[] = {
    explain_round,         explain_wrong,           explain_other_psk,
    ike_reject_revocation, ike_reject_dates,        ike_reject_name,
    ike_reject_short_key,  ike_reject_key_usage,    explain_identity,
    explain_same_identity, ike_reject_self_signed,  ike_reject_authorities,
    ike_reject_issuer,     ike_reject_other_issuer, ike_reject_no_certificate,
    ike_reject_signature,  ike_reject_few_hashes,   explain_ppk,
    explain_accepted,      explain_same_secret,     explain_first_message,
    explain_other,
};

/* Both values, as far as they fit: the responder selects its configuration by both identities. */
static bool append_pair(const ike_rejection *r, GString *text)
{
    enum { FIT = 46 };
    const char *id = r->rejected->id, *requested = r->sa->requested_id;
    if (!r->of_initiator || !r->method || !id || !requested ||
        strlen(r->method) + strlen(id) + strlen(requested) > FIT)
        return false;
    g_string_append_printf(text, " %s of", r->method);
    ike_append_identity(text, r->rejected);
    g_string_append(text, " with IDr ");
    ike_append_quoted(text, requested);
    return true;
}

/* Who rejected whom; a reason that follows stands in the place of the method, and of the role where
 * the identity is long. */
static void append_head(const ike_rejection *r, GString *text, bool has_reason)
{
    enum { LONG_ID = 30 };
    g_string_append_printf(text, "%s rejected", ike_role(!r->of_initiator));
    if (has_reason) {
        ike_append_whom(text, r->sa, r->of_initiator);
        return;
    }
    if (append_pair(r, text))
        return;
    if (r->method && r->rejected->id && strlen(r->rejected->id) > LONG_ID) {
        g_string_append_printf(text, " %s of", r->method);
        ike_append_identity(text, r->rejected);
        return;
    }
    g_string_append_printf(text, "%s%s authentication of %s", r->method ? " " : "",
                           r->method ? r->method : "", ike_role(r->of_initiator));
    ike_append_identity(text, r->rejected);
}

static bool is_openiked(const ike_rejection *r)
{
    for (size_t i = 0; r->rejecting->vendors && r->rejecting->vendors[i]; i++)
        if (g_str_has_prefix(r->rejecting->vendors[i], "OpenIKED"))
            return true;
    return false;
}

/* What is known of a refusal that was not decrypted. */
static void add_unread(const ike_rejection *r, bool of_child_too)
{
    if (r->message->grade != IKE_GRADE_ENCRYPTED)
        return;
    ike_reject_add(r, r->message->inner_first_payload == IKEV2_PAYLOAD_DELETE
                          ? "The message is not decrypted; it is a Delete, and the initiator tries "
                            "again."
                          : "The message is not decrypted; its length leaves room for an error "
                            "notify only.");
    if (!r->of_initiator && r->sa->major != 1)
        ike_reject_add(r, "With EAP it may instead lack a secret for the method that the responder "
                          "requests.");
    if (of_child_too)
        ike_reject_add(r,
                       "OpenIKED refuses a Child SA in the same way: compare the proposals too.");
}

void ike_explain_authentication(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_sa *sa = message->exchange->sa;
    bool of_initiator = !message->from_initiator, is_complete = false;
    const ike_party *rejected = ike_party_of(sa, of_initiator);
    ike_rejection r = {.tracker = tracker,
                       .draft = draft,
                       .message = message,
                       .sa = sa,
                       .rejected = rejected,
                       .rejecting = ike_party_of(sa, !of_initiator),
                       .of_initiator = of_initiator,
                       .method = ike_format_auth_method(sa->major, rejected->auth_method),
                       .is_complete = &is_complete};
    if (of_initiator && sa->eap && !sa->eap_inferred && !r.method)
        r.method = "EAP";
    bool of_child_too =
        message->grade == IKE_GRADE_ENCRYPTED && message->response && is_openiked(&r);
    add_unread(&r, of_child_too);
    gsize start = draft->text->len;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (reasons[i](&r))
            break;
    if (!is_complete) {
        GString *head = g_string_new(NULL);
        append_head(&r, head, draft->text->len > start);
        if (of_child_too)
            g_string_append(head, " or its Child SA");
        g_string_insert(draft->text, (gssize)start, head->str);
        g_string_free(head, TRUE);
    }
    ike_add_certificate(draft->detail, rejected);
}
