/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/quoted.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t ike_shown_bytes(const char *text, size_t length)
{
    enum { LINE_SEPARATOR = 0x2028, PARAGRAPH_SEPARATOR = 0x2029 };
    gunichar u = g_utf8_get_char_validated(text, (gssize)length);
    bool shown = u != (gunichar)-1 && u != (gunichar)-2 && u != LINE_SEPARATOR &&
                 u != PARAGRAPH_SEPARATOR && g_unichar_isprint(u);
    return shown ? (size_t)g_unichar_to_utf8(u, NULL) : 0;
}

void ike_format_quoted(GString *out, const char *text, size_t most)
{
    size_t length = strlen(text);
    size_t shown = most && length > most ? most : length;
    while (shown < length && shown > 0 && ((uint8_t)text[shown] & 0xc0) == 0x80)
        shown--; /* not within a UTF-8 sequence */
    g_string_append_c(out, '"');
    for (size_t i = 0, bytes; i < shown; i += MAX(bytes, 1)) {
        bytes = ike_shown_bytes(text + i, shown - i);
        if (text[i] == '"' || text[i] == '\\')
            g_string_append_c(out, '\\');
        if (bytes)
            g_string_append_len(out, text + i, (gssize)bytes);
        else
            g_string_append_printf(out, "\\x%02x", (uint8_t)text[i]);
    }
    g_string_append(out, shown < length ? "...\"" : "\"");
}

char *ike_quoted(const char *text)
{
    GString *quoted = g_string_new(NULL);
    ike_format_quoted(quoted, text, 0);
    return g_string_free(quoted, FALSE);
}
