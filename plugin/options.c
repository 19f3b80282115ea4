/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/compat.h"

#include "plugin/options.h"

static char *unknown_word(const char *word, const bool *json)
{
    if (json && *json && strcmp(word, "json") == 0)
        return g_strdup("option \"json\" is given twice");
    return g_strdup_printf("unknown option \"%s\"; %s", word,
                           json ? "the only option is \"json\""
                                : "only a display filter may follow");
}

/* Words that somebody means as an option. Most are protocols too, and would pass as filters. */
static const char *const formats[] = {"json", "jsonraw", "ek",   "xml", "pdml", "psml",
                                      "html", "text",    "yaml", "csv", "tsv",  "tabs"};

static bool is_format(const char *word)
{
    for (unsigned i = 0; i < array_length(formats); i++)
        if (g_ascii_strcasecmp(word, formats[i]) == 0)
            return true;
    return false;
}

/* A filter of one word is the name of a protocol; others have a blank, a dot or an operator. */
static size_t word_length(const char *text)
{
    size_t length = 0;

    while (g_ascii_isalnum(text[length]) || text[length] == '_' || text[length] == '-')
        length++;
    return text[length] == ',' || !text[length] ? length : 0;
}

char *ike_read_options(const char *argument, const char *name, bool *json, const char **filter)
{
    const char *rest = argument + strlen(name);

    *filter = NULL;
    if (json)
        *json = false;
    if (*rest && *rest != ',')
        return g_strdup_printf("unknown statistic; use \"%s%s[,FILTER]\"", name,
                               json ? "[,json]" : "");
    while (*rest == ',' && rest[1]) {
        size_t length = word_length(++rest);
        if (!length) {
            *filter = rest;
            break;
        }
        char *word = g_strndup(rest, length);
        bool is_json = json && !*json && strcmp(word, "json") == 0;
        bool is_protocol =
            !rest[length] && !is_format(word) && proto_get_id_by_filter_name(word) != -1;
        if (!is_json && !is_protocol) {
            char *error = unknown_word(word, json);
            g_free(word);
            return error;
        }
        g_free(word);
        if (is_protocol)
            *filter = rest;
        else
            *json = true;
        rest += length;
    }
    return NULL;
}
