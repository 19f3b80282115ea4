/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AH (RFC 4302) by SPI: the ICV with the keys of Child SAs, group SAs and key logs. */
#ifndef IKE_AH_TABLE_H
#define IKE_AH_TABLE_H

#include "decrypt/context.h"
#include "decrypt/message.h"

ike_ah_table *ike_ah_table_new(ike_decrypt_context *capture);
void ike_ah_table_free(ike_ah_table *table); /* wipes; NULL is fine */

typedef struct ike_ah_sa ike_ah_sa; /* all keys with one SPI */

/* The SA of an SPI, or NULL when nothing can have its key. O(1). */
ike_ah_sa *ike_ah_table_find(ike_ah_table *table, uint32_t spi);

/* Verifies one packet. Returns whether the ICV is right. */
bool ike_ah_sa_verify(ike_ah_sa *sa, const ike_ah_packet *packet, ike_verified_ah *result);

/* Writes the keys of logs that verified packets with this SPI, one a line. */
void ike_ah_table_write_log_keys(const ike_ah_table *table, uint32_t spi, ike_write_line write,
                                 void *user);

#endif
