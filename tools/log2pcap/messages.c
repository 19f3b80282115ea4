/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/messages.h"

#include <string.h>

#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum {
    VERSION_OFFSET = 17,
    EXCHANGE_OFFSET = 18,
    LENGTH_OFFSET = 24,
    NON_ESP_MARKER = 4, /* bytes, RFC 3948 2.2 */
};

uint32_t log_isakmp_length(const uint8_t *bytes, size_t length)
{
    if (length < IKE_HEADER)
        return 0;
    unsigned major = bytes[VERSION_OFFSET] >> 4;
    if (major != 1 && major != 2)
        return 0;
    return ike_get_u32(bytes + LENGTH_OFFSET);
}

static bool has_marker(const uint8_t *bytes, size_t length, uint32_t size)
{
    static const uint8_t marker[NON_ESP_MARKER];

    if (length < NON_ESP_MARKER || memcmp(bytes, marker, sizeof marker) != 0)
        return false;
    uint32_t inner = log_isakmp_length(bytes + NON_ESP_MARKER, length - NON_ESP_MARKER);
    return inner > 0 && inner + NON_ESP_MARKER == size && log_isakmp_length(bytes, length) != size;
}

static void message_free(void *data)
{
    log_message *message = data;

    if (message->bytes)
        g_byte_array_unref(message->bytes);
    g_free(message->text);
    g_free(message);
}

log_messages *log_messages_new(void)
{
    return g_ptr_array_new_with_free_func(message_free);
}

void log_message_set_bytes(log_message *message, const uint8_t *bytes, size_t length)
{
    if (length > message->size)
        message->size = (uint32_t)length;
    if (has_marker(bytes, length, message->size)) {
        bytes += NON_ESP_MARKER;
        length -= NON_ESP_MARKER;
        message->size -= NON_ESP_MARKER;
    }
    if (message->bytes)
        g_byte_array_unref(message->bytes);
    message->bytes = g_byte_array_sized_new((unsigned)length);
    g_byte_array_append(message->bytes, bytes, (unsigned)length);
}

log_message *log_messages_add(log_messages *messages, const log_message_header *header,
                              const uint8_t *bytes, size_t length)
{
    log_message *message = g_new0(log_message, 1);

    message->source = header->sent ? header->local : header->peer;
    message->destination = header->sent ? header->peer : header->local;
    message->sent = header->sent;
    message->tcp = header->tcp;
    message->size = header->size;
    message->time = LOG_NO_TIME;
    if (bytes)
        log_message_set_bytes(message, bytes, length);
    g_ptr_array_add(messages, message);
    return message;
}

static unsigned oldest_recent(const log_messages *messages)
{
    return messages->len > LOG_RECENT ? messages->len - LOG_RECENT : 0;
}

log_message *log_messages_find(const log_messages *messages, bool sent, uint32_t size,
                               bool has_bytes)
{
    for (unsigned i = messages->len; i > oldest_recent(messages); i--) {
        log_message *message = g_ptr_array_index(messages, i - 1);
        if (message->sent == sent && message->size == size && !message->bytes == !has_bytes)
            return message;
    }
    return NULL;
}

bool log_messages_has(const log_messages *messages, const uint8_t *bytes, size_t length)
{
    for (unsigned i = messages->len; i > oldest_recent(messages); i--) {
        const log_message *message = g_ptr_array_index(messages, i - 1);
        if (message->bytes && message->bytes->len == length &&
            memcmp(message->bytes->data, bytes, length) == 0)
            return true;
    }
    return false;
}

void log_messages_use_signed(log_messages *messages, const GByteArray *octets, bool sent)
{
    uint32_t length = log_isakmp_length(octets->data, octets->len);

    if (length == 0 || length > octets->len ||
        octets->data[EXCHANGE_OFFSET] != IKEV2_EXCHANGE_IKE_SA_INIT ||
        log_messages_has(messages, octets->data, length))
        return;
    log_message *message = log_messages_find(messages, sent, length, false);
    if (!message)
        message = log_messages_find(messages, !sent, length, false);
    if (message)
        log_message_set_bytes(message, octets->data, length);
}
