/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of one message through the tracker. */
#include "analysis/tracker/tracker.h"

#include <glib.h>

#include "analysis/tracker/child.h"
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

/* ---- life ------------------------------------------------------------------------------------ */

ike_tracker *ike_tracker_new(void)
{
    ike_tracker *tracker = g_new0(ike_tracker, 1);
    ike_tables_init(tracker);
    ike_children_init(tracker);
    ike_flows_init(tracker);
    return tracker;
}

void ike_tracker_free(ike_tracker *tracker)
{
    if (!tracker)
        return;
    for (guint i = 0; i < tracker->sas->len; i++) {
        ike_sa *sa = tracker->sas->pdata[i];
        if (sa->detach && sa->attached)
            sa->detach(sa->attached);
    }
    ike_flows_free(tracker);
    ike_children_free(tracker);
    ike_tables_free(tracker);
    g_free(tracker);
}

uint32_t ike_tracker_count(const ike_tracker *tracker)
{
    return tracker->sas->len;
}

ike_sa *ike_tracker_stream(const ike_tracker *tracker, uint32_t stream)
{
    return stream < tracker->sas->len ? tracker->sas->pdata[stream] : NULL;
}

const ike_sa *ike_tracker_sa_with_spis(const ike_tracker *tracker, uint64_t initiator_spi,
                                       uint64_t responder_spi)
{
    return ike_table_by_spis(tracker, (ike_spi_pair){initiator_spi, responder_spi});
}

uint32_t ike_tracker_child_count(const ike_tracker *tracker)
{
    return tracker->children->len;
}

const ike_child *ike_tracker_child(const ike_tracker *tracker, uint32_t number)
{
    return number < tracker->children->len ? tracker->children->pdata[number] : NULL;
}

uint32_t ike_tracker_unknown_flows(const ike_tracker *tracker)
{
    return tracker->unknown_flows;
}

void ike_tracker_set_reading(ike_tracker *tracker, bool reading)
{
    tracker->reading = reading;
}

bool ike_tracker_is_reading(const ike_tracker *tracker)
{
    return tracker->reading;
}

/* ---- one message ----------------------------------------------------------------------------- */

/* In IKEv1 the message that fragments come to is recorded beside them, in the frame of the last
 * one. */
static bool is_counted(const ike_message_record *record, const ike_message *m)
{
    return !record->copy && !(m->major == 1 && m->reassembled);
}

static void count_message(ike_tracker *tracker, const ike_message_record *record,
                          const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    tracker->last_ns = MAX(tracker->last_ns, m->time_ns);
    tracker->last_frame = MAX(tracker->last_frame, m->frame);
    sa->copies += record->copy;
    sa->messages += is_counted(record, m);
    sa->last_ns = MAX(sa->last_ns, m->time_ns);
    sa->last_frame = m->frame;
}

/* A message in fragments counts once, however often they are sent: encrypted with its first
 * fragment, decrypted when it is complete. */
static void count_encrypted(const ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    bool forged = record->not_authentic || (record->original && record->original->not_authentic &&
                                            !ike_record_is_decrypted(record));
    if (forged || (m->decryption == IKE_PLAIN && !m->encrypted) ||
        (m->major == 1 && m->decryption == IKE_FRAGMENT))
        return;
    if (m->fragments <= 1 || (m->fragment == 1 && !record->original))
        sa->encrypted_messages++;
    if (m->decryption == IKE_DECRYPTION_DONE && (m->fragments <= 1 || m->reassembled))
        sa->decrypted_messages++;
}

/* In IKEv1 the message that fragments come to counts, not they. */
static bool is_protected(const ike_message_record *record)
{
    bool fragment_of_v1 = record->exchange->sa->major == 1 && record->decryption == IKE_FRAGMENT;
    return record->grade != IKE_GRADE_UNPROTECTED && !record->not_authentic && !fragment_of_v1;
}

static void record_protected(ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    if (record->copy || record->not_authentic)
        return;
    sa->last = record;
    if (!is_protected(record))
        return;
    bool new_side = !sa->last_protected[record->from_initiator];
    sa->last_protected[record->from_initiator] = record;
    if (!new_side || !sa->last_protected[!record->from_initiator] || !sa->pair)
        return;
    if (sa->late_start)
        sa->pair->newest = sa;
    ike_sa_set_used(sa);
}

/* Encryption begins: nothing but IKE_SA_INIT and phase 1 is sent in clear. */
static bool is_first_protected(const ike_message_record *record)
{
    return is_protected(record) && !ike_sa_is_protected(record->exchange->sa);
}

/* A message that is verified and in which an IKE SA is set up: others cannot have followed it. */
static bool is_verified_setup(const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    return record->grade == IKE_GRADE_VERIFIED && !record->original && !exchange->sa->established &&
           !exchange->sa->late_start &&
           (exchange->sa->major == 1 ? exchange == exchange->sa->init
                                     : ikev2_exchange_is_auth(exchange->type));
}

/* A decrypted copy, as firewalls make them, has the set-up of both sides in clear; one forged
 * message has not. */
static bool is_copy_in_clear(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    return record->grade != IKE_GRADE_VERIFIED && sa->inference == IKE_INFERRED_CLEAR &&
           (sa->major == 1 ? sa->initiator.id_in_clear && sa->responder.id_in_clear
                           : sa->initiator_auth && sa->responder_auth);
}

static void withdraw_forged(ike_tracker *tracker, const ike_message_record *record)
{
    if (is_first_protected(record) && !is_copy_in_clear(record))
        ike_sa_withdraw_clear(tracker, record->exchange->sa);
    if (is_verified_setup(record))
        ike_sa_withdraw_encrypted(tracker, record->exchange->sa);
}

