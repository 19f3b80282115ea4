/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of IKE SAs as pluto gives them, in rows for tcpdump and Wireshark:
 *
 *   ikev2 I 0xSPI 0xSPI sha256:0xSK_AI aes256:0xSK_EI     (R: SK_ar, SK_er)
 *
 * The salt of AEAD ciphers is not in them. With "crypt" it stands where the cipher was made ready,
 * long before, and so do SK_pi and SK_pr; the address of the key object in NSS ties the two
 * together. */
#ifndef IKE_KEYLOG_PLUTO_ROW_H
#define IKE_KEYLOG_PLUTO_ROW_H

#include "decrypt/keylog/reader.h"

enum { PLUTO_DERIVATIONS = 64, PLUTO_SALT_MAX = 4, PLUTO_SK_P_MAX = 64 };

/* What pluto logs when it derives keys, stored until the row with the keys comes. */
typedef struct {
    uint64_t key[2]; /* address of SK_ei, SK_er or the other way round; 0 none */
    uint8_t salt[2][PLUTO_SALT_MAX];
    size_t salt_length[2];
    uint8_t sk_p[2][PLUTO_SK_P_MAX]; /* initiator, responder */
    size_t sk_p_length[2];
} pluto_derivation;

/* All zero but `log` at first. */
typedef struct {
    ike_keylog *log;
    pluto_derivation derivations[PLUTO_DERIVATIONS];
    unsigned newest;
    uint64_t key; /* address of the key that is taken out of NSS; 0 none */
    uint64_t spi_i, spi_r;
    ike_set_id set;  /* of the last row */
    bool lacks_salt; /* that has been reported */
} pluto_rows;

/* SK_pi (side 0) or SK_pr (1). */
void pluto_store_sk_p(pluto_rows *rows, unsigned side, ike_span secret);

/* "AES_GCM_16 encrypt fill wire IV symkey 0xADDRESS, salt: ": *salt when one follows. */
void pluto_store_cipher(pluto_rows *rows, ike_text text, bool *salt);
void pluto_store_salt(pluto_rows *rows, ike_span salt);

/* A row; `text` is behind "ikev2 ". */
void pluto_use_row(pluto_rows *rows, ike_text text);

#endif
