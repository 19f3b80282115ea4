/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKE SAs: found by their SPIs, made, replaced, and who their two sides are. */
#include "analysis/tracker/internal.h"

#include <string.h>

#include "analysis/tracker/certificate.h"

enum { MAX_CHAIN = 16 }; /* IKE SAs with one initiator SPI that are looked at */

/* ---- tables ---------------------------------------------------------------------------------- */

/* The IKE SA in which a key of by_initiator or by_pair stands. */
static ike_sa *sa_around(uint64_t *initiator_spi)
{
    return initiator_spi
               ? (ike_sa *)(void *)((uint8_t *)initiator_spi - offsetof(ike_sa, initiator_spi))
               : NULL;
}

static ike_sa *newest_of(const ike_tracker *tracker, uint64_t initiator_spi)
{
    return sa_around(g_hash_table_lookup(tracker->by_initiator, &initiator_spi));
}

static void chain_add(ike_tracker *tracker, ike_sa *sa)
{
    sa->own->next_same_spi = newest_of(tracker, sa->initiator_spi);
    g_hash_table_add(tracker->by_initiator, &sa->initiator_spi);
}

ike_sa *ike_sa_of_pair(const ike_tracker *tracker, spi_pair pair)
{
    return sa_around(g_hash_table_lookup(tracker->by_pair, &pair));
}

/* The two SPIs of an IKE SA, which stand side by side, are its key. */
static spi_pair *spis_of(ike_sa *sa)
{
    _Static_assert(offsetof(ike_sa, responder_spi) ==
                       offsetof(ike_sa, initiator_spi) + offsetof(spi_pair, responder),
                   "side by side");
    return (spi_pair *)&sa->initiator_spi;
}

void ike_sa_set_responder_spi(ike_tracker *tracker, ike_sa *sa, uint64_t spi)
{
    if (sa->responder_spi != 0 && ike_sa_of_pair(tracker, *spis_of(sa)) == sa)
        g_hash_table_remove(tracker->by_pair, spis_of(sa));
    sa->responder_spi = spi;
    if (spi != 0 && !g_hash_table_contains(tracker->by_pair, spis_of(sa)))
        g_hash_table_add(tracker->by_pair, spis_of(sa));
}

static void remember_pair(ike_tracker *tracker, ike_sa *sa)
{
    address_pair pair = ike_pair_of(&sa->initiator.endpoint, &sa->responder.endpoint);
    ike_between *entry = g_hash_table_lookup(tracker->pairs, &pair);
    if (!entry) {
        entry = ike_tracker_alloc(tracker, sizeof *entry);
        memcpy(&entry->pair, &pair, sizeof pair);
        g_hash_table_add(tracker->pairs, entry);
    }
    entry->sa = sa;
}

ike_sa *ike_sa_between(const ike_tracker *tracker, const ike_endpoint *a, const ike_endpoint *b)
{
    address_pair pair = ike_pair_of(a, b);
    const ike_between *entry = g_hash_table_lookup(tracker->pairs, &pair);
    return entry ? entry->sa : NULL;
}

ike_sa *ike_sa_new(ike_tracker *tracker, const ike_message *m, uint64_t initiator_spi,
                   uint64_t responder_spi)
{
    ike_sa *sa = ike_tracker_alloc(tracker, sizeof *sa);
    sa->own = ike_tracker_alloc(tracker, sizeof *sa->own);
    sa->own->tracker = tracker;
    sa->negotiated = &ike_negotiated_none;
    sa->own->exchange_tail = &sa->exchanges;
    sa->own->child_tail = &sa->children;
    sa->own->finding_tail = &sa->own->findings;
    sa->stream = tracker->sas->len;
    sa->major = m->major;
    sa->minor = m->minor;
    sa->initiator_spi = initiator_spi;
    sa->tcp = m->tcp;
    sa->first_ns = sa->last_ns = m->time_ns;
    sa->first_frame = sa->last_frame = m->frame;
    g_ptr_array_add(tracker->sas, sa);
    chain_add(tracker, sa);
    if (responder_spi)
        ike_sa_set_responder_spi(tracker, sa, responder_spi);
    return sa;
}

void ike_sa_free(ike_sa *sa)
{
    if (sa->detach && sa->attached)
        sa->detach(sa->attached);
    for (ike_exchange *exchange = sa->exchanges; exchange; exchange = exchange->next)
        ike_exchange_free(exchange);
    ike_nat_free(sa);
    ike_findings_free(sa->own->late);
}

