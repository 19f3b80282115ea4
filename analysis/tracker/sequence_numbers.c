/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence numbers of ESP and AH, in pages of neighbouring numbers. */
#include "analysis/tracker/sequence_numbers.h"

#include <string.h>

#include <glib.h>

/* How far back the packets are remembered: 8,192 numbers, at 16 bytes each. */
enum { PAGE_BITS = 5, PAGE_ENTRIES = 1 << PAGE_BITS, PAGES = 256 };

/* So many packets in a row are not lost. */
enum { LEAP = 1 << 20 };

/* A mirror port sends both copies within this time; no replay is so fast. */
enum { MIRROR_NS = 200 * 1000 };

/* The first packet with a number. */
typedef struct {
    uint64_t time_ns;
    uint32_t digest;
    uint16_t interface;
    uint8_t ttl;
    bool present : 1, decrypted : 1;
} entry;

typedef struct {
    uint64_t number; /* sequence number without the low PAGE_BITS */
    entry entries[PAGE_ENTRIES];
} page;

struct ike_sequence_numbers {
    uint64_t first_sequence; /* many flows of a scan have one packet: it needs no page */
    entry first;
    page **pages; /* by their numbers modulo PAGES; NULL while there is one packet */
    ike_sequence_counts counts;
    bool verified, genuine; /* a decrypted packet, one that is not suspect */
};

ike_sequence_numbers *ike_sequence_numbers_new(void)
{
    return g_new0(ike_sequence_numbers, 1);
}

static void free_pages(ike_sequence_numbers *numbers)
{
    for (unsigned i = 0; numbers->pages && i < PAGES; i++)
        g_free(numbers->pages[i]);
    g_free(numbers->pages);
}

void ike_sequence_numbers_free(ike_sequence_numbers *numbers)
{
    if (!numbers)
        return;
    free_pages(numbers);
    g_free(numbers);
}

/* The first packet that verifies makes forgeries of what came before and did not. */
static void record_verified(ike_sequence_numbers *numbers)
{
    if (!numbers->genuine) {
        free_pages(numbers);
        memset(numbers, 0, sizeof *numbers);
    }
    numbers->verified = true;
}

bool ike_sequence_numbers_verified(const ike_sequence_numbers *numbers)
{
    return numbers->verified;
}

/* The extended number of a packet: where the high half is not known, the one next to the highest so
 * far (RFC 4303 appendix A2.1). */
static uint64_t extended(const ike_sequence_numbers *numbers, const ike_sequence_packet *packet)
{
    uint64_t high = numbers->counts.highest >> 32;
    uint32_t low = (uint32_t)numbers->counts.highest;

    if (packet->high_known)
        return (uint64_t)packet->sequence_high << 32 | packet->sequence;
    if (numbers->counts.distinct) {
        if (packet->sequence < low && low - packet->sequence > UINT32_MAX / 2)
            high++;
        else if (packet->sequence > low && packet->sequence - low > UINT32_MAX / 2 && high)
            high--;
    }
    return high << 32 | packet->sequence;
}

static entry *find_entry(ike_sequence_numbers *numbers, uint64_t sequence)
{
    if (numbers->first.present && numbers->first_sequence == sequence)
        return &numbers->first;
    page *found = numbers->pages ? numbers->pages[(sequence >> PAGE_BITS) % PAGES] : NULL;
    return found && found->number == sequence >> PAGE_BITS
               ? &found->entries[sequence % PAGE_ENTRIES]
               : NULL;
}

/* The entry of a number; a page that is PAGES pages older makes room. */
static entry *make_entry(ike_sequence_numbers *numbers, uint64_t sequence)
{
    entry *found = find_entry(numbers, sequence);

    if (found)
        return found;
    if (!numbers->first.present) {
        numbers->first_sequence = sequence;
        return &numbers->first;
    }
    if (!numbers->pages)
        numbers->pages = g_new0(page *, PAGES);
    page **at = &numbers->pages[(sequence >> PAGE_BITS) % PAGES];
    if (!*at)
        *at = g_new(page, 1);
    memset(*at, 0, sizeof **at);
    (*at)->number = sequence >> PAGE_BITS;
    return &(*at)->entries[sequence % PAGE_ENTRIES];
}

