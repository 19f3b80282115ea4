/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/content.h"

#include <glib.h>
#include <string.h>

#include "analysis/tracker/distinguished_name.h"
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/signature_algorithm.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

static const ike_proposed_spi *spis_of(const ike_content *content)
{
    return (const ike_proposed_spi *)(content->notifies + content->notify_count);
}

/* Writes the SPIs of all proposals but IPComp's, and returns how many. */
static uint8_t list_spis(const ike_message *m, ike_proposed_spi *spis)
{
    uint8_t count = 0;
    for (uint16_t i = 0; i < m->proposal_count && i < IKE_MAX_PROPOSALS; i++) {
        const ike_proposal *proposal = &m->proposals[i];
        bool wide = proposal->spi.length == 8;
        if ((m->major == 1 && proposal->protocol == IKEV1_PROTO_IPCOMP) ||
            (!wide && proposal->spi.length != 4))
            continue;
        spis[count].number = proposal->number;
        spis[count].protocol = proposal->protocol;
        spis[count++].spi =
            wide ? ike_get_u64(proposal->spi.data) : ike_get_u32(proposal->spi.data);
    }
    return count;
}

uint64_t ike_content_spi(const ike_content *content, uint8_t protocol, const ike_content *choice)
{
    uint64_t first = 0;
    for (uint8_t i = 0; content && i < content->spi_count; i++) {
        const ike_proposed_spi *at = &spis_of(content)[i];
        if (at->protocol != protocol)
            continue;
        if (!first)
            first = at->spi;
        if (choice && choice->spi_count && at->number == spis_of(choice)->number)
            return at->spi;
    }
    return first;
}

/* ---- selectors ------------------------------------------------------------------------------- */