/* ---- finding --------------------------------------------------------------------------------- */

static bool between(const ike_sa *sa, const ike_endpoint *a, const ike_endpoint *b)
{
    return (ike_same_address(&sa->initiator.endpoint, a) &&
            ike_same_address(&sa->responder.endpoint, b)) ||
           (ike_same_address(&sa->initiator.endpoint, b) &&
            ike_same_address(&sa->responder.endpoint, a));
}

/* The response to IKE_SA_INIT was seen, and the request was not: it may come late. */
static bool lacks_first_request(const ike_sa *sa)
{
    const ike_exchange *init = ike_exchange_find(sa->own->tracker, sa, 0, 1, 0);
    return init && init->type == IKE_SA_INIT && init->response && !init->request;
}

/* Does a message that the tables do not know by both SPIs belong to this IKE SA? */
static bool joins(const ike_sa *sa, const ike_message *m)
{
    bool same_peers = between(sa, &m->source, &m->destination);
    if (m->responder_spi == 0) {
        /* A first message, its repeat or retry; the same bytes to the same peer from another
         * address are a copy from the other side of a NAT. */
        if (same_peers)
            return !sa->own->init_done || m->digest == sa->own->first_digest ||
                   m->major != sa->major || m->major == 1 || lacks_first_request(sa);
        return m->digest != 0 && m->digest == sa->own->first_digest &&
               ike_same_address(&sa->responder.endpoint, &m->destination);
    }
    if (sa->responder_spi == 0)
        return same_peers;
    /* The responder took another SPI after COOKIE or INVALID_KE_PAYLOAD. */
    return same_peers && !sa->own->init_done && sa->major != 1 && m->exchange == IKE_SA_INIT;
}

static ike_sa *find_sa(ike_tracker *tracker, const ike_message *m)
{
    spi_pair pair = {m->initiator_spi, m->responder_spi};
    if (m->responder_spi != 0) {
        ike_sa *sa = ike_sa_of_pair(tracker, pair);
        if (sa)
            return sa;
    }
    ike_sa *sa = newest_of(tracker, m->initiator_spi);
    for (int i = 0; sa && i < MAX_CHAIN; i++, sa = sa->own->next_same_spi)
        if (joins(sa, m))
            return sa;
    return NULL;
}

void ike_tracker_unreachable(ike_tracker *tracker, const ike_message *m)
{
    ike_sa *sa = find_sa(tracker, m);
    if (!sa)
        return;
    if (sa->own->unreachable++ == 0)
        sa->own->unreachable_frame = m->frame;
    tracker->revision++;
}

/* An SA payload that begins phase 1 and knows both cookies answers another one. */
static bool is_sa_answer(const ike_message *m)
{
    enum { PAYLOAD_SA = 1 };
    return m->responder_spi != 0 && !m->encrypted && m->first_payload == PAYLOAD_SA;
}

/* Who began? IKEv2 says it in its flags; in IKEv1 the sender of the first message that was seen is
 * taken, unless that message can only come from the responder. */
static bool sender_is_initiator(const ike_message *m)
{
    if (m->major != 1)
        return m->exchange == IKE_SA_INIT ? !m->response : m->initiator;
    if (is_sa_answer(m))
        return false;
    if (m->exchange == IKEV1_MAIN_MODE || m->exchange == IKEV1_AGGRESSIVE_MODE)
        return m->responder_spi == 0 || m->source.port != 500 || m->destination.port == 500;
    return true;
}

static bool is_first_message(const ike_message *m)
{
    if (m->responder_spi != 0)
        return false;
    if (m->major == 1)
        return m->exchange == IKEV1_MAIN_MODE || m->exchange == IKEV1_AGGRESSIVE_MODE ||
               m->exchange > 239;
    return (m->exchange == IKE_SA_INIT || m->exchange == IKE_SESSION_RESUME) && !m->response;
}

static void set_roles(ike_sa *sa, const ike_message *m)
{
    bool initiator = sender_is_initiator(m);
    sa->initiator.endpoint = initiator ? m->source : m->destination;
    sa->responder.endpoint = initiator ? m->destination : m->source;
    sa->own->first_initiator = sa->initiator.endpoint;
    sa->own->first_responder = sa->responder.endpoint;
    sa->own->roles_known = m->major != 1 || is_first_message(m) || is_sa_answer(m);
}

