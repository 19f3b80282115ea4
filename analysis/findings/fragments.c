/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which fragments of a message never arrive. Both versions send all fragments again with each
 * retransmission, so one that is missing every time is dropped on the way. */
#include "analysis/findings/fragments.h"

static void add(ike_fragments *sum, const ike_message_record *record)
{
    uint16_t number = record->fragment;
    if (!number || number > IKE_MAX_FRAGMENTS)
        return;
    sum->first = record; /* they come from the newest to the oldest */
    sum->seen |= UINT64_C(1) << (number - 1);
    sum->total = MAX(sum->total, record->fragments);
    sum->largest = MAX(sum->largest, record->length);
    sum->times = MAX(sum->times, record->retransmissions + 1);
    sum->complete |= record->reassembled;
}

static uint64_t all_of(uint16_t total)
{
    return total >= IKE_MAX_FRAGMENTS ? UINT64_MAX : (UINT64_C(1) << total) - 1;
}

/* IKEv1: the message made of the fragments stands beside them, in the frame of the last one. */
static bool is_their_message(const ike_fragments *sum, const ike_message_record *record)
{
    return record->exchange->sa->major == 1 && record->reassembled && sum->first &&
           sum->first->frame == record->frame;
}

/* Does a message of the same side end the set of fragments, seen from its newest? IKEv1 numbers all
 * messages of an exchange alike. IKEv2 sends a message again in other fragments when the path MTU
 * is smaller (RFC 7383 2.5.2). */
static bool is_other_message(const ike_fragments *sum, const ike_message_record *record)
{
    bool v2 = record->exchange->sa->major != 1;
    return !record->fragment || (v2 && sum->first && record->fragments != sum->total);
}

ike_fragments ike_fragments_of(const ike_exchange *exchange, bool from_initiator)
{
    enum { MAX_LOOKED_AT = 64 };
    ike_fragments sum = {.first = NULL};
    const ike_message_record *record = exchange->last_distinct;
    for (int i = 0; record && i < MAX_LOOKED_AT; i++, record = record->previous_distinct) {
        if (record->from_initiator != from_initiator || record->not_authentic)
            continue;
        if (is_their_message(&sum, record)) {
            sum.complete = true;
            continue;
        }
        if (is_other_message(&sum, record))
            break;
        add(&sum, record);
    }
    if (sum.total && sum.total <= IKE_MAX_FRAGMENTS && sum.seen == all_of(sum.total))
        sum.complete = true;
    return sum;
}

/* Numbers of the bits: "1, 3 and 4"; returns how many there are. */
static unsigned append_numbers(GString *out, uint64_t bits)
{
    enum { MOST = 8 };
    unsigned count = 0;
    for (unsigned i = 0; i < IKE_MAX_FRAGMENTS && count <= MOST; i++) {
        if (!(bits >> i & 1))
            continue;
        bool last = i == IKE_MAX_FRAGMENTS - 1 || bits >> (i + 1) == 0;
        g_string_append(out, count == 0 ? "" : last ? " and " : ", ");
        if (++count > MOST)
            g_string_append(out, "others");
        else
            g_string_append_printf(out, "%u", i + 1);
    }
    return count;
}

/* Those below the last one that was seen, when the number of all is not known. */
static uint64_t missing_of(const ike_fragments *fragments)
{
    uint64_t all = fragments->total;
    if (all)
        return all_of(fragments->total) & ~fragments->seen;
    uint64_t below = fragments->seen;
    for (unsigned shift = 1; shift < IKE_MAX_FRAGMENTS; shift *= 2)
        below |= below >> shift;
    return below & ~fragments->seen;
}

unsigned ike_append_missing(GString *out, const ike_fragments *fragments)
{
    GString *numbers = g_string_new(NULL);
    unsigned count = append_numbers(numbers, missing_of(fragments));
    if (!count)
        g_string_append(out, "the last fragment");
    else
        g_string_append_printf(out, "fragment%s %s", ike_plural(count), numbers->str);
    if (count && fragments->total)
        g_string_append_printf(out, " of %u", fragments->total);
    g_string_free(numbers, TRUE);
    return MAX(count, 1);
}

void ike_append_arrived(GString *out, const ike_fragments *fragments)
{
    GString *numbers = g_string_new(NULL);
    unsigned count = append_numbers(numbers, fragments->seen);
    g_string_append_printf(out, "fragment%s %s, up to %u bytes", ike_plural(count), numbers->str,
                           fragments->largest);
    g_string_free(numbers, TRUE);
}

void ike_append_fragment_loss(GString *out, const ike_fragments *fragments)
{
    /* All but the last are of one size. */
    uint64_t last = fragments->total && fragments->total <= IKE_MAX_FRAGMENTS
                        ? UINT64_C(1) << (fragments->total - 1)
                        : 0;
    bool large_arrives = (fragments->seen & ~last) != 0;
    if (large_arrives)
        g_string_append_printf(out,
                               "Messages of %u bytes arrive, so it is not the path MTU: a firewall "
                               "or similar device drops this fragment.",
                               fragments->largest);
    else
        g_string_append_printf(out,
                               "Only the last, smaller fragment arrives (%u bytes): the others are "
                               "larger than the path MTU. Configure smaller fragments.",
                               fragments->largest);
}

void ike_append_fragments(GString *out, const ike_fragments *fragments)
{
    g_string_append_printf(out, "in %u fragments of up to %u bytes", fragments->total,
                           fragments->largest);
}
