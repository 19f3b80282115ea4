/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All ESP SAs of a ring, by SPI. */
#ifndef IKE_ESP_SA_H
#define IKE_ESP_SA_H

#include "keyring_find.h"

GHashTable *ike_esp_table_new(void);

/* Forgets the CHILD_SAs that this IKE SA negotiated. */
void ike_esp_forget(ike_keyring *ring, const ike_crypto *owner);

#endif
