/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKE SA of the report, and the totals, as JSON. The names of the members are what scripts rely
 * on: members may be added, none is renamed. */
#include "dissector/base/compat.h"

#include "plugin/report_tap.h"

/* ---- values ---------------------------------------------------------------------------------- */

static void put_null(json_dumper *json, const char *name)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "null");
}

/* A text may come from a packet: JSON has to be UTF-8. */
static void put_value(json_dumper *json, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);

    json_dumper_value_string(json, valid);
    g_free(valid);
}

static void put_text(json_dumper *json, const char *name, const char *text)
{
    if (!text) {
        put_null(json, name);
        return;
    }
    json_dumper_set_member_name(json, name);
    put_value(json, text);
}

static void put_number(json_dumper *json, const char *name, uint64_t number)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%" G_GUINT64_FORMAT, number);
}

/* 0, for instance of a frame, means that there is none. */
static void put_number_or_null(json_dumper *json, const char *name, uint32_t number)
{
    if (number)
        put_number(json, name, number);
    else
        put_null(json, name);
}

/* Streams begin with 0; below it there is none. */
static void put_stream(json_dumper *json, const char *name, int64_t stream)
{
    if (stream >= 0)
        put_number(json, name, (uint64_t)stream);
    else
        put_null(json, name);
}

static void put_bool(json_dumper *json, const char *name, bool value)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, value ? "true" : "false");
}

/* With a decimal point in every locale. */
static void put_decimal(json_dumper *json, const char *name, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%s", g_ascii_formatd(text, sizeof text, "%.3f", value));
}

/* Milliseconds; below 0 when they are not known. */
static void put_ms(json_dumper *json, const char *name, double ms)
{
    if (ms < 0)
        put_null(json, name);
    else
        put_decimal(json, name, ms);
}

static void put_spi(json_dumper *json, const char *name, uint64_t spi)
{
    char text[17];

    snprintf(text, sizeof text, "%016" PRIx64, spi);
    put_text(json, name, text);
}

/* `names` ends with NULL. */
static void put_texts(json_dumper *json, const char *name, const char *const *names)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_array(json);
    for (; *names; names++)
        put_value(json, *names);
    json_dumper_end_array(json);
}

/* Adds the members of an object. */
typedef void put_members(json_dumper *json, const void *of);

static void put_object(json_dumper *json, const char *name, put_members *put, const void *of)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_object(json);
    put(json, of);
    json_dumper_end_object(json);
}

/* `count` objects of `size` bytes. */
static void put_objects(json_dumper *json, const char *name, put_members *put, const void *of,
                        size_t count, size_t size)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_array(json);
    for (size_t i = 0; i < count; i++) {
        json_dumper_begin_object(json);
        put(json, (const uint8_t *)of + i * size);
        json_dumper_end_object(json);
    }
    json_dumper_end_array(json);
}

/* ---- parts of an IKE SA ---------------------------------------------------------------------- */

/* What a finding is made of, beside its clause. */
static void put_parts(json_dumper *json, const ike_report_finding *finding)
{
    put_text(json, "side", finding->side);
    put_text(json, "peer", finding->peer);
    put_text(json, "requested", finding->requested);
    put_text(json, "received", finding->received);
    if (finding->values != IKE_VALUES_REQUESTED) {
        put_text(json, ike_value_name(finding->values, false), finding->requested);
        put_text(json, ike_value_name(finding->values, true), finding->received);
    }
    put_number_or_null(json, "related_frame", finding->related_frame);
    put_text(json, "detail", finding->detail);
}

static void put_cause_members(json_dumper *json, const void *of)
{
    const ike_report_finding *cause = of;

    put_text(json, "code", cause->code);
    put_number(json, "frame", cause->frame);
    put_text(json, "text", cause->text);
    put_text(json, "certainty", ike_certainty_text(cause->certainty));
    put_parts(json, cause);
}

static void put_cause(json_dumper *json, const ike_report_finding *cause)
{
    if (cause->code)
        put_object(json, "cause", put_cause_members, cause);
    else
        put_null(json, "cause");
}

static void put_party(json_dumper *json, const void *of)
{
    const ike_report_party *party = of;

    put_text(json, "address", *party->address ? party->address : NULL);
    put_number(json, "port", party->port);
    put_text(json, "id", party->id);
    put_text(json, "id_type", party->id_type);
    put_text(json, "auth", party->auth);
    if (party->authentication == IKE_AUTHENTICATION_UNKNOWN)
        put_null(json, "auth_verified");
    else
        put_bool(json, "auth_verified", party->authentication == IKE_AUTHENTICATION_VERIFIED);
    put_text(json, "auth_reason", party->authentication_reason);
    put_text(json, "certificate", party->certificate);
    put_texts(json, "vendors", party->vendors);
}

