/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the two sides of an IKE SA are: identities, vendors, methods, certificates. */
#include <string.h>

#include "analysis/tracker/eap_failure.h"
#include "analysis/tracker/exchange.h"
#include "analysis/tracker/format.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"

bool ike_sa_from_initiator(const ike_sa *sa, const ike_message *m)
{
    bool from_initiator;
    /* The initiator alone sends this one, which may have been seen to come from the other side. */
    if (m->major == 2 && m->exchange == IKEV2_EXCHANGE_IKE_SA_INIT && !m->responder_spi &&
        m->initiator && !m->response)
        return true;
    if (ike_path_direction(sa, m, &from_initiator))
        return from_initiator;
    if (m->major != 1)
        return m->exchange == IKEV2_EXCHANGE_IKE_SA_INIT ? !m->response : m->initiator;
    const ike_endpoint *i = &sa->initiator.endpoint, *r = &sa->responder.endpoint;
    return m->source.port == i->port || m->destination.port == r->port;
}

/* IKEv2: the number of a round of IKE_AUTH, which may be captured before an earlier one. */
static uint8_t round_of(const ike_message_record *record)
{
    return (uint8_t)MIN(record->exchange->message_id, UINT8_MAX);
}

/* The first one; what was encrypted goes before what was in clear. */
static void update_identity(ike_party *party, const ike_message_record *record, uint8_t slot)
{
    const ike_content *content = record->content;
    bool protected = record->grade == IKE_GRADE_VERIFIED;
    bool before = record->exchange->sa->major != 1 && party->id_protected == protected &&
                  round_of(record) < party->id_round;
    if (!content->id_type[slot] ||
        (party->id_type && !before && (party->id_protected || !protected)))
        return;
    party->id_protected = protected;
    party->id_round = round_of(record);
    party->id_type = content->id_type[slot];
    party->id = content->id[slot];
}

static void withdraw_party(ike_party *party)
{
    party->id_type = 0;
    party->id = NULL;
    party->auth_method = 0;
    party->eap_type = 0;
    party->certificate = NULL;
    party->chain = NULL;
    party->chain_count = 0;
}

void ike_sa_withdraw_parties(ike_sa *sa)
{
    withdraw_party(&sa->initiator);
    withdraw_party(&sa->responder);
    sa->initiator_auth = sa->responder_auth = sa->another_auth = false;
    sa->eap = sa->eap_inferred = sa->eap_failed = false;
    sa->eap_requested = sa->eap_wanted_count = 0;
    sa->eap_text = sa->eap_meaning = sa->eap_identity = NULL;
    sa->requested_id = sa->ppk = NULL;
    sa->initial_contact = false;
}

void ike_sa_withdraw_clear_identities(ike_sa *sa)
{
    ike_party *const parties[] = {&sa->initiator, &sa->responder};
    for (size_t i = 0; i < G_N_ELEMENTS(parties); i++) {
        if (!parties[i]->id_in_clear)
            continue;
        parties[i]->id_in_clear = false;
        parties[i]->id_type = 0;
        parties[i]->id = NULL;
    }
}

void ike_sa_restart_phase1(ike_sa *sa)
{
    withdraw_party(&sa->initiator);
    withdraw_party(&sa->responder);
    sa->negotiated = &ike_negotiated_none;
    sa->keys = NULL;
    sa->proposals = NULL;
}

void ike_sa_set_clear_identity(const ike_message_record *record)
{
    if (!record || !record->content || record->exchange->type != IKEV1_EXCHANGE_AGGRESSIVE_MODE)
        return;
    ike_party *party = ike_sa_party(record->exchange->sa, record->from_initiator);
    if (party->id_protected)
        return;
    party->id_type = 0;
    update_identity(party, record, 0);
}

void ike_sa_set_authenticated_id(ike_tracker *tracker, ike_sa *sa, bool of_initiator,
                                 const ike_identity *id)
{
    ike_party *party = ike_sa_party(sa, of_initiator);
    GString *text = g_string_new(NULL);
    ike_format_identity(text, 1, id);
    party->id_type = id->type;
    party->id_protected = true;
    party->id_in_clear = false;
    party->id = ike_store_string(tracker, text);
}

static void update_vendors(ike_tracker *tracker, ike_party *party, const ike_content *content)
{
    const char *names[2 * IKE_MAX_VENDORS + 1];
    const char *const *more = content->more->vendors;
    size_t count = 0;
    for (size_t i = 0; party->vendors && party->vendors[i]; i++)
        names[count++] = party->vendors[i];
    size_t before = count;
    for (size_t i = 0; more && more[i] && count < IKE_MAX_VENDORS; i++) {
        bool known = false;
        for (size_t k = 0; k < count && !known; k++)
            known = names[k] == more[i]; /* static strings */
        if (!known)
            names[count++] = more[i];
    }
    if (count == before)
        return;
    names[count++] = NULL;
    party->vendors = ike_store(tracker, names, count * sizeof *names);
}

