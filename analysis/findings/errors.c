/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error notifies: that one was sent is a fact; what it means is explained apart. */
#include <string.h>

#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

typedef void (*explain_fn)(const ike_tracker *tracker, ike_draft *draft);

typedef struct {
    uint8_t major;
    uint16_t type;
    ike_f kind;
    explain_fn explain; /* NULL: `does` is the clause */
    const char *does;   /* "<role> <does>" */
} error_row;

static const error_row error_rows[] = {
    {2, IKEV2_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_F_NO_PROPOSAL_CHOSEN, ike_explain_no_proposal, NULL},
    {1, IKEV1_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_F_NO_PROPOSAL_CHOSEN, ike_explain_no_proposal, NULL},
    {2, IKEV2_NOTIFY_AUTHENTICATION_FAILED, IKE_F_AUTHENTICATION_FAILED, ike_explain_authentication,
     NULL},
    {1, IKEV1_NOTIFY_AUTHENTICATION_FAILED, IKE_F_AUTHENTICATION_FAILED, ike_explain_authentication,
     NULL},
    {2, IKEV2_NOTIFY_TS_UNACCEPTABLE, IKE_F_TS_UNACCEPTABLE, ike_explain_selectors, NULL},
    {1, IKEV1_NOTIFY_INVALID_ID_INFORMATION, IKE_F_INVALID_ID, ike_explain_selectors, NULL},
    {2, IKEV2_NOTIFY_SINGLE_PAIR_REQUIRED, IKE_F_SINGLE_PAIR_REQUIRED, ike_explain_selectors, NULL},
    {2, IKEV2_NOTIFY_FAILED_CP_REQUIRED, IKE_F_FAILED_CP_REQUIRED, ike_explain_selectors, NULL},
    {1, IKEV1_NOTIFY_INVALID_HASH_INFORMATION, IKE_F_INVALID_HASH, NULL,
     "reports a hash mismatch (different PSK, or damaged message)"},
    {1, IKEV1_NOTIFY_INVALID_CERTIFICATE, IKE_F_CERTIFICATE_REJECTED, ike_explain_authentication,
     NULL},
    {1, IKEV1_NOTIFY_CERT_TYPE_UNSUPPORTED, IKE_F_CERTIFICATE_REJECTED, ike_explain_authentication,
     NULL},
    {1, IKEV1_NOTIFY_INVALID_CERT_AUTHORITY, IKE_F_CERTIFICATE_REJECTED, ike_explain_authentication,
     NULL},
    {2, IKEV2_NOTIFY_INTERNAL_ADDRESS_FAILURE, IKE_F_ADDRESS_FAILURE, ike_explain_address_failure,
     NULL},
    {2, IKEV2_NOTIFY_NO_ADDITIONAL_SAS, IKE_F_NO_ADDITIONAL_SAS, ike_explain_no_additional_sas,
     NULL},
    {2, IKEV2_NOTIFY_CHILD_SA_NOT_FOUND, IKE_F_CHILD_SA_NOT_FOUND, ike_explain_child_not_found,
     NULL},
    {2, IKEV2_NOTIFY_TEMPORARY_FAILURE, IKE_F_TEMPORARY_FAILURE, ike_explain_temporary_failure,
     NULL},
    {2, IKEV2_NOTIFY_INVALID_IKE_SPI, IKE_F_PEER_RESTARTED, NULL,
     "no longer has this IKE SA (restarted, or deleted it)"},
    {1, IKEV1_NOTIFY_INVALID_COOKIE, IKE_F_PEER_RESTARTED, NULL,
     "no longer has this ISAKMP SA (restarted, or deleted it)"},
    {2, IKEV2_NOTIFY_INVALID_SPI, IKE_F_PEER_RESTARTED, ike_explain_invalid_spi, NULL},
    {1, IKEV1_NOTIFY_INVALID_SPI, IKE_F_PEER_RESTARTED, ike_explain_invalid_spi, NULL},
    {2, IKEV2_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, IKE_F_UNSUPPORTED_CRITICAL, ike_explain_syntax,
     NULL},
    {2, IKEV2_NOTIFY_INVALID_SYNTAX, IKE_F_ERROR_NOTIFY, ike_explain_syntax, NULL},
    {1, IKEV1_NOTIFY_PAYLOAD_MALFORMED, IKE_F_ERROR_NOTIFY, ike_explain_syntax, NULL},
    {1, IKEV1_NOTIFY_INVALID_PAYLOAD_TYPE, IKE_F_ERROR_NOTIFY, ike_explain_syntax, NULL},
    {1, IKEV1_NOTIFY_UNEQUAL_PAYLOAD_LENGTHS, IKE_F_ERROR_NOTIFY, ike_explain_syntax, NULL},
    {1, IKEV1_NOTIFY_INVALID_KEY_INFORMATION, IKE_F_ERROR_NOTIFY, ike_explain_syntax, NULL},
};

