/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of an IKE SA, and the evidence for it. Protected and verified evidence goes before what
 * is inferred, and both before unprotected messages, in whatever order they came. */
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

/* ---- recording ------------------------------------------------------------------------------- */

static void record_up(ike_tracker *tracker, ike_sa *sa, const ike_message_record *record)
{
    ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major)->answered_frame = record->frame;
    ike_tracker_peer_sas(tracker, sa, false)->finished++;
    ike_tracker_peer_sas(tracker, sa, true)->finished++;
}

static void record_identity_up(ike_tracker *tracker, ike_sa *sa)
{
    if (!sa->initiator.id)
        return;
    ike_sa *before = g_hash_table_lookup(tracker->by_identity, sa->initiator.id);
    if (before && before != sa && !sa->same_identity) {
        bool moved = !ike_same_address(&before->initiator.endpoint, &sa->initiator.endpoint);
        sa->same_identity = before;
        sa->identity_count = (uint16_t)MIN(before->identity_count + 1, UINT16_MAX);
        sa->identity_moves = (uint16_t)MIN(before->identity_moves + moved, UINT16_MAX);
    }
    g_hash_table_insert(tracker->by_identity, (gpointer)sa->initiator.id, sa);
}

void ike_sa_record_established(ike_tracker *tracker, ike_sa *sa, const ike_message_record *record)
{
    if (sa->established)
        return;
    if (!sa->inferred)
        record_up(tracker, sa, record);
    sa->established = record;
    record_identity_up(tracker, sa);
}

void ike_sa_record_inferred(ike_tracker *tracker, ike_sa *sa, const ike_message_record *record,
                            ike_inference inference)
{
    if (sa->established || sa->inferred || sa->failed)
        return;
    record_up(tracker, sa, record);
    sa->inferred = record;
    sa->inference = (uint8_t)inference;
    record_identity_up(tracker, sa);
}

static void uncount_finished(ike_tracker *tracker, const ike_sa *sa, bool initiator)
{
    ike_peer_sas *sas = ike_tracker_peer_sas(tracker, sa, initiator);
    if (sas->finished)
        sas->finished--;
}

void ike_sa_withdraw_inferred(ike_tracker *tracker, ike_sa *sa)
{
    if (!sa->inferred || sa->established)
        return;
    sa->inferred = NULL;
    sa->inference = IKE_INFERRED_NOT;
    uncount_finished(tracker, sa, false);
    uncount_finished(tracker, sa, true);
}

/* IKEv2: an INFORMATIONAL error after IKE_AUTH is the reaction to its response, whichever of the
 * two was captured first. */
static bool is_reaction(const ike_message_record *failed, const ike_message_record *record)
{
    return failed->exchange->sa->major != 1 &&
           failed->exchange->type == IKEV2_EXCHANGE_INFORMATIONAL &&
           ikev2_exchange_is_auth(record->exchange->type);
}

void ike_sa_record_failed(ike_sa *sa, const ike_message_record *record, uint16_t type)
{
    if (sa->failed && !is_reaction(sa->failed, record))
        return;
    sa->failed = record;
    sa->failed_by = type;
}

/* IKEv2: of what is in clear only the response to IKE_SA_INIT refuses (RFC 7296 2.21.1); other
 * errors in clear are hints. */
static bool is_refusal(const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    return exchange->sa->major == 1 ||
           (record->response && !exchange->contradicted && ikev2_exchange_is_init(exchange->type));
}

void ike_sa_record_error(ike_sa *sa, const ike_message_record *record, uint16_t type)
{
    sa->refusals++;
    if (sa->refused && (is_refusal(sa->refused) || !is_refusal(record)))
        return;
    sa->refused = record;
    sa->refused_by = type;
}

void ike_sa_record_deleted(ike_sa *sa, const ike_message_record *record, bool inferred)
{
    if (sa->deleted && !(sa->delete_inferred && !inferred))
        return;
    sa->deleted = record;
    sa->delete_inferred = inferred;
}

/* A responder that redirects does not go on. */
void ike_sa_withdraw_redirect(ike_tracker *tracker, ike_sa *sa)
{
    if (!sa->redirect)
        return;
    uncount_finished(tracker, sa, false);
    sa->redirect = NULL;
}

void ike_sa_withdraw_encrypted(ike_tracker *tracker, ike_sa *sa)
{
    if (sa->inferred && sa->inferred->grade == IKE_GRADE_ENCRYPTED)
        ike_sa_withdraw_inferred(tracker, sa);
    if (sa->deleted && sa->delete_inferred)
        sa->deleted = NULL;
    if (sa->eap_inferred)
        sa->eap = sa->eap_inferred = false;
}

bool ike_sa_is_superseded(const ike_message_record *record)
{
    const uint32_t *frames = record->exchange->sa->true_frames;
    if (!frames || record->grade != IKE_GRADE_UNPROTECTED)
        return false;
    for (size_t i = 0; i < IKE_INIT_FRAMES; i++)
        if (frames[i] == record->frame)
            return false;
    return true;
}

/* ---- what follows ---------------------------------------------------------------------------- */

