/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts text into lines and gives each to the first reader that recognises it. */
#include "decrypt/keylog/keylog_state.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/journal.h"
#include "decrypt/keylog/key_logs.h"
#include "decrypt/log/wrap.h"
#include "decrypt/keylog/marks.h"

enum { BINARY_LINES = 16 /* with NUL bytes and no secret: not a log */ };

/* ---- the readers' states --------------------------------------------------------------------- */

static void begin_readers(ike_keylog *log)
{
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++) {
        log->states[i] = g_malloc0(ike_keylog_readers[i]->state_bytes);
        *(ike_keylog **)log->states[i] = log;
        if (ike_keylog_readers[i]->begin != NULL)
            ike_keylog_readers[i]->begin(log->states[i]);
    }
}

static void end_readers(ike_keylog *log)
{
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++) {
        const ike_keylog_reader *r = ike_keylog_readers[i];
        if (r->release != NULL)
            r->release(log->states[i]);
        OPENSSL_cleanse(log->states[i], r->state_bytes);
        g_free(log->states[i]);
    }
}

ike_keylog *ike_keylog_new(ike_keyring *ring, ike_key_source source, const char *name)
{
    ike_keylog *log = g_new0(ike_keylog, 1);
    log->ring = ring;
    log->source = source;
    log->name = g_strdup(name);
    log->label = g_strdup(name);
    log->carry = g_malloc(IKE_KEYLOG_LINE_MAX);
    log->wrapped = g_string_new(NULL);
    begin_readers(log);
    return log;
}

static void drop_wrapped(ike_keylog *log)
{
    OPENSSL_cleanse(log->wrapped->str, log->wrapped->allocated_len);
    g_string_truncate(log->wrapped, 0);
}

void ike_keylog_free(ike_keylog *log)
{
    if (log == NULL)
        return;
    end_readers(log);
    ike_unwrapper_clear(&log->unwrapper);
    drop_wrapped(log);
    g_string_free(log->wrapped, TRUE);
    OPENSSL_cleanse(log->carry, IKE_KEYLOG_LINE_MAX);
    ike_summary_clear(&log->summary);
    g_free(log->line_numbers);
    g_free(log->failure);
    g_free(log->carry);
    g_free(log->label);
    g_free(log->name);
    g_free(log);
}

void ike_keylog_set_label(ike_keylog *log, const char *label)
{
    g_free(log->label);
    log->label = g_strdup(label);
}

void ike_keylog_set_line_numbers(ike_keylog *log, const unsigned *numbers, unsigned count)
{
    g_free(log->line_numbers);
    log->line_numbers = g_memdup2(numbers, count * sizeof *numbers);
    log->numbered_lines = count;
}

size_t ike_keylog_secret_bytes(const ike_keylog *log)
{
    return log->secret_bytes;
}

unsigned ike_keylog_details(const ike_keylog *log)
{
    return log->details;
}

bool ike_keylog_refused(const ike_keylog *log)
{
    return log->refused;
}

/* Of a file that cannot be read no line is to be named. */
void ike_keylog_refuse(ike_keylog *log, const char *why)
{
    ike_keyring_complain(log->ring, log->name, 0, why);
    g_free(log->failure);
    log->failure = g_strdup(why);
    log->refused = true;
}

static bool has_nul(const ike_keylog *log)
{
    return log->carried > 0 && memchr(log->carry, '\0', log->carried) != NULL;
}

const ike_key_log *ike_keylog_counts(ike_keylog *log)
{
    log->summary.counts.name = log->label;
    log->summary.counts.failure = log->failure;
    log->summary.counts.hint = log->hint;
    log->summary.counts.used = ike_keyring_is_used(log->ring, log->label);
    log->summary.counts.lines =
        log->earlier_lines + log->line + (log->carried > 0 || log->skipping);
    log->summary.counts.binary = log->binary_lines > 0 || has_nul(log);
    return ike_summary_counts(&log->summary);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool read_line(ike_keylog *log, unsigned reader, ike_text line)
{
    const ike_keylog_reader *r = ike_keylog_readers[reader];
    if (!r->line(log->states[reader], line))
        return false;
    return log->recognised = true;
}

/* A dump under way comes before a new one. */
static void give_line(void *user, ike_text line)
{
    ike_keylog *log = user;
    uint32_t marked = ike_marks_in(line);
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++) {
        const ike_keylog_reader *r = ike_keylog_readers[i];
        if (r->in_dump != NULL && r->in_dump(log->states[i])) {
            if (read_line(log, i, line))
                return;
            marked &= ~(UINT32_C(1) << i);
        }
    }
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++)
        if ((marked >> i & 1) != 0 && read_line(log, i, line))
            return;
}

