/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings: what follows from the record of a capture, computed when it is asked for. Nothing here
 * changes the record. All views (tree, expert infos, table, report, summary, JSON) ask these
 * functions, which give the same answer at the same point of the capture. */
#ifndef IKE_FINDINGS_H
#define IKE_FINDINGS_H

#include "analysis/tracker/tracker.h"

typedef enum {
    IKE_SEVERITY_CHAT,
    IKE_SEVERITY_NOTE,
    IKE_SEVERITY_WARN,
    IKE_SEVERITY_ERROR
} ike_severity;
typedef enum { IKE_SURE_POSSIBLE, IKE_SURE_LIKELY, IKE_SURE_CERTAIN } ike_certainty;

/* The side that refused, did not respond or sent the message. */
typedef enum {
    IKE_SIDE_NONE,
    IKE_SIDE_INITIATOR, /* of the IKE SA */
    IKE_SIDE_RESPONDER,
    IKE_SIDE_NETWORK
} ike_side;

/* One kind of finding: an expert info "isakmp.finding.<name>". */
typedef struct {
    const char *name;    /* "no_proposal_chosen": stable, lower case */
    const char *code;    /* "NO_PROPOSAL_CHOSEN": in the report */
    const char *summary; /* what it means in general, for the list of expert infos */
    ike_severity severity;
    ike_certainty certainty; /* at most */
    bool security;           /* may fire on a healthy session */
} ike_finding_kind;

enum { IKE_WIRE_REQUESTED = 1, IKE_WIRE_RECEIVED = 2 };

/* What the two values of a finding are to each other. */
typedef enum {
    IKE_VALUES_REQUESTED, /* requested and received */
    IKE_VALUES_CHANGED,   /* before and after */
    IKE_VALUES_EXPECTED,  /* expected and found */
    IKE_VALUE_PAIRS
} ike_value_pair;

/* The names of the two as members and parts of field names, "before", "after", and as labels,
 * "Before", "After"; second: of `received`. */
const char *ike_value_name(ike_value_pair pair, bool second);
const char *ike_value_label(ike_value_pair pair, bool second);

/* One finding. All texts live as long as the call that it is passed to. */
typedef struct {
    const ike_finding_kind *kind;
    const char *code;      /* the kind's, or the name of the notify that it is about */
    const char *text;      /* one clause of about 100 characters that stands alone */
    const char *detail;    /* further sentences, what to change included; NULL none */
    const char *requested; /* the value of the side that was refused or not answered; NULL */
    const char *received;  /* the value of the other side; NULL */
    const char *peer;      /* address and identity of `side`; NULL */
    const ike_message_record *message; /* where it is shown */
    const ike_child *child;            /* NULL when it is about the IKE SA */
    uint32_t frame;                    /* a related frame that supports or contradicts it; 0 none */
    ike_certainty certainty;
    ike_side side;
    ike_value_pair values;
    uint8_t from_wire; /* IKE_WIRE_…: these values are text from the wire, to be quoted in texts */
} ike_finding;

/* All kinds, *count rows; the index of a row is stable while the program runs. */
const ike_finding_kind *ike_finding_kinds(size_t *count);
size_t ike_finding_index(const ike_finding *finding); /* of its kind */
const char *ike_certainty_text(ike_certainty certainty);
const char *ike_side_text(ike_side side); /* "initiator", ...; NULL for none */

typedef void (*ike_finding_fn)(const ike_finding *finding, void *user);

/* Calls fn for each finding that is shown at one message. In constant time. */
void ike_findings_of_message(const ike_tracker *tracker, const ike_message_record *record,
                             ike_finding_fn fn, void *user);

/* The same for all messages of an IKE SA, exchange by exchange. */
void ike_findings_of_sa(const ike_tracker *tracker, const ike_sa *sa, ike_finding_fn fn,
                        void *user);

/* Why an IKE SA or a Child SA failed, did not come up, or stopped: at most one finding. In constant
 * time. */
void ike_cause_of_sa(const ike_tracker *tracker, const ike_sa *sa, ike_finding_fn fn, void *user);
void ike_cause_of_child(const ike_tracker *tracker, const ike_child *child, ike_finding_fn fn,
                        void *user);

/* Many IKE SAs that were begun with one responder and never completed: one finding for each such
 * responder is shown at its first message. */

typedef enum {
    IKE_OUTCOME_ESTABLISHED,
    IKE_OUTCOME_FAILED,
    IKE_OUTCOME_INCOMPLETE,
    IKE_OUTCOME_NO_RESPONSE,
    IKE_OUTCOME_DELETED, /* came up and was deleted later */
    IKE_OUTCOME_GROUP,   /* no IKE SA is set up: the Rekey SA of a group */
    IKE_OUTCOMES
} ike_outcome;

/* In constant time. */
ike_outcome ike_sa_outcome(const ike_tracker *tracker, const ike_sa *sa);
const char *
ike_outcome_text(ike_outcome outcome); /* "established", ..., "no_response", "group_rekey" */
/* Of a Child SA, with what its IKE SA and its cause say. */
ike_child_state ike_child_outcome(const ike_tracker *tracker, const ike_child *child);

#endif
