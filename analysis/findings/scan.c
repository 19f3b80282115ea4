/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen over many IKE SAs of one responder, and ESP that belongs to none. */
#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"

enum { FLOOD = 20, SCAN = 3 };
#define FLOOD_NS (600 * IKE_SECOND)

static bool is_flood(const ike_peer_sas *sas, uint32_t open)
{
    uint64_t duration = sas->last_ns - sas->first_ns;
    return open >= FLOOD && open > sas->finished &&
           (duration < FLOOD_NS || duration / open < FLOOD_NS / FLOOD);
}

/* One address that begins IKE SAs with many others, none of which comes up: shown once, at its
 * first message. */
static void find_scan(ike_sink *sink, const ike_sa *sa, const ike_message_record *first)
{
    enum { MANY_RESPONDERS = 10 };
    const ike_peer *peer = ike_tracker_find_peer(sink->tracker, &sa->first_initiator, sa->major);
    const ike_peer_sas *source = peer ? peer->sas[true] : NULL;
    if (!source || first->frame != source->first_frame || source->finished ||
        source->others < MANY_RESPONDERS || !is_flood(source, source->begun) ||
        !ike_wants(sink, first))
        return;
    ike_draft draft = ike_draft_new(IKE_F_SCAN, first);
    draft.finding.side = IKE_SIDE_INITIATOR;
    g_string_append(draft.text, "SCAN: ");
    ike_format_address(draft.text, &sa->first_initiator);
    g_string_append_printf(draft.text,
                           " started %u IKE SAs with about %u addresses, none was established",
                           source->begun, source->others);
    ike_format_address(draft.requested, &sa->first_initiator);
    g_string_append_printf(draft.received, "%u addresses", source->others);
    ike_draft_emit(sink, &draft);
}

/* Many begin at this responder and never finish: shown once, at the first message that was sent to
 * it. */
void ike_find_half_open(ike_sink *sink, const ike_sa *sa)
{
    const ike_message_record *first = sa->exchanges ? sa->exchanges->messages : NULL;
    if (!first || (sink->only && sink->only != first))
        return;
    find_scan(sink, sa, first);
    const ike_peer *peer = ike_tracker_find_peer(sink->tracker, &sa->first_responder, sa->major);
    const ike_peer_sas *sas = peer ? peer->sas[false] : NULL;
    if (!sas || first->frame != sas->first_frame)
        return;
    uint32_t open = sas->begun > sas->finished ? sas->begun - sas->finished : 0;
    uint32_t answered = peer->answered > sas->finished ? peer->answered - sas->finished : 0;
    if (open < SCAN || ike_waited_ns(sink->tracker, first) < IKE_SECOND)
        return;
    if (is_flood(sas, open) && ike_wants(sink, first)) {
        ike_draft draft = ike_draft_new(IKE_F_HALF_OPEN_FLOOD, first);
        draft.finding.side = IKE_SIDE_INITIATOR;
        g_string_append(draft.text, "HALF_OPEN_FLOOD: ");
        ike_format_address(draft.text, &peer->address);
        g_string_append_printf(
            draft.text,
            " got requests for %u IKE SAs, none completed (%u answered), from %s%u initiator%s",
            open, answered, sas->others > 1 ? "about " : "", sas->others, ike_plural(sas->others));
        g_string_append(
            draft.detail,
            sas->others == 1
                ? "A scan of its proposals, a flood, or a path that is broken one way."
                : "A flood from spoofed addresses, a scan, or a path that is broken one "
                  "way.");
        g_string_append_printf(draft.requested, "%u IKE SAs", open);
        g_string_append_printf(draft.received, "%u answered", answered);
        ike_draft_emit(sink, &draft);
    }
    if (answered >= SCAN && answered > sas->finished && sas->others >= SCAN &&
        ike_wants(sink, first)) {
        ike_draft draft = ike_draft_new(IKE_F_OPEN_RESPONDER, first);
        draft.finding.side = IKE_SIDE_RESPONDER;
        g_string_append(draft.text, "OPEN_RESPONDER: ");
        ike_format_address(draft.text, &peer->address);
        g_string_append_printf(draft.text, " replies to unauthenticated initiators (%u)",
                               sas->others);
        ike_draft_emit(sink, &draft);
    }
}

void ike_find_unknown_esp(ike_sink *sink, const ike_sa *sa)
{
    const ike_child *child = sa->children;
    if (sa->esp_packets == 0 || sa->late_start ||
        sa->encrypted_messages != sa->decrypted_messages || !child || !child->established)
        return;
    ike_emit(sink, IKE_F_UNKNOWN_ESP, child->established,
             "%u ESP packets between these peers have SPIs of no Child SA in this capture",
             sa->esp_packets);
}
