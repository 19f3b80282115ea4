/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Converts the parsed message to the structures of decrypt/: where analysis/ and decrypt/ meet
 * without knowing each other. */
#include "dissector/session/key_inputs.h"

#include "dissector/base/bytes.h"
#include "proto/network_order.h"

static uint32_t spi32(ike_span spi)
{
    return spi.length == 4 ? ike_get_u32(spi.data) : 0;
}

static uint64_t spi64(ike_span spi)
{
    return spi.length == 8 ? ike_get_u64(spi.data) : 0;
}

static void put_transform(ike_suite *suite, const ike_transform *transform)
{
    switch (transform->type) {
    case IKEV2_TRANSFORM_ENCR:
        suite->encryption = transform->id;
        suite->key_bits = transform->key_bits;
        break;
    case IKEV2_TRANSFORM_PRF:
        suite->prf = transform->id;
        break;
    case IKEV2_TRANSFORM_INTEG:
        suite->integrity = transform->id;
        break;
    case IKEV2_TRANSFORM_KE:
        suite->group = transform->id;
        break;
    case IKEV2_TRANSFORM_SN:
        suite->esn = transform->id == 1;
        break;
    default:
        if (transform->type >= IKEV2_TRANSFORM_ADDKE1 && transform->type <= IKEV2_TRANSFORM_ADDKE7)
            suite->additional[transform->type - IKEV2_TRANSFORM_ADDKE1] = transform->id;
    }
}

/* All proposals, each with its SPI: the answer is matched against them. */
static void put_spis(const ike_packet *pkt, ike_key_inputs *inputs)
{
    const ike_message *msg = pkt->msg;

    if (!msg->proposal_count)
        return;
    ike_proposal_spi *spis =
        wmem_alloc_array(pkt->pinfo->pool, ike_proposal_spi, msg->proposal_count);
    for (unsigned i = 0; i < msg->proposal_count; i++) {
        const ike_proposal *proposal = &msg->proposals[i];
        spis[i] = (ike_proposal_spi){proposal->number, proposal->protocol,
                                     proposal->spi.length == 8 ? spi64(proposal->spi)
                                                               : spi32(proposal->spi)};
    }
    inputs->proposals = spis;
    inputs->proposal_count = msg->proposal_count;
}

/* The proposal to take: of a bundle (RFC 2408 4.2) that of ESP. */
static const ike_proposal *main_proposal(const ike_message *msg)
{
    for (unsigned i = 0; i < msg->proposal_count; i++)
        if (msg->proposals[i].protocol == IKEV2_PROTOCOL_ESP)
            return &msg->proposals[i];
    return &msg->proposals[0];
}

/* A response names exactly one proposal, each transform type at most once: what was chosen. A
 * request brings its SPIs only. */
static void put_proposals(const ike_message *msg, ike_key_inputs *inputs)
{
    if (!msg->proposal_count)
        return;
    const ike_proposal *proposal = &msg->proposals[0];

    inputs->suite_protocol = proposal->protocol;
    inputs->proposal_number = proposal->number;
    if (proposal->protocol == IKEV2_PROTOCOL_IKE)
        inputs->new_ike_spi = spi64(proposal->spi);
    else
        inputs->child_spi = spi32(proposal->spi);
    if (!msg->response || msg->proposal_count != 1)
        return;
    for (unsigned i = 0; i < proposal->transform_count; i++)
        put_transform(&inputs->suite, &msg->transforms[proposal->first_transform + i]);
    inputs->has_suite = true;
}

static ike_span behind_lifetime(ike_span data)
{
    enum { LIFETIME = 4 };

    return data.length > LIFETIME ? (ike_span){data.data + LIFETIME, data.length - LIFETIME}
                                  : (ike_span){NULL, 0};
}

/* What of the notifications decides about keys. */
static void put_notifies(const ike_packet *pkt, ike_key_inputs *inputs)
{
    const ike_message *msg = pkt->msg;

    for (unsigned i = 0; i < msg->notify_count; i++) {
        const ike_notify *notify = &msg->notifies[i];
        switch (notify->type) {
        case IKEV2_NOTIFY_USE_TRANSPORT_MODE:
            inputs->child_transport = true;
            break;
        case IKEV2_NOTIFY_TICKET_OPAQUE:
            inputs->ticket = notify->data;
            break;
        case IKEV2_NOTIFY_TICKET_LT_OPAQUE:
            inputs->ticket = behind_lifetime(notify->data);
            break;
        case IKEV2_NOTIFY_USE_PPK:
            inputs->use_ppk = true;
            break;
        case IKEV2_NOTIFY_PPK_IDENTITY:
            inputs->has_ppk_id = true;
            inputs->ppk_id = notify->data;
            break;
        case IKEV2_NOTIFY_ADDITIONAL_KEY_EXCHANGE:
            inputs->link = notify->data;
            break;
        default:
            break;
        }
    }
}

