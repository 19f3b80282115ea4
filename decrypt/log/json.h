/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log message in a line of JSON, or of logfmt (msg="..."). No parser: a line may hold a whole
 * record, one member of it, or a record behind a prefix, and none of it needs to be well formed. */
#ifndef IKE_LOG_JSON_H
#define IKE_LOG_JSON_H

#include "decrypt/log/text.h"

enum { IKE_JSON_TAG_MAX = 32 };

typedef struct {
    ike_text value;         /* between the quotes, escapes and all; or of an array of bytes */
    bool is_array;          /* [115, 104, ...], as journalctl writes what is no UTF-8 */
    ike_text thread, group; /* of charon-systemd; empty when there are none */
} ike_json_message;

/* false: the line has no member that is a message. */
bool ike_json_find_message(ike_text line, ike_json_message *message);

/* Writes the message, unescaped, with "THREAD[GROUP] " before it where they are known. `out` has
 * the length of the line and IKE_JSON_TAG_MAX more bytes. Returns the end of what was written. */
char *ike_json_write_message(const ike_json_message *message, char *out);

#endif
