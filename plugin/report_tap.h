/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report, the summary and the keys of a capture: -z isakmp,report, -z isakmp,summary and
 * -z isakmp,keys, and the windows of the same text under Statistics. */
#ifndef IKE_REPORT_TAP_H
#define IKE_REPORT_TAP_H

#include "analysis/report/report.h"

#include <wsutil/json_dumper.h>

/* Registers the statistics. */
void ike_report_register(void);

/* Registers the menu items that open a window. */
void ike_report_windows_register(void);

/* One IKE SA, or the totals, as a JSON object, where `json` expects a value. */
void ike_report_json_sa(json_dumper *json, const ike_report_sa *record);
/* The member "esp_flows". */
void ike_report_json_flows(json_dumper *json, const ike_tracker *tracker);
void ike_report_json_summary(json_dumper *json, const ike_summary *summary);

/* The keys of the IKE SAs that pass the filter (NULL: all) in the plugin's key log format, and
 * those keys of logs that decrypted packets of the SPIs (a set, not NULL). */
void ike_keys_write(const ike_tracker *tracker, ike_report_filter filter, void *user,
                    const GHashTable *spis, ike_report_write write, void *write_user);

/* ---- one report that listens to packets ------------------------------------------------------ */

typedef struct ike_report_form ike_report_form;
typedef struct ike_report_listener ike_report_listener;

/* The form that -z names ("isakmp,report", "isakmp,summary", "isakmp,keys"), as text or as JSON;
 * NULL when there is none. */
const ike_report_form *ike_report_form_of(const char *argument, bool json);

/* Listens to the IKE SAs that have a packet which the filter (NULL: none) matches. `draw` is called
 * when the result is to be shown. NULL and *error, which the caller frees with g_free(),
 * when the filter is wrong. */
ike_report_listener *ike_report_listen(const ike_report_form *form, const char *filter,
                                       void (*draw)(ike_report_listener *listener, void *user),
                                       void *user, char **error);

/* Another filter, NULL or "" for none: retap the packets afterwards. Returns NULL, or what is
 * wrong, for g_free(). */
char *ike_report_set_filter(ike_report_listener *listener, const char *filter);

/* The report so far. */
void ike_report_write_to(ike_report_listener *listener, ike_report_write write, void *user);

/* Stops listening. */
void ike_report_stop(ike_report_listener *listener);

#endif
