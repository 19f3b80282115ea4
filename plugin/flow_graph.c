/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > Flow Graph, flow type "IKE Messages", and -z flow,isakmp,...: one line for each IKE
 * message with its payloads. The graph's items are made by Wireshark's own analysis of all packets,
 * which labels them with the Info column: that holds the summary of the message meanwhile. */
#include "plugin/menus.h"

#include "dissector/session/tap.h"

static tap_packet_status add_message(void *graph, packet_info *pinfo, epan_dissect_t *edt,
                                     const void *data, tap_flags_t flags)
{
    const ike_tapped *tapped = data;
    register_analysis_t *all = sequence_analysis_find_by_name("any");

    if (!tapped->record || !all)
        return TAP_PACKET_DONT_REDRAW;
    tap_packet_cb add = sequence_analysis_get_packet_func(all);
    const char *info = col_get_text(pinfo->cinfo, COL_INFO);
    if (!tapped->summary || !info)
        return add(graph, pinfo, edt, data, flags);
    char *kept = g_strdup(info);
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_add_str(pinfo->cinfo, COL_INFO, tapped->summary);
    tap_packet_status status = add(graph, pinfo, edt, data, flags);
    col_add_str(pinfo->cinfo, COL_INFO, kept);
    g_free(kept);
    return status;
}

void ike_flow_graph_register(void)
{
    register_seq_analysis("isakmp", "IKE Messages", proto_isakmp, IKE_TAP, TL_REQUIRES_COLUMNS,
                          add_message);
}
