/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the key of a packet came from, and what the key logs hold where there is none. */
#ifndef IKE_SESSION_KEY_LOGS_H
#define IKE_SESSION_KEY_LOGS_H

#include "analysis/tracker/tracker.h"
#include "decrypt/decrypt.h"
#include "dissector/base/packet.h"

/* Adds what decrypted a packet; `source` NULL: nothing is known. */
void ike_add_key_source_item(tvbuff_t *tvb, proto_tree *tree, const char *source);

/* Adds which key of its SA did not decrypt a packet; `refused` NULL: there is none. */
void ike_add_refused_key(tvbuff_t *tvb, proto_tree *tree, const char *refused);

/* The same of a packet of ESP or AH, with what each key log holds. `what`, `spi`: as below. */
void ike_add_esp_refusal(tvbuff_t *tvb, const packet_info *pinfo, proto_tree *tree,
                         const char *what, uint32_t spi, const char *refused);

/* Adds what each key log holds, below a packet that was not decrypted. `what` is what it has no key
 * of: "IKE SA", "ESP SA", `spi` its SPI, for an IKE SA the initiator's. */
void ike_add_key_logs(tvbuff_t *tvb, proto_tree *tree, const char *what, uint64_t spi,
                      uint64_t responder_spi);

/* Records on the first pass that a packet was not decrypted for lack of a key. */
void ike_record_missing_key(const packet_info *pinfo);

/* A capture is opened, whose key logs are in `ring` and whose SAs are in `tracker`. It ends: `warn`
 * gets what each key log holds that was of no use. */
void ike_key_logs_open(const ike_keyring *ring, const ike_tracker *tracker);
void ike_key_logs_close(ike_keyring_warn warn);

/* What a key log holds, and whether that was of no use so far. The caller frees it with g_free. */
char *ike_key_log_judged(const ike_key_log *log);

/* Whether there is a key log. */
bool ike_has_key_logs(void);

void ike_register_key_logs(void);

#endif
