/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SAs that a log of names is about: SPIs, and the secrets before or behind them. */
#ifndef IKE_KEYLOG_NAMED_SPI_H
#define IKE_KEYLOG_NAMED_SPI_H

#include "decrypt/keylog/esp_entry.h"

/* All zero but `log` at first. */
typedef struct {
    ike_keylog *log;
    ike_set_id set; /* under way; 0 none */
    bool bound;     /* the set is */
    bool behind;    /* this log prints SPIs behind the keys */
    uint64_t spi_i, spi_r;
    uint64_t next_r;   /* of the IKE SA whose initiator's SPI comes next; 0 none */
    bool used;         /* the SPIs are those of a set */
    bool complete;     /* a secret stands behind them: no more SPIs of that IKE SA follow */
    ike_esp_entry ike; /* the algorithms of the IKE SA */
    bool in_esp;       /* what follows is of an ESP SA */
    unsigned esp_line;
    ike_esp_entry esp;
} named_sas;

/* The SPIs in a piece of a line that speaks of SPIs or cookies: 16 hex digits are of an IKE SA, up
 * to 8 (or 16 with 8 zeros) of an ESP SA. false: there are none. */
bool named_read_spis(named_sas *sas, ike_text text);

/* Whether the words SPI, cookie or CKY are in the text. */
bool named_speaks_of_spis(ike_text text);

void named_put_secret(named_sas *sas, uint8_t version, ike_secret_kind kind, ike_span secret);
void named_put_keymat(named_sas *sas, ike_span keymat);
void named_put_esp_key(named_sas *sas, bool of_integrity, ike_span key);

/* "Encryption Algorithm: 12", a transform ID or a name; `text` is behind the words. */
void named_put_algorithm(named_sas *sas, bool of_integrity, ike_text text);

/* The log rests: the ESP SA under way is handed on. */
void named_end(named_sas *sas);

#endif
