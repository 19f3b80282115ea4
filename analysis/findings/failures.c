/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: negotiations that fail, and why. */
#include "analysis/tracker/internal.h"

#include <string.h>

/* ---- whose failure it is --------------------------------------------------------------------- */

static ike_child *newest_child(const ike_sa *sa, ike_child_state state)
{
    ike_child *found = NULL;
    for (ike_child *child = sa->children; child; child = child->next_of_sa)
        if (child->state == state)
            found = child;
    return found;
}

/* Errors that leave the IKE SA up when they come with AUTH in IKE_AUTH (RFC 7296 1.2). */
static bool is_child_error(uint16_t type)
{
    return type == N_NO_PROPOSAL_CHOSEN || type == N_TS_MAX_QUEUE ||
           (type >= N_SINGLE_PAIR_REQUIRED && type <= N_INVALID_SELECTORS);
}

/* The CHILD_SA that an error is about; NULL when it is the IKE SA. */
static ike_child *failed_child(const ike_message_record *record, const ike_message *m,
                               uint16_t type)
{
    const ike_exchange *exchange = record->exchange;
    const ike_sa *sa = exchange->sa;
    if (sa->major == 1) {
        if (m->exchange != IKEV1_INFORMATIONAL && m->exchange != IKEV1_QUICK_MODE)
            return NULL;
        return exchange->child ? exchange->child : newest_child(sa, IKE_CHILD_REQUESTED);
    }
    if (exchange->type == CREATE_CHILD_SA)
        return exchange->child;
    if (!is_child_error(type))
        return NULL;
    if (exchange->type == IKE_AUTH) {
        bool authenticated = ike_message_has(m, V2_AUTH) || m->auth_method != 0;
        return authenticated && sa->own->auth_exchange ? sa->own->auth_exchange->child : NULL;
    }
    if (exchange->type == INFORMATIONAL && !record->response) {
        ike_child *child = newest_child(sa, IKE_CHILD_REQUESTED);
        return child ? child : newest_child(sa, IKE_CHILD_ESTABLISHED);
    }
    return NULL;
}

static bool was_up(const ike_sa *sa)
{
    return sa->established_ns != 0 || sa->state == IKE_SA_REKEYED || sa->state == IKE_SA_DELETED;
}

static void attribute_failure(ike_message_record *record, ike_child *child, ike_finding *finding,
                              bool fatal)
{
    ike_sa *sa = record->exchange->sa;
    if (!finding)
        return;
    if (child) {
        finding->child = child;
        if (child->state != IKE_CHILD_REQUESTED && !fatal)
            return;
        ike_child_failed(child, finding);
        return;
    }
    if (fatal || !was_up(sa))
        ike_sa_failed(sa, finding);
    else if (!sa->own->cause)
        sa->own->cause = finding;
}

/* ---- sentences ------------------------------------------------------------------------------- */

static GString *begin(const ike_finding *finding, const char *does)
{
    GString *text = g_string_new(NULL);
    ike_format_party(text, finding->message->exchange->sa, finding->message->from_initiator);
    g_string_append_printf(text, " %s ", does);
    ike_format_party(text, finding->message->exchange->sa, !finding->message->from_initiator);
    return text;
}

/* The offer that a refusal is about. */
static const ike_proposal_list *refused_proposals(const ike_finding *finding)
{
    const ike_exchange *exchange = finding->message->exchange;
    const ike_sa *sa = exchange->sa;
    const ike_exchange *asked = exchange;
    if (finding->child)
        asked = finding->child->exchange;
    if (ike_own(asked)->request && ike_own(asked)->request->proposals)
        return ike_own(asked)->request->proposals;
    return finding->child ? NULL : sa->own->proposals;
}

static size_t known_of_peer(const ike_peer *peer, uint8_t protocol, const ike_proposal_list **known,
                            uint32_t *frame, bool chosen)
{
    size_t count = 0;
    for (const ike_peer_proposals *one = chosen ? peer->chosen : peer->proposed; one;
         one = one->next) {
        if (one->proposals->protocol != protocol)
            continue;
        if (count == 0)
            *frame = one->frame;
        known[count++] = one->proposals;
    }
    return count;
}

