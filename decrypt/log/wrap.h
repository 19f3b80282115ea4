/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that were broken at the width of a terminal and then copied: "...0x839de041491da152695986"
 * and "6f96f76cd0 128". */
#ifndef IKE_LOG_WRAP_H
#define IKE_LOG_WRAP_H

#include "decrypt/log/text.h"

/* Whether a line may go on in the next: it ends in the middle of a long run of hex digits. */
bool ike_may_be_wrapped(ike_text line);

/* Whether two lines begin with the same kinds of characters, as those behind one prefix do. */
bool ike_lines_begin_alike(ike_text line, ike_text next);

/* Whether `next` is the rest of `line`, which may be wrapped. */
bool ike_is_rest_of_line(ike_text line, ike_text next);

#endif
