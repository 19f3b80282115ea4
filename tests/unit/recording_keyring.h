/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key ring that keeps what it is given as lines of text, so that tests see what readers read. */
#ifndef RECORDING_KEYRING_H
#define RECORDING_KEYRING_H

#include <glib.h>
#include <stdio.h>

#include "decrypt/keylog/key_logs.h"
#include "decrypt/keys/keyring.h"

/* Prints all that was recorded, one line a secret:
 *   set N VERSION SPI_I SPI_R KIND HEX
 *   suite N ENCRYPTION KEY_BITS INTEGRITY PRF GROUP ESN
 *   peer KIND PEER HEX
 *   esp SPI DESTINATION_BYTES ENCRYPTION KEY_BITS INTEGRITY ESN HEX HEX
 *   warning NAME LINE WHY */
void recording_print(ike_keyring *ring, FILE *out);

/* The same as one string, freed with g_free. */
char *recording_text(ike_keyring *ring);

/* How many lines of warnings, and how many secrets of all kinds, came. */
unsigned recording_warnings(const ike_keyring *ring);
unsigned recording_secrets(const ike_keyring *ring);

/* Counts only and keeps nothing: for logs of a million SAs. */
void recording_count_only(ike_keyring *ring);

#endif
