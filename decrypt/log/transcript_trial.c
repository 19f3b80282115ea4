/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which steps a text needs is found by trial. */
#include "decrypt/log/transcript.h"

#include <string.h>

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

/* The text after a step; NULL: it does not apply. */
static ike_transcript *apply(size_t step, const ike_transcript *from)
{
    ike_transcript *to = ike_transcript_sized(from->text->len + 1);
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
