/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of ESP and AH by SPI. */
#include "decrypt/keys/esp_keys.h"

#include <string.h>

#include <glib.h>
#include <openssl/crypto.h>

#include "decrypt/crypto/algorithm.h"
#include "proto/keyed_hash.h"

enum { MAX_SECRET = 4096 };

struct ike_esp_keys {
    unsigned revision;
    GHashTable *by_spi; /* SPI -> ike_esp_record, linked */
};

ike_esp_keys *ike_esp_keys_new(void)
{
    ike_esp_keys *keys = g_new0(ike_esp_keys, 1);

    keys->by_spi = g_hash_table_new(ike_hash_number, g_direct_equal);
    return keys;
}

static void free_record(ike_esp_record *record)
{
    OPENSSL_cleanse(record + 1, record->key.encryption.length + record->key.integrity.length);
    g_free(record);
}

/* Frees the records of one source, or all for IKE_SOURCES. Returns those that are left. */
static ike_esp_record *free_records(ike_esp_record *first, ike_key_source source)
{
    ike_esp_record **link = &first;

    while (*link) {
        ike_esp_record *record = *link;

        if (source == IKE_SOURCES || record->origin.source == source) {
            *link = record->next;
            free_record(record);
        } else {
            link = &record->next;
        }
    }
    return first;
}

void ike_esp_keys_clear(ike_esp_keys *keys, ike_key_source source)
{
    GHashTableIter iter;
    gpointer first;

    g_hash_table_iter_init(&iter, keys->by_spi);
    while (g_hash_table_iter_next(&iter, NULL, &first)) {
        ike_esp_record *left = free_records(first, source);

        if (left)
            g_hash_table_iter_replace(&iter, left);
        else
            g_hash_table_iter_remove(&iter);
    }
    keys->revision++;
}

void ike_esp_keys_free(ike_esp_keys *keys)
{
    ike_esp_keys_clear(keys, IKE_SOURCES);
    g_hash_table_destroy(keys->by_spi);
    g_free(keys);
}

unsigned ike_esp_keys_revision(const ike_esp_keys *keys)
{
    return keys->revision;
}

bool ike_esp_keys_add(ike_esp_keys *keys, const ike_key_origin *origin, const ike_esp_key *key)
{
    size_t encryption = key->encryption.length, integrity = key->integrity.length;
    bool keyless = key->has_suite && key->suite.encryption == IKEV2_ENCR_NULL;
    gpointer spi = GUINT_TO_POINTER(key->spi);
    ike_esp_record *record;

    if (encryption > MAX_SECRET || integrity > MAX_SECRET ||
        (encryption + integrity == 0 && !keyless))
        return false;
    record = g_malloc0(sizeof *record + encryption + integrity);
    record->origin = *origin;
    record->key = *key;
    record->key.encryption.data = (uint8_t *)(record + 1);
    record->key.integrity.data = (uint8_t *)(record + 1) + encryption;
    if (encryption)
        memcpy(record + 1, key->encryption.data, encryption);
    if (integrity)
        memcpy((uint8_t *)(record + 1) + encryption, key->integrity.data, integrity);
    /* The newest first: a daemon that starts again may use an SPI again. */
    record->next = g_hash_table_lookup(keys->by_spi, spi);
    g_hash_table_insert(keys->by_spi, spi, record);
    keys->revision++;
    return true;
}

const ike_esp_record *ike_esp_keys_find(const ike_esp_keys *keys, uint32_t spi)
{
    return g_hash_table_size(keys->by_spi)
               ? g_hash_table_lookup(keys->by_spi, GUINT_TO_POINTER(spi))
               : NULL;
}
