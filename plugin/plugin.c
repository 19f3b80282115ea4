/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry points that Wireshark calls. */
#include "dissector/base/compat.h"

#include "dissector/register.h"
#include "plugin/menus.h"
#include "plugin/report_tap.h"
#include "plugin/preferences.h"
#include "plugin/takeover.h"

WS_DLL_PUBLIC_DEF const char plugin_version[] = PLUGIN_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = IKE_WANTS_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = IKE_WANTS_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
#if IKE_PLUGIN_DESCRIBES
WS_DLL_PUBLIC uint32_t plugin_describe(void);

uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR | WS_PLUGIN_DESC_TAP_LISTENER;
}
#endif

static void register_protocol(void)
{
    ike_register();
    ike_preferences_register();
    ike_takeover_register();
    ike_report_register();
    ike_report_windows_register();
    ike_sa_table_register();
    ike_statistics_help_register();
    ike_flow_graph_register();
    ike_follow_register();
    ike_response_time_register();
    ike_conversations_register();
    ike_sa_filter_register();
    ike_certificates_register();
}

static void hand_off(void)
{
    ike_handoff();
    ike_takeover_handoff();
}

void plugin_register(void)
{
    static proto_plugin plugin = {.register_protoinfo = register_protocol,
                                  .register_handoff = hand_off};

    proto_register_plugin(&plugin);
}
