/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > Service Response Time > ISAKMP, and -z isakmp,srt: the time from a request to its
 * response, for each exchange type. */
#include "plugin/menus.h"

#include "dissector/session/tap.h"
#include "registry/names.h"

#include <epan/srt_table.h>

/* A row for each number of the field that Wireshark filters by; those without a response are not
 * shown. */
enum { ROWS = 256 };

static const char *exchange_name(const ike_exchange *exchange)
{
    ike_registry registry =
        exchange->sa->major >= 2 ? IKE_REG_IKEV2_EXCHANGE : IKE_REG_IKEV1_EXCHANGE;

    return ike_registry_name(registry, exchange->type);
}

static tap_packet_status add_response(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data, tap_flags_t flags _U_)
{
    const srt_data_t *tables = tapdata;
    const ike_tapped *tapped = data;
    uint64_t ns;

    if (!tapped->record || tapped->record->original ||
        !ike_record_response_time(tapped->record, &ns))
        return TAP_PACKET_DONT_REDRAW;
    srt_stat_table *table = g_array_index(tables->srt_array, srt_stat_table *, 0);
    const ike_exchange *exchange = tapped->record->exchange;
    nstime_t time = {.secs = (time_t)(ns / 1000000000u), .nsecs = (int)(ns % 1000000000u)};
    nstime_t request;
    nstime_delta(&request, &pinfo->abs_ts, &time);
    const char *name = exchange_name(exchange);
    init_srt_table_row(table, exchange->type, name ? name : "unknown exchange");
    add_srt_table_data(table, exchange->type, &request, pinfo);
    return TAP_PACKET_REDRAW;
}

static void begin(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table = init_srt_table("IKE exchanges", "IKE", tables, ROWS, "Exchange",
                                           "isakmp.exchangetype", NULL);

    for (int i = 0; i < ROWS; i++)
        init_srt_table_row(table, i, "");
}

void ike_response_time_register(void)
{
    register_srt_table(proto_isakmp, IKE_TAP, 1, add_response, begin, NULL);
}
