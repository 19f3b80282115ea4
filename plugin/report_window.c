/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > IKE Report, IKE Summary and IKE Keys: the texts of -z isakmp,report, -z
 * isakmp,summary and -z isakmp,keys in windows, by the interface that Wireshark offers to scripts.
 */
#include "dissector/base/compat.h"

#include "plugin/report_tap.h"

#include <epan/funnel.h>
#include <wsutil/report_message.h>

enum { OWNER_ONLY = 0600 }; /* what is saved has identities and addresses, or keys */

typedef struct {
    const char *argument, *title, *file;
} window_kind;

static const window_kind kinds[] = {
    {"isakmp,report", "IKE Report", "ike-report.txt"},
    {"isakmp,summary", "IKE Summary", "ike-summary.txt"},
    {"isakmp,keys", "IKE Keys", "ike-keys.log"},
};

typedef struct {
    const window_kind *kind;
    funnel_text_window_t *text;
    ike_report_listener *listener;
    char *filter;
    char *shown; /* the text */
} report_window;

/* Those that are open: a dialog may outlive the window that it was opened from. */
static GSList *windows;

static void to_string(const char *text, void *user)
{
    g_string_append(user, text);
}

static char *report_of(const report_window *window)
{
    GString *text = g_string_new(NULL);

    ike_report_write_to(window->listener, to_string, text);
    return g_string_free(text, FALSE);
}

/* It may hold keys. */
static void wipe(char *text)
{
    if (text)
        memset(text, 0, strlen(text));
    g_free(text);
}

static void draw(ike_report_listener *listener _U_, void *user)
{
    report_window *window = user;
    char *text = window->listener ? report_of(window) : NULL;

    if (!text || g_strcmp0(text, window->shown) == 0) {
        wipe(text);
        return;
    }
    /* The window goes back to its first line. */
    funnel_get_funnel_ops()->set_text(window->text, text);
    wipe(window->shown);
    window->shown = text;
}

static void close_window(void *user)
{
    report_window *window = user;

    windows = g_slist_remove(windows, window);
    if (window->listener)
        ike_report_stop(window->listener);
    g_free(window->filter);
    wipe(window->shown);
    g_free(window);
}

/* ---- buttons --------------------------------------------------------------------------------- */

static void keep(void *user _U_)
{
}

static void ask(report_window *window, const char *title, const char *field, const char *value,
                funnel_dlg_cb_t answer)
{
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    const char *fields[] = {field, NULL};
    const char *values[] = {value, NULL};

    ops->new_dialog(ops->ops_id, title, fields, values, answer, window, keep);
}

static void set_filter(char **input, void *user)
{
    report_window *window = user;
    const funnel_ops_t *ops = funnel_get_funnel_ops();

    if (!g_slist_find(windows, window) || !input || !input[0])
        return;
    char *error = ike_report_set_filter(window->listener, input[0]);
    if (error) {
        report_failure("%s", error);
        g_free(error);
        return;
    }
    g_free(window->filter);
    window->filter = g_strdup(input[0]);
    ops->retap_packets(ops->ops_id);
    draw(window->listener, window);
}

static ws_bool ask_filter(funnel_text_window_t *text _U_, void *user)
{
    report_window *window = user;
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    const char *shown = ops->get_filter ? ops->get_filter(ops->ops_id) : NULL;

    ask(window, "Filter IKE SAs", "IKE SAs with a packet that matches",
        window->filter ? window->filter : shown, set_filter);
    return TRUE;
}

static void save(char **input, void *user)
{
    report_window *window = user;
    GError *error = NULL;

    if (!g_slist_find(windows, window) || !input || !input[0] || !*input[0])
        return;
    if (g_file_test(input[0], G_FILE_TEST_EXISTS)) {
        report_failure("\"%s\" exists; choose another name.", input[0]);
        return;
    }
    char *text = report_of(window);
    if (!g_file_set_contents_full(input[0], text, -1, G_FILE_SET_CONTENTS_CONSISTENT, OWNER_ONLY,
                                  &error)) {
        report_failure("%s", error->message);
        g_error_free(error);
    }
    wipe(text);
}

static ws_bool ask_file(funnel_text_window_t *text _U_, void *user)
{
    report_window *window = user;
    char *path = g_build_filename(g_get_home_dir(), window->kind->file, NULL);

    ask(window, "Save as text", "File", path, save);
    g_free(path);
    return TRUE;
}

static void add_button(report_window *window, const char *label, funnel_bt_cb_t clicked)
{
    funnel_bt_t *button = g_new0(funnel_bt_t, 1);

    *button = (funnel_bt_t){.tw = window->text,
                            .func = clicked,
                            .data = window,
                            .free_fcn = g_free,
                            .free_data_fcn = keep};
    funnel_get_funnel_ops()->add_button(window->text, button, label);
}

/* ---- the menu -------------------------------------------------------------------------------- */

static void open_window(void *user)
{
    const window_kind *kind = user;
    const funnel_ops_t *ops = funnel_get_funnel_ops();
    char *error = NULL;

    if (!ops || !ops->new_text_window)
        return;
    report_window *window = g_new0(report_window, 1);
    window->kind = kind;
    window->text = ops->new_text_window(ops->ops_id, kind->title);
    windows = g_slist_prepend(windows, window);
    ops->set_close_cb(window->text, close_window, window);
    window->listener =
        ike_report_listen(ike_report_form_of(kind->argument, false), NULL, draw, window, &error);
    g_free(error);
    add_button(window, "Filter...", ask_filter);
    add_button(window, "Save As...", ask_file);
    ops->retap_packets(ops->ops_id);
    draw(window->listener, window);
}

void ike_report_windows_register(void)
{
    for (unsigned i = 0; i < array_length(kinds); i++)
        funnel_register_menu(kinds[i].title, REGISTER_PACKET_STAT_GROUP_UNSORTED, open_window,
                             (void *)(uintptr_t)&kinds[i], keep, FALSE);
}
