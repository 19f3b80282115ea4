/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the report; the files of report/ only. */
#ifndef IKE_REPORT_PARTS_H
#define IKE_REPORT_PARTS_H

#include <glib.h>

#include "analysis/report/report.h"

/* Copies a finding with its texts, which `owned` frees. */
void ike_copy_finding(GPtrArray *owned, ike_report_finding *to, const ike_finding *finding);

/* Fills in where both sides of record->sa were, and what is known of NAT there; `owned` frees. */
void ike_report_put_paths(GPtrArray *owned, ike_report_sa *record);

#endif