/* A sealed rekey brings an IKE SA that nobody announced: between the same peers, after a
 * CREATE_CHILD_SA, its first message ID is 0. */
static void guess_predecessor(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    ike_sa *old = ike_sa_between(tracker, &m->source, &m->destination);
    if (!old || old == sa || old->major == 1 || sa->major == 1 || m->message_id > 1 ||
        old->rekeyed_to)
        return;
    bool rekeyed = false;
    for (const ike_exchange *e = old->exchanges; e; e = e->next)
        rekeyed = rekeyed || (e->type == CREATE_CHILD_SA && e->answered && !e->child && !e->error);
    if (!rekeyed)
        return;
    sa->rekeyed_from = old;
    old->rekeyed_to = sa;
    sa->negotiated = old->negotiated;
    sa->late_start = false;
    sa->state = IKE_SA_INFERRED;
    sa->established_ns = m->time_ns;
    if (old->state == IKE_SA_ESTABLISHED || old->state == IKE_SA_INFERRED)
        old->state = IKE_SA_REKEYED;
}

ike_sa *ike_tracker_sa_of(ike_tracker *tracker, const ike_message *m)
{
    ike_sa *sa = find_sa(tracker, m);
    if (sa) {
        if (m->responder_spi != 0 && m->responder_spi != sa->responder_spi)
            ike_sa_set_responder_spi(tracker, sa, m->responder_spi);
        if (!sa->own->roles_known && is_first_message(m))
            set_roles(sa, m);
        if (sa->late_start && sa->major != 1 && is_first_message(m) && lacks_first_request(sa))
            sa->late_start = false;
        return sa;
    }
    sa = ike_sa_new(tracker, m, m->initiator_spi, m->responder_spi);
    set_roles(sa, m);
    sa->own->first_digest = m->digest;
    sa->late_start = !is_first_message(m);
    if (!sa->late_start)
        ike_tracker_peer(tracker, &sa->responder.endpoint, sa->major)->begun++;
    if (sa->late_start)
        guess_predecessor(tracker, sa, m);
    remember_pair(tracker, sa);
    return sa;
}

ike_sa *ike_sa_adopt(ike_tracker *tracker, ike_sa *old, const ike_message *m,
                     uint64_t initiator_spi, uint64_t responder_spi, bool by_initiator,
                     uint64_t request_ns)
{
    spi_pair pair = {initiator_spi, responder_spi};
    ike_sa *sa = ike_sa_of_pair(tracker, pair);
    if (!sa)
        sa = ike_sa_new(tracker, m, initiator_spi, responder_spi);
    ike_nat_evaluate(sa); /* against the ends that it had so far */
    sa->initiator = *ike_sa_party(old, by_initiator);
    sa->responder = *ike_sa_party(old, !by_initiator);
    sa->own->first_initiator = sa->initiator.endpoint;
    sa->own->first_responder = sa->responder.endpoint;
    sa->rekeyed_from = old;
    sa->late_start = false;
    sa->own->init_done = sa->own->roles_known = true;
    sa->own->initiator_auth = sa->own->responder_auth = true;
    sa->state = IKE_SA_ESTABLISHED;
    sa->established_ns = m->time_ns;
    sa->first_ns = request_ns;
    if (!old->rekeyed_to)
        old->rekeyed_to = sa;
    if (old->state == IKE_SA_ESTABLISHED || old->state == IKE_SA_INFERRED)
        old->state = IKE_SA_REKEYED;
    remember_pair(tracker, sa);
    return sa;
}

/* ---- state ----------------------------------------------------------------------------------- */

void ike_sa_established(ike_sa *sa, ike_message_record *record, bool inferred)
{
    if (sa->state == IKE_SA_REKEYED || sa->state == IKE_SA_DELETED ||
        sa->state == IKE_SA_ESTABLISHED)
        return;
    if (inferred && (sa->state == IKE_SA_INFERRED || sa->state == IKE_SA_FAILED))
        return;
    sa->state = inferred ? IKE_SA_INFERRED : IKE_SA_ESTABLISHED;
    ike_peer *peer = ike_tracker_peer(sa->own->tracker, &sa->responder.endpoint, sa->major);
    if (!sa->established_ns) {
        sa->established_ns = record->time_ns;
        peer->finished++;
    }
    sa->own->cause = NULL;
    peer->answered_frame = record->frame;
}

