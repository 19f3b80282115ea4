/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which findings a message shows: what is in it, and what follows from its exchange, its Child SA
 * and its IKE SA. */
#include "analysis/findings/findings.h"

#include "analysis/findings/cause.h"
#include "analysis/findings/explain.h"

static void find_retransmission(ike_sink *sink, const ike_message_record *record)
{
    const ike_message_record *original = record->original;
    if (record->copy || !original)
        return;
    ike_emit(sink, IKE_F_RETRANSMISSION, record, "Retransmission of frame %u", original->frame);
}

/* What is in the message itself, and what was chosen in it. */
static void find_in_message(ike_sink *sink, const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    if (record->original) {
        find_retransmission(sink, record);
        return;
    }
    ike_find_faults(sink, record);
    ike_find_weak_message(sink, record);
    ike_find_weak_certificates(sink, record);
    ike_find_errors(sink, record);
    ike_find_late_response(sink, record);
    bool chose = exchange->sa->keys == record || exchange->more->new_sa ||
                 (exchange == exchange->sa->init && record->step == 2);
    if (record->response && chose && exchange->response == record)
        ike_find_choice(sink, exchange->request, record);
    if (exchange->more->new_sa && exchange->response == record)
        ike_find_weak_suite(sink, record, exchange->more->new_sa->negotiated, NULL);
    if (!exchange->sa->last_create || exchange->sa->last_create != exchange)
        ike_find_encrypted_refusal(sink, record);
}

/* What is shown at a message of an IKE SA and is not in it. */
static void find_about_sa(ike_sink *sink, const ike_sa *sa)
{
    ike_find_hypothesis(sink, sa);
    ike_find_half_open(sink, sa);
    ike_find_unknown_esp(sink, sa);
    ike_find_changes(sink, sa);
}

static void find_about_child(ike_sink *sink, const ike_child *child)
{
    ike_find_of_child(sink, child);
    ike_find_child_changes(sink, child);
    if (!child->refused)
        ike_find_child_cause(sink, child);
}

void ike_findings_of_message(const ike_tracker *tracker, const ike_message_record *record,
                             ike_finding_fn fn, void *user)
{
    ike_sink sink = {.tracker = tracker, .only = record, .fn = fn, .user = user};
    find_in_message(&sink, record);
    if (record->original)
        return;
    if (record->exchange->child)
        find_about_child(&sink, record->exchange->child);
    find_about_sa(&sink, record->exchange->sa);
}

/* A Child SA is about the exchange that it was requested in. */
void ike_findings_of_sa(const ike_tracker *tracker, const ike_sa *sa, ike_finding_fn fn, void *user)
{
    ike_sink sink = {.tracker = tracker, .fn = fn, .user = user};
    for (const ike_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next)
        for (const ike_message_record *record = exchange->messages; record; record = record->next)
            find_in_message(&sink, record);
    for (const ike_child *child = sa->children; child; child = child->next_of_sa)
        find_about_child(&sink, child);
    find_about_sa(&sink, sa);
}
