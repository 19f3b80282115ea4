/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings that only the end tells: requests that nobody answered, failures never made good. */
#include "analysis/tracker/internal.h"

enum { MTU_BYTES = 1200, SHORT_ENCRYPTED = 96 };
#define SECOND 1000000000u

static const char *plural(uint32_t n)
{
    return n == 1 ? "" : "s";
}

static uint64_t waited_ns(const ike_tracker *tracker, const ike_message_record *request)
{
    return tracker->last_ns > request->time_ns ? tracker->last_ns - request->time_ns : 0;
}

/* Was it silence, or only the end of the capture? Daemons repeat what is not answered. */
static bool has_no_response(const ike_tracker *tracker, const ike_message_record *request,
                            bool first)
{
    if (request->retransmissions >= 2 || request->exchange->sa->own->unreachable)
        return true;
    return waited_ns(tracker, request) >= 4ull * SECOND && (request->retransmissions >= 1 || first);
}

static uint16_t port_of(const ike_sa *sa, bool initiator)
{
    return initiator ? sa->initiator.endpoint.port : sa->responder.endpoint.port;
}

static bool was_up(const ike_sa *sa)
{
    return sa->established_ns != 0;
}

/* ---- unanswered requests --------------------------------------------------------------------- */

static void find_version(ike_tracker *tracker, ike_message_record *request, const ike_peer *other,
                         GString *peer)
{
    uint8_t major = request->exchange->sa->major;
    ike_find_at_end(tracker, request, IKE_F_VERSION_MISMATCH,
                    "%s does not answer IKEv%u, but set up IKEv%u in frame %u: it does not speak "
                    "IKEv%u, or not "
                    "with this peer.",
                    peer->str, major, major == 1 ? 2 : 1, other->answered_frame, major)
        ->certainty = IKE_SURE_LIKELY;
}

/* The network says so itself: ICMP errors that carry the request. */
static bool find_unreachable(ike_tracker *tracker, ike_message_record *request, const GString *peer,
                             const char *step)
{
    const ike_sa *sa = request->exchange->sa;
    if (sa->own->unreachable == 0 || sa->own->unreachable_frame < request->frame)
        return false;
    ike_find_at_end(tracker, request, IKE_F_NO_RESPONSE,
                    "%s does not answer the %s, sent %u time%s: it comes back in ICMP errors (%u, "
                    "first in frame %u), so nobody listens on port %u, a firewall rejects it, or "
                    "there is no route.",
                    peer->str, step, request->retransmissions + 1,
                    plural(request->retransmissions + 1), sa->own->unreachable,
                    sa->own->unreachable_frame, port_of(sa, !request->from_initiator));
    return true;
}

static void find_no_response(ike_tracker *tracker, ike_message_record *request, GString *peer,
                             ike_child *child)
{
    ike_exchange *exchange = request->exchange;
    const ike_sa *sa = exchange->sa;
    char step[64];
    ike_record_step(request, step, sizeof step);
    bool first = sa->first_frame == request->frame || sa->state == IKE_SA_NEW;
    bool moved = port_of(sa, request->from_initiator) == 4500 ||
                 port_of(sa, !request->from_initiator) == 4500;
    bool began_at_500 = sa->own->first_responder.port == 500;
    if (find_unreachable(tracker, request, peer, step))
        return;
    if (!first && !was_up(sa) && request->length > MTU_BYTES && request->fragments <= 1) {
        ike_find_at_end(tracker, request, IKE_F_MTU,
                        "%s does not answer the %s of %u octets, sent %u time%s, while it answered "
                        "small messages: "
                        "large packets or IP fragments are lost on the way (path MTU). IKE "
                        "fragmentation (RFC 7383) "
                        "helps.",
                        peer->str, step, request->length, request->retransmissions + 1,
                        plural(request->retransmissions + 1));
        return;
    }
    if (!first && !was_up(sa) && moved && began_at_500 && !sa->tcp) {
        ike_find_at_end(
            tracker, request, IKE_F_PORT_4500,
            "%s answered on port 500 and does not answer the %s on port 4500, sent %u "
            "time%s: UDP 4500 is blocked on the way%s.",
            peer->str, step, request->retransmissions + 1, plural(request->retransmissions + 1),
            request->fragments > 1 ? ", or its fragments are too large for the path" : "");
        return;
    }
    ike_finding *finding =
        ike_find_at_end(tracker, request, IKE_F_NO_RESPONSE,
                        "%s does not answer the %s, sent %u time%s in %.1f s: %s.", peer->str, step,
                        request->retransmissions + 1, plural(request->retransmissions + 1),
                        (double)waited_ns(tracker, request) / SECOND,
                        first ? "the peer is down, the port is blocked, or it has no configuration "
                                "for this address and stays silent"
                        : was_up(sa) ? "the peer went away or the path broke"
                                     : "the peer went away, the path broke, or it refuses without "
                                       "a word");
    finding->child = was_up(sa) ? child : NULL;
    if (request->retransmissions >= 3)
        finding->certainty = IKE_SURE_CERTAIN;
}

