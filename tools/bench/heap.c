/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preloaded where memory is measured: counts the bytes of the heap that are in use, with what
 * malloc adds to each block, and writes "heap: PEAK" to stderr in the end. Unlike what the kernel
 * counts it is the same on every run. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static atomic_size_t used, peak;

static size_t size_of(void *block)
{
    return malloc_usable_size(block) + sizeof(size_t);
}

static void *add(void *block)
{
    if (block) {
        size_t size = size_of(block), now = atomic_fetch_add(&used, size) + size;
        size_t most = atomic_load(&peak);
        while (now > most && !atomic_compare_exchange_weak(&peak, &most, now))
            ;
    }
    return block;
}

static void subtract(void *block)
{
    if (block)
        atomic_fetch_sub(&used, size_of(block));
}

void *malloc(size_t size)
{
    return add(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return add(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    subtract(block);
    return add(__libc_realloc(block, size));
}

void *memalign(size_t alignment, size_t size)
{
    return add(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return add(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = add(__libc_memalign(alignment, size));
    return *block ? 0 : 12 /* ENOMEM */;
}

void free(void *block)
{
    subtract(block);
    __libc_free(block);
}

__attribute__((destructor)) static void report(void)
{
    fprintf(stderr, "heap: %zu\n", (size_t)peak);
}