/* The members of a record beside its message: {"msg":"derived","SK_ei":"221e.."}. */
static void give_rest(void *user, ike_text line)
{
    ike_keylog *log = user;
    uint32_t marked = ike_marks_in(line);
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++)
        if ((marked >> i & 1) != 0 && ike_keylog_readers[i]->in_record && read_line(log, i, line))
            return;
}

/* Text of our own format is taken as it stands: a PSK may look like an escape. */
static bool is_native(ike_text line)
{
    ike_text_blanks(&line);
    return ike_text_begins(line, "IKE_P");
}

static void unwrap(ike_keylog *log, ike_text line)
{
    if (is_native(line))
        give_line(log, line);
    else
        ike_unwrap_line(&log->unwrapper, line, &(ike_line_user){give_line, give_rest, log});
}

static void give_wrapped(ike_keylog *log)
{
    if (log->wrapped->len == 0)
        return;
    unsigned line = log->line;
    log->line = log->wrapped_line;
    unwrap(log, (ike_text){log->wrapped->str, log->wrapped->str + log->wrapped->len});
    log->line = line;
    drop_wrapped(log);
}

/* Puts a line behind the one that goes on in it; false: it is a line of its own. */
static bool append_wrapped(ike_keylog *log, ike_text line)
{
    ike_text before = {log->wrapped->str, log->wrapped->str + log->wrapped->len};
    if (before.at == before.end ||
        log->wrapped->len + ike_text_length(line) > IKE_KEYLOG_LINE_MAX ||
        !ike_is_rest_of_line(before, line))
        return false;
    g_string_append_len(log->wrapped, line.at, (gssize)ike_text_length(line));
    if (ike_text_hex_run(line) != ike_text_length(line))
        give_wrapped(log);
    return true;
}

/* A line with its end, put together with the next when that is the rest of it. */
static void complete_line(ike_keylog *log, ike_text line)
{
    if (append_wrapped(log, line))
        return;
    give_wrapped(log);
    if (!ike_may_be_wrapped(line)) {
        unwrap(log, line);
        return;
    }
    g_string_append_len(log->wrapped, line.at, (gssize)ike_text_length(line));
    log->wrapped_line = log->line;
}

/* NUL bytes end a line, too. Where they always do and nothing is recognised, it is no log. */
static void binary_line(ike_keylog *log, ike_text text)
{
    while (text.at < text.end) {
        ike_text line = ike_text_until(&text, '\0');
        if (line.at < line.end)
            complete_line(log, line);
    }
    if (++log->binary_lines >= BINARY_LINES && !log->recognised)
        ike_keylog_refuse(log, "binary data, not a key log");
}

/* A log has a block of them where it was truncated under its writer. */
static void trim_nul(ike_text *text)
{
    while (text->at < text->end && *text->at == '\0')
        text->at++;
    while (text->at < text->end && text->end[-1] == '\0')
        text->end--;
}

static void take_line(ike_keylog *log, ike_text text)
{
    log->line++;
    trim_nul(&text);
    if (log->line == 1)
        (void)ike_text_skip(&text, "\xef\xbb\xbf"); /* byte order mark of UTF-8 */
    ike_encoding_end_line(&log->encoding, text);
    while (text.at < text.end && text.end[-1] == '\r')
        text.end--;
    if (text.at == text.end || ike_is_journal_field(text))
        return;
    ike_skip_journal_name(&text);
    if (memchr(text.at, '\0', ike_text_length(text)) != NULL)
        binary_line(log, text);
    else
        complete_line(log, text);
}

/* Stores what is no complete line yet, up to the bound. */
static void carry_over(ike_keylog *log, ike_text rest)
{
    if (log->skipping || rest.at == rest.end)
        return;
    size_t length = ike_text_length(rest);
    if (length > IKE_KEYLOG_LINE_MAX - log->carried) {
        log->skipping = true;
        log->carried = 0;
        ike_keylog_warn(log, log->line + 1, "longer than any line of a log: left out");
        return;
    }
    memcpy(log->carry + log->carried, rest.at, length);
    log->carried += length;
}

