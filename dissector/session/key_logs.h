/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the key of a packet came from, and what the key logs hold where there is none. */
#ifndef IKE_SESSION_KEY_LOGS_H
#define IKE_SESSION_KEY_LOGS_H

#include "dissector/base/packet.h"

/* Adds what decrypted a packet; `source` NULL: nothing is known. */
void ike_add_key_source_item(tvbuff_t *tvb, proto_tree *tree, const char *source);

/* Adds what each key log holds, below a packet that was not decrypted. `what` is what it has no key
 * of: "IKE SA", "ESP SA". */
void ike_add_key_logs(tvbuff_t *tvb, proto_tree *tree, const char *what);

/* Whether there is a key log. */
bool ike_has_key_logs(void);

void ike_register_key_logs(void);

#endif
