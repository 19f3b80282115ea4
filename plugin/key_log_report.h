/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the key logs held, for the reports. */
#ifndef IKE_KEY_LOG_REPORT_H
#define IKE_KEY_LOG_REPORT_H

#include <wsutil/json_dumper.h>

#include "analysis/report/report.h"

/* One line for each key log; nothing when there is none. */
void ike_report_key_logs(ike_report_write write, void *user);

/* The member "key_logs" of the object under way, when there are key logs. */
void ike_report_json_key_logs(json_dumper *json);

#endif
