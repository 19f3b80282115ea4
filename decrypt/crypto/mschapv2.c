/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EAP-MSCHAPv2: the password's hash, the NT response, the keys. */
#include "decrypt/crypto/mschapv2.h"

#include <string.h>

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "decrypt/crypto/openssl_context.h"
#include "proto/network_order.h"

enum {
    CHALLENGE = 16,
    NT_HASH = 16,
    NT_RESPONSE = 24,
    MASTER_KEY = 16,
    MSK = 64,
    SHA1 = 20,
    /* EAP: code, identifier, length, type; then op code, identifier, length, value size. */
    EAP_TYPE = 4,
    OP_CODE = 5,
    VALUE_SIZE = 9,
    VALUE = 10,
    RESPONSE_VALUE = 49, /* peer challenge, 8 reserved, NT response, flags */
};

/* ---- the packets ----------------------------------------------------------------------------- */

/* Value and name of a Challenge (op code 1, in a request) or a Response (2, in a response). */
static bool read_packet(ike_span packet, uint8_t code, size_t value_size, ike_span *value,
                        ike_span *name)
{
    size_t length;

    if (packet.length < VALUE + value_size || packet.data[0] != code ||
        packet.data[EAP_TYPE] != 26 || packet.data[OP_CODE] != code ||
        packet.data[VALUE_SIZE] != value_size)
        return false;
    length = ike_get_u16(packet.data + 2);
    if (length < VALUE + value_size || length > packet.length)
        return false;
    *value = (ike_span){packet.data + VALUE, value_size};
    *name = (ike_span){value->data + value_size, length - VALUE - value_size};
    return true;
}

/* RFC 2759 4: a domain before a backslash is not part of the user name. */
static ike_span without_domain(ike_span name)
{
    const uint8_t *mark = name.length > 0 ? memchr(name.data, '\\', name.length) : NULL;

    if (mark != NULL) {
        name.length -= (size_t)(mark + 1 - name.data);
        name.data = mark + 1;
    }
    return name;
}

/* ---- RFC 2759 -------------------------------------------------------------------------------- */

static bool sha1(const ike_span *parts, size_t count, uint8_t out[SHA1])
{
    return ike_ossl_hash(ike_ossl_digest("SHA1", false), (ike_span){NULL, 0}, parts, count, out);
}

static bool md4(ike_span data, uint8_t out[NT_HASH])
{
    return ike_ossl_hash(ike_ossl_digest("MD4", true), data, NULL, 0, out);
}

/* NtPasswordHash (8.3): MD4 of the password in UTF-16, low byte first. */
static bool nt_hash(ike_span password, uint8_t hash[NT_HASH])
{
    const char *text = password.length > 0 ? (const char *)password.data : "";
    glong units = 0;
    gunichar2 *wide = g_utf8_to_utf16(text, (glong)password.length, NULL, &units, NULL);
    uint8_t *bytes;
    bool ok;

    if (wide == NULL) { /* no UTF-8: each byte a character */
        units = (glong)password.length;
        wide = g_new(gunichar2, password.length + 1);
        for (glong i = 0; i < units; i++)
            wide[i] = password.data[i];
    }
    bytes = g_malloc((gsize)units * 2 + 1);
    for (glong i = 0; i < units; i++) {
        bytes[2 * i] = (uint8_t)wide[i];
        bytes[2 * i + 1] = (uint8_t)(wide[i] >> 8);
    }
    ok = md4((ike_span){bytes, (size_t)units * 2}, hash);
    OPENSSL_cleanse(bytes, (size_t)units * 2);
    OPENSSL_cleanse(wide, (size_t)units * 2);
    g_free(bytes);
    g_free(wide);
    return ok;
}

/* DesEncrypt (8.6): 7 bytes spread over the upper bits of 8. */
static bool des(EVP_CIPHER *cipher, const uint8_t key[7], const uint8_t in[8], uint8_t out[8])
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t spread[8];
    uint64_t bits = 0;
    int length;
    bool ok;

    for (int i = 0; i < 7; i++)
        bits = bits << 8 | key[i];
    for (int i = 0; i < 8; i++)
        spread[i] = (uint8_t)((bits >> (49 - 7 * i) & 0x7f) << 1);
    ok = context != NULL && EVP_EncryptInit_ex2(context, cipher, spread, NULL, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
         EVP_EncryptUpdate(context, out, &length, in, 8) == 1;
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(spread, sizeof spread);
    return ok;
}