void ike_sa_failed(ike_sa *sa, const ike_finding *cause)
{
    if (!sa->own->cause)
        sa->own->cause = cause;
    sa->state = IKE_SA_FAILED;
}

const char *ike_sa_state_text(ike_sa_state state)
{
    static const char *const texts[] = {
        "new",     "keys agreed", "authenticating", "established", "established (inferred)",
        "rekeyed", "deleted",     "failed"};
    return (size_t)state < G_N_ELEMENTS(texts) ? texts[state] : "unknown";
}

/* In words once, not for each message that is shown: there are few such sets, each kept once. */
const char *ike_sa_algorithms(const ike_sa *sa)
{
    ike_tracker *tracker = sa->own->tracker;
    GHashTable *table = tracker->text_of[sa->major == 1];
    const char *text_of = g_hash_table_lookup(table, sa->negotiated);
    if (text_of || !sa->negotiated->known)
        return text_of ? text_of : "";
    GString *text = g_string_new(NULL);
    ike_format_negotiated(text, sa->major, sa->negotiated);
    text_of = ike_store_string(tracker, text);
    g_hash_table_insert(table, (gpointer)sa->negotiated, (gpointer)text_of);
    return text_of;
}

void ike_sa_set_auth(ike_tracker *tracker, ike_sa *sa, bool of_initiator, ike_authentication proof,
                     const char *reason)
{
    ike_party *party = ike_sa_party(sa, of_initiator);
    party->proof = proof;
    party->authentication_reason = reason ? ike_store_text(tracker, reason) : NULL;
    tracker->revision++;
}

/* ---- the two sides --------------------------------------------------------------------------- */

bool ike_sa_from_initiator(const ike_sa *sa, const ike_message *m)
{
    if (m->major != 1)
        return m->exchange == IKE_SA_INIT ? !m->response : m->initiator;
    const ike_endpoint *i = &sa->initiator.endpoint, *r = &sa->responder.endpoint;
    bool is_i = ike_same_address(&m->source, i), is_r = ike_same_address(&m->source, r);
    if (is_i && is_r)
        return m->source.port == i->port || m->destination.port == r->port;
    if (is_i || is_r)
        return is_i;
    return !ike_same_address(&m->destination, i);
}

void ike_format_party(GString *out, const ike_sa *sa, bool initiator)
{
    const ike_party *party = initiator ? &sa->initiator : &sa->responder;
    ike_format_address(out, &party->endpoint);
    if (party->id && *party->id)
        g_string_append_printf(out, " (%s)", party->id);
}

static void update_identity(ike_tracker *tracker, ike_sa *sa, ike_party *party,
                            const ike_identity *id)
{
    if (id->type == 0 || party->id_type != 0)
        return;
    GString *text = g_string_new(NULL);
    ike_format_identity(text, sa->major, id);
    party->id_type = id->type;
    party->id = ike_store_string(tracker, text);
}

static void update_vendors(ike_tracker *tracker, ike_party *party, const ike_message *m)
{
    const char *names[2 * IKE_MAX_VENDORS + 1];
    size_t count = 0;
    for (size_t i = 0; party->vendors && party->vendors[i]; i++)
        names[count++] = party->vendors[i];
    size_t before = count;
    for (uint8_t i = 0; i < m->vendor_count && i < IKE_MAX_VENDORS && count < IKE_MAX_VENDORS;
         i++) {
        bool known = m->vendors[i] == NULL;
        for (size_t k = 0; k < count && !known; k++)
            known = names[k] == m->vendors[i]; /* static strings */
        if (!known)
            names[count++] = m->vendors[i];
    }
    if (count == before)
        return;
    names[count++] = NULL;
    party->vendors = (const char **)(guintptr)ike_store(tracker, names, count * sizeof *names);
}

