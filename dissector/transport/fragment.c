/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly of fragmented messages (RFC 7383, MS-IKEE 2.2.3.1).
 *
 * Why not epan/reassemble.h: it keeps one fragment per number, the first to arrive, and knows a
 * message by addresses and one ID. Fragments of payload 132 are not authenticated, and senders give
 * all messages of an IKE SA the same fragment ID: a forged fragment, or one left from a message
 * with a hole, would take the place of a true one, and nothing could take it back. Here all
 * fragments are candidates, and the combination that decrypts is the message. SKF fragments that
 * cannot be decrypted are only linked, which epan cannot do without their bytes, and a message cut
 * again into more fragments (RFC 7383 2.5.2) is reassembled apart. The fields and the tree are
 * those of epan's reassembly.
 *
 * Combinations are searched for on the first pass; pkt->data leads later passes to the part. */
#include "dissector/transport/fragment.h"

#include "dissector/base/items.h"
#include "dissector/session/session.h"
#include "proto/network_order.h"

enum { MAX_NUMBER = 255, MAX_TRIALS = 128, MAX_CHECKED = 1 << 20 };

static int hf_fragments = -1;
static int hf_fragment = -1;
static int hf_overlap = -1;
static int hf_count = -1;
static int hf_reassembled_in = -1;
static int hf_reassembled_length = -1;
static int ett_fragments = -1;
static int ett_fragment = -1;
static expert_field ei_total = EI_INIT;
static expert_field ei_rejected = EI_INIT;
static expert_field ei_incomplete = EI_INIT;
static expert_field ei_abandoned = EI_INIT;

static GPtrArray *all_parts; /* pkt->data->fragment is 1 + the index */

/* ---- messages ------------------------------------------------------------------------------- */

/* Whether the part is that with which a message was complete that decrypts, or is in clear. */
static bool has_own_message(const fragment_part *part)
{
    return part->message && part->message->frame == part->frame &&
           part->message->found > IKE_FRAGMENT_UNKNOWN;
}

