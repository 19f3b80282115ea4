/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of one IKE SA: the facts of the tracker in the words and the order of a report. */
#include "analysis/report/report.h"

#include <string.h>

#include "analysis/tracker/internal.h"

enum { MAX_LINEAGE = 64, MAX_FRAMES = 32 };

/* All that a record points to lives as long as the record. */
typedef struct {
    ike_report_sa record;
    GPtrArray *owned;
    ike_tracker *tracker;
    ike_sa *sa;
    const ike_finding *late;
} builder;

static void *own(builder *b, void *memory)
{
    g_ptr_array_add(b->owned, memory);
    return memory;
}

static const char *own_string(builder *b, GString *text)
{
    return own(b, g_string_free(text, FALSE));
}

const char *ike_outcome_text(ike_outcome outcome)
{
    static const char *const texts[] = {"established", "failed", "incomplete", "no_response",
                                        "deleted"};
    return (size_t)outcome < G_N_ELEMENTS(texts) ? texts[outcome] : "unknown";
}

/* ---- cause and outcome ----------------------------------------------------------------------- */

static const ike_finding *late_cause(const builder *b, const ike_child *child)
{
    const ike_finding *found = NULL;
    for (const ike_finding *f = b->late; f; f = f->next_of_sa)
        if (f->child == child && f->kind->severity == IKE_SEVERITY_ERROR && !f->kind->security)
            found = f;
    return found;
}

static ike_report_cause cause_of(builder *b, const ike_finding *finding)
{
    ike_report_cause cause = {0};
    if (!finding)
        return cause;
    ike_finding_refresh(b->tracker, finding);
    cause.code = finding->code;
    cause.frame = finding->message->frame;
    cause.text = finding->text;
    cause.certainty = finding->certainty;
    return cause;
}

static ike_outcome outcome_of(const ike_sa *sa, const ike_report_cause *cause)
{
    switch (sa->state) {
    case IKE_SA_FAILED:
        return IKE_OUTCOME_FAILED;
    case IKE_SA_DELETED:
        return IKE_OUTCOME_DELETED;
    case IKE_SA_REKEYED:
        return sa->own->peer_deleted ? IKE_OUTCOME_DELETED : IKE_OUTCOME_ESTABLISHED;
    case IKE_SA_ESTABLISHED:
    case IKE_SA_INFERRED:
        return IKE_OUTCOME_ESTABLISHED;
    default:
        break;
    }
    if (!cause->code)
        return IKE_OUTCOME_INCOMPLETE;
    return strcmp(cause->code, "NO_RESPONSE") == 0 ? IKE_OUTCOME_NO_RESPONSE : IKE_OUTCOME_FAILED;
}

/* ---- parties --------------------------------------------------------------------------------- */

static const char *auth_of(const ike_sa *sa, const ike_party *party)
{
    if (sa->major != 1 && party == &sa->initiator && (sa->own->eap || party->eap_type))
        return ike_format_eap(party->eap_type);
    return ike_format_auth_method(sa->major, party->auth_method);
}

static void put_party(ike_report_party *to, const ike_sa *sa, const ike_party *party,
                      const ike_endpoint *first)
{
    static const char *const none[] = {NULL};
    if (first->family == 4 || first->family == 6) {
        GString *address = g_string_new(NULL);
        ike_format_address(address, first);
        g_strlcpy(to->address, address->str, sizeof to->address);
        g_string_free(address, TRUE);
    }
    to->port = first->port;
    to->id = party->id;
    to->id_type = party->id_type ? ike_format_id_type(sa->major, party->id_type) : NULL;
    to->auth = auth_of(sa, party);
    to->proof = party->proof;
    to->authentication_reason = party->authentication_reason;
    to->certificate = party->certificate;
    to->vendors = party->vendors ? party->vendors : none;
    to->behind_nat = party->behind_nat;
}

/* ---- algorithms ------------------------------------------------------------------------------ */

static const char *algorithm(builder *b, const ike_negotiated *negotiated, uint8_t type,
                             uint16_t id, uint16_t bits)
{
    if (id == 0)
        return NULL;
    GString *text = g_string_new(NULL);
    ike_format_algorithm(text, b->sa->major, negotiated->protocol, type, id, bits);
    return own_string(b, text);
}