void ike_sa_set_verified_vendors(ike_tracker *tracker, ike_sa *sa,
                                 ike_message_record *const *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (records[i] && records[i]->content)
            ike_sa_party(sa, records[i]->from_initiator)->vendors = NULL;
    for (size_t i = 0; i < count; i++)
        if (records[i] && records[i]->content)
            update_vendors(tracker, ike_sa_party(sa, records[i]->from_initiator),
                           records[i]->content);
}

static void update_certificate(ike_party *party, const ike_content *content,
                               uint8_t certificate_request)
{
    party->asks_certificate |= ike_content_has(content, certificate_request);
    const ike_content_more *more = content->more;
    if (more->authorities)
        party->authorities = more->authorities;
    if (party->certificate || more->certificate_count == 0)
        return;
    /* The first is that of the sender (RFC 7296 3.6); some send their authority's before it. */
    party->certificate = &more->certificates[0];
    for (uint8_t i = 0; i < more->certificate_count && party->certificate->authority; i++)
        if (!more->certificates[i].authority)
            party->certificate = &more->certificates[i];
    party->chain = more->certificates;
    party->chain_count = more->certificate_count;
}

/* What the initiator says beside its own identity: whom it asks for, its PPK, whether it knows of
 * other IKE SAs with this peer (RFC 7296 2.4, RFC 8784 3). */
static void update_intentions(ike_tracker *tracker, ike_sa *sa, const ike_content *content)
{
    if (content->id_type[1] && !sa->requested_id)
        sa->requested_id = content->id[1];
    if (ike_content_notify(content, IKEV2_NOTIFY_INITIAL_CONTACT))
        sa->initial_contact = true;
    const ike_recorded_notify *ppk = ike_content_notify(content, IKEV2_NOTIFY_PPK_IDENTITY);
    if (!ppk || sa->ppk || ppk->recorded < 2)
        return;
    GString *text = g_string_new(NULL); /* a type byte stands before it */
    ike_format_bytes(text, ppk->data + 1, ppk->recorded - 1u);
    sa->ppk = ike_store_string(tracker, text);
}

void ike_sa_record_user(ike_tracker *tracker, ike_sa *sa, const ike_span *name)
{
    if (!name->data || !name->length)
        return;
    GString *identity = g_string_new(NULL);
    ike_format_bytes(identity, name->data, name->length);
    sa->eap_identity = ike_store_string(tracker, identity);
}

/* What the method itself reports, and who it is to the server: the EAP identity may differ from
 * IDi. */
static void update_eap_method(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    const ike_eap_packet *eap = &m->eap_packet;
    ike_eap_failure failure;
    GString *text = g_string_new(NULL);
    if (ike_append_eap_failure(text, eap, &failure)) {
        sa->eap_text = ike_store_string(tracker, text);
        sa->eap_meaning = failure.meaning;
        sa->eap_about_certificate = failure.about_certificate;
        sa->eap_text_by_initiator = m->eap_code == IKE_EAP_RESPONSE;
    } else {
        g_string_free(text, TRUE);
    }
    ike_sa_record_user(tracker, sa, &eap->identity);
}

/* A NAK names the methods that the peer would do instead, or 0 for none (RFC 3748 5.3.1). */
static void update_eap(ike_tracker *tracker, ike_sa *sa, const ike_message *m)
{
    enum { MAX_WANTED = 8 };
    const ike_eap_packet *eap = &m->eap_packet;
    update_eap_method(tracker, sa, m);
    if (m->eap_code == IKE_EAP_FAILURE)
        sa->eap_failed = true;
    if (m->eap_code == IKE_EAP_REQUEST && m->eap_type > IKE_EAP_NAK) {
        sa->eap_requested = m->eap_type;
    } else if (m->eap_code == IKE_EAP_RESPONSE && eap->type == IKE_EAP_NAK && eap->wanted.data) {
        sa->eap_wanted_count = (uint8_t)MIN(eap->wanted.length, MAX_WANTED);
        sa->eap_wanted = ike_store(tracker, eap->wanted.data, sa->eap_wanted_count);
    } else if (m->eap_code == IKE_EAP_RESPONSE && m->eap_type > IKE_EAP_NAK) {
        sa->eap_wanted_count = 0;
    }
}

static void record_capabilities(ike_sa *sa, const ike_content *content, bool from_initiator)
{
    if (ike_content_notify(content, IKEV2_NOTIFY_CHILDLESS_IKEV2_SUPPORTED))
        sa->childless[from_initiator] = true;
    if (ike_content_notify(content, IKEV2_NOTIFY_EAP_ONLY_AUTHENTICATION))
        sa->eap_only[from_initiator] = true;
}

/* Main mode has the identity in messages 5 and 6, with what authenticates it (RFC 2409 5). */
static bool is_sent_with_id(const ike_message *m)
{
    return m->exchange != IKEV1_EXCHANGE_MAIN_MODE || m->encrypted ||
           ike_message_has(m, IKEV1_PAYLOAD_HASH) || ike_message_has(m, IKEV1_PAYLOAD_SIG);
}

