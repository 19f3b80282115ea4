/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of -z: "isakmp,NAME[,OPTION...][,FILTER]". */
#ifndef IKE_OPTIONS_H
#define IKE_OPTIONS_H

#include <stdbool.h>

/* Reads what follows `name` in `argument`, which begins with it. Sets *json when the option "json"
 * is there, and *filter to the display filter (borrowed from `argument`) or NULL. `json` NULL: the
 * statistic has no such option. A single word that is neither an option nor a protocol is an error,
 * and so is a word that names an output format: no such word is taken for a filter.
 * Returns NULL, or what is wrong; the caller frees it with g_free(). */
char *ike_read_options(const char *argument, const char *name, bool *json, const char **filter);

/* What is said where a display filter left nothing to show. */
#define IKE_NO_MATCH "No IKE SA has a packet that matches the filter.\n"
#define IKE_NO_IKE "No IKE in this capture.\n"

#endif
