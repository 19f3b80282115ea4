/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs whose lines are not those of one writer in their order: printed from the last to the first,
 * of two daemons in turn, each line twice, or in parts. */
#include "decrypt/log/transcript.h"

/* ---- order ----------------------------------------------------------------------------------- */

/* The seconds of the first "04:32:00" in a line; -1: there is none. */
static int time_in(ike_text line)
{
    enum { LENGTH = 8, LOOK = 64 };
    const char *end = line.at + MIN(ike_text_length(line), (size_t)LOOK);
    for (const char *at = line.at; end - at >= LENGTH; at++) {
        unsigned parts[3], count = 0;
        while (count < 3 &&
               ike_text_decimal((ike_text){at + 3 * count, at + 3 * count + 2}, &parts[count]) &&
               (count == 2 || at[3 * count + 2] == ':'))
            count++;
        if (count == 3)
            return (int)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    }
    return -1;
}

/* Whether times fall more often than they grow, or tell nothing. */
static bool may_be_newest_first(const ike_transcript *from)
{
    int last = -1, growing = 0;
    size_t at = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        int now = time_in(line);
        if (now >= 0 && last >= 0 && now != last)
            growing += now > last ? 1 : -1;
        last = now >= 0 ? now : last;
    }
    return growing <= 0;
}

bool ike_reverse_lines(const ike_transcript *from, ike_transcript *to)
{
    if (!may_be_newest_first(from))
        return false;
    const char *text = from->text->str, *end = text + from->text->len;
    for (unsigned index = from->lines->len; index-- > 0;) {
        const char *line = end - 1; /* at its newline */
        while (line > text && line[-1] != '\n')
            line--;
        ike_transcript_append(to, (ike_text){line, end - 1}, ike_transcript_origin(from, index));
        end = line;
    }
    return true;
}

/* ---- senders --------------------------------------------------------------------------------- */

enum { SENDERS_MAX = 8, LOOK_FOR_SENDER = 128 };

/* "vpn-1" of "vpn-1  | ..", as docker compose writes it. */
static bool find_container(ike_text line, ike_text *sender)
{
    *sender = ike_text_word(&line);
    ike_text_blanks(&line);
    return sender->at < sender->end && ike_text_begins(line, "| ");
}

/* Where the last `count` words before `at` begin. */
static const char *words_before(const char *start, const char *at, unsigned count)
{
    for (; count && at > start; count--) {
        while (at > start && at[-1] == ' ')
            at--;
        while (at > start && at[-1] != ' ')
            at--;
    }
    return at;
}

/* "gw charon[11]" of "Nov 28 10:00:00 gw charon[11]: ..": the two words before the sign, behind a
 * time, of which the year may be a word of its own; "SK[d]" and "SK_d[32]" are names of keys. */
static bool find_process(ike_text line, ike_text *sender)
{
    line.end = line.at + MIN(ike_text_length(line), (size_t)LOOK_FOR_SENDER);
    ike_text front;
    unsigned id;
    if (!ike_text_before(line, "]: ", &front))
        return false;
    sender->end = front.end;
    sender->at = words_before(front.at, front.end, 2);
    const char *sign = ike_text_find(*sender, "[");
    if (!sign || !ike_text_decimal((ike_text){sign + 1, front.end}, &id))
        return false;
    return time_in((ike_text){words_before(line.at, sender->at, 2), sender->at}) >= 0;
}

typedef struct {
    ike_text names[SENDERS_MAX];
    unsigned count, last, changes;
    bool processes; /* else containers */
} senders;

/* The number of a line's sender; a line without one is of the last. The ninth and others are one.
 */
static unsigned number_of_sender(senders *all, ike_text line)
{
    ike_text sender;
    unsigned number = 0;
    if (!(all->processes ? find_process(line, &sender) : find_container(line, &sender)))
        return all->last;
    while (number < all->count && !ike_text_same(all->names[number], sender))
        number++;
    if (number == all->count && number < SENDERS_MAX)
        all->names[all->count++] = sender;
    all->changes += number != all->last;
    all->last = number;
    return number;
}

static bool sort(const ike_transcript *from, ike_transcript *to, bool processes)
{
    senders all = {.processes = processes};
    GArray *numbers = g_array_new(FALSE, FALSE, 1);
    size_t at = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        guint8 number = (guint8)number_of_sender(&all, line);
        g_array_append_val(numbers, number);
    }
    bool in_turn = all.count > 1 && all.changes > all.count;
    for (unsigned sender = 0; in_turn && sender <= SENDERS_MAX; sender++) {
        at = index = 0;
        for (ike_text line; ike_transcript_next(from, &at, &index, &line);)
            if (g_array_index(numbers, guint8, index) == sender)
                ike_transcript_append(to, line, ike_transcript_origin(from, index));
    }
    g_array_free(numbers, TRUE);
    return in_turn;
}