static void text_of_version(ike_tracker *tracker, GString *text, const ike_finding *finding)
{
    const ike_sa *sa = finding->message->exchange->sa;
    const ike_endpoint *peer =
        finding->message->from_initiator ? &sa->initiator.endpoint : &sa->responder.endpoint;
    uint8_t other = sa->major == 1 ? 2 : 1;
    const ike_peer *here = ike_tracker_peer(tracker, peer, sa->major);
    uint32_t answered_here = here->answered_frame;
    const ike_peer *there = ike_tracker_peer(tracker, peer, other);
    if (there->answered_frame && !answered_here)
        g_string_append_printf(
            text,
            " It set up IKEv%u in frame %u and IKEv%u nowhere in this capture: it may not "
            "be configured for IKEv%u.",
            other, there->answered_frame, sa->major, sa->major);
}

static GString *text_no_proposal(ike_tracker *tracker, const ike_finding *finding)
{
    const ike_sa *sa = finding->message->exchange->sa;
    const ike_proposal_list *proposals = refused_proposals(finding);
    const ike_endpoint *peer_endpoint =
        finding->message->from_initiator ? &sa->initiator.endpoint : &sa->responder.endpoint;
    const ike_peer *peer = ike_tracker_peer(tracker, peer_endpoint, sa->major);
    const ike_proposal_list *known[PEER_PROPOSALS];
    char text_of[96];
    unsigned conflicts = 0;
    uint32_t frame = 0;
    GString *text = begin(finding, "accepts none of the proposals of");
    g_string_append_printf(
        text, " for the %s: ", proposals && proposals->protocol != 1 ? "CHILD_SA" : "IKE SA");
    if (!proposals) {
        g_string_append(text, "what was offered is not in the capture or not readable.");
        return text;
    }
    for (int chosen = 1; chosen >= 0 && conflicts == 0; chosen--) {
        size_t count = known_of_peer(peer, proposals->protocol, known, &frame, chosen);
        g_snprintf(text_of, sizeof text_of,
                   "it %s elsewhere, first in frame %u:", chosen ? "chose" : "offered", frame);
        if (count)
            conflicts = ike_format_proposal_conflicts(text, proposals, known, count, text_of);
    }
    if (conflicts == 0) {
        g_string_append(text, "offered ");
        ike_format_proposal_list(text, proposals);
        g_string_append(text, "; what it would accept is not in this capture");
    } else {
        g_string_append(text, " have no value in common");
    }
    g_string_append_c(text, '.');
    text_of_version(tracker, text, finding);
    return text;
}

static const ike_exchange *later_try(const ike_exchange *exchange)
{
    for (const ike_exchange *e = exchange->next; e; e = e->next)
        if (e->type == exchange->type && e->by_initiator == exchange->by_initiator && e->request)
            return e;
    return NULL;
}

static GString *text_invalid_ke(ike_tracker *tracker, const ike_finding *finding)
{
    const ike_exchange *exchange = finding->message->exchange;
    const ike_stored_message *request = ike_own(exchange)->request,
                             *response = ike_own(exchange)->response;
    const ike_kept_notify *notify = ike_stored_message_notify(response, N_INVALID_KE);
    const ike_exchange *again = later_try(exchange);
    GString *text = g_string_new(NULL);
    (void)tracker;
    ike_format_party(text, exchange->sa, finding->message->from_initiator);
    g_string_append(text, " wants the group ");
    ike_format_group(text, 2, notify ? notify->value : 0);
    g_string_append(text, " and not ");
    ike_format_group(text, 2, request ? request->ke_group : 0);
    if (again) {
        g_string_append_printf(text, "; tried again in frame %u.", again->request->frame);
        return text;
    }
    g_string_append(text, "; it was not tried again");
    if (request && request->proposals && notify &&
        !ike_proposal_list_has(request->proposals, IKE_T_KE, notify->value))
        g_string_append(text, ", and the proposals do not have that group");
    g_string_append_c(text, '.');
    return text;
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
    uint64_t now = now_ns / 1000000000u;
    return (party->certificate_until && now > party->certificate_until) ||
           (party->certificate_from && now < party->certificate_from);
}