bool ike_exchange_last_unheard(const ike_exchange *exchange)
{
    const ike_sa *sa = exchange->sa;
    if (exchange->more->retransmitted_after == 0)
        return false;
    if (exchange->type == IKEV1_EXCHANGE_QUICK_MODE)
        return !exchange->by_step || !exchange->by_step[3];
    /* In a later exchange the side that waited would have gone on. */
    bool waits = exchange->type == IKEV1_EXCHANGE_MAIN_MODE;
    return !sa->heard_after_phase1[waits] &&
           !(exchange->more->retransmitted_after == 1 && sa->maybe_heard[waits]);
}

static bool phase1_unheard(const ike_sa *sa)
{
    if (sa->major != 1 || !sa->init || !sa->init->by_step)
        return false;
    const ike_message_record *waiting = sa->init->by_step[5];
    /* It stopped at message 6, and one message of a later exchange is there. */
    bool went_on =
        sa->init->by_step[6] && !sa->init->more->retransmitted_after && sa->maybe_heard[1];
    return ike_exchange_last_unheard(sa->init) ||
           (waiting && ike_waits_in_vain(waiting, waiting->retransmissions) &&
            !sa->heard_after_phase1[1] && !went_on);
}

/* The last message of phase 1 is one of the mode that the first message began. */
static bool is_of_other_mode(const ike_sa *sa)
{
    return sa->major == 1 && sa->inference == IKE_INFERRED_LAST_MESSAGE &&
           sa->inferred->exchange != sa->init;
}

/* IKEv2, not decrypted: the initiator has gone on with IKE_AUTH after the response that seemed to
 * be the last one, as EAP does, and nothing is heard that needs an IKE SA. */
static bool is_eap_under_way(const ike_sa *sa)
{
    const ike_exchange *last = sa->last_begun[1], *by_responder = sa->last_begun[0];
    const ike_exchange *before = last ? last->previous_of_side : NULL;
    if (sa->inference != IKE_INFERRED_AUTH_RESPONSE || !before)
        return false;
    return last->type == IKEV2_EXCHANGE_IKE_AUTH && before->type == IKEV2_EXCHANGE_IKE_AUTH &&
           last->message_id > sa->inferred->exchange->message_id && !ike_sa_has_esp_both_ways(sa) &&
           !(by_responder && by_responder->answered);
}

static bool has_esp_to_responder(const ike_sa *sa)
{
    enum { MAX_CHILDREN = 16 };
    const ike_child *child = sa->newest_child;
    for (int i = 0; child && i < MAX_CHILDREN; i++, child = child->previous_of_sa)
        if (child->to_responder)
            return true;
    return sa->esp_seen[0] >= IKE_CONFIRMED;
}

/* A request of the responder before this one is in the capture, or the response to it. This one was
 * sent when that had been answered (RFC 7296 2.3). */
static bool follows_other(const ike_exchange *begun)
{
    const ike_exchange *before =
        begun->message_id && begun->request && begun->request->grade != IKE_GRADE_UNPROTECTED
            ? ike_exchange_find(begun->sa->tracker, begun->sa, begun->message_id - 1, 0, 0)
            : NULL;
    return before && before->messages && before->messages->grade != IKE_GRADE_UNPROTECTED;
}

/* OpenIKED answers requests of its peer while it still waits for the response to IKE_AUTH. */
static bool has_answered_responder(const ike_sa *sa)
{
    enum { MAX_BEFORE = 4 };
    const ike_exchange *begun = sa->last_begun[0];
    for (int i = 0; begun && i < MAX_BEFORE; i++, begun = begun->previous_of_side)
        if ((begun->response && begun->response->grade != IKE_GRADE_UNPROTECTED) ||
            follows_other(begun))
            return true;
    return false;
}

bool ike_sa_has_unannounced_successor(const ike_sa *sa)
{
    const ike_sa *used = sa->pair ? sa->pair->newest_used : NULL;
    const ike_sa *first = used ? sa->tracker->sas->pdata[used->lineage] : NULL;
    return first && !first->init && first->first_frame > sa->first_frame &&
           ike_exchange_find(sa->tracker, first, 0, true, 0);
}

/* IKEv2: the initiator goes on repeating its last IKE_AUTH request although the response is in the
 * capture, and sends nothing else: it never gets the response, and gives up. */
static bool auth_unheard(const ike_sa *sa)
{
    enum { MAX_UNPROTECTED = 4 };
    const ike_exchange *auth = sa->last_auth, *begun = sa->last_begun[1];
    const ike_message_record *last = sa->last_protected[1];
    if (sa->major == 1 || !auth || !auth->request || !last ||
        !ike_waits_in_vain(auth->request, ike_retransmitted_unheard(auth)) ||
        last->exchange != auth || sa->rekeyed_to || has_esp_to_responder(sa) ||
        has_answered_responder(sa) || ike_sa_has_unannounced_successor(sa))
        return false;
    /* What is not protected proves nothing of the initiator. */
    for (int i = 0; begun && begun != auth && begun->request && i < MAX_UNPROTECTED &&
                    begun->request->grade == IKE_GRADE_UNPROTECTED;
         i++)
        begun = begun->previous_of_side;
    return begun == auth;
}

