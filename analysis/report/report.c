/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report of one IKE SA: what the tracker recorded and what was found, in order. */
#include "analysis/report/report.h"

#include <string.h>

#include "analysis/report/report_parts.h"
#include "analysis/tracker/content.h"
#include "analysis/tracker/format.h"

enum { MAX_FRAMES = 32, MAX_FINDINGS = 1000 };

/* All that a record points to lives as long as the record. */
typedef struct {
    ike_report_sa record;
    GPtrArray *owned;
    const ike_tracker *tracker;
    const ike_sa *sa;
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

/* ---- causes ---------------------------------------------------------------------------------- */

typedef struct {
    GPtrArray *owned;
    ike_report_finding *to;
} cause_target;

static void put_cause(const ike_finding *finding, void *user)
{
    const cause_target *target = user;
    ike_copy_finding(target->owned, target->to, finding);
}

/* ---- parties --------------------------------------------------------------------------------- */

static const char *auth_of(const ike_sa *sa, const ike_party *party)
{
    if (sa->major != 1 && party == &sa->initiator && (sa->eap || party->eap_type))
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
    to->authentication = party->authentication;
    to->authentication_reason = party->authentication_reason;
    to->certificate = party->certificate ? party->certificate->subject : NULL;
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

/* ---- Child SAs ------------------------------------------------------------------------------- */

/* The texts one behind the other: an allocation for each would take several times its length. */
static const char *const *selector_texts(builder *b, const ike_selector *selectors, size_t count,
                                         const ike_endpoint *otherwise)
{
    const char **texts = own(b, g_new0(const char *, MAX(count, 1) + 1));
    size_t starts[IKE_MAX_SELECTORS] = {0};
    GString *all = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        starts[i] = all->len;
        ike_format_selector(all, &selectors[i]);
        g_string_append_c(all, '\0');
    }
    bool peer = count == 0 && otherwise; /* IKEv1 without IDs: the peers (RFC 2409 5.5) */
    if (peer) {
        ike_format_address(all, otherwise);
        g_string_append(all, otherwise->family == 4 ? "/32" : "/128");
    }
    const char *text = own(b, g_memdup2(all->str, all->len + 1));
    for (size_t i = 0; i < count + peer; i++)
        texts[i] = text + starts[i];
    g_string_free(all, TRUE);
    return texts;
}

static const char *spi_text(builder *b, uint32_t spi)
{
    return spi ? own(b, g_strdup_printf("%08x", spi)) : NULL;
}

static void put_child(builder *b, ike_report_child *to, const ike_child *child)
{
    const ike_sa *sa = b->sa;
    bool v1_up = sa->major == 1 && child->established;
    to->number = child->number;
    to->name = ike_child_name(sa->major);
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
    to->to_initiator = ike_esp_health_of(child->to_initiator);
    to->to_responder = ike_esp_health_of(child->to_responder);
    to->esp_to_initiator = to->to_initiator.packets;
    to->esp_to_responder = to->to_responder.packets;
    to->esp_packets = to->esp_to_initiator + to->esp_to_responder;
    to->esp_decrypted = to->to_initiator.decrypted + to->to_responder.decrypted;
    cause_target target = {b->owned, &to->cause};
    ike_cause_of_child(b->tracker, child, put_cause, &target);
    to->outcome = ike_child_state_text(ike_child_outcome(b->tracker, child));
    if (child->rekeyed_from)
        to->rekeyed_from = spi_text(b, child->rekeyed_from->spi_initiator);
    to->frame = child->request    ? child->request->frame
                : child->response ? child->response->frame
                                  : 0;
}

/* A Child SA that was requested while its IKE SA never came up is part of that failure. */
static bool is_reported(const ike_child *child)
{
    return ike_child_state_of(child) != IKE_CHILD_REQUESTED || ike_sa_was_up(child->sa);
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

static const char *const purposes[] = {
    [IKE_PURPOSE_COOKIE] = "COOKIE requested",
    [IKE_PURPOSE_INVALID_KE] = "another group requested",
    [IKE_PURPOSE_DPD] = "dead peer detection",
    [IKE_PURPOSE_DELETE] = "Delete (encrypted)",
    [IKE_PURPOSE_DELETE_IKE] = "delete of the IKE SA",
    [IKE_PURPOSE_DELETE_CHILD] = "delete of",
    [IKE_PURPOSE_REKEY_IKE] = "rekey of the IKE SA",
    [IKE_PURPOSE_REKEY_CHILD] = "rekey of",
    [IKE_PURPOSE_NEW_CHILD] = "new",
    [IKE_PURPOSE_MOBIKE] = "new addresses (MOBIKE)",
    [IKE_PURPOSE_NOTIFY] = "notify",
    [IKE_PURPOSE_XAUTH] = "XAUTH",
    [IKE_PURPOSE_CONFIG] = "configuration",
    [IKE_PURPOSE_EAP] = "EAP",
    [IKE_PURPOSE_REDIRECT] = "redirect",
};

/* An encrypted delete that is of the IKE SA, as the response shows; the last one, since nothing
 * follows that. */
static bool is_inferred_delete(const ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    return sa->deleted && sa->delete_inferred && sa->deleted->exchange == exchange;
}

static const char *what_of(builder *b, const ike_exchange *exchange)
{
    GString *text = g_string_new(NULL);
    if (exchange->purpose < G_N_ELEMENTS(purposes) && purposes[exchange->purpose])
        g_string_append(text, purposes[exchange->purpose]);
    if (exchange->purpose == IKE_PURPOSE_REKEY_CHILD ||
        exchange->purpose == IKE_PURPOSE_NEW_CHILD || exchange->purpose == IKE_PURPOSE_DELETE_CHILD)
        g_string_append_printf(text, " %s %u", ike_child_name(exchange->sa->major),
                               exchange->purpose_number);
    if (is_inferred_delete(exchange))
        g_string_append(text, ", inferred to be of the IKE SA (empty response)");
    if (exchange->error) {
        g_string_append(text, text->len ? ": " : "");
        ike_append_notify(text, exchange->sa, exchange->error);
        if (exchange->error_grade != IKE_GRADE_VERIFIED)
            g_string_append(text, " (unauthenticated)");
    }
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
    to->retransmissions = exchange->more->retransmissions;
    to->response_retransmissions = response ? response->retransmissions : 0;
    to->copies = exchange->more->copies;
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
        count += !e->is_answer;
    ike_report_exchange *list = own(b, g_new0(ike_report_exchange, count + 1));
    b->record.exchanges = list;
    for (const ike_exchange *e = b->sa->exchanges; e; e = e->next)
        if (!e->is_answer)
            put_exchange(b, &list[b->record.exchange_count++], e);
}

/* ---- findings -------------------------------------------------------------------------------- */

typedef struct {
    GPtrArray *owned;
    GArray *list; /* of ike_report_finding */
    size_t total;
} finding_list;

static void put_finding(const ike_finding *finding, void *user)
{
    finding_list *to = user;
    ike_report_finding copy = {0};
    /* Retransmissions are marked anyway: they must not crowd out the rest. */
    bool chat = finding->kind->severity == IKE_SEVERITY_CHAT;
    to->total++;
    if (to->list->len >= (chat ? MAX_FINDINGS / 4 : MAX_FINDINGS))
        return;
    ike_copy_finding(to->owned, &copy, finding);
    g_array_append_val(to->list, copy);
}

static gint by_frame(gconstpointer a, gconstpointer b)
{
    const ike_report_finding *x = a, *y = b;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static void put_findings(builder *b)
{
    finding_list list = {.owned = b->owned,
                         .list = g_array_new(FALSE, FALSE, sizeof(ike_report_finding))};
    ike_findings_of_sa(b->tracker, b->sa, put_finding, &list);
    g_array_sort(list.list, by_frame);
    b->record.finding_count = list.list->len;
    b->record.finding_total = list.total;
    b->record.findings = own(b, g_array_free(list.list, FALSE));
}

/* ---- the report ------------------------------------------------------------------------------ */

/* When the IKE SA was begun, 0 not known: with the first request of its set-up, which may have been
 * captured after other messages. */
static uint64_t begun_ns(const ike_sa *sa)
{
    const ike_exchange *e = sa->exchanges;

    if (sa->rekeyed_from)
        return sa->first_ns;
    while (e && e->type != (sa->init ? sa->init->type : 0))
        e = e->next;
    return e && e->request && !e->message_id ? e->request->time_ns : 0;
}

/* From the first request to the message with which it came up, where both were seen. */
static double setup_ms(const ike_sa *sa)
{
    const ike_message_record *up = ike_sa_up_since(sa);
    ike_inference inference = ike_sa_inference(sa);
    bool from_set_up = inference == IKE_INFERRED_NOT || inference == IKE_INFERRED_AUTH_RESPONSE ||
                       inference == IKE_INFERRED_LAST_MESSAGE || inference == IKE_INFERRED_CLEAR;
    uint64_t begun = begun_ns(sa);
    if (!up || sa->late_start || !from_set_up || !begun || up->time_ns < begun)
        return -1;
    return (double)(up->time_ns - begun) / 1e6;
}

/* The first path that both sides used; a spoofed address has messages in one direction only. */
static const ike_path *first_path(const ike_sa *sa)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (ike_path_is_two_way(sa->paths[i]))
            return ike_path_inside(sa, sa->paths[i]);
    return NULL;
}

static void put_head(builder *b)
{
    ike_report_sa *record = &b->record;
    const ike_sa *sa = b->sa;
    ike_inference inference = ike_sa_inference(sa);
    cause_target target = {b->owned, &record->cause};
    record->sa = sa;
    g_snprintf(record->version, sizeof record->version, "%u.%u", sa->major & 15, sa->minor & 15);
    const ike_path *path = first_path(sa);
    put_party(&record->initiator, sa, &sa->initiator,
              path ? &path->initiator : &sa->first_initiator);
    put_party(&record->responder, sa, &sa->responder,
              path ? &path->responder : &sa->first_responder);
    put_suite(b, &record->proposal, sa->negotiated);
    ike_cause_of_sa(b->tracker, sa, put_cause, &target);
    record->outcome = ike_sa_outcome(b->tracker, sa);
    record->state = ike_sa_state_text(ike_sa_state_of(sa));
    record->inferred_from = inference == IKE_INFERRED_NOT ? NULL : ike_inference_text(inference);
    record->setup_ms = setup_ms(sa);
    record->resumed_from = sa->resumed_from ? (int64_t)sa->resumed_from->stream : -1;
    record->retry_of = sa->retry_of ? (int64_t)sa->retry_of->stream : -1;
    record->retried_as = sa->retried_as ? (int64_t)sa->retried_as->stream : -1;
    record->copies = sa->copies;
}

void ike_report_one(const ike_tracker *tracker, const ike_sa *sa,
                    void (*fn)(const ike_report_sa *record, void *user), void *user)
{
    builder b = {.tracker = tracker, .sa = sa};
    b.owned = g_ptr_array_new_with_free_func(g_free);
    put_head(&b);
    put_children(&b);
    put_exchanges(&b);
    put_findings(&b);
    ike_report_put_paths(b.owned, &b.record);
    fn(&b.record, user);
    g_ptr_array_free(b.owned, TRUE);
}

void ike_report_each(const ike_tracker *tracker, ike_report_filter filter, void *filter_user,
                     void (*fn)(const ike_report_sa *record, void *user), void *user)
{
    for (uint32_t i = 0; i < ike_tracker_count(tracker); i++) {
        const ike_sa *sa = ike_tracker_stream(tracker, i);
        if (!filter || filter(sa, filter_user))
            ike_report_one(tracker, sa, fn, user);
    }
}
