/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/log2pcap/pluto_sent.h"

#include <string.h>

#include "proto/ike_numbers.h"

enum {
    MAX_STATES = 4096,
    MAX_FRAGMENTS = 64,
    NON_ESP_MARKER = 4,
    /* RFC 7296 3.1, RFC 2408 3.1 */
    SPIS = 16,
    NEXT_PAYLOAD = 16,
    VERSION = 17,
    EXCHANGE = 18,
    FLAGS = 19,
    MESSAGE_ID = 20,
    FLAG_RESPONSE = 0x20,
};

struct pluto_sent {
    GHashTable *states; /* number -> GPtrArray of log_message, which the log's messages own */
    uint32_t due;       /* state that sends again; 0 none */
    log_origin origin;  /* of that line */
};

pluto_sent *pluto_sent_new(void)
{
    pluto_sent *sent = g_new0(pluto_sent, 1);

    sent->states = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    return sent;
}

void pluto_sent_free(pluto_sent *sent)
{
    g_hash_table_unref(sent->states);
    log_origin_clear(&sent->origin);
    g_free(sent);
}

uint32_t pluto_state_number(ike_text line)
{
    uint64_t number;
    ike_text rest = line;

    while (ike_text_behind(rest, "#", &rest))
        if (ike_text_take_number(&rest, UINT32_MAX, &number))
            return (uint32_t)number;
    return 0;
}

/* In IKEv2 the initiator of an exchange alone sends again of its own accord (RFC 7296 2.1); in
 * IKEv1 an informational message is sent once (RFC 2408 4.8). */
static bool may_be_sent_again(const GByteArray *bytes)
{
    if (bytes->len < IKE_HEADER)
        return false;
    return bytes->data[VERSION] >> 4 == 1 ? bytes->data[EXCHANGE] != IKEV1_EXCHANGE_INFORMATIONAL
                                          : !(bytes->data[FLAGS] & FLAG_RESPONSE);
}

static bool is_fragment(const GByteArray *bytes)
{
    unsigned payload = bytes->data[NEXT_PAYLOAD];

    return bytes->data[VERSION] >> 4 == 1 ? payload == IKEV1_PAYLOAD_FRAGMENT
                                          : payload == IKEV2_PAYLOAD_SKF;
}

/* Fragments of one message have its SPIs and message ID, and the first alone has its Next Payload
 * inside: one that is there already begins the message again. */
static bool goes_on(const GPtrArray *group, const GByteArray *bytes)
{
    if (group->len == 0 || group->len == MAX_FRAGMENTS || !is_fragment(bytes))
        return false;
    for (unsigned i = 0; i < group->len; i++) {
        const GByteArray *before = ((const log_message *)g_ptr_array_index(group, i))->bytes;
        bool same = before->len == bytes->len && memcmp(before->data, bytes->data, bytes->len) == 0;
        if (same || !is_fragment(before) || memcmp(before->data, bytes->data, SPIS) != 0 ||
            memcmp(before->data + MESSAGE_ID, bytes->data + MESSAGE_ID, 4) != 0)
            return false;
    }
    return true;
}

void pluto_sent_record(pluto_sent *sent, uint32_t state, const log_message *message)
{
    if (!state || !message->bytes || message->bytes->len < message->size ||
        !may_be_sent_again(message->bytes))
        return;
    GPtrArray *group = g_hash_table_lookup(sent->states, GUINT_TO_POINTER(state));
    if (!group) {
        if (g_hash_table_size(sent->states) >= MAX_STATES)
            g_hash_table_remove_all(sent->states);
        group = g_ptr_array_new();
        g_hash_table_insert(sent->states, GUINT_TO_POINTER(state), group);
    }
    if (!goes_on(group, message->bytes))
        g_ptr_array_set_size(group, 0);
    g_ptr_array_add(group, (log_message *)(uintptr_t)message);
}

static const GPtrArray *due_messages(const pluto_sent *sent)
{
    return sent->due ? g_hash_table_lookup(sent->states, GUINT_TO_POINTER(sent->due)) : NULL;
}

void pluto_sent_dump(pluto_sent *sent, log_context *context, uint32_t state, size_t size)
{
    const GPtrArray *group = due_messages(sent);

    if (group && group->len > 0 && state == sent->due) {
        const log_message *first = g_ptr_array_index(group, 0);
        if (size == first->bytes->len || size == first->bytes->len + NON_ESP_MARKER)
            group = NULL; /* the log has it */
    }
    for (unsigned i = 0; group && i < group->len; i++)
        log_context_repeat(context, &sent->origin, g_ptr_array_index(group, i));
    sent->due = 0;
}

void pluto_sent_again(pluto_sent *sent, log_context *context, uint32_t state)
{
    pluto_sent_dump(sent, context, 0, 0);
    sent->due = state;
    log_origin_set(&sent->origin, context);
}
