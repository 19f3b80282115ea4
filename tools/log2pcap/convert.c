/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/convert.h"

#include <string.h>

#include "decrypt/log/encoding.h"
#include "decrypt/log/line.h"
#include "decrypt/log/transcript.h"
#include "tools/log2pcap/capture.h"
#include "tools/log2pcap/readers.h"
#include "tools/log2pcap/stamp.h"
#include "proto/keyed_hash.h"
#include "proto/network_order.h"

enum {
    TRIAL_MAX = 1024 * 1024, /* bytes of a log with which steps are tried */
    MAX_LINE = 256 * 1024,   /* bytes of a line that are looked at */
    MAX_WRAPS = 8,           /* lines that one line may be wrapped to */
    MAX_WRAPPED = 4096,      /* bytes of a line that may be wrapped */
    MAX_TEXT = 1024,         /* bytes of a line that are kept for the comment */
    SECOND = 1000000,
};

static const log_reader *const readers[] = {
    &log_reader_charon,  &log_reader_pluto, &log_reader_fortigate, &log_reader_racoon,
    &log_reader_isakmpd, &log_reader_iked,  &log_reader_vpnc,
};

/* A short line can stand for a long message that was dumped before. A log has few of them for each
 * dump: one made to be read forever has not. */
static const size_t repeated_max = (size_t)64 * 1024 * 1024; /* bytes */
enum { REPEATED_BASE = 1024 * 1024, REPEATED_FACTOR = 32 };

/* A line that may go on in the next one. */
typedef struct {
    char *text;
    size_t length;
    uint64_t number;
    int64_t time;
} held_line;

typedef struct {
    log_context context;
    log_clock clock;
    void *states[G_N_ELEMENTS(readers)];
    GQueue held;     /* held_line */
    unsigned reader; /* that waits for the rest of them */
    GString *joined;
    ike_unwrapper unwrapper;
    bool has_times;
} conversion;

void log_origin_set(log_origin *origin, const log_context *context)
{
    g_free(origin->text);
    origin->line = context->number;
    origin->time = context->time;
    origin->text = g_strndup(context->line.at, MIN(ike_text_length(context->line), MAX_TEXT));
}

void log_origin_clear(log_origin *origin)
{
    g_clear_pointer(&origin->text, g_free);
}

log_message *log_context_add_from(log_context *context, const log_origin *origin,
                                  const log_message_header *header, const uint8_t *bytes,
                                  size_t length)
{
    log_message *message = log_messages_add(context->messages, header, bytes, length);

    message->line = origin->line;
    message->time = origin->time;
    message->text = g_strdup(origin->text);
    return message;
}

log_message *log_context_add(log_context *context, const log_message_header *header,
                             const uint8_t *bytes, size_t length)
{
    log_origin origin = {0};

    log_origin_set(&origin, context);
    log_message *message = log_context_add_from(context, &origin, header, bytes, length);
    log_origin_clear(&origin);
    return message;
}

void log_pending_begin(log_pending *pending, const log_context *context,
                       const log_message_header *header, uint64_t size)
{
    pending->header = *header;
    log_origin_set(&pending->origin, context);
    log_dump_begin(&pending->dump, size);
}

log_message *log_pending_add(log_pending *pending, log_context *context)
{
    const GByteArray *bytes = pending->dump.bytes;

    if (!log_dump_is_open(&pending->dump) || bytes->len == 0)
        return NULL;
    pending->header.size = (uint32_t)pending->dump.expected;
    pending->dump.expected = 0;
    return log_context_add_from(context, &pending->origin, &pending->header, bytes->data,
                                bytes->len);
}

/* A copy of a message while the budget lasts; then, or without one, a message that is mentioned. */
static log_message *add_copy(log_context *context, const log_origin *origin,
                             const log_message_header *header, const log_message *before)
{
    if (!before || before->bytes->len > context->repeatable)
        return log_context_add_from(context, origin, header, NULL, 0);
    context->repeatable -= before->bytes->len;
    return log_context_add_from(context, origin, header, before->bytes->data, before->bytes->len);
}

log_message *log_context_add_again(log_context *context, const log_message_header *header)
{
    log_origin origin = {0};

    log_origin_set(&origin, context);
    log_message *message =
        add_copy(context, &origin, header,
                 log_messages_find(context->messages, header->sent, header->size, true));
    log_origin_clear(&origin);
    return message;
}

void log_context_repeat(log_context *context, const log_origin *origin, const log_message *before)
{
    const log_message_header header = {.local = before->sent ? before->source : before->destination,
                                       .peer = before->sent ? before->destination : before->source,
                                       .sent = before->sent,
                                       .tcp = before->tcp,
                                       .size = before->size};

    add_copy(context, origin, &header, before);
}

