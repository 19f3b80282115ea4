/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An initiator whose turn it is does not go on: it does not accept what it was told, and need not
 * say so, or the rest is not in the capture. */
#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"
#include "proto/ike_numbers.h"

/* A daemon that goes on does so at once, and one that gave up tries again. In IKEv1 the responder
 * retransmits, too (RFC 2408 5.1). */
static bool is_over(const ike_sink *sink, const ike_message_record *last)
{
    const ike_sa *sa = last->exchange->sa, *newer = ike_sa_newest_between(sa);
    return (sa->major == 1 && last->retransmissions) ||
           ike_waited_ns(sink->tracker, last) >= 4 * IKE_SECOND ||
           (newer != sa && newer->first_ns > last->time_ns);
}

bool ike_may_stop(const ike_sink *sink, const ike_message_record *last)
{
    return is_over(sink, last) || !ike_tracker_is_reading(sink->tracker);
}

/* The initiator has no need of it: another IKE SA of these peers was up then, or came up soon. */
static bool is_superfluous(const ike_sa *sa, const ike_message_record *last)
{
    const ike_sa *used = ike_sa_newest_used_between(sa);
    return used && used != sa && ike_sa_was_up(used) &&
           used->first_ns < last->time_ns + 4 * IKE_SECOND &&
           (!used->deleted || used->deleted->time_ns > last->time_ns);
}

/* An initiator that retransmits its request has not got the response. */
static bool is_heard(const ike_exchange *init)
{
    return init->more->retransmitted_after == 0;
}

/* Scanners leave IKE SAs behind: findings about the responder (scan.c). */
static bool is_one_of_many(const ike_tracker *tracker, const ike_sa *sa)
{
    enum { MANY = 16 };
    const ike_peer *peer = ike_tracker_find_peer(tracker, &sa->first_responder, sa->major);
    const ike_peer_sas *sas = peer ? peer->sas[false] : NULL;
    return sas && sas->begun > sas->finished + MANY;
}

ike_draft ike_stop_draft(const ike_sink *sink, const ike_message_record *last, const char *what,
                         const char *why)
{
    ike_draft draft = ike_draft_new(IKE_F_STOPS, last);
    bool over = is_over(sink, last);
    draft.finding.side = IKE_SIDE_INITIATOR;
    g_string_append_printf(draft.text, "%s %s in frame %u: %s%s",
                           over ? "initiator stops after" : "nothing follows", what, last->frame,
                           why, over ? "" : ", or capture ends");
    g_string_append(draft.received, "nothing");
    return draft;
}

/* ---- IKEv2 ----------------------------------------------------------------------------------- */

/* RFC 8784 3: an initiator that insists on a PPK does not go on when the responder does not answer
 * USE_PPK. */
static bool lacks_ppk(const ike_exchange *init)
{
    return ike_content_notify(init->request->content, IKEV2_NOTIFY_USE_PPK) &&
           !ike_content_notify(init->response->content, IKEV2_NOTIFY_USE_PPK);
}

static void emit_missing_ppk(ike_sink *sink, const ike_message_record *response)
{
    ike_draft draft = ike_draft_new(IKE_F_MISSING_PPK, response);
    draft.finding.side = IKE_SIDE_INITIATOR;
    if (is_over(sink, response))
        draft.finding.certainty = IKE_SURE_LIKELY;
    draft.finding.frame = response->exchange->request->frame;
    g_string_append(draft.text,
                    "initiator stops after IKE_SA_INIT: it may require a PPK, responder has none");
    g_string_append(draft.requested, "USE_PPK");
    g_string_append(draft.received, "no USE_PPK");
    g_string_append(draft.detail, "Configure the post-quantum pre-shared key (RFC 8784) on the "
                                  "responder, or make it optional on the initiator.");
    ike_draft_emit(sink, &draft);
}

/* What an initiator may insist on and a response announces. */
static const struct {
    uint16_t notify;
    const char *name;
} announced[] = {
    {IKEV2_NOTIFY_CHILDLESS_IKEV2_SUPPORTED, "CHILDLESS_IKEV2_SUPPORTED"},   /* RFC 6023 */
    {IKEV2_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, "FRAGMENTATION_SUPPORTED"}, /* RFC 7383 */
    {IKEV2_NOTIFY_SIGNATURE_HASH_ALGORITHMS, "SIGNATURE_HASH_ALGORITHMS"},   /* RFC 7427 */
};