static void put_suite(builder *b, ike_report_suite *suite, const ike_negotiated *negotiated)
{
    const char **groups = own(b, g_new0(const char *, 9));
    size_t count = 0;
    suite->key_exchange = groups;
    if (!negotiated->known)
        return;
    suite->encryption =
        algorithm(b, negotiated, IKE_T_ENCR, negotiated->encryption, negotiated->key_bits);
    suite->integrity = algorithm(b, negotiated, IKE_T_INTEG, negotiated->integrity, 0);
    suite->prf = algorithm(b, negotiated, IKE_T_PRF, negotiated->prf, 0);
    if (negotiated->key_exchange)
        groups[count++] = algorithm(b, negotiated, IKE_T_KE, negotiated->key_exchange, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(negotiated->additional); i++)
        if (negotiated->additional[i])
            groups[count++] = algorithm(b, negotiated, IKE_T_KE, negotiated->additional[i], 0);
}

/* ---- CHILD_SAs ------------------------------------------------------------------------------- */

static const char *const *selector_texts(builder *b, const ike_selector *selectors, size_t count,
                                         const ike_endpoint *otherwise)
{
    const char **texts = own(b, g_new0(const char *, MAX(count, 1) + 1));
    for (size_t i = 0; i < count; i++) {
        GString *text = g_string_new(NULL);
        ike_format_selector(text, &selectors[i]);
        texts[i] = own_string(b, text);
    }
    if (count == 0 && otherwise) { /* IKEv1 without IDs: the peers themselves (RFC 2409 5.5) */
        GString *text = g_string_new(NULL);
        ike_format_address(text, otherwise);
        g_string_append(text, otherwise->family == 4 ? "/32" : "/128");
        texts[0] = own_string(b, text);
    }
    return texts;
}

static const char *spi_text(builder *b, uint32_t spi)
{
    return spi ? own(b, g_strdup_printf("%08x", spi)) : NULL;
}

/* Deleting an IKE SA deletes its CHILD_SAs, also those that it inherited by rekeying. */
static bool lineage_deleted(const ike_sa *sa)
{
    for (int i = 0; sa->rekeyed_to && i < MAX_LINEAGE; i++)
        sa = sa->rekeyed_to;
    return sa->state == IKE_SA_DELETED;
}

static const char *child_outcome(const ike_child *child, const ike_report_cause *cause)
{
    if (child->state == IKE_CHILD_REQUESTED)
        return cause->code ? "failed" : "incomplete";
    if (child->state == IKE_CHILD_ESTABLISHED && lineage_deleted(child->sa))
        return "deleted";
    if (child->state == IKE_CHILD_ESTABLISHED && child->sa->state == IKE_SA_FAILED)
        return "failed";
    return ike_child_state_text(child->state);
}

static void count_esp(const ike_esp_flow *flow, uint32_t *packets, uint32_t *decrypted)
{
    for (; flow; flow = flow->next) {
        *packets += flow->packets;
        *decrypted += flow->decrypted;
    }
}

static void put_child(builder *b, ike_report_child *to, const ike_child *child)
{
    const ike_sa *sa = b->sa;
    bool v1_up = sa->major == 1 && child->state != IKE_CHILD_REQUESTED;
    uint32_t decrypted = 0;
    to->number = child->number;
    to->protocol = child->protocol == 2 ? "AH" : child->protocol == 3 ? "ESP" : "IPComp";
    to->spi_initiator = spi_text(b, child->spi_initiator);
    to->spi_responder = spi_text(b, child->spi_responder);
    to->mode = child->beet ? "beet" : child->transport ? "transport" : "tunnel";
    to->ts_initiator = selector_texts(b, child->ts_initiator, child->ts_initiator_count,
                                      v1_up ? &sa->initiator.endpoint : NULL);
    to->ts_responder = selector_texts(b, child->ts_responder, child->ts_responder_count,
                                      v1_up ? &sa->responder.endpoint : NULL);
    if (child->negotiated->known) {
        const ike_negotiated *negotiated = child->negotiated;
        if (child->protocol != 2)
            to->encryption =
                algorithm(b, negotiated, IKE_T_ENCR, negotiated->encryption, negotiated->key_bits);
        to->integrity = algorithm(b, negotiated, IKE_T_INTEG, negotiated->integrity, 0);
        to->pfs = algorithm(b, negotiated, IKE_T_KE, negotiated->key_exchange, 0);
        to->esn = negotiated->esn == 1;
        to->life_seconds = negotiated->life_seconds;
    }
    count_esp(child->to_initiator, &to->esp_to_initiator, &decrypted);
    count_esp(child->to_responder, &to->esp_to_responder, &decrypted);
    to->esp_packets = to->esp_to_initiator + to->esp_to_responder;
    to->esp_decrypted = decrypted;
    to->cause = cause_of(b, child->own->cause ? child->own->cause : late_cause(b, child));
    to->outcome = child_outcome(child, &to->cause);
    if (child->rekeyed_from)
        to->rekeyed_from = spi_text(b, child->rekeyed_from->spi_initiator);
    to->frame = child->request    ? child->request->frame
                : child->response ? child->response->frame
                                  : 0;
}