static bool is_packet(const entry *at, const ike_sequence_packet *packet)
{
    return at && at->present && at->digest == (uint32_t)packet->digest;
}

/* A copy that comes when its flow has advanced by half the range of the low half seems to have
 * another high half. */
static uint64_t number_of(ike_sequence_numbers *numbers, const ike_sequence_packet *packet)
{
    uint64_t sequence = extended(numbers, packet), step = UINT64_C(1) << 32;

    if (is_packet(find_entry(numbers, sequence), packet))
        return sequence;
    if (sequence >= step && is_packet(find_entry(numbers, sequence - step), packet))
        return sequence - step;
    return is_packet(find_entry(numbers, sequence + step), packet) ? sequence + step : sequence;
}

static ike_sequence_class classify_known(ike_sequence_counts *counts, entry *first,
                                         const ike_sequence_packet *packet)
{
    bool completes = packet->decrypted && !first->decrypted;
    uint64_t apart = packet->time_ns > first->time_ns ? packet->time_ns - first->time_ns
                                                      : first->time_ns - packet->time_ns;

    if (first->digest != (uint32_t)packet->digest) {
        counts->reused++;
        return IKE_SEQUENCE_REUSED;
    }
    if (first->interface != (uint16_t)packet->interface || first->ttl != packet->ttl ||
        apart < MIRROR_NS) {
        counts->copies++;
        first->decrypted = packet->decrypted || first->decrypted;
        return completes ? IKE_SEQUENCE_COMPLETED : IKE_SEQUENCE_COPY;
    }
    counts->repeated++;
    return IKE_SEQUENCE_REPEATED;
}

static ike_sequence_class classify_new(ike_sequence_counts *counts, uint64_t sequence)
{
    bool late = counts->distinct && sequence < counts->highest;

    if (!counts->distinct || sequence < counts->lowest)
        counts->lowest = sequence;
    if (counts->distinct && !late && sequence - counts->highest > LEAP)
        counts->skipped += sequence - counts->highest - 1;
    if (!late)
        counts->highest = sequence;
    counts->late += late;
    counts->distinct++;
    return late ? IKE_SEQUENCE_LATE : IKE_SEQUENCE_NEW;
}

ike_sequence_class ike_sequence_numbers_add(ike_sequence_numbers *numbers,
                                            const ike_sequence_packet *packet)
{
    if (packet->decrypted && !numbers->verified)
        record_verified(numbers);
    numbers->genuine |= !packet->suspect;

    uint64_t sequence = number_of(numbers, packet);
    entry *at = make_entry(numbers, sequence);

    if (at->present)
        return classify_known(&numbers->counts, at, packet);
    *at = (entry){.time_ns = packet->time_ns,
                  .digest = (uint32_t)packet->digest,
                  .interface = (uint16_t)packet->interface,
                  .ttl = packet->ttl,
                  .present = true,
                  .decrypted = packet->decrypted};
    return classify_new(&numbers->counts, sequence);
}

bool ike_sequence_numbers_has(ike_sequence_numbers *numbers, const ike_sequence_packet *packet)
{
    return is_packet(find_entry(numbers, number_of(numbers, packet)), packet);
}

ike_sequence_counts ike_sequence_numbers_counts(const ike_sequence_numbers *numbers)
{
    return numbers->counts;
}

uint64_t ike_sequence_lost(const ike_sequence_counts *counts)
{
    uint64_t range = counts->distinct ? counts->highest - counts->lowest + 1 : 0;

    uint64_t known = counts->distinct + counts->skipped;

    return range > known ? range - known : 0;
}

bool ike_sequence_repeats_are_copies(const ike_sequence_counts *counts)
{
    /* A handful proves nothing: three of five pings may well have been replayed. */
    return counts->repeated >= 8 && counts->repeated > counts->distinct - counts->distinct / 4;
}
