/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z isakmp,report[,json][,FILTER], -z isakmp,summary[,json][,FILTER] and -z isakmp,keys[,FILTER].
 * With a filter: the IKE SAs that have a matching message or ESP packet. */
#include "dissector/base/compat.h"

#include "plugin/key_log_report.h"
#include "plugin/report_tap.h"
#include "dissector/session/key_logs.h"
#include "dissector/session/session.h"
#include "dissector/session/tap.h"
#include "plugin/options.h"
#include "proto/keyed_hash.h"

#include <epan/stat_tap_ui.h>
#include <wsutil/report_message.h>

struct ike_report_listener {
    const ike_report_form *form;
    void (*draw)(ike_report_listener *listener, void *user);
    void *user;
    bool filtered;
    bool unread;      /* packets came since the session began */
    GByteArray *seen; /* by stream: 1 when a packet of the IKE SA passed the filter */
    GHashTable *spis; /* of ESP and AH packets that passed the filter; NULL: not asked for */
    GString *earlier; /* what was kept of sessions that ended before (tshark -M) */
};

struct ike_report_form {
    const char *argument; /* of -z, before the options */
    bool json;
    bool wants_spis;
    void (*write)(ike_report_listener *me, ike_report_write write, void *user);
    void (*store)(ike_report_listener *me); /* the session ends: appends its IKE SAs to `earlier` */
};

static GSList *listeners;

/* ---- which IKE SAs --------------------------------------------------------------------------- */

static bool is_seen(const ike_sa *sa, void *user)
{
    const ike_report_listener *me = user;

    return sa->stream < me->seen->len && me->seen->data[sa->stream];
}

/* Without a filter all, also those of which no message was seen: the successor of a rekeyed one. */
static ike_report_filter filter_of(const ike_report_listener *me)
{
    return me->filtered ? is_seen : NULL;
}

static void see(ike_report_listener *me, uint32_t stream)
{
    unsigned before = me->seen->len;

    if (stream >= before) {
        g_byte_array_set_size(me->seen, stream + 1);
        memset(me->seen->data + before, 0, stream + 1 - before);
    }
    me->seen->data[stream] = 1;
}

static bool has_seen_any(const ike_report_listener *me)
{
    return me->seen->len && memchr(me->seen->data, 1, me->seen->len);
}

/* Neither of this session nor of those before it. */
static bool matches_nothing(const ike_report_listener *me)
{
    return me->filtered && !has_seen_any(me) && !me->earlier->len;
}

/* ---- text ------------------------------------------------------------------------------------ */

typedef struct {
    ike_report_write write;
    void *user;
    bool any;
} counted_writer;

static void write_counted(const char *text, void *user)
{
    counted_writer *to = user;

    to->any = true;
    to->write(text, to->user);
}

static void to_string(const char *text, void *user)
{
    g_string_append(user, text);
}

static void write_text(ike_report_listener *me, ike_report_write write, void *user)
{
    counted_writer to = {write, user, me->earlier->len > 0};

    write(me->earlier->str, user);
    if (me->unread)
        ike_report_text(ike_session_tracker(), filter_of(me), me, write_counted, &to);
    if (me->unread && to.any)
        ike_report_key_logs(write, user);
    if (!to.any)
        write(me->filtered ? IKE_NO_MATCH : IKE_NO_IKE, user);
}

