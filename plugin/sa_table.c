/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > IKE SAs, and -z isakmp,sas: two tables of the same columns, one row for each IKE SA
 * and one for each Child SA. Wireshark fills them from packets that were all read before, so all is
 * known at an IKE SA's first packet. tshark fills them while it reads, so there rows wait until
 * they are drawn. */
#include "plugin/menus.h"

#include "analysis/report/report.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "plugin/options.h"

#include <epan/stat_tap_ui.h>

enum {
    COLUMN_STREAM,
    COLUMN_TYPE,
    COLUMN_INITIATOR,
    COLUMN_RESPONDER,
    COLUMN_OUTCOME,
    COLUMN_CAUSE,
    COLUMN_MESSAGES,
    COLUMN_ENCRYPTED,
    COLUMN_DECRYPTED,
    COLUMN_ESP,
    COLUMN_INITIATOR_ID,
    COLUMN_RESPONDER_ID,
    COLUMN_ALGORITHMS,
    COLUMN_SETUP,
    COLUMNS
};

/* Numbers are numbers, so that they sort as such. tshark ends a row at its first empty cell, so the
 * one column that may be empty is the last. */
static stat_tap_table_item columns[COLUMNS] = {
    [COLUMN_STREAM] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "IKE SA", "%u"},
    [COLUMN_TYPE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Type", "%s"},
    [COLUMN_INITIATOR] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Initiator", "%s"},
    [COLUMN_RESPONDER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Responder", "%s"},
    [COLUMN_OUTCOME] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome", "%s"},
    [COLUMN_CAUSE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Cause", "%s"},
    [COLUMN_MESSAGES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "IKE messages", "%u"},
    [COLUMN_ENCRYPTED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Encrypted", "%u"},
    [COLUMN_DECRYPTED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Decrypted", "%u"},
    [COLUMN_ESP] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "ESP packets", "%u"},
    [COLUMN_INITIATOR_ID] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Initiator ID or TS", "%s"},
    [COLUMN_RESPONDER_ID] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Responder ID or TS", "%s"},
    [COLUMN_ALGORITHMS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Algorithms", "%s"},
    [COLUMN_SETUP] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Setup (ms)", "%.1f"},
};

#define STATISTIC "isakmp,sas"

static const char title_sas[] = "IKE SAs", title_children[] = "IPsec SAs";

/* The tables that are filled now; there is one pair. Where the first pass fills it, `waiting` has
 * the streams whose rows are not made yet. */
static stat_tap_table *sas, *children;
static GArray *streams; /* by stream: whether it has a row */
static GArray *waiting;
static bool draws_late;

/* ---- cells ----------------------------------------------------------------------------------- */

static void set_text(stat_tap_table_item_type *cell, const char *text)
{
    cell->type = TABLE_ITEM_STRING;
    cell->value.string_value = g_strdup(text ? text : "");
}

static void set_number(stat_tap_table_item_type *cell, unsigned number)
{
    cell->type = TABLE_ITEM_UINT;
    cell->value.uint_value = number;
}

/* With names where Wireshark resolves addresses. */
static void set_peer(stat_tap_table_item_type *cell, const ike_endpoint *peer)
{
    address from = ADDRESS_INIT_NONE;

    if (peer->family == 4)
        set_address(&from, AT_IPv4, 4, peer->bytes);
    else if (peer->family == 6)
        set_address(&from, AT_IPv6, 16, peer->bytes);
    char *name = address_to_display(NULL, &from);
    char *text = g_strdup_printf(strchr(name, ':') ? "[%s]:%u" : "%s:%u", name, peer->port);
    set_text(cell, text);
    g_free(text);
    wmem_free(NULL, name);
}

static void set_selectors(stat_tap_table_item_type *cell, const char *const *selectors)
{
    char *text = g_strjoinv(", ", (char **)(uintptr_t)selectors);

    set_text(cell, text);
    g_free(text);
}

static unsigned esp_of(const ike_report_sa *record)
{
    unsigned packets = record->sa->esp_packets;

    for (size_t i = 0; i < record->child_count; i++)
        packets += record->children[i].esp_packets;
    return packets;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void add_child_row(const ike_report_sa *record, const ike_report_child *child)
{
    stat_tap_table_item_type row[COLUMNS] = {0};
    char *type = g_strdup_printf("Child SA %u: %s %s", child->number, child->protocol, child->mode);
    char *algorithms = g_strdup_printf("%s%s%s", child->encryption ? child->encryption : "",
                                       child->encryption && child->integrity ? ", " : "",
                                       child->integrity ? child->integrity : "");

    set_number(&row[COLUMN_STREAM], record->sa->stream);
    set_text(&row[COLUMN_TYPE], type);
    set_peer(&row[COLUMN_INITIATOR], &record->sa->initiator.endpoint);
    set_peer(&row[COLUMN_RESPONDER], &record->sa->responder.endpoint);
    set_text(&row[COLUMN_OUTCOME], child->outcome);
    set_text(&row[COLUMN_CAUSE], child->cause.code);
    set_selectors(&row[COLUMN_INITIATOR_ID], child->ts_initiator);
    set_selectors(&row[COLUMN_RESPONDER_ID], child->ts_responder);
    set_number(&row[COLUMN_MESSAGES], 0);
    set_number(&row[COLUMN_ENCRYPTED], child->esp_packets);
    set_number(&row[COLUMN_DECRYPTED], child->esp_decrypted);
    set_number(&row[COLUMN_ESP], child->esp_packets);
    set_text(&row[COLUMN_ALGORITHMS], algorithms);
    stat_tap_init_table_row(children, children->num_elements, COLUMNS, row);
    g_free(type);
    g_free(algorithms);
}

static void add_rows(const ike_report_sa *record, void *user _U_)
{
    stat_tap_table_item_type row[COLUMNS] = {0};
    const ike_sa *sa = record->sa;
    char *type = g_strdup_printf("IKEv%u", sa->major);

    set_number(&row[COLUMN_STREAM], sa->stream);
    set_text(&row[COLUMN_TYPE], type);
    set_peer(&row[COLUMN_INITIATOR], &sa->initiator.endpoint);
    set_peer(&row[COLUMN_RESPONDER], &sa->responder.endpoint);
    set_text(&row[COLUMN_OUTCOME], ike_outcome_text(record->outcome));
    set_text(&row[COLUMN_CAUSE], record->cause.code);
    if (record->setup_ms >= 0) {
        row[COLUMN_SETUP].type = TABLE_ITEM_FLOAT;
        row[COLUMN_SETUP].value.float_value = record->setup_ms;
    }
    set_text(&row[COLUMN_INITIATOR_ID], record->initiator.id);
    set_text(&row[COLUMN_RESPONDER_ID], record->responder.id);
    set_number(&row[COLUMN_MESSAGES], sa->messages);
    set_number(&row[COLUMN_ENCRYPTED], sa->encrypted_messages);
    set_number(&row[COLUMN_DECRYPTED], sa->decrypted_messages);
    set_number(&row[COLUMN_ESP], esp_of(record));
    set_text(&row[COLUMN_ALGORITHMS], ike_sa_algorithms(sa));
    stat_tap_init_table_row(sas, sas->num_elements, COLUMNS, row);
    for (size_t i = 0; i < record->child_count; i++)
        add_child_row(record, &record->children[i]);
    g_free(type);
}

/* ---- rows that wait ------------------------------------------------------------------------- */

static tap_packet_status no_packet(void *tapdata _U_, packet_info *pinfo _U_,
                                   epan_dissect_t *edt _U_, const void *data _U_,
                                   tap_flags_t flags _U_)
{
    return TAP_PACKET_REDRAW;
}

static void draw_waiting(void *tapdata _U_)
{
    for (unsigned i = 0; sas && ike_session_tracker() && i < waiting->len; i++)
        ike_report_one(
            ike_session_tracker(),
            ike_tracker_stream(ike_session_tracker(), g_array_index(waiting, uint32_t, i)),
            add_rows, NULL);
    g_array_set_size(waiting, 0);
}

/* The table has no call before it is drawn. Listeners are drawn in the reverse order of their
 * registration, so one that is registered after the table's goes first. */
static void draw_later(void)
{
    if (draws_late)
        return;
    draws_late = true;
    GString *error = register_tap_listener(IKE_TAP, &draws_late, NULL, TL_REQUIRES_NOTHING, NULL,
                                           no_packet, draw_waiting, NULL);
    if (error)
        g_string_free(error, TRUE);
}

static tap_packet_status packet(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    const stat_data_t *stat = tapdata;
    const ike_sa *sa = ike_tapped_sa(data);

    if (!sa || !streams)
        return TAP_PACKET_DONT_REDRAW;
    sas = stat_tap_find_table(stat->stat_tap_data, title_sas);
    children = stat_tap_find_table(stat->stat_tap_data, title_children);
    if (sa->stream >= streams->len)
        g_array_set_size(streams, sa->stream + 1);
    bool *has_row = &g_array_index(streams, bool, sa->stream);
    if (*has_row || !sas || !children)
        return TAP_PACKET_DONT_REDRAW;
    *has_row = true;
    if (ike_is_tshark()) {
        g_array_append_val(waiting, sa->stream);
        draw_later();
    } else {
        ike_report_one(ike_session_tracker(), sa, add_rows, NULL);
    }
    return TAP_PACKET_REDRAW;
}

/* ---- the tables ------------------------------------------------------------------------------ */

static void free_cell(stat_tap_table *table, unsigned row _U_, unsigned column _U_,
                      stat_tap_table_item_type *cell)
{
    if (cell->type == TABLE_ITEM_STRING)
        g_free((char *)(uintptr_t)cell->value.string_value);
    cell->type = TABLE_ITEM_NONE;
    if (table == sas || table == children)
        sas = children = NULL;
}

static void reset(stat_tap_table *table)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        for (unsigned column = 0; column < COLUMNS; column++)
            free_cell(table, row, column, &table->elements[row][column]);
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
    g_array_set_size(streams, 0);
    g_array_set_size(waiting, 0);
}

static void begin_table(stat_tap_table_ui *ui, const char *title)
{
    stat_tap_table *table = stat_tap_find_table(ui, title);

    if (table)
        reset(table);
    else
        stat_tap_add_table(ui, stat_tap_init_table(title, COLUMNS, 0, NULL));
}

static void begin(stat_tap_table_ui *ui)
{
    if (!streams) {
        streams = g_array_new(FALSE, TRUE, sizeof(bool));
        waiting = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    }
    g_array_set_size(streams, 0);
    g_array_set_size(waiting, 0);
    begin_table(ui, title_sas);
    begin_table(ui, title_children);
}

/* tshark only: below the empty tables. Registered before the tables, so drawn after them. */
static void draw_no_rows(void *tapdata)
{
    const bool *is_filtered = tapdata;

    for (unsigned i = 0; streams && i < streams->len; i++)
        if (g_array_index(streams, bool, i))
            return;
    fputs(*is_filtered ? IKE_NO_MATCH : IKE_NO_IKE, stdout);
}

static void check_options(const char *argument, const char **filter, char **error)
{
    static bool is_filtered;

    if (!g_str_has_prefix(argument, STATISTIC))
        return;
    char *wrong = ike_read_options(argument, STATISTIC, NULL, filter);
    if (wrong)
        *error = g_strdup_printf("-z %s: %s", argument, wrong);
    g_free(wrong);
    if (*error || !ike_is_tshark())
        return;
    is_filtered = *filter != NULL;
    GString *failed = register_tap_listener(IKE_TAP, &is_filtered, NULL, TL_REQUIRES_NOTHING, NULL,
                                            no_packet, draw_no_rows, NULL);
    if (failed)
        g_string_free(failed, TRUE);
}

void ike_sa_table_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    static stat_tap_table_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "IKE SAs",
        .tap_name = IKE_TAP,
        .cli_string = STATISTIC,
        .stat_tap_init_cb = begin,
        .packet_func = packet,
        .stat_tap_reset_table_cb = reset,
        .stat_tap_free_table_item_cb = free_cell,
        .stat_filter_check_cb = check_options,
        .nfields = COLUMNS,
        .fields = columns,
        .nparams = array_length(parameters),
        .params = parameters,
    };

    register_stat_tap_table_ui(&ui);
}
