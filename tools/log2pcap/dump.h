/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a message, collected from the rows of a hex dump. */
#ifndef LOG2PCAP_DUMP_H
#define LOG2PCAP_DUMP_H

#include <glib.h>

#include "decrypt/log/text.h"

/* What a reader makes of a line. A partial line is one that a terminal or a logger may have
 * wrapped: it comes again with the next line appended. A reader changes nothing when it returns
 * that. */
typedef enum {
    LOG_LINE_OTHER,
    LOG_LINE_USED,
    LOG_LINE_PARTIAL,
} log_line_use;

enum { LOG_DUMP_MAX = 65535 }; /* bytes: no UDP datagram is longer */

typedef struct {
    GByteArray *bytes;
    size_t expected; /* bytes; 0 when no dump is open */
    unsigned idle;   /* lines since the last row */
} log_dump;

void log_dump_init(log_dump *dump);
void log_dump_clear(log_dump *dump);

/* Takes up to `count` pairs of hex digits off the front, blanks between them or none, into `bytes`.
 * Returns the number of pairs. A single digit at the end of the text is left there. */
size_t log_take_pairs(ike_text *text, uint8_t *bytes, size_t count);

/* Begins a dump of `expected` bytes; none or too many close it. */
void log_dump_begin(log_dump *dump, uint64_t expected);

static inline bool log_dump_is_open(const log_dump *dump)
{
    return dump->expected > 0;
}

static inline bool log_dump_is_complete(const log_dump *dump)
{
    return dump->expected > 0 && dump->bytes->len == dump->expected;
}

/* A line that is no row. A dump with too many of them is closed: returns false when it is not open
 * any more. */
bool log_dump_pass(log_dump *dump);

/* Rows of charon: "  16: C8 81 …  ascii", the offset in decimal; anything may precede it. */
log_line_use log_dump_offset_row(log_dump *dump, ike_text line);

/* Rows of pluto: "|   49 08 e1 c6  c6 87 …   ascii", anything before the bar. */
log_line_use log_dump_bar_row(log_dump *dump, ike_text line);

/* Rows of 32 bytes in groups of four, "49087a01 c68704a3 …", at the end of the line; anything may
 * stand before them. */
log_line_use log_dump_group_row(log_dump *dump, ike_text line);

#endif