static void append_certificate(GString *text, const ike_party *party, uint64_t now_ns)
{
    uint64_t now = now_ns / 1000000000u;
    if (!party->certificate)
        return;
    g_string_append_printf(text, " It sent the certificate of \"%s\"", party->certificate);
    if (party->certificate_until && now > party->certificate_until) {
        g_string_append(text, ", which expired on ");
        append_date(text, party->certificate_until);
    } else if (party->certificate_from && now < party->certificate_from) {
        g_string_append(text, ", which is valid only from ");
        append_date(text, party->certificate_from);
    }
    g_string_append_c(text, '.');
}

/* Who was to answer, and who the other side is as far as the capture tells. */
static void append_requested_id(ike_tracker *tracker, GString *text, const ike_sa *sa)
{
    const char *asked = sa->own->requested_id, *is = sa->responder.id;
    const ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    GString *where = g_string_new(NULL);
    if (!is && peer->id) {
        is = peer->id;
        g_string_printf(where, " in frame %u", peer->id_frame);
    }
    if (asked && !is)
        g_string_append_printf(text,
                               " The initiator asks for %s (IDr); whether the responder is that, "
                               "this capture does not tell.",
                               asked);
    else if (asked && strcmp(asked, is) != 0)
        g_string_append_printf(text, " The initiator asks for %s (IDr), and the responder is %s%s.",
                               asked, is, where->str);
    g_string_free(where, TRUE);
}

/* What else goes into AUTH or comes before it. */
static void append_conditions(GString *text, const ike_finding *finding)
{
    const ike_sa *sa = finding->message->exchange->sa;
    bool rejected_initiator = !finding->message->from_initiator;
    if (sa->own->ppk && rejected_initiator && sa->initiator.proof != IKE_AUTHENTICATION_WRONG)
        g_string_append_printf(text,
                               " It uses the post-quantum preshared key \"%s\": the other side "
                               "may have another one of that name, or none.",
                               sa->own->ppk);
    if (sa->major == 1 && !sa->negotiated->known && rejected_initiator)
        g_string_append_printf(text,
                               " It is the answer to the first message: there is no configuration "
                               "for this identity, or none that allows %s.",
                               ike_format_exchange_of(sa->exchanges));
}

static GString *text_authentication(ike_tracker *tracker, const ike_finding *finding)
{
    const ike_sa *sa = finding->message->exchange->sa;
    bool rejected_initiator = !finding->message->from_initiator;
    const ike_party *rejected = rejected_initiator ? &sa->initiator : &sa->responder;
    const char *method = ike_format_auth_method(sa->major, rejected->auth_method);
    GString *text = begin(finding, "rejects the authentication of");
    if (rejected_initiator && sa->own->eap && !method)
        method = "EAP";
    g_string_append_printf(text, method ? " by %s." : ".", method);
    if (finding->certainty != IKE_SURE_CERTAIN &&
        finding->message->decryption != IKE_DECRYPTION_NONE)
        g_string_append(text, " It deletes the IKE SA at once and says no more.");
    else if (finding->certainty != IKE_SURE_CERTAIN)
        g_string_append(text, " The message is sealed; it has room for an error and no more, and "
                              "this is the error that comes here.");
    const char *reason = rejected->authentication_reason ? rejected->authentication_reason : "";
    const char *before = *reason ? ": " : "";
    if (rejected->proof == IKE_AUTHENTICATION_WRONG)
        g_string_append_printf(text, " Its AUTH does not verify%s%s.", before, reason);
    else if (rejected->proof == IKE_AUTHENTICATION_VERIFIED && rejected->certificate)
        g_string_append(text, " Its signature is right, so the other side does not accept the "
                              "certificate or this identity.");
    else if (rejected->proof == IKE_AUTHENTICATION_VERIFIED)
        g_string_append_printf(
            text,
            " Its AUTH verifies with the secret known here%s%s, so the other side has another "
            "secret or does not accept this identity.",
            before, reason);
    append_certificate(text, rejected, finding->message->time_ns);
    if (rejected->proof != IKE_AUTHENTICATION_WRONG &&
        !out_of_date(rejected, finding->message->time_ns))
        append_requested_id(tracker, text, sa);
    append_conditions(text, finding);
    return text;
}

