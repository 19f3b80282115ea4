/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP failures: the method, what it reports itself, and what proves who the client is. */
#include <string.h>

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

void ike_explain_eap(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    uint8_t type = sa->initiator.eap_type ? sa->initiator.eap_type : sa->eap_requested;
    (void)tracker;
    if (sa->eap_wanted) {
        g_string_append(draft->received, ike_format_eap(sa->eap_requested));
        g_string_append(draft->requested, ike_format_eap(sa->eap_wanted));
        g_string_append_printf(draft->text, "EAP_FAILED: gateway asks for %s, client",
                               draft->received->str);
        ike_append_identity(draft->text, &sa->initiator);
        g_string_append_printf(draft->text, " wants %s", draft->requested->str);
        return;
    }
    g_string_append(draft->requested, ike_format_eap(type));
    if (sa->eap_text) {
        const char *who = sa->eap_text_by_initiator ? "client" : "gateway";
        draft->finding.side = ike_side_of(sa->eap_text_by_initiator);
        g_string_append_printf(draft->text, "EAP_FAILED: %s of %s", ike_format_eap(type), "client");
        ike_append_identity(draft->text, &sa->initiator);
        g_string_append_printf(draft->text, " failed, %s by the %s", sa->eap_text, who);
        g_string_append(draft->received, sa->eap_text);
    } else if (draft->finding.message->from_initiator) {
        g_string_append_printf(draft->text, "EAP_FAILED: client gave up in %s",
                               ike_format_eap(type));
        ike_append_identity(draft->text, &sa->initiator);
    } else {
        g_string_append_printf(draft->text, "EAP_FAILED: gateway rejected %s of client",
                               ike_format_eap(type));
        ike_append_identity(draft->text, &sa->initiator);
    }
    if (sa->eap_text && strstr(sa->eap_text, "certificate")) {
        g_string_append_printf(draft->detail,
                               "The %s does not accept the certificate of the other side: "
                               "unknown CA, wrong name or use, or out of date.",
                               sa->eap_text_by_initiator ? "client" : "gateway");
        return;
    }
    g_string_append_printf(draft->detail, "%s is not accepted.", proof_of_method(type));
    draft->detail->str[0] = g_ascii_toupper(draft->detail->str[0]);
}
