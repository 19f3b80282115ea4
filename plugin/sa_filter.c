/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation filter "IKE SA": all messages and ESP packets of the IKE SA of a packet. */
#include "plugin/menus.h"

#include "dissector/session/tap.h"

#include <epan/conversation_filter.h>

static const ike_sa *sa_of(packet_info *pinfo)
{
    const ike_tapped *tapped = ike_tapped_in(pinfo);

    return tapped ? ike_tapped_sa(tapped) : NULL;
}

static ws_bool is_valid(IKE_CONVERSATION_ARGUMENTS)
{
    return sa_of(pinfo) != NULL;
}

static char *build(IKE_CONVERSATION_ARGUMENTS)
{
    const ike_sa *sa = sa_of(pinfo);

    return sa ? g_strdup_printf("isakmp.stream == %u", sa->stream) : NULL;
}

void ike_sa_filter_register(void)
{
    ike_register_conversation_filter("isakmp", "IKE SA", is_valid, build);
}