static const error_row *find_row(uint8_t major, uint16_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(error_rows); i++)
        if (error_rows[i].major == (major == 1 ? 1 : 2) && error_rows[i].type == type)
            return &error_rows[i];
    return NULL;
}

/* Kinds whose code is more telling than the name of the notify. */
static bool has_own_code(ike_f kind)
{
    return kind == IKE_F_CERTIFICATE_REJECTED || kind == IKE_F_PEER_RESTARTED;
}

/* The client gives up in the middle of an EAP method: its AUTHENTICATION_FAILED is about EAP. */
static bool is_in_eap(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    return sa->major != 1 && type == IKEV2_NOTIFY_AUTHENTICATION_FAILED &&
           (sa->initiator.eap_type != 0 || sa->eap_requested != 0 || sa->eap_failed) &&
           !sa->initiator_auth && !ike_sa_was_up(sa);
}

/* The initiator acts on the refusal or the EAP-Failure of the responder, which is a finding
 * already. */
static bool is_follow_up(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    if (sa->major == 1 || type != IKEV2_NOTIFY_AUTHENTICATION_FAILED || !record->from_initiator ||
        !sa->failed || sa->failed == record)
        return false;
    bool of_eap = sa->eap_failed && sa->failed_by == 0;
    return of_eap || (sa->failed->response && sa->failed->frame < record->frame &&
                      sa->failed->grade == IKE_GRADE_VERIFIED);
}

/* The initiator wants EAP, as it sent no AUTH (RFC 7296 2.16), and the responder does not begin. */
static bool is_eap_refused(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    const ike_message_record *request = record->exchange->request;
    return sa->major != 1 && type == IKEV2_NOTIFY_AUTHENTICATION_FAILED && record->response &&
           sa->eap && !sa->eap_requested && request == sa->auth_begun && request->content &&
           !request->content->has_auth;
}

/* IKEv1: what was encrypted could not be read: the keys differ, which with PSK authentication are
 * made of the PSK (RFC 2409 5). */
static bool is_psk_mismatch(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    bool garbled = type == IKEV1_NOTIFY_PAYLOAD_MALFORMED ||
                   type == IKEV1_NOTIFY_INVALID_PAYLOAD_TYPE ||
                   type == IKEV1_NOTIFY_UNEQUAL_PAYLOAD_LENGTHS;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    if (sa->major != 1 || !garbled || ike_sa_was_up(sa))
        return false;
    /* The method was negotiated before the capture began. */
    if (!method && sa->late_start)
        return sa->init && sa->init->by_step && sa->init->by_step[5];
    return sa->keys && method && g_str_has_prefix(method, "PSK");
}

static void explain_psk_mismatch(ike_draft *draft, uint16_t type)
{
    const ike_message_record *record = draft->finding.message;
    const ike_sa *sa = record->exchange->sa;
    bool differ = sa->initiator.other_psk;
    draft->finding.certainty = differ                  ? IKE_SURE_CERTAIN
                               : sa->negotiated->known ? IKE_SURE_LIKELY
                                                       : IKE_SURE_POSSIBLE;
    g_string_append_printf(draft->text,
                           "PSK_MISMATCH: %s could not read the first encrypted message (",
                           ike_role(record->from_initiator));
    ike_append_notify(draft->text, record->exchange->sa, type);
    g_string_append_c(draft->text, ')');
    g_string_append(draft->requested, "PSK");
    ike_append_notify(draft->received, record->exchange->sa, type);
    g_string_append(draft->detail,
                    differ
                        ? "The pre-shared keys of the two sides differ, as the keys in the logs of "
                          "both sides do."
                    : sa->negotiated->known
                        ? "Most likely the pre-shared keys of the two sides differ."
                        : "With PSK authentication the pre-shared keys of the two sides differ.");
}

