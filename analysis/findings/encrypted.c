/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv2 messages that are not decrypted: the type of their first payload is in clear, and their
 * length bounds what they hold. What follows from that is likely at most, and withdrawn when the
 * IKE SA goes on. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

/* The least bytes of payloads (RFC 7296 3.5, 3.8, 3.3, 3.13, 3.9): generic header, what is fixed,
 * and a minimum of data. */
enum {
    LEAST_ID = 4 + 4 + 4,
    LEAST_AUTH = 4 + 4 + 16,
    LEAST_SA = 4 + 8 + 4 + 8 + 4,
    LEAST_TS = 4 + 4 + 16,
    LEAST_NONCE = 4 + 16,
    LEAST_AUTHENTICATED = LEAST_ID + LEAST_AUTH,
    LEAST_CHILD = LEAST_SA + 2 * LEAST_TS,
    LEAST_CREATED = LEAST_SA + LEAST_NONCE,
    INITIATOR_NOTIFIES = 32,
    ONE_BLOCK = 16,  /* in which padding hides an error notify of 8 bytes */
    EAP_END = 4 + 4, /* EAP Success or Failure */
};
#define AT_ONCE_NS (IKE_SECOND / 8)  /* no more than the authentication of the responder takes */
#define DELETED_NS (IKE_SECOND / 20) /* no user is as fast */

static bool is_encrypted(const ike_message_record *record)
{
    return record && record->grade == IKE_GRADE_ENCRYPTED && record->has_first_inside &&
           record->fragments == 0;
}

static bool is_one_notify(const ike_message_record *record, uint32_t least_otherwise)
{
    return is_encrypted(record) && record->inner_first_payload == IKEV2_PAYLOAD_NOTIFY &&
           ike_plaintext_max(record) < least_otherwise;
}

/* The INFORMATIONAL with which the initiator may end the IKE SA after IKE_AUTH: it begins with
 * such a payload. */
static bool is_end_after(const ike_exchange *auth, const ike_exchange *exchange, uint8_t payload)
{
    return exchange->type == IKEV2_EXCHANGE_INFORMATIONAL && exchange->by_initiator &&
           exchange->message_id == auth->message_id + 1 &&
           exchange->request->inner_first_payload == payload;
}

/* Whether the IKE SA was used after IKE_AUTH, for Child SAs or, with `end`, for anything but that
 * INFORMATIONAL. A request alone tells nothing: anyone can send one. */
static bool was_used(const ike_sa *sa, uint8_t end)
{
    enum { LOOK = 16, MAX_EXCHANGES = 256 };
    unsigned answered = 0, seen = 0;
    for (const ike_exchange *exchange = sa->exchanges; exchange && seen++ < MAX_EXCHANGES;
         exchange = exchange->next) {
        if (!is_encrypted(exchange->request) || !is_encrypted(exchange->response) ||
            exchange->type == IKEV2_EXCHANGE_IKE_AUTH)
            continue;
        if (exchange->type == IKEV2_EXCHANGE_CREATE_CHILD_SA || ++answered > LOOK ||
            (end && !is_end_after(sa->last_auth, exchange, end)))
            return true;
    }
    return false;
}

static void append_bytes(GString *out, const ike_message_record *record)
{
    g_string_append_printf(out, "%u bytes", record->length);
}

/* The values that an inference from lengths has. */
static void append_sizes(ike_draft *draft, const ike_message_record *record)
{
    const ike_exchange *auth = record->exchange->sa->last_auth;
    const ike_message_record *rejected = record->response ? record->exchange->request
                                         : auth           ? auth->response
                                                          : NULL;
    if (rejected)
        append_bytes(draft->requested, rejected);
    append_bytes(draft->received, record);
}

