/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payloads of extensions that have one field: Generic Secure Password Method (RFC 6467) and Puzzle
 * Solution (RFC 8019). */
#include "dissector/ikev2/payloads.h"

#include "dissector/base/items.h"

enum { PUZZLE_KEYS = 4 };

static int hf_gspm = -1;
static int hf_puzzle = -1;
static int hf_puzzle_key = -1;

void ikev2_dissect_gspm(ike_packet *pkt _U_, tvbuff_t *body, proto_tree *tree, proto_item *item _U_,
                        uint8_t type _U_)
{
    ike_add_rest(tree, hf_gspm, body, 0, ENC_NA);
}

/* Four keys of one length solve the puzzle (RFC 8019 7.1.2). */
void ikev2_dissect_puzzle(ike_packet *pkt _U_, tvbuff_t *body, proto_tree *tree,
                          proto_item *item _U_, uint8_t type _U_)
{
    unsigned length = tvb_reported_length(body);

    ike_add_hidden_data(tree, body);
    ike_add_rest(tree, hf_puzzle, body, 0, ENC_NA);
    if (!length || length % PUZZLE_KEYS)
        return;
    for (unsigned i = 0; i < PUZZLE_KEYS; i++)
        proto_tree_add_item(tree, hf_puzzle_key, body, i * (length / PUZZLE_KEYS),
                            length / PUZZLE_KEYS, ENC_NA);
}

void ikev2_register_extension(void)
{
    static hf_register_info hf[] = {
        {&hf_gspm,
         {"GSPM", "isakmp.gspm.data", FT_BYTES, BASE_NONE, NULL, 0,
          "Generic Secure Password Method", HFILL}},
        {&hf_puzzle,
         {"Puzzle Solution Data", "isakmp.puzzle.solution", FT_BYTES, BASE_NONE, NULL, 0,
          "Keys that solve the client puzzle (RFC 8019)", HFILL}},
        {&hf_puzzle_key,
         {"Puzzle solution key", "isakmp.puzzle.solution.key", FT_BYTES, BASE_NONE, NULL, 0,
          "With it the PRF of the cookie ends in as many zero bits as asked for", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
}