static void hold(conversion *c, ike_text line)
{
    held_line held = {.text = g_strndup(line.at, ike_text_length(line)),
                      .length = ike_text_length(line),
                      .number = c->context.number,
                      .time = c->context.time};

    g_queue_push_tail(&c->held, g_memdup2(&held, sizeof held));
}

static void held_free(void *data)
{
    held_line *held = data;

    memset(held->text, 0, held->length); /* it may hold keys */
    g_free(held->text);
    g_free(held);
}

/* A line that does not continue another one. */
static void read_line(conversion *c, ike_text line)
{
    c->context.line = line;
    for (unsigned i = 0; i < G_N_ELEMENTS(readers); i++) {
        log_line_use use = readers[i]->line(c->states[i], &c->context);
        if (use == LOG_LINE_OTHER)
            continue;
        if (use == LOG_LINE_PARTIAL && !c->context.is_whole &&
            ike_text_length(line) < MAX_WRAPPED) {
            c->reader = i;
            hold(c, line);
        }
        return;
    }
}

/* Whether the line is the rest of those that are held. */
static log_line_use read_joined(conversion *c, ike_text line)
{
    const held_line *first = g_queue_peek_head(&c->held);
    uint64_t number = c->context.number;
    int64_t time = c->context.time;

    g_string_truncate(c->joined, 0);
    for (const GList *entry = c->held.head; entry; entry = entry->next) {
        const held_line *held = entry->data;
        g_string_append_len(c->joined, held->text, (gssize)held->length);
    }
    if (c->joined->len + ike_text_length(line) > MAX_WRAPPED)
        return LOG_LINE_OTHER;
    g_string_append_len(c->joined, line.at, (gssize)ike_text_length(line));
    c->context.line = (ike_text){c->joined->str, c->joined->str + c->joined->len};
    c->context.number = first->number;
    c->context.time = first->time;
    log_line_use use = readers[c->reader]->line(c->states[c->reader], &c->context);
    c->context.number = number;
    c->context.time = time;
    return use;
}

static void use_line(void *user, ike_text line);

/* Nothing completes the lines that are held: the first is all there is of it, and the others are
 * lines of their own. */
static void release(conversion *c)
{
    GQueue lines = c->held;
    uint64_t number = c->context.number;
    int64_t time = c->context.time;

    g_queue_init(&c->held);
    c->context.is_whole = true;
    for (const GList *entry = lines.head; entry; entry = entry->next) {
        const held_line *held = entry->data;
        c->context.number = held->number;
        c->context.time = held->time;
        ike_text line = {held->text, held->text + held->length};
        if (c->context.is_whole)
            read_line(c, line);
        else
            use_line(c, line);
        c->context.is_whole = false;
    }
    c->context.number = number;
    c->context.time = time;
    g_queue_clear_full(&lines, held_free);
}

static void use_line(void *user, ike_text line)
{
    conversion *c = user;

    while (line.at < line.end && (line.end[-1] == '\r' || line.end[-1] == '\n'))
        line.end--;
    if (g_queue_is_empty(&c->held)) {
        read_line(c, line);
        return;
    }
    log_line_use use = read_joined(c, line);
    if (use == LOG_LINE_USED) {
        g_queue_clear_full(&c->held, held_free);
    } else if (use == LOG_LINE_PARTIAL && c->held.length < MAX_WRAPS) {
        hold(c, line);
    } else {
        release(c);
        use_line(c, line);
    }
}

/* What a line says of its time, or the record that it was taken from. */
static void read_time(conversion *c, ike_text line, ike_text raw)
{
    if (log_clock_read(&c->clock, line, &c->context.time) ||
        (raw.at != NULL && log_clock_read(&c->clock, raw, &c->context.time)))
        c->has_times = true;
}

/* Where the lines of a text begin, to find one by its number. */
static GPtrArray *index_lines(const ike_transcript *text)
{
    GPtrArray *starts = g_ptr_array_new();
    size_t at = 0;
    unsigned index = 0;
    for (ike_text line; ike_transcript_next(text, &at, &index, &line);)
        g_ptr_array_add(starts, (char *)line.at);
    g_ptr_array_add(starts, text->text->str + text->text->len);
    return starts;
}

/* `raw`: the text before the steps, NULL if there were none. */
static void read_text(conversion *c, const ike_transcript *text, const ike_transcript *raw)
{
    const ike_line_user user = {.line = use_line, .user = c};
    GPtrArray *starts = raw != NULL ? index_lines(raw) : NULL;
    size_t at = 0;
    unsigned index = 0;

    for (ike_text line; ike_transcript_next(text, &at, &index, &line);) {
        unsigned number = g_array_index(text->lines, unsigned, index);
        bool again = number == c->context.number;
        ike_text record = {NULL, NULL};
        c->context.number = number;
        if (starts != NULL && !again && number < starts->len)
            record = (ike_text){starts->pdata[number - 1], starts->pdata[number]};
        read_time(c, line, record);
        if (ike_text_length(line) > MAX_LINE)
            line.end = line.at + MAX_LINE;
        ike_unwrap_line(&c->unwrapper, line, &user);
    }
    while (!g_queue_is_empty(&c->held))
        release(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(readers); i++)
        if (readers[i]->end)
            readers[i]->end(c->states[i], &c->context);
    if (starts != NULL)
        g_ptr_array_unref(starts);
}

