/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts that set up SAs: the values of their variables, and lines that go on behind "\".
 *
 *   SPI=0xf9f9e7ac KEY="0xa4919f7ac2feab1d.."
 *   ip xfrm state add src $A dst $B proto esp spi $SPI \
 *       enc "cbc(aes)" ${KEY} */
#include <string.h>

#include "decrypt/log/transcript.h"

enum { VARIABLES_MAX = 256, VALUE_MAX = 1024, GROWTH_MAX = 4 };

static ike_text take_name(ike_text *text)
{
    ike_text name = {text->at, text->at};
    while (name.end < text->end && ike_is_word_character(*name.end))
        name.end++;
    text->at = name.end;
    return name;
}

/* "$KEY", "${KEY}": the value; NULL: there is no such variable. */
static const char *take_use(GHashTable *variables, ike_text *text)
{
    ike_text rest = *text;
    if (!ike_text_skip(&rest, "$"))
        return NULL;
    bool braces = ike_text_skip(&rest, "{");
    ike_text name = take_name(&rest);
    if (name.at == name.end || (braces && !ike_text_skip(&rest, "}")))
        return NULL;
    char *key = g_strndup(name.at, ike_text_length(name));
    const char *value = g_hash_table_lookup(variables, key);
    g_free(key);
    if (value != NULL)
        text->at = rest.at;
    return value;
}

/* A line with the values in it, up to `limit` bytes. Returns whether there were any. */
static bool append_expanded(GString *out, GHashTable *variables, ike_text line, size_t limit)
{
    bool any = false;
    while (line.at < line.end) {
        const char *value = out->len < limit ? take_use(variables, &line) : NULL;
        any = any || value != NULL;
        if (value != NULL)
            g_string_append(out, value);
        else
            g_string_append_c(out, *line.at++);
    }
    return any;
}

/* Stores each "NAME=VALUE" that begins a word. */
static void define(GHashTable *variables, ike_text line)
{
    while (line.at < line.end) {
        ike_text_blanks(&line);
        (void)ike_text_skip(&line, "$"); /* of PowerShell */
        ike_text name = take_name(&line);
        if (name.at == name.end || !ike_text_skip(&line, "=")) {
            while (line.at < line.end && !ike_is_any_of(*line.at, " \t"))
                line.at++;
            continue;
        }
        ike_text rest = line, next = take_name(&rest);
        if (next.at < next.end && ike_text_first(rest) == '=')
            continue; /* "MESSAGE=KEY=0xa491.." of the journal */
        char quote = ike_text_first(line);
        bool quoted = ike_text_skip(&line, "\"") || ike_text_skip(&line, "'");
        ike_text value = quoted ? ike_text_until(&line, quote) : ike_text_word(&line);
        while (!quoted && value.at < value.end && value.end[-1] == ';')
            value.end--;
        if (ike_text_length(value) <= VALUE_MAX && g_hash_table_size(variables) < VARIABLES_MAX)
            g_hash_table_replace(variables, g_strndup(name.at, ike_text_length(name)),
                                 g_strndup(value.at, ike_text_length(value)));
    }
}

static void free_value(gpointer value)
{
    memset(value, 0, strlen(value));
    g_free(value);
}

/* "\" at the end of a line, or an arrow that an editor shows where it wraps. */
static bool skip_continuation(ike_text *line)
{
    static const char *const signs[] = {"\\", "\xe2\x86\xb5", "\xe2\x86\xa9", "\xe2\xa4\xb6",
                                        "\xe2\x8f\x8e"};
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (!ike_text_ends(*line, signs[i]))
            continue;
        line->end -= strlen(signs[i]);
        return true;
    }
    return false;
}

bool ike_expand_variables(const ike_transcript *from, ike_transcript *to)
{
    GHashTable *variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_value);
    GString *out = g_string_new(NULL);
    size_t at = 0, limit = GROWTH_MAX * from->text->len;
    unsigned index = 0, first = 0;
    bool any = false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        bool goes_on = skip_continuation(&line);
        if (out->len == 0)
            first = ike_transcript_origin(from, index);
        size_t start = out->len;
        any = append_expanded(out, variables, line, limit - MIN(limit, to->text->len)) || goes_on ||
              any;
        define(variables, (ike_text){out->str + start, out->str + out->len});
        if (!goes_on)
            ike_transcript_move(to, out, first);
    }
    if (out->len > 0)
        ike_transcript_move(to, out, first);
    g_string_free(out, TRUE);
    g_hash_table_destroy(variables);
    return any;
}
