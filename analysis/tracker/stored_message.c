/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to be kept of a message until the other half of its exchange is seen. */
#include "analysis/tracker/stored_message.h"

#include <string.h>

#include "analysis/tracker/internal.h"

static void store_spis(ike_stored_message *inputs, const ike_message *m)
{
    const ike_proposal *proposal = &m->proposals[0];
    if (m->proposal_count == 0 || !proposal->spi.data)
        return;
    if (proposal->spi.length == 8)
        inputs->ike_spi = ike_read_u64(proposal->spi.data);
    else if (proposal->spi.length == 4)
        inputs->spi = ike_read_u32(proposal->spi.data);
    if (m->major == 1)
        for (uint16_t i = 0; i < m->proposal_count && inputs->spi == 0; i++)
            if (m->proposals[i].protocol != 4 && m->proposals[i].spi.length == 4)
                inputs->spi = ike_read_u32(m->proposals[i].spi.data);
}

/* IKEv1 quick mode: IDci and IDcr are the selectors (RFC 2409 5.5). */
static bool selector_of_id(const ike_identity *id, ike_selector *selector)
{
    const uint8_t *data = id->data.data;
    bool v6 = id->type == 5 || id->type == 6 || id->type == 8;
    size_t bytes = v6 ? 16 : 4;
    bool single = id->type == 1 || id->type == 5, subnet = id->type == 4 || id->type == 6;
    if (!(single || subnet || id->type == 7 || id->type == 8) ||
        id->data.length != (single ? bytes : 2 * bytes))
        return false;
    memset(selector, 0, sizeof *selector);
    selector->type = v6 ? 8 : 7;
    selector->ip_protocol = id->protocol;
    selector->start_port = id->port;
    selector->end_port = id->port ? id->port : 0xffff;
    memcpy(selector->start, data, bytes);
    memcpy(selector->end, single ? data : data + bytes, bytes);
    for (size_t i = 0; subnet && i < bytes; i++) {
        uint8_t mask = data[bytes + i];
        selector->start[i] &= mask;
        selector->end[i] = (uint8_t)(selector->start[i] | (uint8_t)~mask);
    }
    return true;
}

static void store_selectors(ike_tracker *tracker, ike_stored_message *inputs, const ike_message *m)
{
    ike_selector pair[2];
    if (m->major == 1) {
        if (m->exchange != IKEV1_QUICK_MODE || m->id_count < 2 ||
            !selector_of_id(&m->id[0], &pair[0]) || !selector_of_id(&m->id[1], &pair[1]))
            return;
        inputs->ts_initiator = ike_store(tracker, &pair[0], sizeof pair[0]);
        inputs->ts_responder = ike_store(tracker, &pair[1], sizeof pair[1]);
        inputs->ts_initiator_count = inputs->ts_responder_count = 1;
        return;
    }
    inputs->ts_initiator_count = (uint8_t)MIN(m->ts_initiator_count, IKE_MAX_SELECTORS);
    inputs->ts_responder_count = (uint8_t)MIN(m->ts_responder_count, IKE_MAX_SELECTORS);
    inputs->ts_initiator =
        ike_store(tracker, m->ts_initiator, inputs->ts_initiator_count * sizeof(ike_selector));
    inputs->ts_responder =
        ike_store(tracker, m->ts_responder, inputs->ts_responder_count * sizeof(ike_selector));
}

static void store_notifies(ike_stored_message *inputs, const ike_message *m)
{
    for (uint16_t i = 0; i < inputs->notify_count; i++) {
        const ike_notify *from = &m->notifies[i];
        ike_kept_notify *to = &inputs->notifies[i];
        memset(to, 0, sizeof *to);
        to->type = from->type;
        to->protocol = from->protocol;
        to->spi_bytes = (uint8_t)MIN(from->spi.length, 255);
        to->bytes = (uint16_t)MIN(from->data.length, 65535);
        if (from->spi.length == 4)
            to->spi = ike_read_u32(from->spi.data);
        if (from->data.length >= 2)
            to->value = (uint16_t)(from->data.data[0] << 8 | from->data.data[1]);
    }
}

ike_stored_message *ike_stored_message_new(ike_tracker *tracker, const ike_message *m,
                                           ike_message_record *record)
{
    uint16_t notifies = (uint16_t)MIN(m->notify_count, IKE_MAX_NOTIFIES);
    ike_stored_message *inputs = g_malloc(sizeof *inputs + notifies * sizeof(ike_kept_notify));
    memset(inputs, 0, sizeof *inputs);
    unsigned duplicates;
    inputs->record = record;
    inputs->proposals = ike_store_proposal_list(tracker, m, &duplicates);
    if (duplicates)
        ike_find(tracker, record, IKE_F_DUPLICATE_TRANSFORM,
                 "The same transform stands %u times more than once in a proposal.", duplicates);
    store_spis(inputs, m);
    if (m->major == 1 && m->transform_count > 0) {
        inputs->life_seconds = m->v1_transforms[0].life_seconds;
        inputs->life_kbytes = m->v1_transforms[0].life_kbytes;
    }
    if (m->ke_count > 0) {
        inputs->ke_group = m->ke[0].group;
        inputs->ke_bytes = m->ke[0].data.length;
    }
    inputs->nonce_bytes = m->nonce.length;
    inputs->auth_method = m->auth_method;
    inputs->has_auth = m->auth_method != 0;
    inputs->eap_code = m->eap_code;
    inputs->eap_type = m->eap_type;
    inputs->config_type = m->config_type;
    for (uint8_t i = 0; i < m->id_count && i < IKE_MAX_IDS; i++)
        inputs->has_id[i] = m->id[i].type != 0;
    store_selectors(tracker, inputs, m);
    inputs->notify_count = notifies;
    store_notifies(inputs, m);
    return inputs;
}

void ike_stored_message_free(ike_stored_message *inputs)
{
    g_free(inputs);
}

const ike_kept_notify *ike_stored_message_notify(const ike_stored_message *inputs, uint16_t type)
{
    for (uint16_t i = 0; inputs && i < inputs->notify_count; i++)
        if (inputs->notifies[i].type == type)
            return &inputs->notifies[i];
    return NULL;
}

const ike_kept_notify *ike_stored_message_error(const ike_stored_message *inputs, uint8_t major)
{
    for (uint16_t i = 0; inputs && i < inputs->notify_count; i++)
        if (ike_notify_is_error(major, inputs->notifies[i].type))
            return &inputs->notifies[i];
    return NULL;
}

void ike_exchange_record_error(ike_exchange *exchange, const ike_stored_message *inputs)
{
    const ike_kept_notify *error = ike_stored_message_error(inputs, exchange->sa->major);
    if (error && !exchange->error)
        exchange->error = error->type;
}

void ike_exchange_free_messages(ike_exchange *exchange)
{
    ike_exchange_private *own = ike_own(exchange);
    if (!own->request || !own->response || exchange->error)
        return;
    own->evaluated = true;
    ike_stored_message_free(own->response);
    own->response = NULL;
    /* With EAP the last response answers what the first request asked for. */
    bool waited_for = exchange->sa->own->auth_exchange == exchange && exchange->child &&
                      exchange->child->state == IKE_CHILD_REQUESTED;
    if (waited_for)
        return;
    ike_stored_message_free(own->request);
    own->request = NULL;
}
