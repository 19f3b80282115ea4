/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys as lines of the plugin's own key log format (docs/keylog.md), for those who shall read a
 * capture without the secrets that its keys were derived from. */
#ifndef IKE_KEY_LINES_H
#define IKE_KEY_LINES_H

#include "decrypt/context.h"
#include "decrypt/message.h"

/* "LABEL SPI_I SPI_R KEY" of an IKE SA; nothing for an empty key. */
void ike_write_sa_key(const ike_sa_base *sa, const char *label, const ike_secret *key,
                      ike_write_line write, void *user);

/* "IKE_PLAINTEXT NAME VALUE" of the messages of an IKE SA that no key decrypted. */
void ike_write_plaintexts(const ike_sa_base *sa, ike_write_line write, void *user);

/* "ESP_KEY SPI ENCRYPTION KEY INTEGRITY KEY", or AH_KEY for protocol 2, of one direction. */
void ike_write_key_line(uint8_t protocol, uint32_t spi, const ike_algorithms *algorithms,
                        ike_span encryption, ike_span integrity, ike_write_line write, void *user);

/* The same of the Child SAs of which a packet was decrypted. */
void ike_write_child_keys(const ike_sa_base *sa, ike_write_line write, void *user);

/* The same of a key that no Child SA has; nothing when its algorithms are not known. */
void ike_write_esp_key(const ike_esp_key *key, ike_write_line write, void *user);

#endif
