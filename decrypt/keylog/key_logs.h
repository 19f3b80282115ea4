/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs as their users see them. */
#ifndef IKE_KEY_LOGS_H
#define IKE_KEY_LOGS_H

#include <stddef.h>

#include "decrypt/keys/key_sources.h"

/* Text in any of the key log formats (docs/keylog.md), a piece at a time: whole lines are used, the
 * rest waits for the next piece. `name` is for warnings. */
void ike_keyring_add_text(ike_keyring *ring, ike_key_source source, const char *name,
                          const char *text, size_t length, bool last);

/* Reads the key log file at `path` from where the last call ended (from the start when it shrank or
 * was replaced). Costs one stat when nothing changed. false: the file cannot be read (warned once).
 */
bool ike_keyring_follow_file(ike_keyring *ring, const char *path);

#endif
