/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hash of every table whose keys come from the wire: SipHash-1-3 under a key that is drawn at
 * random once per process, so that a capture cannot be made whose keys collide. */
#ifndef IKE_KEYED_HASH_H
#define IKE_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t ike_keyed_hash(const void *bytes, size_t length);

/* Of two words, for keys that are numbers. */
uint64_t ike_keyed_hash_words(uint64_t first, uint64_t second);

/* As GHashFunc: of a number that stands in place of the pointer, and of a text. */
unsigned ike_hash_number(const void *number);
unsigned ike_hash_text(const void *text);

#endif
