/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CHILD_SAs (in IKEv1: IPsec SAs): from the request to the delete, and the ESP that they carry. */
#include "analysis/tracker/internal.h"

#include <string.h>

enum { MAX_CHAIN = 16, MAX_LINEAGE = 8 };
enum { FEW_CHILDREN = 64 }; /* of an IKE SA, that are found without the table */

/* One of the two SPIs of a CHILD_SA, in the table by SPI. */
typedef struct child_spi {
    struct child_spi *next;
    ike_child *child;
    uint32_t spi;
    bool of_initiator;
} child_spi;

typedef struct {
    ike_child child;
    ike_child_private own;
} child_block;

ike_child *ike_child_make(ike_tracker *tracker, ike_exchange *exchange, uint8_t protocol)
{
    child_block *block = ike_tracker_alloc(tracker, sizeof *block);
    ike_child *child = &block->child;
    child->own = &block->own;
    child->sa = exchange->sa;
    child->negotiated = &ike_negotiated_none;
    child->exchange = exchange;
    child->number = tracker->children->len;
    child->protocol = protocol;
    child->request = exchange->request;
    exchange->child = child;
    g_ptr_array_add(tracker->children, child);
    *child->sa->own->child_tail = child;
    child->sa->own->child_tail = &child->next_of_sa;
    if (child->sa->own->child_count++ == FEW_CHILDREN)
        ike_child_index(tracker);
    return child;
}

const char *ike_child_state_text(ike_child_state state)
{
    static const char *const texts[] = {"incomplete", "established", "rekeyed", "deleted",
                                        "failed"};
    return (size_t)state < G_N_ELEMENTS(texts) ? texts[state] : "unknown";
}

/* ---- SPIs ------------------------------------------------------------------------------------ */

/* Is one IKE SA the other, or its successor by rekeying? */
static bool same_lineage(const ike_sa *a, const ike_sa *b)
{
    const ike_sa *x = a;
    for (int i = 0; x && i < MAX_LINEAGE; i++, x = x->rekeyed_from)
        if (x == b)
            return true;
    x = a->rekeyed_to;
    for (int i = 0; x && i < MAX_LINEAGE; i++, x = x->rekeyed_to)
        if (x == b)
            return true;
    return false;
}

/* Rekeying may swap who is the initiator of the IKE SA: addresses tell. */
static bool same_side(const ike_sa *a, const ike_sa *b)
{
    return ike_same_address(&a->initiator.endpoint, &b->initiator.endpoint);
}

/* The newest CHILD_SA of an IKE SA with an SPI; below also of those before and after it. */
static ike_child *find_in(const ike_sa *owner, bool of_initiator, uint32_t spi)
{
    ike_child *found = NULL;
    for (ike_child *child = owner->children; child; child = child->next_of_sa)
        if ((of_initiator ? child->spi_initiator : child->spi_responder) == spi)
            found = child;
    return found;
}

static ike_child *find_in_lineage(const ike_sa *sa, bool of_initiator, uint32_t spi)
{
    ike_child *found = find_in(sa, of_initiator, spi);
    for (int later = 0; later < 2; later++) {
        const ike_sa *other = later ? sa->rekeyed_to : sa->rekeyed_from;
        for (int i = 1; other && i <= MAX_LINEAGE; i++) {
            bool side = same_side(other, sa) ? of_initiator : !of_initiator;
            ike_child *child = find_in(other, side, spi);
            if (child && (!found || child->number > found->number))
                found = child;
            other = later ? other->rekeyed_to : other->rekeyed_from;
        }
    }
    return found;
}

ike_child *ike_child_find(ike_tracker *tracker, const ike_sa *sa, bool of_initiator, uint32_t spi)
{
    if (!tracker->child_spis)
        return find_in_lineage(sa, of_initiator, spi);
    child_spi *entry = g_hash_table_lookup(tracker->child_spis, GUINT_TO_POINTER(spi));
    for (int i = 0; entry && i < MAX_CHAIN; i++, entry = entry->next) {
        const ike_sa *owner = entry->child->sa;
        if (!same_lineage(sa, owner))
            continue;
        bool side =
            owner == sa || same_side(owner, sa) ? entry->of_initiator : !entry->of_initiator;
        if (side == of_initiator)
            return entry->child;
    }
    return NULL;
}