/* A peer that answers a new IKE SA and no longer this one has lost it. */
static const ike_sa *later_sa(ike_tracker *tracker, const ike_sa *sa,
                              const ike_message_record *request)
{
    const ike_sa *newest =
        ike_sa_between(tracker, &sa->initiator.endpoint, &sa->responder.endpoint);
    if (!newest || newest == sa || newest->rekeyed_from == sa ||
        newest->first_ns < request->time_ns || !newest->responder_spi || newest->major != sa->major)
        return NULL;
    return newest;
}

/* The initiator set up a new IKE SA and said that it has no other (RFC 7296 2.4): it lost this
 * one without a word. */
static void forgotten(ike_tracker *tracker, ike_sa *sa)
{
    const ike_sa *newer = ike_sa_between(tracker, &sa->initiator.endpoint, &sa->responder.endpoint);
    if (!newer || newer == sa || !newer->own->initial_contact || !newer->established_ns ||
        !sa->established_ns || newer->first_ns < sa->established_ns || newer->rekeyed_from == sa ||
        sa->own->cause || (sa->state != IKE_SA_ESTABLISHED && sa->state != IKE_SA_INFERRED))
        return;
    const ike_party *who = &newer->initiator;
    const ike_party *was =
        ike_same_address(&who->endpoint, &sa->initiator.endpoint) ? &sa->initiator : &sa->responder;
    if (g_strcmp0(who->id, was->id) != 0 || !newer->exchanges->messages)
        return;
    GString *peer = g_string_new(NULL);
    ike_format_party(peer, newer, true);
    ike_message_record *last = NULL;
    for (const ike_exchange *e = sa->exchanges; e; e = e->next)
        last = e->messages ? e->messages : last;
    if (last)
        ike_find_at_end(tracker, last, IKE_F_PEER_RESTARTED,
                        "%s sets up a new IKE SA in frame %u and says that it has no other "
                        "(INITIAL_CONTACT): it was restarted and lost this one.",
                        peer->str, newer->first_frame);
    g_string_free(peer, TRUE);
}

static void find_dpd(ike_tracker *tracker, ike_message_record *request, GString *peer,
                     uint32_t times)
{
    const ike_sa *newer = later_sa(tracker, request->exchange->sa, request);
    if (newer)
        ike_find_at_end(tracker, request, IKE_F_PEER_RESTARTED,
                        "%s does not answer in this IKE SA any more (asked %u time%s), but set up "
                        "a new one in frame "
                        "%u: it was restarted and lost this one.",
                        peer->str, times, plural(times), newer->first_frame);
    else
        ike_find_at_end(tracker, request, IKE_F_DPD_UNANSWERED,
                        "%s does not answer dead peer detection, asked %u time%s: it is down or "
                        "the path broke.",
                        peer->str, times, plural(times));
}

