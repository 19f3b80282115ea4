/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The width of the terminal that a log was copied from. */
#ifndef IKE_KEYLOG_WIDTH_H
#define IKE_KEYLOG_WIDTH_H

#include <stddef.h>

/* Whether the lines of a text were broken at a width: several lines are as long as the longest, and
 * with what follows them put together more secrets are recognised. 0: they were not. */
unsigned ike_keylog_find_width(const char *text, size_t length);

#endif
