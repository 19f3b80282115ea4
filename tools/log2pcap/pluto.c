/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libreswan, Openswan, FreeS/WAN, strongSwan 4 (pluto). Every datagram is dumped as it is on the
 * wire:
 *
 *     | sending 204 bytes for reply packet for main_outI1 through eth0 from A:500 to B:500 using
 * UDP | sending 204 bytes for main_outI1 through eth0:500 to B:500 (using #1)         older ones |
 * 49 08 e1 c6  c6 87 04 a3  00 00 00 00  00 00 00 00   I............... | *received 180 bytes from
 * B:500 on eth0 A:500 using UDP | *received 180 bytes from B:500 on eth0 (port=500) older ones
 *
 * What an older pluto does not name is the address of its interface:
 *
 *     adding interface eth0/eth0 A:500
 */
#include "tools/log2pcap/pluto_sent.h"

#include <string.h>

enum {
    MAX_INTERFACES = 256,
    MAX_BETWEEN = 8, /* lines of helper threads between two rows */
};

typedef struct {
    log_dump dump;
    log_message_header header;
    log_origin origin; /* of the header */
    uint32_t state;    /* that the message is sent for; 0 not known */
    pluto_sent *sent;
    GHashTable *interfaces; /* name -> log_endpoint */
} pluto;

static void *pluto_open(void)
{
    pluto *p = g_new0(pluto, 1);

    log_dump_init(&p->dump);
    p->sent = pluto_sent_new();
    p->interfaces = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return p;
}

static void pluto_close(void *state)
{
    pluto *p = state;

    log_dump_free(&p->dump);
    g_hash_table_unref(p->interfaces);
    pluto_sent_free(p->sent);
    log_origin_clear(&p->origin);
    g_free(p);
}

static void add_message(pluto *p, log_context *context)
{
    const GByteArray *bytes = p->dump.bytes;

    if (!log_dump_is_open(&p->dump) || bytes->len == 0)
        return;
    p->header.size = (uint32_t)p->dump.expected;
    const log_message *message =
        log_context_add_from(context, &p->origin, &p->header, bytes->data, bytes->len);
    if (p->header.sent)
        pluto_sent_record(p->sent, p->state, message);
    p->dump.expected = 0;
}

/* A name up to a blank, a colon or a slash. */
static char *take_name(log_text *text)
{
    const char *start = text->at;

    while (text->at < text->end && !strchr(" :/", *text->at))
        text->at++;
    return g_strndup(start, (size_t)(text->at - start));
}

static void use_interface(const pluto *p, const char *name, log_endpoint *local)
{
    const log_endpoint *known = g_hash_table_lookup(p->interfaces, name);
    uint16_t port = local->port;

    if (!known)
        return;
    *local = *known;
    if (port)
        local->port = port;
}

/* "adding interface eth0/eth0 10.9.0.1:500", "adding UDP interface eth0 10.9.0.1:500" */
static log_line_use read_interface(pluto *p, log_text rest)
{
    log_endpoint endpoint;

    char *name = take_name(&rest);
    if (log_text_skip(&rest, "/"))
        g_free(take_name(&rest));
    bool valid = log_text_skip(&rest, " ") && log_text_endpoint(&rest, &endpoint) &&
                 endpoint.length > 0 && g_hash_table_size(p->interfaces) < MAX_INTERFACES;
    if (valid && !g_hash_table_contains(p->interfaces, name))
        g_hash_table_insert(p->interfaces, g_strdup(name), g_memdup2(&endpoint, sizeof endpoint));
    g_free(name);
    return valid ? LOG_LINE_USED : LOG_LINE_OTHER;
}

/* "eth0 A:500", "eth0 (port=500)", "eth0" */
static bool read_received_on(const pluto *p, log_text *rest, log_endpoint *local)
{
    uint64_t port;

    char *name = take_name(rest);
    log_text more = *rest;
    if (log_text_skip(&more, " (port=")) {
        if (log_text_number(&more, UINT16_MAX, &port) && log_text_skip(&more, ")")) {
            local->port = (uint16_t)port;
            *rest = more;
        }
        use_interface(p, name, local);
    } else if (log_text_skip(&more, " ") && log_text_endpoint(&more, local) && local->port != 0) {
        *rest = more;
        g_free(name);
        return true;
    } else {
        memset(local, 0, sizeof *local);
        use_interface(p, name, local);
    }
    g_free(name);
    return log_text_is_over(*rest);
}

/* " bytes from B:500 on …" */
static bool read_received(const pluto *p, log_text *rest, log_message_header *header)
{
    header->sent = false;
    return log_text_skip(rest, " bytes from ") && log_text_endpoint(rest, &header->peer) &&
           (!log_text_skip(rest, " on ") || read_received_on(p, rest, &header->local));
}

/* " bytes for … through eth0 from A:500 to B:500" */
static bool read_sending(const pluto *p, log_text *rest, log_message_header *header)
{
    log_text more;
    uint64_t port;

    header->sent = true;
    if (!log_text_skip(rest, " bytes for ") || !log_text_after(*rest, " through ", rest))
        return false;
    char *name = take_name(rest);
    more = *rest;
    bool named = log_text_skip(rest, " from ") && log_text_endpoint(rest, &header->local);
    if (!named) {
        if (log_text_skip(&more, ":") && log_text_number(&more, UINT16_MAX, &port))
            header->local.port = (uint16_t)port;
        *rest = more;
        use_interface(p, name, &header->local);
    }
    g_free(name);
    return log_text_skip(rest, " to ") && log_text_endpoint(rest, &header->peer);
}

static log_line_use read_header(pluto *p, log_context *context, log_text rest, bool sent)
{
    log_message_header header = {0};
    uint64_t size;

    if (!log_text_number(&rest, LOG_DUMP_MAX, &size))
        return LOG_LINE_OTHER;
    bool valid = sent ? read_sending(p, &rest, &header) : read_received(p, &rest, &header);
    if (!context->is_whole && (!valid || header.peer.port == 0 || log_text_is_over(rest)))
        return log_text_length(rest) < 120 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (!valid || header.peer.port == 0 || !(log_text_is_over(rest) || g_ascii_isspace(*rest.at)))
        return LOG_LINE_OTHER;
    log_text tcp;
    header.tcp = log_text_after(rest, "using TCP", &tcp);
    add_message(p, context);
    p->state = sent ? pluto_state_number(rest) : 0;
    pluto_sent_dump(p->sent, context, p->state, size);
    p->header = header;
    log_origin_set(&p->origin, context);
    log_dump_begin(&p->dump, size);
    return LOG_LINE_USED;
}

static log_line_use pluto_line(void *state, log_context *context)
{
    pluto *p = state;
    log_text rest;

    if (log_dump_is_open(&p->dump)) {
        log_line_use use = log_dump_bar_row(&p->dump, context->line);
        if (use == LOG_LINE_USED && log_dump_is_complete(&p->dump))
            add_message(p, context);
        if (use != LOG_LINE_OTHER)
            return use;
    }
    if (log_text_after(context->line, "*received ", &rest))
        return read_header(p, context, rest, false);
    if (log_text_after(context->line, "| sending ", &rest))
        return read_header(p, context, rest, true);
    if (log_text_after(context->line, "adding interface ", &rest) ||
        log_text_after(context->line, "adding UDP interface ", &rest))
        return read_interface(p, rest);
    if (log_text_before(context->line, ": retransmission; will wait ", &rest)) {
        add_message(p, context);
        pluto_sent_again(p->sent, context, pluto_state_number(rest));
        return LOG_LINE_USED;
    }
    if (log_dump_is_open(&p->dump) && p->dump.idle >= MAX_BETWEEN)
        add_message(p, context);
    log_dump_pass(&p->dump);
    return LOG_LINE_OTHER;
}

static void pluto_end(void *state, log_context *context)
{
    pluto *p = state;

    add_message(p, context);
    pluto_sent_dump(p->sent, context, 0, 0);
}

const log_reader log_reader_pluto = {
    .name = "libreswan",
    .open = pluto_open,
    .line = pluto_line,
    .end = pluto_end,
    .close = pluto_close,
};
