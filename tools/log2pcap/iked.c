/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenIKED, "iked -dvvv": no message is dumped in one piece. An encrypted one is put together from
 * the header and what its decryption prints (iked decrypts what it sends for the log, too):
 *
 *     spi=0x..: send IKE_AUTH req 1 peer 10.9.0.2:500 local 10.9.0.1:500, 256 bytes
 *     spi=0x..: recv IKE_AUTH res 1 peer 10.9.0.2:500 local 10.9.0.1:500, 240 bytes, policy 'c'
 *     ikev2_pld_parse: header ispi 0x.. rspi 0x.. nextpayload SK version 0x20 exchange IKE_AUTH
 * flags 0x08 msgid 1 length 256 response 0 ikev2_pld_payloads: payload SK nextpayload IDi critical
 * 0x00 length 228 ikev2_msg_decrypt: IV length 16               rows of 32 bytes follow
 *     ikev2_msg_decrypt: encrypted payload length 192
 *     ikev2_msg_decrypt: integrity checksum length 16
 *
 * IKE_SA_INIT messages stand at the front of what AUTH is computed of (RFC 7296 2.15):
 *
 *     ikev2_msg_auth: initiator auth data length 302 */
#include "tools/log2pcap/readers.h"

#include <string.h>

enum {
    HEADERS = 32,    /* bytes: ISAKMP header and the generic header of the SK payload */
    MAX_WAITING = 8, /* messages that wait for their "send" line, or for their parts */
    RESPONSE = 0x20, /* RFC 7296 3.1, flags */
    IKE_SA_INIT = 34,
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
    log_dump dump;
    part part; /* that is dumped now */
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

static void *iked_open(void)
{
    iked *k = g_new0(iked, 1);

    log_dump_init(&k->dump);
    k->message = g_byte_array_new();
    g_queue_init(&k->assembled);
    g_queue_init(&k->received);
    return k;
}

static void iked_close(void *state)
{
    iked *k = state;

    log_dump_free(&k->dump);
    g_byte_array_unref(k->message);
    g_queue_clear_full(&k->assembled, (GDestroyNotify)g_byte_array_unref);
    g_queue_clear_full(&k->received, g_free);
    g_free(k);
}

/* The number of the name that stands behind `mark`. */
static bool named(log_text text, const char *mark, const named_number *names, size_t count,
                  uint8_t *number)
{
    log_text rest, word;

    if (!log_text_after(text, mark, &rest))
        return false;
    if (!log_text_before(rest, " ", &word))
        word = rest;
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i].name) == log_text_length(word) &&
            memcmp(names[i].name, word.at, log_text_length(word)) == 0) {
            *number = names[i].number;
            return true;
        }
    return false;
}

static bool hex_after(log_text text, const char *mark, uint64_t *number)
{
    log_text rest;

    return log_text_after(text, mark, &rest) && log_text_hex(&rest, number);
}

static bool number_after(log_text text, const char *mark, uint64_t *number)
{
    log_text rest;

    return log_text_after(text, mark, &rest) && log_text_number(&rest, UINT32_MAX, number);
}

static void put(uint8_t *at, size_t bytes, uint64_t number)
{
    while (bytes > 0) {
        at[--bytes] = (uint8_t)number;
        number >>= 8;
    }
}

/* RFC 7296 3.1 */
static void read_header(iked *k, log_text text)
{
    uint64_t initiator, responder, version, flags, id, length;
    uint8_t exchange, next;

    k->length = 0;
    k->dump.expected = 0;
    if (!hex_after(text, "ispi ", &initiator) || !hex_after(text, "rspi ", &responder) ||
        !named(text, "nextpayload ", payloads, G_N_ELEMENTS(payloads), &next) ||
        !hex_after(text, "version ", &version) || !hex_after(text, "flags ", &flags) ||
        !named(text, "exchange ", exchanges, G_N_ELEMENTS(exchanges), &exchange) ||
        !number_after(text, "msgid ", &id) || !number_after(text, "length ", &length) ||
        length > LOG_DUMP_MAX || length < HEADERS)
        return;
    put(k->header, 8, initiator);
    put(k->header + 8, 8, responder);
    k->header[16] = next;
    k->header[17] = (uint8_t)version;
    k->header[18] = exchange;
    k->header[19] = (uint8_t)flags;
    put(k->header + 20, 4, id);
    put(k->header + 24, 4, length);
    k->length = (uint32_t)length;
    g_byte_array_set_size(k->message, 0);
}

/* The generic header of SK or SKF, RFC 7296 3.2; an SKF payload has its fragment numbers (RFC 7383
 * 2.5) behind it, which iked does not print: such a message is not put together. */
static void read_sk_header(iked *k, log_text text)
{
    uint64_t critical, length;
    uint8_t next;

    if (k->length == 0 || !named(text, "nextpayload ", payloads, G_N_ELEMENTS(payloads), &next) ||
        !hex_after(text, "critical ", &critical) || !number_after(text, " length ", &length) ||
        length > k->length)
        return;
    k->header[28] = next;
    k->header[29] = (uint8_t)critical;
    put(k->header + 30, 2, length);
    g_byte_array_set_size(k->message, 0);
    g_byte_array_append(k->message, k->header, HEADERS);
}

