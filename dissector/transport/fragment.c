/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly of fragmented messages. A set is what belongs together: one IKE SA, direction,
 * message, and number of fragments it was cut into; a peer that finds its fragments too large cuts
 * the message anew into more of them (RFC 7383 2.5.2), which is another set. Sets are made on the
 * first pass; a message's note leads later passes to its set.
 *
 * Bytes are kept until their set is whole, and only so many: sets that never become whole give
 * theirs up, the oldest first. */
#include "dissector/transport/fragment.h"

#include "dissector/session/session.h"

enum { MAX_PENDING = 64 << 20, MAX_SETS_SEARCHED = 8 };

static int hf_fragments = -1;
static int hf_fragment = -1;
static int hf_overlap = -1;
static int hf_count = -1;
static int hf_reassembled_in = -1;
static int hf_reassembled_length = -1;
static int ett_fragments = -1;
static int ett_fragment = -1;
static expert_field ei_total = EI_INIT;
static expert_field ei_incomplete = EI_INIT;
static expert_field ei_abandoned = EI_INIT;

/* Whose fragments. */
typedef struct {
    uint64_t initiator_spi, responder_spi;
    uint32_t stream;
    uint32_t message_id;
    uint16_t id;
    uint8_t kind;
    bool forth; /* one of the two directions */
} set_key;

/* One fragment. */
typedef struct {
    uint8_t *bytes; /* until the set is whole */
    uint32_t frame;
    uint32_t length;
    uint32_t digest;
    uint16_t number;
    bool again; /* the same had come before */
} fragment_part;

typedef struct ike_fragment_set ike_fragment_set;

struct ike_fragment_set {
    ike_fragment_set *previous;      /* of the same key: cut otherwise, or another message */
    ike_fragment_set *older, *newer; /* among those that hold bytes */
    fragment_part *parts;            /* by number, then in the order they came */
    unsigned count, room;            /* of parts */
    unsigned distinct;
    uint16_t total; /* 0: not known yet */
    uint8_t first;  /* type of the first payload inside: fragment 1 tells */
    bool total_changed;
    bool abandoned;
    uint32_t number;   /* among all sets, from 0 */
    uint32_t whole_in; /* frame; 0 until whole */
    uint16_t whole_at; /* which message of that frame */
    uint8_t *whole;    /* NULL when sealed */
    unsigned whole_length;
};

static wmem_map_t *sets;    /* set_key -> the newest set */
static GPtrArray *all_sets; /* by number */
static ike_fragment_set *oldest, *newest;
static size_t pending; /* bytes held */

