/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marks of all readers in one table, found by a hash of their first 4 bytes. Case is left out
 * of the hash, and of the comparison where a reader says so. */
#include "decrypt/keylog/marks.h"

#include <glib.h>
#include <string.h>

#include "decrypt/keylog/reader.h"

enum { PREFIX = 4, BUCKET_BITS = 10, BUCKETS = 1 << BUCKET_BITS, MARKS_MAX = 511 };

typedef struct {
    const char *text;
    size_t length;
    uint32_t first_four; /* bytes, as they are in memory, without their case */
    uint32_t reader;     /* its bit */
    uint16_t next;       /* in the bucket: its place + 1 */
    bool any_case;
} mark;

static struct {
    mark marks[MARKS_MAX];
    unsigned count;
    uint16_t first[BUCKETS]; /* place of the first mark + 1 */
    uint32_t always;         /* readers without marks */
} table;

static uint32_t four_at(const char *at)
{
    uint32_t four;
    memcpy(&four, at, PREFIX);
    return four | 0x20202020; /* the bit that a capital lacks */
}

static unsigned bucket_of(uint32_t four)
{
    return (four * 2654435761u) >> (32 - BUCKET_BITS);
}

static void add_mark(const char *text, uint32_t reader, bool any_case)
{
    if (table.count == MARKS_MAX)
        return;
    uint32_t four = four_at(text);
    unsigned bucket = bucket_of(four);
    table.marks[table.count++] =
        (mark){text, strlen(text), four, reader, table.first[bucket], any_case};
    table.first[bucket] = (uint16_t)table.count;
}

static void make_table(void)
{
    for (unsigned i = 0; ike_keylog_readers[i] != NULL; i++) {
        const char *const *at = ike_keylog_readers[i]->marks;
        if (at == NULL)
            table.always |= UINT32_C(1) << i;
        for (; at != NULL && *at != NULL; at++)
            add_mark(*at, UINT32_C(1) << i, ike_keylog_readers[i]->any_case);
    }
}

static bool is_at(const mark *m, const char *at)
{
    return m->any_case ? g_ascii_strncasecmp(at, m->text, m->length) == 0
                       : memcmp(at, m->text, m->length) == 0;
}

uint32_t ike_marks_in(ike_text line)
{
    static gsize made;
    if (g_once_init_enter(&made)) {
        make_table();
        g_once_init_leave(&made, 1);
    }
    uint32_t found = table.always;
    size_t left = ike_text_length(line);
    for (const char *at = line.at; left >= PREFIX; at++, left--) {
        uint32_t four = four_at(at);
        for (uint16_t i = table.first[bucket_of(four)]; i != 0; i = table.marks[i - 1].next) {
            const mark *m = &table.marks[i - 1];
            if (four == m->first_four && (found & m->reader) == 0 && m->length <= left &&
                is_at(m, at))
                found |= m->reader;
        }
    }
    return found;
}
