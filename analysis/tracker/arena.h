/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that lives as long as the tracker, and bytes of which equal ones are stored once. */
#ifndef IKE_ARENA_H
#define IKE_ARENA_H

#include <glib.h>
#include "analysis/tracker/records.h"

/* Zeroed bytes; aligned for any structure of the tracker. */
void *ike_tracker_alloc(ike_tracker *tracker, size_t size);

/* Bytes stored once; aligned as malloc does. NULL for length 0. */
const void *ike_store(ike_tracker *tracker, const void *bytes, size_t length);
const char *ike_store_text(ike_tracker *tracker, const char *text);
/* Stores the text of a GString and frees it. */
const char *ike_store_string(ike_tracker *tracker, GString *text);

/* The next message record, zeroed. */
ike_message_record *ike_tracker_add_record(ike_tracker *tracker);

#endif