/* Completes the line that waits with its end. */
static void complete_carried(ike_keylog *log, ike_text end)
{
    carry_over(log, end);
    if (log->skipping)
        log->line++;
    else
        take_line(log, (ike_text){log->carry, log->carry + log->carried});
    log->skipping = false;
    log->carried = 0;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Takes lines up to one behind which a binary length may follow; returns what is left. */
static ike_text take_lines(ike_keylog *log, ike_text rest)
{
    while (rest.at < rest.end && !log->refused && !log->encoding.in_header) {
        const char *end = memchr(rest.at, log->encoding.line_end, ike_text_length(rest));
        if (end == NULL) {
            carry_over(log, rest);
            return (ike_text){rest.end, rest.end};
        }
        ike_text line = {rest.at, end};
        if (log->carried > 0 || log->skipping || ike_text_length(line) > IKE_KEYLOG_LINE_MAX)
            complete_carried(log, line);
        else
            take_line(log, line);
        rest.at = end + 1;
    }
    return rest;
}

/* What might have been a length, and is text. A line that ends in it may begin another one. */
static void take_header_as_text(ike_keylog *log)
{
    ike_encoding *encoding = &log->encoding;
    char copy[IKE_HEADER_BYTES];
    size_t length = encoding->header_bytes;
    memcpy(copy, encoding->header, length);
    encoding->in_header = false;
    encoding->header_bytes = 0;
    ike_text rest = take_lines(log, (ike_text){copy, copy + length});
    if (rest.at < rest.end)
        (void)ike_encoding_take_header(encoding, &rest);
    OPENSSL_cleanse(copy, sizeof copy);
}

static void take_text(ike_keylog *log, ike_text text)
{
    while (text.at < text.end && !log->refused)
        if (!log->encoding.in_header)
            text = take_lines(log, text);
        else if (!ike_encoding_take_header(&log->encoding, &text))
            return;
        else if (ike_encoding_is_length(&log->encoding))
            log->encoding.in_header = false;
        else
            take_header_as_text(log);
}

void ike_keylog_feed(ike_keylog *log, const char *text, size_t length)
{
    if (length == 0 || log->refused)
        return;
    const char *why = ike_encoding_begin(&log->encoding, (ike_text){text, text + length});
    if (why != NULL) {
        ike_keylog_refuse(log, why);
    } else if (log->encoding.charset == IKE_UTF8) {
        take_text(log, (ike_text){text, text + length});
    } else {
        char *copy = g_malloc(length);
        char *end = ike_encoding_to_utf8(&log->encoding, (ike_text){text, text + length}, copy);
        take_text(log, (ike_text){copy, end});
        OPENSSL_cleanse(copy, length);
        g_free(copy);
    }
}

void ike_keylog_pause(ike_keylog *log)
{
    give_wrapped(log);
}

bool ike_keylog_has_open_line(const ike_keylog *log)
{
    return log->carried > 0;
}

void ike_keylog_rest(ike_keylog *log)
{
    ike_text text = {log->carry, log->carry + log->carried};
    trim_nul(&text);
    if (log->wrapped->len > 0 &&
        ike_is_rest_of_line((ike_text){log->wrapped->str, log->wrapped->str + log->wrapped->len},
                            text))
        return;
    give_wrapped(log);
    if (text.at == text.end || log->skipping || log->refused ||
        memchr(text.at, '\0', ike_text_length(text)) != NULL)
        return;
    log->line++; /* as it will be when it is complete */
    log->partial = true;
    unwrap(log, text);
    log->partial = false;
    log->line--;
}

void ike_keylog_finish(ike_keylog *log)
{
    give_wrapped(log);
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++)
        if (ike_keylog_readers[i]->finish != NULL)
            ike_keylog_readers[i]->finish(log->states[i]);
}

/* Said once, when nothing can be done with a log. */
void ike_keylog_warn_if_empty(ike_keylog *log)
{
    const ike_key_log *counts = ike_keylog_counts(log);
    if (log->said_empty || log->refused || log->warnings > 0 || !ike_key_log_is_empty(counts))
        return;
    log->said_empty = true;
    char *text = ike_key_log_text(counts, "");
    ike_keyring_complain(log->ring, log->name, 0, text);
    g_free(text);
}

/* The line that waits is a line, and the log is finished. The next text begins a new one under the
 * same name. */
static void end_log(ike_keylog *log)
{
    if (log->encoding.in_header)
        take_header_as_text(log);
    if ((log->carried > 0 || log->skipping) && !log->refused)
        complete_carried(log, (ike_text){log->carry, log->carry});
    ike_keylog_finish(log);
    ike_keylog_warn_if_empty(log);
    end_readers(log);
    drop_wrapped(log);
    OPENSSL_cleanse(log->carry, IKE_KEYLOG_LINE_MAX);
    log->carried = 0;
    log->skipping = log->recognised = log->refused = false;
    log->earlier_lines += log->line;
    log->line = log->warnings = log->binary_lines = 0;
    log->encoding = (ike_encoding){0};
    begin_readers(log);
}

static void free_keylog(void *log)
{
    ike_keylog_free(log);
}

void ike_keyring_add_text(ike_keyring *ring, ike_key_source source, const char *name,
                          const char *text, size_t length, bool last)
{
    ike_keylog *log = ike_keyring_reader(ring, source);
    if (log == NULL) {
        log = ike_keylog_new(ring, source, name);
        ike_keyring_set_reader(ring, source, log, free_keylog);
    }
    ike_keylog_feed(log, text, length);
    if (last)
        end_log(log);
}
