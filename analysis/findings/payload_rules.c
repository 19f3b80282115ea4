/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/payload_rules.h"

#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

/* ---- names ----------------------------------------------------------------------------------- */

typedef struct {
    uint8_t type;
    const char *name;
} payload_name;

/* As the RFCs write them. */
static const payload_name v2_names[] = {
    {IKEV2_PAYLOAD_SA, "SA"},         {IKEV2_PAYLOAD_KE, "KE"},
    {IKEV2_PAYLOAD_IDI, "IDi"},       {IKEV2_PAYLOAD_IDR, "IDr"},
    {IKEV2_PAYLOAD_CERT, "CERT"},     {IKEV2_PAYLOAD_CERTREQ, "CERTREQ"},
    {IKEV2_PAYLOAD_AUTH, "AUTH"},     {IKEV2_PAYLOAD_NONCE, "Nonce"},
    {IKEV2_PAYLOAD_NOTIFY, "Notify"}, {IKEV2_PAYLOAD_DELETE, "Delete"},
    {IKEV2_PAYLOAD_VENDOR_ID, "V"},   {IKEV2_PAYLOAD_TSI, "TSi"},
    {IKEV2_PAYLOAD_TSR, "TSr"},       {IKEV2_PAYLOAD_SK, "SK"},
    {IKEV2_PAYLOAD_CP, "CP"},         {IKEV2_PAYLOAD_EAP, "EAP"},
    {IKEV2_PAYLOAD_SKF, "SKF"},
};
static const payload_name v1_names[] = {
    {IKEV1_PAYLOAD_SA, "SA"},     {IKEV1_PAYLOAD_KE, "KE"},         {IKEV1_PAYLOAD_ID, "ID"},
    {IKEV1_PAYLOAD_CERT, "CERT"}, {IKEV1_PAYLOAD_CR, "CR"},         {IKEV1_PAYLOAD_HASH, "HASH"},
    {IKEV1_PAYLOAD_SIG, "SIG"},   {IKEV1_PAYLOAD_NONCE, "NONCE"},   {IKEV1_PAYLOAD_NOTIFY, "N"},
    {IKEV1_PAYLOAD_DELETE, "D"},  {IKEV1_PAYLOAD_VENDOR_ID, "VID"}, {IKEV1_PAYLOAD_ATTR, "ATTR"},
};

void ike_append_payload_name(GString *out, uint8_t major, uint8_t type)
{
    const payload_name *names = major == 1 ? v1_names : v2_names;
    size_t count = major == 1 ? G_N_ELEMENTS(v1_names) : G_N_ELEMENTS(v2_names);
    for (size_t i = 0; i < count; i++) {
        if (names[i].type != type)
            continue;
        g_string_append(out, names[i].name);
        return;
    }
    g_string_append_printf(out, "payload type %u", type);
}

/* ---- the table ------------------------------------------------------------------------------- */

#define BIT(type) (UINT64_C(1) << (type))
#define V2(name) BIT(IKEV2_PAYLOAD_##name)
#define V1(name) BIT(IKEV1_PAYLOAD_##name)

/* When a row applies: all of a message's rows are tried. */
typedef enum {
    ALWAYS,
    FIRST_AUTH,  /* the first IKE_AUTH, of which IKE_INTERMEDIATE changes the number */
    LATER_AUTH,  /* IKE_AUTH after the first round of EAP or of another AUTH */
    WITH_CHILD,  /* the first IKE_AUTH, unless it asks for a childless IKE SA (RFC 6023) */
    REKEYS_IKE,  /* CREATE_CHILD_SA with a proposal for IKE */
    MAKES_CHILD, /* CREATE_CHILD_SA with another proposal */
} rule_case;

typedef struct {
    uint8_t major, exchange, step; /* step: 1 request, 2 response; IKEv1: message of the exchange */
    uint8_t applies;               /* rule_case */
    uint64_t required;
    uint64_t alternatives; /* at least one of these */
    uint64_t forbidden;
} payload_rule;

