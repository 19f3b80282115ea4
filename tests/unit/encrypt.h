/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encryption by OpenSSL alone: what the plugin, which only decrypts, is to decrypt. */
#ifndef ENCRYPT_H
#define ENCRYPT_H

#include <string.h>

#include <glib.h>
#include <openssl/evp.h>

#include "decrypt/crypto/algorithm.h"
#include "proto/ike_span.h"

static inline EVP_CIPHER *openssl_cipher(const ike_encr *encr, size_t key_length)
{
    char **halves = g_strsplit(encr->openssl, "%u", 2);
    char *name =
        halves[1] ? g_strdup_printf("%s%zu%s", halves[0], key_length * 8, halves[1]) : NULL;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name ? name : encr->openssl, NULL);

    g_free(name);
    g_strfreev(halves);
    g_assert(cipher);
    return cipher;
}

/* `key` with its salt; `out` has in.length bytes, `icv` those of an AEAD. */
static inline void encrypt(const ike_encr *encr, ike_span key, ike_span iv, ike_span aad,
                           ike_span in, uint8_t *out, uint8_t *icv)
{
    size_t key_length = key.length - encr->salt_length;
    EVP_CIPHER *cipher = openssl_cipher(encr, key_length);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length, tag = encr->icv_length, nonce_length = (int)(encr->salt_length + iv.length);
    uint8_t nonce[16] = {0}, rest[EVP_MAX_BLOCK_LENGTH];

    memcpy(nonce, key.data + key_length, encr->salt_length);
    memcpy(nonce + encr->salt_length, iv.data, iv.length);
    nonce[15] |= encr->mode == IKE_MODE_CTR; /* RFC 3686 4 */
    g_assert(EVP_EncryptInit_ex2(context, cipher, NULL, NULL, NULL));
    EVP_CIPHER_CTX_set_padding(context, 0);
    g_assert(!tag ||
             EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, nonce_length, NULL) == 1);
    if (encr->mode == IKE_MODE_CCM)
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag, NULL);
    g_assert(EVP_EncryptInit_ex2(context, NULL, key.data, nonce, NULL));
    if (encr->mode == IKE_MODE_CCM)
        g_assert(EVP_EncryptUpdate(context, NULL, &length, NULL, (int)in.length));
    if (tag && aad.length)
        g_assert(EVP_EncryptUpdate(context, NULL, &length, aad.data, (int)aad.length));
    if (in.length)
        g_assert(EVP_EncryptUpdate(context, out, &length, in.data, (int)in.length));
    g_assert(EVP_EncryptFinal_ex(context, rest, &length));
    g_assert(!tag || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag, icv) == 1);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
}

#endif