/* The first message that is verified tells what the SA is, whatever came before it. That of a Rekey SA
 * is from the key server. */
static void record_group_rekey(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    sa->group_rekey = sa->roles_known = true;
    ike_sa_withdraw_parties(sa);
    sa->initiator.endpoint = m->source;
    sa->responder.endpoint = m->destination;
    ike_sa_set_pair(tracker, sa);
}

/* A message, or in IKEv2 a fragment, whose ICV or HASH is right. */
static void record_verified(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    bool decrypted = m->decryption == IKE_DECRYPTION_DONE ||
                     (m->decryption == IKE_FRAGMENT && sa->major != 1 && m->encrypted);
    if (sa->verified || !decrypted || m->not_authentic)
        return;
    ike_sa_withdraw_wrong_icv(tracker, sa);
    if (!sa->init && ike_is_group_rekey(sa->major, m->exchange, m->message_id))
        record_group_rekey(tracker, sa, m);
    sa->verified = true;
}

static void record_content(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    if (record->not_authentic)
        return;
    if (record->exchange->sa->major == 1)
        ikev1_record(tracker, record, m);
    else
        ikev2_record(tracker, record, m);
}

/* What was inferred from a message while it was not decrypted. */
static void withdraw_inferences(ike_tracker *tracker, const ike_message_record *message)
{
    ike_exchange *exchange = message->exchange;
    ike_sa *sa = exchange->sa;
    if (sa->inferred == message && sa->inference != IKE_INFERRED_LATER_EXCHANGE)
        ike_sa_withdraw_inferred(tracker, sa);
    if (sa->deleted == message && sa->delete_inferred) {
        sa->deleted = NULL;
        sa->delete_inferred = false;
    }
    if (exchange->request == message && sa->major != 1)
        exchange->purpose = IKE_PURPOSE_NONE;
}

/* The message came before the keys that tell that it is not authentic, or was truncated;
 * IKE_INTERMEDIATE has keys of its own (RFC 9370 2.2.2), and those that are known may be later
 * ones.
 */
static void uncount_not_authentic(ike_message_record *original, const ike_message *m)
{
    if (original->exchange->type == IKEV2_EXCHANGE_IKE_INTERMEDIATE || !m->not_authentic ||
        original->not_authentic || original->grade != IKE_GRADE_ENCRYPTED ||
        original->fragments > 1)
        return;
    original->not_authentic = true;
    original->exchange->sa->encrypted_messages -= ike_exchange_drop_transmissions(original);
}

/* A copy or retransmission of which more can be read than of the original: the original is evidence
 * of it from now on. Returns whether it is. */
static bool complete_original(ike_tracker *tracker, ike_message_record *record,
                              const ike_message *m)
{
    ike_message_record *original = record->original;
    ike_sa *sa = record->exchange->sa;
    bool counted = original->grade != IKE_GRADE_UNPROTECTED && !original->not_authentic;
    bool decrypted = ike_record_is_decrypted(original);
    bool in_one_piece = m->fragments <= 1;
    if (in_one_piece)
        sa->decrypted_messages += ike_exchange_decrypts_transmission(record);
    uncount_not_authentic(original, m);
    if (!ike_exchange_completes(original, m))
        return false;
    withdraw_inferences(tracker, original);
    ike_exchange_complete(tracker, original, m);
    record->content = original->content;
    if (original->exchange->by_step)
        ikev1_exchange_assign(original, m);
    else
        ikev2_exchange_assign(original);
    record->response = original->response;
    record->step = original->step;
    record->steps = original->steps;
    if (!counted && original->grade != IKE_GRADE_UNPROTECTED)
        sa->encrypted_messages++;
    if (!decrypted && !in_one_piece && original->decryption == IKE_DECRYPTION_DONE)
        sa->decrypted_messages++;
    record_content(tracker, original, m);
    if (original->grade != IKE_GRADE_UNPROTECTED && !sa->last_protected[original->from_initiator])
        sa->last_protected[original->from_initiator] = original;
    return true;
}

/* A message with which the first exchange goes on is no part of what was refused before it. */
static ike_sa_state state_at(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    ike_sa_state state = ike_sa_state_of(sa);
    bool goes_on = record->exchange == sa->init && !record->original && !record->unslotted &&
                   record != sa->refused;
    if (state != IKE_SA_FAILED || sa->failed || !goes_on)
        return state;
    return sa->keys ? IKE_SA_KEYS_NEGOTIATED : IKE_SA_NEW;
}

ike_message_record *ike_tracker_message(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    record_verified(tracker, sa, m);
    ike_message_record *record = m->major == 1 && sa->major == 1
                                     ? ikev1_exchange_message(tracker, sa, m)
                                     : ikev2_exchange_message(tracker, sa, m);
    withdraw_forged(tracker, record);
    count_message(tracker, record, m);
    if (!record->copy)
        count_encrypted(record, m);
    if (!record->not_authentic)
        ike_path_record(tracker, record, m);
    bool completed = record->original && complete_original(tracker, record, m);
    if (!record->original)
        record_content(tracker, record, m);
    if (record->original && !record->copy && !record->not_authentic &&
        sa->refused == record->original)
        sa->refusals++;
    record_protected(record);
    /* After the hash is known: aggressive mode 2/3 brings both. */
    if (!record->not_authentic)
        ike_nat_check(record, m, completed);
    record->state = state_at(record) & 7;
    return record;
}