static void append_requested(GString *text, const ike_child *child)
{
    g_string_append(text, "asked were ");
    ike_format_selectors(text, child->own->requested_initiator,
                         child->own->requested_initiator_count);
    g_string_append(text, " === ");
    ike_format_selectors(text, child->own->requested_responder,
                         child->own->requested_responder_count);
}

/* What the same two peers agreed on at another time. */
static void append_agreed_elsewhere(ike_tracker *tracker, GString *text, const ike_child *child)
{
    const ike_sa *sa = child->sa;
    for (guint i = 0; i < MIN(tracker->children->len, 256); i++) {
        const ike_child *other = tracker->children->pdata[tracker->children->len - 1 - i];
        if (other == child || !other->response || !other->ts_initiator_count ||
            !ike_same_address(&other->sa->responder.endpoint, &sa->responder.endpoint))
            continue;
        g_string_append_printf(text, "; in frame %u it agreed to ", other->response->frame);
        ike_format_selectors(text, other->ts_initiator, other->ts_initiator_count);
        g_string_append(text, " === ");
        ike_format_selectors(text, other->ts_responder, other->ts_responder_count);
        return;
    }
}

/* A refusal that is about what was asked to be protected. */
static GString *text_selectors(ike_tracker *tracker, const ike_finding *finding, const char *does)
{
    GString *text = begin(finding, does);
    if (finding->child) {
        g_string_append(text, ": ");
        append_requested(text, finding->child);
        append_agreed_elsewhere(tracker, text, finding->child);
    }
    g_string_append_c(text, '.');
    return text;
}

GString *ike_failure_text(ike_tracker *tracker, const ike_finding *finding)
{
    switch (ike_finding_index(finding)) {
    case IKE_F_NO_PROPOSAL_CHOSEN:
        return text_no_proposal(tracker, finding);
    case IKE_F_INVALID_KE_RETRY:
    case IKE_F_INVALID_KE:
        return text_invalid_ke(tracker, finding);
    case IKE_F_AUTHENTICATION_FAILED:
        return text_authentication(tracker, finding);
    case IKE_F_TS_UNACCEPTABLE:
        return text_selectors(tracker, finding, "does not accept the traffic selectors of");
    case IKE_F_SINGLE_PAIR_REQUIRED:
        return text_selectors(tracker, finding,
                              "wants a CHILD_SA for one pair of addresses, not for the ranges of");
    case IKE_F_FAILED_CP_REQUIRED:
        return text_selectors(tracker, finding,
                              "wants a configuration request (CP) for an inner address, and there "
                              "is none in the request of");
    case IKE_F_INVALID_ID: /* IKEv1: in quick mode the identities are the networks */
        return text_selectors(tracker, finding,
                              finding->child
                                  ? "has no configuration for the networks of"
                                  : "has no configuration for the identity that it got from");
    default:
        return NULL;
    }
}

/* ---- error notifies -------------------------------------------------------------------------- */

typedef struct {
    uint8_t major;
    uint16_t type;
    ike_f kind;
    const char *does; /* "<sender> <does> <receiver>", NULL: the sentence is made when it is read */
} failure;

