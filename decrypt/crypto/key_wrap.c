/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decrypt/crypto/key_wrap.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "decrypt/crypto/openssl_context.h"

/* A wrapped key has at least two halves of a block (RFC 5649 4.1). */
enum { HALF = 8, LEAST = 2 * HALF, MOST = 4096 };

static const char *name_of(size_t key_length)
{
    switch (key_length) {
    case 16:
        return "AES-128-WRAP-PAD";
    case 24:
        return "AES-192-WRAP-PAD";
    case 32:
        return "AES-256-WRAP-PAD";
    default:
        return NULL;
    }
}

static ike_status unwrap(EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher, ike_span kek,
                         ike_span wrapped, ike_secret *key)
{
    uint8_t *plain = g_malloc(wrapped.length + HALF);
    ike_status status = IKE_ERR_ICV;
    int length = 0;

    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_DecryptInit_ex2(context, cipher, kek.data, NULL, NULL) != 1) {
        status = IKE_ERR_OPENSSL;
    } else if (EVP_DecryptUpdate(context, plain, &length, wrapped.data, (int)wrapped.length) == 1 &&
               length > 0) {
        ike_secret_set(key, (ike_span){plain, (size_t)length});
        status = IKE_OK;
    }
    OPENSSL_cleanse(plain, wrapped.length + HALF);
    g_free(plain);
    return status;
}

ike_status ike_key_unwrap(ike_span kek, ike_span wrapped, ike_secret *key)
{
    const char *name = name_of(kek.length);
    const EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *context;
    ike_status status = IKE_ERR_NO_CIPHER;

    if (!name)
        return IKE_ERR_KEY_LENGTH;
    if (wrapped.length < LEAST || wrapped.length > MOST || wrapped.length % HALF)
        return IKE_ERR_DATA_LENGTH;
    cipher = ike_ossl_cipher(name, false);
    context = EVP_CIPHER_CTX_new();
    if (cipher && context)
        status = unwrap(context, cipher, kek, wrapped, key);
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    return status;
}
