/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FortiGate, "diagnose debug application ike -1": a message is one line of hex, which terminals and
 * loggers wrap; "enc" and "dec" are plaintexts of the same messages.
 *
 *     ike 0: comes 10.5.17.111:500->10.5.18.8:500,ifindex=6....
 *     ike 0: in 12F2CBED073D6DBA21C9..
 *     ike 0:p1:14: out 12F2CBED073D6DBA0000..
 *     ike 0:p1:14: sent IKE msg (ident_i1send): 10.5.18.8:500->10.5.17.111:500, len=296, id=..
 *
 * Newer ones begin with "ike V=root:0:". */
#include "tools/log2pcap/readers.h"

#include <string.h>

typedef struct {
    log_pending pending;      /* the message that is read; its addresses when they are known */
    bool half;                /* the line was wrapped behind the first digit of a byte */
    uint8_t digit;            /* that one */
    bool collecting;          /* more hex may follow */
    bool waiting;             /* an "out" without its "sent" line */
    log_endpoint local, peer; /* of the last "comes" or "sent" line */
} fortigate;

static bool is_complete(const fortigate *f)
{
    const GByteArray *bytes = f->pending.dump.bytes;
    uint32_t length = log_isakmp_length(bytes->data, bytes->len);

    return length > 0 && bytes->len >= length;
}

static void add_message(fortigate *f, log_context *context)
{
    GByteArray *bytes = f->pending.dump.bytes;
    uint32_t length = log_isakmp_length(bytes->data, bytes->len);

    f->collecting = f->waiting = f->half = false;
    if (bytes->len == 0)
        return;
    f->pending.header.size = length > bytes->len && length <= LOG_DUMP_MAX ? length : bytes->len;
    log_context_add_from(context, &f->pending.origin, &f->pending.header, bytes->data, bytes->len);
    g_byte_array_set_size(bytes, 0);
}

/* Hex digits up to something else; false where it is not the end of the line. */
static bool take_hex(fortigate *f, ike_text text)
{
    GByteArray *bytes = f->pending.dump.bytes;

    text = ike_text_trimmed(text);
    for (; text.at < text.end && bytes->len < LOG_DUMP_MAX; text.at++) {
        int digit = g_ascii_xdigit_value(*text.at);
        if (digit < 0)
            return false;
        uint8_t byte = (uint8_t)(f->digit << 4 | digit);
        if (f->half)
            g_byte_array_append(bytes, &byte, 1);
        f->digit = (uint8_t)digit;
        f->half = !f->half;
    }
    return true;
}

static bool is_hex(ike_text text)
{
    text = ike_text_trimmed(text);
    return text.at < text.end && ike_text_hex_run(text) == ike_text_length(text);
}

/* A message whose hex is over goes to the messages; a sent one waits for its addresses. */
static void end_hex(fortigate *f, log_context *context)
{
    f->collecting = false;
    if (f->pending.header.sent)
        f->waiting = true;
    else
        add_message(f, context);
}

/* "A:P->B:P," */
static bool read_path(const log_context *context, ike_text rest, log_endpoint *from,
                      log_endpoint *to)
{
    return log_take_endpoint(&rest, from) && ike_text_skip(&rest, "->") &&
           log_take_endpoint(&rest, to) && to->port != 0 &&
           (context->is_whole || !ike_text_is_blank(rest));
}

static log_line_use read_comes(fortigate *f, log_context *context, ike_text rest)
{
    log_endpoint from, to;

    if (!read_path(context, rest, &from, &to))
        return ike_text_length(rest) < 60 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (f->waiting)
        add_message(f, context);
    f->peer = from;
    f->local = to;
    return LOG_LINE_USED;
}

/* "): A:P->B:P, len=296, id=…": belongs to the "out" before it; a retransmission may have none. */
static log_line_use read_sent(fortigate *f, log_context *context, ike_text rest)
{
    log_endpoint from, to;
    ike_text size_text;
    uint64_t size = 0;

    if (!ike_text_behind(rest, "): ", &rest) || !read_path(context, rest, &from, &to))
        return ike_text_length(rest) < 80 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (!ike_text_behind(rest, "len=", &size_text) ||
        !ike_text_take_number(&size_text, LOG_DUMP_MAX, &size) || ike_text_is_blank(size_text)) {
        if (!context->is_whole)
            return LOG_LINE_PARTIAL;
    }
    log_message_header header = {.local = from, .peer = to, .sent = true, .size = (uint32_t)size};
    if (f->waiting) {
        f->pending.header = header;
        log_origin_set(&f->pending.origin, context);
        add_message(f, context);
    } else if (size > 0) {
        log_context_add_again(context, &header);
    }
    f->local = from;
    f->peer = to;
    return LOG_LINE_USED;
}

/* " in HEX" or " out HEX" */
static log_line_use read_hex(fortigate *f, log_context *context, ike_text rest, bool sent)
{
    const log_message_header header = {.local = f->local, .peer = f->peer, .sent = sent};

    ike_text_trim(&rest);
    if (ike_text_hex_run(rest) < 2)
        return LOG_LINE_OTHER;
    if (f->waiting)
        add_message(f, context);
    log_pending_begin(&f->pending, context, &header, 0);
    f->half = false;
    f->collecting = take_hex(f, rest) && !is_complete(f);
    if (!f->collecting)
        end_hex(f, context);
    return LOG_LINE_USED;
}

static log_line_use fortigate_line(void *state, log_context *context)
{
    fortigate *f = state;
    ike_text rest, text;

    if (f->collecting) {
        if (is_hex(context->line)) {
            f->collecting = take_hex(f, context->line) && !is_complete(f);
            if (!f->collecting)
                end_hex(f, context);
            return LOG_LINE_USED;
        }
        if (ike_text_is_blank(context->line))
            return LOG_LINE_USED; /* copied terminals have blank lines between */
        end_hex(f, context);
    }
    if (!ike_text_behind(context->line, "ike ", &text))
        return LOG_LINE_OTHER;
    if (ike_text_behind(text, ": comes ", &rest))
        return read_comes(f, context, rest);
    if (ike_text_behind(text, ": sent IKE msg (", &rest))
        return read_sent(f, context, rest);
    if (ike_text_behind(text, ": in ", &rest))
        return read_hex(f, context, rest, false);
    if (ike_text_behind(text, ": out ", &rest))
        return read_hex(f, context, rest, true);
    return LOG_LINE_OTHER;
}

static void fortigate_end(void *state, log_context *context)
{
    fortigate *f = state;

    if (f->collecting || f->waiting)
        add_message(f, context);
}

const log_reader log_reader_fortigate = {
    .state_bytes = sizeof(fortigate),
    .line = fortigate_line,
    .end = fortigate_end,
};
