/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cause and the outcome of IKE SAs and Child SAs: a verified error decides; next what is
 * unprotected, if there was nothing else; then the first hypothesis that the record supports. */
#include "analysis/findings/cause.h"

#include <string.h>

#include "analysis/findings/explain.h"

typedef bool (*hypothesis)(ike_sink *sink, const ike_sa *sa);

static const hypothesis hypotheses[] = {
    ike_find_empty_auth,   ike_find_encrypted_failure,
    ike_find_phase1,       ike_find_dropped,
    ike_find_xauth,        ike_find_no_response,
    ike_find_dpd,          ike_find_restart,
    ike_find_last_refusal, ike_find_stops,
};

bool ike_find_hypothesis(ike_sink *sink, const ike_sa *sa)
{
    if (ike_sa_state_of(sa) == IKE_SA_FAILED || sa->redirect)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(hypotheses); i++)
        if (hypotheses[i](sink, sa))
            return true;
    return false;
}

static void find_cause(ike_sink *sink, const ike_sa *sa)
{
    if (sa->redirect && !ike_sa_was_up(sa))
        ike_find_errors(sink, sa->redirect);
    else if (ike_sa_state_of(sa) != IKE_SA_FAILED)
        ike_find_hypothesis(sink, sa);
    else if (sa->failed)
        ike_find_failure(sink, sa->failed, sa->failed_by, NULL);
    else if (sa->refused)
        ike_find_failure(sink, sa->refused, sa->refused_by, NULL);
}

/* A finding about one Child SA is the cause of that alone. */
typedef struct {
    ike_finding_fn fn;
    void *user;
    const ike_child *child;
    ike_severity least;
    bool found;
} cause_filter;

static void filter_cause(const ike_finding *finding, void *user)
{
    cause_filter *filter = user;
    /* A restart ends an IKE SA, though the peers go on with another; what stops went no further. */
    bool severe = finding->kind->severity >= filter->least ||
                  finding->kind == ike_kind(IKE_F_RESTARTED) ||
                  finding->kind == ike_kind(IKE_F_STOPS);
    if (filter->found || finding->child != filter->child || !severe || finding->kind->security)
        return;
    filter->found = true;
    filter->fn(finding, filter->user);
}

void ike_cause_of_sa(const ike_tracker *tracker, const ike_sa *sa, ike_finding_fn fn, void *user)
{
    cause_filter filter = {
        .fn = fn, .user = user, .least = sa->redirect ? IKE_SEVERITY_NOTE : IKE_SEVERITY_ERROR};
    ike_sink sink = {.tracker = tracker, .fn = filter_cause, .user = &filter};
    find_cause(&sink, sa);
}

void ike_cause_of_child(const ike_tracker *tracker, const ike_child *child, ike_finding_fn fn,
                        void *user)
{
    /* What refused it is its cause also where that is no more than a note. */
    cause_filter filter = {.fn = fn, .user = user, .child = child, .least = IKE_SEVERITY_NOTE};
    ike_sink sink = {.tracker = tracker, .fn = filter_cause, .user = &filter};
    ike_find_child_cause(&sink, child);
}

/* ---- outcomes -------------------------------------------------------------------------------- */

typedef struct {
    bool found, no_response, likely;
} cause_summary;

static void sum_up(const ike_finding *finding, void *user)
{
    cause_summary *summary = user;
    summary->found = true;
    summary->no_response = strcmp(finding->code, "NO_RESPONSE") == 0;
    summary->likely = finding->certainty >= IKE_SURE_LIKELY;
    if (finding->kind == ike_kind(IKE_F_UNKNOWN_FAILURE) &&
        ike_sa_was_up(finding->message->exchange->sa))
        summary->found = false; /* a Child SA's */
}

static bool is_rejected(const ike_finding *finding)
{
    return finding->kind == ike_kind(IKE_F_AUTHENTICATION_FAILED) ||
           finding->kind == ike_kind(IKE_F_XAUTH_FAILED);
}

static void sum_up_rejection(const ike_finding *finding, void *user)
{
    *(bool *)user = is_rejected(finding) && finding->certainty >= IKE_SURE_LIKELY;
}

static ike_outcome outcome_before_set_up(const ike_tracker *tracker, const ike_sa *sa)
{
    cause_summary summary = {false, false, false};
    if (sa->redirect)
        return IKE_OUTCOME_INCOMPLETE;
    ike_cause_of_sa(tracker, sa, sum_up, &summary);
    if (!summary.found)
        return IKE_OUTCOME_INCOMPLETE;
    if (summary.no_response)
        return IKE_OUTCOME_NO_RESPONSE;
    return summary.likely ? IKE_OUTCOME_FAILED : IKE_OUTCOME_INCOMPLETE;
}

ike_outcome ike_sa_outcome(const ike_tracker *tracker, const ike_sa *sa)
{
    bool rejected = false;
    if (ike_sa_is_group_rekey(sa))
        return IKE_OUTCOME_GROUP;
    switch (ike_sa_state_of(sa)) {
    case IKE_SA_FAILED:
        return IKE_OUTCOME_FAILED;
    case IKE_SA_DELETED:
        /* IKEv1 rejects the last message of phase 1 by a Delete, some do so in IKEv2. */
        if (!ike_exchange_took_place(sa->last_quick) && !ike_exchange_took_place(sa->last_create))
            ike_cause_of_sa(tracker, sa, sum_up_rejection, &rejected);
        return rejected ? IKE_OUTCOME_FAILED : IKE_OUTCOME_DELETED;
    case IKE_SA_REKEYED:
        return sa->deleted ? IKE_OUTCOME_DELETED : IKE_OUTCOME_ESTABLISHED;
    case IKE_SA_ESTABLISHED:
        return IKE_OUTCOME_ESTABLISHED;
    case IKE_SA_INFERRED:
        ike_cause_of_sa(tracker, sa, sum_up_rejection, &rejected);
        return rejected ? IKE_OUTCOME_FAILED : IKE_OUTCOME_ESTABLISHED;
    default:
        return outcome_before_set_up(tracker, sa);
    }
}

const char *ike_outcome_text(ike_outcome outcome)
{
    static const char *const texts[] = {"established", "failed",  "incomplete",
                                        "no_response", "deleted", "group_rekey"};
    return (size_t)outcome < G_N_ELEMENTS(texts) ? texts[outcome] : "unknown";
}

/* Deleting an IKE SA deletes its Child SAs, also those that it inherited by rekeying. */
static bool lineage_deleted(const ike_sa *sa)
{
    enum { MAX_LINEAGE = 64 };
    for (int i = 0; sa->rekeyed_to && i < MAX_LINEAGE; i++)
        sa = sa->rekeyed_to;
    return ike_sa_state_of(sa) == IKE_SA_DELETED;
}

static void set_failed(const ike_finding *finding, void *user)
{
    (void)finding;
    *(ike_child_state *)user = IKE_CHILD_FAILED;
}

ike_child_state ike_child_outcome(const ike_tracker *tracker, const ike_child *child)
{
    ike_child_state state = ike_child_state_of(child);
    if (state == IKE_CHILD_REQUESTED)
        ike_cause_of_child(tracker, child, set_failed, &state);
    else if (state == IKE_CHILD_FAILED && ike_child_gave_way(tracker, child))
        return IKE_CHILD_REQUESTED;
    else if (state == IKE_CHILD_ESTABLISHED && lineage_deleted(child->sa))
        return IKE_CHILD_DELETED;
    else if (state == IKE_CHILD_ESTABLISHED && ike_sa_state_of(child->sa) == IKE_SA_FAILED)
        return IKE_CHILD_FAILED;
    return state;
}
