/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log of an IKE daemon that prints every message as hex becomes a capture. */
#ifndef LOG2PCAP_CONVERT_H
#define LOG2PCAP_CONVERT_H

#include <glib.h>

#include "tools/log2pcap/endpoint.h"

typedef struct {
    const char *refused; /* why this is no log; NULL: it may be one */
    unsigned packets;    /* written */
    unsigned undumped;   /* messages that the log mentions without their bytes */
    unsigned truncated;  /* messages whose end the log lacks */
    uint64_t lines;
    bool has_times;
    bool has_secrets; /* the log is in the capture as its key log */
} log_conversion;

/* Appends a capture (pcapng) of what the log holds to `out`; nothing when it holds no message.
 * `end`: when the log was last written, in seconds since 1970, for times without a year or a date.
 * `with_secrets`: the log goes into a Decryption Secrets Block of the capture. */
log_conversion log_convert(ike_text log, int64_t end, bool with_secrets, GByteArray *out);

#endif
