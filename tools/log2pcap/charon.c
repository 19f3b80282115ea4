/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strongSwan (charon). Each line has the number of its thread and a group, "12[NET] ", which the
 * journal of charon-systemd lacks:
 *
 *     08[NET] received packet => 300 bytes @ 0x7f8a28c15420     net = 3: with a non-ESP marker
 *     08[NET]    0: 19 22 6B 1C ..
 *     08[NET] received packet: from 10.9.0.2[500] to 10.9.0.1[500]
 *     03[NET] received packet: from 10.9.0.2[500] to 10.9.0.1[500] (300 bytes)    without a marker
 *
 *     02[ENC] generated data of this generator => 292 bytes @ ..    enc = 3: also parts, Length 0
 *     02[NET] sending packet: from 10.9.0.1[500] to 10.9.0.2[500] (292 bytes)
 *     05[NET] sending packet: from 10.9.0.1[500] to 10.9.0.2[500]    the same, of its own thread
 *
 *     03[IKE] octets = message + nonce + prf(Sk_px, IDx') => 356 bytes @ ..    ike = 4
 *
 * The last one begins with the IKE_SA_INIT message of the side that is authenticated (RFC
 * 7296 2.15): logs without net = 3 and enc = 3 have these two messages at least. */
#include "tools/log2pcap/readers.h"

#include <string.h>

#include "proto/network_order.h"

enum {
    MAX_THREADS = 1024,
    MAX_GENERATED = 64,    /* data of a thread that wait to be sent */
    PATH_MAX_LENGTH = 110, /* "from A[P] to B[P]" */
    NO_THREAD = -1,
    LENGTH_OFFSET = 24,
};

typedef enum { DUMP_RECEIVED, DUMP_GENERATED, DUMP_SIGNED } dump_kind;

typedef struct {
    log_dump dump;
    dump_kind kind;
    GByteArray *received; /* complete, its addresses come next; NULL */
    GQueue generated;     /* GByteArray */
    bool retransmits;     /* the thread said so after its last message */
} charon_thread;

typedef struct {
    log_pending pending; /* none: each thread has its own */
    GHashTable *threads;
    charon_thread *dumping; /* that has begun the last dump */
    GQueue unmentioned;     /* sizes of messages that were dumped and not yet mentioned by a job */
    bool has_sizes; /* "sending packet: … (N bytes)" was seen: lines without it are copies */
} charon;

static const struct {
    const char *mark;
    dump_kind kind;
} dumps[] = {
    {"received packet => ", DUMP_RECEIVED},
    {"generated data of this generator => ", DUMP_GENERATED},
    {"octets = message + nonce + prf(Sk_px, IDx') => ", DUMP_SIGNED},
};

static void thread_free(void *data)
{
    charon_thread *thread = data;

    log_dump_clear(&thread->dump);
    if (thread->received)
        g_byte_array_unref(thread->received);
    g_queue_clear_full(&thread->generated, (GDestroyNotify)g_byte_array_unref);
    g_free(thread);
}

static void charon_open(void *state)
{
    ((charon *)state)->threads = g_hash_table_new_full(NULL, NULL, NULL, thread_free);
}

static void charon_close(void *state)
{
    charon *c = state;

    g_hash_table_unref(c->threads);
    g_queue_clear(&c->unmentioned);
}

/* The number of "12[NET]" anywhere before the mark of the line. */
static int thread_number(ike_text line)
{
    ike_text rest = line;

    while (ike_text_behind(rest, "[", &rest)) {
        const char *bracket = rest.at - 1;
        if (ike_text_length(rest) < 4 || rest.at[3] != ']' || !g_ascii_isupper(rest.at[0]) ||
            !g_ascii_isupper(rest.at[1]) || !g_ascii_isupper(rest.at[2]))
            continue;
        const char *digit = bracket;
        while (digit > line.at && bracket - digit < 5 && g_ascii_isdigit(digit[-1]))
            digit--;
        ike_text number = {digit, bracket};
        uint64_t value;
        if (ike_text_take_number(&number, 99999, &value))
            return (int)value;
    }
    return NO_THREAD;
}

static charon_thread *find_thread(charon *c, int number)
{
    charon_thread *thread = g_hash_table_lookup(c->threads, GINT_TO_POINTER(number));

    if (thread)
        return thread;
    if (g_hash_table_size(c->threads) >= MAX_THREADS) {
        g_hash_table_remove_all(c->threads);
        c->dumping = NULL;
    }
    thread = g_new0(charon_thread, 1);
    log_dump_init(&thread->dump);
    g_hash_table_insert(c->threads, GINT_TO_POINTER(number), thread);
    return thread;
}

static void end_dump(log_context *context, charon_thread *thread)
{
    GByteArray *bytes = thread->dump.bytes;

    thread->dump.bytes = g_byte_array_new();
    thread->dump.expected = 0;
    if (thread->kind == DUMP_RECEIVED) {
        if (thread->received)
            g_byte_array_unref(thread->received);
        thread->received = g_byte_array_ref(bytes);
    } else if (thread->kind == DUMP_GENERATED) {
        g_queue_push_tail(&thread->generated, g_byte_array_ref(bytes));
        if (thread->generated.length > MAX_GENERATED)
            g_byte_array_unref(g_queue_pop_head(&thread->generated));
    } else {
        log_messages_use_signed(context->messages, bytes, false);
    }
    g_byte_array_unref(bytes);
}

/* "… => N bytes @ …" begins a dump or ends the thread's last one. */
static log_line_use begin_dump(charon *c, log_context *context, charon_thread *thread)
{
    ike_text rest;
    uint64_t size;

    if (!ike_text_behind(context->line, " => ", &rest))
        return LOG_LINE_OTHER;
    thread->dump.expected = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(dumps); i++) {
        if (!ike_text_behind(context->line, dumps[i].mark, &rest))
            continue;
        if (!ike_text_take_number(&rest, UINT32_MAX, &size) || !ike_text_skip(&rest, " bytes"))
            return ike_text_length(rest) == 0 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
        thread->kind = dumps[i].kind;
        log_dump_begin(&thread->dump, size);
        c->dumping = thread;
        return LOG_LINE_USED;
    }
    return LOG_LINE_OTHER;
}