#define ONCE_KEYED (V2(KE) | V2(NONCE))
static const payload_rule rules[] = {
    /* RFC 7296 1.2, appendix C.1 */
    {2, IKEV2_EXCHANGE_IKE_SA_INIT, 1, ALWAYS, V2(SA) | V2(KE) | V2(NONCE), 0,
     V2(IDI) | V2(IDR) | V2(AUTH) | V2(TSI) | V2(TSR) | V2(EAP)},
    /* RFC 7296 1.2, C.2, C.3; RFC 4739 3 */
    {2, IKEV2_EXCHANGE_IKE_AUTH, 1, FIRST_AUTH, V2(IDI), 0, ONCE_KEYED},
    {2, IKEV2_EXCHANGE_IKE_AUTH, 1, WITH_CHILD, V2(SA) | V2(TSI) | V2(TSR), 0, 0},
    {2, IKEV2_EXCHANGE_IKE_AUTH, 1, LATER_AUTH, 0, V2(EAP) | V2(AUTH) | V2(IDI) | V2(NOTIFY),
     ONCE_KEYED},
    {2, IKEV2_EXCHANGE_IKE_AUTH, 2, FIRST_AUTH, V2(IDR), V2(AUTH) | V2(EAP), ONCE_KEYED},
    {2, IKEV2_EXCHANGE_IKE_AUTH, 2, LATER_AUTH, 0, V2(EAP) | V2(AUTH) | V2(IDR) | V2(NOTIFY),
     ONCE_KEYED},
    /* RFC 7296 1.3, C.4, C.5 */
    {2, IKEV2_EXCHANGE_CREATE_CHILD_SA, 1, ALWAYS, V2(SA) | V2(NONCE), 0, V2(AUTH) | V2(EAP)},
    {2, IKEV2_EXCHANGE_CREATE_CHILD_SA, 1, REKEYS_IKE, V2(KE), 0, V2(TSI) | V2(TSR)},
    {2, IKEV2_EXCHANGE_CREATE_CHILD_SA, 1, MAKES_CHILD, V2(TSI) | V2(TSR), 0, 0},
    /* RFC 7296 1.4 */
    {2, IKEV2_EXCHANGE_INFORMATIONAL, 1, ALWAYS, 0, 0,
     V2(SA) | V2(KE) | V2(NONCE) | V2(TSI) | V2(TSR)},
    /* RFC 2409 5 */
    {1, IKEV1_EXCHANGE_MAIN_MODE, 1, ALWAYS, V1(SA), 0, V1(KE) | V1(NONCE) | V1(ID)},
    {1, IKEV1_EXCHANGE_MAIN_MODE, 3, ALWAYS, V1(KE) | V1(NONCE), 0, V1(SA)},
    {1, IKEV1_EXCHANGE_MAIN_MODE, 5, ALWAYS, V1(ID), V1(HASH) | V1(SIG), V1(SA) | V1(KE)},
    {1, IKEV1_EXCHANGE_MAIN_MODE, 6, ALWAYS, V1(ID), V1(HASH) | V1(SIG), V1(SA) | V1(KE)},
    {1, IKEV1_EXCHANGE_AGGRESSIVE_MODE, 1, ALWAYS, V1(SA) | V1(KE) | V1(NONCE) | V1(ID), 0, 0},
    {1, IKEV1_EXCHANGE_AGGRESSIVE_MODE, 2, ALWAYS, V1(SA) | V1(KE) | V1(NONCE) | V1(ID),
     V1(HASH) | V1(SIG), 0},
    {1, IKEV1_EXCHANGE_QUICK_MODE, 1, ALWAYS, V1(HASH) | V1(SA) | V1(NONCE), 0, V1(SIG)},
    {1, IKEV1_EXCHANGE_QUICK_MODE, 2, ALWAYS, V1(HASH) | V1(SA) | V1(NONCE), 0, V1(SIG)},
};

