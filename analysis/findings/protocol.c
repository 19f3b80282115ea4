/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: messages and choices that the protocol does not allow. */
#include "analysis/tracker/internal.h"

#include "registry/names.h"

static bool was_decrypted(const ike_message *m)
{
    return m->decryption == IKE_DECRYPTION_DONE || (m->decryption == IKE_PLAIN && !m->encrypted);
}

/* ---- header ---------------------------------------------------------------------------------- */

static void check_header(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    const ike_sa *sa = record->exchange->sa;
    if (m->initiator_spi == 0)
        ike_find_once(tracker, record, IKE_F_RESERVED_SPI,
                      "The initiator's SPI is zero, which is reserved.");
    if (m->malformed)
        ike_find(tracker, record, IKE_F_MALFORMED,
                 "A payload of this message does not fit its length or its parent's.");
    if (m->major == 1 || sa->major == 1)
        return;
    if (m->exchange == IKE_SA_INIT && m->initiator == m->response)
        ike_find(tracker, record, IKE_F_WRONG_FLAGS, "An IKE_SA_INIT %s has the initiator flag %s.",
                 m->response ? "response" : "request", m->initiator ? "set" : "not set");
    bool from_initiator = ike_same_address(&m->source, &sa->initiator.endpoint);
    bool from_responder = ike_same_address(&m->source, &sa->responder.endpoint);
    if (m->exchange != IKE_SA_INIT && from_initiator != from_responder &&
        from_initiator != m->initiator && !sa->late_start)
        ike_find(tracker, record, IKE_F_WRONG_FLAGS,
                 "The initiator flag is %s, but the message comes from the %s of the IKE SA.",
                 m->initiator ? "set" : "not set", from_initiator ? "initiator" : "responder");
}

/* Request message IDs of one side grow by one (RFC 7296 2.2); the window is one unless it was
 * widened. */
static void check_sequence(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    ike_sa_private *own = sa->own;
    bool side = record->from_initiator;
    if (sa->major == 1 || m->major == 1 || record->response || m->exchange == IKE_SA_INIT)
        return;
    uint32_t expected = own->id_seen[side]                          ? own->next_id[side]
                        : side && !sa->late_start && own->init_done ? 1
                                                                    : m->message_id;
    if (sa->rekeyed_from && !own->id_seen[side])
        expected = 0;
    if (m->message_id > expected)
        ike_find(
            tracker, record, IKE_F_MESSAGE_ID_GAP,
            "Message ID %u follows %u: %u request%s of this side not in the capture before it.",
            m->message_id, expected ? expected - 1 : 0, m->message_id - expected,
            m->message_id - expected == 1 ? " is" : "s are");
    if (m->message_id >= expected) {
        own->id_seen[side] = true;
        own->next_id[side] = m->message_id + 1;
    }
}

static void check_window(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (sa->major == 1 || m->major == 1 || record->response || m->message_id == 0 ||
        m->fragment > 1)
        return;
    const ike_exchange *before =
        ike_exchange_find(tracker, sa, m->message_id - 1, record->exchange->by_initiator, 0);
    if (before && before->request && !before->answered)
        ike_find(tracker, record, IKE_F_WINDOW,
                 "Request %u is sent while request %u (frame %u) has no response in the capture: a "
                 "wider window, "
                 "or the response was not captured.",
                 m->message_id, m->message_id - 1, before->request->frame);
}

/* ---- key exchange and nonce ------------------------------------------------------------------ */

static void check_key_exchange(ike_tracker *tracker, ike_message_record *record,
                               const ike_message *m)
{
    const ike_sa *sa = record->exchange->sa;
    for (uint8_t i = 0; i < m->ke_count && i < IKE_MAX_KEY_EXCHANGES; i++) {
        uint16_t number = sa->major == 1 ? sa->negotiated->key_exchange : m->ke[i].group;
        if (sa->major == 1 && m->exchange != IKEV1_MAIN_MODE)
            continue;
        const ike_group *group = ike_group_find(number);
        if (!group)
            continue;
        uint32_t expected = record->response ? group->resp_bytes : group->init_bytes;
        if (expected == 0 || m->ke[i].data.length == expected)
            continue;
        /* IKEv1 allows a shorter value of some implementations, without its leading zeros. */
        if (sa->major == 1 && group->type == IKE_GROUP_MODP && m->ke[i].data.length < expected &&
            m->ke[i].data.length + 4 >= expected)
            continue;
        ike_find(tracker, record, IKE_F_KE_LENGTH,
                 "Key exchange data of %u octets, but %s has %u octets.", m->ke[i].data.length,
                 group->name, expected);
    }
}

