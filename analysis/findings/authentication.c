/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AUTHENTICATION_FAILED: what is known of the authentication of both sides. */
#include <string.h>

#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"
#include "proto/ike_numbers.h"

static void add(GString *detail, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GString *detail, const char *format, ...)
{
    va_list arguments;
    if (detail->len)
        g_string_append_c(detail, ' ');
    va_start(arguments, format);
    g_string_append_vprintf(detail, format, arguments);
    va_end(arguments);
}

static void append_date(GString *out, uint64_t seconds)
{
    GDateTime *time = g_date_time_new_from_unix_utc((gint64)seconds);
    char *date = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC") : NULL;
    g_string_append(out, date ? date : "?");
    g_free(date);
    if (time)
        g_date_time_unref(time);
}

static bool out_of_date(const ike_party *party, uint64_t now_ns)
{
    const ike_recorded_certificate *c = party->certificate;
    uint64_t now = now_ns / IKE_SECOND;

    return c && ((c->not_after && now > c->not_after) || (c->not_before && now < c->not_before));
}

static void append_names(GString *out, const ike_recorded_certificate *certificate)
{
    g_string_append_printf(out, "\"%s\"", certificate->subject);
    for (uint8_t i = 0; i < certificate->name_count; i++)
        g_string_append_printf(out, ", %s", certificate->names[i]);
}

/* The peer looks for the identity that it expects among the names of the certificate (RFC
 * 4945 3.1). */
static bool add_missing_name(ike_draft *draft, const ike_sa *sa, const ike_party *rejected)
{
    const ike_recorded_certificate *certificate = rejected->certificate;
    bool is_responder = rejected == &sa->responder;
    const char *expected = is_responder && sa->requested_id ? sa->requested_id : rejected->id;

    if (!certificate || !expected || ike_certificate_names(certificate, expected))
        return false;
    g_string_assign(draft->requested, expected);
    append_names(draft->received, certificate);
    g_string_append_printf(draft->text, ": certificate lacks the name %s", expected);
    add(draft->detail, "%s expects \"%s\"; the names in the certificate are ",
        is_responder ? "The initiator" : "The responder", expected);
    append_names(draft->detail, certificate);
    g_string_append_c(draft->detail, '.');
    return true;
}

static void add_certificate(GString *detail, const ike_party *party, uint64_t now_ns)
{
    const ike_recorded_certificate *certificate = party->certificate;
    uint64_t now = now_ns / IKE_SECOND;

    if (!certificate)
        return;
    add(detail, "It sent the certificate of \"%s\"", certificate->subject);
    if (certificate->self_issued)
        g_string_append(detail, ", which is signed with its own key");
    else
        g_string_append_printf(detail, ", issued by \"%s\"", certificate->issuer);
    if (certificate->not_after && now > certificate->not_after) {
        g_string_append(detail, "; it expired on ");
        append_date(detail, certificate->not_after);
    } else if (certificate->not_before && now < certificate->not_before) {
        g_string_append(detail, "; it is valid only from ");
        append_date(detail, certificate->not_before);
    }
    g_string_append_c(detail, '.');
}

/* Whom the initiator asks for, and who the responder is as far as the capture tells. */
static bool add_requested_id(const ike_tracker *tracker, ike_draft *draft, const ike_sa *sa)
{
    const char *requested = sa->requested_id, *is = sa->responder.id;
    const ike_peer *peer = ike_tracker_find_peer(tracker, &sa->responder.endpoint, sa->major);
    if (!is && peer && peer->id) {
        is = peer->id;
        draft->finding.frame = peer->id_frame;
    }
    if (!requested || (is && strcmp(requested, is) == 0))
        return false;
    g_string_assign(draft->requested, requested);
    g_string_assign(draft->received, is ? is : "");
    if (!is)
        add(draft->detail,
            "The initiator asks for %s (IDr); the identity of the responder is not in "
            "this capture.",
            requested);
    else
        add(draft->detail, "The initiator asks for %s (IDr), and the responder is %s.", requested,
            is);
    return is != NULL;
}

/* One PSK authenticates both sides: then it is not the secret that differs. */
static bool is_same_secret(const ike_sa *sa)
{
    bool psk = sa->major == 1
                   ? g_str_has_prefix(ike_format_auth_method(1, sa->negotiated->auth_method)
                                          ? ike_format_auth_method(1, sa->negotiated->auth_method)
                                          : "",
                                      "PSK")
                   : sa->initiator.auth_method == IKEV2_AUTH_SHARED_KEY &&
                         sa->responder.auth_method == IKEV2_AUTH_SHARED_KEY;
    return psk && sa->initiator.proof == IKE_AUTHENTICATION_VERIFIED &&
           sa->responder.proof == IKE_AUTHENTICATION_VERIFIED;
}

