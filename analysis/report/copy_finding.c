/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/report/report_parts.h"

static const char *copy_text(GPtrArray *owned, const char *text)
{
    if (!text)
        return NULL;
    char *copy = g_strdup(text);
    g_ptr_array_add(owned, copy);
    return copy;
}

void ike_copy_finding(GPtrArray *owned, ike_report_finding *to, const ike_finding *finding)
{
    *to = (ike_report_finding){
        .code = copy_text(owned, finding->code),
        .name = finding->kind->name,
        .frame = finding->message->frame,
        .text = copy_text(owned, finding->text),
        .detail = copy_text(owned, finding->detail),
        .requested = copy_text(owned, finding->requested),
        .received = copy_text(owned, finding->received),
        .peer = copy_text(owned, finding->peer),
        .side = ike_side_text(finding->side),
        .related_frame = finding->frame,
        .certainty = finding->certainty,
        .severity = finding->kind->severity,
        .security = finding->kind->security,
        .values = finding->values,
        .from_wire = finding->from_wire,
    };
}
