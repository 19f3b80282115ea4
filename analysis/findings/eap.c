/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP failures: the method, what it reports itself, and what proves who the client is. */
#include "analysis/findings/explain.h"

enum { EAP_TLS = 13, EAP_SIM = 18, EAP_TTLS = 21, EAP_AKA = 23, EAP_PEAP = 25, EAP_AKA_PRIME = 50 };

/* What proves to the gateway who the client is. */
static const char *credential_of_client(uint8_t type)
{
    switch (type) {
    case EAP_TLS:
        return "the certificate of the client";
    case EAP_SIM:
    case EAP_AKA:
    case EAP_AKA_PRIME:
        return "the SIM of the client, or does not know its identity";
    case EAP_TTLS:
    case EAP_PEAP:
        return "user name or password of the client, or the two sides have no inner method in "
               "common";
    default:
        return "user name or password of the client";
    }
}

/* What proves to the client who the gateway is, where the method does that. */
static const char *credential_of_gateway(uint8_t type)
{
    bool tls = type == EAP_TLS || type == EAP_TTLS || type == EAP_PEAP;
    return tls ? "the certificate of the EAP server, or the other side rejected it before"
               : "what the gateway answers, or the gateway rejected user name or password before";
}

static void append_text(GString *out, const char *before, const char *text)
{
    g_string_append(out, before);
    ike_append_quoted(out, text);
}

/* The responder rejects an initiator that wants EAP before any method has begun. */
void ike_explain_eap_refused(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    bool only = sa->eap_only[1];
    (void)tracker;
    g_string_append(draft->text, "responder rejected EAP of");
    ike_append_whom(draft->text, sa, true);
    g_string_append(draft->text, only ? " at once" : " at once, no EAP_ONLY offered");
    g_string_append(draft->requested,
                    only ? "EAP (no AUTH), EAP_ONLY_AUTHENTICATION" : "EAP (no AUTH)");
    if (sa->requested_id)
        append_text(draft->requested, ", IDr ", sa->requested_id);
    g_string_append(draft->detail,
                    "Likely the responder has no EAP configuration for this identity");
    if (sa->requested_id)
        append_text(draft->detail, " or for IDr ", sa->requested_id);
    g_string_append(draft->detail,
                    only ? "."
                         : ". Possible: it has no certificate, and the initiator does not "
                           "offer EAP-only authentication (RFC 5998).");
}

static const char *role_of(bool initiator)
{
    return initiator ? "client" : "gateway";
}

/* Who the client is to the server: the EAP identity where it is not IDi. */
static void append_client(GString *out, const ike_sa *sa)
{
    ike_append_identity(out, &sa->initiator);
    if (sa->eap_identity && g_strcmp0(sa->eap_identity, sa->initiator.id) != 0) {
        append_text(out, " (EAP identity ", sa->eap_identity);
        g_string_append_c(out, ')');
    }
}

/* The name by which the client is known to the gateway, NULL when it is not known. */
static const char *user_of(const ike_sa *sa)
{
    return sa->eap_identity ? sa->eap_identity : sa->initiator.id;
}

/* The method reports its failure: by whom, and about whose certificate. */
static void explain_failure(ike_draft *draft, const ike_sa *sa, uint8_t type)
{
    bool by_client = sa->eap_text_by_initiator;
    draft->finding.side = ike_side_of(by_client);
    g_string_append_printf(draft->text, "EAP_FAILED: %s rejected ", role_of(by_client));
    ike_append_eap(draft->text, type);
    const char *whom = by_client ? sa->responder.id : user_of(sa);
    g_string_append_printf(draft->text, " of %s", whom ? "" : role_of(!by_client));
    if (whom)
        ike_append_quoted(draft->text, whom);
    g_string_append_printf(draft->text, ": %s", sa->eap_text);
    g_string_append(draft->received, sa->eap_text);
    if (sa->eap_about_certificate)
        g_string_append_printf(draft->detail,
                               "The %s does not accept the certificate of the %s: %s.",
                               role_of(by_client), role_of(!by_client), sa->eap_meaning);
    else if (sa->eap_meaning)
        g_string_append_printf(draft->detail, "The %s says that %s.", role_of(by_client),
                               sa->eap_meaning);
}