static void append_code(GString *text, const ike_message_record *record, uint16_t type)
{
    ike_append_notify(text, record->exchange->sa, type);
    g_string_append(text, ": ");
}

/* ---- one error ------------------------------------------------------------------------------- */

static void emit_error(ike_sink *sink, const ike_message_record *record, uint16_t type,
                       const ike_child *child)
{
    const error_row *row = find_row(record->exchange->sa->major, type);
    GString *code = g_string_new(NULL);
    bool in_eap = is_in_eap(record, type);
    bool psk = is_psk_mismatch(record, type);
    ike_draft draft = ike_draft_new(in_eap ? IKE_F_EAP_FAILED
                                    : psk  ? IKE_F_PSK_MISMATCH
                                    : row  ? row->kind
                                           : IKE_F_ERROR_NOTIFY,
                                    record);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(record->from_initiator);
    if (record->grade != IKE_GRADE_VERIFIED)
        draft.finding.certainty = MIN(draft.finding.certainty, IKE_SURE_LIKELY);
    ike_append_notify(code, record->exchange->sa, type);
    if (!in_eap && !psk && !(row && has_own_code(row->kind)))
        draft.finding.code = code->str;
    if (in_eap) {
        ike_explain_eap(sink->tracker, &draft);
    } else if (psk) {
        explain_psk_mismatch(&draft, type);
    } else if (is_eap_refused(record, type)) {
        append_code(draft.text, record, type);
        ike_explain_eap_refused(sink->tracker, &draft);
    } else if (row && row->explain) {
        append_code(draft.text, record, type);
        row->explain(sink->tracker, &draft);
    } else {
        append_code(draft.text, record, type);
        if (row)
            g_string_append_printf(draft.text, "%s %s", ike_role(record->from_initiator),
                                   row->does);
        else
            ike_explain_private(&draft, type);
    }
    ike_draft_emit(sink, &draft);
    g_string_free(code, TRUE);
}

/* Aggressive mode: the initiator answers message 2 with an error in clear, and there is no message
 * 3 though the responder retransmits message 2. */
static bool is_refused_in_clear(const ike_sa *sa)
{
    const ike_message_record *const *steps = sa->major == 1 && sa->init ? sa->init->by_step : NULL;
    const ike_message_record *refused = sa->refused;
    return steps && refused && sa->init->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE && steps[1] &&
           steps[2] && !steps[3] && steps[2]->retransmissions >= 1 && !ike_sa_was_up(sa) &&
           !sa->last_protected[0] && !sa->last_protected[1] &&
           refused->from_initiator == steps[1]->from_initiator &&
           ike_record_follows(steps[2], refused, IKE_SECOND / 5);
}

/* An error in clear that the rest of the record does not bear out. */
static bool is_overruled(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    return record->grade == IKE_GRADE_UNPROTECTED && ike_sa_state_of(sa) != IKE_SA_FAILED &&
           !is_refused_in_clear(sa);
}

static const ike_message_record *contradiction(const ike_message_record *error)
{
    const ike_sa *sa = error->exchange->sa;
    const ike_message_record *up = ike_sa_up_since(sa);
    return up ? up : sa->keys && sa->keys->frame > error->frame ? sa->keys : NULL;
}

static void emit_overruled(ike_sink *sink, const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    const ike_message_record *against = contradiction(record);
    GString *code = g_string_new(NULL);
    const error_row *row = find_row(sa->major, type);
    if (row && has_own_code(row->kind))
        g_string_append(code, ike_kind(row->kind)->code);
    else
        ike_append_notify(code, sa, type);
    ike_draft draft = ike_draft_new(IKE_F_OVERRULED_ERROR, record);
    draft.finding.code = code->str;
    draft.finding.side = ike_side_of(record->from_initiator);
    g_string_append(draft.text, "Unauthenticated ");
    ike_append_notify(draft.text, sa, type);
    g_string_append_printf(draft.text, " from the %s", ike_role(record->from_initiator));
    if (against) {
        draft.finding.frame = against->frame;
        g_string_append_printf(draft.text, ", contradicted by frame %u", against->frame);
    } else {
        g_string_append(draft.text, ": no evidence that it is genuine");
    }
    ike_draft_emit(sink, &draft);
    g_string_free(code, TRUE);
}

