/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a user's window does with captures, one word after the other on the command line:
 *
 *   open FILE      reads a capture once, then again as when all its packets are shown
 *   read FILE      reads a capture once, draws the statistics and closes it, as tshark does
 *   again          dissects it again from the first packet, as a changed preference does
 *   fields A,B,…   has `read` and `open` print the values of fields, one line for each value of
 *                  each frame, `open` both times: see print_fields()
 *   clock          has each `open` and `read` that follows run in a child process, which begins
 *                  with what the start left, and print what it cost: see print_cost()
 *   close          closes it
 *   set NAME:VALUE sets a preference
 *   change         changes each preference of the protocols that are taken over and puts it back,
 *                  dissecting again after each change
 *   tap ARGUMENT   starts a statistic, as tshark's -z
 *   find NAME=HEX  says how often bytes are in memory, as they are, as hex text of either case and
 *                  as the first row of a dump. HEX has every byte turned (exclusive or 0x5a), so
 *                  that they are not in memory for the asking
 *   run COMMAND    has the shell run a command, for instance to let the key log grow
 *   lose           loses a few bytes, so that a test sees that valgrind is heard
 */
#include "capture_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <epan/column-info.h>
#include <epan/epan.h>
#include <epan/prefs-int.h>
#include <epan/prefs.h>
#include <epan/secrets.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <epan/timestamp.h>
#include <wsutil/privileges.h>
#include <wsutil/report_message.h>

void plugin_register(void);

enum { TURN = 0x5a, MAX_NEEDLE = 600 };

struct packet_provider_data {
    wtap *file;
    GPtrArray *frames; /* frame_data */
};

static struct packet_provider_data capture;
static epan_t *session;
static ike_record record;
static bool timing;
static struct {
    uint32_t frame;
    double ms;
} slowest;
static GPtrArray *shown_fields; /* header_field_info, of which `read` prints the values */

/* ---- a capture ------------------------------------------------------------------------------- */

static const nstime_t *frame_time(struct packet_provider_data *of, uint32_t number)
{
    if (!number || number > of->frames->len)
        return NULL;
    return &((frame_data *)g_ptr_array_index(of->frames, number - 1))->abs_ts;
}

static void free_frame(void *data)
{
    frame_data_destroy(data);
    g_free(data);
}

static void new_session(void)
{
    static const struct packet_provider_funcs functions = {.get_frame_ts = frame_time};

    session = epan_new(&capture, &functions);
}

/* As display filters have it or, where `shown` and the item has a text of its own, that text. */
static char *value_text(field_info *info, const header_field_info *field, bool shown)
{
    return shown && info->rep
               ? wmem_strdup(NULL, info->rep->representation)
               : fvalue_to_string_repr(NULL, IKE_FIELD_VALUE(info), FTREPR_DFILTER, field->display);
}

/* Bytes that were reassembled or decrypted: in hex where `shown`, else length and digest. */
static void print_source(const frame_data *fd, tvbuff_t *tvb, bool shown)
{
    unsigned length = tvb_captured_length(tvb);
    const uint8_t *data = tvb_get_ptr(tvb, 0, (int)length);
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA1, data, length);

    printf("%u\tdata\t", fd->num);
    if (!shown)
        printf("%u:%s", length, digest);
    for (unsigned i = 0; shown && i < length; i++)
        printf("%02x", data[i]);
    putchar('\n');
    g_free(digest);
}

/* frame, name, value; then each further source of bytes of the frame. */
static void print_fields(const epan_dissect_t *edt, const frame_data *fd, bool shown)
{
    for (unsigned f = 0; f < shown_fields->len; f++) {
        const header_field_info *field = g_ptr_array_index(shown_fields, f);
        const GPtrArray *found = proto_get_finfo_ptr_array(edt->tree, field->id);
        for (unsigned i = 0; found && i < found->len; i++) {
            field_info *info = g_ptr_array_index(found, i);
            char *value = value_text(info, field, shown);
            printf("%u\t%s\t%s\n", fd->num, field->abbrev, value ? value : "");
            wmem_free(NULL, value);
        }
    }
    for (const GSList *item = edt->pi.data_src ? edt->pi.data_src->next : NULL; item;
         item = item->next)
        print_source(fd, get_data_source_tvb(item->data), shown);
}