static void unanswered(ike_tracker *tracker, ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    ike_message_record *request = exchange->request;
    bool first = sa->state == IKE_SA_NEW;
    bool delete = ike_own(exchange)->reason == REASON_DELETE_IKE ||
                  ike_own(exchange)->reason == REASON_DELETE_CHILD ||
                  request->inner_first_payload == V2_DELETE;
    if (!has_no_response(tracker, request, first) || (was_up(sa) && request->retransmissions < 2) ||
        (delete &&request->retransmissions < 3))
        return;
    GString *peer = g_string_new(NULL);
    ike_format_party(peer, sa, !request->from_initiator);
    const ike_endpoint *to =
        request->from_initiator ? &sa->responder.endpoint : &sa->initiator.endpoint;
    const ike_peer *other = ike_tracker_peer(tracker, to, sa->major == 1 ? 2 : 1);
    const ike_peer *same = ike_tracker_peer(tracker, to, sa->major);
    if (first && other->answered_frame && !same->answered_frame)
        find_version(tracker, request, other, peer);
    else if (was_up(sa) && exchange->type == INFORMATIONAL && sa->major != 1 && !delete)
        find_dpd(tracker, request, peer, request->retransmissions + 1);
    else
        find_no_response(tracker, request, peer, exchange->child);
    g_string_free(peer, TRUE);
}

/* The response is in the capture, and the requester goes on asking: it does not get it. */
static void answers_lost(ike_tracker *tracker, ike_message_record *request,
                         const ike_message_record *response)
{
    uint32_t after = 0;
    for (const ike_message_record *v = response->next; v; v = v->next)
        after += v->original == request;
    if (after < 3)
        return;
    GString *peer = g_string_new(NULL);
    ike_format_party(peer, request->exchange->sa, request->from_initiator);
    bool large = response->length > MTU_BYTES && response->fragments <= 1;
    char size[48];
    if (response->fragments > 1)
        g_snprintf(size, sizeof size, "in %u fragments", response->fragments);
    else
        g_snprintf(size, sizeof size, "of %u octets", response->length);
    ike_find_at_end(tracker, request, large ? IKE_F_MTU : IKE_F_ANSWERS_LOST,
                    "%s repeats its request %u times after the response %s in frame %u: the "
                    "response does not reach it%s.",
                    peer->str, after, size, response->frame,
                    large ? " (path MTU: large packets or IP fragments are lost)"
                    : response->fragments > 1 ? ", or not all of its fragments do"
                                              : "");
    g_string_free(peer, TRUE);
}

/* ---- IKEv2 ----------------------------------------------------------------------------------- */

static void encrypted_eap(ike_tracker *tracker, ike_exchange *last)
{
    const ike_sa *sa = last->sa;
    const ike_message_record *response = last->response;
    if (!response || last->type != IKE_AUTH || response->decryption != IKE_DECRYPTION_NONE ||
        sa->own->cause || response->inner_first_payload != V2_EAP ||
        response->length > SHORT_ENCRYPTED || was_up(sa))
        return;
    ike_finding *finding = ike_find_at_end(
        tracker, last->response, IKE_F_EAP_FAILED,
        "EAP ends with a short sealed response, and the initiator does not go on: EAP failed.");
    finding->certainty = IKE_SURE_LIKELY;
}

/* Did the other side ask for something at the same time, or wait for an answer? Then one of the two
 * is put off, as it should be (RFC 7296 2.25). */
static bool collided(const ike_exchange *exchange)
{
    for (const ike_exchange *e = exchange->sa->exchanges; e; e = e->next) {
        if (e->by_initiator == exchange->by_initiator || !e->request || e->type == IKE_SA_INIT)
            continue;
        uint64_t a = e->request->time_ns, b = exchange->request->time_ns;
        bool waiting = a < b && (!e->response || e->response->time_ns > b);
        if ((a > b ? a - b : b - a) < 2ull * SECOND || waiting)
            return true;
    }
    return false;
}

/* A refused CREATE_CHILD_SA that nothing made good. */
static void encrypted_refusal(ike_tracker *tracker, const ike_exchange *last)
{
    const ike_message_record *response = last->response;
    if (!response || last->type != CREATE_CHILD_SA || response->decryption != IKE_DECRYPTION_NONE ||
        response->inner_first_payload != V2_NOTIFY || response->length > SHORT_ENCRYPTED + 16 ||
        response->fragments || collided(last))
        return;
    ike_find_at_end(tracker, last->response, IKE_F_UNKNOWN_FAILURE,
                    "The sealed response to CREATE_CHILD_SA can hold nothing but an error notify.");
}

