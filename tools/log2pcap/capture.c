/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/capture.h"

#include <string.h>

#include "tools/log2pcap/packet.h"

enum {
    SECTION_HEADER = 0x0a0d0d0a,
    INTERFACE = 1,
    SECRETS = 10,
    ENHANCED_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    LINKTYPE_RAW = 101,       /* IPv4 or IPv6, told by its version */
    SECRETS_IKE = 0x494b454b, /* "IKEK" */
    OPTION_COMMENT = 1,
    OPTION_APPLICATION = 4, /* shb_userappl */
    MILLISECOND = 1000,
    SECOND = 1000000,
};

/* Numbers of pcapng are in the byte order of the writer. */
static void append32(GByteArray *out, uint32_t number)
{
    g_byte_array_append(out, (const uint8_t *)&number, sizeof number);
}

static void append16(GByteArray *out, uint16_t number)
{
    g_byte_array_append(out, (const uint8_t *)&number, sizeof number);
}

static void append_padded(GByteArray *out, const void *bytes, size_t length)
{
    static const uint8_t padding[4];

    g_byte_array_append(out, bytes, (unsigned)length);
    g_byte_array_append(out, padding, (unsigned)(-length & 3));
}

static void append_option(GByteArray *out, uint16_t code, const char *text)
{
    size_t length = strlen(text);

    append16(out, code);
    append16(out, (uint16_t)length);
    append_padded(out, text, length);
}

/* Begins a block; its length is filled in when it ends. */
static unsigned begin_block(GByteArray *out, uint32_t type)
{
    unsigned start = out->len;

    append32(out, type);
    append32(out, 0);
    return start;
}

static void end_block(GByteArray *out, unsigned start)
{
    uint32_t length = out->len - start + 4;

    append32(out, length);
    memcpy(out->data + start + 4, &length, sizeof length);
}

static void write_header(GByteArray *out, ike_text secrets)
{
    unsigned start = begin_block(out, SECTION_HEADER);
    append32(out, BYTE_ORDER_MAGIC);
    append16(out, 1);
    append16(out, 0);
    append32(out, UINT32_MAX); /* length of the section: not given */
    append32(out, UINT32_MAX);
    append_option(out, OPTION_APPLICATION, "ike-log2pcap");
    append32(out, 0);
    end_block(out, start);

    start = begin_block(out, INTERFACE);
    append16(out, LINKTYPE_RAW);
    append16(out, 0);
    append32(out, 0); /* no snap length; times in microseconds */
    end_block(out, start);

    if (ike_text_length(secrets) == 0)
        return;
    start = begin_block(out, SECRETS);
    append32(out, SECRETS_IKE);
    append32(out, (uint32_t)ike_text_length(secrets));
    append_padded(out, secrets.at, ike_text_length(secrets));
    end_block(out, start);
}

/* "line 12: …" with what a log may hold and a comment may not replaced, and what the packet has
 * that the log did not. */
static char *make_comment(const log_message *message)
{
    GString *comment = g_string_new(NULL);

    g_string_printf(comment, "line %" G_GUINT64_FORMAT ": ", message->line);
    char *text = g_strndup(message->text ? message->text : "", LOG_COMMENT_MAX);
    char *valid = g_utf8_make_valid(text, -1);
    for (char *at = valid; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    g_string_append(comment, g_strchug(valid));
    g_free(valid);
    g_free(text);
    if (message->source.length == 0 || message->destination.length == 0)
        g_string_append(comment, "\nThe log does not name both addresses.");
    if (message->bytes->len < message->size)
        g_string_append(comment, "\nThe log lacks the end of the message.");
    return g_string_free(comment, FALSE);
}

static void write_packet(GByteArray *out, const GByteArray *packet, size_t size, int64_t time,
                         const char *comment)
{
    unsigned start = begin_block(out, ENHANCED_PACKET);
    append32(out, 0); /* interface */
    append32(out, (uint32_t)((uint64_t)time >> 32));
    append32(out, (uint32_t)time);
    append32(out, packet->len);
    append32(out, (uint32_t)size);
    append_padded(out, packet->data, packet->len);
    append_option(out, OPTION_COMMENT, comment);
    append32(out, 0);
    end_block(out, start);
}

static bool is_retransmission(const log_message *message, const log_message *before)
{
    return before && message->sent == before->sent && message->bytes->len == before->bytes->len &&
           memcmp(message->bytes->data, before->bytes->data, before->bytes->len) == 0;
}

/* Packets of one log line, or of one second where it has no fractions, follow each other by a
 * microsecond. Without times, messages are 10 ms apart, retransmissions a second: nearer they would
 * pass for copies of one packet. */
static int64_t next_time(const log_message *message, const log_message *before, int64_t last)
{
    if (message->time == LOG_NO_TIME)
        return last + (is_retransmission(message, before) ? SECOND : 10 * MILLISECOND);
    if (before && message->time <= last && last - message->time < SECOND)
        return last + 1;
    return message->time;
}

unsigned log_capture_write(GByteArray *out, const log_messages *messages, int64_t start,
                           ike_text secrets)
{
    const log_message *before = NULL;
    GByteArray *packet = g_byte_array_new();
    log_packets packets;
    int64_t time = start;
    unsigned count = 0;

    log_packets_init(&packets);
    write_header(out, secrets);
    for (unsigned i = 0; i < messages->len; i++) {
        const log_message *message = g_ptr_array_index(messages, i);
        if (!message->bytes)
            continue;
        size_t size = log_packet_make(&packets, message, packet);
        time = next_time(message, before, time);
        char *comment = make_comment(message);
        write_packet(out, packet, size, time, comment);
        g_free(comment);
        before = message;
        count++;
    }
    log_packets_free(&packets);
    g_byte_array_unref(packet);
    return count;
}