static void show_fields(const char *names)
{
    char **each = g_strsplit(names, ",", -1);

    g_ptr_array_set_size(shown_fields, 0);
    for (unsigned i = 0; each[i] && each[i][0]; i++) {
        header_field_info *field = proto_registrar_get_byname(each[i]);
        if (!field)
            g_error("no field %s", each[i]);
        g_ptr_array_add(shown_fields, field);
        while (field->same_name_prev_id >= 0) { /* all that a filter with this name is for */
            field = proto_registrar_get_nth((unsigned)field->same_name_prev_id);
            g_ptr_array_add(shown_fields, field);
        }
    }
    g_strfreev(each);
}

static double processor_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* As the list of packets (no tree) or the tree below it. */
static void dissect(frame_data *fd, bool tree)
{
    static const frame_data *reference;
    nstime_t elapsed = NSTIME_INIT_ZERO;
    uint32_t cumulated = 0;
    bool printing = shown_fields->len > 0;
    epan_dissect_t *edt =
        epan_dissect_new(session, tree || printing || have_filtering_tap_listeners(), tree);

    if (fd->num == 1)
        reference = fd;
    for (unsigned i = 0; printing && i < shown_fields->len; i++) {
        const header_field_info *field = g_ptr_array_index(shown_fields, i);
        epan_dissect_prime_with_hfid(edt, field->id);
    }
    double start = timing ? processor_ms() : 0;
    frame_data_set_before_dissect(fd, &elapsed, &reference, NULL);
    ike_record_dissect(&record, capture.file, edt, fd);
    frame_data_set_after_dissect(fd, &cumulated);
    if (printing)
        print_fields(edt, fd, tree);
    epan_dissect_free(edt);
    if (timing && processor_ms() - start > slowest.ms) {
        slowest.ms = processor_ms() - start;
        slowest.frame = fd->num;
    }
}

static void dissect_all(bool tree)
{
    for (unsigned i = 0; i < capture.frames->len; i++) {
        frame_data *fd = g_ptr_array_index(capture.frames, i);
        if (!ike_record_read_at(&record, capture.file, fd->file_off))
            g_error("cannot read frame %u again", fd->num);
        dissect(fd, tree);
    }
}

static void read_capture(const char *path)
{
    int error;
    char *reason = NULL;
    int64_t offset;

    capture.file = wtap_open_offline(path, WTAP_TYPE_AUTO, &error, &reason, TRUE);
    if (!capture.file)
        g_error("cannot read %s", path);
    capture.frames = g_ptr_array_new_with_free_func(free_frame);
    new_session();
    wtap_set_cb_new_secrets(capture.file, secrets_wtap_callback);
    while (ike_record_read(&record, capture.file, &offset)) {
        frame_data *fd = g_new0(frame_data, 1);
        frame_data_init(fd, capture.frames->len + 1, &record.rec, offset, 0);
        g_ptr_array_add(capture.frames, fd);
        dissect(fd, false);
    }
}

static void open_capture(const char *path)
{
    read_capture(path);
    if (shown_fields->len > 0)
        puts("0\tagain\t");
    dissect_all(true);
    draw_tap_listeners(TRUE);
}

static void close_capture(void)
{
    reset_tap_listeners();
    epan_free(session);
    g_ptr_array_free(capture.frames, TRUE);
    wtap_close(capture.file);
    session = NULL;
    capture = (struct packet_provider_data){NULL, NULL};
}

static void read_once(const char *path)
{
    read_capture(path);
    draw_tap_listeners(TRUE);
    close_capture();
}

/* ---- what it costs --------------------------------------------------------------------------- */

/* KB of a line of /proc/self/status. */
static unsigned long status_kb(const char *name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[128];
    unsigned long found = 0;

    while (fgets(line, sizeof line, status))
        if (g_str_has_prefix(line, name))
            sscanf(line + strlen(name), ": %lu", &found);
    fclose(status);
    return found;
}

/* The slowest frame and its ms; the ms of all and the KB that were used at most, without the pages
 * of libraries, of which a child process has none at first. */
static void print_cost(double start_ms, unsigned long start_kb)
{
    printf("%u\tslowest\t%.3f\n", slowest.frame, slowest.ms);
    printf("0\ttime\t%.3f\n", processor_ms() - start_ms);
    printf("0\tmemory\t%lu\n", status_kb("VmHWM") - status_kb("RssFile") - start_kb);
}