/* IKEv1: the refusal is encrypted, and the initiator that could read it stopped at once: the keys,
 * which are made of the PSK, are equal (RFC 2409 5). */
static bool is_read_refusal(const ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_sa *sa = message->exchange->sa;
    const ike_exchange *init = sa->init;
    return sa->major == 1 && message->grade == IKE_GRADE_VERIFIED && init && init->by_step &&
           init->by_step[5] && init->by_step[5]->retransmissions == 0;
}

static void add_verified(const ike_tracker *tracker, ike_draft *draft, const ike_party *rejected)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    const char *reason = rejected->authentication_reason;
    const ike_sa *other =
        rejected == &sa->initiator ? ike_tracker_same_identity(tracker, sa) : NULL;
    if (other) {
        draft->finding.frame = other->first_frame;
        add(draft->detail,
            "Its AUTH verifies%s%s, and the same identity is up from another address "
            "(IKE SA %u): the peer allows one IKE SA per identity (uniqueness).",
            reason ? ": " : "", reason ? reason : "", other->stream);
    } else if (is_same_secret(sa)) {
        add(draft->detail,
            "AUTH of both sides verifies with the same PSK%s%s, so the secrets are "
            "equal: the peer expects another authentication method, or does not accept "
            "this identity.",
            reason ? ": " : "", reason ? reason : "");
    } else if (rejected->certificate) {
        add(draft->detail, "Signature verified, but the peer rejected it: it does not accept the "
                           "certificate, or this identity.");
    } else {
        add(draft->detail,
            "Its AUTH verifies with the secret known here%s%s: the peer has a different "
            "one for this identity, expects another method, or does not accept the "
            "identity (unknown, or in use elsewhere).",
            reason ? ": " : "", reason ? reason : "");
    }
}

static void add_conditions(ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_sa *sa = message->exchange->sa;
    bool rejected_initiator = !message->from_initiator;
    if (sa->ppk && rejected_initiator && sa->initiator.proof != IKE_AUTHENTICATION_WRONG)
        add(draft->detail,
            "It uses the post-quantum preshared key \"%s\": the other side may have "
            "another one of that name, or none.",
            sa->ppk);
    if (sa->major == 1 && !sa->negotiated->known && rejected_initiator)
        add(draft->detail,
            "It is the response to the first message: there is no configuration for this "
            "identity, or none that allows %s.",
            ike_format_exchange_of(sa->exchanges));
    if (is_read_refusal(draft) && rejected_initiator)
        add(draft->detail,
            "The initiator could decrypt the refusal, so the secrets are equal: the peer "
            "expects another authentication method, or does not accept this identity.");
}

void ike_explain_authentication(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *message = draft->finding.message;
    const ike_sa *sa = message->exchange->sa;
    bool rejected_initiator = !message->from_initiator;
    const ike_party *rejected = ike_party_of(sa, rejected_initiator);
    const char *method = ike_format_auth_method(sa->major, rejected->auth_method);
    if (rejected_initiator && sa->eap && !method)
        method = "EAP";
    g_string_append_printf(draft->text, "%s rejected%s%s authentication of %s",
                           ike_role(message->from_initiator), method ? " " : "",
                           method ? method : "", ike_role(rejected_initiator));
    ike_append_identity(draft->text, rejected);
    if (message->grade == IKE_GRADE_ENCRYPTED)
        add(draft->detail,
            "The message is not decrypted: it has room for an error notify and no more.");
    if (rejected->proof == IKE_AUTHENTICATION_WRONG)
        add(draft->detail, "Its AUTH does not verify%s%s.",
            rejected->authentication_reason ? ": " : "",
            rejected->authentication_reason ? rejected->authentication_reason : "");
    else if (rejected->proof == IKE_AUTHENTICATION_VERIFIED)
        add_verified(tracker, draft, rejected);
    add_certificate(draft->detail, rejected, message->time_ns);
    bool plausible =
        rejected->proof != IKE_AUTHENTICATION_WRONG && !out_of_date(rejected, message->time_ns);
    if (plausible && !add_missing_name(draft, sa, rejected))
        add_requested_id(tracker, draft, sa);
    add_conditions(draft);
    if (method && !draft->requested->len)
        g_string_append(draft->requested, method);
}
