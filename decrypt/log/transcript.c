/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts with the numbers of their lines, and the trial of steps. */
#include "decrypt/log/transcript.h"

#include <string.h>

#include "decrypt/log/encoding.h"

/* When a step is kept. */
typedef enum {
    IF_MORE,
    IF_NOT_LESS,   /* it may help only together with the next */
    IF_MORE_BYTES, /* the order of lines can tie secrets to other SPIs by accident */
} condition;

/* In this order: what was done last is taken back first. */
static const struct {
    ike_transcript_step *apply;
    condition kept;
} steps[] = {
    {ike_decode_base64, IF_MORE},      {ike_decode_quoted_printable, IF_NOT_LESS},
    {ike_remove_markup, IF_NOT_LESS},  {ike_take_strings, IF_MORE},
    {ike_take_column, IF_MORE},        {ike_remove_frame, IF_NOT_LESS},
    {ike_join_broken_lines, IF_MORE},  {ike_join_mail_lines, IF_MORE},
    {ike_join_wrapped_lines, IF_MORE}, {ike_join_groups, IF_NOT_LESS},
    {ike_mark_hex, IF_MORE},           {ike_reverse_lines, IF_MORE_BYTES},
};

static ike_transcript *new_transcript(size_t size)
{
    ike_transcript *transcript = g_new(ike_transcript, 1);
    transcript->text = g_string_sized_new(size);
    transcript->lines = g_array_new(FALSE, FALSE, sizeof(unsigned));
    return transcript;
}

void ike_transcript_free(ike_transcript *transcript)
{
    if (transcript == NULL)
        return;
    memset(transcript->text->str, 0, transcript->text->allocated_len);
    g_string_free(transcript->text, TRUE);
    g_array_free(transcript->lines, TRUE);
    g_free(transcript);
}

void ike_transcript_append(ike_transcript *to, ike_text line, unsigned origin)
{
    do {
        ike_text piece = ike_text_until(&line, '\n');
        g_string_append_len(to->text, piece.at, (gssize)ike_text_length(piece));
        g_string_append_c(to->text, '\n');
        g_array_append_val(to->lines, origin);
    } while (line.at < line.end);
}

void ike_transcript_move(ike_transcript *to, GString *text, unsigned origin)
{
    ike_transcript_append(to, (ike_text){text->str, text->str + text->len}, origin);
    memset(text->str, 0, text->len);
    g_string_truncate(text, 0);
}

bool ike_transcript_next(const ike_transcript *from, size_t *at, unsigned *index, ike_text *line)
{
    if (*at >= from->text->len)
        return false;
    ike_text rest = {from->text->str + *at, from->text->str + from->text->len};
    const char *start = rest.at;
    *line = ike_text_until(&rest, '\n');
    *index = *at == 0 ? 0 : *index + 1;
    *at += (size_t)(rest.at - start);
    return true;
}

bool ike_transcript_edit(const ike_transcript *from, ike_transcript *to, bool keep_empty,
                         ike_line_edit *edit)
{
    GString *out = g_string_new(NULL);
    size_t at = 0;
    unsigned index = 0;
    bool any = false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        any = edit(out, line) || any;
        if (keep_empty || out->len > 0)
            ike_transcript_move(to, out, ike_transcript_origin(from, index));
    }
    g_string_free(out, TRUE);
    return any;
}

static void append_lines(ike_transcript *to, ike_text text, char line_end)
{
    for (unsigned number = 1; text.at < text.end; number++) {
        ike_text line = ike_text_until(&text, line_end);
        while (line.at < line.end && line.end[-1] == '\r')
            line.end--;
        ike_transcript_append(to, line, number);
    }
}

ike_transcript *ike_transcript_new(ike_text text)
{
    ike_transcript *transcript = new_transcript(ike_text_length(text) + 1);
    ike_encoding encoding = {0};
    if (ike_encoding_begin(&encoding, text) != NULL)
        return transcript;
    if (encoding.charset == IKE_UTF8) {
        append_lines(transcript, text, encoding.line_end);
        return transcript;
    }
    size_t length = ike_text_length(text);
    char *copy = g_malloc(length + 1);
    char *end = ike_encoding_to_utf8(&encoding, text, copy);
    append_lines(transcript, (ike_text){copy, end}, encoding.line_end);
    memset(copy, 0, length);
    g_free(copy);
    return transcript;
}

/* The text after a step; NULL: it does not apply. */
static ike_transcript *apply(size_t step, const ike_transcript *from)
{
    ike_transcript *to = new_transcript(from->text->len + 1);
    if (steps[step].apply(from, to))
        return to;
    ike_transcript_free(to);
    return NULL;
}

ike_transcript *ike_transcript_after(ike_text text, unsigned taken)
{
    ike_transcript *now = ike_transcript_new(text);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        ike_transcript *after = (taken >> i & 1) != 0 ? apply(i, now) : NULL;
        if (after != NULL) {
            ike_transcript_free(now);
            now = after;
        }
    }
    return now;
}

/* The steps with which most is recognised, of those that lead there one by one. *equal is set when
 * one was taken with which no more is recognised; NULL: there may be none. */
static unsigned climb(const ike_transcript *first, ike_transcript_score *score, size_t *best,
                      bool *equal)
{
    ike_transcript *now = NULL; /* NULL: still the first */
    unsigned taken = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        ike_transcript *after = apply(i, now != NULL ? now : first);
        if (after == NULL)
            continue;
        size_t found = score(after->text->str, after->text->len);
        bool same = equal != NULL && steps[i].kept == IF_NOT_LESS && found == *best;
        bool better = same || (steps[i].kept == IF_MORE_BYTES
                                   ? IKE_SCORE_BYTES(found) > IKE_SCORE_BYTES(*best)
                                   : found > *best);
        if (better) {
            taken |= 1U << i;
            *best = found;
        }
        if (same)
            *equal = true;
        ike_transcript_free(better ? now : after);
        now = better ? after : now;
    }
    ike_transcript_free(now);
    return taken;
}

/* Whether any step applies at all. */
static bool has_steps(const ike_transcript *text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        ike_transcript *after = apply(i, text);
        ike_transcript_free(after);
        if (after != NULL)
            return true;
    }
    return false;
}

unsigned ike_transcript_find_steps(ike_text text, ike_transcript_score *score)
{
    ike_transcript *first = ike_transcript_new(text);
    unsigned best = 0;
    if (memchr(first->text->str, '\0', first->text->len) == NULL && has_steps(first)) {
        size_t plain = score(first->text->str, first->text->len), most = plain, strict = plain;
        bool equal = false;
        best = climb(first, score, &most, &equal);
        if (equal) { /* else both ways are the same */
            unsigned with_strict = climb(first, score, &strict, NULL);
            best = most > strict ? best : with_strict;
        }
        if (MAX(most, strict) == plain)
            best = 0;
    }
    ike_transcript_free(first);
    return best;
}
