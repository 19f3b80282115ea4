/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z isakmp,keys[,FILTER]: the keys of the IKE SAs that match, in the plugin's key log format: to
 * let somebody decrypt these and nothing else. */
#include "dissector/base/compat.h"

#include "plugin/menus.h"

#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "plugin/options.h"

#include <epan/stat_tap_ui.h>
#include <wsutil/report_message.h>

#define STATISTIC "isakmp,keys"

/* Streams of IKE SAs with a packet that the filter matches. */
static GHashTable *streams;

static void write_line(const char *line, void *user _U_)
{
    fputs(line, stdout);
}

static void reset(void *tapdata _U_)
{
    g_hash_table_remove_all(streams);
}

static tap_packet_status packet(void *tapdata _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    const ike_sa *sa = ike_tapped_sa(data);

    if (sa)
        g_hash_table_add(streams, GUINT_TO_POINTER(sa->stream));
    return TAP_PACKET_REDRAW;
}

static void draw(void *tapdata _U_)
{
    const ike_tracker *tracker = ike_session_tracker();

    for (uint32_t stream = 0; tracker && stream < ike_tracker_count(tracker); stream++) {
        const ike_sa *sa = ike_tracker_stream(tracker, stream);
        if (sa->attached && g_hash_table_contains(streams, GUINT_TO_POINTER(stream)))
            ike_crypto_write_keys(sa->attached, write_line, NULL);
    }
    fflush(stdout);
}

static bool start(const char *argument)
{
    const char *filter = NULL;
    char *error = ike_read_options(argument, STATISTIC, NULL, &filter);
    GString *wrong = NULL;

    if (!streams)
        streams = g_hash_table_new(g_direct_hash, g_direct_equal);
    if (!error)
        wrong = register_tap_listener(IKE_TAP, &streams, filter, TL_REQUIRES_NOTHING, reset, packet,
                                      draw, NULL);
    if (wrong)
        error = g_string_free(wrong, FALSE);
    if (!error)
        return true;
    report_failure("-z %s: %s", argument, error);
    g_free(error);
    return false;
}

IKE_STATISTIC(start_keys, start)

void ike_keys_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    static stat_tap_ui statistic = {.group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
                                    .title = "IKE keys",
                                    .cli_string = STATISTIC,
                                    .tap_init_cb = start_keys,
                                    .nparams = array_length(parameters),
                                    .params = parameters};

    register_stat_tap_ui(&statistic, NULL);
}