static const failure failures[] = {
    {2, N_NO_PROPOSAL_CHOSEN, IKE_F_NO_PROPOSAL_CHOSEN, NULL},
    {1, N_NO_PROPOSAL_CHOSEN, IKE_F_NO_PROPOSAL_CHOSEN, NULL},
    {2, N_AUTHENTICATION_FAILED, IKE_F_AUTHENTICATION_FAILED, NULL},
    {1, N_AUTHENTICATION_FAILED, IKE_F_AUTHENTICATION_FAILED, NULL},
    {2, N_TS_UNACCEPTABLE, IKE_F_TS_UNACCEPTABLE, NULL},
    {1, N_V1_INVALID_ID, IKE_F_INVALID_ID, NULL},
    {1, N_V1_INVALID_HASH, IKE_F_INVALID_HASH,
     "computes another hash (a different pre-shared key or a damaged message) than"},
    {1, N_V1_INVALID_CERTIFICATE, IKE_F_CERTIFICATE_REJECTED, "does not accept the certificate of"},
    {1, N_V1_CERT_UNSUPPORTED, IKE_F_CERTIFICATE_REJECTED, "does not accept the certificate of"},
    {1, N_V1_INVALID_CA, IKE_F_CERTIFICATE_REJECTED, "does not accept the authority of"},
    {2, N_SINGLE_PAIR_REQUIRED, IKE_F_SINGLE_PAIR_REQUIRED, NULL},
    {2, N_FAILED_CP_REQUIRED, IKE_F_FAILED_CP_REQUIRED, NULL},
    {2, N_INTERNAL_ADDRESS_FAILURE, IKE_F_ADDRESS_FAILURE, "has no inner address to assign to"},
    {2, N_NO_ADDITIONAL_SAS, IKE_F_NO_ADDITIONAL_SAS, "allows no more CHILD_SAs in this IKE SA to"},
    {2, N_CHILD_SA_NOT_FOUND, IKE_F_CHILD_SA_NOT_FOUND,
     "does not have the CHILD_SA that is to be rekeyed by"},
    {2, N_TEMPORARY_FAILURE, IKE_F_TEMPORARY_FAILURE,
     "is in the middle of a rekeying or delete of its own and puts off"},
    {2, N_INVALID_IKE_SPI, IKE_F_PEER_RESTARTED,
     "does not know the IKE SA (it was restarted or deleted it) of"},
    {1, N_INVALID_IKE_SPI, IKE_F_PEER_RESTARTED,
     "does not know the ISAKMP SA (it was restarted or deleted it) of"},
    {2, N_INVALID_SPI, IKE_F_PEER_RESTARTED,
     "got ESP or AH with an SPI that it does not know from"},
    {1, N_INVALID_SPI, IKE_F_PEER_RESTARTED,
     "got ESP or AH with an SPI that it does not know from"},
    {2, N_UNSUPPORTED_CRITICAL, IKE_F_UNSUPPORTED_CRITICAL,
     "does not know a payload marked critical from"},
};

static const failure *find_failure(uint8_t major, uint16_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++)
        if (failures[i].major == (major == 1 ? 1 : 2) && failures[i].type == type)
            return &failures[i];
    return NULL;
}

/* IKEv1: an encrypted message that the other side could not read says that the keys differ, which
 * with PSK authentication comes from the PSK (RFC 2409 5: SKEYID is made of it). */
static bool tells_psk(const ike_sa *sa, uint16_t type)
{
    bool garbled = type == N_V1_PAYLOAD_MALFORMED || type == 1 || type == 30;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    return sa->major == 1 && garbled && !was_up(sa) && sa->state >= IKE_SA_KEYS_NEGOTIATED &&
           method && g_str_has_prefix(method, "PSK");
}

static const char *error_name(uint8_t major, uint16_t type, char *buffer, size_t size)
{
    const char *name = ike_format_notify(major, type);
    if (strcmp(name, "UNKNOWN") != 0)
        return name;
    g_snprintf(buffer, size, "NOTIFY_%u", type);
    return buffer;
}

/* The client gives up in the middle of an EAP method: its AUTHENTICATION_FAILED is about EAP. */
static bool is_in_eap(const ike_message_record *record, uint16_t type)
{
    const ike_sa *sa = record->exchange->sa;
    return sa->major != 1 && type == N_AUTHENTICATION_FAILED &&
           (sa->initiator.eap_type != 0 || sa->own->eap_requested != 0) &&
           !sa->own->initiator_auth && !was_up(sa);
}

/* What proves who the client is: in TLS and what is built on it, certificates do. */
static const char *authentication_of_eap(uint8_t type)
{
    enum { EAP_TLS = 13, EAP_TTLS = 21, EAP_PEAP = 25 };
    return type == EAP_TLS ? "the certificate of one side"
           : type == EAP_TTLS || type == EAP_PEAP
               ? "the certificate of the gateway, or user name or password"
               : "user name, password or key";
}

/* Kinds that say more than the notify's name. */
static bool has_own_code(size_t kind)
{
    return kind == IKE_F_PSK_MISMATCH || kind == IKE_F_CERTIFICATE_REJECTED ||
           kind == IKE_F_EAP_FAILED || kind == IKE_F_PEER_RESTARTED ||
           kind == IKE_F_VERSION_MISMATCH;
}

