/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One SA of a list of ESP SAs, as kernels and gateways print them: SPI, names, keys. */
#ifndef IKE_KEYLOG_ESP_ENTRY_H
#define IKE_KEYLOG_ESP_ENTRY_H

#include "decrypt/keylog/reader.h"

enum { IKE_ESP_NAME_SIZE = 80, IKE_ESP_KEY_MAX = 256 };

typedef struct {
    uint8_t bytes[IKE_ESP_KEY_MAX];
    size_t length;
} ike_esp_key_bytes;

/* All zero at first; filled in the order in which a list names things. */
typedef struct {
    bool of_ah; /* else of ESP */
    bool has_spi;
    uint32_t spi; /* 0 with has_spi: any */
    uint8_t destination[16], address_bytes;
    char encryption[IKE_ESP_NAME_SIZE], integrity[IKE_ESP_NAME_SIZE]; /* empty: not named */
    uint16_t encryption_id, integrity_id; /* instead of a name, where the list has numbers */
    ike_esp_key_bytes encryption_key, integrity_key;
    unsigned icv_bits; /* 0: not said */
    bool esn_known, esn;
} ike_esp_entry;

/* Reads hex text, with or without "0x", to a key; empty text and "0x" alone are no key. NULL, or
 * why it cannot be read. */
const char *ike_esp_entry_key(ike_esp_key_bytes *key, ike_text text);

/* The algorithms by their names or numbers and the length of the encryption key; false: one of them
 * is not known or not named. */
bool ike_esp_entry_suite(const ike_esp_entry *entry, ike_suite *suite);

/* Adds the SA to the key ring, if it has an SPI and a key or a NULL cipher, and with the other
 * lengths that its ICV may have: lists leave the length out, and old kernels truncate HMAC-SHA-256
 * to 96 bits whatever they print. The entry is wiped. NULL, or why it cannot be used. */
const char *ike_esp_entry_use(ike_keylog *log, ike_esp_entry *entry);

#endif
