/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1 exchanges (RFC 2409 5): which messages take part in one. */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

/* Both sides sent messages of this mode of phase 1. */
static bool is_used(const ike_exchange *mode)
{
    bool sent[2] = {false, false};
    for (unsigned step = 1; mode->by_step && step <= IKE_V1_STEPS; step++)
        sent[step % 2] |= mode->by_step[step] != NULL;
    return sent[0] && sent[1];
}

/* One message in another mode may be forged: the mode is that in which both sides send messages. */
static void update_mode(ike_exchange *mode)
{
    ike_sa *sa = mode->sa;
    if (!ikev1_exchange_is_phase1(mode->type) || mode == sa->init || !sa->init ||
        is_used(sa->init) || !is_used(mode))
        return;
    for (unsigned step = 1; sa->init->by_step && step <= IKE_V1_STEPS; step++)
        if (sa->init->by_step[step])
            sa->init->by_step[step]->unslotted = true;
    sa->init = mode;
    ike_sa_restart_phase1(sa);
    ike_nat_set_mode(sa);
}

/* What is in clear takes no step of an exchange whose messages are encrypted, and nothing one of
 * the phase 1 mode that the SA does not use. */
static bool is_slotted(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    bool other_mode = ikev1_exchange_is_phase1(record->exchange->type) &&
                      record->exchange != sa->init && sa->init && is_used(sa->init);
    if (record->not_authentic || record->reflected || record->misfit || other_mode)
        return false;
    if (record->grade != IKE_GRADE_UNPROTECTED || !ike_sa_is_protected(sa))
        return true;
    /* In main mode ID and HASH or SIG are encrypted. */
    bool authenticates = record->content && (ike_content_has(record->content, IKEV1_PAYLOAD_ID) ||
                                             ike_content_has(record->content, IKEV1_PAYLOAD_HASH));
    return record->exchange == sa->init &&
           !(record->exchange->type == IKEV1_EXCHANGE_MAIN_MODE && authenticates);
}

void ikev1_exchange_assign(ike_message_record *record, const ike_message *m)
{
    ike_exchange *exchange = record->exchange;
    record->unslotted = !is_slotted(record);
    /* What does not decrypt under the keys of one side's PSK may be the other's refusal. */
    if (!record->unslotted || record->not_authentic)
        ike_exchange_record_newest(exchange);
    if (record->unslotted)
        return;
    ikev1_take_step(record, m);
    update_mode(exchange);
}

/* Of two messages that claim a step, the one that is sent again: its sender had no answer. */
static void prefer_retransmitted(ike_message_record *original)
{
    ike_message_record **slot = &original->exchange->by_step[original->step];
    if (!original->step || !*slot || original->not_authentic || original->unslotted ||
        (*slot)->from_initiator != original->from_initiator || original->grade < (*slot)->grade ||
        original->retransmissions <= (*slot)->retransmissions)
        return;
    (*slot)->paired = NULL;
    *slot = original;
    ikev1_link_steps(original->exchange);
}

ike_message_record *ikev1_exchange_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    if (!sa->roles_known)
        ikev1_update_roles(sa, m);
    bool from_initiator = ike_sa_from_initiator(sa, m);
    ike_exchange *exchange =
        ike_exchange_find(tracker, sa, m->message_id, IKE_SIDE_EITHER, m->exchange);
    ike_message_record *original =
        exchange ? ike_exchange_find_original(exchange, m, from_initiator) : NULL;
    if (!exchange) {
        exchange = ike_exchange_begin(tracker, sa, m, IKE_SIDE_EITHER, m->exchange, NULL);
        exchange->by_step =
            ike_tracker_alloc(tracker, (IKE_V1_STEPS + 1) * sizeof *exchange->by_step);
        exchange->by_initiator = ikev1_exchange_is_phase1(m->exchange) || from_initiator;
    }
    ike_message_record *record = ike_exchange_add(tracker, exchange, m, from_initiator);
    if (original) {
        if (ike_exchange_record_repeat(tracker, record, original, m)) {
            prefer_retransmitted(original);
            ike_exchange_record_newest(exchange);
        }
        return record;
    }
    record->reflected = ike_exchange_find_repeated(exchange, m) != NULL;
    ike_exchange_add_distinct(record);
    if (ike_message_is_readable(m))
        record->content = ike_content_new(tracker, m);
    ikev1_exchange_assign(record, m);
    return record;
}
