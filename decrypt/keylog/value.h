/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as programs print them: 221ee721, 0x221ee721, 22:1e:e7:21, 22 1e e7 21, 221ee721 369a0db5,
 * 0x22, 0x1e, and Go's [34 30 231 33]. */
#ifndef IKE_KEYLOG_VALUE_H
#define IKE_KEYLOG_VALUE_H

#include "decrypt/log/text.h"

/* Reads the bytes that `text` begins with, behind blanks and signs (": = > ( [ { \" '"). Returns
 * their number, 0 when there are none; at most `size`, and 0 for more. */
size_t ike_value_read(ike_text text, uint8_t *bytes, size_t size);

#endif
