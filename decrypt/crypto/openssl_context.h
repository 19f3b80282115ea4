/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The OpenSSL library contexts of the plugin: its own, so that neither the system's openssl.cnf nor
 * another user of libcrypto in the same process decides which algorithms a capture may use. */
#ifndef IKE_OSSL_H
#define IKE_OSSL_H

#include <stdbool.h>

#include <openssl/types.h>

#include "proto/ike_span.h"

/* With the default provider. Made on first use; lives until ike_ossl_cleanup(). */
OSSL_LIB_CTX *ike_ossl(void);

/* An algorithm by its name in the default or the legacy provider (DES, Blowfish, CAST, MD4); NULL
 * where there is none. Looked up once, which takes OpenSSL longer than a message; owned here, until
 * ike_ossl_cleanup(). */
EVP_CIPHER *ike_ossl_cipher(const char *name, bool from_legacy);
EVP_MD *ike_ossl_digest(const char *name, bool from_legacy);

/* The digest over `first`, which may be empty, and `parts`. `out` takes as many bytes as the digest
 * has. false: `digest` is NULL, or OpenSSL refused. */
bool ike_ossl_hash(const EVP_MD *digest, ike_span first, const ike_span *parts, size_t count,
                   uint8_t *out);

/* Unloads both. Only when nothing made with them is alive; they are loaded again when asked for. */
void ike_ossl_cleanup(void);

#endif
