/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs as their users see them. */
#ifndef IKE_KEY_LOGS_H
#define IKE_KEY_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decrypt/keys/key_sources.h"

/* Text in any of the key log formats (docs/keylog.md), a piece at a time: complete lines are used,
 * the rest waits for the next piece. `name` is for warnings. */
void ike_keyring_add_text(ike_keyring *ring, ike_key_source source, const char *name,
                          const char *text, size_t length, bool last);

/* Reads key logs from where the last call ended (from the start when one shrank or was replaced).
 * `path` is a file, files with ';' between, or a folder. Costs one stat per file when nothing
 * changed. false: one of them cannot be read (warned once). */
bool ike_keyring_follow_file(ike_keyring *ring, const char *path);

/* ---- what the key logs hold ------------------------------------------------------------------ */

enum { IKE_KEY_LOG_SPIS = 4 }; /* of the first SAs of a kind */

/* One key log. Its strings are as long as the log is read. */
typedef struct {
    const char *name;    /* of the file; "Decryption Secrets Block" */
    const char *failure; /* why it cannot be read; NULL: it can */
    const char *hint;    /* what it is, when it holds no key; NULL: not known */
    unsigned lines;
    bool binary;              /* there are NUL bytes in it */
    bool used;                /* a secret of it decrypted or verified something */
    unsigned ike_sas;         /* with secrets that are bound to SPIs */
    unsigned unbound_ike_sas; /* with secrets that are bound to nothing, and tried */
    unsigned esp_sas;         /* SPIs of ESP and AH with keys */
    unsigned unbound_esp_sas; /* keys of ESP and AH without SPI */
    unsigned psks, ppks, passwords, shared_secrets, private_values;
    unsigned plaintexts;                /* of messages that the daemon decrypted or encrypted */
    uint64_t spis[IKE_KEY_LOG_SPIS][2]; /* of IKE SAs: initiator and responder, 0 unknown */
    uint32_t esp_spis[IKE_KEY_LOG_SPIS];
    const void *all_ike_sas, *all_esp_spis; /* for the functions below */
} ike_key_log;

typedef void ike_key_log_use(void *user, const ike_key_log *log);

/* Calls `use` for each key log that was looked at, files before Decryption Secrets Blocks. */
void ike_keyring_each_key_log(const ike_keyring *ring, ike_key_log_use *use, void *user);

/* Whether it has secrets for the IKE SA with these SPIs (cookies), in whatever order it names them;
 * keys for this ESP or AH SPI. */
bool ike_key_log_has_ike_sa(const ike_key_log *log, uint64_t initiator_spi, uint64_t responder_spi);
bool ike_key_log_has_esp_spi(const ike_key_log *log, uint32_t spi);

/* Whether nothing was recognised in it. */
bool ike_key_log_is_empty(const ike_key_log *log);

/* What it holds: "keys of 1 IKE SA, 2 ESP SAs (310 lines; IKE SA dccc908456cfc798 5704dca871c3a0ec;
 * ESP SAs 0xc1a2b3c4, 0xc5d6e7f8)", with `judgement` before the bracket; "no key recognized in
 * 12000 lines: see docs/keylog.md"; why it cannot be read. The caller frees it with g_free. */
char *ike_key_log_text(const ike_key_log *log, const char *judgement);

#endif