/* The notify's name as the daemons log it: RFC 2408 writes NO-PROPOSAL-CHOSEN, daemons write
 * NO_PROPOSAL_CHOSEN in both versions, and a cause has one code. */
static const char *code_of(ike_tracker *tracker, const char *name)
{
    char *code = g_strdelimit(g_strdup(name), "-", '_');
    const char *kept = ike_store_text(tracker, code);
    g_free(code);
    return kept;
}

/* What the notify says beyond its type: the payload that is not known (RFC 7296 2.5), the SPI. */
static void append_value(GString *text, const ike_message *m, uint16_t type)
{
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES; i++) {
        const ike_notify *notify = &m->notifies[i];
        if (notify->type != type || m->major == 1)
            continue;
        if (type == N_UNSUPPORTED_CRITICAL && notify->data.length == 1)
            g_string_append_printf(text, ", payload type %u", notify->data.data[0]);
        if (type == N_INVALID_SPI && notify->data.length == 4)
            g_string_append_printf(text, ", SPI %08x", ike_read_u32(notify->data.data));
    }
}

static ike_finding *find_error(ike_tracker *tracker, ike_message_record *record,
                               const ike_message *m, uint16_t type)
{
    ike_sa *sa = record->exchange->sa;
    const failure *row = find_failure(sa->major, type);
    ike_finding shown = {.message = record};
    char number[24];
    const char *name = error_name(sa->major, type, number, sizeof number);
    GString *text = begin(&shown, row && row->does ? row->does : "reports an error to");
    append_value(text, m, type);
    ike_finding *finding;
    if (is_in_eap(record, type)) {
        finding = ike_find(tracker, record, IKE_F_EAP_FAILED,
                           "%s in the middle of %s (%s): %s is not accepted.", text->str,
                           ike_format_eap(sa->initiator.eap_type), name,
                           authentication_of_eap(sa->initiator.eap_type));
    } else if (tells_psk(sa, type)) {
        finding = ike_find(
            tracker, record, IKE_F_PSK_MISMATCH,
            "%s (%s) after the first encrypted message: the pre-shared keys of the two sides "
            "differ.",
            text->str, name);
    } else if (!row) {
        finding = ike_find(tracker, record, IKE_F_ERROR_NOTIFY, "%s: %s.", text->str, name);
    } else {
        finding = ike_find(tracker, record, row->kind, "%s (%s).", text->str, name);
    }
    g_string_free(text, TRUE);
    if (finding && !has_own_code(ike_finding_index(finding)))
        finding->code = code_of(tracker, name);
    return finding;
}

static bool is_fatal(const ike_message_record *record, uint16_t type)
{
    if (record->decryption != IKE_DECRYPTION_DONE)
        return false;
    return type == N_AUTHENTICATION_FAILED ||
           (record->exchange->sa->major != 1 && type == N_INVALID_SYNTAX);
}

static void one_error(ike_tracker *tracker, ike_message_record *record, const ike_message *m,
                      uint16_t type)
{
    ike_sa *sa = record->exchange->sa;
    if (sa->major != 1 && type == N_INVALID_KE)
        return; /* see ike_find_invalid_ke() */
    if (type == N_INVALID_MAJOR_VERSION)
        return; /* see version_mismatch() */
    if (is_in_eap(record, type) && ike_found(sa, IKE_F_EAP_FAILED))
        return; /* the client's word on what the gateway said before */
    ike_child *child = failed_child(record, m, type);
    ike_finding *finding = find_error(tracker, record, m, type);
    bool postponed = type == N_TEMPORARY_FAILURE || type == N_CHILD_SA_NOT_FOUND;
    if (child)
        attribute_failure(record, child, finding, !postponed && sa->major != 1);
    else if (!postponed && !(sa->major != 1 && record->exchange->type == CREATE_CHILD_SA))
        attribute_failure(record, NULL, finding, is_fatal(record, type));
}

void ike_find_invalid_ke(ike_tracker *tracker, ike_exchange *exchange)
{
    ike_message_record *record = ike_own(exchange)->response->record;
    ike_finding *finding =
        ike_find(tracker, record, IKE_F_INVALID_KE_RETRY, "The responder wants another group.");
    if (finding && exchange->child) {
        finding->child = exchange->child;
        ike_child_failed(exchange->child, finding);
    }
}

