/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_COPY_FINDING_H
#define IKE_COPY_FINDING_H

#include <glib.h>

#include "analysis/report/report.h"

/* Copies a finding with its texts, which `owned` frees. */
void ike_copy_finding(GPtrArray *owned, ike_report_finding *to, const ike_finding *finding);

#endif
