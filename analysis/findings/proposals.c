/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NO_PROPOSAL_CHOSEN and INVALID_KE_PAYLOAD: what was requested against what the peer chose,
 * accepted or proposed anywhere in the capture. */
#include <string.h>

#include "analysis/findings/accepted.h"
#include "analysis/findings/explain.h"
#include "analysis/findings/payload_rules.h"
#include "analysis/tracker/peer.h"
#include "proto/ike_numbers.h"

/* The proposals that a refusal is about; NULL when they were not readable. */
static const ike_message_record *refused_request(const ike_finding *finding)
{
    const ike_exchange *exchange = finding->message->exchange;
    if (finding->child)
        return finding->child->request;
    if (exchange->request && exchange->request->content && exchange->request->content->proposals)
        return exchange->request;
    return exchange->sa->init ? exchange->sa->init->request : NULL;
}

static const ike_proposal_list *refused_proposals(const ike_finding *finding)
{
    const ike_message_record *request = refused_request(finding);
    const ike_sa *sa = finding->message->exchange->sa;
    if (request && request->content && request->content->proposals)
        return request->content->proposals;
    return finding->child ? NULL : sa->proposals;
}

typedef struct {
    const ike_proposal_list *lists[IKE_PEER_PROPOSALS];
    size_t count;
    uint32_t frame; /* of the first */
} known_proposals;

static known_proposals known_of(const ike_peer *peer, uint8_t protocol, bool chosen)
{
    known_proposals known = {.count = 0};
    const ike_peer_proposals *one = !peer ? NULL : chosen ? peer->chosen : peer->proposed;
    for (; one; one = one->next) {
        if (one->proposals->protocol != protocol)
            continue;
        if (known.count == 0)
            known.frame = one->frame;
        known.lists[known.count++] = one->proposals;
    }
    return known;
}

/* "ESP proposal", of proposals that were readable. */
static void append_what(ike_draft *draft, const ike_proposal_list *proposals)
{
    static const char *const names[] = {
        [IKEV2_PROTOCOL_IKE] = "IKE", [IKEV2_PROTOCOL_AH] = "AH", [IKEV2_PROTOCOL_ESP] = "ESP"};
    uint8_t protocol = proposals ? proposals->protocol : 0;
    if (protocol < G_N_ELEMENTS(names) && names[protocol])
        g_string_append_printf(draft->text, "%s proposal", names[protocol]);
    else
        g_string_append_printf(draft->text, "proposal for the %s",
                               draft->finding.child
                                   ? ike_child_name(draft->finding.message->exchange->sa->major)
                                   : "IKE SA");
}

/* What was refused, and by whom. */
static void append_refusal(ike_draft *draft, const ike_proposal_list *proposals)
{
    g_string_append_printf(draft->text, "%s accepts no ",
                           ike_role(draft->finding.message->from_initiator));
    append_what(draft, proposals);
}

/* Whose names say what they are: "yes" (ESN) and "Tunnel" do not. */
static bool is_algorithm(uint8_t type)
{
    return type == IKE_T_ENCR || type == IKE_T_INTEG || type == IKE_T_PRF || type == IKE_T_KE;
}

/* Appends what the proposals and the known ones have not in common, by type. `verb` is what the
 * peer did with the known ones: both values stand in the clause when they fit. */
static unsigned append_conflicts(ike_draft *draft, const ike_proposal_list *proposals,
                                 const known_proposals *known, const char *verb)
{
    enum { FITS = 70 };
    const char *role = ike_role(draft->finding.message->from_initiator);
    size_t types;
    const uint8_t *type = ike_proposal_list_types(&types);
    GString *names = g_string_new(NULL), *values = g_string_new(NULL);
    unsigned conflicts = 0;
    for (size_t i = 0; i < types; i++) {
        GString *ours = g_string_new(NULL), *theirs = g_string_new(NULL);
        if (ike_proposal_list_conflict(ours, theirs, proposals, known->lists, known->count,
                                       type[i])) {
            const char *name =
                ike_format_transform_type(proposals->major, proposals->protocol, type[i]);
            g_string_append_printf(names, "%s%s", conflicts ? ", " : "", name);
            g_string_append_printf(draft->requested, "%s%s %s", conflicts ? "; " : "", name,
                                   ours->str);
            g_string_append_printf(draft->received, "%s%s %s", conflicts ? "; " : "", name,
                                   theirs->str);
            g_string_append_printf(values, "%s%s%s, %s %s %s", is_algorithm(type[i]) ? "" : name,
                                   is_algorithm(type[i]) ? "" : " ", ours->str, role, verb,
                                   theirs->str);
            conflicts++;
        }
        g_string_free(ours, TRUE);
        g_string_free(theirs, TRUE);
    }
    if (conflicts == 1 && values->len <= FITS) {
        append_what(draft, proposals);
        g_string_append_printf(draft->text, " has %s", values->str);
    } else if (conflicts) {
        append_refusal(draft, proposals);
        g_string_append_printf(draft->text, ": %s %s", names->str,
                               conflicts == 1 ? "differs" : "differ");
    }
    g_string_free(names, TRUE);
    g_string_free(values, TRUE);
    return conflicts;
}

