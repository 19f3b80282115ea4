/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The syntax of the statistics in the list of -z help. What Wireshark lists is what an argument
 * begins with, so the syntax is an entry of its own behind the one that does the work; no argument
 * reaches it. */
#include "plugin/menus.h"

#include "dissector/base/compat.h"

#include <epan/stat_tap_ui.h>

static const char *const lines[] = {
    "isakmp,keys[,FILTER]", "isakmp,report[,json][,FILTER]",  "isakmp,sas[,FILTER]",
    "isakmp,srt[,FILTER]",  "isakmp,summary[,json][,FILTER]",
};

static bool never(const char *argument _U_)
{
    return false;
}

IKE_STATISTIC(start_nothing, never)

void ike_statistics_help_register(void)
{
    static stat_tap_ui entries[array_length(lines)];

    for (unsigned i = 0; i < array_length(lines); i++) {
        entries[i] = (stat_tap_ui){.group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
                                   .title = "IKE",
                                   .cli_string = lines[i],
                                   .tap_init_cb = start_nothing};
        register_stat_tap_ui(&entries[i], NULL);
    }
}