/* An answer in another version, or one that says so (RFC 7296 2.5). */
static void version_mismatch(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    bool said = false;
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES; i++)
        said = said || m->notifies[i].type == N_INVALID_MAJOR_VERSION;
    if (m->major == sa->major && !said)
        return;
    GString *text = g_string_new(NULL);
    ike_format_party(text, sa, record->from_initiator);
    g_string_append_printf(
        text, said ? " does not speak IKEv%u of " : " does not answer IKEv%u of ", sa->major);
    ike_format_party(text, sa, !record->from_initiator);
    if (said)
        g_string_append(text, ": INVALID_MAJOR_VERSION");
    if (m->major != sa->major)
        g_string_append_printf(text, said ? ", in a message of IKEv%u" : " but sends IKEv%u",
                               m->major);
    attribute_failure(record, NULL,
                      ike_find_once(tracker, record, IKE_F_VERSION_MISMATCH, "%s.", text->str),
                      false);
    g_string_free(text, TRUE);
}

/* The two sides have no EAP method in common: a NAK, then the end. */
static ike_finding *refused_method(ike_tracker *tracker, ike_message_record *record,
                                   const char *client)
{
    const ike_sa *sa = record->exchange->sa;
    char asked[32], wanted[32];
    g_strlcpy(asked, ike_format_eap(sa->own->eap_requested), sizeof asked);
    g_strlcpy(wanted, ike_format_eap(sa->own->eap_wanted), sizeof wanted);
    return ike_find(tracker, record, IKE_F_EAP_FAILED,
                    "The gateway asks for %s, and %s does not do that, but %s: EAP failed.", asked,
                    client, wanted);
}

static void failed_methods(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    if (m->eap_code != 4 && m->xauth_status != 1)
        return;
    GString *client = g_string_new(NULL);
    ike_format_party(client, sa, true);
    if (m->eap_code == 4 && sa->own->eap_wanted)
        attribute_failure(record, NULL, refused_method(tracker, record, client->str), true);
    else if (m->eap_code == 4)
        attribute_failure(record, NULL,
                          ike_find(tracker, record, IKE_F_EAP_FAILED,
                                   "%s of %s failed: %s is not accepted.",
                                   ike_format_eap(sa->initiator.eap_type), client->str,
                                   authentication_of_eap(sa->initiator.eap_type)),
                          true);
    if (m->xauth_status == 1 && !ike_found(sa, IKE_F_XAUTH_FAILED))
        attribute_failure(record, NULL,
                          ike_find(tracker, record, IKE_F_XAUTH_FAILED,
                                   "XAUTH of %s failed (XAUTH-STATUS FAIL): user name "
                                   "or password is not accepted.",
                                   client->str),
                          true);
    g_string_free(client, TRUE);
}

static void redirected(ike_tracker *tracker, ike_message_record *record, const ike_notify *notify)
{
    ike_sa *sa = record->exchange->sa;
    GString *to = g_string_new(NULL), *peer = g_string_new(NULL);
    ike_format_party(peer, sa, record->from_initiator);
    if (notify->data.length > 2) { /* RFC 5685 6: type, length, identity */
        const uint8_t *data = notify->data.data;
        uint32_t length = MIN(data[1], notify->data.length - 2);
        ike_identity id = {.type = data[0] == 1   ? 1
                                   : data[0] == 2 ? 5
                                                  : 2,
                           .data = {data + 2, length}};
        ike_format_identity(to, 2, &id);
    }
    ike_finding *finding = ike_find(tracker, record, IKE_F_REDIRECT, "%s sends the client to %s.",
                                    peer->str, to->len ? to->str : "another gateway");
    g_string_free(to, TRUE);
    g_string_free(peer, TRUE);
    const ike_exchange *asked = sa->own->auth_exchange;
    if (!was_up(sa))
        attribute_failure(record, NULL, finding, false);
    else if (record->exchange == asked && asked->child &&
             asked->child->state == IKE_CHILD_REQUESTED)
        attribute_failure(record, asked->child, finding, false);
}

