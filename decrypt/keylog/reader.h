/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader of one kind of log is, and how it hands on what it finds. A format is one reader:
 * a row in the table of readers.c and a file. */
#ifndef IKE_KEYLOG_READER_H
#define IKE_KEYLOG_READER_H

#include "decrypt/log/text.h"
#include "decrypt/keys/keyring.h"

typedef struct ike_keylog ike_keylog; /* one source of text and the states of its readers */

/* A reader looks for its marks anywhere in a line: what stands before them (date, host, program,
 * container) is not its concern. Lines have no NUL bytes, no terminal escapes and no line end. */
typedef struct {
    /* Texts of at least 4 bytes, NULL at the end: a line without any of them is not of this
     * format. NULL: every line is given. */
    const char *const *marks;

    bool any_case; /* the marks are in small letters and stand for capitals, too */

    bool in_record; /* secrets may be members of a record that has a message, too */

    /* Size of the state that the functions below get. It begins with an ike_keylog *, which
     * outlives it, is zero otherwise at first, and later wiped and freed. */
    size_t state_bytes;

    /* Prepares the state. NULL: there is nothing to do. */
    void (*begin)(void *state);

    /* Returns true when the line is of this log. */
    bool (*line)(void *state, ike_text line);

    /* Whether a dump is under way, so that lines without a mark are given, too. NULL: never. */
    bool (*in_dump)(const void *state);

    /* Nothing is written any more: records that are not complete are used as far as they go, or
     * warned of. NULL: there are none. */
    void (*finish)(void *state);

    /* Frees what the state points to. NULL: nothing. */
    void (*release)(void *state);
} ike_keylog_reader;

/* All readers in the order in which they are asked; NULL at the end. */
extern const ike_keylog_reader *const ike_keylog_readers[];

/* ---- what readers find ----------------------------------------------------------------------
 * As in decrypt/keys/keyring.h, with the line under way as the origin. */

ike_set_id ike_keylog_new_set(ike_keylog *log, uint8_t version);
bool ike_keylog_set_has(const ike_keylog *log, ike_set_id set, ike_secret_kind kind);
bool ike_keylog_set_secret(ike_keylog *log, ike_set_id set, ike_secret_kind kind, ike_span secret);
void ike_keylog_set_suite(ike_keylog *log, ike_set_id set, const ike_suite *suite);
void ike_keylog_bind_set(ike_keylog *log, ike_set_id set, uint64_t initiator_spi,
                         uint64_t responder_spi);
bool ike_keylog_add_secret(ike_keylog *log, uint8_t version, uint64_t initiator_spi,
                           uint64_t responder_spi, ike_secret_kind kind, ike_span secret);
/* The plaintext that a daemon logged of a message. */
bool ike_keylog_add_plaintext(ike_keylog *log, ike_span message, ike_span plaintext);
bool ike_keylog_add_peer(ike_keylog *log, ike_peer_kind kind, const char *peer, ike_span secret);
bool ike_keylog_add_esp(ike_keylog *log, const ike_esp_key *key);

/* ---- the line under way -------------------------------------------------------------------- */

/* Its number, from 1. */
unsigned ike_keylog_line_number(const ike_keylog *log);

/* What a log is that has no keys: "a TLS key log"; kept as it is. */
void ike_keylog_set_hint(ike_keylog *log, const char *hint);

/* Whether a reader has known one of its lines. */
bool ike_keylog_has_recognised(const ike_keylog *log);

/* What is found from now on is of this line, which came before; 0: of the line under way. */
void ike_keylog_set_origin_line(ike_keylog *log, unsigned line);

/* Warns that a line (0: the one under way) looks like a secret and cannot be used. `why` is copied;
 * NULL: nothing is wrong.
 * A source that is all warnings is cut short. Nothing is said of a line whose end has not come. */
void ike_keylog_warn(ike_keylog *log, unsigned line, const char *why);

#endif
