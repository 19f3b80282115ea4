/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vpnc --debug 99 prints the fields of each message, decrypted, in the order of the wire and as
 * wide as there. A message is put together of them; of an encrypted one that gives its plaintext,
 * so its encryption flag is cleared. The log names no addresses.
 *
 *      sending: ========================>          receiving: <=====.. before what is received
 *        BEGIN_PARSE
 *        i_cookie: ba766e26 08cc161e
 *        ..
 *        len: 000000ac
 *
 *        PARSING PAYLOAD type: 08 (ISAKMP_PAYLOAD_HASH)
 *        next_type: 0b (ISAKMP_PAYLOAD_N)
 *        length: 0018
 *        ke.data:
 *        43d73a65 68dd4605 4c6f2702 797a374e b3661676     rows where the value is long
 *        ..
 *        PARSE_OK */
#include "tools/log2pcap/readers.h"

#include <string.h>

#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum {
    FLAGS_OFFSET = 19,
    FLAG_ENCRYPTED = 1,
    NAT_PORT = 4500,
    VALUE_MAX = 32, /* bytes on one line */
};

typedef struct {
    log_pending pending;
    bool reading; /* between BEGIN_PARSE and PARSE_OK */
    bool rows;    /* the value of the last field goes on in rows */
    bool sent;
    bool natted;        /* the sockets are those of port 4500 */
    uint16_t attribute; /* the type of an attribute, written when its value is known */
    log_message *last;  /* of the messages; its port follows it in the log */
} vpnc;

/* RFC 2408 3: the reserved bytes of a payload are not printed. */
static const struct {
    const char *name;
    uint8_t reserved; /* bytes behind it on the wire */
} fields[] = {
    {"i_cookie", 0},
    {"r_cookie", 0},
    {"payload", 0},
    {"isakmp_version", 0},
    {"exchange_type", 0},
    {"flags", 0},
    {"message_id", 0},
    {"len", 0},
    {"next_type", 1},
    {"length", 0},
    {"sa.doi", 0},
    {"sa.situation", 0},
    {"p.number", 0},
    {"p.prot_id", 0},
    {"p.spi_size", 0},
    {"p.spi", 0},
    {"t.number", 0},
    {"t.id", 2},
    {"ke.data", 0},
    {"id.type", 0},
    {"id.protocol", 0},
    {"id.port", 0},
    {"id.data", 0},
    {"n.doi", 0},
    {"n.protocol", 0},
    {"n.spi_length", 0},
    {"n.type", 0},
    {"n.spi", 0},
    {"n.data", 0},
    {"d.doi", 0},
    {"d.protocol", 0},
    {"d.spi_length", 0},
    {"d.num_spi", 0},
    {"d.spi", 0},
    {"modecfg.type", 1},
    {"modecfg.id", 0},
    {"t.attributes.u.lots.length", 0},
    {"t.attributes.u.lots.data", 0},
};

static void append16(GByteArray *bytes, unsigned number)
{
    uint8_t wire[2];

    ike_put_u16(wire, (uint16_t)number);
    g_byte_array_append(bytes, wire, sizeof wire);
}

/* The hex at the front of the value, without what explains it. */
static size_t append_value(GByteArray *bytes, ike_text value)
{
    uint8_t row[VALUE_MAX];
    size_t size = log_take_pairs(&value, row, sizeof row);

    if (bytes->len + size <= LOG_DUMP_MAX)
        g_byte_array_append(bytes, row, (unsigned)size);
    return size;
}

/* RFC 2408 3.3: the highest bit of a type says that its value has two bytes. */
static bool read_attribute(vpnc *v, ike_text name, ike_text value)
{
    uint8_t type[2];
    ike_text rest;

    if (ike_text_behind(name, "t.attributes.type", &rest)) {
        if (log_take_pairs(&value, type, 2) == 2)
            v->attribute = (uint16_t)(type[0] << 8 | type[1]);
        return true;
    }
    if (ike_text_behind(name, "t.attributes.u.attr_16", &rest)) {
        append16(v->pending.dump.bytes, v->attribute | 0x8000U);
        append_value(v->pending.dump.bytes, value);
        return true;
    }
    if (ike_text_behind(name, "t.attributes.u.lots.length", &rest))
        append16(v->pending.dump.bytes, v->attribute);
    return false;
}

