/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the responder configures: inner addresses, transport mode, the lifetime of the
 * authentication. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

/* ike_content.config_type is one more than the CFG type. */
static bool is_configuration(const ike_content *content, uint8_t type)
{
    return content && content->config_type == type + 1;
}

/* The request of a configuration reply: with EAP it came in the first IKE_AUTH (RFC 7296 2.19). */
static const ike_message_record *configuration_request(const ike_message_record *reply)
{
    const ike_exchange *exchange = reply->exchange;
    const ike_message_record *request = exchange->request;
    if (request && is_configuration(request->content, IKEV2_CFG_REQUEST))
        return request;
    request = exchange->sa->auth_exchange ? exchange->sa->auth_exchange->request : NULL;
    return request && is_configuration(request->content, IKEV2_CFG_REQUEST) ? request : NULL;
}

static void check_address(ike_sink *sink, const ike_message_record *record)
{
    const ike_content *content = record->content;
    if (!is_configuration(content, IKEV2_CFG_REPLY) || content->config_address_count ||
        record->grade == IKE_GRADE_UNPROTECTED)
        return;
    const ike_message_record *request = configuration_request(record);
    if (!request || !request->content->config_wants_address || !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_NO_ADDRESS, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.frame = request->frame;
    g_string_append_printf(draft.text,
                           "Configuration reply without an inner address: %s assigns none to",
                           ike_role(record->from_initiator));
    ike_append_whom(draft.text, record->exchange->sa, request->from_initiator);
    g_string_append(draft.requested, "inner address");
    g_string_append(draft.received, "no address");
    g_string_append_printf(draft.detail,
                           "It was requested in frame %u. The %s has no address pool for this "
                           "peer, or the pool is exhausted.",
                           request->frame, ike_role(record->from_initiator));
    ike_draft_emit(sink, &draft);
}

/* RFC 7296 1.3.1: without USE_TRANSPORT_MODE in the response the Child SA is in tunnel mode. */
bool ike_is_transport_declined(const ike_child *child)
{
    return child->request && child->established &&
           ike_content_notify(child->request->content, IKEV2_NOTIFY_USE_TRANSPORT_MODE) &&
           !ike_content_notify(child->established->content, IKEV2_NOTIFY_USE_TRANSPORT_MODE);
}

static void check_transport(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    const ike_child *child = exchange->child;
    if (exchange->sa->major == 1 || !child || child->established != record ||
        !ike_is_transport_declined(child) || !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_TRANSPORT_DECLINED, record);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.frame = child->request->frame;
    g_string_append_printf(draft.text,
                           "Transport mode declined: %s chose tunnel mode for Child SA %u",
                           ike_role(record->from_initiator), child->number);
    g_string_append(draft.requested, "transport mode");
    g_string_append(draft.received, "tunnel mode");
    ike_draft_emit(sink, &draft);
}

/* RFC 7296 2.22: without IPCOMP_SUPPORTED in the response nothing is compressed. */
static void check_ipcomp(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    const ike_child *child = exchange->child;
    if (exchange->sa->major == 1 || !child || child->established != record || !child->request ||
        !ike_content_notify(child->request->content, IKEV2_NOTIFY_IPCOMP_SUPPORTED) ||
        ike_content_notify(record->content, IKEV2_NOTIFY_IPCOMP_SUPPORTED) ||
        !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_IPCOMP_DECLINED, record);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.frame = child->request->frame;
    g_string_append_printf(draft.text, "IPComp declined: %s compresses nothing in Child SA %u",
                           ike_role(record->from_initiator), child->number);
    g_string_append(draft.requested, "IPComp");
    g_string_append(draft.received, "no IPComp");
    ike_draft_emit(sink, &draft);
}

/* RFC 4478 3: seconds as a 4-byte number. */
static void check_auth_lifetime(ike_sink *sink, const ike_message_record *record)
{
    const ike_recorded_notify *notify =
        ike_content_notify(record->content, IKEV2_NOTIFY_AUTH_LIFETIME);
    if (record->exchange->sa->major == 1 || !notify || notify->recorded < 4 ||
        !ike_wants(sink, record))
        return;
    uint32_t seconds = ike_get_u32(notify->data);
    ike_draft draft = ike_draft_new(IKE_F_AUTH_LIFETIME, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    g_string_append_printf(draft.text, "AUTH_LIFETIME: %s requires reauthentication within %u s",
                           ike_role(record->from_initiator), seconds);
    g_string_append_printf(draft.received, "%u s", seconds);
    g_string_append(
        draft.detail,
        "An initiator that does not reauthenticate in time loses the IKE SA (RFC 4478).");
    ike_draft_emit(sink, &draft);
}

void ike_find_configuration(ike_sink *sink, const ike_message_record *record)
{
    if (!record->content)
        return;
    check_address(sink, record);
    check_transport(sink, record);
    check_ipcomp(sink, record);
    check_auth_lifetime(sink, record);
}
