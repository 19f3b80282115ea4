/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs that were exported as JSON or as a spreadsheet: the member, or the column, that has most of
 * the text. */
#include <string.h>

#include "decrypt/log/json.h"
#include "decrypt/log/transcript.h"

/* ---- strings --------------------------------------------------------------------------------- */

typedef struct {
    const ike_transcript *from;
    ike_text rest;
    unsigned index; /* of the line at `rest` */
    ike_text name;  /* of the member, or of the array */
    bool single;    /* 'strings', too */
} strings;

static void step_to(strings *s, const char *at)
{
    for (; s->rest.at < at; s->rest.at++)
        s->index += *s->rest.at == '\n';
}

static const char *find_quote(const strings *s)
{
    const char *at = s->rest.at;
    while (at < s->rest.end && *at != '"' && (!s->single || *at != '\''))
        at++;
    return at < s->rest.end ? at : NULL;
}

/* Two single quotes are one of the string, of YAML and SQL. */
static size_t length_of_escape(ike_text rest, char quote)
{
    if (ike_text_length(rest) < 2)
        return 0;
    return *rest.at == '\\' || (quote == '\'' && *rest.at == quote && rest.at[1] == quote) ? 2 : 0;
}

/* The end of a string: at its quote, at the end of the line, or behind the text. */
static const char *end_of_string(ike_text rest, char quote)
{
    while (rest.at < rest.end && *rest.at != '\n') {
        size_t escape = length_of_escape(rest, quote);
        if (escape == 0 && *rest.at == quote)
            break;
        rest.at += MAX(escape, 1);
    }
    return rest.at;
}

/* The next string that is no name of a member. It may not have line breaks in it. */
static bool next_string(strings *s, ike_text *value, unsigned *origin)
{
    while (s->rest.at < s->rest.end) {
        const char *quote = find_quote(s);
        if (quote == NULL)
            return false;
        step_to(s, quote + 1);
        *value = (ike_text){quote + 1, end_of_string(s->rest, *quote)};
        if (value->end >= s->rest.end || *value->end != *quote) {
            step_to(s, MIN(value->end, s->rest.end));
            continue;
        }
        *origin = g_array_index(s->from->lines, unsigned, MIN(s->index, s->from->lines->len - 1));
        step_to(s, value->end + 1);
        ike_text behind = s->rest;
        ike_text_blanks(&behind);
        if (ike_text_first(behind) != ':')
            return true;
        s->name = *value;
    }
    return false;
}

static strings begin_strings(const ike_transcript *from, bool single)
{
    char *start = from->text->str;
    return (strings){from, {start, start + from->text->len}, 0, {start, start}, single};
}

/* A time is not the text. */
static bool is_number(ike_text value)
{
    while (value.at < value.end && g_ascii_isdigit(*value.at))
        value.at++;
    return value.at == value.end;
}

/* The name whose strings are longest together; NULL: there is none. The caller frees it. */
static char *longest_name(const ike_transcript *from, bool single)
{
    enum { NAMES_MAX = 256 };
    strings s = begin_strings(from, single);
    GHashTable *lengths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char *best = NULL;
    size_t most = 0;
    ike_text value;
    for (unsigned origin; next_string(&s, &value, &origin);) {
        char *name = g_strndup(s.name.at, ike_text_length(s.name));
        size_t sum = GPOINTER_TO_SIZE(g_hash_table_lookup(lengths, name)) + ike_text_length(value);
        if (sum > most) {
            most = sum;
            g_free(best);
            best = g_strdup(name);
        }
        if (g_hash_table_size(lengths) < NAMES_MAX)
            g_hash_table_replace(lengths, name, GSIZE_TO_POINTER(sum));
        else
            g_free(name);
    }
    g_hash_table_destroy(lengths);
    return best;
}

/* Whether one line in two has a string. */
static bool has_strings(const ike_transcript *from, bool single)
{
    size_t at = 0, with = 0, without = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);)
        *(ike_text_find(line, single ? "'" : "\"") != NULL ? &with : &without) += 1;
    return with > 0 && (with >= without || ike_is_any_of(from->text->str[0], "[{"));
}

/* "it''s" to "it's" */
static void undouble_quotes(GString *text)
{
    gsize length = 0;
    for (gsize i = 0; i < text->len; i++) {
        text->str[length++] = text->str[i];
        i += text->str[i] == '\'' && text->str[i + 1] == '\'';
    }
    g_string_truncate(text, length);
}