static void emit_after_init(ike_sink *sink, const ike_message_record *response)
{
    ike_draft draft =
        ike_stop_draft(sink, response, "the IKE_SA_INIT response", "initiator may not accept it");
    /* No cause: most captures that end here have been stopped. */
    if (!is_over(sink, response))
        draft.finding.kind = ike_kind(IKE_F_NOTHING_FOLLOWS);
    GString *lacks = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(announced); i++)
        if (!ike_content_notify(response->content, announced[i].notify))
            g_string_append_printf(lacks, "%s%s", lacks->len ? ", " : "", announced[i].name);
    g_string_append(draft.requested, "IKE_AUTH");
    if (lacks->len)
        g_string_append_printf(draft.detail,
                               "The response has no %s, which the initiator may require. Or ",
                               lacks->str);
    else
        g_string_append(draft.detail, "Perhaps ");
    g_string_append(draft.detail, "IKE_AUTH goes to port 4500 or on a path that is not captured. "
                                  "The log of the initiator has the reason.");
    g_string_free(lacks, TRUE);
    ike_draft_emit(sink, &draft);
}

/* Implementations announce what they can do, and that they look for NAT (RFC 7296 2.23). */
static bool is_probe(const ike_message_record *request)
{
    return !ike_content_notify(request->content, IKEV2_NOTIFY_NAT_DETECTION_SOURCE_IP);
}

static bool find_after_init(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *init = sa->init;
    const ike_message_record *response = init ? init->response : NULL;
    if (!response || !init->request || !sa->keys || sa->auth_begun || sa->last_begun[0] ||
        sa->last_begun[1] != init || sa->esp_packets || !is_heard(init) ||
        !ike_may_stop(sink, response))
        return false;
    bool ppk = lacks_ppk(init);
    if (!ppk && (is_superfluous(sa, response) || is_probe(init->request) ||
                 is_one_of_many(sink->tracker, sa)))
        return false;
    if (!ike_wants(sink, response))
        return true;
    (ppk ? emit_missing_ppk : emit_after_init)(sink, response);
    return true;
}

/* ---- IKEv1 ----------------------------------------------------------------------------------- */

/* What the initiator says in clear after phase 1 gives a reason, and no evidence of it. *more:
 * there are other exchanges. NULL: it says nothing. */
static const ike_message_record *said_in_clear(const ike_exchange *init, bool *more)
{
    enum { MAX_CLEAR = 4 };
    const ike_message_record *said = init->next ? init->next->messages : NULL;
    const ike_exchange *next = init->next;
    for (int i = 0; next && !*more; i++, next = next->next)
        *more = i == MAX_CLEAR || next->type != IKEV1_EXCHANGE_INFORMATIONAL ||
                next->messages->grade != IKE_GRADE_UNPROTECTED || !next->messages->from_initiator;
    return said;
}

/* Message 2 of aggressive mode proves the PSK of the responder by HASH_R (RFC 2409 5.4). A probe
 * stops there, too, but announces nothing of what clients can do. */
static bool find_after_aggressive(ike_sink *sink, const ike_sa *sa)
{
    const ike_exchange *init = sa->init;
    const ike_message_record *second =
        init && init->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE && init->by_step ? init->by_step[2]
                                                                              : NULL;
    bool more = false;
    const ike_message_record *said = init ? said_in_clear(init, &more) : NULL;
    if (!second || init->by_step[3] || sa->exchanges != init || more || !sa->initiator.vendors ||
        sa->late_start || is_one_of_many(sink->tracker, sa) || !is_heard(init) ||
        !ike_may_stop(sink, second))
        return false;
    if (!ike_wants(sink, second))
        return true;
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    bool psk = method && g_str_has_prefix(method, "PSK");
    ike_draft draft = ike_stop_draft(sink, second, "Aggressive Mode 2",
                                     psk ? "PSK may differ, or identity not accepted"
                                         : "certificate or identity may not be accepted");
    if (is_over(sink, second))
        draft.finding.code = "AUTHENTICATION_FAILED";
    g_string_append(draft.requested, method ? method : "Aggressive Mode 3");
    g_string_append_printf(draft.detail, "It may not accept %s of the responder.",
                           psk ? "HASH_R, as the pre-shared keys (group passwords) differ, or the "
                                 "identity"
                               : "the certificate or the identity");
    if (said && said->content && said->content->notify_count) {
        g_string_truncate(draft.received, 0);
        ike_append_notify(draft.received, sa, said->content->notifies[0].type);
        g_string_append_printf(draft.detail, " It says so in frame %u, without authentication.",
                               said->frame);
    }
    ike_draft_emit(sink, &draft);
    return true;
}

bool ike_find_stops(ike_sink *sink, const ike_sa *sa)
{
    return sa->major == 1 ? find_after_aggressive(sink, sa) : find_after_init(sink, sa);
}