static void store_text(ike_report_listener *me)
{
    ike_report_text(ike_session_tracker(), filter_of(me), me, to_string, me->earlier);
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void append_summary(ike_report_listener *me, ike_report_write write, void *user)
{
    ike_summary *summary = ike_summary_new(ike_session_tracker(), filter_of(me), me);

    ike_summary_text(summary, write, user);
    ike_report_key_logs(write, user);
    ike_summary_free(summary);
}

static void write_summary(ike_report_listener *me, ike_report_write write, void *user)
{
    write(me->earlier->str, user);
    if (matches_nothing(me))
        write(IKE_NO_MATCH, user);
    else if (me->unread || (!me->earlier->len && ike_session_tracker()))
        append_summary(me, write, user);
}

static void store_summary(ike_report_listener *me)
{
    append_summary(me, to_string, me->earlier);
    g_string_append_c(me->earlier, '\n');
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void dump_sa(const ike_report_sa *record, void *user)
{
    ike_report_json_sa(user, record);
}

/* Beside the document, which has empty lists then. */
static void warn_of_no_match(const ike_report_listener *me)
{
    if (matches_nothing(me))
        fputs(IKE_NO_MATCH, stderr);
}

/* One document, always for stdout: what is printed is never all in memory. */
static void write_json(ike_report_listener *me, ike_report_write write _U_, void *user _U_)
{
    warn_of_no_match(me);
    json_dumper json = {.output_file = stdout, .flags = JSON_DUMPER_FLAGS_PRETTY_PRINT};

    json_dumper_begin_object(&json);
    json_dumper_set_member_name(&json, "ike_sas");
    json_dumper_begin_array(&json);
    if (me->earlier->len)
        json_dumper_value_anyf(&json, "%s", me->earlier->str);
    if (me->unread)
        ike_report_each(ike_session_tracker(), filter_of(me), me, dump_sa, &json);
    json_dumper_end_array(&json);
    if (me->unread && !me->filtered)
        ike_report_json_flows(&json, ike_session_tracker());
    ike_report_json_key_logs(&json);
    json_dumper_end_object(&json);
    json_dumper_finish(&json);
}

static json_dumper begin_earlier(ike_report_listener *me)
{
    if (me->earlier->len)
        g_string_append(me->earlier, ",\n");
    return (json_dumper){.output_string = me->earlier};
}

static void append_sa(const ike_report_sa *record, void *user)
{
    json_dumper json = begin_earlier(user);

    ike_report_json_sa(&json, record);
    json_dumper_finish(&json);
}

static void store_json(ike_report_listener *me)
{
    ike_report_each(ike_session_tracker(), filter_of(me), me, append_sa, me);
}

static void append_summary_json(const ike_report_listener *me, json_dumper *json)
{
    ike_summary *summary =
        ike_summary_new(ike_session_tracker(), filter_of(me), (void *)(uintptr_t)me);

    ike_report_json_summary(json, summary);
    ike_summary_free(summary);
}

/* A list, since a capture read with tshark -M has several sessions. */
static void write_summary_json(ike_report_listener *me, ike_report_write write _U_, void *user _U_)
{
    warn_of_no_match(me);
    json_dumper json = {.output_file = stdout, .flags = JSON_DUMPER_FLAGS_PRETTY_PRINT};

    json_dumper_begin_object(&json);
    json_dumper_set_member_name(&json, "summaries");
    json_dumper_begin_array(&json);
    if (me->earlier->len)
        json_dumper_value_anyf(&json, "%s", me->earlier->str);
    if (me->unread || (!me->earlier->len && ike_session_tracker()))
        append_summary_json(me, &json);
    json_dumper_end_array(&json);
    ike_report_json_key_logs(&json);
    json_dumper_end_object(&json);
    json_dumper_finish(&json);
}

static void store_summary_json(ike_report_listener *me)
{
    json_dumper json = begin_earlier(me);

    append_summary_json(me, &json);
    json_dumper_finish(&json);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void write_known_keys(ike_report_listener *me, ike_report_write write, void *user)
{
    const ike_tracker *tracker = ike_session_tracker();

    if (tracker)
        ike_keys_write(tracker, filter_of(me), me, me->spis, write, user);
}

/* Comments of the key log format where there is no key: what was asked for is a key log. */
static void write_keys(ike_report_listener *me, ike_report_write write, void *user)
{
    counted_writer to = {write, user, me->earlier->len > 0};

    write(me->earlier->str, user);
    if (me->unread)
        write_known_keys(me, write_counted, &to);
    if (to.any)
        return;
    if (matches_nothing(me) && g_hash_table_size(me->spis) == 0)
        write("# No IKE SA and no ESP packet matches the filter.\n", user);
    else if (me->filtered)
        write("# No key is known that decrypts a message or packet of the IKE SAs that match.\n",
              user);
    else
        write("# No key is known that decrypts a message or packet of this capture.\n", user);
}

static void store_keys(ike_report_listener *me)
{
    write_known_keys(me, to_string, me->earlier);
}

static const ike_report_form forms[] = {
    {"isakmp,report", false, false, write_text, store_text},
    {"isakmp,report", true, false, write_json, store_json},
    {"isakmp,summary", false, false, write_summary, store_summary},
    {"isakmp,summary", true, false, write_summary_json, store_summary_json},
    {"isakmp,keys", false, true, write_keys, store_keys},
};

const ike_report_form *ike_report_form_of(const char *argument, bool json)
{
    for (unsigned i = 0; i < array_length(forms); i++) {
        size_t length = strlen(forms[i].argument);
        if (forms[i].json == json && strncmp(argument, forms[i].argument, length) == 0 &&
            (!argument[length] || argument[length] == ','))
            return &forms[i];
    }
    return NULL;
}

/* ---- the tap --------------------------------------------------------------------------------- */

/* It may hold keys. */
static void forget_earlier(ike_report_listener *me)
{
    memset(me->earlier->str, 0, me->earlier->len);
    g_string_truncate(me->earlier, 0);
}

static void forget_session(ike_report_listener *me)
{
    me->unread = false;
    g_byte_array_set_size(me->seen, 0);
    if (me->spis)
        g_hash_table_remove_all(me->spis);
}

static void reset(void *tapdata)
{
    ike_report_listener *me = tapdata;

    forget_session(me);
    forget_earlier(me);
}

static tap_packet_status packet(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_,
                                const void *data, tap_flags_t flags _U_)
{
    ike_report_listener *me = tapdata;
    const ike_tapped *tapped = data;
    const ike_sa *sa = ike_tapped_sa(tapped);

    me->unread = true;
    if (me->filtered && sa)
        see(me, sa->stream);
    if (me->spis && tapped->flow)
        g_hash_table_add(me->spis, GUINT_TO_POINTER(tapped->flow->spi));
    return TAP_PACKET_REDRAW;
}

static void draw(void *tapdata)
{
    ike_report_listener *me = tapdata;

    if (!ike_session_tracker())
        me->unread = false;
    me->draw(me, me->user);
}

static void finish(void *tapdata)
{
    ike_report_listener *me = tapdata;

    listeners = g_slist_remove(listeners, me);
    g_byte_array_free(me->seen, TRUE);
    forget_earlier(me);
    g_string_free(me->earlier, TRUE);
    if (me->spis)
        g_hash_table_unref(me->spis);
    g_free(me);
}

/* tshark -M ends a session now and then; what was not printed of it is kept as text. At the end of
 * a capture the report is out already. */
static void store_all(void)
{
    for (GSList *item = listeners; item; item = item->next) {
        ike_report_listener *me = item->data;
        if (!me->unread)
            continue;
        me->form->store(me);
        forget_session(me);
    }
}

ike_report_listener *ike_report_listen(const ike_report_form *form, const char *filter,
                                       void (*draw_report)(ike_report_listener *, void *),
                                       void *user, char **error)
{
    ike_report_listener *me = g_new0(ike_report_listener, 1);

    me->form = form;
    me->draw = draw_report;
    me->user = user;
    me->filtered = filter && *filter;
    me->seen = g_byte_array_new();
    me->earlier = g_string_new(NULL);
    me->spis = form->wants_spis ? g_hash_table_new(ike_hash_number, NULL) : NULL;
    GString *wrong = register_tap_listener(IKE_TAP, me, me->filtered ? filter : NULL,
                                           TL_REQUIRES_NOTHING, reset, packet, draw, finish);
    if (wrong) {
        *error = g_string_free(wrong, FALSE);
        finish(me);
        return NULL;
    }
    listeners = g_slist_prepend(listeners, me);
    return me;
}

char *ike_report_set_filter(ike_report_listener *me, const char *filter)
{
    bool filtered = filter && *filter;
    GString *wrong = set_tap_dfilter(me, filtered ? filter : NULL);

    if (wrong)
        return g_string_free(wrong, FALSE);
    me->filtered = filtered;
    reset(me);
    return NULL;
}

void ike_report_write_to(ike_report_listener *me, ike_report_write write, void *user)
{
    me->form->write(me, write, user);
}

void ike_report_stop(ike_report_listener *me)
{
    remove_tap_listener(me);
}

/* ---- the command line ------------------------------------------------------------------------ */

static void to_stdout(const char *text, void *user _U_)
{
    fputs(text, stdout);
}

static void print(ike_report_listener *me, void *user _U_)
{
    ike_report_write_to(me, to_stdout, NULL);
    fflush(stdout);
}

static bool start(const char *argument)
{
    const char *filter = NULL;
    bool json = false;
    const ike_report_form *form = ike_report_form_of(argument, false);
    bool has_json = form && ike_report_form_of(argument, true);
    char *error = form
                      ? ike_read_options(argument, form->argument, has_json ? &json : NULL, &filter)
                      : g_strdup("unknown statistic; use isakmp,report[,json][,FILTER], "
                                 "isakmp,summary[,json][,FILTER] or isakmp,keys[,FILTER]");

    if (!error)
        ike_report_listen(ike_report_form_of(argument, json), filter, print, NULL, &error);
    if (!error)
        return true;
    report_failure("-z %s: %s", argument, error);
    g_free(error);
    return false;
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
        if (!forms[i].json)
            register_stat_tap_ui(&statistics[i], NULL);
    }
    ike_session_set_closing(store_all);
}
