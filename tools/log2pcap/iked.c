/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenIKED, "iked -dvvv": no message is dumped in one piece. An encrypted one is put together from
 * the header and what its decryption prints (iked decrypts what it sends for the log, too):
 *
 *     spi=0x..: send IKE_AUTH req 1 peer 10.9.0.2:500 local 10.9.0.1:500, 256 bytes
 *     spi=0x..: recv IKE_AUTH res 1 peer 10.9.0.2:500 local 10.9.0.1:500, 240 bytes, policy 'c'
 *     ikev2_pld_parse: header ispi 0x.. rspi 0x.. nextpayload SK version 0x20 exchange IKE_AUTH
 *         flags 0x08 msgid 1 length 256 response 0        the same line
 *     ikev2_pld_payloads: payload SK nextpayload IDi critical 0x00 length 228
 *     ikev2_msg_decrypt: IV length 16               rows of 32 bytes follow
 *     ikev2_msg_decrypt: encrypted payload length 192
 *     ikev2_msg_decrypt: integrity checksum length 16
 *
 * IKE_SA_INIT messages stand at the front of what AUTH is computed of (RFC 7296 2.15):
 *
 *     ikev2_msg_auth: initiator auth data length 302 */
#include "tools/log2pcap/readers.h"

#include "proto/network_order.h"

enum {
    HEADERS = 32,    /* bytes: ISAKMP header and the generic header of the SK payload */
    MAX_WAITING = 8, /* messages that wait for their "send" line, or for their parts */
    RESPONSE = 0x20, /* RFC 7296 3.1, flags */
    EXCHANGE_OFFSET = 18,
};

/* The parts of an encrypted message, in their order. */
typedef enum { PART_IV, PART_ENCRYPTED, PART_ICV, PART_SIGNED } part;

/* A message that a "recv" line has announced: its parts follow. */
typedef struct {
    log_message *message;
    uint64_t initiator_spi, id;
    uint8_t exchange;
    bool response;
} received_message;

typedef struct {
    log_pending pending; /* its dump alone */
    part part;           /* that is dumped now */
    uint8_t header[HEADERS];
    uint32_t length;     /* of the message by its header, 0: none begun */
    GByteArray *message; /* put together so far */
    GQueue assembled;    /* GByteArray */
    GQueue received;     /* received_message */
} iked;

/* Names as iked prints them, with their numbers (IANA, IKEv2 parameters). */
typedef struct {
    const char *name;
    uint8_t number;
} named_number;

static const named_number exchanges[] = {
    {"IKE_SA_INIT", 34},   {"IKE_AUTH", 35},           {"CREATE_CHILD_SA", 36},
    {"INFORMATIONAL", 37}, {"IKE_SESSION_RESUME", 38}, {"IKE_INTERMEDIATE", 43},
};
static const named_number payloads[] = {
    {"NONE", 0},    {"SA", 33},      {"KE", 34},   {"IDi", 35},   {"IDr", 36},
    {"CERT", 37},   {"CERTREQ", 38}, {"AUTH", 39}, {"NONCE", 40}, {"NOTIFY", 41},
    {"DELETE", 42}, {"VENDOR", 43},  {"TSi", 44},  {"TSr", 45},   {"SK", 46},
    {"CP", 47},     {"EAP", 48},     {"GSPM", 49}, {"SKF", 53},
};

static void iked_open(void *state)
{
    ((iked *)state)->message = g_byte_array_new();
}

static void iked_close(void *state)
{
    iked *k = state;

    g_byte_array_unref(k->message);
    g_queue_clear_full(&k->assembled, (GDestroyNotify)g_byte_array_unref);
    g_queue_clear_full(&k->received, g_free);
}

/* The number of the name that stands behind `mark`. */
static bool named(ike_text text, const char *mark, const named_number *names, size_t count,
                  uint8_t *number)
{
    ike_text rest, word;

    if (!ike_text_behind(text, mark, &rest))
        return false;
    if (!ike_text_before(rest, " ", &word))
        word = rest;
    for (size_t i = 0; i < count; i++)
        if (ike_text_is(word, names[i].name)) {
            *number = names[i].number;
            return true;
        }
    return false;
}

static bool hex_after(ike_text text, const char *mark, uint64_t *number)
{
    ike_text rest;

    if (!ike_text_behind(text, mark, &rest))
        return false;
    (void)ike_text_skip(&rest, "0x");
    rest.end = rest.at + ike_text_hex_run(rest);
    return ike_text_hex_number(rest, number);
}

