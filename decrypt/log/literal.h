/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as programs print them between quotes: b'\x12\xabc' of Python, "\x12\xabc" of Go and C. */
#ifndef IKE_LOG_LITERAL_H
#define IKE_LOG_LITERAL_H

#include "decrypt/log/text.h"

/* Whether a line may have one. */
bool ike_has_literal(ike_text line);

/* Writes the line with its literals as hex to `out`, which has room for twice the line; returns the
 * end. What is no literal is copied. */
char *ike_literals_to_hex(ike_text line, char *out);

#endif
