/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about the life of an IKE SA: resumption (RFC 5723), crash detection (RFC 6290),
 * client puzzles (RFC 8019). */
#include "dissector/ikev2/notify/session.h"

#include "dissector/base/items.h"
#include "dissector/base/value_strings.h"
#include "dissector/ikev2/notify/notify.h"
#include "proto/ike_numbers.h"

static int hf_ticket_lifetime = -1;
static int hf_ticket = -1;
static int hf_token = -1;
static int hf_puzzle_prf = -1;
static int hf_puzzle_difficulty = -1;

static void dissect_ticket_lifetime(ike_packet *pkt, tvbuff_t *data, proto_tree *tree,
                                    proto_item *item, uint16_t type _U_)
{
    static const ikev2_notify_part parts[] = {{&hf_ticket_lifetime, 4}, {&hf_ticket, 0}};

    ikev2_notify_show_parts(pkt, data, tree, item, parts, array_length(parts));
}

static void dissect_token(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                          uint16_t type _U_)
{
    ikev2_notify_expect(pkt, data, item, 16, 128);
    ike_add_rest(tree, hf_token, data, 0, ENC_NA);
}

static void dissect_puzzle(ike_packet *pkt, tvbuff_t *data, proto_tree *tree, proto_item *item,
                           uint16_t type _U_)
{
    static const ikev2_notify_part parts[] = {{&hf_puzzle_prf, 2}, {&hf_puzzle_difficulty, 1}};

    ikev2_notify_show_parts(pkt, data, tree, item, parts, array_length(parts));
}

static const ikev2_notify_row rows[] = {
    {IKEV2_NOTIFY_TICKET_LT_OPAQUE, NULL, dissect_ticket_lifetime},
    {IKEV2_NOTIFY_TICKET_OPAQUE, &hf_ticket, NULL},
    {IKEV2_NOTIFY_QUICK_CRASH_DETECTION, NULL, dissect_token},
    {IKEV2_NOTIFY_PUZZLE, NULL, dissect_puzzle},
};

void ikev2_register_notify_session(void)
{
    static hf_register_info hf[] = {
        {&hf_ticket_lifetime,
         {"TICKET OPAQUE Lifetime", "isakmp.notify.data.ticket_opaque.lifetime", FT_UINT32,
          BASE_DEC, NULL, 0, "Seconds until the ticket expires", HFILL}},
        {&hf_ticket,
         {"TICKET OPAQUE Data", "isakmp.notify.data.ticket_opaque.data", FT_BYTES, BASE_NONE, NULL,
          0, "The gateway's state, sealed for itself", HFILL}},
        {&hf_token,
         {"Token Secret Data", "isakmp.notify.data.qcd.token_secret_data", FT_BYTES, BASE_NONE,
          NULL, 0, "Proves that its maker lost the IKE SA", HFILL}},
        {&hf_puzzle_prf,
         {"Puzzle PRF", "isakmp.notify.data.puzzle.prf", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings_ikev2_prf_ext, 0, "PRF to solve the puzzle with", HFILL}},
        {&hf_puzzle_difficulty,
         {"Puzzle difficulty", "isakmp.notify.data.puzzle.difficulty", FT_UINT8, BASE_DEC, NULL, 0,
          "Zero bits that the results must end in; 0: as many as the initiator likes", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    ikev2_notify_add_rows(rows, array_length(rows));
}