static void check_nonce(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    uint32_t least = m->major == 1 ? 8 : 16; /* RFC 2409 5, RFC 7296 3.9 */
    if (m->nonce.data && m->nonce.length < least)
        ike_find(tracker, record, IKE_F_NONCE_SHORT,
                 "The nonce has %u octets, at least %u are needed.", m->nonce.length, least);
}

void ike_find_faults(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    check_header(tracker, record, m);
    check_sequence(tracker, record, m);
    check_window(tracker, record, m);
    if (!was_decrypted(m))
        return;
    check_key_exchange(tracker, record, m);
    check_nonce(tracker, record, m);
}

/* ---- choices --------------------------------------------------------------------------------- */

void ike_check_choice(ike_tracker *tracker, const ike_stored_message *request,
                      const ike_stored_message *response)
{
    GString *missing = g_string_new(NULL);
    if (request && request->proposals && response->proposals &&
        !ike_proposal_list_contains(request->proposals, response->proposals, missing)) {
        GString *proposed = g_string_new(NULL);
        ike_format_proposal_list(proposed, request->proposals);
        ike_find(tracker, response->record, IKE_F_CHOSE_NOT_OFFERED,
                 "The response chooses %s, which no matching proposal of frame %u offers (%s).",
                 missing->str, request->record->frame, proposed->str);
        g_string_free(proposed, TRUE);
    }
    g_string_free(missing, TRUE);
}

static void check_narrowing(ike_tracker *tracker, ike_child *child)
{
    const ike_child_private *own = child->own;
    if (!own->requested_initiator_count || !own->requested_responder_count)
        return;
    /* Lists that are equal are kept once: the pointers tell. */
    if (own->requested_initiator == child->ts_initiator &&
        own->requested_responder == child->ts_responder)
        return;
    GString *text = g_string_new("Asked were ");
    ike_format_selectors(text, own->requested_initiator, own->requested_initiator_count);
    g_string_append(text, " === ");
    ike_format_selectors(text, own->requested_responder, own->requested_responder_count);
    g_string_append(text, ", given were ");
    ike_format_selectors(text, child->ts_initiator, child->ts_initiator_count);
    g_string_append(text, " === ");
    ike_format_selectors(text, child->ts_responder, child->ts_responder_count);
    ike_finding *finding = ike_find(tracker, child->response, IKE_F_TS_NARROWED, "%s.", text->str);
    if (finding)
        finding->child = child;
    g_string_free(text, TRUE);
}

static void check_lifetime(ike_tracker *tracker, ike_child *child,
                           const ike_stored_message *request, const ike_stored_message *response)
{
    if (!request || !request->life_seconds || !response->life_seconds ||
        request->life_seconds == response->life_seconds)
        return;
    ike_finding *finding = ike_find(tracker, response->record, IKE_F_LIFETIME_DIFFERS,
                                    "A lifetime of %u s was offered and %u s chosen.",
                                    request->life_seconds, response->life_seconds);
    if (finding)
        finding->child = child;
}

static const char no_pfs[] =
    "is made without a key exchange of its own: who learns the keys of the IKE SA learns these.";

static void check_pfs(ike_tracker *tracker, ike_child *child)
{
    const ike_exchange *exchange = child->exchange;
    bool own_keys = exchange->type == CREATE_CHILD_SA || exchange->type == IKEV1_QUICK_MODE;
    if (!own_keys || child->negotiated->key_exchange)
        return;
    ike_finding *finding = ike_find(tracker, child->response, IKE_F_NO_PFS, "%s", no_pfs);
    if (finding)
        finding->child = child;
}

/* Every rekeying without PFS says it: only its number would have to be kept for each. */
GString *ike_no_pfs_text(const ike_finding *finding)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "CHILD_SA %u %s", finding->child->number, no_pfs);
    return text;
}

void ike_check_child(ike_tracker *tracker, ike_child *child, const ike_stored_message *request,
                     const ike_stored_message *response)
{
    ike_check_choice(tracker, request, response);
    check_narrowing(tracker, child);
    check_lifetime(tracker, child, request, response);
    check_pfs(tracker, child);
    ike_find_weak_suite(tracker, response->record, child->negotiated);
}
