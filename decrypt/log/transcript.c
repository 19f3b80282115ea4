/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts with the numbers of their lines. */
#include "decrypt/log/transcript.h"

#include <string.h>

#include "decrypt/log/encoding.h"

ike_transcript *ike_transcript_sized(size_t size)
{
    ike_transcript *transcript = g_new(ike_transcript, 1);
    transcript->text = g_string_sized_new(size);
    transcript->lines = g_array_new(FALSE, FALSE, sizeof(unsigned));
    return transcript;
}

void ike_transcript_free(ike_transcript *transcript)
{
    if (transcript == NULL)
        return;
    memset(transcript->text->str, 0, transcript->text->allocated_len);
    g_string_free(transcript->text, TRUE);
    g_array_free(transcript->lines, TRUE);
    g_free(transcript);
}

void ike_transcript_append(ike_transcript *to, ike_text line, unsigned origin)
{
    do {
        ike_text piece = ike_text_until(&line, '\n');
        g_string_append_len(to->text, piece.at, (gssize)ike_text_length(piece));
        g_string_append_c(to->text, '\n');
        g_array_append_val(to->lines, origin);
    } while (line.at < line.end);
}

void ike_transcript_move(ike_transcript *to, GString *text, unsigned origin)
{
    ike_transcript_append(to, (ike_text){text->str, text->str + text->len}, origin);
    memset(text->str, 0, text->len);
    g_string_truncate(text, 0);
}

bool ike_transcript_next(const ike_transcript *from, size_t *at, unsigned *index, ike_text *line)
{
    if (*at >= from->text->len)
        return false;
    ike_text rest = {from->text->str + *at, from->text->str + from->text->len};
    const char *start = rest.at;
    *line = ike_text_until(&rest, '\n');
    *index = *at == 0 ? 0 : *index + 1;
    *at += (size_t)(rest.at - start);
    return true;
}

bool ike_transcript_edit(const ike_transcript *from, ike_transcript *to, bool keep_empty,
                         ike_line_edit *edit)
{
    GString *out = g_string_new(NULL);
    size_t at = 0;
    unsigned index = 0;
    bool any = false;
    for (ike_text line; ike_transcript_next(from, &at, &index, &line);) {
        any = edit(out, line) || any;
        if (keep_empty || out->len > 0)
            ike_transcript_move(to, out, ike_transcript_origin(from, index));
    }
    g_string_free(out, TRUE);
    return any;
}

static void append_lines(ike_transcript *to, ike_text text, char line_end)
{
    for (unsigned number = 1; text.at < text.end; number++) {
        ike_text line = ike_text_until(&text, line_end);
        while (line.at < line.end && line.end[-1] == '\r')
            line.end--;
        ike_transcript_append(to, line, number);
    }
}

ike_transcript *ike_transcript_new(ike_text text)
{
    ike_transcript *transcript = ike_transcript_sized(ike_text_length(text) + 1);
    ike_encoding encoding = {0};
    if (ike_encoding_begin(&encoding, text) != NULL)
        return transcript;
    if (encoding.charset == IKE_UTF8) {
        append_lines(transcript, text, encoding.line_end);
        return transcript;
    }
    size_t length = ike_text_length(text);
    char *copy = g_malloc(length + 1);
    char *end = ike_encoding_to_utf8(&encoding, text, copy);
    append_lines(transcript, (ike_text){copy, end}, encoding.line_end);
    memset(copy, 0, length);
    g_free(copy);
    return transcript;
}