/* "from A[P] to B[P]", with or without "(N bytes)": 0 then */
static log_line_use read_packet(const log_context *context, ike_text rest, log_endpoint *from,
                                log_endpoint *to, uint64_t *size)
{
    *size = 0;
    if (!ike_text_skip(&rest, "from ") || !log_take_endpoint(&rest, from) ||
        !ike_text_skip(&rest, " to ") || !log_take_endpoint(&rest, to) || to->port == 0)
        return ike_text_length(rest) < PATH_MAX_LENGTH ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (ike_text_is_blank(rest))
        return context->is_whole ? LOG_LINE_USED : LOG_LINE_PARTIAL;
    rest = ike_text_trimmed(rest);
    if (!ike_text_skip(&rest, "("))
        return LOG_LINE_OTHER;
    if (!ike_text_take_number(&rest, LOG_DUMP_MAX, size) || !ike_text_skip(&rest, " bytes"))
        return ike_text_length(rest) < 8 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    return LOG_LINE_USED;
}

/* What the thread has generated of this size: a message is the last thing that it generates, except
 * that fragments are all generated before the first is sent. */
static GByteArray *take_generated(charon_thread *thread, uint64_t size)
{
    for (GList *entry = thread->generated.head; entry; entry = entry->next) {
        GByteArray *bytes = entry->data;
        if (size != 0 && bytes->len != size)
            continue;
        while (thread->generated.head != entry)
            g_byte_array_unref(g_queue_pop_head(&thread->generated));
        return g_queue_pop_head(&thread->generated);
    }
    return NULL;
}

/* The Length of the header is written after the dump. */
static void set_length(GByteArray *bytes)
{
    if (bytes->len > LENGTH_OFFSET + 4)
        ike_put_u32(bytes->data + LENGTH_OFFSET, bytes->len);
}