static bool take_strings(const ike_transcript *from, ike_transcript *to, bool single)
{
    char *best = has_strings(from, single) ? longest_name(from, single) : NULL;
    if (best == NULL)
        return false;
    GString *text = g_string_new(NULL);
    strings s = begin_strings(from, single);
    ike_text value;
    for (unsigned origin; next_string(&s, &value, &origin);) {
        if (!ike_text_is(s.name, best) || is_number(value))
            continue;
        ike_json_message message = {.value = value};
        g_string_set_size(text, ike_text_length(value) + IKE_JSON_TAG_MAX);
        g_string_truncate(text, (gsize)(ike_json_write_message(&message, text->str) - text->str));
        if (value.at[-1] == '\'')
            undouble_quotes(text);
        if (text->len > 0)
            ike_transcript_move(to, text, origin);
    }
    g_string_free(text, TRUE);
    g_free(best);
    return true;
}

bool ike_take_strings(const ike_transcript *from, ike_transcript *to)
{
    return take_strings(from, to, false);
}

/* Of Python, YAML, SQL and the shell. */
bool ike_take_single_strings(const ike_transcript *from, ike_transcript *to)
{
    return take_strings(from, to, true);
}

/* ---- columns --------------------------------------------------------------------------------- */

enum { COLUMNS_MAX = 64 };

typedef struct {
    ike_text fields[COLUMNS_MAX]; /* with their quotes */
    unsigned count, lines;
} row;

/* One row (RFC 4180): quotes are doubled in a field, which may have line breaks. */
static bool next_row(ike_text *rest, char separator, row *into)
{
    into->count = into->lines = 0;
    if (rest->at >= rest->end)
        return false;
    for (char end = separator; end == separator;) {
        ike_text field = {rest->at, rest->at};
        bool quoted = ike_text_first(*rest) == '"';
        for (bool inside = false; field.end < rest->end; field.end++) {
            inside = inside != (quoted && *field.end == '"');
            if (!inside && (*field.end == separator || *field.end == '\n'))
                break;
            into->lines += *field.end == '\n';
        }
        end = field.end < rest->end ? *field.end : '\n';
        rest->at = MIN(field.end + 1, rest->end);
        if (into->count < COLUMNS_MAX)
            into->fields[into->count++] = field;
    }
    into->lines++;
    return true;
}

/* The column that has most of the text, where most rows have as many fields as the first. Times and
 * names are of one length. < 0: these are no rows. */
static int longest_column(const ike_transcript *from, char separator, unsigned *columns)
{
    size_t lengths[COLUMNS_MAX] = {0}, first[COLUMNS_MAX] = {0};
    bool varies[COLUMNS_MAX] = {false};
    unsigned same = 0, all = 0;
    int best = 0;
    ike_text rest = {from->text->str, from->text->str + from->text->len};
    for (row one; next_row(&rest, separator, &one); all++) {
        if (all == 0)
            *columns = one.count;
        same += one.count == *columns;
        for (unsigned i = 0; i < one.count; i++) {
            size_t length = ike_text_length(one.fields[i]);
            first[i] = all == 0 ? length : first[i];
            varies[i] = varies[i] || length != first[i];
            lengths[i] += length;
        }
    }
    for (unsigned i = 0; i < *columns; i++)
        if (varies[i] > varies[best] || (varies[i] == varies[best] && lengths[i] > lengths[best]))
            best = (int)i;
    return *columns >= 2 && same >= all - all / 8 ? best : -1;
}

static void append_field(ike_transcript *to, GString *text, ike_text field, unsigned origin)
{
    bool quoted = ike_text_length(field) >= 2 && *field.at == '"' && field.end[-1] == '"';
    if (quoted)
        field = (ike_text){field.at + 1, field.end - 1};
    for (; field.at < field.end; field.at++) {
        g_string_append_c(text, *field.at);
        if (quoted && *field.at == '"' && field.at + 1 < field.end && field.at[1] == '"')
            field.at++;
    }
    if (text->len > 0)
        ike_transcript_move(to, text, origin);
}

bool ike_take_column(const ike_transcript *from, ike_transcript *to)
{
    unsigned columns = 0, index = 0;
    const char *separator = ",;\t";
    int column = -1;
    while (*separator != '\0' && (column = longest_column(from, *separator, &columns)) < 0)
        separator++;
    if (column < 0)
        return false;
    GString *text = g_string_new(NULL);
    ike_text rest = {from->text->str, from->text->str + from->text->len};
    for (row one; next_row(&rest, *separator, &one); index += one.lines)
        if ((unsigned)column < one.count)
            append_field(to, text, one.fields[column],
                         ike_transcript_origin(from, MIN(index, from->lines->len - 1)));
    g_string_free(text, TRUE);
    return true;
}
