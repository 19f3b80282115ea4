/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenSSL library contexts of the plugin: its own, so that neither the system's openssl.cnf nor
 * another user of libcrypto in the same process decides which algorithms a capture may use. */
#ifndef IKE_OSSL_H
#define IKE_OSSL_H

#include <stdbool.h>

#include <openssl/types.h>

/* With the default provider. Made on first use; lives until ike_ossl_cleanup(). */
OSSL_LIB_CTX *ike_ossl(void);

/* With the legacy provider (DES, Blowfish, CAST), or NULL where the system has none. */
OSSL_LIB_CTX *ike_ossl_legacy(void);

/* An algorithm by OpenSSL's name, NULL where there is none. Looked up once, which takes OpenSSL
 * longer than a message; owned here, until ike_ossl_cleanup(). */
EVP_CIPHER *ike_ossl_cipher(const char *name, bool from_legacy);
EVP_MD *ike_ossl_digest(const char *name);

/* Unloads both. Only when nothing made with them is alive; they are loaded again when asked for. */
void ike_ossl_cleanup(void);

#endif
