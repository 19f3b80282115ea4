/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be kept of a message until the other half of its exchange is seen. */
#include "analysis/tracker/stored_message.h"

#include <string.h>

#include "analysis/tracker/internal.h"

static void keep_spis(ike_facts *facts, const ike_message *m)
{
    const ike_proposal *proposal = &m->proposals[0];
    if (m->proposal_count == 0 || !proposal->spi.data)
        return;
    if (proposal->spi.length == 8)
        facts->ike_spi = ike_read_u64(proposal->spi.data);
    else if (proposal->spi.length == 4)
        facts->spi = ike_read_u32(proposal->spi.data);
    if (m->major == 1)
        for (uint16_t i = 0; i < m->proposal_count && facts->spi == 0; i++)
            if (m->proposals[i].protocol != 4 && m->proposals[i].spi.length == 4)
                facts->spi = ike_read_u32(m->proposals[i].spi.data);
}

/* IKEv1 quick mode: IDci and IDcr are the selectors (RFC 2409 5.5). */
static bool selector_of_id(const ike_identity *id, ike_selector *selector)
{
    const uint8_t *data = id->data.data;
    bool v6 = id->type == 5 || id->type == 6 || id->type == 8;
    size_t octets = v6 ? 16 : 4;
    bool single = id->type == 1 || id->type == 5, subnet = id->type == 4 || id->type == 6;
    if (!(single || subnet || id->type == 7 || id->type == 8) ||
        id->data.length != (single ? octets : 2 * octets))
        return false;
    memset(selector, 0, sizeof *selector);
    selector->type = v6 ? 8 : 7;
    selector->ip_protocol = id->protocol;
    selector->start_port = id->port;
    selector->end_port = id->port ? id->port : 0xffff;
    memcpy(selector->start, data, octets);
    memcpy(selector->end, single ? data : data + octets, octets);
    for (size_t i = 0; subnet && i < octets; i++) {
        uint8_t mask = data[octets + i];
        selector->start[i] &= mask;
        selector->end[i] = (uint8_t)(selector->start[i] | (uint8_t)~mask);
    }
    return true;
}

static void keep_selectors(ike_tracker *tracker, ike_facts *facts, const ike_message *m)
{
    ike_selector pair[2];
    if (m->major == 1) {
        if (m->exchange != IKEV1_QUICK_MODE || m->id_count < 2 ||
            !selector_of_id(&m->id[0], &pair[0]) || !selector_of_id(&m->id[1], &pair[1]))
            return;
        facts->ts_initiator = ike_keep(tracker, &pair[0], sizeof pair[0]);
        facts->ts_responder = ike_keep(tracker, &pair[1], sizeof pair[1]);
        facts->ts_initiator_count = facts->ts_responder_count = 1;
        return;
    }
    facts->ts_initiator_count = (uint8_t)MIN(m->ts_initiator_count, IKE_MAX_SELECTORS);
    facts->ts_responder_count = (uint8_t)MIN(m->ts_responder_count, IKE_MAX_SELECTORS);
    facts->ts_initiator =
        ike_keep(tracker, m->ts_initiator, facts->ts_initiator_count * sizeof(ike_selector));
    facts->ts_responder =
        ike_keep(tracker, m->ts_responder, facts->ts_responder_count * sizeof(ike_selector));
}

static void keep_notifies(ike_facts *facts, const ike_message *m)
{
    for (uint16_t i = 0; i < facts->notify_count; i++) {
        const ike_notify *from = &m->notifies[i];
        ike_kept_notify *to = &facts->notifies[i];
        memset(to, 0, sizeof *to);
        to->type = from->type;
        to->protocol = from->protocol;
        to->spi_octets = (uint8_t)MIN(from->spi.length, 255);
        to->octets = (uint16_t)MIN(from->data.length, 65535);
        if (from->spi.length == 4)
            to->spi = ike_read_u32(from->spi.data);
        if (from->data.length >= 2)
            to->value = (uint16_t)(from->data.data[0] << 8 | from->data.data[1]);
    }
}

ike_facts *ike_facts_new(ike_tracker *tracker, const ike_message *m, ike_verdict *verdict)
{
    uint16_t notifies = (uint16_t)MIN(m->notify_count, IKE_MAX_NOTIFIES);
    ike_facts *facts = g_malloc(sizeof *facts + notifies * sizeof(ike_kept_notify));
    memset(facts, 0, sizeof *facts);
    unsigned duplicates;
    facts->verdict = verdict;
    facts->offer = ike_offer_keep(tracker, m, &duplicates);
    if (duplicates)
        ike_find(tracker, verdict, IKE_F_DUPLICATE_TRANSFORM,
                 "The same transform stands %u times more than once in a proposal.", duplicates);
    keep_spis(facts, m);
    if (m->major == 1 && m->transform_count > 0) {
        facts->life_seconds = m->v1_transforms[0].life_seconds;
        facts->life_kbytes = m->v1_transforms[0].life_kbytes;
    }
    if (m->ke_count > 0) {
        facts->ke_group = m->ke[0].group;
        facts->ke_octets = m->ke[0].data.length;
    }
    facts->nonce_octets = m->nonce.length;
    facts->auth_method = m->auth_method;
    facts->has_auth = m->auth_method != 0;
    facts->eap_code = m->eap_code;
    facts->eap_type = m->eap_type;
    facts->config_type = m->config_type;
    for (uint8_t i = 0; i < m->id_count && i < IKE_MAX_IDS; i++)
        facts->has_id[i] = m->id[i].type != 0;
    keep_selectors(tracker, facts, m);
    facts->notify_count = notifies;
    keep_notifies(facts, m);
    return facts;
}

void ike_facts_free(ike_facts *facts)
{
    g_free(facts);
}

const ike_kept_notify *ike_facts_notify(const ike_facts *facts, uint16_t type)
{
    for (uint16_t i = 0; facts && i < facts->notify_count; i++)
        if (facts->notifies[i].type == type)
            return &facts->notifies[i];
    return NULL;
}

const ike_kept_notify *ike_facts_error(const ike_facts *facts, uint8_t major)
{
    for (uint16_t i = 0; facts && i < facts->notify_count; i++)
        if (ike_notify_is_error(major, facts->notifies[i].type))
            return &facts->notifies[i];
    return NULL;
}

void ike_note_error(ike_exchange *exchange, const ike_facts *facts)
{
    const ike_kept_notify *error = ike_facts_error(facts, exchange->sa->major);
    if (error && !exchange->error)
        exchange->error = error->type;
}

void ike_facts_settle(ike_exchange *exchange)
{
    ike_exchange_private *own = ike_own(exchange);
    if (!own->request || !own->response || exchange->error)
        return;
    own->evaluated = true;
    ike_facts_free(own->response);
    own->response = NULL;
    /* With EAP the last response answers what the first request asked for. */
    bool waited_for = exchange->sa->own->auth_exchange == exchange && exchange->child &&
                      exchange->child->state == IKE_CHILD_ASKED;
    if (waited_for)
        return;
    ike_facts_free(own->request);
    own->request = NULL;
}
