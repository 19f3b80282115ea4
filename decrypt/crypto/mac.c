/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Message authentication codes: HMAC over EVP's digests, CMAC by EVP_MAC, XCBC by xcbc.c, GMAC by
 * EVP's GCM. */
#include "decrypt/crypto/mac.h"

#include <string.h>

#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "decrypt/crypto/cipher.h"
#include "decrypt/crypto/openssl_context.h"
#include "decrypt/crypto/xcbc.h"

enum { GMAC_IV = 8, GMAC_TAG = 16, MAX_HMAC_BLOCK = 128 };

struct ike_mac {
    ike_mac_kind kind;
    uint8_t length; /* of the result */
    union {
        const EVP_MD *digest; /* HMAC */
        EVP_MAC_CTX *cmac;    /* copied for each message */
        ike_xcbc *xcbc;
        ike_cipher *gmac;
    };
    uint8_t key_length; /* HMAC */
    uint8_t key[];      /* HMAC: at most a block of the digest */
};

static EVP_MAC_CTX *cmac_keyed(ike_span key)
{
    EVP_MAC *evp = EVP_MAC_fetch(ike_ossl(), "CMAC", NULL);
    EVP_MAC_CTX *context = evp != NULL ? EVP_MAC_CTX_new(evp) : NULL;
    char cipher[] = "AES-128-CBC";
    OSSL_PARAM parameters[2];

    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0);
    parameters[1] = OSSL_PARAM_construct_end();
    if (context != NULL && EVP_MAC_init(context, key.data, key.length, parameters) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    EVP_MAC_free(evp);
    ERR_clear_error();
    return context;
}

/* ---- HMAC (RFC 2104) -------------------------------------------------------------------------
 *
 * OpenSSL's own makes a dozen allocations for each message; ours keeps but the key for each SA. */

static ike_status hmac_set_key(ike_mac *mac, const char *name, ike_span key)
{
    mac->digest = ike_ossl_digest(name, false);
    if (mac->digest == NULL)
        return IKE_ERR_NO_CIPHER;
    size_t block = (size_t)EVP_MD_get_block_size(mac->digest);

    size_t length = (size_t)EVP_MD_get_size(mac->digest);
    if (block > MAX_HMAC_BLOCK || length > IKE_MAX_HASH || length > block)
        return IKE_ERR_OPENSSL;
    mac->length = (uint8_t)length;
    if (key.length > block) {
        mac->key_length = mac->length;
        return ike_ossl_hash(mac->digest, key, NULL, 0, mac->key) ? IKE_OK : IKE_ERR_OPENSSL;
    }
    mac->key_length = (uint8_t)key.length;
    if (key.length > 0)
        memcpy(mac->key, key.data, key.length);
    return IKE_OK;
}

