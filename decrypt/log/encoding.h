/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file holds before it is lines of text: captures and compressed files are refused, UTF-16
 * (as PowerShell redirects output) becomes UTF-8, lines may end in CR alone, and the lengths in
 * "journalctl -o export" go:
 *
 *   MESSAGE LF
 *   length, 8 bytes, little endian | the message, which may have line breaks | LF
 */
#ifndef IKE_LOG_ENCODING_H
#define IKE_LOG_ENCODING_H

#include "decrypt/log/text.h"

enum { IKE_HEADER_BYTES = 8 };

/* All zero at the beginning of a file. */
typedef struct {
    bool begun;
    enum { IKE_UTF8, IKE_UTF16_LE, IKE_UTF16_BE } charset;
    char line_end; /* of a line: LF, or CR in a file that has no LF */
    bool half;     /* a piece of UTF-16 ended between the two bytes of a character */
    char first_half;
    bool in_header; /* a length may come */
    char header[IKE_HEADER_BYTES];
    size_t header_bytes;
} ike_encoding;

/* Looks at the beginning of a file. Returns why it is no log, or NULL. */
const char *ike_encoding_begin(ike_encoding *encoding, ike_text first);

/* Rewrites a piece of UTF-16 to `out`, which has its length; returns the end of the text there. */
char *ike_encoding_to_utf8(ike_encoding *encoding, ike_text piece, char *out);

/* A line came to its end: behind a name of a field alone a length may follow. */
void ike_encoding_end_line(ike_encoding *encoding, ike_text line);

/* Takes bytes that may be a length. Returns true when it is complete; what was no length is then in
 * `header`. */
bool ike_encoding_take_header(ike_encoding *encoding, ike_text *text);

/* Whether the 8 bytes in `header` are a length. */
bool ike_encoding_is_length(const ike_encoding *encoding);

#endif