/* ---- redirects, versions, EAP ---------------------------------------------------------------- */

/* RFC 5685 6: type, length, identity of the other gateway. */
static void emit_redirect(ike_sink *sink, const ike_message_record *record,
                          const ike_recorded_notify *notify)
{
    ike_draft draft = ike_draft_new(IKE_F_REDIRECT, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    if (notify->recorded > 2) {
        uint32_t length = MIN(notify->data[1], notify->recorded - 2u);
        ike_identity id = {.type = notify->data[0] == 1   ? 1
                                   : notify->data[0] == 2 ? 5
                                                          : 2,
                           .data = {notify->data + 2, length}};
        ike_format_identity(draft.received, 2, &id);
    }
    g_string_append_printf(draft.text, "REDIRECT: %s sends the %s to %s",
                           ike_role(record->from_initiator), ike_role(!record->from_initiator),
                           draft.received->len ? draft.received->str : "another gateway");
    ike_draft_emit(sink, &draft);
}

/* The two sides go on in the version of the IKE SA. */
static bool was_heard_since(const ike_sa *sa)
{
    return sa->keys || sa->last_protected[0] || sa->last_protected[1];
}

/* A response in another version, or one that says so (RFC 7296 2.5). */
static bool is_version_mismatch(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    if (ike_content_notify(record->content, IKEV2_NOTIFY_INVALID_MAJOR_VERSION))
        return true;
    return sa->version_mismatch && record->response && record->version != sa->major;
}

static void emit_version(ike_sink *sink, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    bool notified = ike_content_notify(record->content, IKEV2_NOTIFY_INVALID_MAJOR_VERSION);
    ike_draft draft = ike_draft_new(IKE_F_VERSION_MISMATCH, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.certainty = IKE_SURE_LIKELY;
    g_string_append_printf(draft.requested, "IKEv%u", sa->major);
    g_string_append_printf(draft.text, "%s%s does not support IKEv%u",
                           notified ? "INVALID_MAJOR_VERSION: " : "",
                           ike_role(record->from_initiator), sa->major);
    if (record->version != record->exchange->sa->major) {
        g_string_append_printf(draft.received, "IKEv%u", record->version);
        g_string_append_printf(draft.text, ", responds in IKEv%u", record->version);
    }
    ike_draft_emit(sink, &draft);
}

static void emit_eap_failure(ike_sink *sink, const ike_message_record *record)
{
    ike_draft draft = ike_draft_new(IKE_F_EAP_FAILED, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    ike_explain_eap(sink->tracker, &draft);
    ike_draft_emit(sink, &draft);
}

/* ---- a message ------------------------------------------------------------------------------- */

/* The Child SA that an error in a message refused, or NULL. */
static const ike_child *refused_child(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    const ike_child *child = ike_requested_child(record->exchange);
    if (child && child->refused == record && child->refused_by == type)
        return child;
    child = sa->newest_child;
    for (int i = 0; child && i < 16; i++, child = child->previous_of_sa)
        if (child->refused == record && child->refused_by == type)
            return child;
    return NULL;
}

/* IKEv1: a quick mode that is sent again is refused again. */
static bool is_refused_again(const ike_message_record *record, uint16_t type)
{
    enum { MAX_CHILDREN = 16 };
    const ike_child *child = record->exchange->sa->newest_child;
    if (record->exchange->sa->major != 1 || record->exchange->type != IKEV1_EXCHANGE_INFORMATIONAL)
        return false;
    for (int i = 0; child && i < MAX_CHILDREN; i++, child = child->previous_of_sa)
        if (child->refused && child->refused->frame < record->frame && child->refused_by == type &&
            child->refused->from_initiator == record->from_initiator && child->request &&
            child->request->retransmissions)
            return true;
    return false;
}

/* The first message, sent again, is refused again: with another SPI or Message ID, where the
 * responder keeps nothing of it. */
static bool is_first_refused_again(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    const ike_message_record *first = sa->refused, *request = sa->init ? sa->init->request : NULL;
    return first && first != record && record->frame > first->frame && sa->refused_by == type &&
           record->grade == IKE_GRADE_UNPROTECTED &&
           record->from_initiator == first->from_initiator && request && request->retransmissions;
}

static void find_error(ike_sink *sink, const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    bool init = record->exchange == sa->init || record->exchange->purpose == IKE_PURPOSE_INVALID_KE;
    if (type == IKEV2_NOTIFY_INVALID_MAJOR_VERSION)
        return; /* is_version_mismatch() */
    if (sa->major != 1 && type == IKEV2_NOTIFY_INVALID_KE_PAYLOAD && init) {
        bool final =
            sa->init && record == sa->init->response && ike_gave_up_group(sink->tracker, sa);
        if (final || !ike_wants(sink, record)) /* then it is the cause: no_response.c */
            return;
        ike_draft draft = ike_draft_new(IKE_F_INVALID_KE_RETRY, record);
        ike_explain_invalid_ke(sink->tracker, &draft);
        ike_draft_emit(sink, &draft);
        return;
    }
    const ike_child *child = refused_child(record, type);
    if (is_follow_up(record, type) || (!child && is_refused_again(record, type)) ||
        is_first_refused_again(record, type) || !ike_wants(sink, record))
        return;
    if (is_overruled(record))
        emit_overruled(sink, record, type);
    else
        emit_error(sink, record, type, child);
}

/* XAUTH: a client may repeat the status in its acknowledgement. */
static bool is_status_repeated(const ike_message_record *record)
{
    const ike_message_record *first = record->exchange->messages;
    return first != record && first->content && first->content->xauth_status == IKE_XAUTH_FAIL;
}

void ike_find_errors(ike_sink *sink, const ike_message_record *record)
{
    const ike_content *content = record->content;
    if (is_version_mismatch(record) && ike_wants(sink, record)) {
        if (record->grade == IKE_GRADE_UNPROTECTED &&
            (record->unslotted || was_heard_since(record->exchange->sa)))
            emit_overruled(sink, record, IKEV2_NOTIFY_INVALID_MAJOR_VERSION);
        else
            emit_version(sink, record);
    }
    for (uint16_t i = 0; content && i < content->notify_count; i++) {
        const ike_recorded_notify *notify = &content->notifies[i];
        bool repeated = i > 0 && content->notifies[i - 1].type == notify->type;
        if (ike_notify_is_error(record->exchange->sa->major, notify->type) && !repeated)
            find_error(sink, record, notify->type);
        else if (record->exchange->sa->major != 1 && notify->type == IKEV2_NOTIFY_REDIRECT &&
                 ike_wants(sink, record))
            emit_redirect(sink, record, notify);
    }
    if (content && content->eap_code == IKE_EAP_FAILURE && ike_wants(sink, record))
        emit_eap_failure(sink, record);
    if (content && content->xauth_status == IKE_XAUTH_FAIL && !is_status_repeated(record) &&
        ike_wants(sink, record))
        ike_emit_xauth_failure(sink, record);
}

void ike_find_failure(ike_sink *sink, const ike_message_record *record, uint16_t type,
                      const ike_child *child)
{
    const ike_sa *sa = record->exchange->sa;
    if (!ike_wants(sink, record))
        return;
    if (type == 0 && sa->major == 1)
        ike_emit_xauth_failure(sink, record);
    else if (type == 0)
        emit_eap_failure(sink, record);
    else if (is_version_mismatch(record))
        emit_version(sink, record);
    else
        emit_error(sink, record, type, child);
}

bool ike_find_refused_in_clear(ike_sink *sink, const ike_sa *sa)
{
    if (!is_refused_in_clear(sa))
        return false;
    ike_find_failure(sink, sa->refused, sa->refused_by, NULL);
    return true;
}
