/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the files of findings/ pass findings on; they only. */
#ifndef IKE_EMIT_H
#define IKE_EMIT_H

#include <glib.h>

#include "analysis/findings/kinds.h"
#include "analysis/tracker/content.h"
#include "analysis/tracker/format.h"

/* Who wants findings, and of which message: NULL of all. */
typedef struct {
    const ike_tracker *tracker;
    const ike_message_record *only;
    ike_finding_fn fn;
    void *user;
    unsigned emitted; /* counts also what `only` leaves out */
} ike_sink;

/* A finding in the making: the texts are GStrings until it is passed on. */
typedef struct {
    ike_finding finding;
    GString *text, *detail, *requested, *received;
} ike_draft;

/* Whether a finding at this message is wanted; counts it. A producer that gets false makes no
 * texts. */
bool ike_wants(ike_sink *sink, const ike_message_record *record);

/* Begins a finding; passes it on and frees its texts, or frees them alone. */
ike_draft ike_draft_new(ike_f kind, const ike_message_record *record);
void ike_draft_emit(ike_sink *sink, ike_draft *draft);
void ike_draft_free(ike_draft *draft);

/* A finding with no more than a clause. */
void ike_emit(ike_sink *sink, ike_f kind, const ike_message_record *record, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same about a Child SA (NULL: the IKE SA), and the value that was received. */
void ike_emit_received(ike_sink *sink, ike_f kind, const ike_message_record *record,
                       const ike_child *child, const char *received, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static inline ike_side ike_side_of(bool initiator)
{
    return initiator ? IKE_SIDE_INITIATOR : IKE_SIDE_RESPONDER;
}

static inline const char *ike_role(bool initiator)
{
    return initiator ? "initiator" : "responder";
}

static inline const ike_party *ike_party_of(const ike_sa *sa, bool initiator)
{
    return initiator ? &sa->initiator : &sa->responder;
}

/* An identity between quotation marks, shortened to what fits a line: ' "moon.example"'; nothing
 * when it is not known. */
void ike_append_identity(GString *out, const ike_party *party);
/* ' "moon.example"', or ' the initiator' where its identity is not known. */
void ike_append_whom(GString *out, const ike_sa *sa, bool initiator);
/* Any text from the wire in the same way, without the space. */
void ike_append_quoted(GString *out, const char *text);

/* ", sent once", ", sent 5 times" */
void ike_append_sent(GString *out, unsigned times);

/* "IKE_AUTH request, sent 5 times" */
void ike_append_request(GString *out, const ike_message_record *request);

/* "EAP-TLS", "EAP type 51". */
void ike_append_eap(GString *out, uint8_t type);

/* IKEv1 without keys: after phase 1 a quick mode took place, one begins where the capture ends, or
 * ESP goes both ways. */
bool ike_goes_on_after_phase1(const ike_tracker *tracker, const ike_sa *sa);

/* The port of a side where a message was captured, which may be another place than that of others.
 */
uint16_t ike_port_of(const ike_message_record *message, bool of_initiator);

#endif
