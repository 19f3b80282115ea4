/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKE SAs that their initiator deletes as soon as they are up: it does not accept the responder.
 * IKEv1 has no notify for it, and some send none in IKEv2. */
#include <string.h>

#include "analysis/findings/certificates.h"
#include "analysis/findings/explain.h"
#include "proto/ike_numbers.h"

/* The message that set the IKE SA up, when the next thing that its initiator does is to delete it;
 * NULL otherwise. */
static const ike_message_record *dropped_message(const ike_sa *sa)
{
    const ike_message_record *end = sa->deleted;
    if (!end || sa->delete_inferred || sa->late_start || !end->from_initiator ||
        end->exchange->sa != sa)
        return NULL;
    const ike_message_record *up = ike_sa_up_since(sa);
    return up && ike_record_follows(up, end, IKE_SECOND) ? up : NULL;
}

/* The initiator used an IKE SA with this responder before: it accepts that identity. */
static bool accepted_before(const ike_sa *sa)
{
    enum { MAX_BEFORE = 16 };
    const ike_sa *before = sa->same_identity;
    for (int i = 0; before && i < MAX_BEFORE; i++, before = before->same_identity)
        if (ike_exchange_took_place(before->last_quick) &&
            g_strcmp0(before->responder.id, sa->responder.id) == 0)
            return true;
    return false;
}

/* Something was sent in an exchange of phase 2. */
static bool is_of_phase2(const ike_exchange *exchange)
{
    const ike_message_record *first = exchange->messages;
    return (exchange->type == IKEV1_EXCHANGE_QUICK_MODE ||
            exchange->type == IKEV1_EXCHANGE_TRANSACTION ||
            exchange->type == IKEV1_EXCHANGE_INFORMATIONAL) &&
           first->grade == IKE_GRADE_VERIFIED && !first->unslotted;
}

/* It sends nothing between phase 1 and the Delete: one who deletes IPsec SAs first had them, though
 * their quick mode is not in the capture. */
static bool is_dropped_v1(const ike_sa *sa)
{
    enum { MAX_BETWEEN = 8 };
    const ike_exchange *before = sa->deleted->exchange->previous_of_side;
    for (int i = 0; before && before != sa->init && i < MAX_BETWEEN; i++) {
        if ((before->by_initiator || before->answered) && is_of_phase2(before))
            return false;
        before = before->previous_of_side;
    }
    return !ike_exchange_took_place(sa->last_quick) && sa->esp_packets < IKE_CONFIRMED &&
           !accepted_before(sa);
}

/* The initiator asked for another identity than that of the responder (IDr in the request, RFC
 * 7296 1.2), or the certificate of the responder is not made out to its identity or out of date. */
static bool has_faulty_responder(const ike_sa *sa)
{
    const ike_party *responder = &sa->responder;
    const ike_recorded_certificate *certificate = responder->certificate;
    if (!responder->id)
        return false;
    return (sa->requested_id && strcmp(sa->requested_id, responder->id) != 0) ||
           (certificate && (!ike_certificate_names(certificate, responder->id) ||
                            ike_is_out_of_date(certificate, sa->deleted->time_ns)));
}

/* IKEv2, where people delete IKE SAs, too: the responder is not what was asked for, and the
 * initiator begins another IKE SA at once. With EAP it accepted the responder in the first round.
 */
static bool is_dropped_v2(const ike_sa *sa)
{
    const ike_exchange *auth = sa->last_auth;
    const ike_sa *newest = ike_sa_newest_between(sa);
    return auth && !sa->eap && !sa->rekeyed_from && has_faulty_responder(sa) &&
           sa->deleted->exchange->message_id == auth->message_id + 1 && newest != sa &&
           newest->first_ns >= sa->deleted->time_ns && !ike_sa_has_esp_both_ways(sa);
}

bool ike_find_dropped(ike_sink *sink, const ike_sa *sa)
{
    const ike_message_record *up = dropped_message(sa);
    if (!up || !(sa->major == 1 ? is_dropped_v1(sa) : is_dropped_v2(sa)))
        return false;
    if (!ike_wants(sink, sa->deleted))
        return true;
    ike_draft draft = ike_draft_new(IKE_F_AUTHENTICATION_FAILED, sa->deleted);
    draft.finding.side = IKE_SIDE_INITIATOR;
    draft.finding.certainty = IKE_SURE_LIKELY;
    g_string_append(draft.text, "AUTHENTICATION_FAILED: ");
    ike_explain_authentication(sink->tracker, &draft);
    g_string_append_printf(draft.detail, " The initiator deletes the IKE SA at once%s.",
                           sa->major == 1 ? ": IKEv1 has no notify for it" : "");
    ike_draft_emit(sink, &draft);
    return true;
}