static void put_suite(json_dumper *json, const void *of)
{
    const ike_report_suite *suite = of;

    put_text(json, "encryption", suite->encryption);
    put_text(json, "integrity", suite->integrity);
    put_text(json, "prf", suite->prf);
    put_texts(json, "key_exchange", suite->key_exchange);
}

static void put_nat(json_dumper *json, const void *of)
{
    const ike_report_sa *record = of;

    put_bool(json, "initiator", record->initiator.behind_nat);
    put_bool(json, "responder", record->responder.behind_nat);
    put_bool(json, "known", record->sa->initiator.nat_known || record->sa->responder.nat_known);
}

static void put_health(json_dumper *json, const void *of)
{
    const ike_esp_health *health = of;

    put_number(json, "packets", health->packets);
    put_number(json, "bytes", health->bytes);
    put_number(json, "decrypted", health->decrypted);
    put_number(json, "lost", health->lost);
    put_number(json, "replayed", health->replayed);
    put_number(json, "reordered", health->late);
    put_number(json, "reused", health->reused);
    put_number(json, "not_authentic", health->not_authentic);
    put_number(json, "copies", health->copies);
    put_number_or_null(json, "first_frame", health->first_frame);
    put_number_or_null(json, "last_frame", health->last_frame);
}

static void put_child(json_dumper *json, const void *of)
{
    const ike_report_child *child = of;

    put_number(json, "number", child->number);
    put_text(json, "protocol", child->protocol);
    put_text(json, "spi_initiator", child->spi_initiator);
    put_text(json, "spi_responder", child->spi_responder);
    put_text(json, "mode", child->mode);
    put_texts(json, "ts_initiator", child->ts_initiator);
    put_texts(json, "ts_responder", child->ts_responder);
    put_text(json, "encryption", child->encryption);
    put_text(json, "integrity", child->integrity);
    put_text(json, "pfs", child->pfs);
    put_bool(json, "esn", child->esn);
    put_number_or_null(json, "life_seconds", child->life_seconds);
    put_number(json, "esp_packets", child->esp_packets);
    put_number(json, "esp_decrypted", child->esp_decrypted);
    put_number(json, "esp_to_initiator", child->esp_to_initiator);
    put_number(json, "esp_to_responder", child->esp_to_responder);
    put_object(json, "to_initiator", put_health, &child->to_initiator);
    put_object(json, "to_responder", put_health, &child->to_responder);
    put_text(json, "outcome", child->outcome);
    put_cause(json, &child->cause);
    put_text(json, "rekeyed_from", child->rekeyed_from);
    put_number_or_null(json, "frame", child->frame);
}

static void put_exchange(json_dumper *json, const void *of)
{
    const ike_report_exchange *exchange = of;

    put_text(json, "type", exchange->type);
    put_number(json, "message_id", exchange->message_id);
    put_bool(json, "initiator", exchange->by_initiator);
    put_number_or_null(json, "request", exchange->request);
    put_number_or_null(json, "response", exchange->response);
    put_number(json, "retransmissions", exchange->retransmissions);
    put_number(json, "copies", exchange->copies);
    put_ms(json, "ms", exchange->ms);
    put_decimal(json, "time", (double)exchange->time_ns / 1e9);
    json_dumper_set_member_name(json, "frames");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < exchange->frame_count; i++)
        json_dumper_value_anyf(json, "%u", exchange->frames[i]);
    json_dumper_end_array(json);
    put_text(json, "about", exchange->what);
}

static void put_finding(json_dumper *json, const void *of)
{
    static const char *const severities[] = {"chat", "note", "warn", "error"};
    const ike_report_finding *finding = of;

    put_text(json, "severity", severities[finding->severity]);
    put_text(json, "code", finding->code);
    put_number(json, "frame", finding->frame);
    put_text(json, "text", finding->text);
    put_text(json, "certainty", ike_certainty_text(finding->certainty));
    put_text(json, "kind", finding->name);
    put_bool(json, "security", finding->security);
    put_parts(json, finding);
}

/* ---- the IKE SA ------------------------------------------------------------------------------ */

static void put_path(json_dumper *json, const void *of)
{
    const ike_report_path *path = of;

    put_text(json, "initiator", path->initiator);
    put_text(json, "responder", path->responder);
    put_number(json, "first_frame", path->first_frame);
    put_number(json, "last_frame", path->last_frame);
    put_text(json, "nat", path->nat);
}

