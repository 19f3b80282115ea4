/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a line of a file to the lines that a daemon wrote. On its way a message goes through
 * terminals, syslog, the journal, container runtimes and web pages, and each wraps it in its own
 * way. Here the wrapping is taken off:
 *
 *   - escape sequences of terminals, control characters, no-break spaces
 *   - HTML's &lt; &gt; &amp; &quot;
 *   - line breaks and tabs that syslog (#012, \012) or a quoting logger (\n) wrote out
 *   - JSON: journalctl -o json, json-pretty, json-sse and json-seq; Docker's json-file; structured
 *     loggers. The message is the value of MESSAGE, message, msg, log ...; where the record has the
 *     THREAD and GROUP of charon-systemd they go before it as "10[IKE] "
 *
 * Prefixes stay where they are: readers look for their marks anywhere in a line. */
#ifndef IKE_LOG_LINE_H
#define IKE_LOG_LINE_H

#include "decrypt/log/text.h"

enum { IKE_UNWRAP_DEPTH = 3 }; /* JSON in JSON */

/* Buffers for what a line is rewritten to, made when needed. All zero at first. */
typedef struct {
    char *buffer[IKE_UNWRAP_DEPTH];
    size_t size[IKE_UNWRAP_DEPTH];
    char *hex; /* a line with its literals as hex */
    size_t hex_size;
} ike_unwrapper;

typedef void ike_line_use(void *user, ike_text line);

/* What the lines of a text are for. */
typedef struct {
    ike_line_use *line; /* each line */
    ike_line_use *rest; /* what stands around the message in a record, if anyone asks for it */
    void *user;
} ike_line_user;

/* The characters of a line without their wrapping, a line break for each that was written out;
 * valid until the next call. A record of JSON stays as it is. */
ike_text ike_clean_line(ike_unwrapper *unwrapper, ike_text raw);

/* Uses each line in `raw`, which is not empty and has no newline and no NUL. */
void ike_unwrap_line(ike_unwrapper *unwrapper, ike_text raw, const ike_line_user *use);

/* Wipes and frees the buffers. */
void ike_unwrapper_clear(ike_unwrapper *unwrapper);

#endif