/* A CHILD_SA that was asked for while its IKE SA never came up is part of that failure. */
static bool is_reported(const ike_child *child)
{
    return child->state != IKE_CHILD_REQUESTED || child->sa->established_ns;
}

static void put_children(builder *b)
{
    size_t count = 0;
    for (const ike_child *child = b->sa->children; child; child = child->next_of_sa)
        count += is_reported(child);
    ike_report_child *list = own(b, g_new0(ike_report_child, count + 1));
    b->record.children = list;
    for (const ike_child *child = b->sa->children; child; child = child->next_of_sa)
        if (is_reported(child))
            put_child(b, &list[b->record.child_count++], child);
}

/* ---- exchanges ------------------------------------------------------------------------------- */

static const char *what_of(builder *b, const ike_exchange *exchange)
{
    const ike_exchange_private *private = ike_own(exchange);
    GString *text = g_string_new(NULL);
    switch (private->reason) {
    case REASON_COOKIE:
        g_string_append(text, "COOKIE asked for");
        break;
    case REASON_INVALID_KE:
        g_string_append(text, "another group asked for");
        break;
    case REASON_DPD:
        g_string_append(text, "dead peer detection");
        break;
    case REASON_DELETE_IKE:
        g_string_append(text, "delete of the IKE SA");
        break;
    case REASON_DELETE_CHILD:
        g_string_append(text, "delete of a CHILD_SA");
        break;
    case REASON_REKEY_IKE:
        g_string_append(text, "rekey of the IKE SA");
        break;
    case REASON_REKEY_CHILD:
        g_string_append_printf(text, "rekey of CHILD_SA %u", private->reason_number);
        break;
    case REASON_NEW_CHILD:
        g_string_append_printf(text, "new CHILD_SA %u", private->reason_number);
        break;
    case REASON_MOBIKE:
        g_string_append(text, "new addresses (MOBIKE)");
        break;
    case REASON_NOTIFY:
        g_string_append(text, "notify");
        break;
    case REASON_XAUTH:
        g_string_append(text, "XAUTH");
        break;
    case REASON_CONFIG:
        g_string_append(text, "configuration");
        break;
    case REASON_EAP:
        g_string_append(text, "EAP");
        break;
    default:
        break;
    }
    if (exchange->error)
        g_string_append_printf(text, "%s%s", text->len ? ": " : "",
                               ike_format_notify(exchange->sa->major, exchange->error));
    if (text->len)
        return own_string(b, text);
    g_string_free(text, TRUE);
    return NULL;
}

static void put_frames(builder *b, ike_report_exchange *to, const ike_exchange *exchange)
{
    uint32_t *frames = own(b, g_new0(uint32_t, MAX_FRAMES));
    for (const ike_message_record *v = exchange->messages; v && to->frame_count < MAX_FRAMES;
         v = v->next)
        if (!v->original)
            frames[to->frame_count++] = v->frame;
    to->frames = frames;
}

