/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One IKE SA of the report, and the totals, as JSON. The names of the members are what scripts rely
 * on: members may be added, none is renamed. */
#include "dissector/base/compat.h"

#include "plugin/report_tap.h"

/* ---- values ---------------------------------------------------------------------------------- */

static void put_null(json_dumper *json)
{
    json_dumper_value_anyf(json, "null");
}

/* A text may come from a packet: JSON has to be UTF-8. */
static void put_text(json_dumper *json, const char *name, const char *text)
{
    json_dumper_set_member_name(json, name);
    if (!text) {
        put_null(json);
    } else if (g_utf8_validate(text, -1, NULL)) {
        json_dumper_value_string(json, text);
    } else {
        char *valid = g_utf8_make_valid(text, -1);
        json_dumper_value_string(json, valid);
        g_free(valid);
    }
}

static void put_number(json_dumper *json, const char *name, uint64_t number)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%" G_GUINT64_FORMAT, number);
}

/* 0, for instance of a frame, means that there is none. */
static void put_number_or_null(json_dumper *json, const char *name, uint32_t number)
{
    json_dumper_set_member_name(json, name);
    if (number)
        json_dumper_value_anyf(json, "%u", number);
    else
        put_null(json);
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
    if (ms < 0) {
        json_dumper_set_member_name(json, name);
        put_null(json);
    } else {
        put_decimal(json, name, ms);
    }
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
    for (; *names; names++) {
        char *valid = g_utf8_make_valid(*names, -1);
        json_dumper_value_string(json, valid);
        g_free(valid);
    }
    json_dumper_end_array(json);
}

static void begin(json_dumper *json, const char *name)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_object(json);
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

static void put_cause(json_dumper *json, const ike_report_finding *cause)
{
    if (!cause->code) {
        json_dumper_set_member_name(json, "cause");
        put_null(json);
        return;
    }
    begin(json, "cause");
    put_text(json, "code", cause->code);
    put_number(json, "frame", cause->frame);
    put_text(json, "text", cause->text);
    put_text(json, "certainty", ike_certainty_text(cause->certainty));
    put_parts(json, cause);
    json_dumper_end_object(json);
}

static void write_authentication(json_dumper *json, ike_authentication authentication)
{
    if (authentication != IKE_AUTHENTICATION_UNKNOWN) {
        put_bool(json, "auth_verified", authentication == IKE_AUTHENTICATION_VERIFIED);
        return;
    }
    json_dumper_set_member_name(json, "auth_verified");
    put_null(json);
}

static void put_party(json_dumper *json, const char *name, const ike_report_party *party)
{
    begin(json, name);
    put_text(json, "address", *party->address ? party->address : NULL);
    put_number(json, "port", party->port);
    put_text(json, "id", party->id);
    put_text(json, "id_type", party->id_type);
    put_text(json, "auth", party->auth);
    write_authentication(json, party->authentication);
    put_text(json, "auth_reason", party->authentication_reason);
    put_text(json, "certificate", party->certificate);
    put_texts(json, "vendors", party->vendors);
    json_dumper_end_object(json);
}

static void put_suite(json_dumper *json, const ike_report_suite *suite)
{
    begin(json, "proposal");
    put_text(json, "encryption", suite->encryption);
    put_text(json, "integrity", suite->integrity);
    put_text(json, "prf", suite->prf);
    put_texts(json, "key_exchange", suite->key_exchange);
    json_dumper_end_object(json);
}

static void put_nat(json_dumper *json, const ike_report_sa *record)
{
    begin(json, "nat");
    put_bool(json, "initiator", record->initiator.behind_nat);
    put_bool(json, "responder", record->responder.behind_nat);
    put_bool(json, "known", record->sa->initiator.nat_known || record->sa->responder.nat_known);
    json_dumper_end_object(json);
}

static void put_health(json_dumper *json, const ike_esp_health *health)
{
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

static void put_direction(json_dumper *json, const char *name, const ike_esp_health *health)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_object(json);
    put_health(json, health);
    json_dumper_end_object(json);
}

static void put_child(json_dumper *json, const ike_report_child *child)
{
    json_dumper_begin_object(json);
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
    put_direction(json, "to_initiator", &child->to_initiator);
    put_direction(json, "to_responder", &child->to_responder);
    put_text(json, "outcome", child->outcome);
    put_cause(json, &child->cause);
    put_text(json, "rekeyed_from", child->rekeyed_from);
    put_number_or_null(json, "frame", child->frame);
    json_dumper_end_object(json);
}

static void put_exchange(json_dumper *json, const ike_report_exchange *exchange)
{
    json_dumper_begin_object(json);
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
    json_dumper_end_object(json);
}

static void put_finding(json_dumper *json, const ike_report_finding *finding)
{
    static const char *const severities[] = {"chat", "note", "warn", "error"};

    json_dumper_begin_object(json);
    put_text(json, "severity", severities[finding->severity]);
    put_text(json, "code", finding->code);
    put_number(json, "frame", finding->frame);
    put_text(json, "text", finding->text);
    put_text(json, "certainty", ike_certainty_text(finding->certainty));
    put_text(json, "kind", finding->name);
    put_bool(json, "security", finding->security);
    put_parts(json, finding);
    json_dumper_end_object(json);
}

/* ---- the IKE SA ------------------------------------------------------------------------------ */

