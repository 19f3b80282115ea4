/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Child SAs of a capture by SPI. */
#ifndef IKE_ESP_CHILDREN_H
#define IKE_ESP_CHILDREN_H

#include "decrypt/esp/child.h"

/* Child SAs wait in a list, in which they cost nothing, until the first ESP packet asks for a
 * table. All zero at first. */
typedef struct {
    ike_child *newest, *oldest; /* in the list */
    GHashTable *by_spi;         /* SPI -> newest ike_child; NULL until then */
} ike_esp_children;

enum { IKE_MAX_CHILDREN = 64 }; /* with the same SPI */

void ike_esp_children_add(ike_esp_children *children, ike_child *child);
void ike_esp_children_remove(ike_esp_children *children, ike_child *child);
void ike_esp_children_clear(ike_esp_children *children);

/* The newest Child SA with an SPI, and the one before it with the same; NULL when there is none. */
ike_child *ike_esp_children_find(ike_esp_children *children, uint32_t spi);
ike_child *ike_esp_children_next(ike_child *child, uint32_t spi);

#endif
