/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs whose newest line comes first, as the log views of firewalls show and export them. */
#ifndef IKE_KEYLOG_ORDER_H
#define IKE_KEYLOG_ORDER_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the lines of a text go backwards: from the last to the first they hold more secrets. Only
 * a text whose times do not grow is read for trial. */
bool ike_keylog_is_newest_first(const char *text, size_t length);

/* Turns the lines of a text around, in place; returns their number. */
unsigned ike_keylog_turn_around(char *text, size_t length);

#endif