static void put_identity(const ike_message *msg, ike_key_inputs *inputs)
{
    unsigned slot = inputs->from_initiator ? 0 : 1;

    if (msg->major < 2)
        slot = 0;
    if (msg->id_count <= slot || !msg->id[slot].type)
        return;
    inputs->id_body = msg->id[slot].body;
}

static void put_certificates(const ike_packet *pkt, ike_key_inputs *inputs)
{
    const ike_message *msg = pkt->msg;

    if (!msg->certificate_count)
        return;
    ike_cert_span *certs =
        wmem_alloc_array(pkt->pinfo->pool, ike_cert_span, msg->certificate_count);
    for (unsigned i = 0; i < msg->certificate_count; i++)
        certs[i] = (ike_cert_span){msg->certificates[i].encoding, msg->certificates[i].data};
    inputs->certs = certs;
    inputs->cert_count = msg->certificate_count;
}

static void put_addresses(const ike_message *msg, ike_key_inputs *inputs)
{
    if (msg->source.family != msg->destination.family || !msg->source.family)
        return;
    inputs->address_bytes = msg->source.family == 4 ? 4 : 16;
    memcpy(inputs->source, msg->source.bytes, inputs->address_bytes);
    memcpy(inputs->destination, msg->destination.bytes, inputs->address_bytes);
}

/* The AH part of a bundle with ESP, in an answer. */
static void put_ah(const ike_message *msg, uint8_t number, ike_key_inputs *inputs)
{
    for (unsigned i = 0; i < msg->proposal_count; i++) {
        const ike_proposal *proposal = &msg->proposals[i];

        if (proposal->protocol != IKEV2_PROTOCOL_AH || proposal->number != number ||
            proposal->transform_count != 1)
            continue;
        inputs->v1_ah_spi = spi32(proposal->spi);
        inputs->v1_ah_auth = msg->v1_transforms[proposal->first_transform].auth_algorithm;
    }
}

/* IKEv1: the chosen transform of phase 1 or 2 is the only one of an answer. */
static void put_v1(const ike_message *msg, ike_key_inputs *inputs)
{
    if (msg->responder_spi) { /* both cover its cookie (RFC 2409 5) */
        inputs->v1_hash_data = msg->hash;
        inputs->v1_signature = msg->signature;
    }
    inputs->v1_sa_body = msg->sa_body;
    if (!msg->proposal_count)
        return;
    const ike_proposal *proposal = main_proposal(msg);
    const ikev1_transform *transform = &msg->v1_transforms[proposal->first_transform];
    bool single = msg->proposal_count == 1 && proposal->transform_count == 1;

    inputs->v1_protocol = proposal->protocol;
    inputs->proposal_number = proposal->number;
    inputs->v1_spi = spi32(proposal->spi);
    if (!proposal->transform_count)
        return;
    if (proposal->protocol == IKEV2_PROTOCOL_IKE) {
        inputs->has_v1_suite = single;
        inputs->v1_encryption = transform->encryption;
        inputs->v1_hash = transform->hash;
        inputs->v1_auth = transform->auth_method;
        inputs->v1_group = transform->group;
        inputs->v1_prf = transform->prf;
        inputs->v1_key_bits = transform->key_bits;
    } else {
        if (proposal->protocol == IKEV2_PROTOCOL_ESP)
            put_ah(msg, proposal->number, inputs);
        inputs->has_v1_suite = single;
        inputs->v1_esp_transform = transform->id;
        inputs->v1_esp_auth = transform->auth_algorithm;
        inputs->v1_esp_key_bits = transform->key_bits;
        inputs->v1_encapsulation = transform->encapsulation;
        inputs->v1_pfs_group = transform->group;
    }
}

void ike_key_inputs_of_message(const ike_packet *pkt, const ike_sa *sa, ike_key_inputs *inputs)
{
    const ike_message *msg = pkt->msg;

    memset(inputs, 0, sizeof *inputs);
    inputs->exchange = msg->exchange;
    inputs->response = msg->response;
    inputs->from_initiator = ike_sa_from_initiator(sa, msg);
    inputs->message_id = msg->message_id;
    inputs->frame = pkt->pinfo->num;
    inputs->authentic = pkt->data->hint.authentic;
    inputs->generation = pkt->data->hint.generation;
    inputs->message = ike_bytes_of(pkt->tvb, 0, -1);
    if (pkt->plaintext)
        inputs->plaintext = ike_bytes_of(pkt->plaintext, 0, -1);
    inputs->nonce = msg->nonce;
    if (msg->ke_count) {
        inputs->ke_group = msg->ke[0].group;
        inputs->ke = msg->ke[0].data;
    }
    inputs->auth_method = msg->auth_method;
    inputs->auth = msg->auth;
    inputs->eap = msg->eap;
    put_identity(msg, inputs);
    put_certificates(pkt, inputs);
    put_addresses(msg, inputs);
    put_spis(pkt, inputs);
    inputs->group = msg->group;
    if (msg->major < 2) {
        put_v1(msg, inputs);
        return;
    }
    put_proposals(msg, inputs);
    put_notifies(pkt, inputs);
}