static log_line_use read_field(vpnc *v, ike_text line)
{
    static const uint8_t reserved[2];
    ike_text name, value;

    if (!ike_text_before(line, ": ", &name)) {
        name = ike_text_trimmed(line);
        if (ike_text_length(name) == 0 || name.end[-1] != ':')
            return LOG_LINE_OTHER;
        name.end--;
    }
    value = (ike_text){MIN(name.end + 1, line.end), line.end};
    const char *start = name.end;
    while (start > name.at && !g_ascii_isspace(start[-1]))
        start--;
    name.at = start;
    if (read_attribute(v, name, value))
        return LOG_LINE_USED;
    for (unsigned i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (!ike_text_is(name, fields[i].name))
            continue;
        v->rows = append_value(v->pending.dump.bytes, value) == 0;
        g_byte_array_append(v->pending.dump.bytes, reserved, fields[i].reserved);
        return LOG_LINE_USED;
    }
    return LOG_LINE_OTHER;
}

/* A row of hex and nothing else. */
static bool read_value_row(vpnc *v, ike_text line)
{
    uint8_t row[VALUE_MAX];
    ike_text rest = ike_text_trimmed(line);

    if (log_take_pairs(&rest, row, sizeof row) == 0 || ike_text_length(rest) > 0)
        return false;
    append_value(v->pending.dump.bytes, ike_text_trimmed(line));
    return true;
}

static void add_message(vpnc *v, log_context *context)
{
    GByteArray *bytes = v->pending.dump.bytes;
    uint32_t length = log_isakmp_length(bytes->data, bytes->len);
    uint16_t port = v->natted ? NAT_PORT : 0;

    v->reading = v->rows = false;
    /* What the cipher added to fill its last block is not printed. */
    if (length < IKE_HEADER || length < bytes->len || length > bytes->len + 255)
        return;
    unsigned used = bytes->len;
    g_byte_array_set_size(bytes, length);
    memset(bytes->data + used, 0, length - used);
    bytes->data[FLAGS_OFFSET] &= (uint8_t)~FLAG_ENCRYPTED;
    log_message_header header = {
        .local.port = port, .peer.port = port, .sent = v->sent, .size = length};
    v->last = log_context_add_from(context, &v->pending.origin, &header, bytes->data, length);
}

static log_line_use vpnc_line(void *state, log_context *context)
{
    vpnc *v = state;
    ike_text rest, line = context->line;

    if (v->reading) {
        if (ike_text_behind(line, "PARSE_OK", &rest)) {
            add_message(v, context);
            v->sent = false;
            return LOG_LINE_USED;
        }
        if (ike_text_behind(line, "PARSING PAYLOAD", &rest)) {
            v->rows = false;
            return LOG_LINE_USED;
        }
        if (v->rows && read_value_row(v, line))
            return LOG_LINE_USED;
        log_line_use use = read_field(v, line);
        if (use != LOG_LINE_OTHER)
            return use;
    }
    if (ike_text_behind(line, "BEGIN_PARSE", &rest)) {
        log_pending_begin(&v->pending, context, &(log_message_header){.sent = v->sent}, 0);
        v->reading = true;
        v->rows = false;
        return LOG_LINE_USED;
    }
    if (ike_text_behind(line, "sending: ====", &rest))
        v->sent = true;
    else if (ike_text_behind(line, "receiving: <===", &rest))
        v->sent = false;
    else if (ike_text_behind(line, "NAT-T mode, adding non-esp marker", &rest) && !v->natted) {
        v->natted = true;
        if (v->last)
            v->last->source.port = v->last->destination.port = NAT_PORT;
    }
    return LOG_LINE_OTHER;
}

const log_reader log_reader_vpnc = {
    .state_bytes = sizeof(vpnc),
    .line = vpnc_line,
};
