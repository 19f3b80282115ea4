/* SPDX-License-Identifier: GPL-2.0-or-later */
/* isakmpd, "-DA=70" and more: each row of 32 bytes has the name of the function before it, and the
 * log does not name addresses. (isakmpd -L writes a capture itself.)
 *
 *     043200.123456 Mesg 70 message_recv: 49087a01 c68704a3 00000000 ..
 *     043200.123456 Mesg 70 message_send: 49087a01 c68704a3 .. */
#include "tools/log2pcap/readers.h"

enum { ROW = 32 }; /* bytes */

typedef struct {
    GByteArray *bytes;
    log_origin origin;
    log_message_header header;
} isakmpd;

static void *isakmpd_open(void)
{
    isakmpd *d = g_new0(isakmpd, 1);

    d->bytes = g_byte_array_new();
    return d;
}

static void isakmpd_close(void *state)
{
    isakmpd *d = state;

    g_byte_array_unref(d->bytes);
    log_origin_clear(&d->origin);
    g_free(d);
}

static void add_message(isakmpd *d, log_context *context)
{
    uint32_t length = log_isakmp_length(d->bytes->data, d->bytes->len);

    if (length > 0) {
        d->header.size = length <= LOG_DUMP_MAX ? length : d->bytes->len;
        log_context_add_from(context, &d->origin, &d->header, d->bytes->data, d->bytes->len);
    }
    g_byte_array_set_size(d->bytes, 0);
}

static log_line_use read_row(isakmpd *d, log_context *context, log_text rest, bool sent)
{
    uint8_t row[ROW];

    size_t size = log_text_pairs(&rest, row, ROW);
    if (size == 0 || log_text_length(log_text_trimmed(rest)) > 0)
        return LOG_LINE_OTHER; /* words of the same function */
    if (d->bytes->len > 0 && d->header.sent != sent)
        add_message(d, context);
    if (d->bytes->len == 0) {
        d->header = (log_message_header){.sent = sent};
        log_origin_set(&d->origin, context);
    }
    g_byte_array_append(d->bytes, row, (unsigned)size);
    uint32_t length = log_isakmp_length(d->bytes->data, d->bytes->len);
    if (size < ROW || (length > 0 && d->bytes->len >= length) || d->bytes->len > LOG_DUMP_MAX)
        add_message(d, context);
    return LOG_LINE_USED;
}

static log_line_use isakmpd_line(void *state, log_context *context)
{
    log_text rest;

    if (log_text_after(context->line, "message_recv: ", &rest))
        return read_row(state, context, rest, false);
    if (log_text_after(context->line, "message_send: ", &rest))
        return read_row(state, context, rest, true);
    return LOG_LINE_OTHER;
}

static void isakmpd_end(void *state, log_context *context)
{
    add_message(state, context);
}

const log_reader log_reader_isakmpd = {
    .name = "isakmpd",
    .open = isakmpd_open,
    .line = isakmpd_line,
    .end = isakmpd_end,
    .close = isakmpd_close,
};
