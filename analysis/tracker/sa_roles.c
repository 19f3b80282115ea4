/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKEv1 has no flag for who began. When the capture begins in the middle of main mode, messages 3
 * to 6 decide: KE goes forth in message 3 and back in 4, then the initiator encrypts first (RFC
 * 2409 5). */
#include <glib.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

enum { MAX_SWAPPED = 64 }; /* messages that came before the roles were known */

/* Steps 3 and 4, 5 and 6 of main mode are one of each side, and so are 1 and 2 of both modes. */
static unsigned last_paired_step(const ike_exchange *exchange)
{
    return exchange->type == IKEV1_EXCHANGE_MAIN_MODE         ? IKE_V1_STEPS
           : exchange->type == IKEV1_EXCHANGE_AGGRESSIVE_MODE ? 2
                                                              : 0;
}

static void swap_message(ike_message_record *record)
{
    ike_exchange *exchange = record->exchange;
    record->from_initiator = !record->from_initiator;
    if (last_paired_step(exchange) < record->step || record->step == 0)
        return;
    /* Steps come in pairs, one from each side. */
    record->step = (((record->step - 1u) ^ 1u) + 1u) & 7u;
    record->response = record->step % 2 == 0;
}

static void swap_steps(ike_exchange *exchange)
{
    if (!exchange->by_step || !ikev1_exchange_is_phase1(exchange->type))
        return;
    for (unsigned step = 1; step < last_paired_step(exchange); step += 2) {
        ike_message_record *first = exchange->by_step[step];
        exchange->by_step[step] = exchange->by_step[step + 1];
        exchange->by_step[step + 1] = first;
    }
    ikev1_link_steps(exchange);
}

bool ikev1_is_sa_answer(const ike_message *m)
{
    return m->responder_spi != 0 && !m->encrypted && m->first_payload == IKEV1_PAYLOAD_SA;
}

void ike_sa_swap_roles(ike_sa *sa)
{
    int left = MAX_SWAPPED;
    sa->roles_swapped = !sa->roles_swapped;
    ike_party party = sa->initiator;
    sa->initiator = sa->responder;
    sa->responder = party;
    ike_endpoint first = sa->first_initiator;
    sa->first_initiator = sa->first_responder;
    sa->first_responder = first;
    for (uint8_t i = 0; i < sa->path_count; i++) {
        ike_endpoint end = sa->paths[i]->initiator;
        sa->paths[i]->initiator = sa->paths[i]->responder;
        sa->paths[i]->responder = end;
    }
    for (ike_exchange *e = sa->exchanges; e && left > 0; e = e->next) {
        for (ike_message_record *r = e->messages; r && left > 0; r = r->next, left--)
            swap_message(r);
        if (!ikev1_exchange_is_phase1(e->type))
            e->by_initiator = !e->by_initiator;
        swap_steps(e);
    }
    const ike_message_record *last = sa->last_protected[0];
    sa->last_protected[0] = sa->last_protected[1];
    sa->last_protected[1] = last;
}

static void decide(ike_sa *sa, const ike_endpoint *initiator)
{
    sa->roles_known = true;
    if (!ike_same_address(&sa->initiator.endpoint, initiator))
        ike_sa_swap_roles(sa);
}

/* The one encrypted message of main mode that was seen, or NULL. */
static const ike_message_record *lone_encrypted(const ike_sa *sa)
{
    ike_message_record *const *by_step = sa->init ? sa->init->by_step : NULL;
    if (!by_step || sa->init->type != IKEV1_EXCHANGE_MAIN_MODE || by_step[3] || by_step[4] ||
        !by_step[5] == !by_step[6])
        return NULL;
    return by_step[5] ? by_step[5] : by_step[6];
}

/* A capture that begins with message 6 of main mode: the initiator goes on with quick mode, its
 * sender with XAUTH or mode config. Of an INFORMATIONAL either side may be the sender. */
static void suppose_last_message(ike_sa *sa, const ike_message *m)
{
    const ike_message_record *last = m->encrypted ? lone_encrypted(sa) : NULL;
    if (!last)
        return;
    const ike_endpoint *sender = &ike_sa_party(sa, last->from_initiator)->endpoint;
    bool by_sender = ike_same_address(sender, &m->source);
    bool is_next =
        !sa->last_quick && !sa->last_transaction &&
        m->exchange == (by_sender ? IKEV1_EXCHANGE_TRANSACTION : IKEV1_EXCHANGE_QUICK_MODE);
    if (is_next && last->from_initiator)
        ike_sa_swap_roles(sa);
    else if (m->exchange == IKEV1_EXCHANGE_MAIN_MODE && !by_sender)
        decide(sa, sender);
}

/* A capture that begins with message 2 of quick mode: message 3 is a HASH alone (RFC 2409 5.5). */
static bool is_third_after_second(const ike_sa *sa, const ike_message *m)
{
    enum { MOST_HASH = 4 + 64, BLOCK = 16 };
    const ike_exchange *quick = sa->exchanges;
    return m->length <= IKE_HEADER + MOST_HASH + BLOCK && quick && quick->type == m->exchange &&
           quick->message_id == m->message_id && quick->count == 1 &&
           quick->messages->length > m->length;
}

/* The initiator of phase 1 is most likely that of the first quick mode, too: of message 3 alone, or
 * of what follows XAUTH and mode config, which the gateway begins. */
static void suppose_quick_mode(ike_sa *sa, const ike_message *m)
{
    bool by_responder = ike_same_address(&sa->initiator.endpoint, &m->destination) &&
                        ike_same_address(&sa->responder.endpoint, &m->source);
    if (by_responder && m->exchange == IKEV1_EXCHANGE_QUICK_MODE && !sa->init &&
        (is_third_after_second(sa, m) || (sa->last_transaction && !sa->last_quick)))
        ike_sa_swap_roles(sa);
}

void ikev1_update_roles(ike_sa *sa, const ike_message *m)
{
    if (ike_same_address(&m->source, &m->destination))
        return;
    suppose_last_message(sa, m);
    suppose_quick_mode(sa, m);
    if (m->exchange == IKEV1_EXCHANGE_AGGRESSIVE_MODE && m->encrypted) {
        decide(sa, &m->source);
        return;
    }
    if (ikev1_exchange_is_phase1(m->exchange) && ikev1_is_sa_answer(m)) {
        decide(sa, &m->destination);
        return;
    }
    if (m->exchange != IKEV1_EXCHANGE_MAIN_MODE)
        return;
    if (m->encrypted && !sa->init) {
        /* Of the INFORMATIONAL before it either side may be the sender. */
        if (ike_same_address(&sa->responder.endpoint, &m->source))
            ike_sa_swap_roles(sa);
    } else if (m->encrypted && sa->ke_seen) {
        /* KE from one side and then the other side encrypts: messages 4 and 5. */
        decide(sa, &m->source);
    } else if (!m->encrypted && ike_message_has(m, IKEV1_PAYLOAD_KE)) {
        if (sa->ke_seen && !ike_same_address(&sa->first_ke_sender, &m->source))
            decide(sa, &sa->first_ke_sender);
        sa->ke_seen = true;
        sa->first_ke_sender = m->source;
    }
}
