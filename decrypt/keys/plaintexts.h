/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of which a log has the plaintext, as pluto's has where NSS keeps the keys. One is found
 * by what was sent, all of it: what is found was decrypted by the daemon of the log. */
#ifndef IKE_PLAINTEXTS_H
#define IKE_PLAINTEXTS_H

#include <stdint.h>

#include "proto/ike_span.h"

/* The name of a message: the first 16 bytes of its SHA-256, as two numbers. `message`: from the IKE
 * header to its end, without non-ESP marker. */
void ike_plaintext_name(ike_span message, uint64_t name[2]);

#endif
