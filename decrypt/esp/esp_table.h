/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All ESP SAs of a capture, by SPI: what was negotiated in it, and what key logs have. */
#ifndef IKE_ESP_TABLE_H
#define IKE_ESP_TABLE_H

#include "decrypt/esp/child.h"
#include "decrypt/esp/esp.h"
#include "decrypt/esp/known_directions.h"

ike_esp_table *ike_esp_table_new(ike_decrypt_context *capture);
void ike_esp_table_free(ike_esp_table *table); /* wipes; the IKE SAs are gone */

/* Makes both directions of a Child SA known. Its owner keeps it; one that is known already is
 * freed. */
void ike_esp_add_child(ike_child *child);

/* Removes the Child SAs that this IKE SA negotiated, and their keys. */
void ike_esp_remove_children(ike_sa_base *owner);

/* The newest group key with an SPI. */
const ike_esp_record *ike_esp_group_keys(const ike_esp_table *table, uint32_t spi);

/* Adds the key of a group SA that was downloaded in this frame; its bytes are copied. The same
 * again changes nothing. */
void ike_esp_add_group_key(ike_esp_table *table, uint32_t frame, const ike_esp_key *key);

struct ike_esp_sa {
    ike_esp_table *table;
    bool of_ah;
    uint32_t spi;
    ike_known_directions directions;
    ike_search_memo memo;
    unsigned revision;      /* of the ring when nothing fitted */
    unsigned failures;      /* since then */
    ike_decrypt_status why; /* of the last failure */
    const char *refused;    /* ike_refusal_text() of it */
};

enum {
    IKE_ESP_NEXT_SEQUENCE = 4, /* upper halves of the ESN that are tried: near the last one, or 0 */
    IKE_ESP_ANY_SEQUENCE = 64, /* of an SA whose first packets are not in the capture */
};

/* One packet on which keys are tried. */
typedef struct {
    ike_esp_sa *sa;
    ike_search search;
    const ike_child *child; /* that is tried now; NULL: a key of a group or a log */
    ike_child_use try_child_keys;
    bool (*try_record)(void *user, const ike_esp_record *record);
    void *user; /* of both functions, which return whether the keys fit */
} ike_esp_trial;

/* Tries every key that may be meant, unless that was in vain too often since keys changed. false:
 * sa->why and sa->refused say why. */
bool ike_esp_try_keys(ike_esp_trial *trial);

/* The newest Child SA with the SPI of a packet, and the one before it. */
ike_child *ike_esp_first_child(const ike_esp_sa *sa);

/* Stores keys that fit: puts them before the others of the SPI. `owner` and `of_log` are set by
 * where they come from. */
void ike_esp_store_keys(ike_esp_trial *trial, ike_known_direction *known,
                        const ike_key_origin *origin, const char *algorithm);

/* Whether extended sequence numbers are used with the key of a record. */
ike_esn ike_esp_record_esn(const ike_esp_record *record);

#endif
