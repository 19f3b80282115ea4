/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a key log held, counted while it is read. */
#ifndef IKE_KEYLOG_SUMMARY_H
#define IKE_KEYLOG_SUMMARY_H

#include <glib.h>

#include "decrypt/keylog/key_logs.h"
#include "decrypt/keys/keyring.h"

/* All zero at first. */
typedef struct {
    ike_key_log counts;             /* its name and failure are the log's */
    GHashTable *ike_sas, *esp_spis; /* seen: SPI pairs, SPIs; NULL until the first */
    GHashTable *bound, *unbound;    /* sets */
    GHashTable
        *secrets; /* hashes of PSKs and the like, and of ESP keys without SPI: logs repeat them */
} ike_keylog_summary;

/* Returns whether these SPIs are new. */
bool ike_summary_bind(ike_keylog_summary *summary, ike_set_id set, uint64_t initiator_spi,
                      uint64_t responder_spi);
/* `set`: 0 where the key ring chose one. */
void ike_summary_secret(ike_keylog_summary *summary, ike_set_id set, ike_secret_kind kind);
void ike_summary_peer(ike_keylog_summary *summary, ike_peer_kind kind, ike_span secret);
/* Likewise, or whether the key without SPI is. */
bool ike_summary_esp(ike_keylog_summary *summary, uint32_t spi, ike_span encryption,
                     ike_span integrity);

/* The counts with those of the tables. */
const ike_key_log *ike_summary_counts(ike_keylog_summary *summary);

void ike_summary_clear(ike_keylog_summary *summary);

#endif
