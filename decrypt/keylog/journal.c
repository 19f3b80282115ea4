/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of systemd.journal-fields(7), and those of strongSwan. */
#include "decrypt/keylog/journal.h"

#include <glib.h>

/* Those with "_" before them are all the journal's own. */
static const char *const fields[] = {
    "CODE_FILE",  "CODE_FUNC",   "CODE_LINE",     "COREDUMP_",        "ERRNO",
    "GROUP",      "IKE_SA_NAME", "IKE_SA_UNIQUE", "INVOCATION_ID",    "LEVEL",
    "MESSAGE_ID", "OBJECT_",     "PRIORITY",      "SYSLOG_FACILITY",  "SYSLOG_IDENTIFIER",
    "SYSLOG_PID", "SYSLOG_RAW",  "SYSLOG_TIME",   "SYSLOG_TIMESTAMP", "THREAD",
    "TID",        "UNIT",        "USER_UNIT",     "USER_INVOCATION",
};

static bool is_known(ike_text name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (ike_text_begins(name, fields[i]))
            return true;
    return name.at[0] == '_';
}

/* "Fri 2026-11-27 04:32:00.123456 UTC [s=0639c2;i=1a2;b=99;m=1;t=2;x=3]" */
static bool is_heading(ike_text line)
{
    return line.end[-1] == ']' && ike_text_find(line, " [s=") != NULL &&
           ike_text_find(line, ";i=") != NULL;
}

bool ike_is_journal_field(ike_text line)
{
    ike_text_trim(&line);
    if (line.at == line.end || is_heading(line))
        return line.at < line.end;
    ike_text name = {line.at, line.at};
    while (name.end < line.end &&
           (g_ascii_isupper(*name.end) || g_ascii_isdigit(*name.end) || *name.end == '_'))
        name.end++;
    return name.at < name.end && name.end < line.end && *name.end == '=' && is_known(name);
}

void ike_skip_journal_name(ike_text *line)
{
    ike_text rest = *line;
    ike_text_blanks(&rest);
    if (ike_text_skip(&rest, "MESSAGE="))
        *line = rest;
}
