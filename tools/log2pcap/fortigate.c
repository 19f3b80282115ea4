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
    log_origin origin;
    log_message_header header; /* of the message that is read; its addresses when they are known */
    GByteArray *bytes;
    int nibble;               /* the first digit of a byte that is wrapped, or -1 */
    bool collecting;          /* more hex may follow */
    bool waiting;             /* an "out" without its "sent" line */
    log_endpoint local, peer; /* of the last "comes" or "sent" line */
} fortigate;

static void *fortigate_open(void)
{
    fortigate *f = g_new0(fortigate, 1);

    f->bytes = g_byte_array_new();
    f->nibble = -1;
    return f;
}

static void fortigate_close(void *state)
{
    fortigate *f = state;

    log_origin_clear(&f->origin);
    g_byte_array_unref(f->bytes);
    g_free(f);
}

static bool is_complete(const fortigate *f)
{
    uint32_t length = log_isakmp_length(f->bytes->data, f->bytes->len);

    return length > 0 && f->bytes->len >= length;
}

static void add_message(fortigate *f, log_context *context)
{
    uint32_t length = log_isakmp_length(f->bytes->data, f->bytes->len);

    f->collecting = f->waiting = false;
    f->nibble = -1;
    if (f->bytes->len == 0)
        return;
    f->header.size = length > f->bytes->len && length <= LOG_DUMP_MAX ? length : f->bytes->len;
    log_context_add_from(context, &f->origin, &f->header, f->bytes->data, f->bytes->len);
    g_byte_array_set_size(f->bytes, 0);
}

/* Hex digits up to something else; false where it is not the end of the line. */
static bool take_hex(fortigate *f, log_text text)
{
    text = log_text_trimmed(text);
    for (; text.at < text.end && f->bytes->len < LOG_DUMP_MAX; text.at++) {
        int digit = log_text_digit(*text.at);
        if (digit < 0)
            return false;
        if (f->nibble < 0) {
            f->nibble = digit;
            continue;
        }
        uint8_t byte = (uint8_t)(f->nibble << 4 | digit);
        g_byte_array_append(f->bytes, &byte, 1);
        f->nibble = -1;
    }
    return true;
}

static bool is_hex(log_text text)
{
    text = log_text_trimmed(text);
    if (log_text_length(text) == 0)
        return false;
    for (; text.at < text.end; text.at++)
        if (log_text_digit(*text.at) < 0)
            return false;
    return true;
}

/* A message whose hex is over goes to the messages; a sent one waits for its addresses. */
static void end_hex(fortigate *f, log_context *context)
{
    f->collecting = false;
    if (f->header.sent)
        f->waiting = true;
    else
        add_message(f, context);
}

/* "A:P->B:P," */
static bool read_path(const log_context *context, log_text rest, log_endpoint *from,
                      log_endpoint *to)
{
    return log_text_endpoint(&rest, from) && log_text_skip(&rest, "->") &&
           log_text_endpoint(&rest, to) && to->port != 0 &&
           (context->is_whole || !log_text_is_over(rest));
}

static log_line_use read_comes(fortigate *f, log_context *context, log_text rest)
{
    log_endpoint from, to;

    if (!read_path(context, rest, &from, &to))
        return log_text_length(rest) < 60 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (f->waiting)
        add_message(f, context);
    f->peer = from;
    f->local = to;
    return LOG_LINE_USED;
}

/* "): A:P->B:P, len=296, id=…": belongs to the "out" before it; a retransmission may have none. */
static log_line_use read_sent(fortigate *f, log_context *context, log_text rest)
{
    log_endpoint from, to;
    log_text size_text;
    uint64_t size = 0;

    if (!log_text_after(rest, "): ", &rest) || !read_path(context, rest, &from, &to))
        return log_text_length(rest) < 80 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (!log_text_after(rest, "len=", &size_text) ||
        !log_text_number(&size_text, LOG_DUMP_MAX, &size) || log_text_is_over(size_text)) {
        if (!context->is_whole)
            return LOG_LINE_PARTIAL;
    }
    log_message_header header = {.local = from, .peer = to, .sent = true, .size = (uint32_t)size};
    if (f->waiting) {
        f->header = header;
        log_origin_set(&f->origin, context);
        add_message(f, context);
    } else if (size > 0) {
        log_context_add_again(context, &header);
    }
    f->local = from;
    f->peer = to;
    return LOG_LINE_USED;
}

/* " in HEX" or " out HEX" */
static log_line_use read_hex(fortigate *f, log_context *context, log_text rest, bool sent)
{
    log_text hex = log_text_trimmed(rest);

    if (log_text_length(hex) < 2 || log_text_digit(hex.at[0]) < 0 || log_text_digit(hex.at[1]) < 0)
        return LOG_LINE_OTHER;
    if (f->waiting)
        add_message(f, context);
    g_byte_array_set_size(f->bytes, 0);
    f->nibble = -1;
    f->header = (log_message_header){.local = f->local, .peer = f->peer, .sent = sent};
    log_origin_set(&f->origin, context);
    f->collecting = take_hex(f, hex) && !is_complete(f);
    if (!f->collecting)
        end_hex(f, context);
    return LOG_LINE_USED;
}

static log_line_use fortigate_line(void *state, log_context *context)
{
    fortigate *f = state;
    log_text rest, text;

    if (f->collecting) {
        if (is_hex(context->line)) {
            f->collecting = take_hex(f, context->line) && !is_complete(f);
            if (!f->collecting)
                end_hex(f, context);
            return LOG_LINE_USED;
        }
        if (log_text_length(log_text_trimmed(context->line)) == 0)
            return LOG_LINE_USED; /* copied terminals have blank lines between */
        end_hex(f, context);
    }
    if (!log_text_after(context->line, "ike ", &text))
        return LOG_LINE_OTHER;
    if (log_text_after(text, ": comes ", &rest))
        return read_comes(f, context, rest);
    if (log_text_after(text, ": sent IKE msg (", &rest))
        return read_sent(f, context, rest);
    if (log_text_after(text, ": in ", &rest))
        return read_hex(f, context, rest, false);
    if (log_text_after(text, ": out ", &rest))
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
    .name = "FortiGate",
    .open = fortigate_open,
    .line = fortigate_line,
    .end = fortigate_end,
    .close = fortigate_close,
};
