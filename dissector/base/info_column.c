/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissector/base/info_column.h"

void ike_append_info_name(ike_packet *pkt, const char *name)
{
    enum { MAX_NAMES = 6 };

    if (pkt->notifies++ >= MAX_NAMES)
        return;
    col_append_fstr(pkt->pinfo->cinfo, COL_INFO, ", %s", name);
    /* Subdissectors append behind it. */
    col_set_fence(pkt->pinfo->cinfo, COL_INFO);
}