bool ike_sa_last_unheard(const ike_sa *sa)
{
    return phase1_unheard(sa) || auth_unheard(sa);
}

const ike_message_record *ike_sa_contested_refusal(const ike_sa *sa)
{
    enum { MAX_RESPONSES = 8, LARGEST_NOTIFY = IKE_HEADER + 4 + 64 };
    const ike_exchange *auth = sa->inferred ? sa->inferred->exchange : NULL;
    if (sa->inference != IKE_INFERRED_AUTH_RESPONSE || sa->last_begun[0] || sa->esp_packets ||
        sa->rekeyed_to || (sa->last_begun[1] && sa->last_begun[1] != auth))
        return NULL;
    const ike_message_record *record = auth->last_distinct;
    for (int i = 0; record && i < MAX_RESPONSES; i++, record = record->previous_distinct)
        if (record->response && record->grade == IKE_GRADE_ENCRYPTED && record->has_first_inside &&
            record->inner_first_payload == IKEV2_PAYLOAD_NOTIFY && !record->fragments &&
            !record->misfit && record->length <= LARGEST_NOTIFY &&
            ike_time_apart(record->time_ns, sa->inferred->time_ns) <= IKE_CONTEST_NS)
            return record;
    return NULL;
}

const ike_message_record *ike_sa_up_since(const ike_sa *sa)
{
    if (!sa->established && ike_sa_contested_refusal(sa))
        return NULL;
    if ((sa->established || sa->inferred) && ike_sa_last_unheard(sa))
        return NULL;
    if (!sa->established && sa->inferred && (is_of_other_mode(sa) || is_eap_under_way(sa)))
        return NULL;
    return sa->established ? sa->established : sa->inferred;
}

bool ike_sa_was_up(const ike_sa *sa)
{
    return ike_sa_up_since(sa) || (sa->rekeyed_from && !sa->failed);
}

ike_inference ike_sa_inference(const ike_sa *sa)
{
    if (sa->established || !ike_sa_was_up(sa))
        return IKE_INFERRED_NOT;
    if (sa->rekeyed_from && !sa->inferred)
        return sa->rekey_inferred ? IKE_INFERRED_REKEY : IKE_INFERRED_NOT;
    return (ike_inference)sa->inference;
}

ike_sa_state ike_sa_state_of(const ike_sa *sa)
{
    bool up = ike_sa_was_up(sa);
    if (sa->failed)
        return IKE_SA_FAILED;
    if (up && sa->rekeyed_to)
        return IKE_SA_REKEYED;
    if (up && sa->deleted)
        return IKE_SA_DELETED;
    if (up)
        return ike_sa_inference(sa) == IKE_INFERRED_NOT ? IKE_SA_ESTABLISHED : IKE_SA_INFERRED;
    /* What is not protected counts if there was nothing else since; once there are keys,
     * one message is not enough. */
    if (sa->refused && is_refusal(sa->refused) && !ike_sa_is_protected(sa) &&
        (!sa->keys || sa->refusals >= 2))
        return IKE_SA_FAILED;
    if (sa->auth_begun)
        return IKE_SA_AUTHENTICATING;
    return sa->keys ? IKE_SA_KEYS_NEGOTIATED : IKE_SA_NEW;
}

bool ike_is_group_rekey(uint8_t major, uint8_t exchange, uint32_t message_id)
{
    return major == 1 ? exchange == GDOI_EXCHANGE_GROUPKEY_PUSH && !message_id
                      : exchange == IKEV2_EXCHANGE_GSA_REKEY;
}

bool ike_sa_is_group_rekey(const ike_sa *sa)
{
    const ike_exchange *first = sa->exchanges;

    if (sa->verified)
        return sa->group_rekey;
    return first && !sa->init && !sa->rekeyed_from &&
           ike_is_group_rekey(sa->major, first->type, first->message_id);
}

const char *ike_sa_state_text(ike_sa_state state)
{
    static const char *const texts[] = {
        "new",     "keys negotiated", "authenticating", "established", "established (inferred)",
        "rekeyed", "deleted",         "failed"};
    return (size_t)state < G_N_ELEMENTS(texts) ? texts[state] : "unknown";
}

const char *ike_inference_text(ike_inference inference)
{
    static const char *const texts[] = {
        [IKE_INFERRED_NOT] = "",
        [IKE_INFERRED_AUTH_RESPONSE] = "the IKE_AUTH response was not decrypted",
        [IKE_INFERRED_LAST_MESSAGE] = "the last message of phase 1 was not decrypted",
        [IKE_INFERRED_LATER_EXCHANGE] = "an exchange followed that only an established IKE SA has",
        [IKE_INFERRED_LATE_START] = "the capture began after its set-up",
        [IKE_INFERRED_REKEY] = "the rekey that created it was not decrypted",
        [IKE_INFERRED_ESP] = "ESP followed",
        [IKE_INFERRED_CLEAR] = "its messages are not encrypted",
    };
    return (size_t)inference < G_N_ELEMENTS(texts) ? texts[inference] : "";
}
