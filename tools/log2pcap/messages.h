/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages that a log speaks of, in its order. */
#ifndef LOG2PCAP_MESSAGES_H
#define LOG2PCAP_MESSAGES_H

#include <glib.h>

#include "tools/log2pcap/endpoint.h"

enum {
    LOG_NO_TIME = -1,
    LOG_RECENT = 256, /* messages that a later line can still belong to */
};

typedef struct {
    log_endpoint source, destination;
    bool sent; /* by the daemon of the log */
    bool tcp;
    uint32_t size;     /* bytes that the log says it has, without a non-ESP marker */
    int64_t time;      /* microseconds since 1970, LOG_NO_TIME */
    uint64_t line;     /* number of the line, from 1 */
    GByteArray *bytes; /* what was dumped of it, at most `size`; NULL: it is mentioned only */
    char *text;        /* the line */
} log_message;

typedef GPtrArray log_messages; /* of log_message; g_ptr_array_unref() frees them, too */

/* What a reader knows of a message when it adds it. */
typedef struct {
    log_endpoint local, peer;
    bool sent;
    bool tcp;
    uint32_t size;
} log_message_header;

log_messages *log_messages_new(void);

/* A message with the bytes that the log has of it, or NULL and 0. A non-ESP marker in front of the
 * bytes is taken off where the ISAKMP header's Length shows that it is one. */
log_message *log_messages_add(log_messages *messages, const log_message_header *header,
                              const uint8_t *bytes, size_t length);

void log_message_set_bytes(log_message *message, const uint8_t *bytes, size_t length);

/* The newest of the last LOG_RECENT messages that has the size and direction, is without bytes
 * or not; NULL where there is none. */
log_message *log_messages_find(const log_messages *messages, bool sent, uint32_t size,
                               bool has_bytes);

/* Uses the signed octets of AUTH (RFC 7296 2.15): at their front stands the IKE_SA_INIT message of
 * one side, whose bytes the log may not have elsewhere. `sent`: which of two of its size it is. */
void log_messages_use_signed(log_messages *messages, const GByteArray *octets, bool sent);

/* Whether one of the last LOG_RECENT messages has these bytes. */
bool log_messages_has(const log_messages *messages, const uint8_t *bytes, size_t length);

/* The Length of the ISAKMP header (RFC 7296 3.1, RFC 2408 3.1) at the front, where the bytes can be
 * one of IKE version 1 or 2; else 0. */
uint32_t log_isakmp_length(const uint8_t *bytes, size_t length);

#endif
