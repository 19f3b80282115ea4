/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/lines.h"

#include <string.h>

enum { ESCAPE = 0x1b };

/* The member of a JSON record that is the line, by who writes it. */
static const char *const members[] = {
    "\"MESSAGE\"", /* journalctl -o json */
    "\"log\"",     /* docker json-file */
    "\"message\"",
    "\"msg\"",
};

static bool take_escaped(log_text *text, GString *out)
{
    static const char names[] = "nrtbf", values[] = "\n\r\t\b\f";
    uint64_t code = 0;

    if (text->at == text->end)
        return false;
    char name = *text->at++;
    const char *known = name ? strchr(names, name) : NULL;
    if (known) {
        g_string_append_c(out, values[known - names]);
    } else if (name == 'u') {
        for (unsigned i = 0; i < 4; i++) {
            if (text->at == text->end || log_text_digit(*text->at) < 0)
                return false;
            code = code << 4 | (unsigned)log_text_digit(*text->at++);
        }
        g_string_append_c(out, code < 0x80 ? (char)code : '?');
    } else {
        g_string_append_c(out, name);
    }
    return true;
}

/* A string, without its first quote. */
static bool take_string(log_text text, GString *out)
{
    while (text.at < text.end && *text.at != '"') {
        char c = *text.at++;
        if (c != '\\')
            g_string_append_c(out, c);
        else if (!take_escaped(&text, out))
            return false;
    }
    return text.at < text.end;
}

/* [72,101,…]: how journalctl writes what is no UTF-8 */
static bool take_array(log_text text, GString *out)
{
    uint64_t byte;

    for (;;) { /* ends with the first thing that is no number */
        log_text_skip(&text, " ");
        if (!log_text_number(&text, UINT8_MAX, &byte))
            return log_text_skip(&text, "]");
        g_string_append_c(out, (char)byte);
        log_text_skip(&text, ",");
    }
}

static bool take_record(log_text line, GString *out)
{
    log_text trimmed = log_text_trimmed(line);

    if (!log_text_skip(&trimmed, "{"))
        return false;
    for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
        log_text rest;
        if (!log_text_after(trimmed, members[i], &rest))
            continue;
        rest = log_text_trimmed(rest);
        if (!log_text_skip(&rest, ":"))
            continue;
        rest = log_text_trimmed(rest);
        g_string_truncate(out, 0);
        if (log_text_skip(&rest, "\"") ? take_string(rest, out)
                                       : log_text_skip(&rest, "[") && take_array(rest, out))
            return true;
    }
    return false;
}

/* Steps over the rest of a terminal's escape sequence: "ESC [ 31 m", "ESC ] 0 ; title BEL". */
static void skip_escape(log_text *text)
{
    char kind = text->at < text->end ? *text->at++ : '\0';

    if (kind == '[')
        while (text->at < text->end && !(*text->at >= '@' && *text->at <= '~'))
            text->at++;
    else if (kind == ']')
        while (text->at < text->end && *text->at != '\a')
            text->at++;
    else
        return;
    if (text->at < text->end)
        text->at++;
}

/* The line without colours and the like, as copied terminals and container logs have them. */
static bool take_off_escapes(log_text line, GString *out)
{
    if (!memchr(line.at, ESCAPE, log_text_length(line)))
        return false;
    g_string_truncate(out, 0);
    while (line.at < line.end) {
        char c = *line.at++;
        if (c == ESCAPE)
            skip_escape(&line);
        else
            g_string_append_c(out, c);
    }
    return true;
}

static void split(log_text text, const char *separator, log_line_user *use, void *user)
{
    log_text rest;

    while (log_text_after(text, separator, &rest)) {
        use(user, (log_text){text.at, rest.at - strlen(separator)});
        text = rest;
    }
    use(user, text);
}

void log_lines_split(log_text line, GString *scratch, log_line_user *use, void *user)
{
    if (log_text_length(line) > LOG_LINE_MAX)
        line.end = line.at + LOG_LINE_MAX;
    if (take_record(line, scratch)) {
        log_text text = {scratch->str, scratch->str + scratch->len};
        while (text.at < text.end && (text.end[-1] == '\n' || text.end[-1] == '\r'))
            text.end--;
        split(text, "\n", use, user);
        return;
    }
    if (take_off_escapes(line, scratch))
        line = (log_text){scratch->str, scratch->str + scratch->len};
    split(line, "#012", use, user);
}
