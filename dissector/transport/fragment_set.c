/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/transport/fragment_set.h"

#include "dissector/session/session.h"
#include "proto/keyed_hash.h"

enum { MAX_PENDING = 64 << 20 };

/* Whose fragments. */
typedef struct {
    uint64_t initiator_spi, responder_spi;
    uint32_t stream;
    uint32_t message_id;
    uint16_t id;
    uint16_t total; /* 0: payload 132, known from the last fragment */
    uint8_t kind;
    uint64_t direction;
} set_key;

static wmem_map_t *sets;   /* set_key -> the newest set */
static wmem_map_t *totals; /* set_key without total -> the total seen last, SKF */
static wmem_map_t *parts;  /* fragment_part.key -> the newest part */
static fragment_set *oldest, *newest;
static size_t pending; /* bytes held */
static uint32_t set_count;

static unsigned key_hash(const void *key)
{
    return (unsigned)ike_keyed_hash(key, sizeof(set_key));
}

static gboolean key_equal(const void *first, const void *second)
{
    return memcmp(first, second, sizeof(set_key)) == 0;
}

static unsigned part_hash(const void *key)
{
    return (unsigned)ike_keyed_hash_words(*(const uint64_t *)key, 0);
}

fragment_part *ike_fragment_part(const fragment_set *set, unsigned number)
{
    uint64_t key = (uint64_t)set->index << 32 | number;

    return wmem_map_lookup(parts, &key);
}

/* In IKEv1 addresses and ports tell the directions apart, as who began may turn out later; before
 * and behind a NAT they are others. */
static uint64_t direction_of(const ike_message *msg)
{
    ike_endpoint ends[2];

    if (msg->major >= 2)
        return msg->initiator | msg->response << 1; /* each side counts its own requests */
    memset(ends, 0, sizeof ends);
    for (int i = 0; i < 2; i++) {
        const ike_endpoint *end = i ? &msg->destination : &msg->source;
        ends[i].family = end->family;
        ends[i].port = end->port;
        memcpy(ends[i].bytes, end->bytes, sizeof end->bytes);
    }
    return ike_keyed_hash(ends, sizeof ends);
}

static set_key key_of(const ike_packet *pkt, const ike_fragment *fragment)
{
    set_key key;
    const ike_sa *sa = pkt->data->sa;

    memset(&key, 0, sizeof key); /* compared with its padding */
    key.initiator_spi = pkt->msg->initiator_spi;
    key.responder_spi = pkt->msg->responder_spi;
    key.stream = sa ? sa->stream : 0;
    key.message_id = pkt->msg->message_id;
    key.id = (uint16_t)fragment->id;
    key.kind = (uint8_t)fragment->kind;
    key.direction = direction_of(pkt->msg);
    key.total = (uint16_t)fragment->total;
    return key;
}

static bool is_same(const fragment_part *part, const ike_fragment *fragment, uint64_t hash)
{
    return part && part->hash == hash && part->length == tvb_captured_length(fragment->bytes);
}

/* ---- sets ----------------------------------------------------------------------------------- */

/* Payload 132: the first fragment has the header, with the length that all must come to. */
static bool is_of_another(const fragment_set *set, const ike_fragment *fragment)
{
    enum { LENGTH_AT = 24 };
    size_t length = set->length + tvb_captured_length(fragment->bytes);

    if (fragment->number != 1 || !set->distinct ||
        tvb_captured_length(fragment->bytes) < IKE_HEADER)
        return false;
    uint32_t header_length = tvb_get_ntohl(fragment->bytes, LENGTH_AT);
    return set->distinct + 1 == set->total ? length != header_length : length >= header_length;
}

/* Whether a fragment of payload 132 can belong to the set: no other bytes in its place, nothing
 * after the last. */
static bool fits(const fragment_set *set, const ike_fragment *fragment, uint64_t hash)
{
    const fragment_part *same = ike_fragment_part(set, fragment->number);

    if (same)
        return is_same(same, fragment, hash) && same->last == fragment->last;
    if (set->complete || is_of_another(set, fragment))
        return false;
    return !set->total || (fragment->number <= set->total && !fragment->last);
}

static fragment_set *find_set(const set_key *key, const ike_fragment *fragment, uint64_t hash)
{
    fragment_set *set = wmem_map_lookup(sets, key);

    if (fragment->kind != IKE_FRAGMENT_CISCO)
        return set;
    for (unsigned n = 0; set && n < IKE_MAX_FRAGMENT_SETS; n++, set = set->previous)
        if (fits(set, fragment, hash))
            return set;
    return NULL;
}

/* RFC 7383 2.5.2: a message is fragmented again, into smaller fragments. */
static bool changes_total(const set_key *key)
{
    set_key any = *key;

    any.total = 0;
    void *before = wmem_map_lookup(totals, &any);
    wmem_map_insert(totals,
                    before ? (void *)&any : wmem_memdup(wmem_file_scope(), &any, sizeof any),
                    GUINT_TO_POINTER((guint)key->total));
    return before && before != GUINT_TO_POINTER((guint)key->total);
}

