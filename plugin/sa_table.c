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

/* The tables that are filled now; there is one pair. */
static stat_tap_table *sas, *children;

/* Streams in the order of their first packets. */
typedef struct {
    GArray *is_listed; /* by stream */
    GArray *order;
} stream_list;

/* Those that have a row in Wireshark's table. */
static stream_list shown;

static stream_list new_stream_list(void)
{
    return (stream_list){g_array_new(FALSE, TRUE, sizeof(bool)),
                         g_array_new(FALSE, FALSE, sizeof(uint32_t))};
}

static void empty_stream_list(stream_list *list)
{
    g_array_set_size(list->is_listed, 0);
    g_array_set_size(list->order, 0);
}

/* Returns whether it was not listed before. */
static bool add_stream(stream_list *list, uint32_t stream)
{
    if (stream >= list->is_listed->len)
        g_array_set_size(list->is_listed, stream + 1);
    bool *is_listed = &g_array_index(list->is_listed, bool, stream);
    if (*is_listed)
        return false;
    *is_listed = true;
    g_array_append_val(list->order, stream);
    return true;
}

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
    char *type =
        g_strdup_printf("%s %u: %s %s", child->name, child->number, child->protocol, child->mode);
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

static void clear_cell(stat_tap_table_item_type *cell)
{
    if (cell->type == TABLE_ITEM_STRING)
        g_free((char *)(uintptr_t)cell->value.string_value);
    cell->type = TABLE_ITEM_NONE;
}

/* Wireshark is about to free the table. */
static void free_cell(stat_tap_table *table, unsigned row _U_, unsigned column _U_,
                      stat_tap_table_item_type *cell)
{
    clear_cell(cell);
    if (table == sas || table == children)
        sas = children = NULL;
}

static void remove_rows(stat_tap_table *table)
{
    for (unsigned row = 0; row < table->num_elements; row++) {
        for (unsigned column = 0; column < COLUMNS; column++)
            clear_cell(&table->elements[row][column]);
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
}

/* ---- tshark ---------------------------------------------------------------------------------- */

/* One -z. All share the pair of tables, which is filled for each just before it is drawn. */
typedef struct {
    bool is_filtered;
    stream_list found;
} request;

static GPtrArray *requests; /* in the order of the command line */

static void fill_tables(const request *of)
{
    const ike_tracker *tracker = ike_session_tracker();

    if (!sas || !children)
        return;
    remove_rows(sas);
    remove_rows(children);
    for (unsigned i = 0; tracker && i < of->found.order->len; i++)
        ike_report_one(tracker,
                       ike_tracker_stream(tracker, g_array_index(of->found.order, uint32_t, i)),
                       add_rows, NULL);
}

static tap_packet_status no_packet(void *tapdata _U_, packet_info *pinfo _U_,
                                   epan_dissect_t *edt _U_, const void *data _U_,
                                   tap_flags_t flags _U_)
{
    return TAP_PACKET_DONT_REDRAW;
}

/* Drawn before all tables. */
static void draw_first(void *tapdata _U_)
{
    fill_tables(g_ptr_array_index(requests, requests->len - 1));
}

/* Listeners are drawn in the reverse order of their registration, and those of the command line are
 * registered before the first packet. */
static void draw_later(void)
{
    static bool is_registered;

    if (is_registered)
        return;
    is_registered = true;
    GString *error = register_tap_listener(IKE_TAP, &is_registered, NULL, TL_REQUIRES_NOTHING, NULL,
                                           no_packet, draw_first, NULL);
    if (error)
        g_string_free(error, TRUE);
}

static tap_packet_status collect(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                 const void *data, tap_flags_t flags _U_)
{
    request *of = tapdata;
    const ike_sa *sa = ike_tapped_sa(data);

    if (sa && add_stream(&of->found, sa->stream))
        draw_later();
    return TAP_PACKET_DONT_REDRAW;
}

/* Registered before the table of the same -z, so drawn after it, and before that of the -z before.
 */
static void draw_next(void *tapdata)
{
    const request *of = tapdata;
    unsigned place;

    if (!of->found.order->len)
        fputs(of->is_filtered ? IKE_NO_MATCH : IKE_NO_IKE, stdout);
    if (g_ptr_array_find(requests, of, &place) && place > 0)
        fill_tables(g_ptr_array_index(requests, place - 1));
}

/* Returns NULL, or what is wrong with the filter, for g_free(). */
static char *add_request(const char *filter)
{
    request *of = g_new0(request, 1);

    of->is_filtered = filter != NULL;
    of->found = new_stream_list();
    GString *failed = register_tap_listener(IKE_TAP, of, filter, TL_REQUIRES_NOTHING, NULL, collect,
                                            draw_next, NULL);
    if (failed)
        return g_string_free(failed, FALSE);
    if (!requests)
        requests = g_ptr_array_new();
    g_ptr_array_add(requests, of);
    return NULL;
}

/* ---- Wireshark ------------------------------------------------------------------------------- */

static tap_packet_status packet(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    const stat_data_t *stat = tapdata;
    const ike_sa *sa = ike_tapped_sa(data);

    if (!sa || ike_is_tshark())
        return TAP_PACKET_DONT_REDRAW;
    sas = stat_tap_find_table(stat->stat_tap_data, title_sas);
    children = stat_tap_find_table(stat->stat_tap_data, title_children);
    if (!sas || !children || !add_stream(&shown, sa->stream))
        return TAP_PACKET_DONT_REDRAW;
    ike_report_one(ike_session_tracker(), sa, add_rows, NULL);
    return TAP_PACKET_REDRAW;
}

/* ---- the tables ------------------------------------------------------------------------------ */

static void reset(stat_tap_table *table)
{
    remove_rows(table);
    empty_stream_list(&shown);
}

static stat_tap_table *begin_table(stat_tap_table_ui *ui, const char *title)
{
    stat_tap_table *table = stat_tap_find_table(ui, title);

    if (!table) {
        table = stat_tap_init_table(title, COLUMNS, 0, NULL);
        stat_tap_add_table(ui, table);
    }
    remove_rows(table);
    return table;
}

static void begin(stat_tap_table_ui *ui)
{
    if (!shown.order)
        shown = new_stream_list();
    empty_stream_list(&shown);
    sas = begin_table(ui, title_sas);
    children = begin_table(ui, title_children);
}

static void check_options(const char *argument, const char **filter, char **error)
{
    if (!g_str_has_prefix(argument, STATISTIC))
        return;
    char *wrong = ike_read_options(argument, STATISTIC, NULL, filter);
    if (!wrong && ike_is_tshark())
        wrong = add_request(*filter);
    if (wrong)
        *error = g_strdup_printf("-z %s: %s", argument, wrong);
    g_free(wrong);
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
