/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs in mails and web pages: base64 and quoted-printable (RFC 2045 6.7, 6.8), HTML. */
#include <string.h>

#include "decrypt/log/transcript.h"

/* ---- base64 ---------------------------------------------------------------------------------- */

static bool is_base64_line(ike_text line)
{
    size_t length = ike_text_length(line);
    while (line.at < line.end && (g_ascii_isalnum(*line.at) || *line.at == '+' || *line.at == '/'))
        line.at++;
    while (line.at < line.end && *line.at == '=')
        line.at++;
    return length > 0 && line.at == line.end;
}

/* A line of hex may be base64 by its characters; its bytes are then no text. */
static bool is_text_in_base64(ike_text line)
{
    enum { LEAST = 60, LOOK = 48 };
    guchar bytes[LOOK];
    gint state = 0;
    guint saved = 0;
    if (ike_text_length(line) < LEAST || !is_base64_line(line))
        return false;
    gsize count = g_base64_decode_step(line.at, LEAST, bytes, &state, &saved);
    bool utf16 = bytes[0] >= 0xfe || bytes[1] == 0;
    for (gsize i = utf16 ? 2 : 0; i < count; i++)
        if (bytes[i] >= 0x7f ||
            (bytes[i] < ' ' && !ike_is_any_of(bytes[i], "\t\n\r\x1b") && (bytes[i] != 0 || !utf16)))
            return false;
    return true;
}

/* The decoded lines; where each began follows from the width of the encoded ones. */
static void append_decoded(ike_transcript *to, const GString *encoded, size_t width, unsigned first)
{
    gsize count = 0;
    guchar *bytes = g_base64_decode(encoded->str, &count);
    ike_transcript *decoded = ike_transcript_new((ike_text){(char *)bytes, (char *)bytes + count});
    size_t at = 0, start = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(decoded, &at, &index, &line); start = at)
        ike_transcript_append(to, line, first + (unsigned)(start / 3 * 4 / width));
    ike_transcript_free(decoded);
    memset(bytes, 0, count);
    g_free(bytes);
}

bool ike_decode_base64(const ike_transcript *from, ike_transcript *to)
{
    GString *encoded = g_string_new(NULL);
    size_t at = 0, width = 1;
    unsigned index = 0, first = 0;
    bool any = false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        unsigned origin = ike_transcript_origin(from, index);
        if (encoded->len == 0 && is_text_in_base64(line)) {
            width = ike_text_length(line);
            first = origin;
            any = true;
            g_string_append_len(encoded, line.at, (gssize)width);
        } else if (encoded->len > 0 && is_base64_line(line)) {
            g_string_append_len(encoded, line.at, (gssize)ike_text_length(line));
        } else {
            append_decoded(to, encoded, width, first);
            memset(encoded->str, 0, encoded->len);
            g_string_truncate(encoded, 0);
            ike_transcript_append(to, line, origin);
        }
    }
    append_decoded(to, encoded, width, first);
    memset(encoded->str, 0, encoded->allocated_len);
    g_string_free(encoded, TRUE);
    return any;
}

/* ---- quoted-printable ------------------------------------------------------------------------ */

static bool is_upper_hex(char c)
{
    return g_ascii_isdigit(c) || (c >= 'A' && c <= 'F');
}

/* "=3D": a byte. */
static bool is_quoted_byte(ike_text text)
{
    return ike_text_length(text) >= 3 && text.at[0] == '=' && is_upper_hex(text.at[1]) &&
           is_upper_hex(text.at[2]);
}

/* Every "=" of it begins a byte or ends a line, and either "=" itself or a blank at the end of a
 * line is one of the bytes, or all lines that go on are as long as such lines get. */
static bool is_quoted_printable(const ike_transcript *from)
{
    enum { SOFT_MIN = 73, SOFT_MAX = 76 };
    bool bytes = false, soft = false, all_long = true;
    size_t at = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        size_t length = ike_text_length(line);
        bytes = bytes || ike_text_find(line, "=3D") != NULL;
        while (line.at < line.end) {
            const char *sign = memchr(line.at, '=', ike_text_length(line));
            if (sign == NULL)
                break;
            line.at = sign;
            if (sign + 1 == line.end) {
                soft = true;
                all_long = all_long && length >= SOFT_MIN && length <= SOFT_MAX;
            } else if (!is_quoted_byte(line)) {
                return false;
            }
            bytes = bytes || ike_text_is(line, "=20");
            line.at++;
        }
    }
    return bytes || (soft && all_long);
}

/* false: the line goes on in the next one. */
static bool append_unquoted(GString *out, ike_text line)
{
    while (line.at < line.end) {
        if (is_quoted_byte(line)) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(line.at[1]) << 4 |
                                          g_ascii_xdigit_value(line.at[2])));
            line.at += 3;
        } else if (*line.at == '=') {
            return false;
        } else {
            g_string_append_c(out, *line.at++);
        }
    }
    return true;
}

bool ike_decode_quoted_printable(const ike_transcript *from, ike_transcript *to)
{
    if (!is_quoted_printable(from))
        return false;
    GString *out = g_string_new(NULL);
    size_t at = 0;
    unsigned index = 0, first = 0;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        if (out->len == 0)
            first = ike_transcript_origin(from, index);
        if (append_unquoted(out, line))
            ike_transcript_move(to, out, first);
    }
    if (out->len > 0)
        ike_transcript_move(to, out, first);
    g_string_free(out, TRUE);
    return true;
}

/* Behind the "> " of a reply. */
bool ike_decode_quoted_reply(const ike_transcript *from, ike_transcript *to)
{
    ike_transcript *plain = ike_transcript_sized(from->text->len + 1);
    bool any = ike_remove_quotes(from, plain) && ike_decode_quoted_printable(plain, to);
    ike_transcript_free(plain);
    return any;
}