static uint64_t get(const uint8_t *at, size_t bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

/* Takes the announcement of a received message off its queue. */
static log_message *take_received(iked *k, const GByteArray *bytes)
{
    for (GList *entry = k->received.head; entry; entry = entry->next) {
        received_message *received = entry->data;
        if (received->initiator_spi != get(bytes->data, 8) ||
            received->exchange != bytes->data[EXCHANGE_OFFSET] ||
            received->response != ((bytes->data[EXCHANGE_OFFSET + 1] & RESPONSE) != 0) ||
            received->id != get(bytes->data + 20, 4) || received->message->size != bytes->len)
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

/* The IKE_SA_INIT message at the front of the signed octets. */
static void use_signed(log_context *context, const GByteArray *octets)
{
    uint32_t length = log_isakmp_length(octets->data, octets->len);

    if (length == 0 || length > octets->len || octets->data[EXCHANGE_OFFSET] != IKE_SA_INIT ||
        log_messages_has(context->messages, octets->data, length))
        return;
    log_message *message = log_messages_find(context->messages, true, length, false);
    if (!message)
        message = log_messages_find(context->messages, false, length, false);
    if (message)
        log_message_set_bytes(message, octets->data, length);
}

static void end_part(iked *k, log_context *context)
{
    const GByteArray *bytes = k->dump.bytes;

    k->dump.expected = 0;
    if (k->part == PART_SIGNED) {
        use_signed(context, bytes);
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
static void announce(iked *k, log_text line, log_text rest, log_message *message)
{
    received_message received = {.message = message};
    log_text number;

    bool response = log_text_after(rest, " res ", &number);
    if (!hex_after(line, "spi=", &received.initiator_spi) ||
        (!response && !log_text_after(rest, " req ", &number)) ||
        !log_text_number(&number, UINT32_MAX, &received.id))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(exchanges); i++)
        if (log_text_skip(&rest, exchanges[i].name))
            received.exchange = exchanges[i].number;
    received.response = response;
    g_queue_push_tail(&k->received, g_memdup2(&received, sizeof received));
    if (k->received.length > MAX_WAITING)
        g_free(g_queue_pop_head(&k->received));
}

/* "send IKE_AUTH req 1 peer A:500 local B:500, 256 bytes" */
static log_line_use read_message(iked *k, log_context *context, log_text rest, bool sent)
{
    log_message_header header = {.sent = sent};
    log_text peer, local, size;
    uint64_t bytes;

    if (!log_text_after(rest, " peer ", &peer) || !log_text_endpoint(&peer, &header.peer) ||
        !log_text_after(rest, " local ", &local) || !log_text_endpoint(&local, &header.local))
        return LOG_LINE_OTHER;
    if (!log_text_after(local, ", ", &size) || !log_text_number(&size, LOG_DUMP_MAX, &bytes) ||
        !log_text_skip(&size, " bytes"))
        return log_text_length(local) < 16 ? LOG_LINE_PARTIAL : LOG_LINE_OTHER;
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
    log_text retransmit;
    bool again = sent && log_text_after(context->line, "retransmit", &retransmit);
    log_message *message = again ? log_context_add_again(context, &header)
                                 : log_context_add(context, &header, NULL, 0);
    if (!sent)
        announce(k, context->line, rest, message);
    return LOG_LINE_USED;
}

static bool begin_part(iked *k, log_text line)
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
            log_dump_begin(&k->dump, length);
            return true;
        }
    return false;
}

static log_line_use iked_line(void *state, log_context *context)
{
    iked *k = state;
    log_text rest;

    if (log_dump_is_open(&k->dump)) {
        log_line_use use = log_dump_group_row(&k->dump, context->line);
        if (use == LOG_LINE_USED && log_dump_is_complete(&k->dump))
            end_part(k, context);
        if (use != LOG_LINE_OTHER)
            return use;
        log_dump_pass(&k->dump);
    }
    if (log_text_after(context->line, "ikev2_", &rest)) {
        if (log_text_after(context->line, "ikev2_pld_parse: header ", &rest))
            read_header(k, rest);
        else if (log_text_after(context->line, "ikev2_pld_payloads: payload SK ", &rest))
            read_sk_header(k, rest);
        else if (!begin_part(k, context->line))
            return LOG_LINE_OTHER;
        return LOG_LINE_USED;
    }
    if (log_text_after(context->line, ": send ", &rest))
        return read_message(k, context, rest, true);
    if (log_text_after(context->line, ": recv ", &rest))
        return read_message(k, context, rest, false);
    return LOG_LINE_OTHER;
}

const log_reader log_reader_iked = {
    .name = "OpenIKED",
    .open = iked_open,
    .line = iked_line,
    .close = iked_close,
};
