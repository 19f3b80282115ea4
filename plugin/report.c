/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z isakmp,report[,json][,FILTER] and -z isakmp,summary[,FILTER]. With a filter: the IKE SAs that
 * have a matching message or ESP packet. */
#include "dissector/base/compat.h"

#include "plugin/report_tap.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

typedef struct report_form report_form;

/* One -z of the command line. */
typedef struct {
    const report_form *form;
    bool filtered;
    bool unread;      /* packets came since it was printed last */
    GByteArray *seen; /* by stream: 1 when a packet of the IKE SA passed the filter */
    GString *earlier; /* what was kept of sessions that ended before (tshark -M) */
} report;

struct report_form {
    const char *argument; /* of -z, before the filter */
    void (*print)(report *me);
    void (*keep)(report *me); /* the session ends: appends its IKE SAs to `earlier` */
};

static GSList *reports;

/* ---- which IKE SAs --------------------------------------------------------------------------- */

static bool is_seen(const ike_sa *sa, void *user)
{
    const report *me = user;

    return sa->stream < me->seen->len && me->seen->data[sa->stream];
}

/* Without a filter all, also those of which no message was seen: the fruit of a rekey. */
static ike_report_filter filter_of(const report *me)
{
    return me->filtered ? is_seen : NULL;
}