/* ChallengeResponse (8.5) */
static bool challenge_response(const uint8_t challenge[8], const uint8_t hash[NT_HASH],
                               uint8_t response[NT_RESPONSE])
{
    EVP_CIPHER *cipher = ike_ossl_cipher("DES-ECB", true);
    uint8_t padded[21] = {0};
    bool ok = cipher != NULL;

    memcpy(padded, hash, NT_HASH);
    for (int i = 0; ok && i < 3; i++)
        ok = des(cipher, padded + 7 * i, challenge, response + 8 * i);
    OPENSSL_cleanse(padded, sizeof padded);
    return ok;
}

/* ---- RFC 3079 3.4 ---------------------------------------------------------------------------- */

/* GetAsymmetricStartKey */
static bool start_key(const uint8_t master[MASTER_KEY], const char *magic, uint8_t out[MASTER_KEY])
{
    static const uint8_t pad1[40];
    uint8_t pad2[40], full[SHA1];
    const ike_span parts[] = {{master, MASTER_KEY},
                              {pad1, sizeof pad1},
                              {(const uint8_t *)magic, strlen(magic)},
                              {pad2, sizeof pad2}};
    bool ok;

    memset(pad2, 0xf2, sizeof pad2);
    ok = sha1(parts, 4, full);
    memcpy(out, full, MASTER_KEY);
    OPENSSL_cleanse(full, sizeof full);
    return ok;
}

/* The server's receive key, its send key, 32 zeros. */
static bool derive_msk(const uint8_t hash[NT_HASH], const uint8_t response[NT_RESPONSE],
                       ike_secret *msk)
{
    static const char magic1[] = "This is the MPPE Master Key";
    static const char magic2[] = "On the client side, this is the send key; "
                                 "on the server side, it is the receive key.";
    static const char magic3[] = "On the client side, this is the receive key; "
                                 "on the server side, it is the send key.";
    uint8_t hash_hash[NT_HASH], master[SHA1];
    const ike_span parts[] = {{hash_hash, NT_HASH},
                              {response, NT_RESPONSE},
                              {(const uint8_t *)magic1, sizeof magic1 - 1}};
    uint8_t *out = ike_secret_resize(msk, MSK);
    bool ok = md4((ike_span){hash, NT_HASH}, hash_hash) && sha1(parts, 3, master) &&
              start_key(master, magic2, out) && start_key(master, magic3, out + MASTER_KEY);

    OPENSSL_cleanse(hash_hash, sizeof hash_hash);
    OPENSSL_cleanse(master, sizeof master);
    return ok;
}

ike_status ike_mschapv2_msk(ike_span challenge_packet, ike_span response_packet, ike_span password,
                            ike_secret *msk)
{
    ike_span challenge, server, response, user;
    uint8_t hash[NT_HASH], mixed[SHA1], own[NT_RESPONSE];
    ike_status status = IKE_ERR_NO_CIPHER;

    if (!read_packet(challenge_packet, 1, CHALLENGE, &challenge, &server) ||
        !read_packet(response_packet, 2, RESPONSE_VALUE, &response, &user))
        return IKE_ERR_ARGUMENT;
    user = without_domain(user);
    if (nt_hash(password, hash) && /* ChallengeHash, RFC 2759 8.2: 8 bytes of it are used */
        sha1((const ike_span[]){{response.data, CHALLENGE}, challenge, user}, 3, mixed) &&
        challenge_response(mixed, hash, own)) {
        const uint8_t *sent = response.data + CHALLENGE + 8;

        status = IKE_ERR_ICV;
        if (CRYPTO_memcmp(own, sent, NT_RESPONSE) == 0)
            status = derive_msk(hash, own, msk) ? IKE_OK : IKE_ERR_NO_CIPHER;
    }
    if (status != IKE_OK)
        ike_secret_clear(msk);
    OPENSSL_cleanse(hash, sizeof hash);
    ERR_clear_error();
    return status;
}
