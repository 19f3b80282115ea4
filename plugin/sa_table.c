/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > IKE SAs: one row for each IKE SA. Wireshark draws the table, so a row is brought up
 * to date with each packet. */
#include "plugin/menus.h"

#include "analysis/report/report.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"

#include <epan/stat_tap_ui.h>

enum {
    COLUMN_STREAM,
    COLUMN_INITIATOR,
    COLUMN_RESPONDER,
    COLUMN_VERSION,
    COLUMN_OUTCOME,
    COLUMN_CAUSE,
    COLUMN_SETUP,
    COLUMN_INITIATOR_ID,
    COLUMN_RESPONDER_ID,
    COLUMN_MESSAGES,
    COLUMN_DECRYPTED,
    COLUMN_CHILDREN,
    COLUMN_ESP,
    COLUMN_ALGORITHMS,
    COLUMNS
};

static stat_tap_table_item columns[COLUMNS] = {
    [COLUMN_STREAM] = {TABLE_ITEM_UINT, TAP_ALIGN_LEFT, "SA", "%u"},
    [COLUMN_INITIATOR] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Initiator", "%s"},
    [COLUMN_RESPONDER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Responder", "%s"},
    [COLUMN_VERSION] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "IKE", "%s"},
    [COLUMN_OUTCOME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome", "%s"},
    [COLUMN_CAUSE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Cause", "%s"},
    [COLUMN_SETUP] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Set up (ms)", "%s"},
    [COLUMN_INITIATOR_ID] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Initiator ID", "%s"},
    [COLUMN_RESPONDER_ID] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Responder ID", "%s"},
    [COLUMN_MESSAGES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Messages", "%u"},
    [COLUMN_DECRYPTED] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Decrypted", "%s"},
    [COLUMN_CHILDREN] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "CHILD_SAs", "%u"},
    [COLUMN_ESP] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "ESP", "%u"},
    [COLUMN_ALGORITHMS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Algorithms", "%s"},
};

static stat_tap_table *table_of(stat_tap_table_ui *ui)
{
    return stat_tap_find_table(ui, "IKE SAs");
}

/* Row + 1 of each stream, 0 when it has none. There is one table. */
static GArray *rows;

/* ---- cells ----------------------------------------------------------------------------------- */

static void set_text(stat_tap_table_item_type *cell, char *text)
{
    g_free((char *)(uintptr_t)cell->value.string_value);
    cell->type = TABLE_ITEM_STRING;
    cell->value.string_value = text;
}

static void set_number(stat_tap_table_item_type *cell, unsigned number)
{
    cell->type = TABLE_ITEM_UINT;
    cell->value.uint_value = number;
}

static char *endpoint_text(const ike_report_party *party)
{
    return g_strdup_printf(strchr(party->address, ':') ? "[%s]:%u" : "%s:%u", party->address,
                           party->port);
}

static const char *cause_of(const ike_report_sa *record)
{
    if (record->cause.code)
        return record->cause.code;
    for (size_t i = 0; i < record->child_count; i++)
        if (record->children[i].cause.code)
            return record->children[i].cause.code;
    return "";
}

static unsigned esp_of(const ike_report_sa *record)
{
    unsigned packets = record->sa->esp_packets;

    for (size_t i = 0; i < record->child_count; i++)
        packets += record->children[i].esp_packets;
    return packets;
}

static void fill_row(const ike_report_sa *record, void *user)
{
    stat_tap_table_item_type *row = user;
    const ike_sa *sa = record->sa;

    set_number(&row[COLUMN_STREAM], sa->stream);
    set_text(&row[COLUMN_INITIATOR], endpoint_text(&record->initiator));
    set_text(&row[COLUMN_RESPONDER], endpoint_text(&record->responder));
    set_text(&row[COLUMN_VERSION], g_strdup(record->version));
    set_text(&row[COLUMN_OUTCOME], g_strdup(ike_outcome_text(record->outcome)));
    set_text(&row[COLUMN_CAUSE], g_strdup(cause_of(record)));
    set_text(&row[COLUMN_SETUP],
             record->setup_ms < 0 ? g_strdup("") : g_strdup_printf("%.1f", record->setup_ms));
    set_text(&row[COLUMN_INITIATOR_ID], g_strdup(record->initiator.id ? record->initiator.id : ""));
    set_text(&row[COLUMN_RESPONDER_ID], g_strdup(record->responder.id ? record->responder.id : ""));
    set_text(&row[COLUMN_ALGORITHMS], g_strdup(ike_sa_algorithms(sa)));
    set_number(&row[COLUMN_MESSAGES], sa->messages);
    set_text(&row[COLUMN_DECRYPTED],
             g_strdup_printf("%u of %u", sa->decrypted_messages, sa->encrypted_messages));
    set_number(&row[COLUMN_CHILDREN], (unsigned)record->child_count);
    set_number(&row[COLUMN_ESP], esp_of(record));
    row[COLUMN_OUTCOME].user_data.uint_value = sa->state;
    row[COLUMN_MESSAGES].user_data.uint_value = sa->messages;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static stat_tap_table_item_type *row_of(stat_tap_table *table, uint32_t stream, bool *is_new)
{
    if (stream >= rows->len)
        g_array_set_size(rows, stream + 1);
    unsigned *row = &g_array_index(rows, unsigned, stream);
    *is_new = *row == 0;
    if (*is_new) {
        stat_tap_table_item_type empty[COLUMNS] = {0};
        *row = table->num_elements + 1;
        stat_tap_init_table_row(table, *row - 1, COLUMNS, empty);
    }
    return stat_tap_get_field_data(table, *row - 1, 0);
}

/* While a capture is read for the first time an IKE SA grows with each message; on later passes all
 * is known at its first packet. A record costs as much as the IKE SA is long, so those of long ones
 * are made now and then, and when the state says that something happened. */
static bool is_due(const stat_tap_table_item_type *row, const ike_sa *sa)
{
    enum { SHORT = 64, SHARE = 16 };
    unsigned recorded = row[COLUMN_MESSAGES].user_data.uint_value;

    if (row[COLUMN_OUTCOME].user_data.uint_value != sa->state)
        return true;
    return sa->messages != recorded &&
           (sa->messages <= SHORT || sa->messages - recorded > sa->messages / SHARE);
}

/* A record tells all ESP packets that were there when it was made: some may have come since. */
static void count_esp(stat_tap_table_item_type *cell)
{
    unsigned seen = ++cell->user_data.uint_value;

    cell->value.uint_value = MAX(cell->value.uint_value, seen);
}

static tap_packet_status packet(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    const stat_data_t *stat = tapdata;
    const ike_tapped *tapped = data;
    const ike_sa *sa = ike_tapped_sa(tapped);
    bool is_new;

    if (!sa || !rows)
        return TAP_PACKET_DONT_REDRAW;
    stat_tap_table_item_type *row = row_of(table_of(stat->stat_tap_data), sa->stream, &is_new);
    if (is_new || (tapped->record && is_due(row, sa)))
        ike_report_one(ike_session_tracker(), sa, fill_row, row);
    else if (tapped->record)
        row[COLUMN_MESSAGES].value.uint_value = sa->messages;
    if (tapped->flow)
        count_esp(&row[COLUMN_ESP]);
    return TAP_PACKET_REDRAW;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void free_cell(stat_tap_table *table _U_, unsigned row _U_, unsigned column,
                      stat_tap_table_item_type *cell)
{
    if (columns[column].type == TABLE_ITEM_STRING && cell->type == TABLE_ITEM_STRING)
        set_text(cell, NULL);
}

static void reset(stat_tap_table *table)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        for (unsigned column = 0; column < COLUMNS; column++)
            free_cell(table, row, column, &table->elements[row][column]);
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
    g_array_set_size(rows, 0);
}

static void init(stat_tap_table_ui *ui)
{
    stat_tap_table *table = table_of(ui);

    if (!rows)
        rows = g_array_new(FALSE, TRUE, sizeof(unsigned));
    if (table)
        reset(table);
    else
        stat_tap_add_table(ui, stat_tap_init_table("IKE SAs", COLUMNS, 0, NULL));
}

void ike_sa_table_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    static stat_tap_table_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "IKE SAs",
        .tap_name = IKE_TAP,
        .cli_string = "isakmp,sas",
        .stat_tap_init_cb = init,
        .packet_func = packet,
        .stat_tap_reset_table_cb = reset,
        .stat_tap_free_table_item_cb = free_cell,
        .nfields = COLUMNS,
        .fields = columns,
        .nparams = array_length(parameters),
        .params = parameters,
    };

    register_stat_tap_table_ui(&ui);
}