/* `received`: what the message is, NULL where its length tells. */
static bool emit_authentication(ike_sink *sink, const ike_message_record *record,
                                const char *received)
{
    if (!ike_wants(sink, record))
        return true;
    ike_draft draft = ike_draft_new(IKE_F_AUTHENTICATION_FAILED, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.certainty = IKE_SURE_LIKELY;
    g_string_append(draft.text, "AUTHENTICATION_FAILED: ");
    ike_explain_authentication(sink->tracker, &draft);
    g_string_append(draft.text, ", inferred (no key)");
    g_string_assign(draft.requested, "");
    append_sizes(&draft, record);
    if (received)
        g_string_assign(draft.received, received);
    ike_draft_emit(sink, &draft);
    return true;
}

/* A response that is one notify; of several, some are forged, and so may be the first. */
static const ike_message_record *refusal_of(const ike_exchange *auth)
{
    enum { MAX_RESPONSES = 8 };
    if (is_one_notify(auth->response, LEAST_AUTHENTICATED))
        return auth->response;
    const ike_message_record *record = auth->response ? auth->last_distinct : NULL;
    for (int i = 0; record && i < MAX_RESPONSES; i++, record = record->previous_distinct)
        if (record->response && !record->misfit && is_one_notify(record, LEAST_AUTHENTICATED) &&
            (ike_record_follows(auth->response, record, IKE_CONTEST_NS) ||
             ike_record_follows(record, auth->response, IKE_CONTEST_NS)))
            return record;
    return NULL;
}

/* The response to IKE_AUTH begins with a notify and has no room for IDr and AUTH: it is an error
 * (RFC 7296 2.21.2). */
static bool find_refused(ike_sink *sink, const ike_sa *sa)
{
    const ike_message_record *response = sa->last_auth ? refusal_of(sa->last_auth) : NULL;
    if (sa->eap || !response || ike_sa_was_up(sa))
        return false;
    return emit_authentication(sink, response, NULL);
}

/* The initiator that does not accept the responder says so in the first INFORMATIONAL (RFC
 * 7296 2.21.2), and nothing follows. A single notify of other kinds looks the same: what decides is
 * the missing response after it. */
static bool find_refused_responder(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *last = sa->last_begun[1];
    const ike_message_record *request = last ? last->request : NULL;
    if (!sa->last_auth || ike_sa_inference(sa) != IKE_INFERRED_AUTH_RESPONSE ||
        sa->esp_packets >= IKE_CONFIRMED || sa->rekeyed_to || !last ||
        last->type != IKEV2_EXCHANGE_INFORMATIONAL ||
        last->message_id != sa->last_auth->message_id + 1 || last->message_id > 8 ||
        !is_one_notify(request, ONE_BLOCK) || was_used(sa, IKEV2_PAYLOAD_NOTIFY))
        return false;
    bool silent = ike_waited_ns(sink->tracker, sa->last) >= 2 * IKE_SECOND;
    uint64_t after =
        request->time_ns > sa->inferred->time_ns ? request->time_ns - sa->inferred->time_ns : 0;
    if (after > 2 * IKE_SECOND || (!silent && !sa->retried_as && after > AT_ONCE_NS))
        return false;
    return emit_authentication(sink, request, NULL);
}

/* A response with IDr that sets up a Child SA, or one so long that it is sent in fragments. */
static bool has_child(const ike_message_record *response)
{
    return response && response->grade == IKE_GRADE_ENCRYPTED &&
           (response->fragments ||
            (is_encrypted(response) && response->inner_first_payload == IKEV2_PAYLOAD_IDR &&
             ike_plaintext_max(response) >= LEAST_AUTHENTICATED + LEAST_CHILD));
}

static bool is_deleted_at_once(const ike_sa *sa)
{
    const ike_exchange *auth = sa->last_auth, *end = sa->last_begun[1];
    return auth && end && !sa->eap && !sa->rekeyed_from && !sa->rekeyed_to && !sa->esp_packets &&
           has_child(auth->response) && is_encrypted(end->request) &&
           is_end_after(auth, end, IKEV2_PAYLOAD_DELETE) &&
           ike_record_follows(auth->response, end->request, DELETED_NS);
}

/* Some have no notify for it: the initiator deletes the IKE SA as soon as it has the IKE_AUTH
 * response, tries again, and does not get further. A script that closes what it has opened is as
 * fast, but keeps what it opens next. */
static bool find_dropped_responder(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *end = sa->last_begun[1];
    const ike_sa *newer = ike_sa_newest_between(sa);
    if (newer == sa || !is_deleted_at_once(sa) || newer->first_ns < end->request->time_ns ||
        newer->first_ns >= end->request->time_ns + 10 * IKE_SECOND ||
        (ike_sa_was_up(newer) && !is_deleted_at_once(newer)))
        return false;
    return emit_authentication(sink, end->request, "Delete");
}

/* Messages that hold certificates: EAP-TLS or what is built on it, in which each side can reject
 * the other. */
static bool is_tls_based(const ike_sa *sa)
{
    enum { MAX_ROUNDS = 16, LONG = 256 };
    const ike_exchange *exchange = sa->last_auth;
    for (int i = 0; exchange && i < MAX_ROUNDS; i++, exchange = exchange->previous_of_side)
        if (exchange->type == IKEV2_EXCHANGE_IKE_AUTH && exchange->message_id > 1 &&
            is_encrypted(exchange->response) && ike_plaintext_max(exchange->response) > LONG)
            return true;
    return false;
}

/* EAP Success or Failure; after Failure the initiator does not go on with AUTH (RFC 3748 4.2). */
static bool is_eap_end(const ike_message_record *response)
{
    return is_encrypted(response) && response->inner_first_payload == IKEV2_PAYLOAD_EAP &&
           ike_plaintext_max(response) < EAP_END + ONE_BLOCK;
}

/* `record` ends the IKE SA, `end` is the message that ended EAP: an EAP Failure of the gateway or
 * the same as `record`. */
static bool emit_eap(ike_sink *sink, const ike_message_record *record,
                     const ike_message_record *end)
{
    if (!ike_wants(sink, record))
        return true;
    ike_draft draft = ike_draft_new(IKE_F_EAP_FAILED, record);
    bool tls = is_tls_based(record->exchange->sa), by_client = end->from_initiator;
    /* In TLS and MSCHAPv2 (RFC 2759) the other side may have reported the failure before. */
    draft.finding.side = tls || by_client ? IKE_SIDE_NONE : IKE_SIDE_RESPONDER;
    draft.finding.certainty = IKE_SURE_LIKELY;
    if (end != record)
        draft.finding.frame = end->frame;
    g_string_append_printf(draft.text, "EAP_FAILED: %s ended %s in frame %u with %s (no key)",
                           by_client ? "client" : "gateway", tls ? "EAP-TLS, TTLS or PEAP" : "EAP",
                           end->frame,
                           is_eap_end(end) ? "a short response: Failure" : "an encrypted notify");
    g_string_append(draft.requested, "EAP");
    append_bytes(draft.received, end);
    if (by_client)
        g_string_append(draft.detail,
                        "Most likely the method of the gateway reported a failure before it (user "
                        "name, password or certificate of the client), or the client does not "
                        "accept what the gateway proves about itself.");
    else
        g_string_append_printf(
            draft.detail,
            "Most likely the gateway rejected the identity, the password or the certificate of "
            "the client, or the two have no method in common%s: see its log, or that of the RADIUS "
            "server.",
            tls ? "; or the client rejected the certificate of the server before" : "");
    ike_draft_emit(sink, &draft);
    return true;
}

/* RFC 4739: a further round of the initiator begins with IDi, as none of EAP does. */
static bool is_round(const ike_exchange *exchange)
{
    const ike_message_record *request = exchange ? exchange->request : NULL;
    return is_encrypted(request) && exchange->message_id > 1 &&
           request->inner_first_payload == IKEV2_PAYLOAD_IDI;
}

static bool find_second_round(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *last = sa->last_auth;
    if (ike_sa_was_up(sa) || !is_round(last) || !is_one_notify(last->response, LEAST_AUTHENTICATED))
        return false;
    return emit_authentication(sink, last->response, NULL);
}

/* EAP ends with a message that holds Success or Failure alone, and the initiator does not go on
 * with AUTH; or one side ends it with a notify. */
static bool find_eap(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *last = sa->last_auth, *after = sa->last_begun[1];
    if (!sa->eap || ike_sa_was_up(sa) || !last || last->message_id < 2)
        return false;
    const ike_message_record *response = last->response;
    bool failed = is_eap_end(response);
    if (after && after != last && after->type == IKEV2_EXCHANGE_INFORMATIONAL &&
        is_one_notify(after->request, LEAST_AUTHENTICATED))
        return emit_eap(sink, after->request, failed ? response : after->request);
    if (is_one_notify(response, LEAST_AUTHENTICATED))
        return emit_eap(sink, response, response);
    if (!failed || after != last || ike_waited_ns(sink->tracker, response) < 10 * IKE_SECOND)
        return false;
    return emit_eap(sink, response, response);
}

/* The response to IKE_AUTH that has no room for the Child SA. */
static ike_draft draft_refused_child(const ike_message_record *response, ike_certainty certainty,
                                     const char *text)
{
    ike_draft draft = ike_draft_new(IKE_F_UNKNOWN_FAILURE, response);
    draft.finding.side = IKE_SIDE_RESPONDER;
    draft.finding.certainty = certainty;
    g_string_append(draft.text, text);
    append_bytes(draft.received, response);
    g_string_append(draft.detail, "Usually because of its proposals, its traffic selectors or the "
                                  "inner address.");
    return draft;
}

/* There is another response to the same request: one of the two is forged. */
static bool is_contested(const ike_message_record *response)
{
    enum { MAX_RESPONSES = 8 };
    const ike_message_record *other = response->exchange->last_distinct;
    for (int i = 0; other && i < MAX_RESPONSES; i++, other = other->previous_distinct)
        if (other != response && other->response && other->grade == IKE_GRADE_ENCRYPTED &&
            !other->misfit && !other->flags_wrong &&
            other->prefix_digest != response->prefix_digest)
            return true;
    return false;
}

/* IDr and AUTH, and no room for SA, TSi and TSr beside them, which the request had: the IKE SA came
 * up and its first Child SA was refused (RFC 7296 1.2). */
static bool find_refused_first_child(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *auth = sa->last_auth;
    const ike_message_record *request = auth ? auth->request : NULL;
    const ike_message_record *response = auth ? auth->response : NULL;
    /* RFC 6023: where the responder announces it, a request without a Child SA is larger than the
     * response by the notifies of the initiator alone, and the IKE SA goes on. */
    uint32_t least = LEAST_CHILD + (sa->childless[0] ? INITIATOR_NOTIFIES : 0);
    if (!is_encrypted(request) || !is_encrypted(response) || auth->message_id != 1 || sa->eap ||
        ike_sa_has_esp_both_ways(sa) || (sa->childless[0] && sa->childless[1]) ||
        was_used(sa, sa->childless[0] ? IKEV2_PAYLOAD_DELETE : 0) ||
        response->inner_first_payload != IKEV2_PAYLOAD_IDR ||
        ike_plaintext_max(response) >= LEAST_AUTHENTICATED + LEAST_CHILD ||
        ike_plaintext_max(request) < ike_plaintext_max(response) + least || is_contested(response))
        return false;
    if (ike_tracker_is_reading(sink->tracker) &&
        sa->last->exchange->type == IKEV2_EXCHANGE_IKE_AUTH)
        return false; /* EAP may follow */
    if (!ike_wants(sink, response))
        return true;
    ike_draft draft = draft_refused_child(
        response, sa->childless[0] ? IKE_SURE_POSSIBLE : IKE_SURE_LIKELY,
        "Child SA refused: the encrypted IKE_AUTH response is too short for one (no key)");
    append_bytes(draft.requested, request);
    if (sa->childless[0])
        g_string_append(draft.detail, " The responder announces childless IKE SAs (RFC 6023): it "
                                      "may require one, or the initiator requested no Child SA.");
    ike_draft_emit(sink, &draft);
    return true;
}

/* With EAP the first Child SA is in the last IKE_AUTH response, behind AUTH: there is no room for
 * SA, TSi and TSr (RFC 7296 2.16). */
static bool find_refused_after_eap(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *auth = sa->last_auth, *last = sa->last_begun[1];
    const ike_message_record *response = auth ? auth->response : NULL;
    if (!sa->eap || !is_encrypted(response) || auth->message_id < 3 ||
        response->inner_first_payload != IKEV2_PAYLOAD_AUTH ||
        ike_plaintext_max(response) >= ike_shared_key_auth_bytes(sa->negotiated) + LEAST_CHILD ||
        ike_sa_has_esp_both_ways(sa) || was_used(sa, IKEV2_PAYLOAD_DELETE) ||
        (last && last != auth && last->type == IKEV2_EXCHANGE_IKE_AUTH))
        return false;
    if (!ike_wants(sink, response))
        return true;
    ike_draft draft = draft_refused_child(response, IKE_SURE_POSSIBLE,
                                          "Child SA refused after EAP: the last encrypted IKE_AUTH "
                                          "response is too short for one (no key)");
    g_string_append(draft.requested, "Child SA");
    ike_draft_emit(sink, &draft);
    return true;
}

bool ike_find_encrypted_failure(ike_sink *sink, const ike_sa *sa)
{
    if (sa->major == 1)
        return false;
    return find_refused(sink, sa) || find_refused_responder(sink, sa) ||
           find_dropped_responder(sink, sa) || find_second_round(sink, sa) || find_eap(sink, sa) ||
           find_refused_first_child(sink, sa) || find_refused_after_eap(sink, sa);
}

/* ---- CREATE_CHILD_SA ------------------------------------------------------------------------- */

static bool is_refused(const ike_exchange *exchange)
{
    return exchange->type == IKEV2_EXCHANGE_CREATE_CHILD_SA && exchange->request &&
           is_one_notify(exchange->response, LEAST_CREATED);
}

/* Whether the same side had success with another one later. */
static bool made_good(const ike_exchange *exchange)
{
    enum { MAX_LATER = 4 };
    const ike_exchange *later = exchange->sa->last_begun[exchange->by_initiator];
    for (int i = 0; later && later != exchange && i < MAX_LATER;
         i++, later = later->previous_of_side)
        if (later->type == IKEV2_EXCHANGE_CREATE_CHILD_SA && later->response && !is_refused(later))
            return true;
    return exchange->sa->rekeyed_to != NULL;
}

/* The same side requests the next one at once, and gets it: most likely the same with the group
 * that INVALID_KE_PAYLOAD asked for (RFC 7296 1.3). */
static bool was_retried(const ike_exchange *exchange)
{
    enum { MAX_BETWEEN = 8 };
    const ike_exchange *next = exchange->next;
    for (int i = 0; next && i < MAX_BETWEEN; i++, next = next->next)
        if (next->by_initiator == exchange->by_initiator &&
            next->message_id == exchange->message_id + 1)
            return next->type == IKEV2_EXCHANGE_CREATE_CHILD_SA && next->request &&
                   next->response && !is_refused(next) &&
                   ike_record_follows(exchange->response, next->request, IKE_SECOND);
    return false;
}

void ike_find_encrypted_refusal(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    bool crossed = ike_exchange_is_crossed(exchange) ||
                   (exchange->more->crossed_by &&
                    ike_tracker_is_reading(sink->tracker)); /* not yet answered */
    if (exchange->response != record || !is_refused(exchange) || crossed)
        return;
    bool later = made_good(exchange);
    if (!ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(was_retried(exchange) ? IKE_F_REFUSED_ONCE
                                    : later               ? IKE_F_SEVERAL_REFUSED
                                                          : IKE_F_UNKNOWN_FAILURE,
                                    record);
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.certainty = IKE_SURE_LIKELY;
    draft.finding.frame = exchange->request->frame;
    g_string_append_printf(draft.text,
                           "%s refused CREATE_CHILD_SA %u%s: encrypted response has room for a "
                           "notify only",
                           ike_role(record->from_initiator), exchange->message_id,
                           later ? " (others accepted)" : "");
    append_sizes(&draft, record);
    g_string_append(draft.detail, "Usually because of its traffic selectors, its proposals or the "
                                  "PFS group: with keys, the report names the reason.");
    ike_draft_emit(sink, &draft);
}

bool ike_find_last_refusal(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *last = sa->major != 1 ? sa->last_create : NULL;
    unsigned before = sink->emitted;
    if (last && last->response && !made_good(last))
        ike_find_encrypted_refusal(sink, last->response);
    return sink->emitted != before;
}