/* At most `most` methods that the client wants, and how many more. */
static void append_wanted(GString *out, const ike_sa *sa, uint8_t most)
{
    uint8_t shown = MIN(most, sa->eap_wanted_count);
    for (uint8_t i = 0; i < shown; i++) {
        g_string_append(out, i ? ", " : "");
        if (sa->eap_wanted[i] == 0)
            g_string_append(out, "no other method");
        else
            ike_append_eap(out, sa->eap_wanted[i]);
    }
    if (shown < sa->eap_wanted_count)
        g_string_append_printf(out, " +%u", sa->eap_wanted_count - shown);
}

/* The server wants another method than the client. */
static void explain_nak(ike_draft *draft, const ike_sa *sa)
{
    enum { FIT = 2 };
    ike_append_eap(draft->received, sa->eap_requested);
    append_wanted(draft->requested, sa, UINT8_MAX);
    g_string_append_printf(draft->text, "EAP_FAILED: gateway asks for %s,", draft->received->str);
    ike_append_whom(draft->text, sa, true);
    g_string_append(draft->text, " wants ");
    append_wanted(draft->text, sa, FIT);
    g_string_append(draft->detail,
                    "Enable one EAP method on both sides: on the gateway (or its RADIUS server) "
                    "one that the client wants, or the other way round.");
}

/* EAP Failure where the server began no method. */
static void explain_identity(ike_draft *draft, const ike_sa *sa)
{
    append_text(draft->text, "EAP_FAILED: gateway rejected the EAP identity ", sa->eap_identity);
    g_string_append(draft->requested, sa->eap_identity);
    g_string_append(draft->received, "EAP Failure");
    draft->finding.from_wire = IKE_WIRE_REQUESTED;
    g_string_append(
        draft->detail,
        "It started no EAP method: it does not know this identity, or it does not reach its "
        "RADIUS server or user database.");
}

/* The client stops at the first request of a method and does not say that it wants another one. */
static bool is_at_first_request(const ike_sa *sa, bool by_client)
{
    return by_client && !sa->initiator.eap_type && sa->eap_requested;
}

static void explain_first_request(ike_draft *draft, const ike_sa *sa)
{
    g_string_append(draft->text, "EAP_FAILED: client");
    append_client(draft->text, sa);
    g_string_append(draft->text, " stopped at the first request for ");
    ike_append_eap(draft->text, sa->eap_requested);
    g_string_append(draft->received, "AUTHENTICATION_FAILED");
    g_string_append(draft->detail, "Most likely it has no secret for this method and identity: "
                                   "compare its EAP identity and its credentials with what the "
                                   "gateway has.");
}

/* Nothing but the end of the method is known. */
static void explain_end(ike_draft *draft, const ike_sa *sa, uint8_t type, bool by_client)
{
    g_string_append(draft->text,
                    by_client ? "EAP_FAILED: client" : "EAP_FAILED: gateway rejected ");
    if (!by_client) {
        ike_append_eap(draft->text, type);
        g_string_append(draft->text, " of client");
    }
    append_client(draft->text, sa);
    if (by_client) {
        g_string_append(draft->text, " gave up in ");
        ike_append_eap(draft->text, type);
    }
    g_string_append(draft->received,
                    draft->finding.message->content &&
                            draft->finding.message->content->eap_code == IKE_EAP_FAILURE
                        ? "EAP Failure"
                        : "AUTHENTICATION_FAILED");
    g_string_append_printf(draft->detail, "The %s does not accept %s.", role_of(by_client),
                           by_client ? credential_of_gateway(type) : credential_of_client(type));
}

/* What the client was to authenticate itself with: "EAP-MD5, identity "carol"". */
static void put_method(ike_draft *draft, const ike_sa *sa, uint8_t type)
{
    ike_append_eap(draft->requested, type);
    if (user_of(sa))
        append_text(draft->requested, ", identity ", user_of(sa));
}

void ike_explain_eap(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    bool by_client = draft->finding.message->from_initiator;
    uint8_t type = sa->initiator.eap_type ? sa->initiator.eap_type : sa->eap_requested;
    (void)tracker;
    if (sa->eap_wanted_count) {
        explain_nak(draft, sa);
        return;
    }
    if (!by_client && !sa->eap_requested && sa->eap_identity) {
        explain_identity(draft, sa);
        return;
    }
    put_method(draft, sa, type);
    if (sa->eap_text)
        explain_failure(draft, sa, type);
    else if (is_at_first_request(sa, by_client))
        explain_first_request(draft, sa);
    else
        explain_end(draft, sa, type, by_client);
}