static bool accepts(const known_proposals *known, const ike_proposal_list *proposals)
{
    GString *missing = g_string_new(NULL);
    bool accepted = false;
    for (size_t i = 0; i < known->count && !accepted; i++)
        accepted = ike_proposal_list_contains(proposals, known->lists[i], missing);
    g_string_free(missing, TRUE);
    return accepted;
}

/* The key exchange and the additional ones (RFC 9370). */
static bool format_key_exchanges(GString *out, const ike_proposal_list *proposals)
{
    const gsize start = out->len;
    ike_format_proposal_values(out, proposals, IKE_T_KE);
    for (unsigned type = IKE_T_ADDKE1; type <= IKE_T_ADDKE7; type++) {
        GString *values = g_string_new(NULL);
        if (ike_format_proposal_values(values, proposals, (uint8_t)type))
            g_string_append_printf(out, "%s%s", out->len > start ? ", " : "", values->str);
        g_string_free(values, TRUE);
    }
    return out->len > start;
}

/* Whether the request is for a Child SA that can have a key exchange of its own: not that of
 * IKE_AUTH. */
static bool can_have_pfs(const ike_draft *draft)
{
    const ike_child *child = draft->finding.child;
    uint8_t type = child && child->request ? child->request->exchange->type : 0;
    return child && (child->sa->major == 1 ? type == IKEV1_EXCHANGE_QUICK_MODE
                                           : type == IKEV2_EXCHANGE_CREATE_CHILD_SA);
}

/* Appends what the peer may want instead of the key exchange that was requested. */
static void append_pfs(ike_draft *draft, const ike_proposal_list *proposals)
{
    GString *groups = g_string_new(NULL);
    if (format_key_exchanges(groups, proposals))
        g_string_append_printf(draft->detail, "another key exchange group (PFS) than %s, or none",
                               groups->str);
    else
        g_string_append(draft->detail, "PFS: the request has no key exchange of its own");
    g_string_free(groups, TRUE);
}

/* Both values in the clause: the group that was requested stands in it, or that there is none. */
static void append_requested_group(ike_draft *draft, const ike_proposal_list *proposals)
{
    enum { FITS = 25 };
    GString *groups = g_string_new(NULL);
    if (!format_key_exchanges(groups, proposals)) {
        g_string_append(groups, "none");
        g_string_append(draft->requested, "; no key exchange");
    }
    if (groups->len <= FITS)
        g_string_append_printf(draft->text, ", requested %s", groups->str);
    g_string_free(groups, TRUE);
}

static bool has_key_exchange(const known_proposals *known)
{
    GString *groups = g_string_new(NULL);
    bool has = false;
    for (size_t i = 0; i < known->count && !has; i++)
        has = ike_format_proposal_values(groups, known->lists[i], IKE_T_KE) > 0;
    g_string_free(groups, TRUE);
    return has;
}

/* A Child SA without PFS, which the peer may require. */
static bool lacks_key_exchange(const ike_draft *draft, const ike_proposal_list *proposals)
{
    return can_have_pfs(draft) &&
           !has_key_exchange(&(known_proposals){.lists = {proposals}, .count = 1});
}

/* The same algorithms were accepted without a key exchange: in IKEv1, whose quick modes can all
 * have one, the peer does not require it then. */
static bool can_lack_pfs(const ike_draft *draft, const known_proposals *known,
                         const ike_proposal_list *proposals)
{
    if (!can_have_pfs(draft) || has_key_exchange(known))
        return false;
    return proposals->major != 1 ||
           has_key_exchange(&(known_proposals){.lists = {proposals}, .count = 1});
}

