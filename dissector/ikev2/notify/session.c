/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify data about the life of an IKE SA: resumption (RFC 5723), crash detection (RFC 6290),
 * client puzzles (RFC 8019). */
#include "dissector/ikev2/notify/families.h"

#include "dissector/base/value_strings.h"
#include "dissector/ikev2/notify/notify.h"

static int hf_ticket_lifetime = -1;
static int hf_ticket = -1;
static int hf_token = -1;
static int hf_puzzle_prf = -1;
static int hf_puzzle_difficulty = -1;

static const ike_value_row rows[] = {
    {IKEV2_NOTIFY_TICKET_LT_OPAQUE, .fields = {&hf_ticket_lifetime, &hf_ticket}},
    {IKEV2_NOTIFY_TICKET_OPAQUE, .fields = {&hf_ticket}},
    {IKEV2_NOTIFY_QUICK_CRASH_DETECTION, .fields = {&hf_token}, .least = 16, .most = 128},
    {IKEV2_NOTIFY_PUZZLE, .fields = {&hf_puzzle_prf, &hf_puzzle_difficulty}},
};

void ikev2_register_notify_session(void)
{
    static hf_register_info hf[] = {
        {&hf_ticket_lifetime,
         {"TICKET OPAQUE Lifetime", "isakmp.notify.data.ticket_opaque.lifetime", FT_UINT32,
          BASE_DEC, NULL, 0, "Seconds until the ticket expires", HFILL}},
        {&hf_ticket,
         {"TICKET OPAQUE Data", "isakmp.notify.data.ticket_opaque.data", FT_BYTES, BASE_NONE, NULL,
          0, "State of the gateway, encrypted by and for itself", HFILL}},
        {&hf_token,
         {"Token Secret Data", "isakmp.notify.data.qcd.token_secret_data", FT_BYTES, BASE_NONE,
          NULL, 0, "Proves that its maker lost the IKE SA", HFILL}},
        {&hf_puzzle_prf,
         {"Puzzle PRF", "isakmp.notify.data.puzzle.prf", FT_UINT16, BASE_DEC | BASE_EXT_STRING,
          &ike_strings[IKE_REG_IKEV2_PRF], 0, "PRF to solve the puzzle with", HFILL}},
        {&hf_puzzle_difficulty,
         {"Puzzle difficulty", "isakmp.notify.data.puzzle.difficulty", FT_UINT8, BASE_DEC, NULL, 0,
          "Zero bits that the results must end in; 0: as many as the initiator likes", HFILL}},
    };

    proto_register_field_array(proto_isakmp, hf, array_length(hf));
    ikev2_notify_add_rows(rows, array_length(rows));
}
