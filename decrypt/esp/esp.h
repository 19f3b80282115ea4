/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of ESP and AH with the keys of Child SAs, group SAs and key logs. */
#ifndef IKE_DECRYPT_ESP_H
#define IKE_DECRYPT_ESP_H

#include "decrypt/message.h"

typedef struct ike_decrypt_context ike_decrypt_context; /* what all SAs of a capture share */
typedef struct ike_esp_sa ike_esp_sa; /* all Child SAs and keys of ESP or of AH with one SPI */

/* The SA of a packet by its SPI, NULL when nothing can have its key. `protocol` is IKEv2's number.
 * O(1). Looks into all Child SAs negotiated so far and the ring's keys; the ICV distinguishes SAs
 * with the same SPI. */
ike_esp_sa *ike_esp_find(ike_decrypt_context *context, uint8_t protocol, uint32_t spi);

/* Decrypts one ESP packet (RFC 4303), `packet` from the SPI on. */
bool ike_esp_decrypt(ike_esp_sa *sa, ike_span packet, ike_decrypted_esp *result);

/* Verifies the ICV of one AH packet (RFC 4302). An ICV that is wrong under a key of a log may have
 * another key. */
bool ike_ah_verify(ike_esp_sa *sa, const ike_ah_packet *packet, ike_verified_ah *result);

/* Writes the ESP and AH keys that stand in key logs, not derived from an IKE SA: those that
 * decrypted or verified packets with this SPI. One a line. */
void ike_esp_write_log_keys(const ike_decrypt_context *context, uint32_t spi, ike_write_line write,
                            void *user);

#endif