static void see(report *me, uint32_t stream)
{
    unsigned before = me->seen->len;

    if (stream >= before) {
        g_byte_array_set_size(me->seen, stream + 1);
        memset(me->seen->data + before, 0, stream + 1 - before);
    }
    me->seen->data[stream] = 1;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* `user`: NULL, or a bool that is set when something was written. */
static void to_stdout(const char *text, void *user)
{
    fputs(text, stdout);
    if (user)
        *(bool *)user = true;
}

static void to_earlier(const char *text, void *user)
{
    g_string_append(user, text);
}

static void print_text(report *me)
{
    bool any = me->earlier->len > 0;

    fputs(me->earlier->str, stdout);
    if (me->unread)
        ike_report_text(ike_session_tracker(), filter_of(me), me, to_stdout, &any);
    if (!any)
        fputs(me->filtered ? "No IKE SA has a packet that the filter matches.\n"
                           : "No IKE in this capture.\n",
              stdout);
}

static void store_text(report *me)
{
    ike_report_text(ike_session_tracker(), filter_of(me), me, to_earlier, me->earlier);
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void write_summary(report *me, ike_report_write write, void *user)
{
    ike_summary *summary = ike_summary_new(ike_session_tracker(), filter_of(me), me);

    ike_summary_text(summary, write, user);
    ike_summary_free(summary);
}

static void print_summary(report *me)
{
    fputs(me->earlier->str, stdout);
    if (me->unread || (!me->earlier->len && ike_session_tracker()))
        write_summary(me, to_stdout, NULL);
}

static void store_summary(report *me)
{
    write_summary(me, to_earlier, me->earlier);
    g_string_append_c(me->earlier, '\n');
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void dump_sa(const ike_report_sa *record, void *user)
{
    ike_report_json_sa(user, record);
}

/* One document: what is printed is never all in memory. */
static void print_json(report *me)
{
    json_dumper json = {.output_file = stdout, .flags = JSON_DUMPER_FLAGS_PRETTY_PRINT};

    json_dumper_begin_object(&json);
    json_dumper_set_member_name(&json, "ike_sas");
    json_dumper_begin_array(&json);
    if (me->earlier->len)
        json_dumper_value_anyf(&json, "%s", me->earlier->str);
    if (me->unread)
        ike_report_each(ike_session_tracker(), filter_of(me), me, dump_sa, &json);
    json_dumper_end_array(&json);
    json_dumper_end_object(&json);
    json_dumper_finish(&json);
}

static void append_sa(const ike_report_sa *record, void *user)
{
    report *me = user;
    json_dumper json = {.output_string = me->earlier};

    if (me->earlier->len)
        g_string_append(me->earlier, ",\n");
    ike_report_json_sa(&json, record);
    json_dumper_finish(&json);
}

static void store_json(report *me)
{
    ike_report_each(ike_session_tracker(), filter_of(me), me, append_sa, me);
}

/* ---- the tap --------------------------------------------------------------------------------- */

static void reset(void *tapdata)
{
    report *me = tapdata;

    me->unread = false;
    g_byte_array_set_size(me->seen, 0);
    g_string_truncate(me->earlier, 0);
}

static tap_packet_status packet(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    report *me = tapdata;
    const ike_sa *sa = ike_tapped_sa(data);

    me->unread = true;
    if (me->filtered && sa)
        see(me, sa->stream);
    return TAP_PACKET_REDRAW;
}

static void draw(void *tapdata)
{
    report *me = tapdata;

    if (!ike_session_tracker())
        me->unread = false;
    me->form->print(me);
    fflush(stdout);
}

static void finish(void *tapdata)
{
    report *me = tapdata;

    reports = g_slist_remove(reports, me);
    g_byte_array_free(me->seen, TRUE);
    g_string_free(me->earlier, TRUE);
    g_free(me);
}

/* tshark -M forgets a session now and then; what was not printed of it is kept as text. At the end
 * of a capture the report is out already. */
static void store_all(void)
{
    for (GSList *item = reports; item; item = item->next) {
        report *me = item->data;
        if (!me->unread)
            continue;
        me->form->keep(me);
        me->unread = false;
        g_byte_array_set_size(me->seen, 0);
    }
}

/* ---- the command line ------------------------------------------------------------------------ */

/* Those that others begin with come last. */
static const report_form forms[] = {
    {"isakmp,report,json", print_json, store_json},
    {"isakmp,report", print_text, store_text},
    {"isakmp,summary", print_summary, store_summary},
};

/* The form that the argument of -z names, and the filter behind it or NULL. */
static const report_form *form_of(const char *argument, const char **filter)
{
    for (unsigned i = 0; i < array_length(forms); i++) {
        size_t length = strlen(forms[i].argument);
        if (strncmp(argument, forms[i].argument, length) != 0 ||
            (argument[length] && argument[length] != ','))
            continue;
        *filter = argument[length] && argument[length + 1] ? argument + length + 1 : NULL;
        return &forms[i];
    }
    return NULL;
}

static bool start(const char *argument)
{
    const char *filter;
    const report_form *form = form_of(argument, &filter);

    if (!form) {
        fprintf(stderr,
                "tshark: there is no statistic \"%s\"; there are isakmp,report[,json][,FILTER] "
                "and isakmp,summary[,FILTER]\n",
                argument);
        return false;
    }
    report *me = g_new0(report, 1);
    me->form = form;
    me->filtered = filter != NULL;
    me->seen = g_byte_array_new();
    me->earlier = g_string_new(NULL);
    GString *error = register_tap_listener(IKE_TAP, me, filter, TL_REQUIRES_NOTHING, reset, packet,
                                           draw, finish);
    if (error) {
        fprintf(stderr, "tshark: -z %s: %s\n", argument, error->str);
        g_string_free(error, TRUE);
        finish(me);
        return false;
    }
    reports = g_slist_prepend(reports, me);
    return true;
}

IKE_STATISTIC(start_report, start)

void ike_report_register(void)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    static stat_tap_ui statistics[array_length(forms)];

    for (unsigned i = 0; i < array_length(forms); i++) {
        statistics[i] = (stat_tap_ui){.group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
                                      .title = "IKE",
                                      .cli_string = forms[i].argument,
                                      .tap_init_cb = start_report,
                                      .nparams = array_length(parameters),
                                      .params = parameters};
        register_stat_tap_ui(&statistics[i], NULL);
    }
    ike_session_set_closing(store_all);
}
