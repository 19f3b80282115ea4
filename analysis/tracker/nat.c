/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT detection: the hashes in the message against the addresses of the packet. */
#include "analysis/tracker/internal.h"

#include <string.h>

/* Hash algorithms of RFC 2409 appendix A and RFC 4868 that GLib knows; -1 for the others. */
static int checksum_type(const ike_sa *sa)
{
    if (sa->major != 1)
        return G_CHECKSUM_SHA1;
    if (!sa->negotiated->known)
        return -1;
    switch (sa->negotiated->integrity) {
    case 1:
        return G_CHECKSUM_MD5;
    case 2:
        return G_CHECKSUM_SHA1;
    case 4:
        return G_CHECKSUM_SHA256;
    case 5:
        return G_CHECKSUM_SHA384;
    case 6:
        return G_CHECKSUM_SHA512;
    default:
        return -1;
    }
}

static void write_u64(uint8_t *to, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        to[i] = (uint8_t)value;
}

static size_t hash_with_port(int type, spi_pair spis, const ike_endpoint *endpoint, uint16_t port,
                             uint8_t out[64])
{
    uint8_t input[16 + 16 + 2];
    size_t bytes = endpoint->family == 4 ? 4 : 16;
    gsize length = 64;
    if (type < 0 || (endpoint->family != 4 && endpoint->family != 6))
        return 0;
    write_u64(input, spis.initiator);
    write_u64(input + 8, spis.responder);
    memcpy(input + 16, endpoint->bytes, bytes);
    input[16 + bytes] = (uint8_t)(port >> 8);
    input[17 + bytes] = (uint8_t)port;
    GChecksum *checksum = g_checksum_new((GChecksumType)type);
    g_checksum_update(checksum, input, (gssize)(18 + bytes));
    g_checksum_get_digest(checksum, out, &length);
    g_checksum_free(checksum);
    return length;
}

static spi_pair spis_of(const ike_message *m)
{
    return (spi_pair){m->initiator_spi, m->responder_spi};
}

size_t ike_nat_hash(const ike_sa *sa, const ike_message *m, const ike_endpoint *endpoint,
                    uint8_t out[64])
{
    return hash_with_port(checksum_type(sa), spis_of(m), endpoint, endpoint->port, out);
}

/* Is any of the byte strings the hash of the endpoint? A message on port 4500 may carry the hashes
 * that were made for port 500 (RFC 3947 4: aggressive mode floats within the exchange). */
static ike_nat_view view(int type, spi_pair spis, const ike_endpoint *endpoint,
                         const ike_bytes *hashes, size_t count)
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

static size_t collect(const ike_message *m, uint16_t type, ike_bytes *hashes, size_t room)
{
    size_t count = 0;
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES && count < room; i++)
        if (m->notifies[i].type == type)
            hashes[count++] = m->notifies[i].data;
    return count;
}

static void judge_party(ike_party *party, uint8_t seen)
{
    if (seen != IKE_NAT_SAME && seen != IKE_NAT_TRANSLATED)
        return;
    party->nat_known = true;
    if (seen == IKE_NAT_TRANSLATED)
        party->behind_nat = true;
}

/* Each side tells its own address as it knows it, and the other's as it sees it; so a message
 * caught before or behind the NAT shows it either in one direction or in the other. */
static void judge(ike_sa *sa, const ike_message_record *record)
{
    judge_party(ike_sa_party(sa, record->from_initiator), record->nat_source);
    judge_party(ike_sa_party(sa, !record->from_initiator), record->nat_destination);
}

/* ---- IKEv2: compared when somebody asks
 * --------------------------------------------------------- */

enum { SHA1_BYTES = 20 };

struct ike_nat_claim {
    ike_nat_claim *next;
    ike_message_record *record;
    uint64_t responder_spi;                /* in this message */
    uint8_t said_source, said_destination; /* how many hashes: 0 or 1 */
    bool elsewhere;                        /* not between the addresses of the first message */
    uint8_t hash_source[SHA1_BYTES], hash_destination[SHA1_BYTES];
    ike_endpoint ends[]; /* source and destination when it is elsewhere */
};

/* The ends of the IKE SA's first message, as the sender of this one sees them. */
static void first_ends(const ike_message_record *record, ike_endpoint ends[2])
{
    const ike_sa_private *own = record->exchange->sa->own;
    ends[0] = record->from_initiator ? own->first_initiator : own->first_responder;
    ends[1] = record->from_initiator ? own->first_responder : own->first_initiator;
}