/* The message of `count` parts; with their bytes one after the other if they are all there. */
static fragment_message *new_message(const ike_packet *pkt, fragment_part *const *from,
                                     unsigned count, size_t length, bool with_bytes)
{
    fragment_message *message =
        wmem_alloc0(wmem_file_scope(), sizeof *message + count * sizeof(fragment_part *));

    message->frame = pkt->pinfo->num;
    message->place = pkt->msg->place;
    message->count = count;
    if (with_bytes) {
        message->bytes = wmem_alloc(wmem_file_scope(), length + 1);
        for (unsigned i = 0; i < count; i++) {
            memcpy(message->bytes + message->length, from[i]->bytes, from[i]->length);
            message->length += from[i]->length;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        message->parts[i] = from[i];
        if (!has_own_message(from[i]))
            from[i]->message = message;
    }
    return message;
}

/* The parts give up their bytes, and take part in no other message. */
static void finish_parts(fragment_message *message)
{
    for (unsigned i = 0; i < message->count; i++)
        ike_fragment_finish(message->parts[i]);
}

/* All fragments of an SKF set are there. */
static void complete_set(const ike_packet *pkt, fragment_set *set)
{
    fragment_part **all = wmem_alloc_array(pkt->pinfo->pool, fragment_part *, set->total);
    bool bytes = true;

    for (unsigned i = 0; i < set->total; i++) {
        all[i] = ike_fragment_part(set, i + 1);
        bytes = bytes && all[i]->bytes;
    }
    finish_parts(new_message(pkt, all, set->total, set->length, bytes));
}

/* A search for the combination of parts that `newest_part` completes. */
typedef struct {
    ike_packet *pkt;
    const ike_fragment *fragment;
    const fragment_part *newest_part;
    const fragment_set *latest; /* of the key */
    fragment_part *chosen[MAX_NUMBER];
    const fragment_set *sets[IKE_MAX_FRAGMENT_SETS]; /* of the key, in the order of the search */
    unsigned set_count, total, trials;
    size_t length;            /* of the chosen parts */
    size_t checked;           /* bytes, of all trials */
    bool complete;            /* the set of the new part is a message as far as can be told */
    ike_fragment_check least; /* that the combination has to come to */
    ike_fragment_check found; /* what the chosen parts come to */
} combination;

/* Whether the chosen parts are a message, of the length in its header, and that message. */
static bool make_bytes(combination *c, uint8_t **bytes)
{
    enum { LENGTH_AT = 24 };
    const uint8_t *header = c->chosen[0]->bytes;

    c->length = 0;
    for (unsigned i = 0; i < c->total; i++) {
        if (!c->chosen[i]->bytes)
            return false;
        c->length += c->chosen[i]->length;
    }
    if (c->chosen[0]->length < IKE_HEADER || ike_get_u32(header + LENGTH_AT) != c->length)
        return false;
    uint8_t *at = *bytes = wmem_alloc(c->pkt->pinfo->pool, c->length);
    for (unsigned i = 0; i < c->total; at += c->chosen[i++]->length)
        memcpy(at, c->chosen[i]->bytes, c->chosen[i]->length);
    return true;
}

static void check(combination *c)
{
    uint8_t *bytes;

    c->found = IKE_FRAGMENT_NO_MESSAGE;
    if (make_bytes(c, &bytes))
        c->found = c->fragment->check(c->pkt, (ike_span){bytes, c->length});
}

/* The newest first, but where nothing tells which part is true what came first counts. */
static void list_sets(combination *c)
{
    bool from_newest = c->least > IKE_FRAGMENT_IN_CLEAR;
    const fragment_set *set = c->latest;

    for (c->set_count = 0; set && c->set_count < IKE_MAX_FRAGMENT_SETS; set = set->previous)
        c->sets[c->set_count++] = set;
    for (unsigned i = 0; !from_newest && i < c->set_count / 2; i++) {
        set = c->sets[i];
        c->sets[i] = c->sets[c->set_count - 1 - i];
        c->sets[c->set_count - 1 - i] = set;
    }
}

/* Where nothing else tells, a message was sent in order; the parts of one that was found, and those
 * of one with a hole, belong to that alone. */
static bool is_in_order(const combination *c, const fragment_part *part, unsigned number)
{
    bool of_other = c->complete && part->set != c->newest_part->set && part->set->total;

    return !part->message && !of_other &&
           (number == 1 || c->chosen[number - 2]->frame <= part->frame);
}

/* Where nothing else tells, one that lacks but its last fragment had another, forged one; with
 * others of its message, the last is of the next one under the same fragment ID. */
static bool is_new_last(const combination *c)
{
    return !c->complete && c->newest_part->last && c->newest_part->set->distinct == 1;
}

static bool is_available(const combination *c, const fragment_part *part, unsigned number)
{
    return part && !part->set->complete && part->last == (number == c->total) &&
           (number != c->newest_part->number || part == c->newest_part) &&
           (c->least > IKE_FRAGMENT_IN_CLEAR || is_new_last(c) || is_in_order(c, part, number));
}

/* Checks what was chosen while the budget of a search lasts. */
static bool try_chosen(combination *c)
{
    if (c->checked > MAX_CHECKED)
        return false;
    check(c);
    if (c->found != IKE_FRAGMENT_NO_MESSAGE)
        c->checked += c->length;
    return c->found >= c->least;
}

/* Chooses a part for `number` and those after it, from all sets of the key; true if what was chosen
 * is a message. */
static bool choose(combination *c, unsigned number)
{
    if (number > c->total)
        return try_chosen(c);
    for (unsigned i = 0; i < c->set_count; i++) {
        fragment_part *part = ike_fragment_part(c->sets[i], number);
        if (!is_available(c, part, number))
            continue;
        if (++c->trials > MAX_TRIALS)
            return false;
        c->chosen[number - 1] = part;
        if (choose(c, number + 1))
            return true;
    }
    return false;
}

/* Other combinations than the set of the new part. */
static bool find_combination(combination *c)
{
    const fragment_set *set = c->latest;

    for (unsigned n = 0; set && n < IKE_MAX_FRAGMENT_SETS; n++, set = set->previous) {
        c->total = set->total;
        if (!set->complete && set->total >= c->newest_part->number && choose(c, 1))
            return true;
    }
    return false;
}

/* A combination that is right, else one that is plausible, else one that has the length in its
 * header, where `c` is not; `c` becomes it. */
static void find_better(combination *c)
{
    for (ike_fragment_check least = IKE_FRAGMENT_RIGHT;
         least >= IKE_FRAGMENT_UNKNOWN &&
         (least > c->found || (least == c->found && least <= IKE_FRAGMENT_IN_CLEAR));
         least--) {
        combination other = *c;

        other.least = least;
        other.trials = 0;
        list_sets(&other);
        if (find_combination(&other)) {
            *c = other;
            return;
        }
        c->checked = other.checked;
    }
}

/* Payload 132: the message that `part` completes, if any. In phase 1 of IKEv1 the parts stay: a
 * forged fragment in what HASH or SIG does not cover makes a message, too, and the true one
 * follows. */
static void complete_message(ike_packet *pkt, const ike_fragment *fragment, fragment_part *part,
                             const fragment_set *latest)
{
    combination c = {.pkt = pkt, .fragment = fragment, .newest_part = part, .latest = latest};
    fragment_set *set = part->set;
    bool phase1 = pkt->msg->major < 2 && !pkt->msg->message_id;

    c.total = set->total;
    if (set->total && set->distinct == set->total) {
        for (unsigned i = 0; i < set->total; i++)
            c.chosen[i] = ike_fragment_part(set, i + 1);
        check(&c);
        c.complete = c.found == IKE_FRAGMENT_UNKNOWN || c.found == IKE_FRAGMENT_IN_CLEAR;
        set->rejected = c.found == IKE_FRAGMENT_NO_MESSAGE || c.found == IKE_FRAGMENT_WRONG;
    }
    /* What is only plausible gives way to what is right. */
    if (c.found < IKE_FRAGMENT_VERIFIED && latest->previous)
        find_better(&c);
    if (c.found == IKE_FRAGMENT_NO_MESSAGE || (c.found == IKE_FRAGMENT_UNKNOWN && part->message))
        return;
    fragment_message *message = new_message(pkt, c.chosen, c.total, c.length, true);
    message->found = c.found;
    if (c.found == IKE_FRAGMENT_RIGHT || (c.found == IKE_FRAGMENT_UNKNOWN && !phase1 &&
                                          ike_keyring_stays_empty(ike_session_keyring())))
        finish_parts(message);
}

/* Copies of fragments whose message did not decrypt: what came between them may have its IV or its
 * keys. */
static bool may_decrypt_now(const ike_fragment *fragment, const fragment_part *part)
{
    return fragment->kind == IKE_FRAGMENT_CISCO && part->last && part->bytes && part->message &&
           part->message->found <= IKE_FRAGMENT_UNKNOWN &&
           part->copy_count < IKE_MAX_FRAGMENT_COPIES;
}

/* The first pass: records the fragment, and reassembles what it completes. */
static fragment_part *record_fragment(ike_packet *pkt, const ike_fragment *fragment)
{
    const fragment_set *latest;
    bool again;
    fragment_part *part = ike_fragment_record(pkt, fragment, &latest, &again);

    if (again && !may_decrypt_now(fragment, part))
        return part;
    if (fragment->kind == IKE_FRAGMENT_CISCO)
        complete_message(pkt, fragment, part, latest);
    else if (part->set->distinct == part->set->total)
        complete_set(pkt, part->set);
    ike_fragment_abandon_oldest();
    return part;
}

/* pkt->data has 1 + the index of the part, 0 for none. */
static const fragment_part *part_of_message(ike_packet *pkt, const ike_fragment *fragment)
{
    uint32_t *stored = &pkt->data->fragment;

    if (pkt->first_pass && !*stored) {
        g_ptr_array_add(all_parts, record_fragment(pkt, fragment));
        *stored = all_parts->len;
    }
    return *stored && *stored <= all_parts->len ? all_parts->pdata[*stored - 1] : NULL;
}

/* ---- items ---------------------------------------------------------------------------------- */

static void add_part_item(const fragment_message *message, const fragment_part *part,
                          unsigned offset, tvbuff_t *bytes, proto_tree *tree)
{
    proto_item *item;

    if (message->bytes)
        item = proto_tree_add_uint_format(tree, hf_fragment, bytes, 0, 0, part->frame,
                                          "Frame: %u, fragment: %u, payload: %u-%u (%u bytes)",
                                          part->frame, part->number, offset,
                                          offset + part->length - 1, part->length);
    else
        item = proto_tree_add_uint_format(tree, hf_fragment, bytes, 0, 0, part->frame,
                                          "Frame: %u, fragment: %u", part->frame, part->number);
    proto_item_set_generated(item);
    for (unsigned i = 0; i < part->copy_count; i++) {
        item = proto_tree_add_uint_format(tree, hf_fragment, bytes, 0, 0, part->copies[i],
                                          "Frame: %u, fragment: %u, again", part->copies[i],
                                          part->number);
        proto_item_set_generated(item);
        proto_item_set_generated(proto_tree_add_boolean(proto_item_add_subtree(item, ett_fragment),
                                                        hf_overlap, bytes, 0, 0, TRUE));
    }
}

/* The list of fragments, in the frame that has the last of them. */
static void add_list(const fragment_message *message, tvbuff_t *bytes, proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, hf_fragments, bytes, 0, -1, ENC_NA);
    proto_tree *sub = proto_item_add_subtree(item, ett_fragments);
    unsigned offset = 0;

    proto_item_set_generated(item);
    proto_item_set_text(item, "%u Message fragments", message->count);
    if (message->bytes)
        proto_item_append_text(item, " (%u bytes)", message->length);
    for (unsigned i = 0; i < message->count; i++) {
        const fragment_part *part = message->parts[i];
        add_part_item(message, part, offset, bytes, sub);
        offset += part->length;
        proto_item_append_text(item, "%s#%u(%u)", i ? ", " : ": ", part->frame, part->length);
    }
    ike_add_generated_uint(sub, hf_count, bytes, message->count);
    if (message->bytes)
        ike_add_generated_uint(sub, hf_reassembled_length, bytes, message->length);
}

