/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libreswan, Openswan, FreeS/WAN, strongSwan 4 (pluto). Every datagram is dumped as it is on the
 * wire:
 *
 *     | sending 204 bytes for reply packet for main_outI1 through eth0 from A:500 to B:500 ..
 *     | sending 204 bytes for main_outI1 through eth0:500 to B:500 (using #1)       older ones
 *     |   49 08 e1 c6  c6 87 04 a3  00 00 00 00  00 00 00 00   I...............
 *     | *received 180 bytes from B:500 on eth0 A:500 using UDP
 *     | *received 180 bytes from B:500 on eth0 (port=500)                           older ones
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
    log_pending pending;
    uint32_t state; /* that the message is sent for; 0 not known */
    pluto_sent *sent;
    GHashTable *interfaces; /* name -> log_endpoint */
} pluto;

static void pluto_open(void *state)
{
    pluto *p = state;

    p->sent = pluto_sent_new();
    p->interfaces = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void pluto_close(void *state)
{
    pluto *p = state;

    g_hash_table_unref(p->interfaces);
    pluto_sent_free(p->sent);
}

static void add_message(pluto *p, log_context *context)
{
    const log_message *message = log_pending_add(&p->pending, context);

    if (message && message->sent)
        pluto_sent_record(p->sent, p->state, message);
}

/* A name up to a blank, a colon or a slash. */
static char *take_name(ike_text *text)
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
static log_line_use read_interface(pluto *p, ike_text rest)
{
    log_endpoint endpoint;

    char *name = take_name(&rest);
    if (ike_text_skip(&rest, "/"))
        g_free(take_name(&rest));
    bool valid = ike_text_skip(&rest, " ") && log_take_endpoint(&rest, &endpoint) &&
                 endpoint.length > 0 && g_hash_table_size(p->interfaces) < MAX_INTERFACES;
    if (valid && !g_hash_table_contains(p->interfaces, name))
        g_hash_table_insert(p->interfaces, g_strdup(name), g_memdup2(&endpoint, sizeof endpoint));
    g_free(name);
    return valid ? LOG_LINE_USED : LOG_LINE_OTHER;
}

/* "eth0 A:500", "eth0 (port=500)", "eth0" */
static bool read_received_on(const pluto *p, ike_text *rest, log_endpoint *local)
{
    uint64_t port;

    char *name = take_name(rest);
    ike_text more = *rest;
    if (ike_text_skip(&more, " (port=")) {
        if (ike_text_take_number(&more, UINT16_MAX, &port) && ike_text_skip(&more, ")")) {
            local->port = (uint16_t)port;
            *rest = more;
        }
        use_interface(p, name, local);
    } else if (ike_text_skip(&more, " ") && log_take_endpoint(&more, local) && local->port != 0) {
        *rest = more;
        g_free(name);
        return true;
    } else {
        memset(local, 0, sizeof *local);
        use_interface(p, name, local);
    }
    g_free(name);
    return ike_text_is_blank(*rest);
}

/* " bytes from B:500 on …" */
static bool read_received(const pluto *p, ike_text *rest, log_message_header *header)
{
    header->sent = false;
    return ike_text_skip(rest, " bytes from ") && log_take_endpoint(rest, &header->peer) &&
           (!ike_text_skip(rest, " on ") || read_received_on(p, rest, &header->local));
}

/* " bytes for … through eth0 from A:500 to B:500" */
static bool read_sending(const pluto *p, ike_text *rest, log_message_header *header)
{
    ike_text more;
    uint64_t port;

    header->sent = true;
    if (!ike_text_skip(rest, " bytes for ") || !ike_text_behind(*rest, " through ", rest))
        return false;
    char *name = take_name(rest);
    more = *rest;
    bool named = ike_text_skip(rest, " from ") && log_take_endpoint(rest, &header->local);
    if (!named) {
        if (ike_text_skip(&more, ":") && ike_text_take_number(&more, UINT16_MAX, &port))
            header->local.port = (uint16_t)port;
        *rest = more;
        use_interface(p, name, &header->local);
    }
    g_free(name);
    return ike_text_skip(rest, " to ") && log_take_endpoint(rest, &header->peer);
}

static log_line_use read_header(pluto *p, log_context *context, ike_text rest, bool sent)
{
    log_message_header header = {0};
    uint64_t size;

    if (!ike_text_take_number(&rest, LOG_DUMP_MAX, &size))
        return LOG_LINE_OTHER;
    bool valid = sent ? read_sending(p, &rest, &header) : read_received(p, &rest, &header);
    if (!context->is_whole && (!valid || header.peer.port == 0 || ike_text_is_blank(rest)))
        return ike_text_length(rest) < 120 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    if (!valid || header.peer.port == 0 || !(ike_text_is_blank(rest) || g_ascii_isspace(*rest.at)))
        return LOG_LINE_OTHER;
    ike_text tcp;
    header.tcp = ike_text_behind(rest, "using TCP", &tcp);
    add_message(p, context);
    p->state = sent ? pluto_state_number(rest) : 0;
    pluto_sent_dump(p->sent, context, p->state, size);
    log_pending_begin(&p->pending, context, &header, size);
    return LOG_LINE_USED;
}

static log_line_use pluto_line(void *state, log_context *context)
{
    pluto *p = state;
    log_dump *dump = &p->pending.dump;
    ike_text rest;

    if (log_dump_is_open(dump)) {
        log_line_use use = log_dump_bar_row(dump, context->line);
        if (use == LOG_LINE_USED && log_dump_is_complete(dump))
            add_message(p, context);
        if (use != LOG_LINE_OTHER)
            return use;
    }
    if (ike_text_behind(context->line, "*received ", &rest))
        return read_header(p, context, rest, false);
    if (ike_text_behind(context->line, "| sending ", &rest))
        return read_header(p, context, rest, true);
    if (ike_text_behind(context->line, "adding interface ", &rest) ||
        ike_text_behind(context->line, "adding UDP interface ", &rest))
        return read_interface(p, rest);
    if (ike_text_before(context->line, ": retransmission; will wait ", &rest)) {
        add_message(p, context);
        pluto_sent_again(p->sent, context, pluto_state_number(rest));
        return LOG_LINE_USED;
    }
    if (dump->idle >= MAX_BETWEEN)
        add_message(p, context);
    log_dump_pass(dump);
    return LOG_LINE_OTHER;
}

static void pluto_end(void *state, log_context *context)
{
    pluto *p = state;

    add_message(p, context);
    pluto_sent_dump(p->sent, context, 0, 0);
}

const log_reader log_reader_pluto = {
    .state_bytes = sizeof(pluto),
    .open = pluto_open,
    .close = pluto_close,
    .line = pluto_line,
    .end = pluto_end,
};