/* IDr and AUTH of usual size and nothing like SA, TSi and TSr beside them, which the request had:
 * the IKE SA came up and its first CHILD_SA was refused (RFC 7296 1.2). */
static void encrypted_first_child(ike_tracker *tracker, const ike_exchange *auth)
{
    enum { ROOM_FOR_CHILD = 160, CHILD_BYTES = 96 };
    const ike_sa *sa = auth->sa;
    const ike_message_record *request = auth->request, *response = auth->response;
    if (!request || !response || auth->message_id != 1 || sa->own->eap || sa->esp_packets ||
        request->decryption != IKE_DECRYPTION_NONE || response->decryption != IKE_DECRYPTION_NONE ||
        response->fragments || response->inner_first_payload != V2_IDR ||
        response->length > ROOM_FOR_CHILD || request->length < response->length + CHILD_BYTES ||
        sa->own->cause)
        return;
    for (const ike_exchange *e = sa->exchanges; e; e = e->next)
        if (e->type == CREATE_CHILD_SA)
            return;
    ike_find_at_end(tracker, auth->response, IKE_F_UNKNOWN_FAILURE,
                    "The sealed IKE_AUTH response of %u octets is too short to hold the CHILD_SA "
                    "that the request of %u octets asks for: it is refused, mostly for its "
                    "proposals or its traffic selectors.",
                    response->length, request->length);
}

static void ikev2_late(ike_tracker *tracker, ike_sa *sa)
{
    ike_exchange *last[2] = {NULL, NULL}, *last_auth = NULL, *last_create = NULL;
    for (ike_exchange *e = sa->exchanges; e; e = e->next) {
        if (!e->request)
            continue;
        if (!last[e->by_initiator] || e->message_id >= last[e->by_initiator]->message_id)
            last[e->by_initiator] = e;
        if (e->type == IKE_AUTH)
            last_auth = e;
        if (e->type == CREATE_CHILD_SA)
            last_create = e;
    }
    for (int side = 0; side < 2; side++) {
        ike_exchange *e = last[side];
        if (!e || sa->own->cause)
            continue;
        if (!e->response)
            unanswered(tracker, e);
        else
            answers_lost(tracker, e->request, e->response);
    }
    ike_exchange *init = last[1];
    if (init && ike_own(init)->reason == REASON_INVALID_KE && init->type == IKE_SA_INIT &&
        init->response && waited_ns(tracker, init->response) >= SECOND)
        ike_find_at_end(tracker, init->response, IKE_F_INVALID_KE,
                        "The responder wants another group.");
    if (last_auth) {
        encrypted_eap(tracker, last_auth);
        encrypted_first_child(tracker, last_auth);
    }
    if (last_create)
        encrypted_refusal(tracker, last_create);
}

/* ---- IKEv1 ----------------------------------------------------------------------------------- */

static bool is_psk(const ike_sa *sa)
{
    const char *method = ike_format_auth_method(1, sa->negotiated->auth_method);
    return method && g_str_has_prefix(method, "PSK");
}

static void phase1_late(ike_tracker *tracker, ike_exchange *exchange)
{
    ike_sa *sa = exchange->sa;
    ike_message_record *const *steps = ike_own(exchange)->by_step;
    int highest = 0;
    for (int i = 1; i <= 6; i++)
        if (steps[i])
            highest = i;
    if (highest == 0 || was_up(sa) || sa->own->cause)
        return;
    ike_message_record *last = steps[highest];
    bool main_mode = exchange->type == IKEV1_MAIN_MODE;
    GString *peer = g_string_new(NULL);
    ike_format_party(peer, sa, !last->from_initiator);
    if (highest % 2 == 0 && steps[highest - 1]) {
        answers_lost(tracker, steps[highest - 1], last);
    } else if (main_mode && highest == 5 && is_psk(sa) &&
               port_of(sa, false) == sa->own->first_responder.port &&
               has_no_response(tracker, last, false) && last->length <= MTU_BYTES) {
        ike_find_at_end(tracker, last, IKE_F_PSK_MISMATCH,
                        "%s answered until the first encrypted message, sent %u time%s, and stays "
                        "silent since: it "
                        "cannot read it, the pre-shared keys of the two sides differ.",
                        peer->str, last->retransmissions + 1, plural(last->retransmissions + 1))
            ->certainty = IKE_SURE_LIKELY;
    } else if (highest == 1) {
        exchange->request = steps[1];
        unanswered(tracker, exchange);
    } else if (has_no_response(tracker, last, false)) {
        find_no_response(tracker, last, peer, NULL);
    }
    g_string_free(peer, TRUE);
}