static bool number_after(ike_text text, const char *mark, uint64_t *number)
{
    ike_text rest;

    return ike_text_behind(text, mark, &rest) && ike_text_take_number(&rest, UINT32_MAX, number);
}

/* RFC 7296 3.1 */
static void read_header(iked *k, ike_text text)
{
    uint64_t initiator, responder, version, flags, id, length;
    uint8_t exchange, next;

    k->length = 0;
    k->pending.dump.expected = 0;
    if (!hex_after(text, "ispi ", &initiator) || !hex_after(text, "rspi ", &responder) ||
        !named(text, "nextpayload ", payloads, G_N_ELEMENTS(payloads), &next) ||
        !hex_after(text, "version ", &version) || !hex_after(text, "flags ", &flags) ||
        !named(text, "exchange ", exchanges, G_N_ELEMENTS(exchanges), &exchange) ||
        !number_after(text, "msgid ", &id) || !number_after(text, "length ", &length) ||
        length > LOG_DUMP_MAX || length < HEADERS)
        return;
    ike_put_u64(k->header, initiator);
    ike_put_u64(k->header + 8, responder);
    k->header[16] = next;
    k->header[17] = (uint8_t)version;
    k->header[18] = exchange;
    k->header[19] = (uint8_t)flags;
    ike_put_u32(k->header + 20, (uint32_t)id);
    ike_put_u32(k->header + 24, (uint32_t)length);
    k->length = (uint32_t)length;
    g_byte_array_set_size(k->message, 0);
}

/* The generic header of SK or SKF, RFC 7296 3.2; an SKF payload has its fragment numbers (RFC 7383
 * 2.5) behind it, which iked does not print: such a message is not put together. */
static void read_sk_header(iked *k, ike_text text)
{
    uint64_t critical, length;
    uint8_t next;

    if (k->length == 0 || !named(text, "nextpayload ", payloads, G_N_ELEMENTS(payloads), &next) ||
        !hex_after(text, "critical ", &critical) || !number_after(text, " length ", &length) ||
        length > k->length)
        return;
    k->header[28] = next;
    k->header[29] = (uint8_t)critical;
    ike_put_u16(k->header + 30, (uint16_t)length);
    g_byte_array_set_size(k->message, 0);
    g_byte_array_append(k->message, k->header, HEADERS);
}

/* Takes the announcement of a received message off its queue. */
static log_message *take_received(iked *k, const GByteArray *bytes)
{
    for (GList *entry = k->received.head; entry; entry = entry->next) {
        received_message *received = entry->data;
        if (received->initiator_spi != ike_get_u64(bytes->data) ||
            received->exchange != bytes->data[EXCHANGE_OFFSET] ||
            received->response != ((bytes->data[EXCHANGE_OFFSET + 1] & RESPONSE) != 0) ||
            received->id != ike_get_u32(bytes->data + 20) || received->message->size != bytes->len)
            continue;
        log_message *message = received->message;
        g_queue_delete_link(&k->received, entry);
        g_free(received);
        return message;
    }
    return NULL;
}

static void use_assembled(iked *k, log_context *context)
{
    const GByteArray *bytes = k->message;

    if (bytes->len != k->length || log_messages_has(context->messages, bytes->data, bytes->len))
        return;
    k->length = 0;
    log_message *received = take_received(k, bytes);
    if (received) {
        log_message_set_bytes(received, bytes->data, bytes->len);
        return;
    }
    g_queue_push_tail(&k->assembled, k->message);
    k->message = g_byte_array_new();
    if (k->assembled.length > MAX_WAITING)
        g_byte_array_unref(g_queue_pop_head(&k->assembled));
}

static void end_part(iked *k, log_context *context)
{
    const GByteArray *bytes = k->pending.dump.bytes;

    k->pending.dump.expected = 0;
    if (k->part == PART_SIGNED) {
        log_messages_use_signed(context->messages, bytes, true);
        return;
    }
    if (k->message->len + bytes->len > k->length)
        k->length = 0; /* not the message that the header was of */
    if (k->length == 0)
        return;
    g_byte_array_append(k->message, bytes->data, bytes->len);
    if (k->part == PART_ICV)
        use_assembled(k, context);
}

