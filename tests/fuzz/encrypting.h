/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IKE SAs whose keys the fuzz targets know, and the encrypting of messages with them: inputs hold
 * plaintext, so that a mutation of it gets behind decryption. */
#ifndef IKE_FUZZ_ENCRYPTING_H
#define IKE_FUZZ_ENCRYPTING_H

#include <glib.h>

#include "decrypt/keys/keyring.h"
#include "fuzz.h"

enum { FUZZ_SAS = 8, FUZZ_V1_COOKIE_I = 0x51, FUZZ_V1_COOKIE_R = 0x52 };

/* Puts the keys of all known IKE SAs (of IKEv2: FUZZ_SAS of them; IKEv1: one) into a ring. */
void fuzz_add_keys(ike_keyring *ring);

/* The SPIs of a known IKEv2 SA; they go by its number modulo FUZZ_SAS. */
uint64_t fuzz_spi_i(unsigned sa);
uint64_t fuzz_spi_r(unsigned sa);

/* Appends an IKEv2 message with the plaintext encrypted in SK, or in SKF when fragments > 0. */
typedef struct {
    unsigned sa;
    uint8_t exchange, flags; /* of the header */
    uint32_t message_id;
    uint8_t first; /* type of the first payload inside */
    uint16_t fragment, fragments;
} fuzz_encrypted;
void fuzz_encrypt(const fuzz_encrypted *how, const uint8_t *plain, size_t length, GByteArray *out);

/* IKEv1: the IVs of one conversation. All zero at first. */
typedef struct {
    bool started;
    uint8_t phase1[16];
    struct {
        uint32_t message_id;
        uint8_t iv[16];
    } later[8];
    unsigned later_count;
} fuzz_v1;

/* The plain messages 1 to 4 of main mode, number 0 to 3, without which there is no IV. */
void fuzz_v1_plain(unsigned number, GByteArray *out);

/* Appends a message with the E flag, encrypted with the IV that comes next for its message ID. */
void fuzz_v1_encrypt(fuzz_v1 *state, uint8_t exchange, uint32_t message_id, uint8_t first,
                     const uint8_t *plain, size_t length, GByteArray *out);

#endif