static void measure(void (*use)(const char *path), const char *path)
{
    int status;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        double start_ms = processor_ms();
        unsigned long start_kb = status_kb("RssAnon");
        use(path);
        print_cost(start_ms, start_kb);
        fflush(stdout);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        g_error("the process that reads %s failed", path);
}

static void open_word(const char *path)
{
    if (timing)
        measure(open_capture, path);
    else
        open_capture(path);
}

static void read_word(const char *path)
{
    if (timing)
        measure(read_once, path);
    else
        read_once(path);
}

static void dissect_anew(void)
{
    reset_tap_listeners();
    epan_free(session);
    for (unsigned i = 0; i < capture.frames->len; i++)
        frame_data_reset(g_ptr_array_index(capture.frames, i));
    new_session();
    dissect_all(false);
    dissect_all(true);
    draw_tap_listeners(TRUE);
}

/* ---- preferences ----------------------------------------------------------------------------- */

static void set_preference(const char *text)
{
    char *copy = g_strdup(text), *message = NULL;

    if (prefs_set_pref(copy, &message) != PREFS_SET_OK)
        g_error("cannot set %s: %s", text, message ? message : "");
    prefs_apply_all();
    g_free(message);
    g_free(copy);
}

/* Another value of the preference than it has, and the one that it has, as for -o; rows that are
 * put into a table stay. */
static bool other_value(const char *module, pref_t *pref, char **other, char **now)
{
    const char *name = prefs_get_name(pref);
    char *value = NULL, *changed = NULL;

    switch (prefs_get_type(pref)) {
    case PREF_BOOL:
        value = g_strdup(prefs_get_bool_value(pref, pref_current) ? "TRUE" : "FALSE");
        changed = g_strdup(*value == 'T' ? "FALSE" : "TRUE");
        break;
    case PREF_STRING:
    case PREF_SAVE_FILENAME:
    case PREF_OPEN_FILENAME:
        value = g_strdup(prefs_get_string_value(pref, pref_current));
        changed = g_strdup("/nonexistent");
        break;
    case PREF_UINT:
    case PREF_RANGE:
    case PREF_DECODE_AS_RANGE:
        value = prefs_pref_to_str(pref, pref_current);
        changed = g_strdup("4501");
        break;
    default:
        return false;
    }
    *now = g_strdup_printf("%s.%s:%s", module, name, value);
    *other = g_strdup_printf("%s.%s:%s", module, name, changed);
    g_free(value);
    g_free(changed);
    return true;
}

static unsigned change_preference(pref_t *pref, void *module)
{
    char *other, *now;

    if (!other_value(module, pref, &other, &now))
        return 0;
    printf("%s\n", other);
    set_preference(other);
    dissect_anew();
    set_preference(now);
    dissect_anew();
    g_free(other);
    g_free(now);
    return 0;
}

static void change_preferences(void)
{
    static const char *const modules[] = {"isakmp", "esp", "tcpencap"};

    for (unsigned i = 0; i < array_length(modules); i++) {
        module_t *module = prefs_find_module(modules[i]);
        if (module)
            prefs_pref_foreach(module, change_preference, (void *)modules[i]);
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* What is looked for, every byte turned. */
typedef struct {
    uint8_t bytes[3 * MAX_NEEDLE];
    size_t length;
} needle;

static unsigned count_in(const uint8_t *at, const uint8_t *end, const needle *wanted)
{
    unsigned count = 0;

    while ((size_t)(end - at) >= wanted->length) {
        at = memchr(at, wanted->bytes[0] ^ TURN, (size_t)(end - at) - wanted->length + 1);
        if (!at)
            break;
        size_t same = 1;
        while (same < wanted->length && (at[same] ^ TURN) == wanted->bytes[same])
            same++;
        count += same == wanted->length;
        at++;
    }
    return count;
}

/* In all that can be written: heap, stacks, the variables of libraries. */
static unsigned count_in_memory(const needle *wanted)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[1024], mode[8];
    uintptr_t start, end;
    unsigned count = 0;

    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &start, &end, mode) != 3)
            continue;
        if (strncmp(mode, "rw", 2) == 0)
            count += count_in((const uint8_t *)start, (const uint8_t *)end, wanted);
    }
    fclose(maps);
    return count;
}

