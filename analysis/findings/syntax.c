/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INVALID_SYNTAX, UNSUPPORTED_CRITICAL_PAYLOAD, PAYLOAD_MALFORMED: what is malformed, missing or
 * not allowed in the message that they are about. */
#include "analysis/findings/explain.h"
#include "analysis/findings/payload_rules.h"
#include "proto/ike_numbers.h"

/* RFC 7296 2.5: the notify names the payload type that is not supported. */
static bool append_unsupported(ike_draft *draft)
{
    const ike_message_record *record = draft->finding.message;
    const ike_recorded_notify *notify =
        ike_content_notify(record->content, IKEV2_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD);
    if (record->exchange->sa->major == 1 || !notify || !notify->recorded)
        return false;
    g_string_append(draft->text, ": ");
    ike_append_payload_name(draft->requested, 2, notify->data[0]);
    g_string_append_printf(draft->text, "critical %s not supported", draft->requested->str);
    g_string_append(draft->detail,
                    "Do not send this payload to this peer, or do not mark it critical.");
    return true;
}

/* An initiator that sends no AUTH wants EAP (RFC 7296 2.16): a message that a responder without EAP
 * takes for incomplete. */
static bool append_eap(ike_draft *draft, const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    if (sa->major == 1 || request != sa->auth_begun || request->content->has_auth)
        return false;
    draft->finding.certainty = MIN(draft->finding.certainty, IKE_SURE_LIKELY);
    g_string_append(draft->text, " without AUTH: the initiator");
    ike_append_identity(draft->text, &sa->initiator);
    g_string_append(draft->text, " wants EAP");
    g_string_append(draft->requested, "EAP");
    g_string_append(draft->detail,
                    "Likely the responder is not configured for EAP with this initiator: enable "
                    "EAP there, or use a certificate or a PSK on the initiator.");
    return true;
}

/* RFC 6023 3: a responder that announces childless IKE SAs may insist on them, and has nothing but
 * INVALID_SYNTAX to say so. */
static bool append_childless(ike_draft *draft, const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    if (sa->major == 1 || request->exchange->type != IKEV2_EXCHANGE_IKE_AUTH || !sa->childless[0] ||
        !ike_content_has(request->content, IKEV2_PAYLOAD_SA))
        return false;
    draft->finding.certainty = MIN(draft->finding.certainty, IKE_SURE_LIKELY);
    g_string_append(draft->text, ", possibly as it requires a childless IKE SA");
    g_string_append(draft->requested, "IKE SA with a Child SA");
    g_string_append(draft->received, "CHILDLESS_IKEV2_SUPPORTED");
    g_string_append(draft->detail,
                    "The request is well-formed, and the responder announces childless IKE SAs "
                    "(RFC 6023): let the initiator begin without a Child SA, or allow one on the "
                    "responder.");
    return true;
}

void ike_explain_syntax(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_message_record *record = draft->finding.message;
    const ike_message_record *request = ike_message_complained_about(record);
    const ike_exchange *exchange = request ? request->exchange : record->exchange;
    GString *fault = g_string_new(NULL);
    (void)tracker;
    g_string_append_printf(draft->text, "%s rejects ", ike_role(record->from_initiator));
    if (request) {
        draft->finding.frame = request->frame;
        g_string_append_printf(draft->text, "%s in frame %u", ike_format_exchange_of(exchange),
                               request->frame);
    } else {
        g_string_append(draft->text, "a message");
    }
    if (append_unsupported(draft)) {
        /* said */
    } else if (request && ike_append_payload_fault(fault, request)) {
        g_string_append_printf(draft->text, ": %s", fault->str);
        g_string_append(draft->requested, fault->str);
    } else if (request && request->content && append_eap(draft, request)) {
        /* said */
    } else if (request && request->content && append_childless(draft, request)) {
        /* said */
    } else if (!request || (request->grade == IKE_GRADE_ENCRYPTED && !request->content)) {
        g_string_append(draft->detail,
                        request ? "The message is not decrypted: the fault cannot be determined."
                                : "That message is not in the capture.");
    } else {
        g_string_append(draft->detail,
                        "All payloads that the exchange requires are there and well-formed: the "
                        "log of the side that rejects it has the reason.");
    }
    g_string_free(fault, TRUE);
}
