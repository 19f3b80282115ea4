/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/tracker/arena.h"

#include <string.h>

#include "analysis/tracker/tables.h"
#include "analysis/tracker/tracker.h"
#include "proto/keyed_hash.h"

/* What is handed out is cleared then, not as a block: it is written next, and so still in the
 * processor's cache. */
enum { ARENA_BLOCK = 1 << 16, RECORDS_PER_BLOCK = 1 << 10 };

void *ike_tracker_alloc(ike_tracker *tracker, size_t size)
{
    ike_arena *arena = &tracker->arena;
    size = (size + 7) & ~(size_t)7;
    if (size > arena->left) {
        arena->left = MAX(size, (size_t)ARENA_BLOCK);
        arena->next = g_malloc(arena->left);
        g_ptr_array_add(arena->blocks, arena->next);
    }
    void *taken = arena->next;
    arena->next += size;
    arena->left -= size;
    return memset(taken, 0, size);
}

/* ---- bytes stored once ----------------------------------------------------------------------- */

typedef struct {
    uint32_t hash, length;
    const void *bytes; /* behind this, aligned for what is stored */
} stored;

static guint stored_hash(gconstpointer key)
{
    return ((const stored *)key)->hash;
}

static gboolean stored_equal(gconstpointer a, gconstpointer b)
{
    const stored *x = a, *y = b;
    return x->length == y->length && memcmp(x->bytes, y->bytes, x->length) == 0;
}

void ike_arena_init(ike_tracker *tracker)
{
    tracker->arena.blocks = g_ptr_array_new_with_free_func(g_free);
    tracker->records = g_ptr_array_new_with_free_func(g_free);
    tracker->stored = g_hash_table_new(stored_hash, stored_equal);
}

void ike_arena_free(ike_tracker *tracker)
{
    g_hash_table_destroy(tracker->stored);
    g_ptr_array_free(tracker->records, TRUE);
    g_ptr_array_free(tracker->arena.blocks, TRUE);
}

const void *ike_store(ike_tracker *tracker, const void *bytes, size_t length)
{
    if (length == 0)
        return NULL;
    const stored wanted = {(uint32_t)ike_keyed_hash(bytes, length), (uint32_t)length, bytes};
    const stored *known = g_hash_table_lookup(tracker->stored, &wanted);
    if (known)
        return known->bytes;
    stored *entry = ike_tracker_alloc(tracker, sizeof *entry + length);
    *entry = (stored){wanted.hash, wanted.length, memcpy(entry + 1, bytes, length)};
    g_hash_table_add(tracker->stored, entry);
    return entry->bytes;
}

const char *ike_store_text(ike_tracker *tracker, const char *text)
{
    return ike_store(tracker, text, strlen(text) + 1);
}

const char *ike_store_string(ike_tracker *tracker, GString *text)
{
    const char *stored_text = ike_store(tracker, text->str, text->len + 1);
    g_string_free(text, TRUE);
    return stored_text;
}

/* ---- message records ------------------------------------------------------------------------- */

ike_message_record *ike_tracker_add_record(ike_tracker *tracker)
{
    uint32_t index = tracker->record_count++ % RECORDS_PER_BLOCK;
    if (index == 0)
        g_ptr_array_add(tracker->records, g_new(ike_message_record, RECORDS_PER_BLOCK));
    ike_message_record *block = tracker->records->pdata[tracker->records->len - 1];
    return memset(&block[index], 0, sizeof *block);
}

static ike_message_record *record_at(const ike_tracker *tracker, uint32_t index)
{
    ike_message_record *block = tracker->records->pdata[index / RECORDS_PER_BLOCK];
    return &block[index % RECORDS_PER_BLOCK];
}

ike_message_record *ike_tracker_record(const ike_tracker *tracker, uint32_t frame, uint16_t place)
{
    uint32_t low = 0, high = tracker->record_count;
    if (frame > tracker->last_frame)
        return NULL; /* as mostly on the first pass */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record_at(tracker, middle)->frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    /* A reassembled message ends before the message that holds its last fragment. */
    for (; low < tracker->record_count && record_at(tracker, low)->frame == frame; low++)
        if (record_at(tracker, low)->place == place)
            return record_at(tracker, low);
    return NULL;
}
