/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs: text of any kind of log in, secrets into the key ring. A log is read line by line; each
 * line belongs to the first reader that recognises it, so that one file may hold a mix of formats.
 * What a line means never depends on a setting. */
#ifndef IKE_KEYLOG_H
#define IKE_KEYLOG_H

#include "decrypt/keylog/key_logs.h"
#include "decrypt/keylog/reader.h"

#define IKE_KEYLOG_LINE_MAX 65536 /* bytes; a longer line is left out, with a warning */

/* A new log whose secrets go to `ring` as `source`; the ring is kept and must outlive it. `name` is
 * for warnings and copied. */
ike_keylog *ike_keylog_new(ike_keyring *ring, ike_key_source source, const char *name);

/* A shorter name, which is copied, for what the log holds and where keys come from. Without one it
 * is `name`. */
void ike_keylog_set_label(ike_keylog *log, const char *label);

void ike_keylog_free(ike_keylog *log); /* wipes; NULL is fine */

/* Where the lines of the text to come began, `count` numbers that are copied (transcript.h). */
void ike_keylog_set_line_numbers(ike_keylog *log, const unsigned *numbers, unsigned count);

/* How many bytes of secrets were found, and how often a complete pair of SPIs or the name of an
 * algorithm with them. */
size_t ike_keylog_secret_bytes(const ike_keylog *log);
unsigned ike_keylog_details(const ike_keylog *log);

/* Takes in a piece of text. Complete lines are used, the rest waits for the next piece. */
void ike_keylog_feed(ike_keylog *log, const char *text, size_t length);

/* No more text for now: nothing waits for the next line any more. */
void ike_keylog_pause(ike_keylog *log);

/* Whether the last line has no end. */
bool ike_keylog_has_open_line(const ike_keylog *log);

/* No more text: the last line is read, too, if it has no end (a file may end without a newline). If
 * more comes all the same, the text is to be read again from its beginning. */
void ike_keylog_rest(ike_keylog *log);

/* Nothing is written to the text any more. Records that are not complete are warned of. */
void ike_keylog_finish(ike_keylog *log);

/* The log cannot be read, for this reason, and nothing more of it will be. `why` is copied. */
void ike_keylog_refuse(ike_keylog *log, const char *why);

/* Warns, once, of a log in which nothing was recognised. */
void ike_keylog_warn_if_empty(ike_keylog *log);

/* What it held so far. */
const ike_key_log *ike_keylog_counts(ike_keylog *log);

/* Whether the log is no text (a capture, binary data) and nothing more of it is read. */
bool ike_keylog_refused(const ike_keylog *log);

#endif