static bool proposes_ike(const ike_content *content)
{
    return content->proposals && content->proposals->protocol == IKEV2_PROTOCOL_IKE;
}

/* The IKE_AUTH that follows IKE_SA_INIT or the last IKE_INTERMEDIATE: a later one may have been
 * captured before it. */
static bool is_first_auth(const ike_exchange *exchange)
{
    enum { MAX_INTERMEDIATE = 16 };
    const ike_sa *sa = exchange->sa;
    const ike_exchange *before = sa->exchanges;
    bool follows = exchange->message_id == 1;
    if (!sa->auth_begun || sa->auth_begun->exchange != exchange)
        return false;
    for (int i = 0; !follows && before && i < MAX_INTERMEDIATE; i++, before = before->next)
        follows = before->type == IKEV2_EXCHANGE_IKE_INTERMEDIATE &&
                  before->message_id + 1 == exchange->message_id;
    return follows;
}

static bool applies(const payload_rule *rule, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    const ike_sa *sa = exchange->sa;
    if (rule->major != (sa->major == 1 ? 1 : 2) || rule->exchange != exchange->type ||
        rule->step != record->step)
        return false;
    switch (rule->applies) {
    case FIRST_AUTH:
        return is_first_auth(exchange);
    case LATER_AUTH:
        return !is_first_auth(exchange);
    case WITH_CHILD:
        return is_first_auth(exchange) &&
               (!sa->childless[0] ||
                (record->content->payloads & (V2(SA) | V2(TSI) | V2(TSR))) != 0);
    case REKEYS_IKE:
        return proposes_ike(record->content);
    case MAKES_CHILD:
        return record->content->proposals && !proposes_ike(record->content);
    default:
        return true;
    }
}

/* ---- one message ----------------------------------------------------------------------------- */

static void append_names(GString *out, uint8_t major, uint64_t payloads, const char *last)
{
    bool first = true;
    for (uint8_t type = 1; type < 64; type++) {
        if (!(payloads & BIT(type)))
            continue;
        payloads &= ~BIT(type);
        g_string_append(out, first ? "" : payloads ? ", " : last);
        ike_append_payload_name(out, major, type);
        first = false;
    }
}

/* A CFG_REPLY answers, a CFG_REQUEST requests (RFC 7296 3.15). */
static bool append_configuration(GString *out, const ike_message_record *record)
{
    const ike_content *content = record->content;
    uint8_t wrong = record->response ? IKEV2_CFG_REQUEST : IKEV2_CFG_REPLY;
    if (record->exchange->sa->major == 1 || content->config_type != wrong + 1)
        return false;
    g_string_append(out, record->response ? "CFG_REQUEST in a response" : "CFG_REPLY in a request");
    return true;
}

/* Sums up the rows of the table that apply. */
static payload_rule rule_of(const ike_message_record *record)
{
    payload_rule sum = {.required = 0};
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (!applies(&rules[i], record))
            continue;
        sum.required |= rules[i].required;
        sum.forbidden |= rules[i].forbidden;
        sum.alternatives |= rules[i].alternatives;
    }
    return sum;
}

static bool append_rule(GString *out, const ike_message_record *record)
{
    uint8_t major = record->exchange->sa->major;
    payload_rule rule = rule_of(record);
    uint64_t payloads = record->content->payloads;
    uint64_t missing = rule.required & ~payloads, forbidden = rule.forbidden & payloads;
    if (rule.alternatives && !(payloads & rule.alternatives) && !missing)
        missing = 0;
    else
        rule.alternatives = 0;
    if (!missing && !forbidden && !rule.alternatives)
        return false;
    if (missing || rule.alternatives)
        g_string_append(out, "lacks ");
    append_names(out, major, missing | rule.alternatives, rule.alternatives ? " or " : " and ");
    if (forbidden) {
        g_string_append(out, missing || rule.alternatives ? ", has " : "has ");
        append_names(out, major, forbidden, " and ");
        g_string_append(out, ", not allowed there");
    }
    return true;
}