/* ---- HTML ------------------------------------------------------------------------------------ */

typedef enum { TAG_NONE, TAG_INLINE, TAG_BLOCK, TAG_CELL } tag_kind;

static tag_kind kind_of_tag(ike_text name)
{
    static const struct {
        const char *name;
        tag_kind kind;
    } tags[] = {
        {"a", TAG_INLINE},         {"b", TAG_INLINE},      {"code", TAG_INLINE},
        {"em", TAG_INLINE},        {"font", TAG_INLINE},   {"i", TAG_INLINE},
        {"mark", TAG_INLINE},      {"pre", TAG_INLINE},    {"samp", TAG_INLINE},
        {"span", TAG_INLINE},      {"strong", TAG_INLINE}, {"tt", TAG_INLINE},
        {"u", TAG_INLINE},         {"wbr", TAG_INLINE},    {"body", TAG_BLOCK},
        {"blockquote", TAG_BLOCK}, {"br", TAG_BLOCK},      {"div", TAG_BLOCK},
        {"html", TAG_BLOCK},       {"li", TAG_BLOCK},      {"ol", TAG_BLOCK},
        {"p", TAG_BLOCK},          {"table", TAG_BLOCK},   {"tbody", TAG_BLOCK},
        {"tr", TAG_BLOCK},         {"ul", TAG_BLOCK},      {"td", TAG_CELL},
        {"th", TAG_CELL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        if (ike_text_is_word(name, tags[i].name))
            return tags[i].kind;
    return TAG_NONE;
}

/* "<span class=x>", "</p>", "<br/>"; `all`: whatever the name. */
static tag_kind skip_tag(ike_text *text, bool all)
{
    enum { TAG_MAX = 512 };
    ike_text rest = {text->at, text->at + MIN(ike_text_length(*text), (size_t)TAG_MAX)};
    if (!ike_text_skip(&rest, "<"))
        return TAG_NONE;
    bool closes = ike_text_skip(&rest, "/");
    ike_text name = {rest.at, rest.at};
    while (name.end < rest.end && g_ascii_isalnum(*name.end))
        name.end++;
    rest.at = name.end;
    tag_kind kind = kind_of_tag(name);
    if (kind == TAG_NONE && all && name.end > name.at)
        kind = closes ? TAG_BLOCK : TAG_INLINE;
    const char *end = memchr(rest.at, '>', ike_text_length(rest));
    if (kind == TAG_NONE || end == NULL || (end > rest.at && !ike_is_any_of(*rest.at, " \t/")))
        return TAG_NONE;
    text->at = end + 1;
    return kind == TAG_CELL && !closes ? TAG_INLINE : kind;
}

/* "&nbsp;", "&#34;", "&#x27;": the character, '\0' for none. */
static char skip_entity(ike_text *text)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {
        {"&lt;", '<'},   {"&gt;", '>'},    {"&amp;", '&'},    {"&quot;", '"'},   {"&apos;", '\''},
        {"&nbsp;", ' '}, {"&#160;", ' '},  {"&#xa0;", ' '},   {"&#xA0;", ' '},   {"&ldquo;", '"'},
        {"&tab;", '\t'}, {"&rdquo;", '"'}, {"&lsquo;", '\''}, {"&rsquo;", '\''},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++)
        if (ike_text_skip(text, entities[i].name))
            return entities[i].character;
    ike_text rest = *text;
    enum { ENTITY_MAX = 5 };
    if (!ike_text_skip(&rest, "&#"))
        return '\0';
    bool hex = ike_text_skip(&rest, "x") || ike_text_skip(&rest, "X");
    const char *end = memchr(rest.at, ';', MIN(ike_text_length(rest), (size_t)ENTITY_MAX));
    uint64_t number = 0;
    unsigned decimal = 0;
    if (end == NULL || !(hex ? ike_text_hex_number((ike_text){rest.at, end}, &number)
                             : ike_text_decimal((ike_text){rest.at, end}, &decimal)))
        return '\0';
    number += decimal;
    if (number == 0 || number > 0x7e)
        return '\0';
    text->at = end + 1;
    return (char)number;
}

/* The text of a line, its blocks as lines of their own. */
static bool append_text(GString *out, ike_text line, bool all_tags)
{
    static const char between[] = {[TAG_BLOCK] = '\n', [TAG_CELL] = '\t'};
    bool any = false;
    while (line.at < line.end) {
        tag_kind tag = *line.at == '<' ? skip_tag(&line, all_tags) : TAG_NONE;
        bool may_be_entity = tag == TAG_NONE && *line.at == '&';
        char entity = may_be_entity ? skip_entity(&line) : '\0';
        any = any || tag != TAG_NONE || entity != '\0';
        if (tag == TAG_BLOCK || tag == TAG_CELL)
            g_string_append_c(out, between[tag]);
        else if (entity != '\0')
            g_string_append_c(out, entity);
        else if (tag == TAG_NONE)
            g_string_append_c(out, *line.at++);
    }
    return any;
}

/* ike_line_edit */
static bool append_plain(GString *out, ike_text line)
{
    return append_text(out, line, false);
}

bool ike_remove_markup(const ike_transcript *from, ike_transcript *to)
{
    return ike_transcript_edit(from, to, false, append_plain);
}

/* ike_line_edit */
static bool append_untagged(GString *out, ike_text line)
{
    return append_text(out, line, true);
}

bool ike_remove_tags(const ike_transcript *from, ike_transcript *to)
{
    return ike_transcript_edit(from, to, false, append_untagged);
}
