/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All ESP SAs of a ring, by SPI. */
#include "esp_sa.h"

GHashTable *ike_esp_table_new(void)
{
    return g_hash_table_new(NULL, NULL);
}

void ike_esp_forget(ike_keyring *ring, const ike_crypto *owner)
{
    (void)ring, (void)owner;
}

ike_esp_sa *ike_esp_find(ike_keyring *ring, uint32_t spi, const uint8_t *destination,
                         size_t address_octets)
{
    (void)ring, (void)spi, (void)destination, (void)address_octets;
    return NULL;
}

bool ike_esp_open(ike_esp_sa *sa, ike_span packet, ike_esp_opened *result)
{
    (void)sa, (void)packet;
    *result = (ike_esp_opened){.status = IKE_OPEN_NO_KEY};
    return false;
}
