/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as statistics of tshark: -z isakmp,report and -z isakmp,summary. */
#ifndef IKE_REPORT_TAP_H
#define IKE_REPORT_TAP_H

#include "analysis/report/report.h"

#include <wsutil/json_dumper.h>

/* Registers the statistics. */
void ike_report_register(void);

/* One IKE SA as a JSON object, where `json` expects a value. */
void ike_report_json_sa(json_dumper *json, const ike_report_sa *record);

#endif
