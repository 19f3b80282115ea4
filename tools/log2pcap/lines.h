/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a log, whatever container they come in. */
#ifndef LOG2PCAP_LINES_H
#define LOG2PCAP_LINES_H

#include <glib.h>

#include "tools/log2pcap/text.h"

enum { LOG_LINE_MAX = 256 * 1024 }; /* bytes of a line that are looked at */

typedef void log_line_user(void *user, log_text line);

/* Calls `use` with each line that a line of a file holds. JSON records (journalctl -o json,
 * docker's json-file) and syslog's "#012" hold several; `scratch` is overwritten. */
void log_lines_split(log_text line, GString *scratch, log_line_user *use, void *user);

#endif