/* The first message of a quick mode without an answer; sealed, an INFORMATIONAL that follows it
 * from the other side refuses it. */
static void quick_late(ike_tracker *tracker, ike_exchange *exchange,
                       const ike_message_record *refusal)
{
    ike_message_record *request = exchange->request;
    bool refused = refusal && refusal->from_initiator != request->from_initiator &&
                   refusal->decryption == IKE_DECRYPTION_NONE &&
                   refusal->time_ns >= request->time_ns &&
                   refusal->time_ns - request->time_ns < 4ull * SECOND;
    if ((exchange->child && exchange->child->state != IKE_CHILD_REQUESTED) ||
        ike_own(exchange)->by_step[3] ||
        (exchange->sa->late_start && exchange->sa->exchanges == exchange))
        return; /* its asker went on, or it began before the capture */
    GString *peer = g_string_new(NULL);
    ike_format_party(peer, exchange->sa, !request->from_initiator);
    if (refused)
        ike_find_at_end(tracker, request, IKE_F_UNKNOWN_FAILURE,
                        "%s answers quick mode with a sealed INFORMATIONAL (frame %u): it refuses "
                        "the IPsec SA, "
                        "mostly for its proposals or its networks.",
                        peer->str, refusal->frame);
    else if (has_no_response(tracker, request, false) && request->retransmissions >= 2)
        find_no_response(tracker, request, peer, exchange->child);
    g_string_free(peer, TRUE);
}

/* R-U-THERE is asked anew each time; three in a row without an answer say that the peer is gone. */
static void dpd_late(ike_tracker *tracker, ike_sa *sa)
{
    for (int side = 0; side < 2; side++) {
        ike_message_record *first = NULL;
        uint32_t times = 0;
        for (ike_exchange *e = sa->exchanges; e; e = e->next) {
            if (!ike_own(e)->dpd_asks || !e->request || e->request->from_initiator != side)
                continue;
            if (e->answered) {
                times = 0;
                first = NULL;
                continue;
            }
            if (!first)
                first = e->request;
            times += 1 + e->request->retransmissions;
        }
        if (times < 3)
            continue;
        GString *peer = g_string_new(NULL);
        ike_format_party(peer, sa, !first->from_initiator);
        find_dpd(tracker, first, peer, times);
        g_string_free(peer, TRUE);
    }
}

/* Transactions, then an INFORMATIONAL at once or nothing, and no quick mode ever: the client was
 * not let in. */
static void encrypted_xauth(ike_tracker *tracker, ike_sa *sa)
{
    ike_exchange *transaction = NULL;
    ike_message_record *end = NULL;
    for (ike_exchange *e = sa->exchanges; e; e = e->next) {
        if (e->type == IKEV1_QUICK_MODE)
            return;
        if (e->type == IKEV1_TRANSACTION)
            transaction = e;
        if (e->type == IKEV1_INFORMATIONAL && transaction && !end)
            end = e->messages;
    }
    if (!transaction || !transaction->answered || sa->own->cause ||
        transaction->messages->decryption != IKE_DECRYPTION_NONE)
        return;
    const ike_message_record *last = transaction->messages;
    if (end ? end->time_ns - last->time_ns > 2ull * SECOND
            : waited_ns(tracker, last) < 4ull * SECOND)
        return;
    ike_find_at_end(tracker, end ? end : transaction->messages, IKE_F_XAUTH_FAILED,
                    "After the sealed transactions (XAUTH, mode config) quick mode never begins: "
                    "user name or password is not accepted.")
        ->certainty = IKE_SURE_LIKELY;
}