static bool flow_fits(const ike_esp_flow *flow, const child_spi *entry)
{
    const ike_sa *sa = entry->child->sa;
    const ike_endpoint *to =
        entry->of_initiator ? &sa->initiator.endpoint : &sa->responder.endpoint;
    return ike_same_address(&flow->destination, to);
}

static void tie(ike_esp_flow *flow, const child_spi *entry)
{
    flow->child = entry->child;
    flow->sa = entry->child->sa;
    flow->to_initiator = entry->of_initiator;
    ike_esp_flow **place =
        entry->of_initiator ? &entry->child->to_initiator : &entry->child->to_responder;
    while (*place)
        place = &(*place)->next;
    *place = flow;
}

void ike_child_claim(ike_tracker *tracker, ike_esp_flow *flow)
{
    child_spi *entry = g_hash_table_lookup(tracker->child_spis, GUINT_TO_POINTER(flow->spi));
    const child_spi *other = NULL;
    for (int i = 0; entry && i < MAX_CHAIN; i++, entry = entry->next) {
        if (flow_fits(flow, entry)) {
            tie(flow, entry);
            return;
        }
        if (!other)
            other = entry;
    }
    /* The other side of a NAT, or a peer that moved: an SPI of 32 bits is telling enough, unless
     * both ends are strangers. */
    if (other && (ike_same_address(&flow->source, &other->child->sa->initiator.endpoint) ||
                  ike_same_address(&flow->source, &other->child->sa->responder.endpoint) ||
                  ike_same_address(&flow->destination, &other->child->sa->own->first_initiator) ||
                  ike_same_address(&flow->destination, &other->child->sa->own->first_responder)))
        tie(flow, other);
}

/* ESP that came before the message that told its SPI. */
static void claim_earlier(ike_tracker *tracker, const child_spi *entry)
{
    const ike_sa *sa = entry->child->sa;
    const ike_endpoint *to =
        entry->of_initiator ? &sa->initiator.endpoint : &sa->responder.endpoint;
    ike_esp_flow *flow = ike_tracker_flow(tracker, entry->spi, to);
    if (!flow || flow->child)
        return;
    if (flow->sa && flow->sa->esp_packets >= flow->packets)
        flow->sa->esp_packets -= flow->packets;
    tie(flow, entry);
    tracker->unknown_flows--;
}

static void index_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi)
{
    child_spi *entry = ike_tracker_alloc(tracker, sizeof *entry);
    entry->child = child;
    entry->spi = spi;
    entry->of_initiator = of_initiator;
    entry->next = g_hash_table_lookup(tracker->child_spis, GUINT_TO_POINTER(spi));
    g_hash_table_replace(tracker->child_spis, GUINT_TO_POINTER(spi), entry);
    claim_earlier(tracker, entry);
}

void ike_child_set_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi)
{
    uint32_t *place = of_initiator ? &child->spi_initiator : &child->spi_responder;
    if (spi == 0 || *place == spi)
        return;
    *place = spi;
    if (tracker->child_spis)
        index_spi(tracker, child, of_initiator, spi);
}

