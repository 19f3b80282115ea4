/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs: text of any kind of log in, secrets into the key ring. A log is read line by line; each
 * line belongs to the first reader that recognises it, so that one file may hold a mix of formats.
 * What a line means never depends on a setting. */
#ifndef IKE_KEYLOG_H
#define IKE_KEYLOG_H

#include "decrypt/keylog/text.h"
#include "decrypt/keys/keyring.h"

#define IKE_KEYLOG_LINE_MAX 65536 /* bytes; a longer line is left out and said so */

typedef struct ike_keylog ike_keylog; /* one source of text and the states of its readers */

/* A new log whose secrets go to `ring` as `source`; the ring is kept and must outlive it. `name` is
 * for warnings and copied. */
ike_keylog *ike_keylog_new(ike_keyring *ring, ike_key_source source, const char *name);
void ike_keylog_free(ike_keylog *log); /* wipes; NULL is fine */

/* Takes in a piece of text. Whole lines are used, the rest waits for the next piece. */
void ike_keylog_feed(ike_keylog *log, const char *text, size_t length);

/* No more text for now: the line that waits is looked at by those readers for whom a line is a
 * whole secret (a file may end without a newline). It is read once more when it is complete. */
void ike_keylog_rest(ike_keylog *log);

/* The text rests: nobody writes to it. Records that are not whole are warned of. */
void ike_keylog_finish(ike_keylog *log);

/* The text has ended: the line that waits is a line, records that are not whole are warned of. The
 * next text begins anew. */
void ike_keylog_end(ike_keylog *log);

/* The log is no text (a capture, binary junk): nothing of it is read any more. */
bool ike_keylog_refused(const ike_keylog *log);

/* ---- for the readers ------------------------------------------------------------------------ */

/* A line as the readers see it. */
typedef struct {
    ike_text text; /* without line end; no NUL bytes */
    ike_text body; /* behind the prefix of syslog or the journal ("Nov 23 07:10:45 host name[1]: ")
                      when there is one, else the same as text */
    bool whole;    /* false: from ike_keylog_rest; be silent about what is missing */
} ike_keylog_line;

/* One kind of log. `open` makes the state that `line` works on; `line` returns true when the line
 * is of this log; `settle` warns of a record that is not whole and will not be any more (NULL:
 * there are none); `close` wipes and frees. */
typedef struct {
    const char *name;
    bool one_line; /* a secret is one line: may be shown a line that waits */
    void *(*open)(ike_keylog *log);
    bool (*line)(void *state, const ike_keylog_line *line);
    void (*finish)(void *state);
    void (*close)(void *state);
} ike_keylog_reader;

extern const ike_keylog_reader ike_keylog_native, ike_keylog_tables, ike_keylog_charon,
    ike_keylog_pluto, ike_keylog_iked, ike_keylog_racoon, ike_keylog_fortigate, ike_keylog_vpnc,
    ike_keylog_xfrm;

ike_keyring *ike_keylog_ring(const ike_keylog *log);
ike_key_source ike_keylog_source(const ike_keylog *log);

/* Adds a PSK whose peer the log does not name. Daemons log it with every AUTH payload; the key ring
 * keeps it once. */
void ike_keylog_add_psk(ike_keylog *log, ike_span psk);

/* The number of the line under way, from 1. */
unsigned ike_keylog_line_number(const ike_keylog *log);

/* Warns that the line (0: the one under way) looks like a secret and cannot be used. A source that
 * is all warnings is cut short. */
void ike_keylog_warn(ike_keylog *log, unsigned line, const char *why);

#endif