bool ike_sort_by_process(const ike_transcript *from, ike_transcript *to)
{
    return sort(from, to, true);
}

bool ike_sort_by_container(const ike_transcript *from, ike_transcript *to)
{
    return sort(from, to, false);
}

/* ---- doubled lines --------------------------------------------------------------------------- */

/* Two handlers wrote each line. */
bool ike_drop_doubled_lines(const ike_transcript *from, ike_transcript *to)
{
    enum { PAIRS_MIN = 3 };
    size_t at = 0;
    unsigned index = 0;
    ike_text line, twin;
    while (ike_transcript_next(from, &at, &index, &line)) {
        if (!ike_transcript_next(from, &at, &index, &twin) || !ike_text_same(line, twin))
            return false;
        ike_transcript_append(to, line, ike_transcript_origin(from, index - 1));
    }
    return to->lines->len >= PAIRS_MIN;
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* A part of a line as container runtimes write it: its prefix, its text, and what is behind. */
typedef struct {
    ike_text prefix, text, suffix;
    bool is_known, goes_on;
    char tag; /* that ends the prefix: 'P' or 'F'; '\0': there is none */
} line_part;

/* "2026-11-28T10:00:00.123456789Z stdout P a part", of CRI. */
static bool take_cri(ike_text line, line_part *part)
{
    enum { LOOK = 64, TAG = 3 };
    static const char *const streams[] = {" stdout ", " stderr "};
    ike_text look = {line.at, line.at + MIN(ike_text_length(line), (size_t)LOOK)};
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        ike_text rest = look;
        if (!ike_text_after(&rest, streams[i]) || ike_text_length(rest) < 2 || rest.at[1] != ' ' ||
            !ike_is_any_of(*rest.at, "PF"))
            continue;
        *part = (line_part){{line.at, rest.at},   {rest.at + 2, line.end},
                            {line.end, line.end}, true,
                            *rest.at == 'P',      'F'};
        return true;
    }
    return false;
}

/* {"log":"a part","stream":..}, of Docker: the last part ends in "\n". */
static bool take_docker(ike_text line, line_part *part)
{
    ike_text rest = line;
    if (!ike_text_skip(&rest, "{\"log\":"))
        return false;
    ike_text_blanks(&rest);
    if (!ike_text_skip(&rest, "\""))
        return false;
    const char *start = rest.at;
    bool ends = false;
    while (rest.at < rest.end && *rest.at != '"') {
        bool escape = *rest.at == '\\' && rest.at + 1 < rest.end;
        ends = escape && rest.at[1] == 'n';
        rest.at += escape ? 2 : 1;
    }
    *part = (line_part){
        {line.at, start}, {start, rest.at}, {rest.at, line.end}, rest.at < rest.end, !ends, '\0'};
    return part->is_known;
}

static void append_part(GString *out, const line_part *part)
{
    if (out->len == 0) {
        g_string_append_len(out, part->prefix.at, (gssize)ike_text_length(part->prefix));
        if (part->tag != '\0')
            g_string_append_printf(out, "%c ", part->tag);
    }
    g_string_append_len(out, part->text.at, (gssize)ike_text_length(part->text));
    if (!part->goes_on)
        g_string_append_len(out, part->suffix.at, (gssize)ike_text_length(part->suffix));
}

static bool join_parts(const ike_transcript *from, ike_transcript *to, bool many)
{
    size_t at = 0;
    unsigned index = 0, first = 0;
    size_t parts = 0, ends = 0;
    GString *out = g_string_new(NULL);
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        line_part part;
        bool known = take_cri(line, &part) || take_docker(line, &part);
        if (out->len == 0)
            first = ike_transcript_origin(from, index);
        parts += known && part.goes_on;
        ends += known && !part.goes_on;
        if (known)
            append_part(out, &part);
        if (known && part.goes_on)
            continue;
        if (out->len > 0)
            ike_transcript_move(to, out, first);
        if (!known)
            ike_transcript_append(to, line, ike_transcript_origin(from, index));
    }
    if (out->len > 0)
        ike_transcript_move(to, out, first);
    g_string_free(out, TRUE);
    return parts > 0 && ends > 0 && (parts > ends) == many;
}

bool ike_join_parts(const ike_transcript *from, ike_transcript *to)
{
    return join_parts(from, to, false);
}

/* They may be lines that have lost their ends. */
bool ike_join_many_parts(const ike_transcript *from, ike_transcript *to)
{
    return join_parts(from, to, true);
}