void ike_child_index(ike_tracker *tracker)
{
    if (tracker->child_spis)
        return;
    tracker->child_spis = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (guint i = 0; i < tracker->children->len; i++) {
        ike_child *child = tracker->children->pdata[i];
        if (child->spi_initiator)
            index_spi(tracker, child, true, child->spi_initiator);
        if (child->spi_responder)
            index_spi(tracker, child, false, child->spi_responder);
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

void ike_child_requested(ike_tracker *tracker, ike_child *child, const ike_stored_message *request,
                         bool by_initiator)
{
    ike_child_set_spi(tracker, child, by_initiator, request->spi);
    child->request = request->record;
    ike_child_private *own = child->own;
    own->requested_initiator = by_initiator ? request->ts_initiator : request->ts_responder;
    own->requested_initiator_count =
        by_initiator ? request->ts_initiator_count : request->ts_responder_count;
    own->requested_responder = by_initiator ? request->ts_responder : request->ts_initiator;
    own->requested_responder_count =
        by_initiator ? request->ts_responder_count : request->ts_initiator_count;
    if (child->ts_initiator_count && child->state != IKE_CHILD_REQUESTED)
        return; /* the response came first */
    child->ts_initiator = own->requested_initiator;
    child->ts_initiator_count = own->requested_initiator_count;
    child->ts_responder = own->requested_responder;
    child->ts_responder_count = own->requested_responder_count;
}

static void take_selectors(ike_child *child, const ike_stored_message *response, bool by_initiator)
{
    if (!response->ts_initiator_count || !response->ts_responder_count)
        return;
    child->ts_initiator = by_initiator ? response->ts_initiator : response->ts_responder;
    child->ts_initiator_count =
        by_initiator ? response->ts_initiator_count : response->ts_responder_count;
    child->ts_responder = by_initiator ? response->ts_responder : response->ts_initiator;
    child->ts_responder_count =
        by_initiator ? response->ts_responder_count : response->ts_initiator_count;
}

void ike_child_established(ike_tracker *tracker, ike_child *child,
                           const ike_stored_message *response, bool by_initiator)
{
    ike_child_set_spi(tracker, child, !by_initiator, response->spi);
    if (response->proposals) {
        ike_negotiated negotiated = ike_proposal_list_negotiated(response->proposals);
        child->negotiated = ike_store_negotiated(tracker, &negotiated);
        child->protocol = response->proposals->protocol;
    }
    take_selectors(child, response, by_initiator);
    child->transport = ike_stored_message_notify(response, N_TRANSPORT_MODE) != NULL;
    child->beet = ike_stored_message_notify(response, N_BEET_MODE) != NULL;
    child->response = response->record;
    if (child->state == IKE_CHILD_REQUESTED)
        child->state = IKE_CHILD_ESTABLISHED;
}

void ike_child_failed(ike_child *child, const ike_finding *cause)
{
    child->state = IKE_CHILD_FAILED;
    if (!child->own->cause)
        child->own->cause = cause;
}

static void delete_child(ike_tracker *tracker, ike_message_record *record, uint32_t spi)
{
    ike_sa *sa = record->exchange->sa;
    /* The sender names its own inbound SPI (RFC 7296 3.11). Some name the peer's. */
    ike_child *child = ike_child_find(tracker, sa, record->from_initiator, spi);
    if (!child)
        child = ike_child_find(tracker, sa, !record->from_initiator, spi);
    if (!child)
        return;
    child->own->deleted = true;
    if (child->state == IKE_CHILD_ESTABLISHED)
        child->state = IKE_CHILD_DELETED;
    if (!record->exchange->child)
        record->exchange->child = child;
    ike_own(record->exchange)->reason = REASON_DELETE_CHILD;
    ike_own(record->exchange)->reason_number = child->number;
}

static void delete_ike(ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    ike_own(record->exchange)->reason = REASON_DELETE_IKE;
    sa->own->peer_deleted = true;
    if (sa->state == IKE_SA_FAILED || sa->state == IKE_SA_REKEYED)
        return;
    if (!sa->established_ns && !sa->late_start)
        return;
    sa->state = IKE_SA_DELETED;
}

/* IKEv1: a delete of protocol 1 may name another phase 1 SA by its cookies; that one is gone. */
static void delete_by_cookies(ike_tracker *tracker, ike_message_record *record,
                              const ike_delete *gone)
{
    if (gone->spi.length == 16) {
        spi_pair pair = {ike_read_u64(gone->spi.data), ike_read_u64(gone->spi.data + 8)};
        ike_sa *other = ike_sa_of_pair(tracker, pair);
        if (other && other != record->exchange->sa && other->established_ns &&
            other->state != IKE_SA_REKEYED) {
            other->state = IKE_SA_DELETED;
            return;
        }
    }
    delete_ike(record);
}

void ike_child_deletes(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    for (uint16_t i = 0; i < m->delete_count && i < IKE_MAX_DELETES; i++) {
        const ike_delete *gone = &m->deletes[i];
        if (gone->protocol == 1)
            delete_by_cookies(tracker, record, gone);
        else if (gone->spi.length == 4)
            delete_child(tracker, record, ike_read_u32(gone->spi.data));
    }
}
