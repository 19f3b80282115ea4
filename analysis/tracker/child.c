/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child SAs (in IKEv1: IPsec SAs), from the request to the delete. */
#include "analysis/tracker/child.h"

#include <glib.h>
#include <string.h>

#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"
#include "proto/keyed_hash.h"
#include "proto/network_order.h"

enum { MAX_WALK = 16 };
enum { NOTIFY_BEET_MODE = 40961 }; /* strongSwan's private number */

/* ---- tables ---------------------------------------------------------------------------------- */

typedef struct {
    const void *sa, *ts_initiator, *ts_responder; /* selectors are stored once */
} network_key;

typedef struct {
    network_key key;
    ike_child *child;
} network_entry;

static guint network_hash(gconstpointer key)
{
    return (guint)ike_keyed_hash(key, sizeof(network_key));
}

static gboolean network_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(network_key)) == 0;
}

void ike_children_init(ike_tracker *tracker)
{
    tracker->networks = g_hash_table_new(network_hash, network_equal);
}

void ike_children_free(ike_tracker *tracker)
{
    g_hash_table_destroy(tracker->networks);
}

static void set_spi(ike_tracker *tracker, ike_child *child, bool of_initiator, uint32_t spi)
{
    uint32_t *slot = of_initiator ? &child->spi_initiator : &child->spi_responder;
    if (spi == 0 || *slot == spi)
        return;
    *slot = spi;
    ike_child_index_spi(tracker, child, of_initiator, spi, false);
}

/* The SPIs of the sender of `content`. The AH of a bundle (RFC 2408 4.2) has one of its own. */
static void set_spis(ike_tracker *tracker, ike_child *child, const ike_content *content,
                     const ike_content *choice, bool of_initiator)
{
    set_spi(tracker, child, of_initiator,
            (uint32_t)ike_content_spi(content, child->protocol, choice));
    if (child->sa->major != 1 || child->protocol == IKEV2_PROTOCOL_AH || !choice ||
        !ike_content_spi(choice, IKEV2_PROTOCOL_AH, NULL))
        return;
    uint32_t spi = (uint32_t)ike_content_spi(content, IKEV2_PROTOCOL_AH, choice);
    if (spi)
        ike_child_index_spi(tracker, child, of_initiator, spi, true);
}

/* ---- life ------------------------------------------------------------------------------------ */

ike_child *ike_child_add(ike_tracker *tracker, ike_exchange *exchange, uint8_t protocol)
{
    ike_child *child = ike_tracker_alloc(tracker, sizeof *child);
    ike_sa *sa = exchange->sa;
    child->sa = sa;
    child->negotiated = &ike_negotiated_none;
    child->exchange = exchange;
    child->number = tracker->children->len;
    child->protocol = protocol;
    child->request = exchange->request;
    exchange->child = child;
    g_ptr_array_add(tracker->children, child);
    child->previous_of_sa = sa->newest_child;
    if (sa->newest_child)
        sa->newest_child->next_of_sa = child;
    else
        sa->children = child;
    sa->newest_child = child;
    return child;
}

void ike_child_withdraw(ike_tracker *tracker, ike_child *child)
{
    ike_sa *sa = child->sa;
    ike_child **before = child->previous_of_sa ? &child->previous_of_sa->next_of_sa : &sa->children;
    ike_child **after = child->next_of_sa ? &child->next_of_sa->previous_of_sa : &sa->newest_child;
    *before = child->next_of_sa;
    *after = child->previous_of_sa;
    child->withdrawn = true;
    child->exchange->child = NULL;
    ike_flows_release(tracker, child);
}

void ike_children_withdraw(ike_tracker *tracker, ike_sa *sa)
{
    while (sa->children)
        ike_child_withdraw(tracker, sa->children);
}

void ike_child_record_request(ike_tracker *tracker, ike_child *child, ike_message_record *request,
                              bool by_initiator)
{
    const ike_content *content = request->content;
    child->request = request;
    set_spis(tracker, child, content, child->response ? child->response->content : NULL,
             by_initiator);
    child->requested_initiator = by_initiator ? content->ts_initiator : content->ts_responder;
    child->requested_initiator_count =
        by_initiator ? content->ts_initiator_count : content->ts_responder_count;
    child->requested_responder = by_initiator ? content->ts_responder : content->ts_initiator;
    child->requested_responder_count =
        by_initiator ? content->ts_responder_count : content->ts_initiator_count;
    if (child->ts_initiator_count && child->established)
        return; /* the response came first */
    child->ts_initiator = child->requested_initiator;
    child->ts_initiator_count = child->requested_initiator_count;
    child->ts_responder = child->requested_responder;
    child->ts_responder_count = child->requested_responder_count;
}

static void take_selectors(ike_child *child, const ike_content *content, bool by_initiator)
{
    if (!content->ts_initiator_count || !content->ts_responder_count)
        return;
    child->ts_initiator = by_initiator ? content->ts_initiator : content->ts_responder;
    child->ts_initiator_count =
        by_initiator ? content->ts_initiator_count : content->ts_responder_count;
    child->ts_responder = by_initiator ? content->ts_responder : content->ts_initiator;
    child->ts_responder_count =
        by_initiator ? content->ts_responder_count : content->ts_initiator_count;
}

