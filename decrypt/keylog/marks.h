/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds in one pass over a line which readers have a mark in it: a log of a million lines holds a
 * thousand of interest. */
#ifndef IKE_KEYLOG_MARKS_H
#define IKE_KEYLOG_MARKS_H

#include "decrypt/log/text.h"

/* One bit for each of ike_keylog_readers[], set when the line has a mark of it, or when it has no
 * marks. */
uint32_t ike_marks_in(ike_text line);

#endif
