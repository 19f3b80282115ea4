/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of files, character sets, and the lengths of the journal's export format. */
#include "decrypt/log/encoding.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char magic[5];
    const char *why;
} refused[] = {
    {"\xd4\xc3\xb2\xa1", "this is a capture, not a log"},
    {"\xa1\xb2\xc3\xd4", "this is a capture, not a log"},
    {"\x4d\x3c\xb2\xa1", "this is a capture, not a log"},
    {"\x0a\x0d\x0d\x0a", "this is a capture, not a log"},
    {"\x1f\x8b\x08", "this is a compressed file: decompress it first"},
    {"\x28\xb5\x2f\xfd", "this is a compressed file: decompress it first"},
    {"\xfd"
     "7zX",
     "this is a compressed file: decompress it first"},
    {"BZh", "this is a compressed file: decompress it first"},
    {"PK\x03\x04", "this is an archive: extract the log first"},
    {"\x7f"
     "ELF",
     "this is a program, not a log"},
    {"LPKS", "this is a journal file: print it with journalctl --file"},
    {"\x89PNG", "this is a picture, not a log"},
    {"%PDF", "this is a PDF file: copy its text to a file"},
    {"\x30\x82", "this is a certificate or key in DER: neither decrypts IKE"},
    {"SQLi", "this is a database, not a log"},
    {"ElfF", "this is an event log of Windows: export it as text"},
};

/* Without a mark UTF-16 is recognized by the NUL of its first characters, at even or odd places. */
static bool is_utf16(ike_text first, size_t nul)
{
    enum { LOOK = 8 };
    if (ike_text_length(first) < LOOK)
        return false;
    for (size_t i = 0; i < LOOK; i++)
        if ((first.at[i] == '\0') != (i % 2 == nul))
            return false;
    return true;
}

static bool ends_in_cr(ike_text first)
{
    return memchr(first.at, '\n', ike_text_length(first)) == NULL &&
           memchr(first.at, '\r', ike_text_length(first)) != NULL;
}

const char *ike_encoding_begin(ike_encoding *encoding, ike_text first)
{
    if (encoding->begun)
        return NULL;
    encoding->begun = true;
    encoding->line_end = ends_in_cr(first) ? '\r' : '\n';
    if (ike_text_begins(first, "\xff\xfe") || is_utf16(first, 1))
        encoding->charset = IKE_UTF16_LE;
    else if (ike_text_begins(first, "\xfe\xff") || is_utf16(first, 0))
        encoding->charset = IKE_UTF16_BE;
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        if (ike_text_begins(first, refused[i].magic))
            return refused[i].why;
    if (first.end - first.at >= 4 && memcmp(first.at, "\xff\xfe\0\0", 4) == 0)
        return "this is UTF-32: save it as UTF-8";
    return NULL;
}

/* What stands for ranges of characters of typography; '\0': nothing. */
static const struct {
    uint16_t first, last;
    char character;
} characters[] = {
    {0x00a0, 0x00a0, ' '},  {0x00ad, 0x00ad, '\0'}, {0x2000, 0x200a, ' '},  {0x200b, 0x200f, '\0'},
    {0x2010, 0x2013, '-'},  {0x2018, 0x201a, '\''}, {0x201c, 0x201e, '"'},  {0x2028, 0x2029, '\n'},
    {0x202a, 0x202e, '\0'}, {0x202f, 0x202f, ' '},  {0x2060, 0x2069, '\0'}, {0x2212, 0x2212, '-'},
    {0x3000, 0x3000, ' '},  {0xfeff, 0xfeff, '\0'}, {0xff1a, 0xff1a, ':'},
};

/* Logs are ASCII: of the rest it is enough that it stays apart. */
static char *write_character(uint16_t character, char *out)
{
    char stands_for = character < 0x80 ? (char)character : '?';
    for (size_t i = 0; character >= 0x80 && i < G_N_ELEMENTS(characters); i++)
        if (character >= characters[i].first && character <= characters[i].last) {
            stands_for = characters[i].character;
            if (stands_for == '\0')
                return out;
        }
    *out++ = stands_for;
    return out;
}

char *ike_encoding_to_utf8(ike_encoding *encoding, ike_text piece, char *out)
{
    for (; piece.at < piece.end; piece.at++) {
        encoding->half = !encoding->half;
        if (encoding->half) {
            encoding->first_half = *piece.at;
            continue;
        }
        bool little = encoding->charset == IKE_UTF16_LE;
        char low = little ? encoding->first_half : *piece.at;
        char high = little ? *piece.at : encoding->first_half;
        out = write_character((uint16_t)((uint8_t)high << 8 | (uint8_t)low), out);
    }
    return out;
}

static bool is_field_name(ike_text line)
{
    enum { NAME_MAX_LENGTH = 64 };
    size_t length = ike_text_length(line);
    if (length < 2 || length > NAME_MAX_LENGTH)
        return false;
    for (; line.at < line.end; line.at++)
        if (!g_ascii_isupper(*line.at) && !g_ascii_isdigit(*line.at) && *line.at != '_')
            return false;
    return true;
}

void ike_encoding_end_line(ike_encoding *encoding, ike_text line)
{
    encoding->in_header = is_field_name(line);
    encoding->header_bytes = 0;
}

bool ike_encoding_take_header(ike_encoding *encoding, ike_text *text)
{
    while (text->at < text->end && encoding->header_bytes < IKE_HEADER_BYTES)
        encoding->header[encoding->header_bytes++] = *text->at++;
    return encoding->header_bytes == IKE_HEADER_BYTES;
}

bool ike_encoding_is_length(const ike_encoding *encoding)
{
    static const char zero[IKE_HEADER_BYTES - 3];
    return encoding->header_bytes == IKE_HEADER_BYTES &&
           memcmp(encoding->header + 3, zero, sizeof zero) == 0;
}
