/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a text for trial, to see in which layout most of it makes sense. */
#ifndef IKE_KEYLOG_TRIAL_H
#define IKE_KEYLOG_TRIAL_H

#include <stddef.h>

/* How many bytes of secrets a text holds whose lines were broken at `width` (0: they were not).
 * They are thrown away. */
size_t ike_keylog_try(const char *text, size_t length, unsigned width);

#endif
