/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hexdumps of daemon logs: rows of bytes, one or several to a group, with or without an offset
 * before and a column of characters behind them, collected until they are whole. */
#ifndef IKE_KEYLOG_DUMP_H
#define IKE_KEYLOG_DUMP_H

#include "decrypt/keylog/text.h"

#define IKE_DUMP_MAX 2048 /* bytes: more than the secret of an 8192 bit group */

typedef struct {
    uint8_t bytes[IKE_DUMP_MAX];
    size_t length;
    size_t expected; /* 0: not said by the log */
} ike_dump;

/* Begins a new dump and wipes the old one. false: `expected` is more than any secret has. */
bool ike_dump_begin(ike_dump *dump, size_t expected);

/* A row of bytes written one by one: "42 05 bb 8b  1f .. ..   ascii". With `offset` it begins with
 * the offset in decimal, "  16: ", which must be what has come so far. At most 16 bytes are taken;
 * three blanks, or the expected number of bytes, end them. false: not a row of this dump. */
bool ike_dump_row(ike_dump *dump, ike_text row, bool offset);

/* A row of groups of bytes at the end of a line: "anything: 929342dd b81a735b c0ff". Whatever
 * stands before the last run of groups is left alone. false: no group of `digits` hex digits there,
 * or more than expected. The last group of a row may be shorter. */
bool ike_dump_groups(ike_dump *dump, ike_text line, size_t digits);

/* The dump has as many bytes as it said (or any number, when it did not say). */
bool ike_dump_complete(const ike_dump *dump);

#endif