static void put_exchange(builder *b, ike_report_exchange *to, const ike_exchange *exchange)
{
    const ike_message_record *request = exchange->request, *response = exchange->response;
    uint64_t ns = 0;
    to->type = ike_format_exchange_of(exchange);
    to->message_id = exchange->message_id;
    to->by_initiator = exchange->by_initiator;
    to->request = request ? request->frame : 0;
    to->response = response ? response->frame : 0;
    to->retransmissions = exchange->retransmissions;
    to->ms = -1;
    if (request && response && ike_record_response_time(response, &ns))
        to->ms = (double)ns / 1e6;
    to->time_ns = exchange->messages ? exchange->messages->time_ns : 0;
    to->what = what_of(b, exchange);
    put_frames(b, to, exchange);
    if (!request && !response && to->frame_count) /* IKEv1 INFORMATIONAL: one message */
        to->request = to->frames[0];
}

static void put_exchanges(builder *b)
{
    size_t count = 0;
    for (const ike_exchange *e = b->sa->exchanges; e; e = e->next)
        count += !ike_own(e)->answers;
    ike_report_exchange *list = own(b, g_new0(ike_report_exchange, count + 1));
    b->record.exchanges = list;
    for (const ike_exchange *e = b->sa->exchanges; e; e = e->next)
        if (!ike_own(e)->answers)
            put_exchange(b, &list[b->record.exchange_count++], e);
}

/* ---- findings -------------------------------------------------------------------------------- */

static gint by_frame(gconstpointer a, gconstpointer b)
{
    const ike_finding *x = *(const ike_finding *const *)a, *y = *(const ike_finding *const *)b;
    return x->message->frame < y->message->frame ? -1 : x->message->frame > y->message->frame;
}

static void put_findings(builder *b)
{
    GPtrArray *list = g_ptr_array_new();
    for (const ike_finding *f = b->sa->own->findings; f; f = f->next_of_sa) {
        ike_finding_refresh(b->tracker, f);
        g_ptr_array_add(list, (gpointer)f);
    }
    for (const ike_finding *f = b->late; f; f = f->next_of_sa) {
        ike_finding_refresh(b->tracker, f);
        g_ptr_array_add(list, (gpointer)f);
    }
    g_ptr_array_sort(list, by_frame);
    b->record.finding_count = list->len;
    b->record.findings = own(b, g_ptr_array_free(list, FALSE));
}

/* ---- the record ------------------------------------------------------------------------------ */

static void put_head(builder *b)
{
    ike_report_sa *record = &b->record;
    const ike_sa *sa = b->sa;
    record->sa = sa;
    ike_nat_evaluate(sa);
    g_snprintf(record->version, sizeof record->version, "%u.%u", sa->major & 15, sa->minor & 15);
    put_party(&record->initiator, sa, &sa->initiator, &sa->own->first_initiator);
    put_party(&record->responder, sa, &sa->responder, &sa->own->first_responder);
    put_suite(b, &record->proposal, sa->negotiated);
    const ike_finding *cause = sa->own->cause ? sa->own->cause : late_cause(b, NULL);
    record->cause = cause_of(b, cause);
    record->outcome = outcome_of(sa, &record->cause);
    record->setup_ms = -1;
    if (sa->established_ns && !sa->late_start && sa->established_ns >= sa->first_ns)
        record->setup_ms = (double)(sa->established_ns - sa->first_ns) / 1e6;
}

void ike_report_one(ike_tracker *tracker, const ike_sa *reported,
                    void (*fn)(const ike_report_sa *record, void *user), void *user)
{
    ike_sa *sa = tracker->sas->pdata[reported->stream]; /* findings of the end are made on demand */
    builder b = {.tracker = tracker, .sa = sa};
    b.owned = g_ptr_array_new_with_free_func(g_free);
    b.late = ike_late_findings(tracker, sa);
    put_head(&b);
    put_children(&b);
    put_exchanges(&b);
    put_findings(&b);
    fn(&b.record, user);
    g_ptr_array_free(b.owned, TRUE);
}

void ike_report_each(ike_tracker *tracker, ike_report_filter filter, void *filter_user,
                     void (*fn)(const ike_report_sa *record, void *user), void *user)
{
    for (guint i = 0; i < tracker->sas->len; i++) {
        const ike_sa *sa = tracker->sas->pdata[i];
        if (!filter || filter(sa, filter_user))
            ike_report_one(tracker, sa, fn, user);
    }
}
