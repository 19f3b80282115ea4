/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two peers accepted of each other in another IKE SA of the capture, before or after. */
#include "analysis/findings/accepted.h"

#include <string.h>

static bool is_between_same(const ike_sa *other, const ike_sa *sa)
{
    return other->major == sa->major &&
           ike_same_address(&other->initiator.endpoint, &sa->initiator.endpoint) &&
           ike_same_address(&other->responder.endpoint, &sa->responder.endpoint);
}

/* Whose first messages are in the capture: the successor of a rekeying has no identities of its
 * own. */
static bool has_first_messages(const ike_sa *sa)
{
    return ike_sa_was_up(sa) && !sa->late_start && !sa->rekeyed_from &&
           (sa->initiator.id || sa->responder.id);
}

enum { MAX_LOOKED_AT = 256 };

const ike_sa *ike_accepted_elsewhere(const ike_tracker *tracker, const ike_sa *sa)
{
    uint32_t count = ike_tracker_count(tracker);
    for (uint32_t i = 0; i < MIN(count, MAX_LOOKED_AT); i++) {
        const ike_sa *other = ike_tracker_stream(tracker, count - 1 - i);
        if (other != sa && is_between_same(other, sa) && has_first_messages(other))
            return other;
    }
    return NULL;
}

const ike_sa *ike_chosen_in(const ike_tracker *tracker, uint32_t frame)
{
    uint32_t count = ike_tracker_count(tracker);
    for (uint32_t i = 0; i < MIN(count, MAX_LOOKED_AT); i++) {
        const ike_sa *sa = ike_tracker_stream(tracker, i);
        if (sa->keys && sa->keys->frame == frame)
            return sa;
    }
    return NULL;
}

typedef struct {
    const char *what; /* NULL: the values say what they are */
    const char *was, *is;
    uint8_t from_wire;
} difference;

static bool differ(const difference *d)
{
    return d->was && d->is && strcmp(d->was, d->is) != 0;
}

bool ike_append_accepted(ike_draft *draft, const ike_sa *other, bool of_initiator)
{
    enum { FROM_WIRE = IKE_WIRE_REQUESTED | IKE_WIRE_RECEIVED };
    const ike_sa *sa = draft->finding.message->exchange->sa;
    const ike_party *now = ike_party_of(sa, of_initiator),
                    *then = ike_party_of(other, of_initiator);
    const difference differences[] = {
        {NULL, then->id, now->id, FROM_WIRE},
        {NULL, ike_format_auth_method(sa->major, then->auth_method),
         ike_format_auth_method(sa->major, now->auth_method), 0},
        {"IDr ", of_initiator ? other->requested_id : NULL, sa->requested_id, FROM_WIRE},
    };
    uint32_t frame = ike_sa_up_since(other)->frame;
    for (size_t i = 0; i < G_N_ELEMENTS(differences); i++) {
        const difference *d = &differences[i];
        if (!differ(d))
            continue;
        draft->finding.frame = frame;
        draft->finding.from_wire |= d->from_wire;
        g_string_assign(draft->requested, d->is);
        g_string_assign(draft->received, d->was);
        g_string_append_printf(draft->text, ", accepted %s", d->what ? d->what : "");
        if (d->from_wire)
            ike_append_quoted(draft->text, d->was);
        else
            g_string_append(draft->text, d->was);
        g_string_append_printf(draft->text, " (frame %u)", frame);
        return true;
    }
    return false;
}