/* Hex text, with a blank after each byte where `blanks`, of at most `most` bytes. */
static unsigned count_text(const needle *raw, const char *digits, bool blanks, size_t most)
{
    needle text = {.length = 0};

    for (size_t i = 0; i < MIN(raw->length, most); i++) {
        uint8_t byte = raw->bytes[i] ^ TURN;
        text.bytes[text.length++] = (uint8_t)(digits[byte >> 4] ^ TURN);
        text.bytes[text.length++] = (uint8_t)(digits[byte & 15] ^ TURN);
        if (blanks)
            text.bytes[text.length++] = ' ' ^ TURN;
    }
    return count_in_memory(&text);
}

static void find(const char *asked)
{
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    enum { ROW = 8 }; /* bytes that every dump has in one group or row */
    const char *hex = strchr(asked, '=') + 1;
    needle raw = {.length = MIN(strlen(hex) / 2, (size_t)MAX_NEEDLE)};

    for (size_t i = 0; i < raw.length; i++) {
        unsigned byte;
        sscanf(hex + 2 * i, "%2x", &byte);
        raw.bytes[i] = (uint8_t)byte;
    }
    printf("found %.*s: %u bytes, %u text, %u dump\n", (int)(hex - asked - 1), asked,
           count_in_memory(&raw),
           count_text(&raw, lower, false, raw.length) + count_text(&raw, upper, false, raw.length),
           count_text(&raw, lower, true, ROW) + count_text(&raw, upper, true, ROW));
}

/* ---- words ----------------------------------------------------------------------------------- */

G_GNUC_PRINTF(1, 0) static void report(const char *format, va_list arguments)
{
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

static void start(char *name)
{
    static const struct report_message_routines reports = {.vreport_failure = report,
                                                           .vreport_warning = report};

    ike_start_log(name);
    init_process_policies();
    init_report_message(name, &reports);
    g_free(ike_start_configuration(name));
    timestamp_set_type(TS_RELATIVE);
    timestamp_set_precision(TS_PREC_AUTO);
    timestamp_set_seconds_type(TS_SECONDS_DEFAULT);
    wtap_init(FALSE);
    plugin_register();
    if (!epan_init(NULL, NULL, FALSE))
        g_error("epan does not start");
    epan_load_settings();
    prefs_apply_all();
    ike_record_init(&record);
    shown_fields = g_ptr_array_new();
}

static void start_tap(const char *argument)
{
    if (!process_stat_cmd_arg(argument))
        g_error("no statistic %s", argument);
    start_requested_stats();
}

static void run_command(const char *command)
{
    fflush(stdout);
    if (system(command) != 0)
        g_error("cannot run %s", command);
}

static void start_clock(void)
{
    timing = true;
}

static void lose(void)
{
    char *volatile lost = g_strdup("lost");

    lost = NULL;
    (void)lost;
}

static const struct {
    const char *word;
    void (*plain)(void);
    void (*with_argument)(const char *argument);
} text_of[] = {
    {"open", NULL, open_word},     {"read", NULL, read_word},
    {"again", dissect_anew, NULL}, {"fields", NULL, show_fields},
    {"clock", start_clock, NULL},  {"close", close_capture, NULL},
    {"set", NULL, set_preference}, {"change", change_preferences, NULL},
    {"tap", NULL, start_tap},      {"find", NULL, find},
    {"run", NULL, run_command},    {"lose", lose, NULL},
};

int main(int argc, char **argv)
{
    start(argv[0]);
    for (int i = 1; i < argc; i++) {
        unsigned w = 0;
        while (w < array_length(text_of) && strcmp(text_of[w].word, argv[i]) != 0)
            w++;
        if (w == array_length(text_of) || (text_of[w].with_argument && i + 1 == argc))
            g_error("what is %s?", argv[i]);
        if (text_of[w].plain)
            text_of[w].plain();
        else
            text_of[w].with_argument(argv[++i]);
    }
    ike_record_free(&record);
    g_ptr_array_free(shown_fields, TRUE);
    epan_cleanup();
    wtap_cleanup();
    return 0;
}
