/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes escapes, written-out line breaks and JSON off a line. */
#include "decrypt/log/line.h"

#include <glib.h>
#include <string.h>

#include "decrypt/log/json.h"
#include "decrypt/log/literal.h"

/* ---- characters ------------------------------------------------------------------------------ */

/* What stands for another character, or for none ('\0'). */
static const struct {
    const char *text;
    char character;
} replacements[] = {
    {"#012", '\n'},
    {"#011", '\t'},
    {"\\012", '\n'},
    {"\\x0a", '\n'},
    {"\\n", '\n'},
    {"\\r\\n", '\n'},
    {"\\t", '\t'},
    {"\\\"", '"'},
    {"&lt;", '<'},
    {"&gt;", '>'},
    {"&amp;", '&'},
    {"&quot;", '"'},
    {"&#39;", '\''},
    {"\\&quot;", '"'},
    {"<br>", '\n'},
    {"<br/>", '\n'},
    {"<br />", '\n'},
    {"[code]", '\n'},
    {"[/code]", '\n'},
    {"{noformat}", '\n'},
    {"\xc2\xa0", ' '},
    {"\xe2\x80\x82", ' '},
    {"\xe2\x80\x83", ' '},
    {"\xe2\x80\x87", ' '},
    {"\xe2\x80\x89", ' '},
    {"\xe2\x80\x8a", ' '},
    {"\xe2\x80\x8b", '\0'},
    {"\xe2\x80\x98", '\''},
    {"\xe2\x80\x99", '\''},
    {"\xe2\x80\x9c", '"'},
    {"\xe2\x80\x9d", '"'},
    {"\xe2\x80\x9e", '"'},
    {"\xe2\x80\xaf", ' '},
    {"\xe3\x80\x80", ' '},
    {"\xef\xbb\xbf", '\0'},
    /* NEL, LINE SEPARATOR, PARAGRAPH SEPARATOR */
    {"\xc2\x85", '\n'},
    {"\xe2\x80\xa8", '\n'},
    {"\xe2\x80\xa9", '\n'},
    /* where a word may be broken, joiners, marks of direction: nothing is shown of them */
    {"\xc2\xad", '\0'},
    {"\xe2\x80\x8c", '\0'},
    {"\xe2\x80\x8d", '\0'},
    {"\xe2\x80\x8e", '\0'},
    {"\xe2\x80\x8f", '\0'},
    {"\xe2\x80\xaa", '\0'},
    {"\xe2\x80\xab", '\0'},
    {"\xe2\x80\xac", '\0'},
    {"\xe2\x80\xad", '\0'},
    {"\xe2\x80\xae", '\0'},
    {"\xe2\x81\xa0", '\0'},
    {"\xe2\x81\xa6", '\0'},
    {"\xe2\x81\xa7", '\0'},
    {"\xe2\x81\xa8", '\0'},
    {"\xe2\x81\xa9", '\0'},
    {"&shy;", '\0'},
    {"&#173;", '\0'},
    {"&zwnj;", '\0'},
    {"&#8203;", '\0'},
    {"<wbr>", '\0'},
    {"<wbr/>", '\0'},
    /* hyphens, minus, signs of full width */
    {"\xe2\x80\x90", '-'},
    {"\xe2\x80\x91", '-'},
    {"\xe2\x80\x92", '-'},
    {"\xe2\x80\x93", '-'},
    {"\xe2\x88\x92", '-'},
    {"\xef\xbc\x9a", ':'},
    {"\xef\xbc\x9d", '='},
    {"[CODE]", '\n'},
    {"[/CODE]", '\n'},
    {"```", '\n'},
};

/* "ESC [ 31 m", "ESC ] 0 ; title BEL", "ESC ( B": steps over the rest of an escape sequence.
 * Returns what stands for it: a move of the cursor is a blank or the end of a line. */
static char skip_escape(ike_text *text)
{
    char c = ike_text_first(*text);
    if (ike_text_skip(text, "[")) {
        while (text->at < text->end && (*text->at < '@' || *text->at > '~'))
            text->at++;
        c = text->at < text->end ? *text->at++ : '\0';
        return c == 'C' ? ' ' : c == 'H' || c == 'E' || c == 'f' ? '\n' : '\0';
    }
    if (ike_text_skip(text, "]"))
        while (text->at < text->end && *text->at != '\a' && *text->at != '\x1b')
            text->at++;
    else if (text->at < text->end)
        text->at += ike_is_any_of(c, "()*+#%") && text->at + 1 < text->end ? 2 : 1;
    return '\0';
}

/* A colour, "ESC [ 31 m" or "ESC [ K", whose first character was written out or lost. When it is
 * lost, "[m" alone may be of a word. */
static bool skip_written_colour(ike_text *text)
{
    static const char *const written[] = {"^[[",    "\\e[",     "\\x1b[", "\\x1B[",
                                          "\\033[", "\\u001b[", "#033[",  "["};
    for (size_t i = 0; i < G_N_ELEMENTS(written); i++) {
        ike_text rest = *text;
        if (!ike_text_skip(&rest, written[i]))
            continue;
        const char *numbers = rest.at;
        while (rest.at < rest.end && (g_ascii_isdigit(*rest.at) || *rest.at == ';'))
            rest.at++;
        bool lost = written[i][0] == '[';
        if ((lost && rest.at == numbers) ||
            (!ike_text_skip(&rest, "m") && (lost || !ike_text_skip(&rest, "K"))))
            continue;
        text->at = rest.at;
        return true;
    }
    return false;
}

/* "^M" at the end of a line, as "cat -v" writes CR. */
static bool skip_written_end(ike_text *text)
{
    ike_text rest = *text;
    if (!ike_text_skip(&rest, "^M") || (rest.at < rest.end && *rest.at != '\n'))
        return false;
    text->at = rest.at;
    return true;
}

