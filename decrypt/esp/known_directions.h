/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys that decrypted ESP packets of one SPI, or verified its AH packets. */
#ifndef IKE_KNOWN_DIRECTIONS_H
#define IKE_KNOWN_DIRECTIONS_H

#include <glib.h>

#include "decrypt/context.h"
#include "decrypt/crypto/mac.h"
#include "decrypt/esp/esp_packet.h"
#include "decrypt/message.h"

typedef struct {
    const ike_sa_base *owner;     /* NULL: from a key log, or of a group */
    ike_esp_direction *direction; /* NULL: of AH */
    ike_mac *mac;                 /* of AH, with its ESN; its algorithm is in `algorithms` */
    ike_esn esn;
    uint32_t sequence_high;
    bool transport;
    bool truncated_icv; /* of HMAC-SHA-256-128, to 96 bits */
    const char *origin; /* text for the tree */
    /* Of a key log: what is used of its record, whose bytes the keys are; else empty. */
    bool of_log;
    ike_algorithms algorithms;
    ike_span encryption, integrity;
} ike_known_direction;

/* The list, the newest first: ike_known_direction, owned. NULL at first. */
typedef GSList *ike_known_directions;

/* Puts `known`, which the list owns from now on, before the others, of which the oldest goes when
 * there are too many. Keys that decrypt packets with the complete ICV take the place of those that
 * the same owner's packets with a truncated ICV suggested: these packets were damaged. */
void ike_known_directions_add(ike_known_directions *list, ike_known_direction *known);

/* Whether packets of the owner were decrypted with the complete ICV. */
bool ike_known_directions_has_complete_icv(ike_known_directions list, const ike_sa_base *owner);

/* Removes those of an owner; all of them. Keys are wiped. */
void ike_known_directions_remove(ike_known_directions *list, const ike_sa_base *owner);
void ike_known_directions_clear(ike_known_directions *list);

/* Writes those of key logs as lines of the plugin's own format. */
void ike_known_directions_write(ike_known_directions list, uint32_t spi, ike_write_line write,
                                void *user);

#endif
