/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NAT detection: the hashes in the message against the addresses of the packet. */
#include "internal.h"

#include <string.h>

/* Hash algorithms of RFC 2409 appendix A and RFC 4868 that GLib knows; -1 for the others. */
static int checksum_type(const ike_sa *sa)
{
    if (sa->major != 1)
        return G_CHECKSUM_SHA1;
    if (!sa->agreed.known)
        return -1;
    switch (sa->agreed.integrity) {
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

static size_t hash_with_port(const ike_sa *sa, const ike_message *m, const ike_endpoint *endpoint,
                             uint16_t port, uint8_t out[64])
{
    int type = checksum_type(sa);
    uint8_t input[16 + 16 + 2];
    size_t octets = endpoint->family == 4 ? 4 : 16;
    gsize length = 64;
    if (type < 0 || (endpoint->family != 4 && endpoint->family != 6))
        return 0;
    write_u64(input, m->initiator_spi);
    write_u64(input + 8, m->responder_spi);
    memcpy(input + 16, endpoint->octets, octets);
    input[16 + octets] = (uint8_t)(port >> 8);
    input[17 + octets] = (uint8_t)port;
    GChecksum *checksum = g_checksum_new((GChecksumType)type);
    g_checksum_update(checksum, input, (gssize)(18 + octets));
    g_checksum_get_digest(checksum, out, &length);
    g_checksum_free(checksum);
    return length;
}

size_t ike_nat_hash(const ike_sa *sa, const ike_message *m, const ike_endpoint *endpoint,
                    uint8_t out[64])
{
    return hash_with_port(sa, m, endpoint, endpoint->port, out);
}

/* Is any of the octet strings the hash of the endpoint? A message on port 4500 may carry the hashes
 * that were made for port 500 (RFC 3947 4: aggressive mode floats within the exchange). */
static ike_nat_view view(const ike_sa *sa, const ike_message *m, const ike_endpoint *endpoint,
                         const ike_octets *hashes, size_t count)
{
    const uint16_t ports[] = {endpoint->port, 500};
    uint8_t expected[64];
    if (count == 0)
        return IKE_NAT_NOT_SAID;
    for (size_t p = 0; p < (endpoint->port == 4500 ? 2u : 1u); p++) {
        size_t length = hash_with_port(sa, m, endpoint, ports[p], expected);
        if (length == 0)
            return IKE_NAT_NOT_COMPUTED;
        for (size_t i = 0; i < count; i++)
            if (hashes[i].data && hashes[i].length == length &&
                memcmp(hashes[i].data, expected, length) == 0)
                return IKE_NAT_SAME;
    }
    return IKE_NAT_TRANSLATED;
}

static size_t collect(const ike_message *m, uint16_t type, ike_octets *hashes, size_t room)
{
    size_t count = 0;
    for (uint16_t i = 0; i < m->notify_count && i < IKE_MAX_NOTIFIES && count < room; i++)
        if (m->notifies[i].type == type)
            hashes[count++] = m->notifies[i].data;
    return count;
}

static void judge(ike_party *party, uint8_t seen)
{
    if (seen != IKE_NAT_SAME && seen != IKE_NAT_TRANSLATED)
        return;
    party->nat_known = true;
    if (seen == IKE_NAT_TRANSLATED)
        party->behind_nat = true;
}

void ike_nat_check(ike_tracker *tracker, ike_verdict *verdict, const ike_message *m)
{
    ike_sa *sa = verdict->exchange->sa;
    (void)tracker;
    if (sa->major == 1) {
        size_t count = MIN(m->nat_hash_count, IKE_MAX_NAT_HASHES);
        verdict->nat_destination =
            (uint8_t)view(sa, m, &m->destination, m->nat_hashes, MIN(count, 1));
        verdict->nat_source =
            (uint8_t)view(sa, m, &m->source, m->nat_hashes + 1, count > 1 ? count - 1 : 0);
    } else {
        ike_octets hashes[IKE_MAX_NAT_HASHES];
        size_t count = collect(m, N_NAT_SOURCE, hashes, IKE_MAX_NAT_HASHES);
        verdict->nat_source = (uint8_t)view(sa, m, &m->source, hashes, count);
        count = collect(m, N_NAT_DESTINATION, hashes, IKE_MAX_NAT_HASHES);
        verdict->nat_destination = (uint8_t)view(sa, m, &m->destination, hashes, count);
    }
    /* Each side tells its own address as it knows it, and the other's as it sees it; so a message
     * caught before or behind the NAT shows it either in one direction or in the other. */
    judge(ike_sa_party(sa, verdict->from_initiator), verdict->nat_source);
    judge(ike_sa_party(sa, !verdict->from_initiator), verdict->nat_destination);
}
