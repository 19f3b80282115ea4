/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pluto: the plaintext of messages. NSS keeps the keys of IKEv1, and those of IKEv2 until the IKE
 * SA is established; with plutodebug=all the log has each message as it was sent, and what it
 * holds:
 *
 *     | *received 208 bytes from B:500 on eth0 A:500 using UDP
 *     |   85 70 a3 65 ..
 *     | payload before decryption:                        IKEv2
 *     |   44 75 97 c5 ..
 *     | payload after decryption:                         or "data after authenticated decryption:"
 *     |   29 00 00 1d ..
 *     | decrypted payload (starts at offset -80):         IKEv1, with the header; or "decrypted:"
 *     |   bb 98 a7 03 ..
 *
 *     | encrypting:                                       IKEv1
 *     |   08 00 00 1d ..
 *     | next IV:                                          the last block of the ciphertext
 *     |   25 8f b4 8c ..
 *     | data before [authenticated] encryption:           IKEv2
 *     | data after [authenticated] encryption:
 *     | sending 108 bytes for main_inI3_outR3 through eth0 from A:500 to B:500 using UDP (for #1)
 *     |   bb 98 a7 03 ..
 *
 * The messages of several SAs may be in between: a plaintext belongs to the message that has its
 * ciphertext. */
#include <glib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "decrypt/keylog/dump.h"
#include "decrypt/keylog/reader.h"
#include "proto/ike_numbers.h"
#include "proto/network_order.h"

enum {
    WAITING = 32,        /* messages, and plaintexts of messages that are still to be sent */
    MESSAGE_MAX = 65535, /* bytes: no UDP datagram is longer */
    BETWEEN_MAX = 8,     /* lines of other threads between the rows of a dump */
    NON_ESP_MARKER = 4,
    /* RFC 7296 3.1, RFC 2408 3.1 */
    VERSION = 17,
    FLAGS = 19,
    LENGTH = 24,
};

typedef enum { NOTHING, MESSAGE, CIPHERTEXT, PLAINTEXT } dump_content;

/* What was encrypted or decrypted, and the ciphertext, or the last block of it. */
typedef struct {
    GByteArray *plain, *cipher; /* NULL: it has not come */
    unsigned line;
} pair;

typedef struct {
    ike_keylog *log;
    dump_content content; /* of the dump under way */
    bool sent;
    GByteArray *bytes; /* of the dump under way */
    size_t expected;   /* 0: not known */
    unsigned line, between;
    ike_dump row;
    pair current;
    GQueue received; /* GByteArray, the newest first */
    GQueue to_send;  /* pair, the oldest first */
} pluto_messages;

static void free_bytes(void *data)
{
    GByteArray *bytes = data;
    if (bytes == NULL)
        return;
    OPENSSL_cleanse(bytes->data, bytes->len);
    g_byte_array_unref(bytes);
}

static void clear_pair(pair *p)
{
    free_bytes(p->plain);
    free_bytes(p->cipher);
    *p = (pair){0};
}

static void free_pair(void *data)
{
    clear_pair(data);
    g_free(data);
}

/* ---- which message a plaintext is of --------------------------------------------------------- */

/* Whether the message ends with the ciphertext and so many bytes of an ICV. */
static bool ends_with(const GByteArray *message, const GByteArray *cipher, size_t icv_length)
{
    size_t behind = cipher->len + icv_length;
    return message->len >= behind &&
           memcmp(message->data + message->len - behind, cipher->data, cipher->len) == 0;
}

/* IKEv2: header, generic header and IV stand before it. */
static bool has_ciphertext(const GByteArray *message, const GByteArray *cipher)
{
    static const uint8_t icv_lengths[] = {16, 12, 8, 24, 32};
    enum { BEFORE = IKE_HEADER + 4 + 8 }; /* with the shortest IV */
    for (size_t i = 0; i < G_N_ELEMENTS(icv_lengths); i++)
        if (message->len >= BEFORE + cipher->len + icv_lengths[i] &&
            ends_with(message, cipher, icv_lengths[i]))
            return true;
    return false;
}

/* The plaintext of this message in a pair that is of it; else empty. */
static ike_span plaintext_of(const GByteArray *message, const pair *p)
{
    const GByteArray *plain = p->plain, *cipher = p->cipher;
    const ike_span none = {NULL, 0};
    if (message->data[VERSION] >> 4 != 1) /* what was logged may have the ICV behind it */
        return cipher != NULL && cipher->len <= plain->len && has_ciphertext(message, cipher)
                   ? (ike_span){plain->data, cipher->len}
                   : none;
    size_t body = message->len - IKE_HEADER;
    if ((message->data[FLAGS] & 1) == 0 || body == 0)
        return none;
    if (plain->len == message->len && memcmp(plain->data, message->data, IKE_HEADER) == 0)
        return (ike_span){plain->data + IKE_HEADER, body};
    return plain->len == body && (cipher == NULL || ends_with(message, cipher, 0))
               ? (ike_span){plain->data, body}
               : none;
}

static bool use_pair(const pluto_messages *p, const GByteArray *message, const pair *of)
{
    ike_span plaintext = plaintext_of(message, of);
    if (plaintext.length == 0)
        return false;
    ike_keylog_set_origin_line(p->log, of->line);
    ike_keylog_add_plaintext(p->log, (ike_span){message->data, message->len}, plaintext);
    ike_keylog_set_origin_line(p->log, 0);
    return true;
}

/* ---- what dumps are -------------------------------------------------------------------------- */

static void remove_marker(GByteArray *message)
{
    if (message->len >= NON_ESP_MARKER + IKE_HEADER && ike_get_u32(message->data) == 0 &&
        ike_get_u32(message->data + NON_ESP_MARKER + LENGTH) + NON_ESP_MARKER == message->len)
        g_byte_array_remove_range(message, 0, NON_ESP_MARKER);
}

/* The plaintexts of what is sent came before it. */
static void use_sent(pluto_messages *p, const GByteArray *message)
{
    for (GList *at = p->to_send.head, *next; at != NULL; at = next) {
        next = at->next;
        if (!use_pair(p, message, at->data))
            continue;
        free_pair(at->data);
        g_queue_delete_link(&p->to_send, at);
    }
}

static void end_message(pluto_messages *p, GByteArray *message)
{
    remove_marker(message);
    if (message->len < IKE_HEADER || ike_get_u32(message->data + LENGTH) != message->len) {
        free_bytes(message);
    } else if (p->sent) {
        use_sent(p, message);
        free_bytes(message);
    } else {
        g_queue_push_head(&p->received, message);
        if (p->received.length > WAITING)
            free_bytes(g_queue_pop_tail(&p->received));
    }
}

static void end_pair(pluto_messages *p)
{
    if (p->sent) {
        g_queue_push_tail(&p->to_send, g_memdup2(&p->current, sizeof p->current));
        p->current = (pair){0};
        if (p->to_send.length > WAITING)
            free_pair(g_queue_pop_head(&p->to_send));
        return;
    }
    /* A message is decrypted once: short ciphertexts must not find a long one again and again. */
    for (GList *at = p->received.head; at != NULL; at = at->next)
        if (use_pair(p, at->data, &p->current)) {
            free_bytes(at->data);
            g_queue_delete_link(&p->received, at);
            break;
        }
    clear_pair(&p->current);
}

/* The parts of a pair come in the order of the work: what is worked on first. */
static void end_part(pluto_messages *p, GByteArray *bytes)
{
    bool first = p->sent == (p->content == PLAINTEXT);
    if (first)
        clear_pair(&p->current);
    GByteArray **part = p->content == PLAINTEXT ? &p->current.plain : &p->current.cipher;
    free_bytes(*part);
    *part = bytes;
    if (p->content == PLAINTEXT)
        p->current.line = p->line;
    if (!first && p->current.plain != NULL)
        end_pair(p);
}

static void end_dump(pluto_messages *p)
{
    GByteArray *bytes = g_steal_pointer(&p->bytes);
    if (p->content == MESSAGE)
        end_message(p, bytes);
    else if (p->content != NOTHING && bytes->len > 0)
        end_part(p, bytes);
    else
        free_bytes(bytes);
    p->content = NOTHING;
}

static void begin_dump(pluto_messages *p, dump_content content, bool sent, size_t expected)
{
    p->content = content;
    p->sent = sent;
    p->expected = expected;
    p->between = 0;
    p->line = ike_keylog_line_number(p->log);
    p->bytes = g_byte_array_new();
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* "decrypted:" and "encrypting:" end sentences, too: they begin a message. */
static const struct {
    const char *name;
    dump_content content;
    bool sent;
} names[] = {
    {"payload before decryption:", CIPHERTEXT, false},
    {"data before authenticated decryption:", CIPHERTEXT, false},
    {"payload after decryption:", PLAINTEXT, false},
    {"data after authenticated decryption:", PLAINTEXT, false},
    {"decrypted payload (starts at ", PLAINTEXT, false},
    {"| decrypted:", PLAINTEXT, false},
    {"| encrypting:", PLAINTEXT, true},
    {"data before [authenticated] encryption:", PLAINTEXT, true},
    {"data before authenticated encryption:", PLAINTEXT, true},
    {"data before encryption:", PLAINTEXT, true},
    {"data after [authenticated] encryption:", CIPHERTEXT, true},
    {"data after authenticated encryption:", CIPHERTEXT, true},
    {"data after encryption:", CIPHERTEXT, true},
    {"| next IV:", CIPHERTEXT, true},
};

static void begin_line(pluto_messages *p, ike_text line)
{
    ike_text rest;
    uint64_t size;
    bool sent = ike_text_behind(line, "| sending ", &rest);
    if (sent || ike_text_behind(line, "*received ", &rest)) {
        if (ike_text_take_number(&rest, MESSAGE_MAX, &size) && ike_text_begins(rest, " bytes "))
            begin_dump(p, MESSAGE, sent, (size_t)size);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (ike_text_find(line, names[i].name) != NULL) {
            begin_dump(p, names[i].content, names[i].sent, 0);
            return;
        }
}

static bool take_row(pluto_messages *p, ike_text line)
{
    if (!ike_dump_bar_row(&p->row, line))
        return false;
    size_t most = (p->expected != 0 ? p->expected : MESSAGE_MAX) - p->bytes->len;
    g_byte_array_append(p->bytes, p->row.bytes, (guint)MIN(p->row.length, most));
    (void)ike_dump_begin(&p->row, 0);
    p->between = 0;
    if (p->bytes->len == (p->expected != 0 ? p->expected : MESSAGE_MAX))
        end_dump(p);
    return true;
}

/* Lines that begin a dump are not taken: they end one of pluto.c, which comes first. A log may have
 * "received" without the rows, and then its own dumps. */
static bool messages_line(void *state, ike_text line)
{
    pluto_messages *p = state;
    if (p->content != NOTHING) {
        if (take_row(p, line))
            return true;
        bool of_pluto = ike_text_find(line, "|") != NULL;
        if ((p->expected != 0 || !of_pluto) && ++p->between <= BETWEEN_MAX)
            return false;
        end_dump(p);
    }
    begin_line(p, line);
    return false;
}

static bool messages_in_dump(const void *state)
{
    return ((const pluto_messages *)state)->content != NOTHING;
}

static void messages_finish(void *state)
{
    end_dump(state);
}

static void messages_release(void *state)
{
    pluto_messages *p = state;
    free_bytes(p->bytes);
    clear_pair(&p->current);
    g_queue_clear_full(&p->received, free_bytes);
    g_queue_clear_full(&p->to_send, free_pair);
}

static const char *const marks[] = {
    "| sending ",
    "*received ",
    "before decryption:",
    "after decryption:",
    "authenticated decryption:",
    "decrypted payload (starts at ",
    "| decrypted:",
    "| encrypting:",
    "before encryption:",
    "after encryption:",
    "authenticated encryption:",
    "[authenticated] encryption:",
    "| next IV:",
    NULL,
};

const ike_keylog_reader ike_reader_pluto_messages = {
    .marks = marks,
    .state_bytes = sizeof(pluto_messages),
    .line = messages_line,
    .in_dump = messages_in_dump,
    .finish = messages_finish,
    .release = messages_release,
};