/* IKEv1 has no word for it: the initiator that does not accept the last message of phase 1 deletes
 * the ISAKMP SA, which the responder takes for established. */
static void dropped_at_once(ike_tracker *tracker, ike_sa *sa)
{
    const ike_message_record *end = NULL;
    for (const ike_exchange *e = sa->exchanges ? sa->exchanges->next : NULL; e; e = e->next) {
        if (e->type == IKEV1_QUICK_MODE || (e->type == IKEV1_TRANSACTION && e->answered))
            return;
        end = e->type == IKEV1_INFORMATIONAL ? e->messages : NULL;
    }
    if (sa->state != IKE_SA_DELETED || sa->late_start || sa->own->cause || !end ||
        !end->from_initiator || end->decryption != IKE_DECRYPTION_DONE ||
        end->time_ns < sa->established_ns || end->time_ns - sa->established_ns > SECOND)
        return;
    GString *text = g_string_new(NULL);
    ike_format_party(text, sa, true);
    g_string_append(text, " deletes the IKE SA as soon as it has the authentication of ");
    ike_format_party(text, sa, false);
    if (sa->responder.certificate)
        g_string_append_printf(text, " with the certificate of \"%s\"", sa->responder.certificate);
    ike_find_at_end(tracker, (ike_message_record *)(guintptr)end, IKE_F_AUTHENTICATION_FAILED,
                    "%s, and goes no further: it does not accept it.", text->str)
        ->certainty = IKE_SURE_LIKELY;
    g_string_free(text, TRUE);
}

static void ikev1_late(ike_tracker *tracker, ike_sa *sa)
{
    for (ike_exchange *e = sa->exchanges; e; e = e->next) {
        if (e->type == IKEV1_MAIN_MODE || e->type == IKEV1_AGGRESSIVE_MODE) {
            phase1_late(tracker, e);
        } else if (e->type == IKEV1_QUICK_MODE && e->request && !e->answered) {
            const ike_exchange *next = e->next;
            quick_late(tracker, e,
                       next && next->type == IKEV1_INFORMATIONAL ? next->messages : NULL);
        }
    }
    encrypted_xauth(tracker, sa);
    dropped_at_once(tracker, sa);
    if (sa->state != IKE_SA_DELETED)
        dpd_late(tracker, sa);
}

/* ---- CHILD_SAs ------------------------------------------------------------------------------- */

static bool made_good(const ike_child *child)
{
    for (const ike_child *later = child->next_of_sa; later; later = later->next_of_sa)
        if (later->response)
            return true;
    return child->rekeyed_from && child->rekeyed_from->rekeyed_to;
}

static void missing_esp(ike_tracker *tracker, ike_child *child, const ike_esp_flow *flow)
{
    if (!flow || flow->first_sequence <= 1 || !child->response)
        return;
    ike_find_at_end(
        tracker, child->response, IKE_F_FIRST_ESP_MISSING,
        "The first ESP packet with SPI %08x in the capture (frame %u) has sequence number %u.",
        flow->spi, flow->first_frame, flow->first_sequence)
        ->child = child;
}

static void child_late(ike_tracker *tracker, ike_child *child)
{
    const ike_sa *sa = child->sa;
    const ike_finding *cause = child->own->cause;
    bool put_off = cause && cause->kind->severity < IKE_SEVERITY_WARN;
    if (put_off && child->request && !made_good(child) && sa->state != IKE_SA_DELETED &&
        sa->state != IKE_SA_REKEYED && waited_ns(tracker, child->request) > 60ull * SECOND) {
        ike_finding *finding =
            ike_find_at_end(tracker, cause->message, IKE_F_FAILURE_PERSISTED,
                            "%s: the CHILD_SA was refused in frame %u and not made later.",
                            cause->code, cause->message->frame);
        finding->code = cause->code;
        finding->child = child;
    }
    if (child->state == IKE_CHILD_REKEYED && !child->own->deleted && child->rekeyed_to &&
        child->rekeyed_to->response && sa->state != IKE_SA_DELETED &&
        waited_ns(tracker, child->rekeyed_to->response) > 60ull * SECOND)
        ike_find_at_end(tracker, child->rekeyed_to->response, IKE_F_CHILD_NEVER_DELETED,
                        "CHILD_SA %u was replaced by CHILD_SA %u and is not deleted after that.",
                        child->number, child->rekeyed_to->number)
            ->child = child;
    missing_esp(tracker, child, child->to_initiator);
    missing_esp(tracker, child, child->to_responder);
}

