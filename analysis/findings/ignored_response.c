/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Responses that arrive and are not taken. */
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

/* What the sender of `request` answered between `response` and its last retransmission: it receives
 * what the other side sends. NULL: nothing. */
static const ike_message_record *answered_meanwhile(const ike_message_record *request,
                                                    const ike_message_record *response)
{
    enum { MAX_BACK = 4 };
    const ike_sa *sa = request->exchange->sa;
    const ike_message_record *last = request->exchange->more->last_retransmission;
    const ike_exchange *other = sa->major == 1 ? NULL : sa->last_begun[!request->from_initiator];
    for (int i = 0; last && other && i < MAX_BACK; i++, other = other->previous_of_side) {
        const ike_message_record *sent = other->more->last_retransmission;
        if (!sent)
            sent = other->request;
        if (sent && other->response && other->response->grade != IKE_GRADE_UNPROTECTED &&
            sent->frame > response->frame && other->response->frame > sent->frame &&
            other->response->frame < last->frame && sent->path == response->path)
            return other->response;
    }
    return NULL;
}

bool ike_explain_ignored(ike_draft *draft, const ike_message_record *request,
                         const ike_message_record *response, uint32_t after)
{
    const ike_message_record *answer = answered_meanwhile(request, response);
    if (!answer || response->length > IKE_MTU_BYTES)
        return false;
    draft->finding.side = ike_side_of(request->from_initiator);
    draft->finding.certainty = IKE_SURE_POSSIBLE;
    g_string_append_printf(draft->text,
                           "%s ignores the response in frame %u, request retransmitted %u times",
                           ike_role(request->from_initiator), response->frame, after);
    g_string_append_printf(draft->detail,
                           "It receives messages: it answered one in frame %u. It is busy with "
                           "another exchange, or takes the response for invalid.",
                           answer->frame);
    return true;
}
