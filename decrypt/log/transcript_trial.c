/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which steps a text needs is found by trial. */
#include "decrypt/log/transcript.h"

#include <string.h>

/* When a step is kept. */
typedef enum {
    ALWAYS,
    IF_MORE,
    IF_MORE_BYTES, /* the order of lines can tie secrets to other SPIs by accident */
    IF_NO_LESS,    /* what one process writes belongs together */
    IF_MUCH_MORE,  /* what it takes away may be a mark, without which a dump goes on too far */
} condition;

/* In this order: what was done last is taken back first. */
static const struct {
    ike_transcript_step *apply;
    condition kept;
    bool if_equal; /* kept with no more, too: it may help only together with the next */
} steps[] = {
    {ike_take_rsyslog_message, ALWAYS, false}, /* nothing else looks like that */
    {ike_join_parts, ALWAYS, false},
    {ike_join_many_parts, IF_MORE, true},
    {ike_drop_doubled_lines, ALWAYS, false},
    {ike_decode_base64, IF_MORE, false},
    {ike_decode_quoted_reply, IF_MORE, false},
    {ike_decode_quoted_printable, IF_MORE, true},
    {ike_remove_markup, IF_MORE, true},
    {ike_remove_tags, IF_MORE, false},
    {ike_remove_quotes, IF_MORE, true},
    {ike_remove_markdown, IF_MORE, false},
    {ike_remove_padding, IF_MORE, true},
    {ike_join_indented_lines, IF_MORE, false},
    {ike_join_broken_lines, IF_MORE, false},
    {ike_join_flowed_lines, IF_MORE, false},
    {ike_join_mail_lines, IF_MORE, false},
    {ike_join_wrapped_lines, IF_MORE, false},
    {ike_take_strings, IF_MORE, false},
    {ike_take_single_strings, IF_MORE, false},
    {ike_take_column, IF_MORE, false},
    {ike_undo_cat, IF_MORE, true},
    {ike_clean_lines, IF_MORE, true},
    {ike_sort_by_process, IF_NO_LESS, false},
    {ike_sort_by_container, IF_NO_LESS, false},
    {ike_remove_suffix, IF_MUCH_MORE, true},
    {ike_remove_prefix, IF_MUCH_MORE, true},
    {ike_join_split_lines, IF_MUCH_MORE, false},
    {ike_join_groups, IF_MORE, true},
    {ike_expand_variables, IF_MORE, false},
    {ike_mark_hex, IF_MORE, false},
    {ike_reverse_lines, IF_MORE_BYTES, false},
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

static bool is_better(condition kept, size_t found, size_t best)
{
    size_t bytes = IKE_SCORE_BYTES(found), before = IKE_SCORE_BYTES(best);
    if (kept == ALWAYS)
        return true;
    if (kept == IF_NO_LESS)
        return bytes > 0 && bytes >= before;
    if (kept == IF_MORE_BYTES)
        return bytes > before;
    if (kept == IF_MUCH_MORE)
        return bytes > before + before / 4 ||
               (found > best && IKE_SCORE_FOUND(found) >= IKE_SCORE_FOUND(best));
    return found > best;
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
        bool same = equal != NULL && steps[i].if_equal &&
                    IKE_SCORE_BYTES(found) == IKE_SCORE_BYTES(*best) &&
                    IKE_SCORE_FOUND(found) == IKE_SCORE_FOUND(*best);
        bool better = same || is_better(steps[i].kept, found, *best);
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

/* The steps that are kept on this condition. */
static unsigned steps_kept(condition kept)
{
    unsigned found = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        found |= steps[i].kept == kept ? 1U << i : 0;
    return found;
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
        if (most == plain && strict == plain && (best & steps_kept(IF_NO_LESS)) == 0)
            best &= steps_kept(ALWAYS);
    }
    ike_transcript_free(first);
    return best;
}