/* What is wrong with the set; that it is never complete is known after the first pass. */
static void add_problems(ike_packet *pkt, const fragment_part *part, tvbuff_t *bytes,
                         proto_tree *tree)
{
    const fragment_set *set = part->set;

    if (set->total_changed)
        proto_tree_add_expert(tree, pkt->pinfo, &ei_total, bytes, 0, -1);
    if (set->rejected && !part->message) {
        proto_tree_add_expert(tree, pkt->pinfo, &ei_rejected, bytes, 0, -1);
        return;
    }
    if (pkt->first_pass || part->message) {
        if (set->abandoned)
            proto_tree_add_expert(tree, pkt->pinfo, &ei_abandoned, bytes, 0, -1);
        return;
    }
    if (set->complete)
        return;
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
    const fragment_part *part = part_of_message(pkt, fragment);
    if (!part)
        return NULL;
    const fragment_message *message = part->message;
    fragment->first = part->set->first;
    add_problems(pkt, part, bytes, tree);
    if (!message)
        return NULL;
    if (message->frame != pkt->pinfo->num || message->place != pkt->msg->place) {
        ike_add_generated_uint(tree, hf_reassembled_in, bytes, message->frame);
        return NULL;
    }
    add_list(message, bytes, tree);
    if (!message->bytes)
        return NULL;
    tvbuff_t *reassembled =
        tvb_new_child_real_data(pkt->tvb, message->bytes, message->length, (int)message->length);
    add_new_data_source(pkt->pinfo, reassembled, "Reassembled IKE");
    return reassembled;
}

static void free_all(void)
{
    ike_fragment_sets_clear();
    g_clear_pointer(&all_parts, g_ptr_array_unref);
}

static void begin(void)
{
    free_all();
    all_parts = g_ptr_array_new();
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
          "The message was sent in a different number of fragments before", EXPFILL}},
        {&ei_rejected,
         {"isakmp.frag.length", PI_REASSEMBLE, PI_WARN, "Fragments do not form an IKE message",
          EXPFILL}},
        {&ei_incomplete,
         {"isakmp.fragments.incomplete", PI_REASSEMBLE, PI_WARN,
          "Not all fragments of the message are in the capture", EXPFILL}},
        {&ei_abandoned,
         {"isakmp.fragments.given_up", PI_REASSEMBLE, PI_WARN,
          "Not reassembled: too many incomplete messages", EXPFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    ike_register_fragment_sets();
    register_init_routine(begin);
    register_cleanup_routine(free_all);
}
