/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT detection: the hashes in the message against the addresses of the packet. */
#include <glib.h>
#include <string.h>

#include "analysis/tracker/exchange.h"
#include "analysis/tracker/sa.h"
#include "analysis/tracker/tables.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

/* The hash algorithm with this output, of those that GLib knows; -1 for the others. In IKEv1 it is
 * the one negotiated (RFC 3947 3.2), which the length tells before it is known. */
static int checksum_type(const ike_span *hashes, size_t count)
{
    static const GChecksumType types[] = {G_CHECKSUM_MD5, G_CHECKSUM_SHA1, G_CHECKSUM_SHA256,
                                          G_CHECKSUM_SHA384, G_CHECKSUM_SHA512};
    for (size_t i = 0; count && i < G_N_ELEMENTS(types); i++)
        if (hashes[0].length == (size_t)g_checksum_type_get_length(types[i]))
            return types[i];
    return -1;
}

static size_t hash_with_port(int type, ike_spi_pair spis, const ike_endpoint *endpoint,
                             uint16_t port, uint8_t out[64])
{
    uint8_t input[16 + 16 + 2];
    size_t bytes = endpoint->family == 4 ? 4 : 16;
    gsize length = 64;
    if (type < 0 || (endpoint->family != 4 && endpoint->family != 6))
        return 0;
    ike_put_u64(input, spis.initiator);
    ike_put_u64(input + 8, spis.responder);
    memcpy(input + 16, endpoint->bytes, bytes);
    ike_put_u16(input + 16 + bytes, port);
    GChecksum *checksum = g_checksum_new((GChecksumType)type);
    g_checksum_update(checksum, input, (gssize)(18 + bytes));
    g_checksum_get_digest(checksum, out, &length);
    g_checksum_free(checksum);
    return length;
}

static ike_spi_pair spis_of(const ike_message *m)
{
    return (ike_spi_pair){m->initiator_spi, m->responder_spi};
}

/* Is any of the byte strings the hash of the endpoint? A message on port 4500 may carry the hashes
 * that were made for port 500 (RFC 3947 4: aggressive mode floats within the exchange). */
static ike_nat_view view(int type, ike_spi_pair spis, const ike_endpoint *endpoint,
                         const ike_span *hashes, size_t count)
{
    const uint16_t ports[] = {endpoint->port, 500};
    uint8_t expected[64];
    if (count == 0)
        return IKE_NAT_NOT_SAID;
    for (size_t p = 0; p < (endpoint->port == 4500 ? 2u : 1u); p++) {
        size_t length = hash_with_port(type, spis, endpoint, ports[p], expected);
        if (length == 0)
            return IKE_NAT_NOT_COMPUTED;
        for (size_t i = 0; i < count; i++)
            if (hashes[i].data && hashes[i].length == length &&
                memcmp(hashes[i].data, expected, length) == 0)
                return IKE_NAT_SAME;
    }
    return IKE_NAT_TRANSLATED;
}

static size_t collect(const ike_message *m, uint16_t type, ike_span hashes[IKE_MAX_NAT_HASHES])
{
    size_t count = 0;
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES && count < IKE_MAX_NAT_HASHES;
         i++)
        if (m->notifies[i].type == type)
            hashes[count++] = m->notifies[i].data;
    return count;
}

/* The hash of the address that a packet has is no coincidence: another of the same sender on the
 * same path is forged. */
static void record_view(uint8_t *nat, uint8_t seen, uint8_t same, uint8_t translated)
{
    if (seen == IKE_NAT_SAME)
        *nat = (uint8_t)((*nat | same) & ~translated);
    else if (seen == IKE_NAT_TRANSLATED && !(*nat & same))
        *nat |= translated;
}

/* One packet alone went on this path: it may be a copy of one that went elsewhere. */
static bool has_one_packet(const ike_path *path)
{
    return path->first_frame == path->last_frame;
}

/* As long as the true messages are not known, those on a path in one direction, as forged ones are,
 * do not count if there are others; nor does one packet alone later. */
