/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > Service Response Time > ISAKMP, and -z isakmp,srt: the time from a request to its
 * response, for each exchange type. */
#include "plugin/menus.h"

#include "dissector/session/tap.h"
#include "plugin/options.h"
#include "registry/names.h"

#include <epan/srt_table.h>
#include <wsutil/report_message.h>

#define STATISTIC "isakmp,srt"

/* A row for each number of the field that Wireshark filters by; those without a response are not
 * shown. */
enum { ROWS = 256 };

/* A table of tshark. Wireshark takes every word behind "isakmp,srt," for a filter, unless there is
 * a parameter handler; then it takes none. So the handler checks the words, and a listener of the
 * plugin's own with the filter fills the table. */
typedef struct {
    srt_stat_table *table;
    bool is_filtered, has_rows;
} cli_table;

static GSList *cli_tables; /* the newest first */

static bool is_cli_table(const srt_stat_table *table)
{
    for (GSList *item = cli_tables; item; item = item->next)
        if (((cli_table *)item->data)->table == table)
            return true;
    return false;
}

static const char *exchange_name(const ike_exchange *exchange)
{
    ike_registry registry =
        exchange->sa->major >= 2 ? IKE_REG_IKEV2_EXCHANGE : IKE_REG_IKEV1_EXCHANGE;

    return ike_registry_name(registry, exchange->type);
}

/* Adds the message to the table if it is the response to a request. */
static bool add_message(srt_stat_table *table, packet_info *pinfo, const ike_tapped *tapped)
{
    uint64_t ns;

    if (!tapped->record || tapped->record->original ||
        !ike_record_response_time(tapped->record, &ns))
        return false;
    const ike_exchange *exchange = tapped->record->exchange;
    nstime_t time = {.secs = (time_t)(ns / 1000000000u), .nsecs = (int)(ns % 1000000000u)};
    nstime_t request;
    nstime_delta(&request, &pinfo->abs_ts, &time);
    const char *name = exchange_name(exchange);
    init_srt_table_row(table, exchange->type, name ? name : "unknown exchange");
    add_srt_table_data(table, exchange->type, &request, pinfo);
    return true;
}

static tap_packet_status add_response(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data, tap_flags_t flags _U_)
{
    const srt_data_t *tables = tapdata;
    srt_stat_table *table = g_array_index(tables->srt_array, srt_stat_table *, 0);

    if (is_cli_table(table) || !add_message(table, pinfo, data))
        return TAP_PACKET_DONT_REDRAW;
    return TAP_PACKET_REDRAW;
}

static tap_packet_status add_matching(void *tapdata, packet_info *pinfo, epan_dissect_t *edt _U_,
                                      const void *data, tap_flags_t flags _U_)
{
    cli_table *of_cli = tapdata;

    if (of_cli->table && add_message(of_cli->table, pinfo, data))
        of_cli->has_rows = true;
    return TAP_PACKET_DONT_REDRAW;
}

/* Drawn after the table, since it was registered before. */
static void draw_no_rows(void *tapdata)
{
    const cli_table *of_cli = tapdata;

    if (!of_cli->has_rows)
        fputs(of_cli->is_filtered ? "No response matches the filter.\n"
                                  : "No response to a request in this capture.\n",
              stdout);
}

/* Called for -z. Returns how much of `argument` is not to be read as a filter: 0 for all. */
static guint read_argument(struct register_srt *srt _U_, const char *argument, char **error)
{
    char *full = g_strconcat(STATISTIC, argument, NULL);
    const char *filter;
    char *wrong = ike_read_options(full, STATISTIC, NULL, &filter);

    if (!wrong) {
        cli_table *of_cli = g_new0(cli_table, 1);
        of_cli->is_filtered = filter != NULL;
        cli_tables = g_slist_prepend(cli_tables, of_cli);
        GString *failed = register_tap_listener(IKE_TAP, of_cli, filter, TL_REQUIRES_NOTHING, NULL,
                                                add_matching, draw_no_rows, NULL);
        if (failed)
            wrong = g_string_free(failed, FALSE);
    }
    if (wrong) {
        report_failure("-z %s: %s", full, wrong);
        *error = g_strdup(argument[0] == ',' ? argument + 1 : argument);
    }
    g_free(wrong);
    g_free(full);
    return 0;
}

static void begin(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table = init_srt_table("IKE exchanges", "IKE", tables, ROWS, "Exchange",
                                           "isakmp.exchangetype", NULL);
    cli_table *newest = cli_tables ? cli_tables->data : NULL;

    for (int i = 0; i < ROWS; i++)
        init_srt_table_row(table, i, "");
    if (newest && !newest->table)
        newest->table = table;
}

void ike_response_time_register(void)
{
    register_srt_table(proto_isakmp, IKE_TAP, 1, add_response, begin, read_argument);
}
