/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits rows of tables. */
#include "decrypt/keylog/columns.h"

#include <string.h>

/* A row of Markdown has "|" at both ends, behind any prefix. */
static void strip_ends(ike_text *line, char separator)
{
    ike_text_trim(line);
    if (separator != '|' || line->at == line->end || line->end[-1] != '|')
        return;
    (void)ike_text_until(line, '|');
    if (line->at < line->end)
        line->end--;
}

static void trim_to_last_words(ike_text *text, unsigned words)
{
    ike_text_trim(text);
    const char *at = text->end;
    while (at > text->at && (!ike_is_any_of(at[-1], " \t") || --words > 0))
        at--;
    text->at = at;
}

/* The fields of a line; 0: more than there may be. */
static unsigned split(ike_text line, char separator, ike_text fields[IKE_COLUMNS_MAX])
{
    unsigned count = 0;
    strip_ends(&line, separator);
    while (count < IKE_COLUMNS_MAX) {
        bool more = line.at < line.end && memchr(line.at, separator, ike_text_length(line)) != NULL;
        ike_text field = ike_text_until(&line, separator);
        while (ike_text_after(&field, count == 0 ? ":" : ": ")) /* a prefix may have separators */
            continue;
        if (count == 0)
            trim_to_last_words(&field, 1);
        fields[count++] = ike_text_value(&field);
        if (!more)
            return count;
    }
    return 0;
}

/* A name may have blanks: all of the field without its quotes. */
static ike_text name_of(ike_text field)
{
    ike_text_trim(&field);
    while (field.at < field.end && ike_is_any_of(*field.at, "\"' `*"))
        field.at++;
    while (field.at < field.end && ike_is_any_of(field.end[-1], "\"' `*"))
        field.end--;
    return field;
}

static unsigned read_names(ike_columns *columns, ike_text line, char separator,
                           ike_column_matters *matters)
{
    unsigned matter = 0;
    columns->separator = separator;
    strip_ends(&line, separator);
    while (line.at < line.end && columns->count < IKE_COLUMNS_MAX) {
        ike_text name = name_of(ike_text_until(&line, separator));
        char *into = columns->names[columns->count++];
        into[0] = '\0';
        while (columns->count == 1 && ike_text_after(&name, ":"))
            continue;
        for (unsigned words = 2; columns->count == 1 && words > 0 && !matters(name); words--)
            trim_to_last_words(&name, words); /* behind a prefix */
        if (matters(name) && ike_text_copy(name, into, IKE_COLUMN_NAME_SIZE))
            matter++;
    }
    return line.at == line.end ? matter : 0;
}

bool ike_columns_read_header(ike_columns *columns, ike_text line, ike_column_matters *matters)
{
    enum { LEAST = 2 };
    for (const char *separator = ",;\t|"; *separator != '\0'; separator++) {
        if (memchr(line.at, *separator, ike_text_length(line)) == NULL)
            continue;
        ike_columns found = {0};
        if (read_names(&found, line, *separator, matters) < LEAST)
            continue;
        *columns = found;
        return true;
    }
    return false;
}

bool ike_columns_split(const ike_columns *columns, ike_text line, ike_text fields[IKE_COLUMNS_MAX])
{
    return columns->count > 0 && split(line, columns->separator, fields) == columns->count;
}