static void update_party(ike_sa *sa, bool initiator)
{
    ike_party *party = ike_sa_party(sa, initiator);
    uint8_t seen = 0, seen_one_way = 0, seen_alone = 0;
    for (uint8_t i = 0; i < sa->path_count; i++)
        *(ike_path_is_two_way(sa->paths[i]) ? &seen
          : has_one_packet(sa->paths[i])    ? &seen_alone
                                            : &seen_one_way) |= sa->paths[i]->nat[initiator];
    if (!seen || sa->true_frames)
        seen |= seen_one_way;
    if (!seen)
        seen = seen_alone;
    party->nat_known = seen != 0;
    party->behind_nat = (seen & (IKE_NAT_SEEN_BY_SOURCE | IKE_NAT_SEEN_BY_PEER)) != 0;
}

void ike_nat_update(ike_sa *sa)
{
    update_party(sa, true);
    update_party(sa, false);
}

/* Each side hashes its own address as it knows it, and the other's as it sees it; so a message
 * caught before or behind the NAT shows it either in one direction or in the other. */
static void record_views(const ike_message_record *record)
{
    ike_sa *sa = record->exchange->sa;
    bool sender = record->from_initiator;
    if (!record->path)
        return;
    uint8_t *nat = sa->paths[record->path - 1]->nat;
    record_view(&nat[sender], record->nat_source, IKE_NAT_SEEN_SAME, IKE_NAT_SEEN_BY_SOURCE);
    record_view(&nat[!sender], record->nat_destination, IKE_NAT_SEEN_SAME_BY_PEER,
                IKE_NAT_SEEN_BY_PEER);
    ike_nat_update(sa);
}

static void check_v2(ike_message_record *record, const ike_message *m)
{
    ike_span source[IKE_MAX_NAT_HASHES], destination[IKE_MAX_NAT_HASHES];
    size_t sources = collect(m, IKEV2_NOTIFY_NAT_DETECTION_SOURCE_IP, source);
    size_t destinations = collect(m, IKEV2_NOTIFY_NAT_DETECTION_DESTINATION_IP, destination);
    record->nat_source = view(G_CHECKSUM_SHA1, spis_of(m), &m->source, source, sources) & 3;
    record->nat_destination =
        view(G_CHECKSUM_SHA1, spis_of(m), &m->destination, destination, destinations) & 3;
}

static void check_v1(ike_message_record *record, const ike_message *m)
{
    size_t count = MIN(m->nat_hash_count, IKE_MAX_NAT_HASHES);
    for (size_t i = 1; i < count; i++)
        if (m->nat_hashes[i].length != m->nat_hashes[0].length)
            return; /* one hash algorithm makes them all */
    int type = checksum_type(m->nat_hashes, count);
    record->nat_destination =
        view(type, spis_of(m), &m->destination, m->nat_hashes, MIN(count, 1)) & 3;
    record->nat_source =
        view(type, spis_of(m), &m->source, m->nat_hashes + 1, count > 1 ? count - 1 : 0) & 3;
}

/* Of several messages that claim one place another one has it, and says what it sees; or it is of a
 * mode of phase 1 that the IKE SA does not use. */
static bool is_contradicted(const ike_message_record *record)
{
    const ike_exchange *exchange = record->exchange;
    const ike_message_record *in_place = exchange->by_step  ? exchange->by_step[record->step]
                                         : record->response ? exchange->response
                                                            : exchange->request;
    bool other_mode = ikev1_exchange_is_phase1(exchange->type) && exchange->by_step &&
                      exchange != exchange->sa->init;
    return record->reflected || other_mode ||
           (in_place && in_place != record && (in_place->nat_source || in_place->nat_destination));
}

/* Of what may be forged, too, the hash of the address that a packet has is no coincidence. */
static void drop_translated(ike_message_record *record)
{
    if (record->nat_source != IKE_NAT_SAME)
        record->nat_source = IKE_NAT_NOT_SAID;
    if (record->nat_destination != IKE_NAT_SAME)
        record->nat_destination = IKE_NAT_NOT_SAID;
}