/* IKEv1 quick mode: IDci and IDcr are the selectors (RFC 2409 5.5). */
static bool selector_of_id(const ike_identity *id, ike_selector *selector)
{
    enum { ADDRESS4 = 1, SUBNET4 = 4, ADDRESS6 = 5, SUBNET6 = 6, RANGE4 = 7, RANGE6 = 8 };
    const uint8_t *data = id->data.data;
    bool v6 = id->type == ADDRESS6 || id->type == SUBNET6 || id->type == RANGE6;
    size_t bytes = v6 ? 16 : 4;
    bool single = id->type == ADDRESS4 || id->type == ADDRESS6;
    bool subnet = id->type == SUBNET4 || id->type == SUBNET6;
    if (!(single || subnet || id->type == RANGE4 || id->type == RANGE6) ||
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

static void record_selectors(ike_tracker *tracker, ike_content *content, const ike_message *m)
{
    ike_selector pair[2];
    if (m->major == 1) {
        if (m->exchange != IKEV1_EXCHANGE_QUICK_MODE || m->id_count < 2 ||
            !selector_of_id(&m->id[0], &pair[0]) || !selector_of_id(&m->id[1], &pair[1]))
            return;
        content->ts_initiator = ike_store(tracker, &pair[0], sizeof pair[0]);
        content->ts_responder = ike_store(tracker, &pair[1], sizeof pair[1]);
        content->ts_initiator_count = content->ts_responder_count = 1;
        return;
    }
    content->ts_initiator_count = (uint8_t)MIN(m->ts_initiator_count, IKE_MAX_SELECTORS);
    content->ts_responder_count = (uint8_t)MIN(m->ts_responder_count, IKE_MAX_SELECTORS);
    content->ts_initiator =
        ike_store(tracker, m->ts_initiator, content->ts_initiator_count * sizeof(ike_selector));
    content->ts_responder =
        ike_store(tracker, m->ts_responder, content->ts_responder_count * sizeof(ike_selector));
}

/* ---- notifies, identities, certificates ------------------------------------------------------ */

/* Their data is stored in one piece, MOST_NOTIFY_BYTES for a message: an entry for each notify
 * would take several times the length of a message with many small ones. */
static void record_notifies(ike_tracker *tracker, ike_content *content, const ike_message *m)
{
    enum { MOST_NOTIFY_BYTES = 1024 };
    uint8_t all[MOST_NOTIFY_BYTES];
    size_t used = 0, at = 0;

    for (uint16_t i = 0; i < content->notify_count; i++) {
        const ike_notify *from = &m->notifies[i];
        ike_recorded_notify *to = &content->notifies[i];
        bool nat = m->major != 1 && (from->type == IKEV2_NOTIFY_NAT_DETECTION_SOURCE_IP ||
                                     from->type == IKEV2_NOTIFY_NAT_DETECTION_DESTINATION_IP);
        to->type = from->type;
        to->protocol = from->protocol;
        to->spi_bytes = (uint8_t)MIN(from->spi.length, UINT8_MAX);
        to->bytes = (uint16_t)MIN(from->data.length, UINT16_MAX);
        if (from->spi.length == 4)
            to->spi = ike_get_u32(from->spi.data);
        if (!from->data.data || nat)
            continue;
        to->recorded = (uint8_t)MIN(MIN(from->data.length, IKE_NOTIFY_BYTES), sizeof all - used);
        if (to->recorded)
            memcpy(all + used, from->data.data, to->recorded);
        used += to->recorded;
    }
    const uint8_t *data = ike_store(tracker, all, used);
    for (uint16_t i = 0; i < content->notify_count; i++) {
        ike_recorded_notify *to = &content->notifies[i];
        to->data = to->recorded ? data + at : NULL;
        at += to->recorded;
    }
}

static void record_identities(ike_tracker *tracker, ike_content *content, const ike_message *m)
{
    for (uint8_t i = 0; i < m->id_count && i < IKE_MAX_IDS; i++) {
        if (!m->id[i].type)
            continue;
        GString *text = g_string_new(NULL);
        ike_format_identity(text, m->major == 1 ? 1 : 2, &m->id[i]);
        content->id_type[i] = m->id[i].type;
        content->id[i] = ike_store_string(tracker, text);
    }
}

static const char *store_name(ike_tracker *tracker, const uint8_t *der, size_t length)
{
    GString *text = g_string_new(NULL);

    if (!ike_format_name(text, der, length))
        g_string_append(text, "without a name");
    return ike_store_string(tracker, text);
}

static void record_names(ike_tracker *tracker, ike_recorded_certificate *to, const ike_x509 *from)
{
    const char *names[IKE_MAX_X509_NAMES];

    for (uint8_t i = 0; i < from->name_count; i++) {
        ike_identity id = {.type = from->names[i].id_type,
                           .data = {from->names[i].data, (uint32_t)from->names[i].length}};
        GString *text = g_string_new(NULL);
        ike_format_identity(text, 2, &id);
        names[to->name_count++] = ike_store_string(tracker, text);
    }
    to->names = ike_store(tracker, names, to->name_count * sizeof *names);
}

static void record_certificates(ike_tracker *tracker, ike_content_more *more, const ike_message *m)
{
    ike_recorded_certificate list[IKE_MAX_CERTIFICATES];

    memset(list, 0, sizeof list);
    for (uint8_t i = 0; i < m->certificate_count && i < IKE_MAX_CERTIFICATES; i++) {
        const ike_x509 *from = m->certificates[i].x509;
        if (!from)
            continue;
        ike_recorded_certificate *to = &list[more->certificate_count++];
        to->subject = store_name(tracker, from->subject, from->subject_length);
        to->issuer = store_name(tracker, from->issuer, from->issuer_length);
        to->not_before = from->not_before;
        to->not_after = from->not_after;
        to->key = from->key;
        to->key_bits = from->key_bits;
        to->sha1 = from->sha1;
        to->md5 = from->md5;
        to->self_issued = from->self_issued;
        to->authority = from->authority;
        to->cannot_sign = from->cannot_sign;
        to->no_server_auth = from->no_server_auth;
        for (uint8_t k = 0; k < m->certificate_count && !to->revocation.source; k++)
            (void)ike_find_revocation(&m->certificates[k], from, &to->revocation);
        record_names(tracker, to, from);
    }
    more->certificates = ike_store(tracker, list, more->certificate_count * sizeof *list);
}

static void record_authority_names(ike_tracker *tracker, ike_recorded_authorities *to,
                                   const ike_message *m)
{
    const char *names[IKE_MAX_CERTIFICATE_REQUESTS];

    for (uint8_t i = 0; i < m->certificate_request_count && i < IKE_MAX_CERTIFICATE_REQUESTS; i++) {
        const ike_span *name = &m->certificate_requests[i].authorities;
        if (name->data && name->length)
            names[to->count++] = store_name(tracker, name->data, name->length);
    }
    to->names = ike_store(tracker, names, to->count * sizeof *names);
}

static void record_authorities(ike_tracker *tracker, ike_content_more *more, const ike_message *m)
{
    ike_recorded_authorities authorities = {.count = 0};

    if (m->certificate_request_count == 0)
        return;
    const ike_certificate_request *first = &m->certificate_requests[0];
    if (m->major == 1) {
        record_authority_names(tracker, &authorities, m);
    } else if (first->encoding == IKEV2_CERT_X509_SIGNATURE && first->authorities.data) {
        size_t count = first->authorities.length / IKE_AUTHORITY_BYTES;
        authorities.count = (uint16_t)MIN(count, IKE_MAX_AUTHORITIES);
        authorities.keys =
            ike_store(tracker, first->authorities.data, authorities.count * IKE_AUTHORITY_BYTES);
    }
    if (authorities.count)
        more->authorities = ike_store(tracker, &authorities, sizeof authorities);
}

bool ike_certificate_names(const ike_recorded_certificate *certificate, const char *id)
{
    const char *domain = strchr(id, '.');

    if (g_ascii_strcasecmp(certificate->subject, id) == 0)
        return true;
    for (uint8_t i = 0; i < certificate->name_count; i++) {
        const char *name = certificate->names[i];
        if (g_ascii_strcasecmp(name, id) == 0 ||
            (name[0] == '*' && domain && g_ascii_strcasecmp(name + 1, domain) == 0))
            return true;
    }
    return false;
}

static void record_authentication(ike_content *content, const ike_message *m)
{
    content->auth_method = m->auth_method;
    content->has_auth =
        m->auth_method != 0 || (m->major != 1 && ike_message_has(m, IKEV2_PAYLOAD_AUTH));
    content->eap_code = m->eap_code;
    content->config_type = m->config_type;
    content->xauth_status = m->xauth_status;
}

static void record_key_exchange(ike_content *content, const ike_message *m)
{
    content->ke_count = (uint8_t)MIN(m->ke_count, IKE_MAX_KEY_EXCHANGES);
    for (uint8_t i = 0; i < content->ke_count; i++) {
        content->ke_group[i] = m->ke[i].group;
        content->ke_bytes[i] = (uint16_t)MIN(m->ke[i].data.length, UINT16_MAX);
    }
    content->has_nonce = m->nonce.data != NULL;
    content->nonce_bytes = (uint16_t)MIN(m->nonce.length, UINT16_MAX);
}

/* INTERNAL_IP4_ADDRESS and INTERNAL_IP6_ADDRESS, numbered alike in both versions (RFC 7296 3.15.1);
 * empty or 0.0.0.0 is no address. */
static void record_configuration(ike_content *content, const ike_message *m)
{
    enum { INTERNAL_IP4_ADDRESS = 1, INTERNAL_IP6_ADDRESS = 8 };
    for (uint8_t i = 0; i < m->config_attribute_count && i < IKE_MAX_CONFIG_ATTRIBUTES; i++) {
        const ike_config_attribute *attribute = &m->config_attributes[i];
        bool set = false;
        if (attribute->type != INTERNAL_IP4_ADDRESS && attribute->type != INTERNAL_IP6_ADDRESS)
            continue;
        for (uint32_t k = 0; attribute->value.data && k < MIN(attribute->value.length, 16); k++)
            set |= attribute->value.data[k] != 0;
        content->config_wants_address = true;
        content->config_address_count += set;
    }
}

/* RFC 7427 3: one byte of length, then the AlgorithmIdentifier. */
static const char *signature_of(const ike_message *m, uint8_t *hash)
{
    return m->auth_method == IKEV2_AUTH_DIGITAL_SIGNATURE && m->auth.data && m->auth.length > 1
               ? ike_signature_algorithm(m->auth.data + 1, MIN(m->auth.data[0], m->auth.length - 1),
                                         hash)
               : NULL;
}

static void record_vendors(ike_tracker *tracker, ike_content_more *more, const ike_message *m)
{
    const char *names[IKE_MAX_VENDORS + 1];
    size_t count = 0;

    for (uint8_t i = 0; i < m->vendor_count && i < IKE_MAX_VENDORS; i++)
        if (m->vendors[i])
            names[count++] = m->vendors[i];
    names[count++] = NULL;
    if (count > 1)
        more->vendors = ike_store(tracker, names, count * sizeof *names);
}

static const ike_content_more *store_more(ike_tracker *tracker, const ike_message *m)
{
    ike_content_more more;
    memset(&more, 0, sizeof more);
    record_certificates(tracker, &more, m);
    record_authorities(tracker, &more, m);
    record_vendors(tracker, &more, m);
    for (uint8_t i = 0; i < m->ke_count && i < IKE_MAX_KEY_EXCHANGES && !more.ke_fault; i++)
        more.ke_fault = m->ke[i].fault;
    more.signature = signature_of(m, &more.signature_hash);
    more.fault = m->fault;
    more.fault_payload = m->fault_payload;
    return ike_store(tracker, &more, sizeof more);
}

const ike_content *ike_content_new(ike_tracker *tracker, const ike_message *m)
{
    uint16_t notifies = (uint16_t)MIN(m->notify_count, IKE_MAX_NOTIFIES);
    uint64_t ignored = UINT64_C(1) << IKEV2_PAYLOAD_SK | UINT64_C(1) << IKEV2_PAYLOAD_SKF | 1;
    if (!(m->payloads[0] & ~ignored) && !m->payloads[1] && !m->payloads[2] && !m->payloads[3] &&
        notifies == 0 && m->proposal_count == 0 && !m->auth_method && m->delete_count == 0 &&
        m->id_count == 0 && !m->eap_code && !m->config_type && !m->xauth_status &&
        m->ke_count == 0 && !m->nonce.data && m->certificate_count == 0)
        return NULL;
    /* Made here and stored once: many messages say the same. */
    size_t size = sizeof(ike_content) + notifies * sizeof(ike_recorded_notify);
    union {
        ike_content content;
        uint8_t bytes[sizeof(ike_content) + IKE_MAX_NOTIFIES * sizeof(ike_recorded_notify) +
                      IKE_MAX_PROPOSALS * sizeof(ike_proposed_spi)];
    } made;
    ike_content *content = memset(
        &made, 0, size + MIN(m->proposal_count, IKE_MAX_PROPOSALS) * sizeof(ike_proposed_spi));
    unsigned duplicates;
    content->proposals = ike_store_proposal_list(tracker, m, &duplicates);
    content->duplicate_transforms = (uint8_t)MIN(duplicates, UINT8_MAX);
    content->payloads = m->payloads[0];
    content->critical_type = m->critical_unknown ? m->critical_type : 0;
    content->notify_count = (uint8_t)notifies;
    if (m->major == 1 && m->transform_count > 0)
        content->life_seconds = m->v1_transforms[0].life_seconds;
    record_configuration(content, m);
    content->spi_count = list_spis(m, (ike_proposed_spi *)(made.bytes + size));
    size += content->spi_count * sizeof(ike_proposed_spi);
    record_key_exchange(content, m);
    record_authentication(content, m);
    record_identities(tracker, content, m);
    content->more = store_more(tracker, m);
    record_selectors(tracker, content, m);
    record_notifies(tracker, content, m);
    return ike_store(tracker, content, size);
}

const ike_recorded_notify *ike_content_notify(const ike_content *content, uint16_t type)
{
    for (uint16_t i = 0; content && i < content->notify_count; i++)
        if (content->notifies[i].type == type)
            return &content->notifies[i];
    return NULL;
}

const ike_recorded_notify *ike_content_error(const ike_content *content, uint8_t major)
{
    for (uint16_t i = 0; content && i < content->notify_count; i++)
        if (ike_notify_is_error(major, content->notifies[i].type))
            return &content->notifies[i];
    return NULL;
}