/* What is malformed comes first: what follows it in the message is not read then. */
static bool append_malformed(GString *out, const ike_message_record *record)
{
    const ike_content *content = record->content;
    if (!record->malformed)
        return false;
    if (content->more->fault_payload)
        ike_append_payload_name(out, record->exchange->sa->major, content->more->fault_payload);
    else
        g_string_append(out, "message");
    g_string_append(out, " malformed");
    if (content->more->fault)
        g_string_append_printf(out, " (%s)", content->more->fault);
    return true;
}

static bool append_value(GString *out, const ike_content *content, uint8_t major)
{
    if (content->more->ke_fault)
        g_string_append_printf(out, "invalid public value in KE (%s)", content->more->ke_fault);
    else if (content->critical_type) {
        ike_append_payload_name(out, major, content->critical_type);
        g_string_append(out, " marked critical");
    } else
        return false;
    return true;
}

/* RFC 7296 1.2: IKE_AUTH and what follows it is always protected. */
static bool append_clear(GString *out, const ike_message_record *record)
{
    uint8_t type = record->exchange->type;
    if (record->exchange->sa->major == 1 || record->decryption != IKE_PLAIN ||
        type < IKEV2_EXCHANGE_IKE_AUTH || type > IKEV2_EXCHANGE_INFORMATIONAL)
        return false;
    g_string_append(out, "message is not encrypted");
    return true;
}

bool ike_append_payload_fault(GString *out, const ike_message_record *record)
{
    if (!record || !record->content)
        return false;
    const gsize before = out->len;
    GString *part = g_string_new(NULL);
    const uint8_t major = record->exchange->sa->major;
    for (int i = 0; i < 5; i++) {
        bool found = i == 0   ? append_malformed(part, record)
                     : i == 1 ? append_value(part, record->content, major)
                     : i == 2 ? append_clear(part, record)
                     : i == 3 ? append_rule(part, record)
                              : append_configuration(part, record);
        if (found)
            g_string_append_printf(out, "%s%s", out->len > before ? "; " : "", part->str);
        g_string_truncate(part, 0);
        if (found && i == 0)
            break;
    }
    g_string_free(part, TRUE);
    return out->len > before;
}

/* The newest message of the other side in an exchange, before the error. */
static const ike_message_record *last_before(const ike_exchange *exchange,
                                             const ike_message_record *error)
{
    enum { MAX_BEFORE = 8 };
    const ike_message_record *record = exchange->last_distinct;
    for (int n = 0; record && n < MAX_BEFORE; n++, record = record->previous_distinct)
        if (record->from_initiator != error->from_initiator && record->frame < error->frame)
            return record;
    return NULL;
}

const ike_message_record *ike_message_complained_about(const ike_message_record *error)
{
    enum { MAX_EXCHANGES = 32 };
    const ike_sa *sa = error->exchange->sa;
    if (sa->major != 1)
        return error->response ? error->exchange->request : NULL;
    /* In IKEv1 the error does not say: the newest message, of quick mode or of phase 1. */
    const ike_message_record *newest = sa->init ? last_before(sa->init, error) : NULL;
    const ike_exchange *exchange = sa->newest_exchange;
    for (int i = 0; exchange && i < MAX_EXCHANGES; i++, exchange = exchange->previous_of_side) {
        const ike_message_record *record =
            exchange->type == IKEV1_EXCHANGE_QUICK_MODE ? last_before(exchange, error) : NULL;
        if (record && (!newest || record->frame > newest->frame))
            newest = record;
    }
    return newest;
}

/* ---- responses ------------------------------------------------------------------------------- */

static bool is_read(const ike_message_record *record)
{
    return record->grade == IKE_GRADE_VERIFIED && record->response && !record->malformed;
}