void ike_child_record_response(ike_tracker *tracker, ike_child *child, ike_message_record *response,
                               bool by_initiator)
{
    enum { TRANSPORT = 2, UDP_TRANSPORT = 4, UDP_TRANSPORT_DRAFTS = 61444 };
    const ike_content *content = response->content;
    if (child->established)
        return;
    if (content->proposals) {
        ike_negotiated negotiated = ike_proposal_list_negotiated(content->proposals);
        negotiated.life_seconds = content->life_seconds;
        child->negotiated = ike_store_negotiated(tracker, &negotiated);
        child->protocol = content->proposals->protocol;
    }
    set_spis(tracker, child, content, content, !by_initiator);
    if (child->request)
        set_spis(tracker, child, child->request->content, content, by_initiator);
    if (content->proposals) {
        const ike_party *sender = ike_sa_party(child->sa, !by_initiator);
        ike_peer_chose(tracker, ike_tracker_peer(tracker, &sender->endpoint, child->sa->major),
                       content->proposals, response->frame);
    }
    take_selectors(child, content, by_initiator);
    child->transport = ike_content_notify(content, IKEV2_NOTIFY_USE_TRANSPORT_MODE) != NULL;
    child->beet = ike_content_notify(content, NOTIFY_BEET_MODE) != NULL;
    if (child->sa->major == 1) {
        uint16_t mode = child->negotiated->encapsulation;
        child->transport =
            mode == TRANSPORT || mode == UDP_TRANSPORT || mode == UDP_TRANSPORT_DRAFTS;
    }
    child->response = response;
    child->established = response;
}

void ike_child_record_refusal(ike_child *child, const ike_message_record *record, uint16_t type)
{
    if (child->refused)
        return;
    child->refused = record;
    child->refused_by = type;
    child->refused_later = child->established != NULL;
}

ike_child *ike_child_replace_networks(ike_tracker *tracker, ike_child *child)
{
    const network_key key = {child->sa, child->ts_initiator, child->ts_responder};
    if (!child->ts_initiator_count)
        return NULL;
    network_entry *entry = g_hash_table_lookup(tracker->networks, &key);
    if (!entry) {
        entry = ike_tracker_alloc(tracker, sizeof *entry);
        entry->key = key;
        entry->child = child;
        g_hash_table_add(tracker->networks, entry);
        return NULL;
    }
    ike_child *other = entry->child;
    if (ike_child_began_before(child, other))
        return other;
    entry->child = child;
    return ike_child_state_of(other) == IKE_CHILD_ESTABLISHED ? other : NULL;
}

bool ike_child_began_before(const ike_child *child, const ike_child *other)
{
    return child->exchange->messages->frame < other->exchange->messages->frame;
}

ike_child *ike_child_newest_requested(const ike_sa *sa)
{
    ike_child *child = sa->newest_child;
    for (int i = 0; child && i < MAX_WALK; i++, child = child->previous_of_sa)
        if (ike_child_state_of(child) == IKE_CHILD_REQUESTED)
            return child;
    return NULL;
}

/* ---- state ----------------------------------------------------------------------------------- */

/* The response that sets it up was sent, and the initiator of the exchange goes on asking. */
static bool is_unheard(const ike_child *child)
{
    if (child->sa->major != 1)
        return child->exchange == child->sa->last_auth && ike_sa_last_unheard(child->sa);
    return !child->to_initiator && !child->to_responder &&
           ike_exchange_last_unheard(child->exchange);
}

ike_child_state ike_child_state_of(const ike_child *child)
{
    if (child->refused && (!child->established || child->refused_later))
        return IKE_CHILD_FAILED;
    if (!child->established || is_unheard(child))
        return IKE_CHILD_REQUESTED;
    if (child->rekeyed_to && child->rekeyed_to->established)
        return IKE_CHILD_REKEYED;
    return child->deleted ? IKE_CHILD_DELETED : IKE_CHILD_ESTABLISHED;
}

const char *ike_child_state_text(ike_child_state state)
{
    static const char *const texts[] = {"incomplete", "established", "rekeyed", "deleted",
                                        "failed"};
    return (size_t)state < G_N_ELEMENTS(texts) ? texts[state] : "unknown";
}

/* ---- deletes --------------------------------------------------------------------------------- */

static void delete_child(ike_tracker *tracker, ike_message_record *record, uint32_t spi)
{
    ike_exchange *exchange = record->exchange;
    /* The sender names its own inbound SPI (RFC 7296 3.11). Some name the peer's. */
    ike_child *child = ike_child_find(tracker, exchange->sa, record->from_initiator, spi);
    if (!child)
        child = ike_child_find(tracker, exchange->sa, !record->from_initiator, spi);
    if (!child)
        return;
    if (!child->deleted)
        child->deleted = record;
    if (!exchange->child)
        exchange->child = child;
    exchange->purpose = IKE_PURPOSE_DELETE_CHILD;
    exchange->purpose_number = child->number;
}

/* IKEv1: a delete of protocol 1 may name another phase 1 SA by its cookies; that one is gone. */
static void delete_ike(ike_tracker *tracker, ike_message_record *record, const ike_delete *gone)
{
    ike_sa *sa = record->exchange->sa;
    if (gone->spi.length == 16) {
        ike_spi_pair pair = {ike_get_u64(gone->spi.data), ike_get_u64(gone->spi.data + 8)};
        ike_sa *other = ike_table_by_spis(tracker, pair);
        if (other && other != sa &&
            ike_path_same_ends(other, &sa->initiator.endpoint, &sa->responder.endpoint)) {
            ike_sa_record_deleted(other, record, false);
            return;
        }
    }
    record->exchange->purpose = IKE_PURPOSE_DELETE_IKE;
    ike_sa_record_deleted(sa, record, false);
    ike_sa_yield_to_other(sa);
}

void ike_record_deletes(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    for (uint16_t i = 0; i < m->delete_count && i < IKE_MAX_DELETES; i++) {
        const ike_delete *gone = &m->deletes[i];
        if (gone->protocol == IKEV2_PROTOCOL_IKE)
            delete_ike(tracker, record, gone);
        else if (gone->spi.length == 4)
            delete_child(tracker, record, ike_get_u32(gone->spi.data));
    }
}