void ike_find_failures(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    version_mismatch(tracker, record, m);
    failed_methods(tracker, record, m);
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES; i++) {
        const ike_notify *notify = &m->notifies[i];
        if (ike_notify_is_error(sa->major, notify->type))
            one_error(tracker, record, m, notify->type);
        else if (sa->major != 1 && notify->type == N_REDIRECT)
            redirected(tracker, record, notify);
    }
}

/* ---- sealed messages that can only be an error -------------------------------------------------
 */

enum {
    SHORT_ENCRYPTED =
        28 + 4 + 16 + 16 + 32, /* header, SK, IV, one block, ICV: room for one notify */
    SOON_NS = 2000000000,
};

static void encrypted_authentication(ike_tracker *tracker, ike_message_record *record)
{
    ike_finding *finding = ike_find_once(tracker, record, IKE_F_AUTHENTICATION_FAILED,
                                         "The sealed response can hold nothing but an error.");
    if (!finding)
        return;
    finding->certainty = IKE_SURE_LIKELY;
    attribute_failure(record, NULL, finding, true);
}

/* The initiator that does not accept the responder says so in the first INFORMATIONAL. */
static bool refuses_responder(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    return record->from_initiator && !record->response &&
           record->inner_first_payload == V2_NOTIFY && sa->state == IKE_SA_INFERRED &&
           sa->established_ns && sa->esp_packets == 0 &&
           record->time_ns - sa->established_ns < SOON_NS && record->exchange->message_id <= 8;
}

static bool gives_up_eap(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    return record->from_initiator && !record->response && sa->own->eap &&
           sa->state == IKE_SA_AUTHENTICATING && record->exchange->message_id > 3;
}

static void encrypted_eap(ike_tracker *tracker, ike_message_record *record)
{
    ike_finding *finding =
        ike_find_once(tracker, record, IKE_F_EAP_FAILED,
                      "The initiator ends EAP with a sealed message that can hold nothing but an "
                      "error: EAP failed.");
    if (!finding)
        return;
    finding->certainty = IKE_SURE_LIKELY;
    attribute_failure(record, NULL, finding, true);
}

static void ikev2_encrypted(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    bool one_notify =
        m->length <= SHORT_ENCRYPTED && m->fragments <= 1 &&
        (m->first_inside ? record->inner_first_payload == V2_NOTIFY : m->message_id == 1);
    if (!one_notify)
        return;
    if (m->exchange == INFORMATIONAL && m->first_inside && gives_up_eap(record))
        encrypted_eap(tracker, record);
    else if ((m->exchange == IKE_AUTH || m->exchange == GSA_AUTH) && record->response)
        encrypted_authentication(tracker, record);
    else if (m->exchange == INFORMATIONAL && m->first_inside && refuses_responder(record))
        encrypted_authentication(tracker, record);
}

/* Phase 1 is at its last messages and the answer is an encrypted INFORMATIONAL: the answerer could
 * not read or not accept what it got. */
static void ikev1_encrypted(ike_tracker *tracker, ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    bool psk = method && g_str_has_prefix(method, "PSK");
    bool waiting = sa->state == IKE_SA_KEYS_NEGOTIATED || sa->state == IKE_SA_AUTHENTICATING;
    ike_finding *finding;
    if (!waiting || sa->late_start)
        return;
    if (psk)
        finding = ike_find_once(
            tracker, record, IKE_F_PSK_MISMATCH,
            "The first encrypted message is answered with an encrypted INFORMATIONAL instead "
            "of the last message of phase 1: most likely the pre-shared keys of the two sides "
            "differ, else the identity is not accepted.");
    else
        finding = ike_find_once(tracker, record, IKE_F_AUTHENTICATION_FAILED,
                                "The sealed answer can hold nothing but an error.");
    if (!finding)
        return;
    finding->certainty = IKE_SURE_LIKELY;
    attribute_failure(record, NULL, finding, true);
}

void ike_find_encrypted_failures(ike_tracker *tracker, ike_message_record *record,
                                 const ike_message *m)
{
    if (record->exchange->sa->major == 1)
        ikev1_encrypted(tracker, record);
    else
        ikev2_encrypted(tracker, record, m);
}