static void free_secrets(ike_sa_private *own)
{
    for (ike_nat_claim *claim = own->nat_claims, *next; claim; claim = next) {
        next = claim->next;
        g_free(claim);
    }
    own->nat_claims = NULL;
}

void ike_nat_evaluate(const ike_sa *sa)
{
    for (ike_nat_claim *claim = sa->own->nat_claims; claim; claim = claim->next) {
        ike_bytes source = {claim->hash_source, SHA1_BYTES};
        ike_bytes destination = {claim->hash_destination, SHA1_BYTES};
        spi_pair spis = {sa->initiator_spi, claim->responder_spi};
        ike_message_record *record = claim->record;
        ike_endpoint ends[2];
        first_ends(record, ends);
        if (claim->elsewhere)
            memcpy(ends, claim->ends, sizeof ends);
        record->nat_source = view(G_CHECKSUM_SHA1, spis, &ends[0], &source, claim->said_source) & 3;
        record->nat_destination =
            view(G_CHECKSUM_SHA1, spis, &ends[1], &destination, claim->said_destination) & 3;
        judge(record->exchange->sa, record);
    }
    free_secrets(sa->own);
}

void ike_nat_free(ike_sa *sa)
{
    free_secrets(sa->own);
}

static bool is_sha1(const ike_bytes *hashes, size_t count)
{
    return count == 0 || (count == 1 && hashes->data && hashes->length == SHA1_BYTES);
}

static bool same_end(const ike_endpoint *a, const ike_endpoint *b)
{
    return a->port == b->port && ike_same_address(a, b);
}

static void claim_later(ike_message_record *record, const ike_message *m, const ike_bytes *source,
                        size_t sources, const ike_bytes *destination, size_t destinations)
{
    ike_sa_private *own = record->exchange->sa->own;
    ike_endpoint ends[2];
    first_ends(record, ends);
    bool elsewhere = !same_end(&ends[0], &m->source) || !same_end(&ends[1], &m->destination);
    ike_nat_claim *claim = g_malloc(sizeof *claim + (elsewhere ? sizeof ends : 0));
    *claim = (ike_nat_claim){.next = own->nat_claims,
                             .record = record,
                             .responder_spi = m->responder_spi,
                             .said_source = (uint8_t)sources,
                             .said_destination = (uint8_t)destinations,
                             .elsewhere = elsewhere};
    if (elsewhere) {
        claim->ends[0] = m->source;
        claim->ends[1] = m->destination;
    }
    if (sources)
        memcpy(claim->hash_source, source->data, SHA1_BYTES);
    if (destinations)
        memcpy(claim->hash_destination, destination->data, SHA1_BYTES);
    own->nat_claims = claim;
}

static void check_v2(ike_message_record *record, const ike_message *m)
{
    ike_bytes source[IKE_MAX_NAT_HASHES], destination[IKE_MAX_NAT_HASHES];
    size_t sources = collect(m, N_NAT_SOURCE, source, IKE_MAX_NAT_HASHES);
    size_t destinations = collect(m, N_NAT_DESTINATION, destination, IKE_MAX_NAT_HASHES);
    if (sources + destinations == 0)
        return;
    if (is_sha1(source, sources) && is_sha1(destination, destinations)) {
        claim_later(record, m, source, sources, destination, destinations);
        return;
    }
    record->nat_source = view(G_CHECKSUM_SHA1, spis_of(m), &m->source, source, sources) & 3;
    record->nat_destination =
        view(G_CHECKSUM_SHA1, spis_of(m), &m->destination, destination, destinations) & 3;
    judge(record->exchange->sa, record);
}

static void check_v1(ike_message_record *record, const ike_message *m)
{
    ike_sa *sa = record->exchange->sa;
    size_t count = MIN(m->nat_hash_count, IKE_MAX_NAT_HASHES);
    int type = checksum_type(sa);
    record->nat_destination =
        view(type, spis_of(m), &m->destination, m->nat_hashes, MIN(count, 1)) & 3;
    record->nat_source =
        view(type, spis_of(m), &m->source, m->nat_hashes + 1, count > 1 ? count - 1 : 0) & 3;
    judge(sa, record);
}

void ike_nat_check(ike_message_record *record, const ike_message *m)
{
    if (record->exchange->sa->major == 1)
        check_v1(record, m);
    else
        check_v2(record, m);
}