void ike_report_json_sa(json_dumper *json, const ike_report_sa *record)
{
    const ike_sa *sa = record->sa;

    json_dumper_begin_object(json);
    put_number(json, "stream", sa->stream);
    put_text(json, "version", record->version);
    put_spi(json, "spi_initiator", sa->initiator_spi);
    put_spi(json, "spi_responder", sa->responder_spi);
    put_object(json, "initiator", put_party, &record->initiator);
    put_object(json, "responder", put_party, &record->responder);
    put_text(json, "outcome", ike_outcome_text(record->outcome));
    put_ms(json, "setup_ms", record->setup_ms);
    put_cause(json, &record->cause);
    put_object(json, "proposal", put_suite, &record->proposal);
    put_object(json, "nat", put_nat, record);
    put_text(json, "state", record->state);
    put_bool(json, "inferred", record->inferred_from != NULL);
    put_text(json, "inferred_from", record->inferred_from);
    put_bool(json, "roles_inferred", ike_sa_has_inferred_roles(record->sa));
    put_stream(json, "resumed_from", record->resumed_from);
    put_stream(json, "retry_of", record->retry_of);
    put_stream(json, "retried_as", record->retried_as);
    put_objects(json, "paths", put_path, record->paths, record->path_count, sizeof *record->paths);
    put_number(json, "messages", sa->messages);
    put_number(json, "copies", record->copies);
    put_number(json, "encrypted_messages", sa->encrypted_messages);
    put_number(json, "decrypted_messages", sa->decrypted_messages);
    put_number_or_null(json, "first_frame", sa->first_frame);
    put_number_or_null(json, "last_frame", sa->last_frame);
    put_decimal(json, "start", (double)sa->first_ns / 1e9);
    put_bool(json, "late_start", sa->late_start);
    put_bool(json, "tcp", sa->tcp);
    put_stream(json, "rekeyed_from", sa->rekeyed_from ? (int64_t)sa->rekeyed_from->stream : -1);
    put_stream(json, "rekeyed_to", sa->rekeyed_to ? (int64_t)sa->rekeyed_to->stream : -1);
    put_objects(json, "child_sas", put_child, record->children, record->child_count,
                sizeof *record->children);
    put_objects(json, "exchanges", put_exchange, record->exchanges, record->exchange_count,
                sizeof *record->exchanges);
    put_objects(json, "findings", put_finding, record->findings, record->finding_count,
                sizeof *record->findings);
    json_dumper_end_object(json);
}

/* ---- the totals ------------------------------------------------------------------------------ */

static void put_count(json_dumper *json, const void *of)
{
    const ike_count *count = of;

    put_text(json, "name", count->name);
    put_number(json, "count", count->count);
}

static void put_outcomes(json_dumper *json, const void *of)
{
    const ike_summary *summary = of;

    for (int i = 0; i < IKE_OUTCOMES; i++)
        put_number(json, ike_outcome_text((ike_outcome)i), summary->outcomes[i]);
}

static void put_slow(json_dumper *json, const void *of)
{
    const ike_slow *slow = of;

    put_number(json, "stream", slow->stream);
    put_number(json, "frame", slow->frame);
    put_ms(json, "ms", slow->ms);
    put_text(json, "initiator", slow->initiator);
    put_text(json, "responder", slow->responder);
}

static void put_flow(const ike_report_flow *flow, void *user)
{
    json_dumper *json = user;
    json_dumper_begin_object(json);
    put_text(json, "spi", flow->spi);
    put_text(json, "source", flow->source);
    put_text(json, "destination", flow->destination);
    put_health(json, &flow->health);
    json_dumper_end_object(json);
}

void ike_report_json_flows(json_dumper *json, const ike_tracker *tracker)
{
    json_dumper_set_member_name(json, "esp_flows");
    json_dumper_begin_array(json);
    ike_report_each_flow(tracker, put_flow, json);
    json_dumper_end_array(json);
}

void ike_report_json_summary(json_dumper *json, const ike_summary *summary)
{
    json_dumper_begin_object(json);
    put_number(json, "ike_sas", summary->ike_sas);
    put_number(json, "child_sas", summary->child_sas);
    put_number(json, "messages", summary->messages);
    put_number(json, "exchanges", summary->exchanges);
    put_number(json, "retransmissions", summary->retransmissions);
    put_number(json, "encrypted_messages", summary->encrypted_messages);
    put_number(json, "decrypted_messages", summary->decrypted_messages);
    put_number(json, "esp_packets", summary->esp_packets);
    put_number(json, "esp_unknown_flows", summary->esp_unknown_flows);
    put_object(json, "outcomes", put_outcomes, summary);
    put_objects(json, "causes", put_count, summary->causes, summary->cause_count,
                sizeof *summary->causes);
    put_objects(json, "algorithms", put_count, summary->algorithms, summary->algorithm_count,
                sizeof *summary->algorithms);
    put_objects(json, "versions", put_count, summary->versions, summary->version_count,
                sizeof *summary->versions);
    put_ms(json, "median_setup_ms", summary->median_setup_ms);
    put_objects(json, "slowest", put_slow, summary->slowest, summary->slow_count,
                sizeof *summary->slowest);
    put_objects(json, "findings", put_finding, summary->findings, summary->finding_count,
                sizeof *summary->findings);
    json_dumper_end_object(json);
}
