/* SPDX-License-Identifier: GPL-2.0-or-later */
/* racoon and RouterOS, whose first IKE daemon was racoon: rows of 32 bytes, each behind the prefix
 * of the log or without one.
 *
 *     DEBUG: 180 bytes message received from B[500] to A[500]       ipsec-tools; KAME has no "to"
 *     DEBUG: 180 bytes from A[500] to B[500]                        what is sent from where
 *     DEBUG: send packet from A[500]
 *     DEBUG: 1 times of 180 bytes message will be sent to B[500]
 *     DEBUG:
 *     800d8ae8 3243773b 00000000 00000000 01100200 00000000 ..
 *     ipsec,debug ===== received 432 bytes from B[500] to A[500]    RouterOS 6 and 7
 *     ipsec,debug ===== sending 437 bytes from A[500] to B[500]
 *     ipsec,debug 1 times of 437 bytes message will be sent to B[500]
 *     ipsec,debug,packet 62dcfc38 78ca950b 119e7a34 83711b25 ..
 *
 * On port 4500 ipsec-tools dumps what it sends with the non-ESP marker, what it receives without.
 */
#include "tools/log2pcap/readers.h"

typedef struct {
    log_dump dump;
    log_origin origin;
    log_message_header header;
    log_endpoint local, peer; /* of the last line that names them */
} racoon;

static void *racoon_open(void)
{
    racoon *r = g_new0(racoon, 1);

    log_dump_init(&r->dump);
    return r;
}

static void racoon_close(void *state)
{
    racoon *r = state;

    log_dump_free(&r->dump);
    log_origin_clear(&r->origin);
    g_free(r);
}

static void add_message(racoon *r, log_context *context)
{
    const GByteArray *bytes = r->dump.bytes;

    if (log_dump_is_open(&r->dump) && bytes->len > 0) {
        r->header.size = (uint32_t)r->dump.expected;
        log_context_add_from(context, &r->origin, &r->header, bytes->data, bytes->len);
    }
    r->dump.expected = 0;
}

static void begin(racoon *r, log_context *context, uint64_t size, bool sent)
{
    add_message(r, context);
    r->header = (log_message_header){.local = r->local, .peer = r->peer, .sent = sent};
    log_origin_set(&r->origin, context);
    log_dump_begin(&r->dump, size);
}

/* The number that ends the text: "DEBUG: 180" */
static bool last_number(log_text text, uint64_t *number)
{
    const char *at = text.end;

    while (at > text.at && text.end - at < 6 && g_ascii_isdigit(at[-1]))
        at--;
    log_text digits = {at, text.end};
    return log_text_number(&digits, LOG_DUMP_MAX, number);
}

/* "from X[500] to Y[500]"; the second may be missing. */
static log_line_use read_path(const log_context *context, log_text rest, log_endpoint *from,
                              log_endpoint *to)
{
    if (!log_text_endpoint(&rest, from) || from->port == 0)
        return log_text_length(rest) < 50 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (log_text_is_over(rest) && !context->is_whole)
        return LOG_LINE_PARTIAL;
    if (log_text_skip(&rest, " to ") && (!log_text_endpoint(&rest, to) || to->port == 0))
        return LOG_LINE_PARTIAL;
    return LOG_LINE_USED;
}

static log_line_use read_received(racoon *r, log_context *context, uint64_t size, log_text rest)
{
    log_endpoint from, to = r->local;

    log_line_use use = read_path(context, rest, &from, &to);
    if (use != LOG_LINE_USED)
        return use;
    r->peer = from;
    r->local = to;
    begin(r, context, size, false);
    return use;
}

/* What is sent from where: the dump comes now or behind "times of". */
static log_line_use read_sending(racoon *r, log_context *context, uint64_t size, log_text rest)
{
    log_endpoint from, to = r->peer;

    log_line_use use = read_path(context, rest, &from, &to);
    if (use != LOG_LINE_USED)
        return use;
    r->local = from;
    r->peer = to;
    begin(r, context, size, true);
    return use;
}

static log_line_use read_times(racoon *r, log_context *context, uint64_t size, log_text rest)
{
    log_endpoint to;

    if (!log_text_endpoint(&rest, &to) || to.port == 0)
        return LOG_LINE_PARTIAL;
    r->peer = to;
    begin(r, context, size, true);
    return LOG_LINE_USED;
}

static log_line_use read_header(racoon *r, log_context *context)
{
    log_text front, rest;
    uint64_t size;

    if (!log_text_before(context->line, " bytes ", &front) || !last_number(front, &size) ||
        size == 0)
        return LOG_LINE_OTHER;
    log_text_after(context->line, " bytes ", &rest);
    if (log_text_skip(&rest, "message received from "))
        return read_received(r, context, size, rest);
    if (log_text_skip(&rest, "message will be sent to "))
        return read_times(r, context, size, rest);
    if (!log_text_skip(&rest, "from "))
        return LOG_LINE_OTHER;
    log_text mark;
    if (log_text_after(front, "received ", &mark) && !log_text_after(front, "*received ", &mark))
        return read_received(r, context, size, rest);
    return log_text_after(front, "*received ", &mark) ? LOG_LINE_OTHER
                                                      : read_sending(r, context, size, rest);
}

static log_line_use racoon_line(void *state, log_context *context)
{
    racoon *r = state;
    log_text rest;

    if (log_dump_is_open(&r->dump)) {
        log_line_use use = log_dump_group_row(&r->dump, context->line);
        if (use == LOG_LINE_USED && log_dump_is_complete(&r->dump))
            add_message(r, context);
        if (use != LOG_LINE_OTHER)
            return use;
    }
    log_line_use use = read_header(r, context);
    if (use != LOG_LINE_OTHER)
        return use;
    if (log_text_after(context->line, "send packet from ", &rest)) {
        log_endpoint local;
        if (log_text_endpoint(&rest, &local) && local.port != 0)
            r->local = r->header.local = local;
    }
    if (!log_dump_pass(&r->dump))
        add_message(r, context);
    return LOG_LINE_OTHER;
}

static void racoon_end(void *state, log_context *context)
{
    add_message(state, context);
}

const log_reader log_reader_racoon = {
    .name = "racoon, RouterOS",
    .open = racoon_open,
    .line = racoon_line,
    .end = racoon_end,
    .close = racoon_close,
};
