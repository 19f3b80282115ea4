/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One cipher with one key, over OpenSSL's EVP. */
#include "decrypt/crypto/cipher.h"

#include <limits.h>
#include <string.h>

#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "decrypt/crypto/ccm.h"
#include "decrypt/crypto/openssl_context.h"

/* A context of OpenSSL has a kilobyte, and its making takes longer than a message. So a fixed
 * number of them serves all ciphers: each stays keyed for the cipher that it worked for last, until
 * another one needs it. */
typedef struct {
    EVP_CIPHER_CTX *context; /* NULL: not made yet */
    ike_cipher *owner;       /* whose key it has; NULL: none */
    bool recent;             /* used since the hand of the clock came by */

    /* What it is set up for, but for the key. */
    const ike_encr *encr;
    size_t key_length;
} keyed_context;

enum { CONTEXTS = 256 };
static keyed_context contexts[CONTEXTS];
static unsigned hand;

struct ike_cipher {
    const ike_encr *encr;
    EVP_CIPHER *evp;      /* NULL for NULL encryption */
    keyed_context *keyed; /* NULL: none at present */
    uint8_t salt[4];
    uint8_t key_length; /* without salt */
    uint8_t key[];
};

/* CCM that ccm.c has to do: the row names the block cipher itself. */
static bool is_own_ccm(const ike_encr *encr)
{
    return encr->mode == IKE_MODE_CCM && g_str_has_suffix(encr->openssl, "-ECB");
}

static EVP_CIPHER *fetch(const ike_encr *encr, size_t key_length)
{
    const char *mark = strstr(encr->openssl, "%u");
    char name[32];

    if (mark == NULL) {
        g_strlcpy(name, encr->openssl, sizeof name);
    } else {
        g_snprintf(name, sizeof name, "%.*s%u%s", (int)(mark - encr->openssl), encr->openssl,
                   (unsigned)key_length * 8, mark + 2);
    }
    return ike_ossl_cipher(name, encr->legacy);
}

/* ---- contexts -------------------------------------------------------------------------------- */

/* Lengths that have to be known before the key is set. */
static bool set_lengths(const ike_cipher *cipher, EVP_CIPHER_CTX *context)
{
    const ike_encr *encr = cipher->encr;
    int nonce = encr->salt_length + encr->iv_length;

    switch (encr->mode) {
    case IKE_MODE_CBC:
        return EVP_CIPHER_CTX_set_key_length(context, (int)cipher->key_length) == 1;
    case IKE_MODE_CCM:
        return is_own_ccm(encr) ||
               (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, nonce, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, encr->icv_length, NULL) == 1);
    case IKE_MODE_GCM:
    case IKE_MODE_GMAC:
    case IKE_MODE_POLY1305:
        return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, nonce, NULL) == 1;
    case IKE_MODE_CTR:
    case IKE_MODE_NULL:
    case IKE_MODE_UNSUPPORTED:
        break;
    }
    return true;
}

/* Without owner and key. */
static void wipe(keyed_context *keyed)
{
    EVP_CIPHER_CTX_free(keyed->context); /* wipes its key schedule */
    *keyed = (keyed_context){0};
}

/* The context that was not used for the longest time, more or less: each has one round of the hand
 * to be used again. */
static keyed_context *least_recent(void)
{
    keyed_context *keyed;

    for (;;) {
        keyed = &contexts[hand];
        hand = (hand + 1) % CONTEXTS;
        if (!keyed->recent)
            break;
        keyed->recent = false;
    }
    if (keyed->owner != NULL) {
        keyed->owner->keyed = NULL;
        keyed->owner = NULL;
    }
    return keyed;
}

static bool is_set_up(const keyed_context *keyed, const ike_cipher *cipher)
{
    return keyed->context != NULL && keyed->encr == cipher->encr &&
           keyed->key_length == cipher->key_length;
}

static bool set_up(keyed_context *keyed, const ike_cipher *cipher)
{
    unsigned padding = 0; /* EVP_CIPHER_CTX_set_padding would set it again with each IV */
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &padding),
        OSSL_PARAM_construct_end(),
    };

    wipe(keyed);
    keyed->encr = cipher->encr;
    keyed->key_length = cipher->key_length;
    keyed->context = EVP_CIPHER_CTX_new();
    /* CCM of our own only ever encrypts blocks. */
    return keyed->context != NULL &&
           EVP_CipherInit_ex2(keyed->context, cipher->evp, NULL, NULL, is_own_ccm(cipher->encr),
                              parameters) == 1 &&
           set_lengths(cipher, keyed->context);
}

