/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mutation of little captures (frames.h) that knows their structure: frames are duplicated, dropped,
 * swapped, turned round; payloads are inserted, dropped, duplicated, grown and mutated, and the
 * lengths of payloads and messages are put right afterwards. What is to be encrypted is plaintext
 * here. */
#include <glib.h>

#include "frames.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

enum { HEADER = 28, GENERIC = 4, LARGEST = 4096, MAX_PAYLOADS = 64 };

/* A frame under mutation. */
typedef struct {
    uint8_t way, flags;
    GByteArray *bytes;
} frame;

typedef struct {
    uint8_t type;
    GByteArray *body;
} payload;

static void frame_free(void *data)
{
    frame *f = data;

    g_byte_array_free(f->bytes, TRUE);
    g_free(f);
}

static void payload_free(void *data)
{
    payload *p = data;

    g_byte_array_free(p->body, TRUE);
    g_free(p);
}

static GByteArray *bytes_of(const uint8_t *data, size_t length)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_append(bytes, length ? data : (const uint8_t *)"", (guint)length);
    return bytes;
}

static frame *frame_new(uint8_t way, uint8_t flags, const uint8_t *data, size_t length)
{
    frame *f = g_new(frame, 1);

    *f = (frame){way, flags, bytes_of(data, length)};
    return f;
}

static GPtrArray *read_frames(const uint8_t *data, size_t size)
{
    GPtrArray *frames = g_ptr_array_new_with_free_func(frame_free);
    fuzz_input in = {data, data + size};
    fuzz_frame f;

    while (frames->len < FUZZ_MAX_FRAMES && fuzz_frame_next(&in, &f))
        g_ptr_array_add(frames, frame_new(f.way, f.flags, f.bytes, f.length));
    return frames;
}

static size_t write_frames(const GPtrArray *frames, uint8_t *data, size_t max_size)
{
    size_t at = 0;

    for (guint i = 0; i < frames->len; i++) {
        const frame *f = g_ptr_array_index(frames, i);
        size_t length = MIN(f->bytes->len, UINT16_MAX);
        if (at + FUZZ_FRAME_HEAD + length > max_size)
            break;
        data[at++] = f->way;
        data[at++] = f->flags;
        data[at++] = (uint8_t)(length >> 8);
        data[at++] = (uint8_t)length;
        if (length)
            memcpy(data + at, f->bytes->data, length);
        at += length;
    }
    return at;
}

/* Lets libFuzzer change some bytes. */
static void mutate_bytes(GByteArray *bytes, size_t from)
{
    size_t length = bytes->len > from ? bytes->len - from : 0, most = length + 64;

    g_byte_array_set_size(bytes, (guint)(from + most));
    length = LLVMFuzzerMutate(bytes->data + from, length, most);
    g_byte_array_set_size(bytes, (guint)(from + length));
}

/* ---- payload chains -------------------------------------------------------------------------- */

/* Where a frame has the type of its first payload, and where its chain begins. */
static bool chain_place(const frame *f, size_t *type, size_t *chain)
{
    switch (f->way) {
    case FUZZ_WAY_UDP_500:
    case FUZZ_WAY_UDP_4500:
    case FUZZ_WAY_TCP_4500:
    case FUZZ_WAY_TCP_500:
        *type = 16;
        *chain = HEADER;
        break;
    case FUZZ_WAY_ENCRYPTED:
        *type = 4;
        *chain = FUZZ_ENCRYPTED_HEAD;
        break;
    case FUZZ_WAY_V1_ENCRYPTED:
        *type = 2;
        *chain = FUZZ_V1_HEAD;
        break;
    default:
        return false;
    }
    return f->bytes->len >= *chain;
}

static payload *payload_new(uint8_t type, const uint8_t *body, size_t length)
{
    payload *p = g_new(payload, 1);

    *p = (payload){type, bytes_of(body, length)};
    return p;
}

static GPtrArray *read_chain(uint8_t type, const uint8_t *at, size_t left)
{
    GPtrArray *payloads = g_ptr_array_new_with_free_func(payload_free);

    while (type && left >= GENERIC && payloads->len < MAX_PAYLOADS) {
        size_t length = (size_t)(at[2] << 8 | at[3]);
        length = CLAMP(length, GENERIC, left);
        g_ptr_array_add(payloads, payload_new(type, at + GENERIC, length - GENERIC));
        type = at[0];
        at += length;
        left -= length;
    }
    return payloads;
}

static void put_length(uint8_t *at, size_t length)
{
    at[0] = (uint8_t)(length >> 8);
    at[1] = (uint8_t)length;
}

static void write_chain(frame *f, size_t type, size_t chain, const GPtrArray *payloads)
{
    uint8_t next = 0;

    if (payloads->len)
        next = ((payload *)g_ptr_array_index(payloads, 0))->type;
    f->bytes->data[type] = next;
    g_byte_array_set_size(f->bytes, (guint)chain);
    for (guint i = 0; i < payloads->len; i++) {
        const payload *p = g_ptr_array_index(payloads, i);
        uint8_t head[GENERIC] = {0};
        if (i + 1 < payloads->len)
            head[0] = ((payload *)g_ptr_array_index(payloads, i + 1))->type;
        put_length(head + 2, p->body->len + GENERIC);
        g_byte_array_append(f->bytes, head, GENERIC);
        g_byte_array_append(f->bytes, p->body->data, p->body->len);
    }
    if (chain == HEADER) {
        memset(f->bytes->data + 24, 0, 2);
        put_length(f->bytes->data + 26, f->bytes->len);
    }
}

