/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly of fragmented messages through Wireshark's, with keys of our own: the IKE SA, the
 * direction, the message and how many fragments it was cut into. A peer that finds its fragments
 * too large cuts the message anew into more of them (RFC 7383 2.5.2): another set. */
#include "fragment.h"

#include <epan/reassemble.h>

#include "session.h"

static int hf_fragments = -1;
static int hf_fragment = -1;
static int hf_overlap = -1;
static int hf_overlap_conflicts = -1;
static int hf_multiple_tails = -1;
static int hf_too_long = -1;
static int hf_error = -1;
static int hf_count = -1;
static int hf_reassembled_in = -1;
static int hf_reassembled_length = -1;
static int ett_fragments = -1;
static int ett_fragment = -1;
static expert_field ei_total = EI_INIT;

static const fragment_items items = {
    &ett_fragment,         &ett_fragments,         &hf_fragments, &hf_fragment,       &hf_overlap,
    &hf_overlap_conflicts, &hf_multiple_tails,     &hf_too_long,  &hf_error,          &hf_count,
    &hf_reassembled_in,    &hf_reassembled_length, NULL,          "Message fragments"};

/* Which set a fragment belongs to. */
typedef struct {
    uint64_t initiator_spi, responder_spi;
    uint32_t stream;
    uint32_t message_id;
    uint16_t total, id;
    uint8_t kind;
    bool from_initiator;
} set_key;

/* What is known of a set before it is whole. */
typedef struct {
    uint8_t first;
    uint16_t total;
} set_state;

static reassembly_table table;
static wmem_map_t *states; /* set_key without total -> set_state */

static unsigned key_hash(const void *pointer)
{
    const set_key *key = pointer;
    uint64_t hash = key->initiator_spi ^ (key->responder_spi * 31) ^
                    ((uint64_t)key->message_id << 16 | key->total) ^ ((uint64_t)key->id << 48) ^
                    ((uint64_t)key->kind << 1 | key->from_initiator) ^ ((uint64_t)key->stream << 8);

    return (unsigned)((hash * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static gboolean key_equal(const void *first, const void *second)
{
    return memcmp(first, second, sizeof(set_key)) == 0;
}

static void *key_copy(const packet_info *pinfo _U_, const uint32_t id _U_, const void *data)
{
    return g_memdup2(data, sizeof(set_key));
}

static void key_free(void *key)
{
    g_free(key);
}

static const reassembly_table_functions functions = {key_hash, key_equal, key_copy,
                                                     key_copy, key_free,  key_free};

static set_key key_of(const ike_packet *pkt, const ike_fragment *fragment)
{
    set_key key;
    const ike_sa *sa = pkt->note ? pkt->note->sa : NULL;

    memset(&key, 0, sizeof key); /* compared with its padding */
    key.initiator_spi = pkt->msg->initiator_spi;
    key.responder_spi = pkt->msg->responder_spi;
    key.stream = sa ? sa->stream : 0;
    key.message_id = pkt->msg->message_id;
    key.total = (uint16_t)fragment->total;
    key.id = (uint16_t)fragment->id;
    key.kind = (uint8_t)fragment->kind;
    key.from_initiator = sa ? ike_sa_from_initiator(sa, pkt->msg) : pkt->msg->initiator;
    return key;
}

/* On the first pass: remembers the first payload's type, which only fragment 1 tells, and says when
 * the message was cut anew. */
static void note_set(ike_packet *pkt, ike_fragment *fragment, const set_key *key)
{
    set_key any = *key;
    any.total = 0;
    set_state *state = wmem_map_lookup(states, &any);

    if (!state) {
        set_key *kept = wmem_new(wmem_file_scope(), set_key);
        *kept = any;
        state = wmem_new0(wmem_file_scope(), set_state);
        wmem_map_insert(states, kept, state);
    }
    if (fragment->number == 1)
        state->first = fragment->first;
    fragment->first = state->first;
    if (pkt->note) {
        pkt->note->inner_first = state->first;
        pkt->note->total_changed = state->total && state->total != fragment->total;
    }
    state->total = (uint16_t)fragment->total;
}

tvbuff_t *ike_reassemble(ike_packet *pkt, ike_fragment *fragment, proto_tree *tree)
{
    set_key key = key_of(pkt, fragment);
    unsigned length = tvb_captured_length(fragment->octets);

    if (tvb_reported_length(fragment->octets) > length)
        return NULL;
    if (pkt->first_pass)
        note_set(pkt, fragment, &key);
    else if (pkt->note)
        fragment->first = pkt->note->inner_first;
    if (pkt->note && pkt->note->total_changed && fragment->kind != IKE_FRAGMENT_CISCO)
        proto_tree_add_expert(tree, pkt->pinfo, &ei_total, fragment->octets, 0, -1);

    bool more = fragment->total ? fragment->number < fragment->total : !fragment->last;
    fragment_head *head = fragment_add_seq_check(&table, fragment->octets, 0, pkt->pinfo, 0, &key,
                                                 fragment->number - 1, length, more);
    if (fragment->total && !head && pkt->first_pass)
        fragment_set_tot_len(&table, pkt->pinfo, 0, &key, fragment->total - 1);
    return process_reassembled_data(fragment->octets, 0, pkt->pinfo, "Reassembled IKE", head,
                                    &items, NULL, tree);
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
        {&hf_overlap_conflicts,
         {"Message fragment overlapping with conflicting data", "isakmp.fragment.overlap.conflicts",
          FT_BOOLEAN, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_multiple_tails,
         {"Message has multiple tail fragments", "isakmp.fragment.multiple_tails", FT_BOOLEAN,
          BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_too_long,
         {"Message fragment too long", "isakmp.fragment.too_long_fragment", FT_BOOLEAN, BASE_NONE,
          NULL, 0, NULL, HFILL}},
        {&hf_error,
         {"Message defragmentation error", "isakmp.fragment.error", FT_FRAMENUM, BASE_NONE, NULL, 0,
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
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_isakmp), ei, array_length(ei));
    reassembly_table_register(&table, &functions);
    states = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), key_hash, key_equal);
}