/* "spi=0x321a5d8e92696c86: recv IKE_AUTH res 1 peer": which message follows. */
static void announce(iked *k, ike_text line, ike_text rest, log_message *message)
{
    received_message received = {.message = message};
    ike_text number;

    bool response = ike_text_behind(rest, " res ", &number);
    if (!hex_after(line, "spi=", &received.initiator_spi) ||
        (!response && !ike_text_behind(rest, " req ", &number)) ||
        !ike_text_take_number(&number, UINT32_MAX, &received.id))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(exchanges); i++)
        if (ike_text_skip(&rest, exchanges[i].name))
            received.exchange = exchanges[i].number;
    received.response = response;
    g_queue_push_tail(&k->received, g_memdup2(&received, sizeof received));
    if (k->received.length > MAX_WAITING)
        g_free(g_queue_pop_head(&k->received));
}

/* "send IKE_AUTH req 1 peer A:500 local B:500, 256 bytes" */
static log_line_use read_message(iked *k, log_context *context, ike_text rest, bool sent)
{
    log_message_header header = {.sent = sent};
    ike_text peer, local, size;
    uint64_t bytes;

    if (!ike_text_behind(rest, " peer ", &peer) || !log_take_endpoint(&peer, &header.peer) ||
        !ike_text_behind(rest, " local ", &local) || !log_take_endpoint(&local, &header.local))
        return LOG_LINE_OTHER;
    if (!ike_text_behind(local, ", ", &size) ||
        !ike_text_take_number(&size, LOG_DUMP_MAX, &bytes) || !ike_text_skip(&size, " bytes"))
        return ike_text_length(local) < 16 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
    header.size = (uint32_t)bytes;
    for (GList *entry = sent ? k->assembled.head : NULL; entry; entry = entry->next) {
        GByteArray *message = entry->data;
        if (message->len != bytes)
            continue;
        g_queue_delete_link(&k->assembled, entry);
        log_context_add(context, &header, message->data, message->len);
        g_byte_array_unref(message);
        return LOG_LINE_USED;
    }
    ike_text retransmit;
    bool again = sent && ike_text_behind(context->line, "retransmit", &retransmit);
    log_message *message = again ? log_context_add_again(context, &header)
                                 : log_context_add(context, &header, NULL, 0);
    if (!sent)
        announce(k, context->line, rest, message);
    return LOG_LINE_USED;
}

static bool begin_part(iked *k, ike_text line)
{
    static const struct {
        const char *mark;
        part part;
    } parts[] = {
        {"ikev2_msg_decrypt: IV length ", PART_IV},
        {"ikev2_msg_decrypt: encrypted payload length ", PART_ENCRYPTED},
        {"ikev2_msg_decrypt: integrity checksum length ", PART_ICV},
        {"ikev2_msg_auth: initiator auth data length ", PART_SIGNED},
        {"ikev2_msg_auth: responder auth data length ", PART_SIGNED},
    };
    uint64_t length;

    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++)
        if (number_after(line, parts[i].mark, &length)) {
            k->part = parts[i].part;
            log_dump_begin(&k->pending.dump, length);
            return true;
        }
    return false;
}

static log_line_use iked_line(void *state, log_context *context)
{
    iked *k = state;
    ike_text rest;

    if (log_dump_is_open(&k->pending.dump)) {
        log_line_use use = log_dump_group_row(&k->pending.dump, context->line);
        if (use == LOG_LINE_USED && log_dump_is_complete(&k->pending.dump))
            end_part(k, context);
        if (use != LOG_LINE_OTHER)
            return use;
        log_dump_pass(&k->pending.dump);
    }
    if (ike_text_behind(context->line, "ikev2_", &rest)) {
        if (ike_text_behind(context->line, "ikev2_pld_parse: header ", &rest))
            read_header(k, rest);
        else if (ike_text_behind(context->line, "ikev2_pld_payloads: payload SK ", &rest))
            read_sk_header(k, rest);
        else if (!begin_part(k, context->line))
            return LOG_LINE_OTHER;
        return LOG_LINE_USED;
    }
    if (ike_text_behind(context->line, ": send ", &rest))
        return read_message(k, context, rest, true);
    if (ike_text_behind(context->line, ": recv ", &rest))
        return read_message(k, context, rest, false);
    return LOG_LINE_OTHER;
}

const log_reader log_reader_iked = {
    .state_bytes = sizeof(iked),
    .open = iked_open,
    .close = iked_close,
    .line = iked_line,
};