static void put_stream_or_null(json_dumper *json, const char *name, int64_t stream)
{
    json_dumper_set_member_name(json, name);
    if (stream >= 0)
        json_dumper_value_anyf(json, "%u", (unsigned)stream);
    else
        put_null(json);
}

static void put_paths(json_dumper *json, const ike_report_sa *record)
{
    json_dumper_set_member_name(json, "paths");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < record->path_count; i++) {
        json_dumper_begin_object(json);
        put_text(json, "initiator", record->paths[i].initiator);
        put_text(json, "responder", record->paths[i].responder);
        put_number(json, "first_frame", record->paths[i].first_frame);
        put_number(json, "last_frame", record->paths[i].last_frame);
        put_text(json, "nat", record->paths[i].nat);
        json_dumper_end_object(json);
    }
    json_dumper_end_array(json);
}

static void put_sa_link(json_dumper *json, const char *name, const ike_sa *sa)
{
    json_dumper_set_member_name(json, name);
    if (sa)
        json_dumper_value_anyf(json, "%u", sa->stream);
    else
        put_null(json);
}

static void put_lists(json_dumper *json, const ike_report_sa *record)
{
    json_dumper_set_member_name(json, "child_sas");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < record->child_count; i++)
        put_child(json, &record->children[i]);
    json_dumper_end_array(json);

    json_dumper_set_member_name(json, "exchanges");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < record->exchange_count; i++)
        put_exchange(json, &record->exchanges[i]);
    json_dumper_end_array(json);

    json_dumper_set_member_name(json, "findings");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < record->finding_count; i++)
        put_finding(json, &record->findings[i]);
    json_dumper_end_array(json);
}

void ike_report_json_sa(json_dumper *json, const ike_report_sa *record)
{
    const ike_sa *sa = record->sa;

    json_dumper_begin_object(json);
    put_number(json, "stream", sa->stream);
    put_text(json, "version", record->version);
    put_spi(json, "spi_initiator", sa->initiator_spi);
    put_spi(json, "spi_responder", sa->responder_spi);
    put_party(json, "initiator", &record->initiator);
    put_party(json, "responder", &record->responder);
    put_text(json, "outcome", ike_outcome_text(record->outcome));
    put_ms(json, "setup_ms", record->setup_ms);
    put_cause(json, &record->cause);
    put_suite(json, &record->proposal);
    put_nat(json, record);
    put_text(json, "state", record->state);
    put_bool(json, "inferred", record->inferred_from != NULL);
    put_text(json, "inferred_from", record->inferred_from);
    put_stream_or_null(json, "resumed_from", record->resumed_from);
    put_stream_or_null(json, "retry_of", record->retry_of);
    put_stream_or_null(json, "retried_as", record->retried_as);
    put_paths(json, record);
    put_number(json, "messages", sa->messages);
    put_number(json, "copies", record->copies);
    put_number(json, "encrypted_messages", sa->encrypted_messages);
    put_number(json, "decrypted_messages", sa->decrypted_messages);
    put_number_or_null(json, "first_frame", sa->first_frame);
    put_number_or_null(json, "last_frame", sa->last_frame);
    put_decimal(json, "start", (double)sa->first_ns / 1e9);
    put_bool(json, "late_start", sa->late_start);
    put_bool(json, "tcp", sa->tcp);
    put_sa_link(json, "rekeyed_from", sa->rekeyed_from);
    put_sa_link(json, "rekeyed_to", sa->rekeyed_to);
    put_lists(json, record);
    json_dumper_end_object(json);
}

/* ---- the totals ------------------------------------------------------------------------------ */

static void put_counts(json_dumper *json, const char *name, const ike_count *list, size_t length)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_array(json);
    for (size_t i = 0; i < length; i++) {
        json_dumper_begin_object(json);
        put_text(json, "name", list[i].name);
        put_number(json, "count", list[i].count);
        json_dumper_end_object(json);
    }
    json_dumper_end_array(json);
}

static void put_outcomes(json_dumper *json, const ike_summary *summary)
{
    begin(json, "outcomes");
    for (int i = 0; i < IKE_OUTCOMES; i++)
        put_number(json, ike_outcome_text((ike_outcome)i), summary->outcomes[i]);
    json_dumper_end_object(json);
}

static void put_slowest(json_dumper *json, const ike_summary *summary)
{
    json_dumper_set_member_name(json, "slowest");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < summary->slow_count; i++) {
        const ike_slow *slow = &summary->slowest[i];
        json_dumper_begin_object(json);
        put_number(json, "stream", slow->stream);
        put_number(json, "frame", slow->frame);
        put_ms(json, "ms", slow->ms);
        put_text(json, "initiator", slow->initiator);
        put_text(json, "responder", slow->responder);
        json_dumper_end_object(json);
    }
    json_dumper_end_array(json);
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
    put_outcomes(json, summary);
    put_counts(json, "causes", summary->causes, summary->cause_count);
    put_counts(json, "algorithms", summary->algorithms, summary->algorithm_count);
    put_counts(json, "versions", summary->versions, summary->version_count);
    put_ms(json, "median_setup_ms", summary->median_setup_ms);
    put_slowest(json, summary);
    json_dumper_set_member_name(json, "findings");
    json_dumper_begin_array(json);
    for (size_t i = 0; i < summary->finding_count; i++)
        put_finding(json, &summary->findings[i]);
    json_dumper_end_array(json);
    json_dumper_end_object(json);
}