/* Of another address the peer accepted it: it has no configuration for this one. */
static bool append_other_address(const ike_tracker *tracker, ike_draft *draft, uint32_t frame)
{
    const ike_sa *sa = draft->finding.message->exchange->sa,
                 *other = draft->finding.child ? NULL : ike_chosen_in(tracker, frame);
    bool elsewhere = other && other->lineage != sa->lineage && other->path_count &&
                     !draft->finding.message->from_initiator;
    const ike_endpoint *accepted = elsewhere ? &other->paths[0]->initiator : NULL;
    if (!accepted || ike_same_address(accepted, &sa->initiator.endpoint))
        return false;
    g_string_append(draft->text, " from ");
    ike_format_address(draft->text, accepted);
    g_string_append(draft->detail, "Most likely it has no configuration for ");
    ike_format_address(draft->detail, &sa->initiator.endpoint);
    g_string_append(draft->detail, ": configure this address or any, or use MOBIKE where it is the "
                                   "same client.");
    return true;
}

/* The same algorithms were accepted elsewhere: then it is not they that the peer refuses. */
static void append_accepted(const ike_tracker *tracker, ike_draft *draft,
                            const known_proposals *known, const ike_proposal_list *proposals,
                            bool chosen)
{
    const char *verb = chosen ? "accepted" : "proposed";
    draft->finding.frame = known->frame;
    g_string_append_printf(draft->text, "%s %s the same in frame %u",
                           ike_role(draft->finding.message->from_initiator), verb, known->frame);
    ike_format_proposal_list(draft->received, known->lists[0]);
    if (append_other_address(tracker, draft, known->frame))
        return;
    if (!can_lack_pfs(draft, known, proposals)) {
        g_string_append_printf(draft->detail,
                               "Its configuration has changed since, or it has none for %s.",
                               draft->finding.child ? "these networks" : "this peer");
        return;
    }
    g_string_append(draft->text, "; PFS may differ");
    append_requested_group(draft, proposals);
    g_string_append(draft->received, "; no key exchange");
    g_string_append(draft->detail, "The algorithms are not the reason. Most likely it wants ");
    append_pfs(draft, proposals);
    g_string_append(draft->detail, "; possibly it has no configuration for these networks.");
}

/* What a peer is known to have chosen or proposed under another protocol: AH for ESP, or the
 * reverse. */
static bool append_protocol(ike_draft *draft, const ike_peer *peer,
                            const ike_proposal_list *proposals)
{
    static const char *const names[] = {[IKEV2_PROTOCOL_AH] = "AH", [IKEV2_PROTOCOL_ESP] = "ESP"};
    const char *role = ike_role(draft->finding.message->from_initiator);
    uint8_t protocol = proposals->protocol;
    if (protocol != IKEV2_PROTOCOL_AH && protocol != IKEV2_PROTOCOL_ESP)
        return false;
    uint8_t other = protocol == IKEV2_PROTOCOL_AH ? IKEV2_PROTOCOL_ESP : IKEV2_PROTOCOL_AH;
    for (int chosen = 1; chosen >= 0; chosen--) {
        const char *verb = chosen ? "chose" : "proposed";
        known_proposals known = known_of(peer, other, chosen);
        if (known.count == 0)
            continue;
        draft->finding.frame = known.frame;
        g_string_append(draft->requested, names[protocol]);
        g_string_append(draft->received, names[other]);
        append_what(draft, proposals);
        g_string_append_printf(draft->text, ", %s %s %s", role, verb, names[other]);
        g_string_append_printf(draft->detail, "The %s %s %s in frame %u.", role, verb, names[other],
                               known.frame);
        return true;
    }
    return false;
}

/* RFC 7296 3.3.2: proposals with value 1 alone do not allow 32-bit sequence numbers. */
static void append_esn(ike_draft *draft, const ike_proposal_list *proposals)
{
    if (proposals->major != 1 && proposals->protocol != 1 &&
        ike_proposal_list_has(proposals, IKE_T_ESN, 1) &&
        ike_proposal_list_lacks(proposals, IKE_T_ESN, 0))
        g_string_append(draft->detail,
                        " All proposals require extended sequence numbers (ESN): possibly it "
                        "does not support them.");
}

/* A public value that is invalid in its group is refused by some in the same way (RFC 6989 2): then
 * it is that, more likely than the proposals. */
