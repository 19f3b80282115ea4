/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peers that are gone: dead peer detection without an answer (RFC 7296 2.4, RFC 3706), and IKE SAs
 * that a restarted peer has lost. */
#include <string.h>

#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"
#include "proto/ike_numbers.h"

/* A peer that answers a new IKE SA and no longer this one has lost it. */
static const ike_sa *later_sa(const ike_sa *sa, const ike_message_record *request)
{
    const ike_sa *newest = ike_sa_newest_between(sa);
    if (newest == sa || newest->rekeyed_from == sa || newest->first_ns < request->time_ns ||
        !newest->responder_spi || newest->major != sa->major)
        return NULL;
    return newest;
}

/* What it sent in clear instead of a response: that it does not know the SPIs (RFC 7296 2.21.4). */
static const ike_message_record *unknown_spi(const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    bool spi = sa->major == 1 ? sa->refused_by == IKEV1_NOTIFY_INVALID_COOKIE
                              : sa->refused_by == IKEV2_NOTIFY_INVALID_IKE_SPI;
    return sa->refused && spi && sa->refused->frame > request->frame &&
                   sa->refused->from_initiator != request->from_initiator
               ? sa->refused
               : NULL;
}

/* When the last packet of a side came before `until`, IKE or ESP, of the newest Child SAs. */
static uint64_t last_heard(const ike_sa *sa, bool of_initiator, uint64_t until)
{
    enum { MAX_CHILDREN = 16 };
    const ike_message_record *last = sa->last_protected[of_initiator];
    uint64_t heard = last && last->time_ns <= until ? last->time_ns : 0;
    const ike_child *child = sa->newest_child;
    for (int i = 0; child && i < MAX_CHILDREN; i++, child = child->previous_of_sa) {
        const ike_esp_flow *flow = of_initiator ? child->to_responder : child->to_initiator;
        if (flow && flow->last_ns <= until && flow->last_ns > heard)
            heard = flow->last_ns;
    }
    return heard;
}

static bool is_heard(const ike_sa *sa, bool initiator)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (sa->paths[i]->messages[initiator])
            return true;
    return false;
}

bool ike_lacks_side(const ike_sa *sa, bool of_initiator)
{
    enum { SEVERAL = 3, MOST = 16 };
    unsigned begun = 0, answered = 0;
    if (is_heard(sa, of_initiator))
        return false;
    const ike_exchange *e = sa->exchanges;
    for (int i = 0; e && i < MOST; i++, e = e->next) {
        begun += e->request && e->request->grade != IKE_GRADE_UNPROTECTED;
        answered += e->response && e->response->grade != IKE_GRADE_UNPROTECTED;
    }
    return begun >= SEVERAL || answered >= SEVERAL;
}

bool ike_is_heard_after(const ike_message_record *request)
{
    return last_heard(request->exchange->sa, !request->from_initiator, UINT64_MAX) >
           request->time_ns + IKE_SECOND;
}

/* A NAT forgets a mapping that is not used (RFC 4787 4.3: after two minutes at the earliest, many
 * sooner). A responder behind one was found at its port: that mapping is configured. */
static void add_mapping(ike_draft *draft, const ike_message_record *request)
{
    const ike_sa *sa = request->exchange->sa;
    bool asked = !request->from_initiator;
    uint64_t heard = last_heard(sa, asked, request->time_ns);
    if (!ike_party_of(sa, asked)->behind_nat || !heard)
        return;
    ike_format_endpoint(draft->requested, &ike_party_of(sa, asked)->endpoint);
    g_string_append(draft->received, "no response");
    if (asked)
        g_string_append_printf(draft->detail,
                               " If it is behind NAT, the mapping of its port %u may have expired, "
                               "as it was silent for %.0f s before. NAT keepalives prevent that.",
                               ike_party_of(sa, asked)->endpoint.port,
                               (double)(request->time_ns - heard) / (double)IKE_SECOND);
}

/* The silent side had sent R-U-THERE itself, got the answer late and nothing after it: it gave up.
 * The first of those requests; NULL none. */
