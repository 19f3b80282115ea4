/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: libFuzzer's entry points, and a reader that takes values off the
 * front of an input. Beyond the end of the input there are zeros. */
#ifndef IKE_FUZZ_H
#define IKE_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

typedef struct {
    const uint8_t *at, *end;
} fuzz_input;

static inline size_t fuzz_left(const fuzz_input *in)
{
    return (size_t)(in->end - in->at);
}

static inline uint8_t fuzz_u8(fuzz_input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static inline uint16_t fuzz_u16(fuzz_input *in)
{
    uint16_t high = fuzz_u8(in);

    return (uint16_t)(high << 8 | fuzz_u8(in));
}

static inline uint32_t fuzz_u32(fuzz_input *in)
{
    uint32_t high = fuzz_u16(in);

    return high << 16 | fuzz_u16(in);
}

/* Up to `length` bytes, fewer at the end; they lie in the input. */
static inline const uint8_t *fuzz_take(fuzz_input *in, size_t *length)
{
    const uint8_t *bytes = in->at;

    if (*length > fuzz_left(in))
        *length = fuzz_left(in);
    in->at += *length;
    return bytes;
}

#endif