static void unknown_esp(ike_tracker *tracker, ike_sa *sa)
{
    if (sa->esp_packets == 0 || sa->late_start ||
        sa->encrypted_messages != sa->decrypted_messages || !sa->children ||
        !sa->children->response)
        return;
    ike_find_at_end(
        tracker, sa->children->response, IKE_F_UNKNOWN_ESP,
        "%u ESP packets between these peers have SPIs that no CHILD_SA of this capture has.",
        sa->esp_packets);
}

/* Authentication was rejected although the signature is right: then it is the certificate that the
 * other side does not take, or the identity in it. */
static void refused_certificate(ike_tracker *tracker, ike_sa *sa)
{
    const ike_finding *cause = sa->own->cause;
    if (!cause || ike_finding_index(cause) != IKE_F_AUTHENTICATION_FAILED)
        return;
    const ike_party *rejected = cause->message->from_initiator ? &sa->responder : &sa->initiator;
    uint64_t now = cause->message->time_ns / SECOND;
    if (rejected->proof != IKE_AUTHENTICATION_VERIFIED || !rejected->certificate ||
        rejected->eap_type)
        return;
    bool expired = rejected->certificate_until && now > rejected->certificate_until;
    bool early = rejected->certificate_from && now < rejected->certificate_from;
    ike_find_at_end(tracker, cause->message, IKE_F_CERTIFICATE_REJECTED,
                    "The signature of %s is right and the peer rejects it all the same: it does "
                    "not accept the certificate of \"%s\"%s.",
                    rejected->id ? rejected->id : "the other side", rejected->certificate,
                    expired ? ", which has expired"
                    : early ? ", which is not valid yet"
                            : " (its authority, its use or its name)")
        ->certainty = expired || early ? IKE_SURE_LIKELY : IKE_SURE_POSSIBLE;
}

/* Many begin at this responder and never finish: shown at each that does not. Those that lack their
 * end because the capture ends are few. */
static void half_open(ike_tracker *tracker, ike_sa *sa)
{
    enum { FLOOD = 20, SCAN = 3 }; /* as in the summary */
    const ike_peer *peer = ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major);
    uint32_t open = peer->begun > peer->finished ? peer->begun - peer->finished : 0;
    if (sa->late_start || sa->state > IKE_SA_AUTHENTICATING || open < SCAN || sa->own->cause ||
        !sa->exchanges || !sa->exchanges->messages ||
        waited_ns(tracker, sa->exchanges->messages) < SECOND)
        return;
    ike_message_record *first = sa->exchanges->messages;
    uint32_t answered = peer->answered > peer->finished ? peer->answered - peer->finished : 0;
    GString *who = g_string_new(NULL);
    ike_format_address(who, &sa->responder.endpoint);
    if (open >= FLOOD && open > peer->finished)
        ike_find_at_end(tracker, first, IKE_F_HALF_OPEN_FLOOD,
                        "%s got %u beginnings of IKE SAs that were never finished (%u answered): a "
                        "flood, a scan, or a broken path.",
                        who->str, open, answered);
    if (answered >= SCAN && answered > peer->finished && sa->negotiated->known)
        ike_find_at_end(tracker, first, IKE_F_OPEN_RESPONDER,
                        "%s answered %u initiators that never authenticated: it answers anybody, "
                        "as a scan shows.",
                        who->str, answered);
    g_string_free(who, TRUE);
}

void ike_find_late(ike_tracker *tracker, ike_sa *sa)
{
    if (sa->major == 1)
        ikev1_late(tracker, sa);
    else
        ikev2_late(tracker, sa);
    if (!sa->own->late)
        forgotten(tracker, sa);
    refused_certificate(tracker, sa);
    half_open(tracker, sa);
    for (ike_child *child = sa->children; child; child = child->next_of_sa)
        child_late(tracker, child);
    unknown_esp(tracker, sa);
}
