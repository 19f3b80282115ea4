/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from the wire, and names of files, between quotation marks. */
#ifndef IKE_QUOTED_H
#define IKE_QUOTED_H

#include <glib.h>

/* Bytes of the UTF-8 character that `text` begins with, of `length` bytes. 0: it is damaged, or a
 * terminal or an editor takes it for a command, the end of a line or a change of direction. */
size_t ike_shown_bytes(const char *text, size_t length);

/* Text from the wire between quotation marks, in which quotes, backslashes and what is not shown
 * are escaped, so that it cannot pose as words of ours; at most `most` bytes of it, 0 all. */
void ike_format_quoted(GString *out, const char *text, size_t most);

/* All of it, also for names of files. The caller frees it with g_free(). */
char *ike_quoted(const char *text);

#endif