void ike_sa_pass_on_parties(ike_sa *sa)
{
    enum { MAX_REKEYS = 8 };
    ike_sa *old = sa, *next = sa->rekeyed_to;
    for (int i = 0; next && next->rekeyed_from == old && i < MAX_REKEYS; i++) {
        bool swapped = next->lineage_swapped != old->lineage_swapped;
        for (int side = 0; side < 2; side++) {
            ike_party *party = ike_sa_party(next, side);
            ike_endpoint endpoint = party->endpoint;
            *party = *ike_sa_party(old, side != swapped);
            party->endpoint = endpoint;
        }
        old = next;
        next = next->rekeyed_to;
    }
}

void ike_sa_record_identity(ike_tracker *tracker, ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    ike_party *sender = ike_sa_party(sa, record->from_initiator);
    const ike_content *content = record->content;
    if (!content)
        return;
    update_vendors(tracker, sender, content);
    update_certificate(sender, content, sa->major == 1 ? IKEV1_PAYLOAD_CR : IKEV2_PAYLOAD_CERTREQ);
    /* Of several rounds (RFC 7296 2.16, RFC 4739) the first: an EAP method's key comes second. */
    if (m->auth_method && (!sender->auth_method || round_of(record) < sender->auth_round)) {
        sender->auth_method = m->auth_method;
        sender->auth_round = round_of(record);
    }
    if (content->more->signature) {
        sender->signature = content->more->signature;
        sender->signature_hash = content->more->signature_hash;
    }
    if (m->eap_type > IKE_EAP_NAK && m->eap_code == IKE_EAP_RESPONSE)
        sender->eap_type = m->eap_type;
    if (sa->major == 1 && ikev1_exchange_is_phase1(m->exchange) && is_sent_with_id(m))
        update_identity(sender, record, 0);
    if (sa->major != 1)
        record_capabilities(sa, content, record->from_initiator);
    if (sa->major != 1 && ikev2_exchange_is_auth(m->exchange)) {
        /* An IDr in a request names whom the initiator wants, not who answers. */
        update_identity(sender, record, record->from_initiator ? 0 : 1);
        if (record->from_initiator)
            update_intentions(tracker, sa, content);
        update_eap(tracker, sa, m);
        ike_sa_pass_on_parties(sa);
    }
    if (record->from_initiator)
        return;
    if (sender->id && (sender->id_protected || sa->major == 1)) {
        ike_peer *peer = ike_tracker_peer(tracker, &sender->endpoint, sa->major);
        peer->id = sender->id;
        peer->id_frame = record->frame;
    }
    if (content->config_type == IKEV2_CFG_REPLY + 1 && content->config_address_count) {
        ike_peer *peer = ike_tracker_peer(tracker, &sender->endpoint, sa->major);
        peer->addresses++;
        peer->address_frame = record->frame;
    }
}

/* What several rounds of a side were verified against (RFC 4739; a certificate and then the MSK of
 * EAP, RFC 7296 2.16). */
static const char *join_reasons(ike_tracker *tracker, const char *before, const char *reason)
{
    if (!before || strstr(before, reason))
        return before ? before : ike_store_text(tracker, reason);
    GString *both = g_string_new(NULL);
    g_string_printf(both, "%s; %s", before, reason);
    return ike_store_string(tracker, both);
}

void ike_sa_set_auth(ike_tracker *tracker, ike_sa *sa, bool of_initiator,
                     ike_authentication authentication, const char *reason)
{
    ike_party *party = ike_sa_party(sa, of_initiator);
    bool was_verified = party->authentication == IKE_AUTHENTICATION_VERIFIED;
    if (!was_verified || authentication != IKE_AUTHENTICATION_VERIFIED)
        party->authentication_reason = NULL;
    party->authentication = authentication;
    if (reason)
        party->authentication_reason = join_reasons(tracker, party->authentication_reason, reason);
    ike_sa_pass_on_parties(sa);
}

void ike_sa_set_other_psk(ike_sa *sa, bool of_initiator, bool known)
{
    ike_sa_party(sa, of_initiator)->other_psk = known;
}

const ike_sa *ike_tracker_newest_of_identity(const ike_tracker *tracker, const ike_sa *sa)
{
    return sa->initiator.id ? g_hash_table_lookup(tracker->by_identity, sa->initiator.id) : NULL;
}

const ike_sa *ike_tracker_same_identity(const ike_tracker *tracker, const ike_sa *sa)
{
    const ike_sa *other = ike_tracker_newest_of_identity(tracker, sa);
    if (!other || other == sa ||
        ike_same_address(&other->initiator.endpoint, &sa->initiator.endpoint))
        return NULL;
    bool same_gateway = ike_same_address(&other->responder.endpoint, &sa->responder.endpoint) ||
                        (other->responder.id && (other->responder.id == sa->responder.id ||
                                                 other->responder.id == sa->requested_id));
    return same_gateway ? other : NULL;
}

/* As text once, not for each message that is shown: there are few such sets, each stored once. */
const char *ike_sa_algorithms(const ike_sa *sa)
{
    ike_tracker *tracker = sa->tracker;
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