static const ike_message_record *answered_late(const ike_message_record *request)
{
    const uint64_t late_ns = 4 * IKE_SECOND; /* of dpd_timeout, 30 s with most and seldom less */
    const ike_sa *sa = request->exchange->sa;
    bool silent = !request->from_initiator;
    const ike_dpd_requests *dpd = sa->major == 1 ? sa->dpd[silent] : NULL;
    const ike_message_record *first = dpd ? dpd->first : NULL;
    const ike_message_record *answer = first ? first->exchange->response : NULL;
    return answer && answer->time_ns >= first->time_ns + late_ns &&
                   last_heard(sa, silent, UINT64_MAX) < answer->time_ns
               ? first
               : NULL;
}

static void explain_late(ike_draft *draft, const ike_message_record *first)
{
    double seconds = (double)(first->exchange->response->time_ns - first->time_ns) / 1e9;
    bool late = !first->from_initiator;
    draft->finding.side = ike_side_of(late);
    draft->finding.frame = first->frame;
    g_string_append_printf(draft->text,
                           "NO_RESPONSE: %s answered dead peer detection after %.1f s: %s had "
                           "given up",
                           ike_role(late), seconds, ike_role(!late));
    g_string_append_printf(draft->requested, "R-U-THERE in frame %u", first->frame);
    g_string_append_printf(draft->received, "answer after %.1f s", seconds);
    g_string_append_printf(draft->detail,
                           "The %s was down or its path was, and does not know that the IKE SA is "
                           "gone: it gets no response to its own dead peer detection.",
                           ike_role(late));
}

static void emit_dpd(ike_sink *sink, const ike_message_record *request, uint32_t times)
{
    if (!ike_wants(sink, request))
        return;
    const ike_sa *newer = later_sa(request->exchange->sa, request);
    const ike_message_record *unknown = unknown_spi(request), *late = answered_late(request);
    const char *role = ike_role(!request->from_initiator);
    ike_draft draft =
        ike_draft_new(newer || unknown ? IKE_F_PEER_RESTARTED : IKE_F_DPD_UNANSWERED, request);
    draft.finding.side = ike_side_of(!request->from_initiator);
    if (newer) {
        draft.finding.frame = newer->first_frame;
        g_string_append(draft.detail, "Most likely it restarted.");
        g_string_append_printf(draft.text,
                               "PEER_RESTARTED: %s lost this IKE SA (no response to %u request%s), "
                               "new one in frame %u",
                               role, times, ike_plural(times), newer->first_frame);
    } else if (unknown) {
        draft.finding.frame = unknown->frame;
        g_string_append_printf(
            draft.text,
            "PEER_RESTARTED: %s no longer has this IKE SA (unauthenticated %s, frame "
            "%u)",
            role, request->exchange->sa->major == 1 ? "INVALID_COOKIE" : "INVALID_IKE_SPI",
            unknown->frame);
        g_string_append(draft.detail, "It restarted, or deleted the IKE SA.");
    } else if (late) {
        explain_late(&draft, late);
    } else {
        g_string_append_printf(draft.text,
                               "NO_RESPONSE: %s does not respond to dead peer detection", role);
        ike_append_sent(draft.text, times);
        g_string_append(draft.detail, "It is down, it lost this IKE SA, or the path broke.");
        add_mapping(&draft, request);
    }
    ike_draft_emit(sink, &draft);
}

static bool find_v2(ike_sink *sink, const ike_sa *sa)
{
    for (int side = 1; side >= 0; side--) {
        const ike_exchange *e = sa->last_begun[side];
        if (!e || !e->request || e->response || e->type != IKEV2_EXCHANGE_INFORMATIONAL ||
            !ike_sa_was_up(sa) || !ike_waits_in_vain(e->request, e->request->retransmissions) ||
            sa->deleted || ike_lacks_side(sa, !side) || e->purpose == IKE_PURPOSE_DELETE ||
            e->purpose == IKE_PURPOSE_DELETE_IKE || e->purpose == IKE_PURPOSE_DELETE_CHILD)
            continue;
        emit_dpd(sink, e->request, e->request->retransmissions + 1);
        return true;
    }
    return false;
}

/* Goes back over encrypted INFORMATIONALs of one side and one length and counts them; the exchange
 * before them, NULL none. */