static EVP_CIPHER_CTX *context_of(ike_cipher *cipher)
{
    keyed_context *keyed = cipher->keyed;

    if (keyed == NULL) {
        keyed = least_recent();
        if ((!is_set_up(keyed, cipher) && !set_up(keyed, cipher)) ||
            EVP_CipherInit_ex2(keyed->context, NULL, cipher->key, NULL, -1, NULL) != 1) {
            wipe(keyed);
            ERR_clear_error();
            return NULL;
        }
        keyed->owner = cipher;
        cipher->keyed = keyed;
    }
    keyed->recent = true;
    return keyed->context;
}

void ike_cipher_cleanup(void)
{
    for (unsigned i = 0; i < CONTEXTS; i++)
        wipe(&contexts[i]);
}

/* ---- ciphers --------------------------------------------------------------------------------- */

static ike_status build(ike_cipher *cipher, ike_span key)
{
    const ike_encr *encr = cipher->encr;
    size_t length = key.length - encr->salt_length; /* checked below */

    if (!ike_encr_is_supported(encr))
        return IKE_ERR_ALGORITHM;
    if (key.length < encr->salt_length || length > IKE_MAX_ENCR_KEY ||
        !ike_encr_takes_bits(encr, (unsigned)length * 8))
        return IKE_ERR_KEY_LENGTH;
    if (encr->mode == IKE_MODE_NULL)
        return IKE_OK;
    cipher->key_length = (uint8_t)length;
    memcpy(cipher->key, key.data, length);
    memcpy(cipher->salt, key.data + length, encr->salt_length);
    cipher->evp = fetch(encr, length);
    if (cipher->evp == NULL || context_of(cipher) == NULL)
        return IKE_ERR_NO_CIPHER;
    return IKE_OK;
}

ike_cipher *ike_cipher_new(const ike_encr *encr, ike_span key, ike_status *status)
{
    ike_cipher *cipher = g_malloc0(sizeof *cipher + MIN(key.length, (size_t)IKE_MAX_ENCR_KEY));

    cipher->encr = encr;
    *status = build(cipher, key);
    if (*status != IKE_OK) {
        ike_cipher_free(cipher);
        return NULL;
    }
    return cipher;
}

void ike_cipher_free(ike_cipher *cipher)
{
    if (cipher == NULL)
        return;
    if (cipher->keyed != NULL)
        wipe(cipher->keyed);
    OPENSSL_cleanse(cipher->key, cipher->key_length);
    OPENSSL_cleanse(cipher->salt, sizeof cipher->salt);
    g_free(cipher);
}

/* ---- one message ----------------------------------------------------------------------------- */

/* What goes to OpenSSL as IV: salt and IV, and the counter that starts at 1 (RFC 3686 4). */
static size_t make_nonce(const ike_cipher *cipher, ike_span iv, uint8_t nonce[16])
{
    size_t salt = cipher->encr->salt_length;

    memset(nonce, 0, 16);
    memcpy(nonce, cipher->salt, salt);
    if (iv.length > 0)
        memcpy(nonce + salt, iv.data, iv.length);
    if (cipher->encr->mode == IKE_MODE_CTR)
        nonce[15] = 1;
    return salt + iv.length;
}

static bool feed(EVP_CIPHER_CTX *context, uint8_t *out, ike_span in)
{
    int length;

    return in.length == 0 || EVP_CipherUpdate(context, out, &length, in.data, (int)in.length) == 1;
}

static bool run_plain(EVP_CIPHER_CTX *context, const uint8_t *nonce, ike_span in, uint8_t *out)
{
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    int length;

    return EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, NULL) == 1 &&
           feed(context, out, in) && EVP_CipherFinal_ex(context, rest, &length) == 1;
}

