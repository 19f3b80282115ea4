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
    log_pending pending;
    log_endpoint local, peer; /* of the last line that names them */
} racoon;

static void begin(racoon *r, log_context *context, uint64_t size, bool sent)
{
    const log_message_header header = {.local = r->local, .peer = r->peer, .sent = sent};

    log_pending_add(&r->pending, context);
    log_pending_begin(&r->pending, context, &header, size);
}

/* The number that ends the text: "DEBUG: 180" */
static bool last_number(ike_text text, uint64_t *number)
{
    const char *at = text.end;

    while (at > text.at && text.end - at < 6 && g_ascii_isdigit(at[-1]))
        at--;
    ike_text digits = {at, text.end};
    return ike_text_take_number(&digits, LOG_DUMP_MAX, number);
}

/* "from X[500] to Y[500]"; the second may be missing. What is sent has its dump here or behind
 * "times of". */
static log_line_use read_path(racoon *r, log_context *context, uint64_t size, ike_text rest,
                              bool sent)
{
    log_endpoint from, to = sent ? r->peer : r->local;

    if (!log_take_endpoint(&rest, &from) || from.port == 0)
        return ike_text_length(rest) < 50 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (ike_text_is_blank(rest) && !context->is_whole)
        return LOG_LINE_PARTIAL;
    if (ike_text_skip(&rest, " to ") && (!log_take_endpoint(&rest, &to) || to.port == 0))
        return LOG_LINE_PARTIAL;
    r->local = sent ? from : to;
    r->peer = sent ? to : from;
    begin(r, context, size, sent);
    return LOG_LINE_USED;
}

static log_line_use read_times(racoon *r, log_context *context, uint64_t size, ike_text rest)
{
    log_endpoint to;

    if (!log_take_endpoint(&rest, &to) || to.port == 0)
        return LOG_LINE_PARTIAL;
    r->peer = to;
    begin(r, context, size, true);
    return LOG_LINE_USED;
}

static log_line_use read_header(racoon *r, log_context *context)
{
    ike_text front, rest = context->line;
    uint64_t size;

    if (!ike_text_before(rest, " bytes ", &front) || !last_number(front, &size) || size == 0)
        return LOG_LINE_OTHER;
    (void)ike_text_after(&rest, " bytes ");
    if (ike_text_skip(&rest, "message received from "))
        return read_path(r, context, size, rest, false);
    if (ike_text_skip(&rest, "message will be sent to "))
        return read_times(r, context, size, rest);
    if (!ike_text_skip(&rest, "from "))
        return LOG_LINE_OTHER;
    if (ike_text_find(front, "*received "))
        return LOG_LINE_OTHER;
    return read_path(r, context, size, rest, !ike_text_find(front, "received "));
}

static log_line_use racoon_line(void *state, log_context *context)
{
    racoon *r = state;
    ike_text rest;

    if (log_dump_is_open(&r->pending.dump)) {
        log_line_use use = log_dump_group_row(&r->pending.dump, context->line);
        if (use == LOG_LINE_USED && log_dump_is_complete(&r->pending.dump))
            log_pending_add(&r->pending, context);
        if (use != LOG_LINE_OTHER)
            return use;
    }
    log_line_use use = read_header(r, context);
    if (use != LOG_LINE_OTHER)
        return use;
    if (ike_text_behind(context->line, "send packet from ", &rest)) {
        log_endpoint local;
        if (log_take_endpoint(&rest, &local) && local.port != 0)
            r->local = r->pending.header.local = local;
    }
    size_t expected = r->pending.dump.expected;
    if (!log_dump_pass(&r->pending.dump) && r->pending.dump.bytes->len > 0) {
        r->pending.dump.expected = expected; /* what there is of the message */
        log_pending_add(&r->pending, context);
    }
    return LOG_LINE_OTHER;
}

static void racoon_end(void *state, log_context *context)
{
    log_pending_add(state, context);
}

const log_reader log_reader_racoon = {
    .state_bytes = sizeof(racoon),
    .line = racoon_line,
    .end = racoon_end,
};