static const ike_exchange *skip_alike(const ike_exchange *exchange, uint32_t *count,
                                      const ike_message_record **first)
{
    enum { MAX_COUNTED = 32 };
    const ike_message_record *last = exchange ? exchange->messages : NULL;
    for (*count = 0; exchange && *count < MAX_COUNTED; exchange = exchange->previous_of_side) {
        const ike_message_record *record = exchange->messages;
        if (exchange->type != IKEV1_EXCHANGE_INFORMATIONAL || exchange->count != 1 ||
            record->grade != IKE_GRADE_ENCRYPTED || record->length != last->length ||
            record->from_initiator != last->from_initiator)
            break;
        *first = record;
        ++*count;
    }
    return exchange;
}

/* Encrypted INFORMATIONALs of the other side, which waited for long and gave up. */
typedef struct {
    uint32_t count;
    const ike_message_record *first, *last;
} unanswered_run;

/* The run of the other side before `first` when nothing came to it for seconds; count 0 none. */
static unanswered_run run_before(const ike_exchange *before, const ike_message_record *first)
{
    const uint64_t silence_ns = 3 * IKE_SECOND;
    unanswered_run run = {.last = before ? before->messages : NULL};
    (void)skip_alike(before, &run.count, &run.first);
    if (run.count < 2 || first->time_ns < run.last->time_ns + silence_ns ||
        run.last->from_initiator == first->from_initiator)
        run.count = 0;
    return run;
}

/* The first of the messages that end an IKE SA whose keys are not known, when they look like
 * R-U-THERE (RFC 3706 5.4): seconds apart, more than can answer what the other side sent before
 * them, and nothing from it after them. NULL otherwise. */
static const ike_message_record *encrypted_requests(const ike_sa *sa, uint32_t *count,
                                                    unanswered_run *run)
{
    enum { LEAST = 3 };
    const ike_message_record *first = NULL, *other = NULL, *last = sa->last;
    uint32_t answered;
    if (!sa->last_informational || sa->last_informational->messages != last)
        return NULL;
    const ike_exchange *before = skip_alike(sa->last_informational, count, &first);
    (void)skip_alike(before, &answered, &other);
    *run = first ? run_before(before, first) : (unanswered_run){.count = 0};
    return first && *count >= answered + LEAST && last->time_ns >= first->time_ns &&
                   last->time_ns - first->time_ns >= 2 * IKE_SECOND &&
                   sa->last_protected[!first->from_initiator] && !ike_is_heard_after(first)
               ? first
               : NULL;
}

/* The one that is silent now was not answered before. */
static void explain_run(ike_draft *draft, const unanswered_run *run,
                        const ike_message_record *first)
{
    double seconds = (double)(first->time_ns - run->first->time_ns) / 1e9;
    draft->finding.side = ike_side_of(first->from_initiator);
    draft->finding.frame = run->first->frame;
    g_string_append_printf(draft->text,
                           "NO_RESPONSE: %s answers %u encrypted INFORMATIONALs after %.1f s, dead "
                           "peer detection? (no key)",
                           ike_role(first->from_initiator), run->count, seconds);
    g_string_append_printf(draft->requested, "%u requests", run->count);
    g_string_append_printf(draft->received, "nothing for %.1f s", seconds);
    g_string_append_printf(draft->detail,
                           "They look like R-U-THERE (RFC 3706). The %s is silent from then on: "
                           "likely it had given up.",
                           ike_role(!first->from_initiator));
}

static bool find_encrypted_v1(ike_sink *sink, const ike_sa *sa)
{
    uint32_t count;
    unanswered_run run;
    const ike_message_record *first =
        ike_sa_was_up(sa) ? encrypted_requests(sa, &count, &run) : NULL;
    if (!first)
        return false;
    if (!ike_wants(sink, first))
        return true;
    const char *role = ike_role(!first->from_initiator);
    ike_draft draft = ike_draft_new(IKE_F_DPD_UNANSWERED, first);
    draft.finding.side = ike_side_of(!first->from_initiator);
    draft.finding.certainty = IKE_SURE_POSSIBLE;
    if (run.count) {
        explain_run(&draft, &run, first);
        ike_draft_emit(sink, &draft);
        return true;
    }
    g_string_append_printf(draft.text,
                           "NO_RESPONSE: %s is silent after %u encrypted INFORMATIONALs, dead peer "
                           "detection? (no key)",
                           role, count);
    g_string_append_printf(draft.requested, "%u requests", count);
    g_string_append(draft.received, "no response");
    g_string_append(draft.detail, "They look like R-U-THERE (RFC 3706). It is down, it lost this "
                                  "IKE SA, or the path broke.");
    ike_draft_emit(sink, &draft);
    return true;
}