static log_line_use read_sending(charon *c, log_context *context, charon_thread *thread,
                                 ike_text rest)
{
    log_message_header header = {.sent = true};
    uint64_t size;

    log_line_use use = read_packet(context, rest, &header.local, &header.peer, &size);
    if (use != LOG_LINE_USED || (size == 0 && c->has_sizes))
        return use;
    c->has_sizes = c->has_sizes || size != 0;
    header.size = (uint32_t)size;
    GByteArray *bytes = take_generated(thread, size);
    if (bytes) {
        set_length(bytes);
        log_context_add(context, &header, bytes->data, bytes->len);
        g_byte_array_unref(bytes);
    } else if (size != 0 && thread->retransmits) {
        log_context_add_again(context, &header);
    } else if (size != 0) {
        log_context_add(context, &header, NULL, 0);
    }
    thread->retransmits = false;
    return LOG_LINE_USED;
}

/* A job mentions a message that the receiver's thread may have dumped. */
static void mention_received(charon *c, log_context *context, const log_message_header *header)
{
    if (g_queue_remove(&c->unmentioned, GUINT_TO_POINTER(header->size)))
        return;
    log_context_add(context, header, NULL, 0);
}

static log_line_use read_received(charon *c, log_context *context, charon_thread *thread,
                                  ike_text rest)
{
    log_message_header header = {.sent = false};
    uint64_t size;

    log_line_use use = read_packet(context, rest, &header.peer, &header.local, &size);
    if (use != LOG_LINE_USED)
        return use;
    header.size = (uint32_t)size;
    if (thread->received) {
        header.size = thread->received->len;
        const log_message *message =
            log_context_add(context, &header, thread->received->data, thread->received->len);
        g_byte_array_unref(thread->received);
        thread->received = NULL;
        if (size != 0)
            return LOG_LINE_USED;
        g_queue_push_tail(&c->unmentioned, GUINT_TO_POINTER(message->size));
        if (c->unmentioned.length > MAX_GENERATED)
            g_queue_pop_head(&c->unmentioned);
    } else if (size != 0) {
        mention_received(c, context, &header);
    }
    return LOG_LINE_USED;
}

/* A row goes to the dump of its thread; without a thread, to the last one begun. */
static log_line_use read_row(charon *c, log_context *context)
{
    charon_thread *thread = c->dumping;

    if (!thread)
        return LOG_LINE_OTHER;
    int number = thread_number(context->line);
    if (number != NO_THREAD)
        thread = g_hash_table_lookup(c->threads, GINT_TO_POINTER(number));
    if (!thread || !log_dump_is_open(&thread->dump))
        return LOG_LINE_OTHER;
    log_line_use use = log_dump_offset_row(&thread->dump, context->line);
    if (use == LOG_LINE_USED && log_dump_is_complete(&thread->dump))
        end_dump(context, thread);
    else if (use == LOG_LINE_OTHER)
        log_dump_pass(&thread->dump);
    return use;
}

static log_line_use charon_line(void *state, log_context *context)
{
    charon *c = state;
    ike_text rest;

    log_line_use use = read_row(c, context);
    if (use != LOG_LINE_OTHER)
        return use;
    bool retransmits = ike_text_behind(context->line, "retransmit", &rest);
    bool sending = ike_text_behind(context->line, "sending packet: ", &rest);
    bool received = !sending && ike_text_behind(context->line, "received packet: ", &rest);
    ike_text dump;
    if (!retransmits && !sending && !received && !ike_text_behind(context->line, " => ", &dump))
        return LOG_LINE_OTHER;
    charon_thread *thread = find_thread(c, thread_number(context->line));
    if (sending)
        return read_sending(c, context, thread, rest);
    if (received)
        return read_received(c, context, thread, rest);
    if (retransmits)
        thread->retransmits = true;
    return begin_dump(c, context, thread);
}

const log_reader log_reader_charon = {
    .state_bytes = sizeof(charon),
    .open = charon_open,
    .close = charon_close,
    .line = charon_line,
};
