/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/emit.h"

#include <stdarg.h>
#include <string.h>

#include "analysis/tracker/quoted.h"

bool ike_wants(ike_sink *sink, const ike_message_record *record)
{
    sink->emitted++;
    return record && (!sink->only || sink->only == record);
}

ike_draft ike_draft_new(ike_f kind, const ike_message_record *record)
{
    const ike_finding_kind *row = ike_kind(kind);
    return (ike_draft){
        .finding = {.kind = row, .code = row->code, .certainty = row->certainty, .message = record},
        .text = g_string_new(NULL),
        .detail = g_string_new(NULL),
        .requested = g_string_new(NULL),
        .received = g_string_new(NULL)};
}

static const char *text_or_null(const GString *text)
{
    return text->len ? text->str : NULL;
}

/* Wireshark shows no more of an expert info (ITEM_LABEL_LENGTH is 240). */
static void shorten(GString *text)
{
    enum { MAX_TEXT = 200 };
    if (text->len <= MAX_TEXT)
        return;
    gsize length = MAX_TEXT;
    while (length > 0 && ((uint8_t)text->str[length] & 0xc0) == 0x80)
        length--; /* not within a UTF-8 sequence */
    g_string_truncate(text, length);
    g_string_append(text, "...");
}

/* "10.9.0.1 (moon.example)": address, and identity when it is known. */
static void append_party(GString *out, const ike_sa *sa, bool initiator)
{
    const ike_party *party = ike_party_of(sa, initiator);
    ike_format_address(out, &party->endpoint);
    if (party->id && *party->id)
        g_string_append_printf(out, " (%s)", party->id);
}

void ike_draft_free(ike_draft *draft)
{
    GString *texts[] = {draft->text, draft->detail, draft->requested, draft->received};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_string_free(texts[i], TRUE);
}

void ike_draft_emit(ike_sink *sink, ike_draft *draft)
{
    ike_finding *finding = &draft->finding;
    GString *peer = g_string_new(NULL);
    if (finding->side == IKE_SIDE_INITIATOR || finding->side == IKE_SIDE_RESPONDER)
        append_party(peer, finding->message->exchange->sa, finding->side == IKE_SIDE_INITIATOR);
    shorten(draft->text);
    draft->text->str[0] = g_ascii_toupper(draft->text->str[0]);
    finding->text = draft->text->str;
    finding->detail = text_or_null(draft->detail);
    finding->requested = text_or_null(draft->requested);
    finding->received = text_or_null(draft->received);
    finding->peer = text_or_null(peer);
    sink->fn(finding, sink->user);
    g_string_free(peer, TRUE);
    ike_draft_free(draft);
}

__attribute__((format(printf, 6, 0))) static void
emit_list(ike_sink *sink, ike_f kind, const ike_message_record *record, const ike_child *child,
          const char *received, const char *format, va_list arguments)
{
    if (!ike_wants(sink, record))
        return;
    ike_draft draft = ike_draft_new(kind, record);
    g_string_vprintf(draft.text, format, arguments);
    g_string_append(draft.received, received);
    draft.finding.child = child;
    draft.finding.side = ike_side_of(record->from_initiator);
    ike_draft_emit(sink, &draft);
}

void ike_emit(ike_sink *sink, ike_f kind, const ike_message_record *record, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    emit_list(sink, kind, record, NULL, "", format, arguments);
    va_end(arguments);
}

void ike_emit_received(ike_sink *sink, ike_f kind, const ike_message_record *record,
                       const ike_child *child, const char *received, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    emit_list(sink, kind, record, child, received, format, arguments);
    va_end(arguments);
}

void ike_append_identity(GString *out, const ike_party *party)
{
    if (!party->id || !*party->id)
        return;
    g_string_append_c(out, ' ');
    ike_append_quoted(out, party->id);
}

void ike_append_whom(GString *out, const ike_sa *sa, bool initiator)
{
    const ike_party *party = ike_party_of(sa, initiator);
    if (party->id && *party->id)
        ike_append_identity(out, party);
    else
        g_string_append_printf(out, " the %s", ike_role(initiator));
}

void ike_append_quoted(GString *out, const char *text)
{
    enum { FITS = 40 };
    ike_format_quoted(out, text, FITS);
}

void ike_append_eap(GString *out, uint8_t type)
{
    const char *name = ike_format_eap(type);
    g_string_append(out, name);
    if (type && strcmp(name, "EAP") == 0)
        g_string_append_printf(out, " type %u", type);
}

bool ike_goes_on_after_phase1(const ike_tracker *tracker, const ike_sa *sa)
{
    const ike_exchange *quick = sa->last_quick;
    const ike_message_record *first = quick ? ike_exchange_evidence(quick).first : NULL;
    const ike_message_record *up = ike_sa_up_since(sa);
    /* A side that gets no answer would have retransmitted it by then. */
    bool begins = first && up && first->time_ns >= up->time_ns &&
                  ike_waited_ns(tracker, first) < 4 * IKE_SECOND;
    return begins || ike_exchange_took_place(quick) || ike_sa_has_esp_both_ways(sa);
}

uint16_t ike_port_of(const ike_message_record *message, bool of_initiator)
{
    const ike_sa *sa = message->exchange->sa;
    if (!message->path)
        return ike_party_of(sa, of_initiator)->endpoint.port;
    const ike_path *path = sa->paths[message->path - 1];
    return of_initiator ? path->initiator.port : path->responder.port;
}

void ike_append_sent(GString *out, unsigned times)
{
    if (times == 1)
        g_string_append(out, ", sent once");
    else
        g_string_append_printf(out, ", sent %u times", times);
}

void ike_append_request(GString *out, const ike_message_record *request)
{
    char step[64];
    ike_record_step(request, step, sizeof step);
    g_string_append(out, step);
    ike_append_sent(out, request->retransmissions + 1);
}