static void open_readers(conversion *c)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(readers); i++) {
        c->states[i] = g_malloc0(readers[i]->state_bytes);
        log_dump_init(&((log_pending *)c->states[i])->dump);
        if (readers[i]->open)
            readers[i]->open(c->states[i]);
    }
}

static void close_readers(conversion *c)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(readers); i++) {
        log_pending *pending = c->states[i];
        if (readers[i]->close)
            readers[i]->close(c->states[i]);
        log_dump_clear(&pending->dump);
        log_origin_clear(&pending->origin);
        g_free(c->states[i]);
    }
}

static void count_messages(const log_messages *messages, log_conversion *result)
{
    for (unsigned i = 0; i < messages->len; i++) {
        const log_message *message = g_ptr_array_index(messages, i);
        if (!message->bytes)
            result->undumped++;
        else if (message->bytes->len < message->size)
            result->truncated++;
    }
}

static void begin(conversion *c, size_t length, int64_t end)
{
    *c = (conversion){.context = {.messages = log_messages_new(), .time = LOG_NO_TIME}};
    c->context.repeatable = MIN(repeated_max, REPEATED_BASE + REPEATED_FACTOR * length);
    log_clock_init(&c->clock, end);
    c->joined = g_string_new(NULL);
    g_queue_init(&c->held);
    open_readers(c);
}

static void end(conversion *c)
{
    close_readers(c);
    ike_unwrapper_clear(&c->unwrapper);
    memset(c->joined->str, 0, c->joined->allocated_len);
    g_string_free(c->joined, TRUE);
    log_clock_free(&c->clock);
    g_ptr_array_unref(c->context.messages);
}

/* How much of a text is messages that are complete by their own Length (RFC 7296 3.1), each once.
 */
static size_t score(const char *text, size_t length)
{
    enum { LENGTH_OFFSET = 24, HEADER_LENGTH = 28 };
    ike_transcript *lines = ike_transcript_new((ike_text){text, text + length});
    GHashTable *seen = g_hash_table_new(NULL, NULL); /* keyed hashes */
    conversion c;
    size_t bytes = 0, missing = 0;

    begin(&c, length, 0);
    read_text(&c, lines, NULL);
    for (unsigned i = 0; i < c.context.messages->len; i++) {
        const log_message *message = g_ptr_array_index(c.context.messages, i);
        if (!message->bytes)
            missing += message->size;
        else if (message->bytes->len >= HEADER_LENGTH &&
                 ike_get_u32(message->bytes->data + LENGTH_OFFSET) == message->bytes->len &&
                 g_hash_table_add(seen, GSIZE_TO_POINTER(ike_keyed_hash(message->bytes->data,
                                                                        message->bytes->len))))
            bytes += message->bytes->len;
    }
    end(&c);
    g_hash_table_unref(seen);
    ike_transcript_free(lines);
    return IKE_SCORE(2 * bytes - MIN(missing, bytes), 0, 0);
}

/* The steps that the log needs, by its beginning. */
static unsigned find_steps(ike_text log)
{
    if (ike_text_length(log) > TRIAL_MAX)
        log.end = log.at + TRIAL_MAX;
    return ike_transcript_find_steps(log, score);
}

log_conversion log_convert(ike_text log, int64_t end_time, bool with_secrets, GByteArray *out)
{
    ike_encoding encoding = {0};
    log_conversion result = {.refused = ike_encoding_begin(&encoding, log)};
    if (result.refused)
        return result;

    unsigned steps = find_steps(log);
    ike_transcript *raw = ike_transcript_new(log);
    ike_transcript *text = steps != 0 ? ike_transcript_after(log, steps) : NULL;
    conversion c;

    begin(&c, ike_text_length(log), end_time);
    read_text(&c, text ? text : raw, text ? raw : NULL);
    count_messages(c.context.messages, &result);
    result.lines = raw->lines->len;
    result.has_times = c.has_times;
    result.has_secrets = with_secrets && ike_text_length(log) <= LOG_SECRETS_MAX;
    if (c.context.messages->len > result.undumped)
        result.packets = log_capture_write(out, c.context.messages, end_time * SECOND,
                                           result.has_secrets ? log : (ike_text){NULL, NULL});
    end(&c);
    ike_transcript_free(text);
    ike_transcript_free(raw);
    return result;
}
