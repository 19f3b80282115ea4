/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP failures: the method, what it reports itself, and what proves who the client is. */
#include "analysis/findings/explain.h"

/* In TLS and what is built on it certificates prove who a side is. */
static const char *proof_of_method(uint8_t type)
{
    enum { EAP_TLS = 13, EAP_TTLS = 21, EAP_PEAP = 25 };
    return type == EAP_TLS ? "the certificate of one side"
           : type == EAP_TTLS || type == EAP_PEAP
               ? "the certificate of the gateway, or user name or password,"
               : "user name, password or key";
}

/* The responder rejects an initiator that wants EAP before any method has begun. */
void ike_explain_eap_refused(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    bool only = sa->eap_only[1];
    (void)tracker;
    g_string_append(draft->text, "responder rejected EAP of initiator");
    ike_append_identity(draft->text, &sa->initiator);
    g_string_append(draft->text,
                    only ? " before it began" : " before it began, EAP_ONLY not offered");
    g_string_append(draft->requested, only ? "EAP, EAP_ONLY_AUTHENTICATION" : "EAP");
    if (sa->requested_id)
        g_string_append_printf(draft->requested, ", IDr %s", sa->requested_id);
    g_string_append(draft->detail,
                    "Likely the responder has no EAP configuration for this identity");
    if (sa->requested_id)
        g_string_append_printf(draft->detail, " or for IDr \"%s\"", sa->requested_id);
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
    if (sa->eap_identity && g_strcmp0(sa->eap_identity, sa->initiator.id) != 0)
        g_string_append_printf(out, " (EAP identity %.40s)", sa->eap_identity);
}

/* The method reports its failure: by whom, and about whose certificate. */
static void explain_failure(ike_draft *draft, const ike_sa *sa, uint8_t type)
{
    bool by_client = sa->eap_text_by_initiator;
    draft->finding.side = ike_side_of(by_client);
    g_string_append_printf(draft->text, "EAP_FAILED: %s of client", ike_format_eap(type));
    append_client(draft->text, sa);
    g_string_append_printf(draft->text, " failed, %s by the %s", sa->eap_text, role_of(by_client));
    g_string_append(draft->received, sa->eap_text);
    if (sa->eap_about_certificate)
        g_string_append_printf(draft->detail,
                               "The %s does not accept the certificate of the %s: %s.",
                               role_of(by_client), role_of(!by_client), sa->eap_meaning);
    else if (sa->eap_meaning)
        g_string_append_printf(draft->detail, "The %s says that %s.", role_of(by_client),
                               sa->eap_meaning);
}

/* The server wants another method than the client. */
static void explain_nak(ike_draft *draft, const ike_sa *sa)
{
    g_string_append(draft->received, ike_format_eap(sa->eap_requested));
    g_string_append(draft->requested, ike_format_eap(sa->eap_wanted));
    g_string_append_printf(draft->text, "EAP_FAILED: gateway asks for %s, client",
                           draft->received->str);
    append_client(draft->text, sa);
    g_string_append_printf(draft->text, " wants %s", draft->requested->str);
}

/* EAP Failure where the server began no method. */
static void explain_identity(ike_draft *draft, const ike_sa *sa)
{
    g_string_append_printf(draft->text, "EAP_FAILED: gateway rejected the EAP identity \"%.60s\"",
                           sa->eap_identity);
    g_string_append(draft->requested, sa->eap_identity);
    g_string_append(draft->detail,
                    "It began no method for it: most likely the identity is not known there.");
}

void ike_explain_eap(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    bool by_client = draft->finding.message->from_initiator;
    uint8_t type = sa->initiator.eap_type ? sa->initiator.eap_type : sa->eap_requested;
    (void)tracker;
    if (sa->eap_wanted) {
        explain_nak(draft, sa);
        return;
    }
    if (!by_client && !sa->eap_requested && sa->eap_identity) {
        explain_identity(draft, sa);
        return;
    }
    g_string_append(draft->requested, ike_format_eap(type));
    if (sa->eap_text) {
        explain_failure(draft, sa, type);
        return;
    }
    g_string_append_printf(draft->text,
                           by_client ? "EAP_FAILED: client gave up in %s"
                                     : "EAP_FAILED: gateway rejected %s of client",
                           ike_format_eap(type));
    append_client(draft->text, sa);
    g_string_append_printf(draft->detail, "%s is not accepted.", proof_of_method(type));
    draft->detail->str[0] = g_ascii_toupper(draft->detail->str[0]);
}