static bool append_fault(ike_draft *draft, const ike_proposal_list *proposals,
                         const ike_message_record *request)
{
    GString *fault = g_string_new(NULL);
    bool found = ike_append_payload_fault(fault, request) || ike_append_ke_length(fault, request);
    if (found) {
        g_string_append_printf(draft->text, "%s rejected faulty request: %s",
                               ike_role(draft->finding.message->from_initiator), fault->str);
        g_string_append(draft->requested, fault->str);
        g_string_append_printf(
            draft->detail,
            "Most likely that fault is the reason (RFC 6989, RFC 7296 3.4): the implementation of "
            "the %s has to be fixed. Else compare the proposals of both sides, requested were ",
            ike_role(!draft->finding.message->from_initiator));
        ike_format_proposal_list(draft->detail, proposals);
        g_string_append_c(draft->detail, '.');
    }
    g_string_free(fault, TRUE);
    return found;
}

static void append_version(const ike_tracker *tracker, ike_draft *draft, const ike_party *peer)
{
    const ike_sa *sa = draft->finding.message->exchange->sa;
    uint8_t other = sa->major == 1 ? 2 : 1;
    const ike_peer *here = ike_tracker_find_peer(tracker, &peer->endpoint, sa->major);
    const ike_peer *there = ike_tracker_find_peer(tracker, &peer->endpoint, other);
    if (there && there->answered_frame && !(here && here->answered_frame))
        g_string_append_printf(draft->detail,
                               "%sIt set up IKEv%u in frame %u, but IKEv%u nowhere in this "
                               "capture: it may not be configured for IKEv%u.",
                               draft->detail->len ? " " : "", other, there->answered_frame,
                               sa->major, sa->major);
}

/* What was refused, as much as fits into the clause: most that is left out stands in the rest, as
 * the hash of the PRF. */
static void append_names(ike_draft *draft, const ike_proposal_list *proposals)
{
    enum { FITS = 53 };
    GString *names = g_string_new(NULL);
    append_refusal(draft, proposals);
    for (int how = 0; how < IKE_NAMES_KINDS && (!names->len || names->len > FITS); how++) {
        g_string_truncate(names, 0);
        ike_format_proposal_names(names, proposals, (ike_names)how);
        if (names->len && lacks_key_exchange(draft, proposals))
            g_string_append(names, ", no PFS");
    }
    const char *algorithms = names->str; /* the protocol stands before them */
    if (g_str_has_prefix(algorithms, "AH, "))
        algorithms += strlen("AH, ");
    if (names->len && names->len <= FITS)
        g_string_append_printf(draft->text, " with %s", algorithms);
    g_string_free(names, TRUE);
}

/* IKEv2 requests the mode of a Child SA beside its proposals (RFC 7296 1.3.1). */
static void append_mode(GString *out, const ike_child *child, const ike_sa *sa)
{
    if (!child || sa->major == 1 || !child->request || !child->request->content)
        return;
    bool transport =
        ike_content_notify(child->request->content, IKEV2_NOTIFY_USE_TRANSPORT_MODE) != NULL;
    g_string_append(out, transport ? "; transport mode" : "; tunnel mode");
    if (ike_content_notify(child->request->content, IKEV2_NOTIFY_IPCOMP_SUPPORTED))
        g_string_append(out, "; IPComp");
}

/* Some refuse a lifetime that is longer than theirs. */
static void append_lifetime(ike_draft *draft, const ike_proposal_list *proposals,
                            const known_proposals *known)
{
    for (size_t i = 0; i < known->count; i++) {
        uint32_t theirs = known->lists[i]->life_seconds;
        if (!theirs || !proposals->life_seconds || proposals->life_seconds == theirs)
            continue;
        g_string_append_printf(draft->detail,
                               " Lifetimes differ: requested %u s, it had %u s in frame %u.",
                               proposals->life_seconds, theirs, known->frame);
        return;
    }
}

/* What the peer would accept is nowhere in the capture. */
static void append_unknown(ike_draft *draft, bool of_child)
{
    const ike_message_record *request = refused_request(&draft->finding);
    const ike_sa *sa = draft->finding.message->exchange->sa;
    bool has_ppk = request && ike_content_notify(request->content, IKEV2_NOTIFY_USE_PPK);
    g_string_append_printf(draft->detail,
                           "What it would accept is not in this capture: compare the proposals%s "
                           "of both sides.",
                           of_child ? " and the mode" : "");
    /* Who refuses a Child SA has authenticated the peer. */
    if (!of_child)
        g_string_append_printf(draft->detail, " Or it has no IKEv%u configuration for this peer%s.",
                               sa->major,
                               sa->major != 1 && !has_ppk ? ", or one that requires a PPK" : "");
}

