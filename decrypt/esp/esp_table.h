/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All ESP SAs of a capture, by SPI: what was negotiated in it, and what key logs have. */
#ifndef IKE_ESP_TABLE_H
#define IKE_ESP_TABLE_H

#include "decrypt/esp/child.h"
#include "decrypt/message.h"

ike_esp_table *ike_esp_table_new(ike_decrypt_context *capture);
void ike_esp_table_free(ike_esp_table *table); /* wipes; the IKE SAs are gone */

/* Makes both directions of a Child SA known. Its owner keeps it; one that is known already is
 * freed. */
void ike_esp_add_child(ike_child *child);

/* Removes the Child SAs that this IKE SA negotiated, and their keys. */
void ike_esp_remove_children(ike_sa_base *owner);

/* For AH, whose SPIs are in the same stores: the newest Child SA and the newest group key with an
 * SPI; a number that grows with both. */
ike_child *ike_esp_child(ike_esp_table *table, uint32_t spi);
const ike_esp_record *ike_esp_group_keys(const ike_esp_table *table, uint32_t spi);
unsigned ike_esp_table_revision(const ike_esp_table *table);

typedef struct ike_esp_sa ike_esp_sa; /* all Child SAs and keys with one SPI */

/* Adds the key of a group SA that was downloaded in this frame; its bytes are copied. The same
 * again changes nothing. */
void ike_esp_add_group_key(ike_esp_table *table, uint32_t frame, const ike_esp_key *key);

/* The SA of an SPI, or NULL when neither a Child SA nor a key log can have its keys. O(1). */
ike_esp_sa *ike_esp_table_find(ike_esp_table *table, uint32_t spi);

/* Decrypts one packet, given from the SPI on. */
bool ike_esp_sa_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result);

/* Writes the keys of logs that decrypted packets with this SPI, one a line. */
void ike_esp_table_write_log_keys(const ike_esp_table *table, uint32_t spi, ike_write_line write,
                                  void *user);

#endif