static void update_certificate(ike_tracker *tracker, ike_party *party, const ike_message *m)
{
    ike_certificate_info inputs;
    for (uint8_t i = 0; i < m->certificate_count && i < IKE_MAX_CERTIFICATES; i++) {
        const ike_certificate *certificate = &m->certificates[i];
        if (certificate->encoding != 4 || party->certificate ||
            !ike_certificate_read(certificate->data.data, certificate->data.length, &inputs))
            continue;
        GString *subject = g_string_new(NULL);
        if (!ike_format_name(subject, inputs.subject, inputs.subject_length))
            g_string_append(subject, "without a subject");
        party->certificate = ike_store_string(tracker, subject);
        party->certificate_from = inputs.not_before;
        party->certificate_until = inputs.not_after;
    }
}

/* What is said of more than one's own identity: whom the initiator asks for, what PPK it uses,
 * whether it knows of other IKE SAs with this peer (RFC 7296 2.4, RFC 8784 3). */
static void update_intentions(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    GString *text = g_string_new(NULL);
    if (m->id_count > 1 && m->id[1].type && !sa->own->requested_id) {
        ike_format_identity(text, sa->major, &m->id[1]);
        sa->own->requested_id = ike_store_text(tracker, text->str);
    }
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES; i++) {
        const ike_notify *notify = &m->notifies[i];
        if (notify->type == N_INITIAL_CONTACT)
            sa->own->initial_contact = true;
        if (notify->type != N_PPK_IDENTITY || notify->data.length < 2 || sa->own->ppk)
            continue;
        g_string_truncate(text, 0); /* a type byte stands before it */
        ike_format_bytes(text, notify->data.data + 1, notify->data.length - 1);
        sa->own->ppk = ike_store_text(tracker, text->str);
    }
    g_string_free(text, TRUE);
}

/* A NAK says which method the peer would do instead (RFC 3748 5.3.1). */
static void update_eap(ike_sa *sa, const ike_message *m)
{
    enum { EAP_REQUEST = 1, EAP_RESPONSE = 2, EAP_NAK = 3, EAP_TYPE_DATA = 5 };
    if (m->eap_code == EAP_REQUEST && m->eap_type > EAP_NAK)
        sa->own->eap_requested = m->eap_type;
    else if (m->eap_code == EAP_RESPONSE && m->eap_type > EAP_NAK)
        sa->own->eap_wanted = 0;
    else if (m->eap_code == EAP_RESPONSE && m->eap_type == EAP_NAK && m->eap.data &&
             m->eap.length > EAP_TYPE_DATA)
        sa->own->eap_wanted = m->eap.data[EAP_TYPE_DATA];
}

void ike_sa_record_identity(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    ike_party *sender = ike_sa_party(sa, record->from_initiator);
    update_vendors(tracker, sender, m);
    update_certificate(tracker, sender, m);
    if (m->auth_method)
        sender->auth_method = m->auth_method;
    if (m->eap_type > 3 && m->eap_code == 2)
        sender->eap_type = m->eap_type;
    bool phase1 = m->exchange == IKEV1_MAIN_MODE || m->exchange == IKEV1_AGGRESSIVE_MODE;
    if (sa->major == 1 && phase1 && m->id_count > 0)
        update_identity(tracker, sa, sender, &m->id[0]);
    if (sa->major != 1 && (m->exchange == IKE_AUTH || m->exchange == GSA_AUTH)) {
        /* An IDr in a request names whom the initiator wants, not who answers. */
        uint8_t own = record->from_initiator ? 0 : 1;
        if (m->id_count > own)
            update_identity(tracker, sa, sender, &m->id[own]);
        if (record->from_initiator)
            update_intentions(tracker, sa, m);
        update_eap(sa, m);
    }
    if (!record->from_initiator && sender->id) {
        ike_peer *peer = ike_tracker_peer(tracker, &sender->endpoint, sa->major);
        peer->id = sender->id;
        peer->id_frame = record->frame;
    }
}

void ike_sa_follow(ike_tracker *tracker, ike_sa *sa, ike_message_record *record,
                   const ike_message *m)
{
    ike_party *sender = ike_sa_party(sa, record->from_initiator);
    ike_party *receiver = ike_sa_party(sa, !record->from_initiator);
    sa->tcp = sa->tcp || m->tcp;
    if (sa->own->first_digest == m->digest && record->frame != sa->first_frame)
        return;
    bool moved = !ike_same_address(&sender->endpoint, &m->source) ||
                 !ike_same_address(&receiver->endpoint, &m->destination);
    sender->endpoint = m->source;
    receiver->endpoint = m->destination;
    if (moved)
        remember_pair(tracker, sa);
}