void ike_explain_no_proposal(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_finding *finding = &draft->finding;
    const ike_sa *sa = finding->message->exchange->sa;
    const ike_proposal_list *proposals = refused_proposals(finding);
    const ike_party *party = ike_party_of(sa, finding->message->from_initiator);
    const ike_peer *peer = ike_tracker_find_peer(tracker, &party->endpoint, sa->major);
    bool of_child = proposals ? proposals->protocol != 1 : finding->child != NULL;
    if (!proposals) {
        append_refusal(draft, proposals);
        g_string_append(draft->detail, "The proposals are not in the capture, or not decrypted.");
        return;
    }
    for (int chosen = 1; chosen >= 0; chosen--) {
        known_proposals known = known_of(peer, proposals->protocol, chosen);
        if (known.count == 0)
            continue;
        if (append_conflicts(draft, proposals, &known, chosen ? "chose" : "proposed")) {
            draft->finding.frame = known.frame;
            g_string_append_printf(draft->detail, "The %s %s the received value in frame %u.",
                                   ike_role(finding->message->from_initiator),
                                   chosen ? "chose" : "proposed", known.frame);
            append_lifetime(draft, proposals, &known);
            append_version(tracker, draft, party);
            return;
        }
        bool lacks_pfs = can_lack_pfs(draft, &known, proposals);
        if ((chosen || lacks_pfs) && accepts(&known, proposals)) {
            ike_format_proposal_list(draft->requested, proposals);
            append_mode(draft->requested, finding->child, sa);
            append_accepted(tracker, draft, &known, proposals, chosen);
            append_lifetime(draft, proposals, &known);
            return;
        }
    }
    if (append_protocol(draft, peer, proposals))
        return;
    if (append_fault(draft, proposals, refused_request(finding)))
        return;
    append_names(draft, proposals);
    ike_format_proposal_list(draft->requested, proposals);
    append_mode(draft->requested, finding->child, sa);
    append_unknown(draft, of_child);
    if (can_have_pfs(draft)) {
        if (lacks_key_exchange(draft, proposals))
            g_string_append(draft->requested, "; no key exchange");
        g_string_append(draft->detail, " It is also possible that it wants ");
        append_pfs(draft, proposals);
        g_string_append_c(draft->detail, '.');
    }
    append_esn(draft, proposals);
    append_version(tracker, draft, party);
}

/* ---- INVALID_KE_PAYLOAD ---------------------------------------------------------------------- */

/* Is it an attempt with the group that the responder wants? */
static bool has_group(const ike_message_record *request, uint32_t group)
{
    return request && request->content && request->content->ke_count > 0 &&
           request->content->ke_group[0] == group;
}

const ike_message_record *ike_next_attempt(const ike_exchange *exchange, const ike_sa **retried)
{
    const ike_exchange *next = exchange->next;
    *retried = NULL;
    for (int i = 0; next && i < 4; i++, next = next->next)
        if (next->type == exchange->type && next->by_initiator == exchange->by_initiator &&
            has_group(next->request, exchange->purpose_number))
            return next->request;
    *retried = exchange->sa->retried_as;
    const ike_message_record *request =
        *retried && (*retried)->init ? (*retried)->init->request : NULL;
    return has_group(request, exchange->purpose_number) ? request : NULL;
}

void ike_explain_invalid_ke(const ike_tracker *tracker, ike_draft *draft)
{
    const ike_exchange *exchange = draft->finding.message->exchange;
    const ike_message_record *request = exchange->request;
    const ike_content *content = request ? request->content : NULL;
    const ike_sa *retried;
    const ike_message_record *again = ike_next_attempt(exchange, &retried);
    (void)tracker;
    draft->finding.side = ike_side_of(draft->finding.message->from_initiator);
    ike_format_group(draft->received, 2, (uint16_t)exchange->purpose_number);
    if (content && content->ke_count)
        ike_format_group(draft->requested, 2, content->ke_group[0]);
    g_string_append_printf(draft->text, "INVALID_KE_PAYLOAD: %s wants %s%s%s",
                           ike_role(draft->finding.message->from_initiator), draft->received->str,
                           draft->requested->len ? ", not " : "", draft->requested->str);
    if (again) {
        draft->finding.frame = again->frame;
        g_string_append_printf(draft->text, "; retried in frame %u", again->frame);
        if (retried)
            g_string_append_printf(draft->text, " (IKE SA %u)", retried->stream);
        return;
    }
    g_string_append(draft->text, "; not retried");
    if (content && content->proposals &&
        ike_proposal_list_lacks(content->proposals, IKE_T_KE, (uint16_t)exchange->purpose_number))
        g_string_append(draft->detail,
                        "The proposals lack that group: add it to those of the initiator.");
}