static ike_status hmac_compute(const ike_mac *mac, const ike_span *parts, size_t count,
                               uint8_t *full)
{
    size_t block = (size_t)EVP_MD_get_block_size(mac->digest);
    uint8_t inner[MAX_HMAC_BLOCK], outer[MAX_HMAC_BLOCK];
    const ike_span inner_hash = {full, (size_t)EVP_MD_get_size(mac->digest)};

    memset(inner, 0x36, block);
    memset(outer, 0x5c, block);
    for (size_t i = 0; i < mac->key_length; i++) {
        inner[i] ^= mac->key[i];
        outer[i] ^= mac->key[i];
    }
    bool ok = ike_ossl_hash(mac->digest, (ike_span){inner, block}, parts, count, full) &&
              ike_ossl_hash(mac->digest, (ike_span){outer, block}, &inner_hash, 1, full);

    OPENSSL_cleanse(inner, block);
    OPENSSL_cleanse(outer, block);
    return ok ? IKE_OK : IKE_ERR_OPENSSL;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static ike_status build(ike_mac *mac, const char *digest, ike_span key)
{
    switch (mac->kind) {
    case IKE_MAC_NONE:
        return IKE_OK;
    case IKE_MAC_HMAC:
        return hmac_set_key(mac, digest, key);
    case IKE_MAC_CMAC:
        if (key.length != 16)
            return IKE_ERR_KEY_LENGTH;
        mac->cmac = cmac_keyed(key);
        break;
    case IKE_MAC_XCBC:
        if (key.length != IKE_XCBC_LENGTH)
            return IKE_ERR_KEY_LENGTH;
        mac->xcbc = ike_xcbc_new(key.data);
        mac->length = IKE_XCBC_LENGTH;
        return mac->xcbc != NULL ? IKE_OK : IKE_ERR_OPENSSL;
    case IKE_MAC_GMAC: {
        ike_status status;

        mac->gmac = ike_cipher_new(ike_encr_find(IKEV2_ENCR_NULL_AUTH_AES_GMAC), key, &status);
        return status;
    }
    }
    if (mac->cmac == NULL)
        return IKE_ERR_NO_CIPHER;
    size_t length = EVP_MAC_CTX_get_mac_size(mac->cmac);
    mac->length = (uint8_t)length;
    return length > 0 && length <= IKE_MAX_HASH ? IKE_OK : IKE_ERR_OPENSSL;
}

ike_mac *ike_mac_new_full(ike_mac_kind kind, const char *digest, ike_span key, ike_status *status)
{
    size_t key_space = kind == IKE_MAC_HMAC ? MIN(key.length, (size_t)MAX_HMAC_BLOCK) : 0;
    ike_mac *mac = g_malloc0(sizeof *mac + key_space);

    mac->kind = kind;
    *status = build(mac, digest, key);
    if (*status != IKE_OK) {
        ike_mac_free(mac);
        return NULL;
    }
    return mac;
}

ike_mac *ike_mac_new(const ike_integ *integ, ike_span key, ike_status *status)
{
    ike_mac *mac;

    if (integ->kind != IKE_MAC_NONE && key.length != integ->key_length) {
        *status = IKE_ERR_KEY_LENGTH;
        return NULL;
    }
    mac = ike_mac_new_full(integ->kind, integ->digest, key, status);
    if (mac != NULL)
        mac->length = integ->icv_length;
    return mac;
}

void ike_mac_free(ike_mac *mac)
{
    if (mac == NULL)
        return;
    switch (mac->kind) {
    case IKE_MAC_NONE:
        break;
    case IKE_MAC_HMAC:
        OPENSSL_cleanse(mac->key, mac->key_length);
        break;
    case IKE_MAC_CMAC:
        EVP_MAC_CTX_free(mac->cmac);
        break;
    case IKE_MAC_XCBC:
        ike_xcbc_free(mac->xcbc);
        break;
    case IKE_MAC_GMAC:
        ike_cipher_free(mac->gmac);
        break;
    }
    g_free(mac);
}

size_t ike_mac_length(const ike_mac *mac)
{
    return mac->length;
}

static ike_status cmac_compute(ike_mac *mac, const ike_span *parts, size_t count, uint8_t *full)
{
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(mac->cmac);
    bool ok = context != NULL;
    size_t length;

    for (size_t i = 0; ok && i < count; i++)
        ok = parts[i].length == 0 || EVP_MAC_update(context, parts[i].data, parts[i].length) == 1;
    ok = ok && EVP_MAC_final(context, full, &length, IKE_MAX_HASH) == 1;
    EVP_MAC_CTX_free(context);
    ERR_clear_error();
    return ok ? IKE_OK : IKE_ERR_OPENSSL;
}

ike_status ike_mac_compute(ike_mac *mac, const ike_span *parts, size_t count, uint8_t *out)
{
    uint8_t full[IKE_MAX_HASH];
    ike_status status;

    switch (mac->kind) {
    case IKE_MAC_HMAC:
        status = hmac_compute(mac, parts, count, full);
        break;
    case IKE_MAC_CMAC:
        status = cmac_compute(mac, parts, count, full);
        break;
    case IKE_MAC_XCBC:
        status = ike_xcbc_compute(mac->xcbc, parts, count, full) ? IKE_OK : IKE_ERR_OPENSSL;
        break;
    default:
        return IKE_ERR_ARGUMENT;
    }
    if (status == IKE_OK)
        memcpy(out, full, mac->length);
    OPENSSL_cleanse(full, sizeof full);
    return status;
}

/* GMAC authenticates one run of bytes: the parts are joined. */
static ike_status gmac_verify(ike_mac *mac, const ike_span *parts, size_t count, ike_span icv)
{
    ike_span iv = {icv.data, GMAC_IV}, tag = {icv.data + GMAC_IV, GMAC_TAG};
    GByteArray *all = g_byte_array_new();
    ike_status status;

    for (size_t i = 0; i < count; i++)
        if (parts[i].length > 0)
            g_byte_array_append(all, parts[i].data, (guint)parts[i].length);
    status = ike_cipher_decrypt(mac->gmac, iv, (ike_span){all->data, all->len}, (ike_span){NULL, 0},
                                tag, NULL);
    g_byte_array_unref(all);
    return status;
}

ike_status ike_mac_verify(ike_mac *mac, const ike_span *parts, size_t count, ike_span icv)
{
    uint8_t own[IKE_MAX_HASH];
    ike_status status;

    if (icv.length != mac->length)
        return IKE_ERR_ICV_LENGTH;
    if (mac->kind == IKE_MAC_NONE)
        return IKE_OK;
    if (mac->kind == IKE_MAC_GMAC)
        return gmac_verify(mac, parts, count, icv);
    status = ike_mac_compute(mac, parts, count, own);
    if (status == IKE_OK && CRYPTO_memcmp(own, icv.data, icv.length) != 0)
        status = IKE_ERR_ICV;
    return status;
}
