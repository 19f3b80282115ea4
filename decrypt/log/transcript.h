/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to a log before it is read here: it is mailed, quoted, exported to a spreadsheet or
 * to JSON, copied from a terminal or a web page. Each step takes one of these back. Which steps a
 * text needs is found by trial: those are kept with which more secrets are recognised. */
#ifndef IKE_LOG_TRANSCRIPT_H
#define IKE_LOG_TRANSCRIPT_H

#include <glib.h>
#include <stdbool.h>

#include "decrypt/log/text.h"

/* A text and, for each of its lines, the number of the line where it began. */
typedef struct {
    GString *text;
    GArray *lines; /* unsigned */
} ike_transcript;

/* The text itself, LF, CR LF or CR behind its lines, UTF-16 or UTF-8. */
ike_transcript *ike_transcript_new(ike_text text);
void ike_transcript_free(ike_transcript *transcript); /* wipes; NULL is fine */

/* An empty one, for a text of about `size` bytes. */
ike_transcript *ike_transcript_sized(size_t size);

/* ---- transcript_trial.c: which steps -------------------------------------------------------- */

/* How much of a text is recognised: bytes of secrets, the number of SAs, SPIs and names that go
 * with them, at most 65535, and what else speaks for it, at most 255. */
#define IKE_SCORE(bytes, found, else_) ((size_t)(bytes) << 24 | (size_t)(found) << 8 | (else_))
#define IKE_SCORE_BYTES(score) ((score) >> 24)
#define IKE_SCORE_FOUND(score) ((score) >> 8 & 0xffff)
typedef size_t ike_transcript_score(const char *text, size_t length);

/* The steps that a text needs, a bit each; 0: none. */
unsigned ike_transcript_find_steps(ike_text text, ike_transcript_score *score);

/* The text after these steps. */
ike_transcript *ike_transcript_after(ike_text text, unsigned steps);

/* ---- the steps ------------------------------------------------------------------------------- */

/* false: nothing in `from` is of this kind. `to` is empty. */
typedef bool ike_transcript_step(const ike_transcript *from, ike_transcript *to);

/* transcript_mail.c */
ike_transcript_step ike_decode_base64, ike_decode_quoted_printable, ike_decode_quoted_reply,
    ike_remove_markup, ike_remove_tags;
/* transcript_fields.c */
ike_transcript_step ike_take_strings, ike_take_single_strings, ike_take_column;
/* transcript_frame.c */
ike_transcript_step ike_clean_lines, ike_remove_quotes, ike_undo_cat, ike_remove_prefix,
    ike_remove_suffix, ike_take_rsyslog_message, ike_remove_markdown;
/* transcript_lines.c */
ike_transcript_step ike_join_broken_lines, ike_join_indented_lines, ike_join_split_lines,
    ike_join_mail_lines, ike_join_flowed_lines, ike_join_wrapped_lines, ike_remove_padding,
    ike_join_groups, ike_mark_hex;
/* transcript_order.c */
ike_transcript_step ike_reverse_lines, ike_sort_by_process, ike_sort_by_container,
    ike_drop_doubled_lines, ike_join_parts, ike_join_many_parts;
/* transcript_variables.c */
ike_transcript_step ike_expand_variables;

/* The next line of a transcript; *at begins with 0. false: there is none. */
bool ike_transcript_next(const ike_transcript *from, size_t *at, unsigned *index, ike_text *line);

/* Where a line of it began. */
static inline unsigned ike_transcript_origin(const ike_transcript *from, unsigned index)
{
    return g_array_index(from->lines, unsigned, index);
}

/* Appends what becomes of a line. Returns whether it was changed. */
typedef bool ike_line_edit(GString *out, ike_text line);

/* Every line edited; one of which nothing is left goes unless `keep_empty`. Returns whether any was
 * changed. */
bool ike_transcript_edit(const ike_transcript *from, ike_transcript *to, bool keep_empty,
                         ike_line_edit *edit);

/* Appends a line that began at line `origin`; several, if there are line feeds in it. */
void ike_transcript_append(ike_transcript *to, ike_text line, unsigned origin);

/* Appends `text` like that and wipes it: it is empty then. */
void ike_transcript_move(ike_transcript *to, GString *text, unsigned origin);

#endif
