/* SPDX-License-Identifier: GPL-2.0-or-later */
/* isakmpd, "-DA=70" and more: each row of 32 bytes has the name of the function before it, and the
 * log does not name addresses. (isakmpd -L writes a capture itself.)
 *
 *     043200.123456 Mesg 70 message_recv: 49087a01 c68704a3 00000000 ..
 *     043200.123456 Mesg 70 message_send: 49087a01 c68704a3 .. */
#include "tools/log2pcap/readers.h"

enum { ROW = 32 }; /* bytes */

static void add_message(log_pending *d, log_context *context)
{
    GByteArray *bytes = d->dump.bytes;
    uint32_t length = log_isakmp_length(bytes->data, bytes->len);

    if (length > 0) {
        d->header.size = length <= LOG_DUMP_MAX ? length : bytes->len;
        log_context_add_from(context, &d->origin, &d->header, bytes->data, bytes->len);
    }
    g_byte_array_set_size(bytes, 0);
}

static log_line_use read_row(log_pending *d, log_context *context, ike_text rest, bool sent)
{
    GByteArray *bytes = d->dump.bytes;
    uint8_t row[ROW];

    size_t size = log_take_pairs(&rest, row, ROW);
    if (size == 0 || !ike_text_is_blank(rest))
        return LOG_LINE_OTHER; /* words of the same function */
    if (bytes->len > 0 && d->header.sent != sent)
        add_message(d, context);
    if (bytes->len == 0)
        log_pending_begin(d, context, &(log_message_header){.sent = sent}, 0);
    g_byte_array_append(bytes, row, (unsigned)size);
    uint32_t length = log_isakmp_length(bytes->data, bytes->len);
    if (size < ROW || (length > 0 && bytes->len >= length) || bytes->len > LOG_DUMP_MAX)
        add_message(d, context);
    return LOG_LINE_USED;
}

static log_line_use isakmpd_line(void *state, log_context *context)
{
    ike_text rest;

    if (ike_text_behind(context->line, "message_recv: ", &rest))
        return read_row(state, context, rest, false);
    if (ike_text_behind(context->line, "message_send: ", &rest))
        return read_row(state, context, rest, true);
    return LOG_LINE_OTHER;
}

static void isakmpd_end(void *state, log_context *context)
{
    add_message(state, context);
}

const log_reader log_reader_isakmpd = {
    .state_bytes = sizeof(log_pending),
    .line = isakmpd_line,
    .end = isakmpd_end,
};