static fragment_set *new_set(const set_key *key)
{
    fragment_set *set = wmem_new0(wmem_file_scope(), fragment_set);

    set->previous = wmem_map_lookup(sets, key);
    set->index = set_count++;
    set->total = key->total;
    set->total_changed = key->total && changes_total(key);
    wmem_map_insert(
        sets, set->previous ? (void *)key : wmem_memdup(wmem_file_scope(), key, sizeof *key), set);
    return set;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void leave_queue(fragment_set *set)
{
    if (set->older)
        set->older->newer = set->newer;
    else if (oldest == set)
        oldest = set->newer;
    if (set->newer)
        set->newer->older = set->older;
    else if (newest == set)
        newest = set->older;
    set->older = set->newer = NULL;
}

static void free_bytes(fragment_part *part)
{
    if (part->bytes)
        pending -= part->length;
    wmem_free(wmem_file_scope(), part->bytes);
    part->bytes = NULL;
}

static void store_bytes(fragment_part *part, tvbuff_t *bytes)
{
    fragment_set *set = part->set;

    if (set->abandoned || !part->length)
        return;
    if (oldest != set && !set->older) {
        set->older = newest;
        if (newest)
            newest->newer = set;
        else
            oldest = set;
        newest = set;
    }
    pending += part->length;
    part->bytes = tvb_memdup(wmem_file_scope(), bytes, 0, part->length);
}

void ike_fragment_abandon_oldest(void)
{
    while (pending > MAX_PENDING && oldest) {
        fragment_set *set = oldest;

        set->abandoned = true;
        leave_queue(set);
        for (fragment_part *part = set->parts; part; part = part->next)
            free_bytes(part);
    }
}

/* ---- parts ---------------------------------------------------------------------------------- */

/* The last fragment is known: those with higher numbers are of no message. */
static void set_total(fragment_set *set, uint16_t total)
{
    set->total = total;
    set->distinct = 0;
    set->length = 0;
    for (unsigned number = 1; number <= total; number++) {
        const fragment_part *part = ike_fragment_part(set, number);
        if (part) {
            set->distinct++;
            set->length += part->length;
        }
    }
}

/* Replaces another part with the same number, in a set that is not of payload 132. */
static fragment_part *add_part(const ike_packet *pkt, fragment_set *set,
                               const ike_fragment *fragment, uint64_t hash)
{
    fragment_part *part = wmem_new0(wmem_file_scope(), fragment_part);
    fragment_part *before = ike_fragment_part(set, fragment->number);

    part->key = (uint64_t)set->index << 32 | fragment->number;
    part->set = set;
    part->next = set->parts;
    set->parts = part;
    part->hash = hash;
    part->frame = pkt->pinfo->num;
    part->length = tvb_captured_length(fragment->bytes);
    part->number = (uint16_t)fragment->number;
    part->last = fragment->last;
    if (before) {
        set->length -= before->length;
        free_bytes(before);
        wmem_map_remove(parts, &before->key);
    } else {
        set->distinct++;
    }
    wmem_map_insert(parts, &part->key, part);
    set->length += part->length;
    if (fragment->number == 1)
        set->first = fragment->first;
    if (fragment->last)
        set_total(set, part->number);
    if (fragment->kind != IKE_FRAGMENT_ENCRYPTED)
        store_bytes(part, fragment->bytes);
    return part;
}

static void record_copy(fragment_part *part, uint32_t frame)
{
    if (part->copy_count < IKE_MAX_FRAGMENT_COPIES)
        part->copies[part->copy_count++] = frame;
}

fragment_part *ike_fragment_record(const ike_packet *pkt, const ike_fragment *fragment,
                                   const fragment_set **latest, bool *again)
{
    unsigned length = tvb_captured_length(fragment->bytes);
    uint64_t hash =
        ike_keyed_hash(length ? tvb_get_ptr(fragment->bytes, 0, (int)length) : NULL, length);
    set_key key = key_of(pkt, fragment);
    fragment_set *set = find_set(&key, fragment, hash);

    if (!set)
        set = new_set(&key);
    fragment_part *part = ike_fragment_part(set, fragment->number);
    *again = is_same(part, fragment, hash) || (part && set->complete);
    if (*again)
        record_copy(part, pkt->pinfo->num);
    else
        part = add_part(pkt, set, fragment, hash);
    *latest = wmem_map_lookup(sets, &key);
    return part;
}

void ike_fragment_finish(fragment_part *part)
{
    free_bytes(part);
    part->set->complete = true;
    leave_queue(part->set);
}

void ike_fragment_sets_clear(void)
{
    oldest = newest = NULL;
    pending = 0;
    set_count = 0;
}

void ike_register_fragment_sets(void)
{
    sets = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
    totals = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
    parts = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), part_hash, g_int64_equal);
}