/* What is sent again says the same, unless the first of them came on another path: that one may
 * have been forged. */
static bool is_view_known(const ike_message_record *record)
{
    return record->original && record->original->path == record->path;
}

void ike_nat_check(ike_message_record *record, const ike_message *m, bool completed)
{
    ike_sa *sa = record->exchange->sa;
    if (m->notify_count == 0 && m->nat_hash_count == 0)
        return;
    if (sa->major == 1)
        check_v1(record, m);
    else
        check_v2(record, m);
    if ((!completed && is_view_known(record)) || ike_sa_is_superseded(record))
        return;
    ike_message_record counts = *record;
    if (is_contradicted(record->original ? record->original : record))
        drop_translated(&counts);
    record_views(&counts);
}

/* ---- once the true messages are known -------------------------------------------------------- */

/* Whether a record says the same as a true one: it repeats it; or in IKEv1, where neither HASH nor
 * SIG covers NAT-D, it takes the same step. */
static bool stands_for(const ike_message_record *record, const ike_message_record *verified)
{
    if (record == verified || record->original == verified)
        return true;
    return verified->exchange->sa->major == 1 && record->step && record->step == verified->step &&
           record->from_initiator == verified->from_initiator && !record->not_authentic;
}

/* Were messages verified between the addresses of a path, whatever the ports? */
static bool is_confirmed(const ike_sa *sa, const ike_path *path)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        if (sa->paths[i]->confirmed &&
            ike_same_address(&sa->paths[i]->initiator, &path->initiator) &&
            ike_same_address(&sa->paths[i]->responder, &path->responder))
            return true;
    return false;
}

static const ike_path *path_of(const ike_message_record *record)
{
    return record->exchange->sa->paths[record->path - 1];
}

static bool is_on_confirmed_path(const ike_message_record *record)
{
    const ike_sa *sa = record->exchange->sa;
    return record->path && is_confirmed(sa, path_of(record));
}

/* The hash of the address that a packet has is no coincidence: it goes before others. */
static uint8_t better(uint8_t view, uint8_t other)
{
    if (view == IKE_NAT_SAME || other == IKE_NAT_SAME)
        return IKE_NAT_SAME;
    return view == IKE_NAT_NOT_SAID ? other : view;
}

static void record_verified(const ike_message_record *verified)
{
    ike_message_record best = *verified;
    bool confirmed = is_on_confirmed_path(verified);
    for (const ike_message_record *r = verified->exchange->messages; r; r = r->next) {
        if (r == verified || !stands_for(r, verified) || !is_on_confirmed_path(r))
            continue;
        if (!confirmed)
            best.nat_source = best.nat_destination = IKE_NAT_NOT_SAID;
        if (!confirmed || has_one_packet(path_of(&best)))
            best.path = r->path;
        best.nat_source = better(best.nat_source, r->nat_source) & 3u;
        best.nat_destination = better(best.nat_destination, r->nat_destination) & 3u;
        confirmed = true;
    }
    record_views(&best);
}

static bool is_among(const ike_message_record *record, ike_message_record *const *records,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (records[i] == record)
            return true;
    return false;
}

static void clear_views(ike_sa *sa)
{
    for (uint8_t i = 0; i < sa->path_count; i++)
        sa->paths[i]->nat[0] = sa->paths[i]->nat[1] = 0;
    ike_nat_update(sa);
}

void ike_nat_set_mode(ike_sa *sa)
{
    clear_views(sa);
    for (unsigned step = 1; step <= IKE_V1_STEPS; step++)
        if (sa->init->by_step[step])
            record_views(sa->init->by_step[step]);
}

void ike_nat_set_verified(ike_sa *sa, ike_message_record *const *records, size_t count)
{
    clear_views(sa);
    for (size_t i = 0; i < count; i++)
        if (records[i] && !is_among(records[i], records, i))
            record_verified(records[i]);
}
