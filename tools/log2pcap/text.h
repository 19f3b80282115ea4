/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of a line of a log. Nothing here allocates; a span lies in memory of its caller. */
#ifndef LOG2PCAP_TEXT_H
#define LOG2PCAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *at, *end;
} log_text;

/* What a reader makes of a line. A partial line is one that a terminal or a logger may have
 * wrapped: it comes again with the next line appended. A reader changes nothing when it returns
 * that. */
typedef enum {
    LOG_LINE_OTHER,
    LOG_LINE_USED,
    LOG_LINE_PARTIAL,
} log_line_use;

/* An IP address and a port. */
typedef struct {
    uint8_t address[16];
    uint8_t length; /* of the address in bytes: 4, 16, or 0 where the log does not name it */
    uint16_t port;  /* 0: not named */
} log_endpoint;

#define LOG_TEXT(literal) ((log_text){literal, literal + sizeof literal - 1})

static inline size_t log_text_length(log_text text)
{
    return (size_t)(text.end - text.at);
}

/* Whether `mark` is in the text; `rest` is then what stands behind its first occurrence. */
bool log_text_after(log_text text, const char *mark, log_text *rest);

/* The same for what stands before it. */
bool log_text_before(log_text text, const char *mark, log_text *front);

/* Takes `word` off the front of the text, where it stands there. */
bool log_text_skip(log_text *text, const char *word);

/* Takes blanks off both ends. */
log_text log_text_trimmed(log_text text);

/* Takes a decimal number off the front: at least one digit, at most `max`. */
bool log_text_number(log_text *text, uint64_t max, uint64_t *number);

/* Takes a hex number off the front, with or without 0x: 1 to 16 digits. */
bool log_text_hex(log_text *text, uint64_t *number);

/* The digit's value, or -1. */
int log_text_digit(char c);

/* Takes up to `count` pairs of hex digits off the front, blanks between them or none, into `bytes`.
 * Returns the number of pairs. A single digit at the end of the text is left there. */
size_t log_text_pairs(log_text *text, uint8_t *bytes, size_t count);

/* Whether nothing but blanks is left: what ends there may be cut. */
bool log_text_is_over(log_text text);

/* Takes an address and a port off the front: A[PORT], [A]:PORT, A:PORT, A port PORT or the address
 * alone; IPv6 addresses without brackets end with the last colon. An address that someone made
 * unreadable ("x.x.7.183") is taken off too and leaves length 0. */
bool log_text_endpoint(log_text *text, log_endpoint *endpoint);

#endif
