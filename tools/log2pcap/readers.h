/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One reader per log form: a row in the table of convert.c and one file. */
#ifndef LOG2PCAP_READERS_H
#define LOG2PCAP_READERS_H

#include "tools/log2pcap/dump.h"
#include "tools/log2pcap/messages.h"

/* The log around a line. */
typedef struct {
    log_messages *messages;
    ike_text line;     /* what is read now, joined with what was wrapped */
    uint64_t number;   /* of the line, from 1 */
    bool is_whole;     /* nothing that follows is the rest of the line: what may be cut is taken */
    size_t repeatable; /* bytes: how much may be written again, see log_context_add_again() */
    int64_t time;      /* of the line or of the last one that had a time; LOG_NO_TIME */
} log_context;

/* Where a message was announced, for one that is added when its bytes are there. */
typedef struct {
    uint64_t line;
    int64_t time;
    char *text;
} log_origin;

/* A message whose bytes come in the lines behind its header. */
typedef struct {
    log_dump dump;
    log_origin origin;
    log_message_header header;
} log_pending;

/* The state of a reader is a struct that begins with a log_pending, and is zero otherwise. */
typedef struct {
    size_t state_bytes;
    /* Allocates what the state points to, frees it. NULL: nothing. */
    void (*open)(void *state);
    void (*close)(void *state);
    /* Looks at one line. */
    log_line_use (*line)(void *state, log_context *context);
    /* The log ends: messages that wait for more lines are added. NULL: none can. */
    void (*end)(void *state, log_context *context);
} log_reader;

extern const log_reader log_reader_charon, log_reader_pluto, log_reader_fortigate,
    log_reader_racoon, log_reader_isakmpd, log_reader_iked, log_reader_vpnc;

/* Begins a message of `size` bytes in the line that is read now. */
void log_pending_begin(log_pending *pending, const log_context *context,
                       const log_message_header *header, uint64_t size);

/* Adds what has come of a message that was begun, which is over then; NULL where none was begun, or
 * none of its bytes came yet. */
log_message *log_pending_add(log_pending *pending, log_context *context);

/* Adds a message whose bytes stand in the log only once: those of the newest one with the same size
 * and direction, while the budget lasts. Without them it is one that is mentioned. */
log_message *log_context_add_again(log_context *context, const log_message_header *header);

void log_origin_set(log_origin *origin, const log_context *context);
void log_origin_clear(log_origin *origin);

/* Adds a message of the line at `origin`. */
log_message *log_context_add_from(log_context *context, const log_origin *origin,
                                  const log_message_header *header, const uint8_t *bytes,
                                  size_t length);

/* Adds a copy of a message, of the line at `origin`, while the budget lasts; then one that is
 * mentioned. */
void log_context_repeat(log_context *context, const log_origin *origin, const log_message *before);

/* Adds a message of the line that is read now. */
log_message *log_context_add(log_context *context, const log_message_header *header,
                             const uint8_t *bytes, size_t length);

#endif
