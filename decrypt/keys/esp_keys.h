/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of ESP and AH by SPI, as key logs have them. */
#ifndef IKE_ESP_KEYS_H
#define IKE_ESP_KEYS_H

#include "decrypt/crypto/suite.h"
#include "decrypt/keys/origin.h"
#include "proto/ike_span.h"

/* Keys of one direction of a Child SA. */
typedef struct {
    uint8_t protocol;    /* 2 AH, 3 ESP, 0 unknown */
    uint32_t spi;        /* 0: unknown, tried */
    bool has_suite;      /* encryption, key_bits, integrity below are known */
    ike_suite suite;     /* IKEv2 numbers; integrity 0 none or AEAD, or IKE_INTEGRITY_ANY + bits */
    bool esn_known;      /* suite.esn is */
    ike_span encryption; /* key and salt. With `integrity` empty it may be the whole KEYMAT of the
                            direction: it is split where the algorithms say */
    ike_span integrity;
} ike_esp_key;

typedef struct ike_esp_record ike_esp_record;
struct ike_esp_record {
    ike_esp_record *next; /* same SPI (or SPI 0), added before */
    ike_key_origin origin;
    ike_esp_key key; /* its spans point behind the record */
};

typedef struct ike_esp_keys ike_esp_keys;

ike_esp_keys *ike_esp_keys_new(void);
void ike_esp_keys_free(ike_esp_keys *keys); /* wipes */
void ike_esp_keys_clear(ike_esp_keys *keys, ike_key_source source);
unsigned ike_esp_keys_revision(const ike_esp_keys *keys);

/* Adds one direction. A second record with the same SPI is a candidate beside the first: the ICV
 * decides. false: no key though the algorithms are not NULL encryption, or too long. */
bool ike_esp_keys_add(ike_esp_keys *keys, const ike_key_origin *origin, const ike_esp_key *key);

/* The records of an SPI, the newest first; NULL when there is none. */
const ike_esp_record *ike_esp_keys_find(const ike_esp_keys *keys, uint32_t spi);

#endif
