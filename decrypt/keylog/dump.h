/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hexdumps of daemon logs: rows of bytes, one or several to a group, with or without an offset
 * before and a column of characters behind them, behind any prefix, collected until they are
 * complete. */
#ifndef IKE_KEYLOG_DUMP_H
#define IKE_KEYLOG_DUMP_H

#include "decrypt/log/text.h"

#define IKE_DUMP_MAX 2048 /* bytes: more than the secret of an 8192 bit group */

enum { IKE_DUMP_TAIL_MAX = 64 };

typedef struct {
    uint8_t bytes[IKE_DUMP_MAX];
    size_t length;
    size_t expected;              /* 0: the log does not say */
    char tail[IKE_DUMP_TAIL_MAX]; /* a row that ended before its time: broken by a terminal */
    size_t tail_length;
    char prefix_group[8]; /* a word before the name of the dump that looks like a group of its rows
                           */
    bool has_prefix_group;
    unsigned skipped; /* lines of others since the last row */
} ike_dump;

/* Begins a new dump and wipes the old one. false: `expected` is more than any secret has. */
bool ike_dump_begin(ike_dump *dump, size_t expected);

/* Sets what stood before the name of the dump in its line, so that a word there that stands before
 * the rows, too, is not taken for a part of them. Call it after ike_dump_begin(). */
void ike_dump_set_prefix(ike_dump *dump, ike_text before);

/* A line that is no row. Logs of several programs interleave: true for the first few of them, false
 * when the dump is to be given up. */
bool ike_dump_skip_line(ike_dump *dump);

/* A row that begins, somewhere in the line, with the offset in decimal ("  16: 42 05 BB 8B .. ..")
 * or, of 8 digits, in hex ("00000010  42 05 bb 8b .."), which must be the number of bytes that have
 * come. A dump of known length takes 16 bytes or what is missing; less is kept back for a next line
 * that begins with the rest. false: no row of this dump. */
bool ike_dump_offset_row(ike_dump *dump, ike_text line);

/* Other programs' rows, with an offset in hex of 4 or 8 digits and pairs or groups of them:
 * "0010: 12 34 56  .4V", "0010 - 12 34-56", "00000010: 1234 5678". */
bool ike_dump_hex_offset_row(ike_dump *dump, ike_text line);

/* A line that ends with the offset alone, behind the last row of "hexdump -C" or "od". */
bool ike_dump_is_end(const ike_dump *dump, ike_text line);

/* A row of bytes one by one, in groups with two blanks between: "42 05 bb 8b  1f .. ..   ascii". At
 * most 16 are taken; three blanks, or the expected number, end them. Of a row whose characters
 * follow without three blanks the bytes are recognized by those characters. false: no row. */
bool ike_dump_byte_row(ike_dump *dump, ike_text row);

/* A row at the end of a line, behind any prefix: one value of at least 16 digits, perhaps with 0x, or
 * pairs, of which a dump begins with at least 6. Empty: there is none. */
ike_text ike_dump_value_at_end(const ike_dump *dump, ike_text line);

/* The same behind a "|", which may be any in the line. */
bool ike_dump_bar_row(ike_dump *dump, ike_text line);

/* A row of groups of four bytes at the end of a line: "anything: 929342dd b81a735b c0ff". Whatever
 * stands before the last run of groups is left alone. false: no group of 8 hex digits there,
 * or more than expected. The last group of a row may be shorter; a dump does not begin with such a
 * group alone. A row has 32 bytes at most. */
bool ike_dump_group_row(ike_dump *dump, ike_text line);

/* The dump has as many bytes as it said (or any number, when it did not say). */
bool ike_dump_complete(const ike_dump *dump);

#endif
