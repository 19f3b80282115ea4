/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All ESP SAs of a ring, by SPI: what was negotiated in the capture, and what key logs have. */
#ifndef IKE_ESP_SA_H
#define IKE_ESP_SA_H

#include "decrypt/esp/child.h"

GHashTable *ike_esp_table_new(void);

/* Makes both directions of a CHILD_SA known. Its owner keeps it; one that is known already is
 * freed. */
void ike_esp_add_child(ike_child *child);

/* Forgets the CHILD_SAs that this IKE SA negotiated, and their keys. */
void ike_esp_free_sa(ike_crypto *owner);

#endif