static unsigned key_hash(const void *pointer)
{
    const set_key *key = pointer;
    uint64_t hash = key->initiator_spi ^ (key->responder_spi * 31) ^
                    ((uint64_t)key->message_id << 16) ^ ((uint64_t)key->id << 48) ^
                    ((uint64_t)key->kind << 1 | key->forth) ^ ((uint64_t)key->stream << 8);

    return (unsigned)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static gboolean key_equal(const void *first, const void *second)
{
    return memcmp(first, second, sizeof(set_key)) == 0;
}

/* In IKEv1 addresses tell the directions apart, as who began may turn out later. */
static bool goes_forth(const ike_message *msg)
{
    const ike_endpoint *from = &msg->source, *to = &msg->destination;
    int order = memcmp(from->bytes, to->bytes, sizeof from->bytes);

    if (msg->major >= 2)
        return msg->initiator;
    return order < 0 || (order == 0 && from->port < to->port);
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
    key.forth = goes_forth(pkt->msg);
    return key;
}

static uint32_t digest_of(tvbuff_t *bytes)
{
    unsigned length = tvb_captured_length(bytes);
    uint64_t hash = ike_hash_bytes(length ? tvb_get_ptr(bytes, 0, (int)length) : NULL, length);

    return (uint32_t)(hash ^ hash >> 32);
}

/* The place of a fragment among the parts: of the first with its number, or where that would be. */
static unsigned place_of(const ike_fragment_set *set, unsigned number)
{
    unsigned low = 0, high = set->count;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (set->parts[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const fragment_part *part_of(const ike_fragment_set *set, unsigned number)
{
    unsigned place = place_of(set, number);

    return place < set->count && set->parts[place].number == number ? &set->parts[place] : NULL;
}

/* Senders give each message the same ID, so that fragments which one left behind meet those of the
 * next. Its first fragment has the header, with the length that all must come to. */
static bool is_of_another(const ike_fragment_set *set, const ike_fragment *fragment)
{
    enum { LENGTH_AT = 24, IKE_HEADER = 28 };
    unsigned length = tvb_captured_length(fragment->bytes);

    if (fragment->kind != IKE_FRAGMENT_CISCO || fragment->number != 1 || !set->count ||
        length < IKE_HEADER)
        return false;
    for (unsigned i = 0; i < set->count; i++)
        length += set->parts[i].again ? 0 : set->parts[i].length;
    uint32_t told = tvb_get_ntohl(fragment->bytes, LENGTH_AT);
    return set->distinct + 1 == set->total ? length != told : length >= told;
}

/* Whether the fragment can belong to the set: cut into as many, and no other bytes in its place.
 */
static bool fits(const ike_fragment_set *set, const ike_fragment *fragment, uint32_t digest)
{
    const fragment_part *same = part_of(set, fragment->number);

    if (fragment->total && set->total != fragment->total)
        return false;
    if (same && (same->digest != digest || same->length != tvb_captured_length(fragment->bytes)))
        return false;
    if (!same && is_of_another(set, fragment))
        return false;
    /* Of unknown total: nothing comes after the last, and it is the end. */
    return fragment->total || !set->total ||
           (fragment->number <= set->total && (!fragment->last || fragment->number == set->total));
}

static ike_fragment_set *find_set(const ike_packet *pkt, const ike_fragment *fragment,
                                  uint32_t digest)
{
    set_key key = key_of(pkt, fragment);
    ike_fragment_set *latest = wmem_map_lookup(sets, &key), *set = latest;

    for (unsigned n = 0; set && n < MAX_SETS_SEARCHED; n++, set = set->previous)
        if (fits(set, fragment, digest))
            return set;
    set = wmem_new0(wmem_file_scope(), ike_fragment_set);
    set->previous = latest;
    set->number = all_sets->len;
    g_ptr_array_add(all_sets, set);
    set->total = (uint16_t)fragment->total;
    set->total_changed = fragment->total && latest && latest->total != fragment->total;
    wmem_map_insert(sets, latest ? &key : wmem_memdup(wmem_file_scope(), &key, sizeof key), set);
    return set;
}

static void leave_queue(ike_fragment_set *set)
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

static void free_bytes(ike_fragment_set *set)
{
    for (unsigned i = 0; i < set->count; i++) {
        if (set->parts[i].bytes)
            pending -= set->parts[i].length;
        wmem_free(wmem_file_scope(), set->parts[i].bytes);
        set->parts[i].bytes = NULL;
    }
    leave_queue(set);
}

static uint8_t *store_bytes(ike_fragment_set *set, tvbuff_t *bytes)
{
    unsigned length = tvb_captured_length(bytes);

    if (set->abandoned || !length)
        return NULL;
    if (oldest != set && !set->older) {
        set->older = newest;
        if (newest)
            newest->newer = set;
        else
            oldest = set;
        newest = set;
    }
    pending += length;
    return tvb_memdup(wmem_file_scope(), bytes, 0, length);
}

static void give_up_oldest(void)
{
    while (pending > MAX_PENDING && oldest) {
        oldest->abandoned = true;
        free_bytes(oldest);
    }
}

/* Puts a fragment among the parts. */
static void add_part(const ike_packet *pkt, ike_fragment_set *set, const ike_fragment *fragment,
                     uint32_t digest)
{
    unsigned place = place_of(set, fragment->number);
    bool again = part_of(set, fragment->number) != NULL;

    while (place < set->count && set->parts[place].number == fragment->number)
        place++;
    if (set->count == set->room) {
        set->room = set->room ? set->room * 2 : 4;
        set->parts = wmem_realloc(wmem_file_scope(), set->parts, set->room * sizeof(fragment_part));
    }
    memmove(set->parts + place + 1, set->parts + place,
            (set->count - place) * sizeof(fragment_part));
    set->count++;
    set->parts[place] = (fragment_part){
        .frame = pkt->pinfo->num,
        .length = tvb_captured_length(fragment->bytes),
        .digest = digest,
        .number = (uint16_t)fragment->number,
        .again = again,
    };
    if (again)
        return;
    set->distinct++;
    if (fragment->number == 1)
        set->first = fragment->first;
    if (!fragment->total && fragment->last)
        set->total = (uint16_t)fragment->number;
    if (fragment->kind != IKE_FRAGMENT_ENCRYPTED && !set->whole_in)
        set->parts[place].bytes = store_bytes(set, fragment->bytes);
}

/* All fragments are there: in this message. */
static void complete(ike_fragment_set *set, const ike_packet *pkt, bool encrypted)
{
    size_t length = 0;

    set->whole_in = pkt->pinfo->num;
    set->whole_at = pkt->msg->place;
    if (encrypted || set->abandoned)
        return;
    for (unsigned i = 0; i < set->count; i++)
        length += set->parts[i].bytes ? set->parts[i].length : 0;
    set->whole = wmem_alloc(wmem_file_scope(), length + 1);
    set->whole_length = 0;
    for (unsigned i = 0; i < set->count; i++) {
        const fragment_part *part = &set->parts[i];
        if (!part->bytes)
            continue;
        memcpy(set->whole + set->whole_length, part->bytes, part->length);
        set->whole_length += part->length;
    }
    free_bytes(set);
}

/* The first pass: takes the fragment in. */
static ike_fragment_set *take_in(ike_packet *pkt, const ike_fragment *fragment)
{
    uint32_t digest = digest_of(fragment->bytes);
    ike_fragment_set *set = find_set(pkt, fragment, digest);

    add_part(pkt, set, fragment, digest);
    if (!set->whole_in && set->total && set->distinct == set->total) {
        complete(set, pkt, fragment->kind == IKE_FRAGMENT_ENCRYPTED);
    }
    give_up_oldest();
    return set;
}

static bool completes(const ike_packet *pkt, const ike_fragment_set *set)
{
    return set->whole_in == pkt->pinfo->num && set->whole_at == pkt->msg->place;
}

/* The set that the message is one of: pkt->data has 1 + its number, 0 for none. */
static ike_fragment_set *set_of(const ike_packet *pkt)
{
    uint32_t stored = pkt->data->fragment_set;

    return stored && stored <= all_sets->len ? all_sets->pdata[stored - 1] : NULL;
}

/* The list of fragments, in the frame that has the last of them. */
static void show_list(const ike_fragment_set *set, tvbuff_t *bytes, proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, hf_fragments, bytes, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_fragments);
    unsigned offset = 0;

    proto_item_set_generated(item);
    proto_item_set_text(item, "%u Message fragments", set->distinct);
    if (set->whole)
        proto_item_append_text(item, " (%u bytes)", set->whole_length);
    for (unsigned i = 0; i < set->count; i++) {
        const fragment_part *part = &set->parts[i];
        proto_item *one = proto_tree_add_uint_format(
            sub, hf_fragment, bytes, 0, 0, part->frame,
            set->whole && !part->again ? "Frame: %u, fragment: %u, payload: %u-%u (%u bytes)"
            : part->again              ? "Frame: %u, fragment: %u, again"
                                       : "Frame: %u, fragment: %u",
            part->frame, part->number, offset, offset + part->length - 1, part->length);
        proto_item_set_generated(one);
        if (part->again) {
            proto_item_set_generated(proto_tree_add_boolean(
                proto_item_add_subtree(one, ett_fragment), hf_overlap, bytes, 0, 0, TRUE));
            continue;
        }
        offset += part->length;
        proto_item_append_text(item, "%s#%u(%u)", i ? ", " : ": ", part->frame, part->length);
    }
    proto_item_set_generated(proto_tree_add_uint(sub, hf_count, bytes, 0, 0, set->distinct));
    if (set->whole)
        proto_item_set_generated(
            proto_tree_add_uint(sub, hf_reassembled_length, bytes, 0, 0, set->whole_length));
}

/* What is wrong with the set; that it never becomes whole is known when all has been read once. */
static void show_trouble(ike_packet *pkt, const ike_fragment_set *set, tvbuff_t *bytes,
                         proto_tree *tree)
{
    if (set->total_changed)
        proto_tree_add_expert(tree, pkt->pinfo, &ei_total, bytes, 0, -1);
    if (pkt->first_pass || set->whole_in) {
        if (set->abandoned)
            proto_tree_add_expert(tree, pkt->pinfo, &ei_abandoned, bytes, 0, -1);
        return;
    }
    if (set->total)
        proto_tree_add_expert_format(tree, pkt->pinfo, &ei_incomplete, bytes, 0, -1,
                                     "Never complete: %u of %u fragments are in the capture",
                                     set->distinct, set->total);
    else
        proto_tree_add_expert_format(
            tree, pkt->pinfo, &ei_incomplete, bytes, 0, -1,
            "Never complete: %u fragments are in the capture, but not the last", set->distinct);
}

tvbuff_t *ike_reassemble(ike_packet *pkt, ike_fragment *fragment, proto_tree *tree)
{
    tvbuff_t *bytes = fragment->bytes;

    if (!pkt->data || !fragment->number || tvb_reported_length(bytes) > tvb_captured_length(bytes))
        return NULL;
    if (pkt->first_pass && !pkt->data->fragment_set)
        pkt->data->fragment_set = 1 + take_in(pkt, fragment)->number;
    const ike_fragment_set *set = set_of(pkt);
    if (!set)
        return NULL;
    fragment->first = set->first;
    show_trouble(pkt, set, bytes, tree);
    if (!completes(pkt, set)) {
        if (set->whole_in)
            proto_item_set_generated(
                proto_tree_add_uint(tree, hf_reassembled_in, bytes, 0, 0, set->whole_in));
        return NULL;
    }
    show_list(set, bytes, tree);
    if (!set->whole)
        return NULL;
    tvbuff_t *whole =
        tvb_new_child_real_data(pkt->tvb, set->whole, set->whole_length, (int)set->whole_length);
    add_new_data_source(pkt->pinfo, whole, "Reassembled IKE");
    return whole;
}

static void free_all(void)
{
    oldest = newest = NULL;
    pending = 0;
    g_clear_pointer(&all_sets, g_ptr_array_unref);
}

static void begin(void)
{
    free_all();
    all_sets = g_ptr_array_new();
}

void ike_register_fragment(void)
{
    static hf_register_info hf[] = {
        {&hf_fragments,
         {"Message fragments", "isakmp.fragments", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_fragment,
         {"Message fragment", "isakmp.fragment", FT_FRAMENUM, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_overlap,
         {"Message fragment overlap", "isakmp.fragment.overlap", FT_BOOLEAN, BASE_NONE, NULL, 0,
          NULL, HFILL}},
        {&hf_count,
         {"Message fragment count", "isakmp.fragment.count", FT_UINT32, BASE_DEC, NULL, 0, NULL,
          HFILL}},
        {&hf_reassembled_in,
         {"Reassembled in", "isakmp.reassembled.in", FT_FRAMENUM, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_reassembled_length,
         {"Reassembled ISAKMP length", "isakmp.reassembled.length", FT_UINT32, BASE_DEC, NULL, 0,
          NULL, HFILL}},
    };
    static int *ett[] = {&ett_fragments, &ett_fragment};
    static ei_register_info ei[] = {
        {&ei_total,
         {"isakmp.frag.total.changed", PI_SEQUENCE, PI_NOTE,
          "The message was cut into another number of fragments before", EXPFILL}},
        {&ei_incomplete,
         {"isakmp.fragments.incomplete", PI_REASSEMBLE, PI_WARN,
          "The fragments of the message are not all in the capture", EXPFILL}},
        {&ei_abandoned,
         {"isakmp.fragments.given_up", PI_REASSEMBLE, PI_WARN,
          "Not reassembled: too many messages of which fragments are missing", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    sets = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
    register_init_routine(begin);
    register_cleanup_routine(free_all);
}