/* A payload type of the registries of both versions, more often a known one. */
static uint8_t any_type(GRand *chance)
{
    static const uint8_t first[] = {1, 33, 128};
    unsigned row = (unsigned)g_rand_int_range(chance, 0, G_N_ELEMENTS(first));

    return (uint8_t)(first[row] + g_rand_int_range(chance, 0, 24));
}

/* Puts the lengths of the proposals and transforms of an SA payload right (RFC 7296 3.3, and with
 * DOI and situation before them RFC 2408 3.5), as far as the bytes go. */
static void mend_substructures(GByteArray *body, bool v1)
{
    size_t proposal = v1 ? 8 : 0;

    if (body->len < proposal + 8)
        return;
    uint8_t *at = body->data + proposal;
    size_t left = body->len - proposal;
    at[0] = 0; /* the one proposal is the last */
    put_length(at + 2, left);
    size_t head = 8u + at[6], count = 0;
    uint8_t *transforms = &at[7];
    while (head + 8 <= left) {
        size_t length = (size_t)(at[head + 2] << 8 | at[head + 3]);
        if (length < 8 || head + length > left)
            length = left - head;
        at[head] = head + length < left ? 3 : 0;
        put_length(at + head + 2, length);
        head += length;
        count++;
    }
    *transforms = (uint8_t)count;
}

static void mutate_payloads(GPtrArray *payloads, GRand *chance)
{
    guint which = payloads->len ? (guint)g_rand_int_range(chance, 0, (gint32)payloads->len) : 0;
    payload *p = payloads->len ? g_ptr_array_index(payloads, which) : NULL;

    switch (p ? g_rand_int_range(chance, 0, 8) : 0) {
    case 0: {
        uint8_t body[64];
        size_t length = (size_t)g_rand_int_range(chance, 0, sizeof body);
        for (size_t i = 0; i < length; i++)
            body[i] = (uint8_t)(g_rand_int(chance) & (i % 2 ? 0xff : 0x0f));
        g_ptr_array_insert(payloads, (gint)which, payload_new(any_type(chance), body, length));
        break;
    }
    case 1:
        g_ptr_array_remove_index(payloads, which);
        break;
    case 2:
        if (payloads->len < MAX_PAYLOADS)
            g_ptr_array_add(payloads, payload_new(p->type, p->body->data, p->body->len));
        break;
    case 3:
        p->type = any_type(chance);
        break;
    default:
        mutate_bytes(p->body, 0);
        if ((p->type == 1 || p->type == 33) && g_rand_boolean(chance))
            mend_substructures(p->body, p->type == 1);
        break;
    }
}

static void mutate_chain(frame *f, GRand *chance)
{
    size_t type, chain;

    if (!chain_place(f, &type, &chain)) {
        mutate_bytes(f->bytes, 0);
        return;
    }
    GPtrArray *payloads =
        read_chain(f->bytes->data[type], f->bytes->data + chain, f->bytes->len - chain);
    for (int i = g_rand_int_range(chance, 1, 4); i; i--)
        mutate_payloads(payloads, chance);
    write_chain(f, type, chain, payloads);
    g_ptr_array_free(payloads, TRUE);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void mutate_head(frame *f, GRand *chance)
{
    size_t type, chain;

    if (g_rand_int_range(chance, 0, 3) == 0)
        f->way = (uint8_t)g_rand_int_range(chance, 0, FUZZ_WAYS);
    if (g_rand_int_range(chance, 0, 3) == 0)
        f->flags ^= (uint8_t)(1 << g_rand_int_range(chance, 0, 4));
    if (chain_place(f, &type, &chain))
        f->bytes->data[g_rand_int_range(chance, 0, (gint32)chain)] ^=
            (uint8_t)(1 << g_rand_int_range(chance, 0, 8));
}

static void mutate_frames(GPtrArray *frames, GRand *chance)
{
    if (!frames->len) {
        static const uint8_t empty[HEADER] = {[16] = 33, [17] = 0x20, [18] = 34, [19] = 8};
        g_ptr_array_add(frames, frame_new(FUZZ_WAY_UDP_500, 0, empty, sizeof empty));
    }
    guint which = (guint)g_rand_int_range(chance, 0, (gint32)frames->len);
    frame *f = g_ptr_array_index(frames, which);
    guint other = (guint)g_rand_int_range(chance, 0, (gint32)frames->len);

    switch (g_rand_int_range(chance, 0, 16)) {
    case 0:
        g_ptr_array_insert(frames, (gint)other,
                           frame_new(f->way, f->flags, f->bytes->data, f->bytes->len));
        break;
    case 1:
        if (frames->len > 1)
            g_ptr_array_remove_index(frames, which);
        break;
    case 2:
        frames->pdata[which] = frames->pdata[other];
        frames->pdata[other] = f;
        break;
    case 3:
    case 4:
        mutate_head(f, chance);
        break;
    case 5:
        mutate_bytes(f->bytes, 0);
        break;
    default:
        mutate_chain(f, chance);
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    GRand *chance = g_rand_new_with_seed(seed);

    if (g_rand_int_range(chance, 0, 16) == 0) {
        g_rand_free(chance);
        return LLVMFuzzerMutate(data, size, max_size);
    }
    GPtrArray *frames = read_frames(data, size);
    for (int i = g_rand_int_range(chance, 1, 3); i; i--)
        mutate_frames(frames, chance);
    size_t length = write_frames(frames, data, max_size);
    g_ptr_array_free(frames, TRUE);
    g_rand_free(chance);
    return length;
}
