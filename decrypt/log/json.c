/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects, one after the other, and NAME="VALUE". */
#include "decrypt/log/json.h"

#include <glib.h>
#include <string.h>

/* Members that hold the message, in the order of trust: the journal's, Docker's and fluentd's,
 * structured loggers', Elastic's and Google's. */
static const char *const message_names[] = {
    "MESSAGE",     "message",  "msg",  "log",  "short_message", "full_message",
    "textPayload", "@message", "line", "text", "content",       "body",
};

/* The characters between the quotes that `text` begins with; steps behind the second one. */
static bool take_string(ike_text *text, ike_text *string)
{
    if (!ike_text_skip(text, "\""))
        return false;
    string->at = text->at;
    while (text->at < text->end && *text->at != '"')
        text->at += *text->at == '\\' && text->at + 1 < text->end ? 2 : 1;
    string->end = text->at;
    return ike_text_skip(text, "\"");
}

static unsigned rank_of(ike_text name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(message_names); i++)
        if (ike_text_first(name) == message_names[i][0] && ike_text_is(name, message_names[i]))
            return i;
    return G_N_ELEMENTS(message_names);
}

/* The value of a member behind its colon. */
static bool take_value(ike_text *rest, ike_text *value, bool *is_array)
{
    ike_text_blanks(rest);
    *is_array = ike_text_first(*rest) == '[';
    if (*is_array) {
        rest->at++;
        *value = ike_text_until(rest, ']');
        ike_text_trim(value);
        return g_ascii_isdigit(ike_text_first(*value));
    }
    return take_string(rest, value);
}

/* 'level=debug msg="..."', as structured loggers write it. */
static bool find_logfmt(ike_text line, ike_json_message *message)
{
    static const char *const names[] = {"msg=\"", "message=\"", "MESSAGE=\"", "log=\""};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        ike_text found;
        if (!ike_text_find_word(line, names[i], &found))
            continue;
        found.at += strlen(names[i]) - 1;
        return take_string(&found, &message->value);
    }
    return false;
}

/* charon's file log in JSON has a number: "thread":12. */
static bool take_thread(ike_text name, ike_text *line, ike_json_message *message)
{
    if (!ike_text_is(name, "thread"))
        return false;
    ike_text_blanks(line);
    const char *start = line->at;
    while (line->at < line->end && g_ascii_isdigit(*line->at))
        line->at++;
    if (line->at == start)
        return false;
    message->thread = (ike_text){start, line->at};
    return true;
}

bool ike_json_find_message(ike_text line, ike_json_message *message)
{
    unsigned best = G_N_ELEMENTS(message_names);
    ike_text all = line;
    *message = (ike_json_message){{NULL, NULL}, false, {NULL, NULL}, {NULL, NULL}};
    while (line.at < line.end) {
        ike_text name, value;
        bool is_array;
        line.at = memchr(line.at, '"', ike_text_length(line));
        if (line.at == NULL)
            break;
        if (!take_string(&line, &name))
            break;
        ike_text rest = line;
        ike_text_blanks(&rest);
        if (!ike_text_skip(&rest, ":")) /* no member: its end may be the beginning of one */
            continue;
        line = rest;
        if (take_thread(name, &line, message))
            continue;
        if (!take_value(&line, &value, &is_array))
            continue;
        unsigned rank = rank_of(name);
        if (rank < best) {
            best = rank;
            message->value = value;
            message->is_array = is_array;
        } else if (ike_text_is_word(name, "THREAD")) {
            message->thread = value;
        } else if (ike_text_is_word(name, "GROUP")) {
            message->group = value;
        }
    }
    return best < G_N_ELEMENTS(message_names) || find_logfmt(all, message);
}

/* "\u0022" */
static char *write_unicode(ike_text *text, char *out)
{
    uint64_t number = 0;
    ike_text digits = {text->at, text->at + MIN(ike_text_length(*text), (size_t)4)};
    if (!ike_text_hex_number(digits, &number))
        return out;
    text->at = digits.end;
    *out++ = number < 0x80 ? (char)number : '?';
    return out;
}

static char *write_escape(ike_text *text, char *out)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    char c = *text->at++;
    if (c == 'u')
        return write_unicode(text, out);
    const char *found = strchr(from, c);
    *out++ = c != '\0' && found != NULL ? to[found - from] : c;
    return out;
}

static char *write_array(ike_text numbers, char *out)
{
    while (numbers.at < numbers.end) {
        unsigned number;
        ike_text word = ike_text_until(&numbers, ',');
        ike_text_trim(&word);
        if (ike_text_decimal(word, &number) && number > 0 && number < 256)
            *out++ = (char)number;
    }
    return out;
}

static char *write_tag(const ike_json_message *message, char *out)
{
    unsigned thread;
    if (!ike_text_decimal(message->thread, &thread) || ike_text_length(message->group) != 3)
        return out;
    return out + g_snprintf(out, IKE_JSON_TAG_MAX, "%02u[%.3s] ", thread, message->group.at);
}

char *ike_json_write_message(const ike_json_message *message, char *out)
{
    ike_text rest = message->value;
    out = write_tag(message, out);
    if (message->is_array)
        return write_array(rest, out);
    while (rest.at < rest.end) {
        char c = *rest.at++;
        if (c == '\\' && rest.at < rest.end)
            out = write_escape(&rest, out);
        else
            *out++ = c;
    }
    return out;
}