/* Signs that may begin a replacement. Every character of all that is read is looked up here. */
static const bool signs[256] = {
    ['#'] = true,  ['\\'] = true, ['&'] = true,  ['<'] = true,  [0x7f] = true,
    ['['] = true,  ['{'] = true,  [0xc2] = true, [0xe2] = true, [0xe3] = true,
    [0xef] = true, ['^'] = true,  ['`'] = true,  [0xa0] = true,
};

static inline bool is_special(char c)
{
    return (uint8_t)c < ' ' ? c != '\t' : signs[(uint8_t)c];
}

static bool replace(ike_text *rest, char **out)
{
    for (size_t i = 0; i < G_N_ELEMENTS(replacements); i++)
        if (ike_text_skip(rest, replacements[i].text)) {
            if (replacements[i].character != '\0')
                *(*out)++ = replacements[i].character;
            return true;
        }
    return false;
}

/* Writes the text without its wrapping to `out`, which has room for all of it; returns the end. */
static char *rewrite(ike_text rest, char *out)
{
    const char *start = out;
    while (rest.at < rest.end) {
        char c = *rest.at;
        if (!is_special(c)) {
            *out++ = c;
            rest.at++;
        } else if (c == '\x1b') {
            rest.at++;
            char stands_for = skip_escape(&rest);
            if (stands_for != '\0')
                *out++ = stands_for;
        } else if ((uint8_t)c < ' ' || c == '\x7f') {
            rest.at++;
            if (c == '\n')
                *out++ = c;
            else if (c == '\b' && out > start)
                out--;
        } else if (!replace(&rest, &out) && !skip_written_colour(&rest) &&
                   !skip_written_end(&rest)) {
            bool latin = (uint8_t)c == 0xa0 && (out == start || (uint8_t)out[-1] < 0x80);
            *out++ = latin ? ' ' : c; /* a no-break space that is no UTF-8 */
            rest.at++;
        }
    }
    return out;
}

static bool needs_rewrite(ike_text text)
{
    for (; text.at < text.end; text.at++)
        if (is_special(*text.at))
            return true;
    return false;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static char *grown(char **buffer, size_t *has, size_t size)
{
    if (*has < size) {
        if (*buffer != NULL)
            memset(*buffer, 0, *has);
        g_free(*buffer);
        *buffer = g_malloc(size);
        *has = size;
    }
    return *buffer;
}

static char *buffer_of(ike_unwrapper *unwrapper, unsigned depth, size_t size)
{
    return grown(&unwrapper->buffer[depth], &unwrapper->size[depth], size);
}

/* Bytes between quotes as hex, before their escapes are taken for line breaks. */
static ike_text without_literals(ike_unwrapper *unwrapper, ike_text text)
{
    if (!ike_has_literal(text))
        return text;
    char *hex = grown(&unwrapper->hex, &unwrapper->hex_size, 2 * ike_text_length(text));
    return (ike_text){hex, ike_literals_to_hex(text, hex)};
}

static void give(ike_unwrapper *unwrapper, ike_text text, unsigned depth, const ike_line_user *use);

/* The lines of a text that may have newlines. */
static void split(ike_unwrapper *unwrapper, ike_text text, unsigned depth, const ike_line_user *use)
{
    while (text.at < text.end)
        give(unwrapper, ike_text_until(&text, '\n'), depth, use);
}

/* A line: what is in it, when it is JSON with a message, else itself. */
static void give(ike_unwrapper *unwrapper, ike_text text, unsigned depth, const ike_line_user *use)
{
    if (text.at == text.end)
        return;
    ike_json_message message;
    if (depth < IKE_UNWRAP_DEPTH && ike_json_find_message(text, &message)) {
        char *buffer = buffer_of(unwrapper, depth, ike_text_length(text) + IKE_JSON_TAG_MAX);
        char *end = ike_json_write_message(&message, buffer);
        ike_text plain = without_literals(unwrapper, (ike_text){buffer, end});
        if (plain.at != buffer) /* it may be longer */
            buffer = buffer_of(unwrapper, depth, ike_text_length(plain));
        char *clean = rewrite(plain, buffer);
        split(unwrapper, (ike_text){buffer, clean}, depth + 1, use);
        if (use->rest != NULL) {
            use->rest(use->user, (ike_text){text.at, message.value.at});
            use->rest(use->user, (ike_text){message.value.end, text.end});
        }
        return;
    }
    use->line(use->user, text);
}

ike_text ike_clean_line(ike_unwrapper *unwrapper, ike_text raw)
{
    ike_json_message message;
    if (!needs_rewrite(raw) || ike_json_find_message(raw, &message))
        return raw;
    raw = without_literals(unwrapper, raw);
    char *buffer = buffer_of(unwrapper, 0, ike_text_length(raw));
    return (ike_text){buffer, rewrite(raw, buffer)};
}

void ike_unwrap_line(ike_unwrapper *unwrapper, ike_text raw, const ike_line_user *use)
{
    ike_text clean = ike_clean_line(unwrapper, raw);
    split(unwrapper, clean, clean.at == raw.at ? 0 : 1, use);
}

void ike_unwrapper_clear(ike_unwrapper *unwrapper)
{
    for (unsigned i = 0; i < IKE_UNWRAP_DEPTH; i++) {
        if (unwrapper->buffer[i] != NULL)
            memset(unwrapper->buffer[i], 0, unwrapper->size[i]);
        g_free(unwrapper->buffer[i]);
    }
    if (unwrapper->hex != NULL)
        memset(unwrapper->hex, 0, unwrapper->hex_size);
    g_free(unwrapper->hex);
    *unwrapper = (ike_unwrapper){{NULL}, {0}, NULL, 0};
}
