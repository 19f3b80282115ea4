/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One SA of a list of ESP SAs, as kernels and gateways print them: SPI, names, keys. */
#ifndef IKE_KEYLOG_ESP_ENTRY_H
#define IKE_KEYLOG_ESP_ENTRY_H

#include "decrypt/keylog/reader.h"

enum { IKE_ESP_NAME_SIZE = 80, IKE_ESP_KEY_MAX = 256 };

/* The encryption or integrity algorithm of an SA, and its key. */
typedef struct {
    char name[IKE_ESP_NAME_SIZE]; /* empty: not named */
    uint16_t id;                  /* instead of a name, where the list has numbers */
    uint8_t key[IKE_ESP_KEY_MAX];
    size_t key_length; /* bytes */
} ike_esp_transform;

/* All zero at first; filled in the order in which a list names things. */
typedef struct {
    bool of_ah; /* else of ESP */
    bool has_spi;
    uint32_t spi; /* 0 with has_spi: any */
    ike_esp_transform encryption, integrity;
    unsigned icv_bits; /* 0: not said */
    bool esn_known, esn;
} ike_esp_entry;

/* Sets a name, if it is not longer than any that is known. */
void ike_esp_set_name(ike_esp_transform *transform, ike_text name);

/* Reads hex text, with or without "0x", to a key; empty text and "0x" alone are no key. NULL, or
 * why it cannot be read. */
const char *ike_esp_read_key(ike_esp_transform *transform, ike_text text);

static inline ike_span ike_text_span(ike_text text)
{
    return (ike_span){(const uint8_t *)text.at, ike_text_length(text)};
}

/* Sets a key; no more than IKE_ESP_KEY_MAX bytes of it. */
void ike_esp_set_key(ike_esp_transform *transform, ike_span key);

/* The algorithms by their names or numbers and the length of the encryption key; false: one of them
 * is not known or not named. */
bool ike_esp_entry_suite(const ike_esp_entry *entry, ike_suite *suite);

/* Adds the SA to the key ring, if it has an SPI and a key or a NULL cipher, and with the other
 * lengths that its ICV may have: lists leave the length out, and old kernels truncate HMAC-SHA-256
 * to 96 bits whatever they print. The entry is wiped. NULL, or why it cannot be used. */
const char *ike_esp_entry_use(ike_keylog *log, ike_esp_entry *entry);

#endif