/* RFC 7296 1.2: an IKE_AUTH response without an error has payloads in each round. */
static bool is_empty_auth(const ike_message_record *record)
{
    return record && is_read(record) && record->exchange->type == IKEV2_EXCHANGE_IKE_AUTH &&
           !record->content && ike_record_is_empty(record);
}

static void emit_empty_auth(ike_sink *sink, const ike_message_record *record, ike_f kind)
{
    if (!ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(kind, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    if (record->exchange->request)
        draft.finding.frame = record->exchange->request->frame;
    g_string_append_printf(draft.text,
                           "IKE_AUTH response of the %s is empty: no AUTH, no EAP, no error",
                           ike_role(record->from_initiator));
    g_string_append(draft.requested, "IDr, AUTH or EAP");
    g_string_append(draft.received, "no payload");
    g_string_append(draft.detail, "RFC 7296 1.2 requires payloads in this response: a fault of the "
                                  "responder, whose log has the reason.");
    ike_draft_emit(sink, &draft);
}

bool ike_find_empty_auth(ike_sink *sink, const ike_sa *sa)
{
    const ike_message_record *response =
        sa->major != 1 && sa->last_auth ? sa->last_auth->response : NULL;
    if (!is_empty_auth(response) || ike_sa_was_up(sa))
        return false;
    emit_empty_auth(sink, response, IKE_F_AUTH_EMPTY);
    return true;
}

/* One that did not end the IKE SA: the last one is its cause. */
static void check_empty_auth(ike_sink *sink, const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    if (is_empty_auth(record) && (ike_sa_was_up(sa) || record->exchange != sa->last_auth))
        emit_empty_auth(sink, record, IKE_F_PAYLOADS);
}

/* RFC 7296 1.4.1: the response to the delete of an IKE SA is empty. */
static void check_delete_response(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    if (exchange->type != IKEV2_EXCHANGE_INFORMATIONAL ||
        exchange->purpose != IKE_PURPOSE_DELETE_IKE ||
        !ike_content_has(record->content, IKEV2_PAYLOAD_DELETE) || !exchange->request ||
        !ike_content_has(exchange->request->content, IKEV2_PAYLOAD_DELETE) ||
        !ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(IKE_F_PAYLOADS_EXTRA, record);
    draft.finding.side = ike_side_of(record->from_initiator);
    draft.finding.frame = exchange->request->frame;
    g_string_append_printf(
        draft.text, "Response to the Delete of the IKE SA is not empty: the %s returns Delete",
        ike_role(record->from_initiator));
    g_string_append(draft.requested, "empty response");
    g_string_append(draft.received, "Delete");
    g_string_append(draft.detail, "RFC 7296 1.4.1 requires an empty response; a strict peer may "
                                  "ignore this one and retransmit the request.");
    ike_draft_emit(sink, &draft);
}

/* A response that is no error and lacks what its exchange needs. */
static void check_response(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    GString *fault = g_string_new(NULL);
    if (record->content && exchange->request &&
        !ike_content_error(record->content, exchange->sa->major) &&
        !ike_content_notify(record->content, IKEV2_NOTIFY_REDIRECT) && append_rule(fault, record) &&
        ike_wants(sink, record)) {
        ike_draft draft = ike_draft_new(IKE_F_PAYLOADS, record);
        draft.finding.side = ike_side_of(record->from_initiator);
        draft.finding.frame = exchange->request->frame;
        g_string_append_printf(draft.text, "%s response of the %s %s",
                               ike_format_exchange_of(exchange), ike_role(record->from_initiator),
                               fault->str);
        ike_draft_emit(sink, &draft);
    }
    g_string_free(fault, TRUE);
}

void ike_find_payload_faults(ike_sink *sink, const ike_message_record *record)
{
    if (record->exchange->sa->major == 1 || !is_read(record))
        return;
    check_empty_auth(sink, record);
    check_delete_response(sink, record);
    if (record->exchange->type == IKEV2_EXCHANGE_IKE_AUTH)
        check_response(sink, record);
}
