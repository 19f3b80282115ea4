/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What journalctl -o export, verbose and json-pretty print around the message of a record. */
#ifndef IKE_KEYLOG_JOURNAL_H
#define IKE_KEYLOG_JOURNAL_H

#include "decrypt/log/text.h"

/* Whether a line is a field of a record other than its message: "_HOSTNAME=gw", "    PRIORITY=7",
 * or the line above the fields. It does not end a dump. */
bool ike_is_journal_field(ike_text line);

/* Steps over the name of the message, if the line begins with it. */
void ike_skip_journal_name(ike_text *line);

#endif
