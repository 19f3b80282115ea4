/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages as a capture: pcapng with raw IP packets. */
#ifndef LOG2PCAP_CAPTURE_H
#define LOG2PCAP_CAPTURE_H

#include "tools/log2pcap/messages.h"

enum {
    LOG_SECRETS_MAX = 8 * 1024 * 1024, /* bytes of a log in a Decryption Secrets Block */
    LOG_COMMENT_MAX = 480,             /* bytes of a log line in a comment */
};

/* Writes the messages that have bytes. `start`: time of the first one where the log has no times,
 * in microseconds since 1970. Non-empty `secrets` go into a Decryption Secrets Block before the
 * packets. Returns the number of packets. */
unsigned log_capture_write(GByteArray *out, const log_messages *messages, int64_t start,
                           ike_text secrets);

#endif
