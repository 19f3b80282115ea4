/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_REPORT_PATHS_H
#define IKE_REPORT_PATHS_H

#include <glib.h>

#include "analysis/report/report.h"

/* Fills in where both sides of record->sa were, and what is known of NAT there; `owned` frees. */
void ike_report_put_paths(GPtrArray *owned, ike_report_sa *record);

#endif