/* R-U-THERE is sent again each time: three in a row without an answer tell that the peer is gone,
 * unless only one direction was captured. */
static bool find_v1(ike_sink *sink, const ike_sa *sa)
{
    if (sa->deleted || sa->major != 1)
        return false;
    for (int side = 1; side >= 0; side--) {
        const ike_dpd_requests *dpd = sa->dpd[side];
        if (!dpd || dpd->unanswered < 3 || !sa->last_protected[!side])
            continue;
        emit_dpd(sink, dpd->first, dpd->unanswered);
        return true;
    }
    return find_encrypted_v1(sink, sa);
}

bool ike_find_dpd(ike_sink *sink, const ike_sa *sa)
{
    return sa->major == 1 ? find_v1(sink, sa) : find_v2(sink, sa);
}

/* The IKE SA that the initiator of `sa` set up next; NULL unknown. */
static const ike_sa *next_of_identity(const ike_tracker *tracker, const ike_sa *sa)
{
    enum { MAX_CHAIN = 64 };
    const ike_sa *next = ike_tracker_newest_of_identity(tracker, sa);
    for (int i = 0; next && next->same_identity != sa && i < MAX_CHAIN; i++)
        next = next->same_identity;
    return next && next->same_identity == sa ? next : NULL;
}

/* A side that retransmitted its last request in vain begins again: it need not have restarted. */
static bool gave_up(const ike_sa *sa, bool initiator)
{
    const ike_exchange *last = sa->major == 1 ? sa->last_quick : sa->last_begun[initiator];
    const ike_message_record *request = last ? last->messages : NULL;
    bool complete = last && (last->by_step ? last->by_step[3] != NULL : last->response != NULL);
    return request && request->from_initiator == initiator && request->retransmissions >= 2 &&
           !complete;
}

/* The initiator set up a new IKE SA and says that it has no other (RFC 7296 2.4): it lost this one
 * without notice. */
bool ike_find_restart(ike_sink *sink, const ike_sa *sa)
{
    const ike_sa *newer = ike_sa_newest_used_between(sa);
    if (!newer || newer == sa || !newer->initial_contact || newer->rekeyed_from == sa || !sa->last)
        return false;
    const ike_message_record *up = ike_sa_up_since(sa);
    ike_sa_state state = ike_sa_state_of(sa);
    if (!up || (state != IKE_SA_ESTABLISHED && state != IKE_SA_INFERRED) ||
        newer->first_ns < up->time_ns || !ike_sa_was_up(newer))
        return false;
    bool same_initiator = ike_same_address(&newer->initiator.endpoint, &sa->initiator.endpoint);
    const ike_party *was = same_initiator ? &sa->initiator : &sa->responder;
    if (g_strcmp0(newer->initiator.id, was->id) != 0 || gave_up(sa, same_initiator))
        return false;
    /* Another host took over its identity: that is no restart. */
    const ike_sa *next = same_initiator ? next_of_identity(sink->tracker, sa) : NULL;
    if (next && !ike_same_address(&next->initiator.endpoint, &sa->initiator.endpoint))
        return false;
    if (!ike_wants(sink, sa->last))
        return true;
    if (next && next->initial_contact)
        newer = next;
    ike_draft draft = ike_draft_new(IKE_F_RESTARTED, sa->last);
    draft.finding.side = ike_side_of(same_initiator);
    draft.finding.frame = newer->first_frame;
    g_string_append_printf(
        draft.text, "PEER_RESTARTED: %s set up a new IKE SA in frame %u with INITIAL_CONTACT",
        ike_role(same_initiator), newer->first_frame);
    g_string_append(draft.detail, "Most likely it restarted and lost this IKE SA.");
    ike_draft_emit(sink, &draft);
    return true;
}
