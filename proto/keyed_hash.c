/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3, the variant of SipHash (Aumasson and Bernstein, 2012) for hash tables: one round for
 * a word, three at the end; 64-bit words in little-endian order, the last word ends with the length
 * of the input. */
#include "proto/keyed_hash.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

typedef struct {
    uint64_t v0, v1, v2, v3;
} sip_state;

static uint64_t key[2];
static bool drawn;

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32) + s->v3;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

/* Without a source of random bytes the address space layout and the clock must do. */
static void draw_key(void)
{
    drawn = true;
    if (getrandom(key, sizeof key, 0) == (ssize_t)sizeof key)
        return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    key[0] = (uint64_t)(uintptr_t)&now ^ (uint64_t)now.tv_nsec << 32;
    key[1] = (uint64_t)(uintptr_t)&drawn ^ (uint64_t)now.tv_sec;
}

static inline sip_state sip_begin(void)
{
    if (!drawn)
        draw_key();
    return (sip_state){key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
                       key[0] ^ UINT64_C(0x6c7967656e657261),
                       key[1] ^ UINT64_C(0x7465646279746573)};
}

static inline void sip_word(sip_state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

static inline uint64_t sip_end(sip_state *s)
{
    s->v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static inline uint64_t read_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

/* Of fewer than eight bytes. */
static uint64_t read_last(const uint8_t *bytes, size_t length)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

uint64_t ike_keyed_hash(const void *bytes, size_t length)
{
    sip_state s = sip_begin();
    const uint8_t *p = bytes;
    size_t left = length;
    for (; left >= 8; p += 8, left -= 8)
        sip_word(&s, read_word(p));
    sip_word(&s, (uint64_t)length << 56 | read_last(p, left));
    return sip_end(&s);
}

uint64_t ike_keyed_hash_words(uint64_t first, uint64_t second)
{
    sip_state s = sip_begin();
    sip_word(&s, first);
    sip_word(&s, second);
    sip_word(&s, UINT64_C(16) << 56);
    return sip_end(&s);
}

unsigned ike_hash_number(const void *number)
{
    return (unsigned)ike_keyed_hash_words((uintptr_t)number, 0);
}

unsigned ike_hash_text(const void *text)
{
    return (unsigned)ike_keyed_hash(text, strlen(text));
}
