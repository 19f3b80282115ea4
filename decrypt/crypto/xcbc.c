/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-XCBC-MAC over OpenSSL's AES-128-ECB, RFC 3566 section 4. */
#include "decrypt/crypto/xcbc.h"

#include <string.h>

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "decrypt/crypto/openssl_context.h"

enum { BLOCK = IKE_XCBC_LENGTH };

struct ike_xcbc {
    EVP_CIPHER_CTX *k1;
    uint8_t k2[BLOCK]; /* for a last block that is full */
    uint8_t k3[BLOCK]; /* for a last block that was padded */
};

static bool encrypt_block(EVP_CIPHER_CTX *context, const uint8_t *in, uint8_t *out)
{
    int length;

    return EVP_EncryptUpdate(context, out, &length, in, BLOCK) == 1 && length == BLOCK;
}

static EVP_CIPHER_CTX *aes_ecb(const uint8_t *key)
{
    EVP_CIPHER *aes = ike_ossl_cipher("AES-128-ECB", false);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    if (aes == NULL || context == NULL || EVP_EncryptInit_ex2(context, aes, key, NULL, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(context, 0) != 1) {
        EVP_CIPHER_CTX_free(context);
        context = NULL;
        ERR_clear_error();
    }
    return context;
}

/* Key n is the block of n's, encrypted. */
static bool derive(EVP_CIPHER_CTX *context, uint8_t n, uint8_t *key)
{
    uint8_t constant[BLOCK];

    memset(constant, n, BLOCK);
    return encrypt_block(context, constant, key);
}

ike_xcbc *ike_xcbc_new(const uint8_t key[IKE_XCBC_LENGTH])
{
    ike_xcbc *xcbc = g_new0(ike_xcbc, 1);
    EVP_CIPHER_CTX *context = aes_ecb(key);
    uint8_t k1[BLOCK];

    if (context != NULL && derive(context, 1, k1) && derive(context, 2, xcbc->k2) &&
        derive(context, 3, xcbc->k3))
        xcbc->k1 = aes_ecb(k1);
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(k1, sizeof k1);
    if (xcbc->k1 == NULL) {
        ike_xcbc_free(xcbc);
        return NULL;
    }
    return xcbc;
}

void ike_xcbc_free(ike_xcbc *xcbc)
{
    if (xcbc != NULL) {
        EVP_CIPHER_CTX_free(xcbc->k1);
        OPENSSL_cleanse(xcbc, sizeof *xcbc);
        g_free(xcbc);
    }
}

bool ike_xcbc_compute(ike_xcbc *xcbc, const ike_span *parts, size_t count,
                      uint8_t out[IKE_XCBC_LENGTH])
{
    uint8_t state[BLOCK] = {0};
    const uint8_t *last_key;
    size_t filled = 0;
    bool ok = true;

    for (size_t p = 0; p < count; p++) {
        for (size_t i = 0; i < parts[p].length; i++) {
            if (filled == BLOCK) { /* more comes, so this block was not the last one */
                ok = ok && encrypt_block(xcbc->k1, state, state);
                filled = 0;
            }
            state[filled++] ^= parts[p].data[i];
        }
    }
    last_key = filled == BLOCK ? xcbc->k2 : xcbc->k3;
    if (filled < BLOCK)
        state[filled] ^= 0x80;
    for (size_t i = 0; i < BLOCK; i++)
        state[i] ^= last_key[i];
    ok = ok && encrypt_block(xcbc->k1, state, out);
    OPENSSL_cleanse(state, sizeof state);
    return ok;
}
