/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen over many IKE SAs of one responder, and ESP that belongs to none. */
#include "analysis/findings/explain.h"
#include "analysis/tracker/peer.h"

enum { FLOOD = 20, SCAN = 3 };
#define FLOOD_NS (600 * IKE_SECOND)

static bool is_flood(const ike_peer *peer, uint32_t open)
{
    uint64_t duration = peer->last_ns - peer->first_ns;
    return open >= FLOOD && open > peer->finished &&
           (duration < FLOOD_NS || duration / open < FLOOD_NS / FLOOD);
}

/* One address that begins IKE SAs with many others, none of which comes up: shown once, at its
 * first message. */
static void find_scan(ike_sink *sink, const ike_sa *sa, const ike_message_record *first)
{
    enum { MANY_RESPONDERS = 10 };
    const ike_peer *source = ike_tracker_find_peer(sink->tracker, &sa->first_initiator,
                                                   (uint8_t)(IKE_AS_INITIATOR | sa->major));
    if (!source || first->frame != source->first_frame || source->finished ||
        source->initiators < MANY_RESPONDERS || !is_flood(source, source->begun) ||
        !ike_wants(sink, first))
        return;
    ike_draft draft = ike_draft_new(IKE_F_SCAN, first);
    draft.finding.side = IKE_SIDE_INITIATOR;
    g_string_append(draft.text, "SCAN: ");
    ike_format_address(draft.text, &sa->first_initiator);
    g_string_append_printf(draft.text,
                           " started %u IKE SAs with about %u addresses, none was established",
                           source->begun, source->initiators);
    ike_format_address(draft.requested, &sa->first_initiator);
    g_string_append_printf(draft.received, "%u addresses", source->initiators);
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
    if (!peer || first->frame != peer->first_frame)
        return;
    uint32_t open = peer->begun > peer->finished ? peer->begun - peer->finished : 0;
    uint32_t answered = peer->answered > peer->finished ? peer->answered - peer->finished : 0;
    if (open < SCAN || ike_waited_ns(sink->tracker, first) < IKE_SECOND)
        return;
    if (is_flood(peer, open) && ike_wants(sink, first)) {
        ike_draft draft = ike_draft_new(IKE_F_HALF_OPEN_FLOOD, first);
        draft.finding.side = IKE_SIDE_INITIATOR;
        g_string_append(draft.text, "HALF_OPEN_FLOOD: ");
        ike_format_address(draft.text, &peer->address);
        g_string_append_printf(
            draft.text,
            " was sent %u IKE SAs that were never completed (%u answered), from %s%u initiator%s",
            open, answered, peer->initiators > 1 ? "about " : "", peer->initiators,
            ike_plural(peer->initiators));
        g_string_append(
            draft.detail,
            peer->initiators == 1
                ? "A scan of its proposals, a flood, or a path that is broken one way."
                : "A flood from spoofed addresses, a scan, or a path that is broken one "
                  "way.");
        g_string_append_printf(draft.requested, "%u IKE SAs", open);
        g_string_append_printf(draft.received, "%u answered", answered);
        ike_draft_emit(sink, &draft);
    }
    if (answered >= SCAN && answered > peer->finished && peer->initiators >= SCAN &&
        ike_wants(sink, first)) {
        ike_draft draft = ike_draft_new(IKE_F_OPEN_RESPONDER, first);
        draft.finding.side = IKE_SIDE_RESPONDER;
        g_string_append(draft.text, "OPEN_RESPONDER: ");
        ike_format_address(draft.text, &peer->address);
        g_string_append_printf(draft.text, " replies to unauthenticated initiators (%u)",
                               peer->initiators);
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