/* GCM, ChaCha20-Poly1305, and GMAC where all is additional data. */
static ike_status run_aead(const ike_cipher *cipher, EVP_CIPHER_CTX *context, const uint8_t *nonce,
                           ike_span aad, ike_span in, uint8_t *out, uint8_t *icv)
{
    bool hidden = cipher->encr->mode != IKE_MODE_GMAC;
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    int length;
    const OSSL_PARAM expected[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, icv,
                                          cipher->encr->icv_length),
        OSSL_PARAM_construct_end(),
    };

    if (EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, expected) != 1 ||
        !feed(context, NULL, aad) || !feed(context, hidden ? out : NULL, in))
        return IKE_ERR_OPENSSL;
    if (EVP_CipherFinal_ex(context, rest, &length) != 1)
        return IKE_ERR_ICV;
    if (!hidden && in.length > 0)
        memmove(out, in.data, in.length);
    return IKE_OK;
}

/* OpenSSL's CCM takes a message in one piece, its length first, and checks the tag on the way. */
static ike_status run_ccm(const ike_cipher *cipher, EVP_CIPHER_CTX *context, const uint8_t *nonce,
                          ike_span aad, ike_span in, uint8_t *out, uint8_t *icv)
{
    static const uint8_t nothing[1];
    uint8_t nowhere[1];
    int length;

    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, cipher->encr->icv_length, icv) != 1 ||
        EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, NULL) != 1 ||
        EVP_CipherUpdate(context, NULL, &length, NULL, (int)in.length) != 1 ||
        !feed(context, NULL, aad))
        return IKE_ERR_OPENSSL;
    return EVP_CipherUpdate(context, in.length > 0 ? out : nowhere, &length,
                            in.length > 0 ? in.data : nothing, (int)in.length) == 1
               ? IKE_OK
               : IKE_ERR_ICV;
}

static ike_status run_own_ccm(const ike_cipher *cipher, EVP_CIPHER_CTX *context, ike_span nonce,
                              ike_span aad, ike_span in, uint8_t *out, const uint8_t *icv)
{
    uint8_t tag[16];
    size_t length = cipher->encr->icv_length;

    if (!ike_ccm_decrypt(context, nonce, aad, in, out, tag, length))
        return IKE_ERR_OPENSSL;
    return CRYPTO_memcmp(icv, tag, length) == 0 ? IKE_OK : IKE_ERR_ICV;
}

static ike_status run(ike_cipher *cipher, ike_span iv, ike_span aad, ike_span in, uint8_t *out,
                      uint8_t *icv)
{
    const ike_encr *encr = cipher->encr;
    uint8_t nonce[16];
    ike_span nonce_span = {nonce, make_nonce(cipher, iv, nonce)};
    EVP_CIPHER_CTX *context = NULL;

    if (encr->mode != IKE_MODE_NULL && (context = context_of(cipher)) == NULL)
        return IKE_ERR_OPENSSL;
    switch (encr->mode) {
    case IKE_MODE_NULL:
        if (in.length > 0)
            memmove(out, in.data, in.length);
        return IKE_OK;
    case IKE_MODE_CBC:
    case IKE_MODE_CTR:
        return run_plain(context, nonce, in, out) ? IKE_OK : IKE_ERR_OPENSSL;
    case IKE_MODE_CCM:
        return is_own_ccm(encr) ? run_own_ccm(cipher, context, nonce_span, aad, in, out, icv)
                                : run_ccm(cipher, context, nonce, aad, in, out, icv);
    case IKE_MODE_GCM:
    case IKE_MODE_GMAC:
    case IKE_MODE_POLY1305:
        return run_aead(cipher, context, nonce, aad, in, out, icv);
    case IKE_MODE_UNSUPPORTED:
        break;
    }
    return IKE_ERR_ALGORITHM;
}

ike_status ike_cipher_decrypt(ike_cipher *cipher, ike_span iv, ike_span aad, ike_span in,
                              ike_span icv, uint8_t *out)
{
    const ike_encr *encr = cipher->encr;
    uint8_t tag[IKE_MAX_BLOCK];

    if (iv.length != encr->iv_length)
        return IKE_ERR_IV_LENGTH;
    if (in.length % encr->block_length != 0 || in.length > INT_MAX || aad.length > INT_MAX)
        return IKE_ERR_DATA_LENGTH;
    if (icv.length != encr->icv_length)
        return IKE_ERR_ICV_LENGTH;
    if (icv.length > 0)
        memcpy(tag, icv.data, icv.length); /* OpenSSL wants it writable */
    ike_status status = run(cipher, iv, aad, in, out, tag);
    if (status != IKE_OK) {
        ERR_clear_error();
        if (in.length > 0)
            OPENSSL_cleanse(out, in.length);
    }
    return status;
}
