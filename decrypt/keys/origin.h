/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a secret comes from. */
#ifndef IKE_KEY_ORIGIN_H
#define IKE_KEY_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "decrypt/keys/key_sources.h"

typedef struct {
    uint8_t source;     /* ike_key_source; IKE_SOURCES: derived in the capture */
    bool of_ike_sa;     /* of the IKE SA whose keys the key was derived from */
    uint32_t line;      /* of the file, row of the table, from 1; 0 unknown */
    const char *name;   /* of the file, as long as the ring; NULL unknown */
    const char *secret; /* what it is: "SK_e", "PSK", "DH shared secret"; static; NULL unknown */
} ike_key_origin;

#endif
