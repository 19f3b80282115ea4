/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counter with CBC-MAC over a block cipher, RFC 3610. */
#include "decrypt/crypto/ccm.h"

#include <string.h>

#include <openssl/crypto.h>

enum { BLOCK = 16 };

typedef struct {
    EVP_CIPHER_CTX *ecb;
    uint8_t state[BLOCK]; /* of the CBC-MAC */
    size_t filled;        /* bytes of the current block already mixed in */
    bool ok;
} cbc_mac;

static bool encrypt_block(EVP_CIPHER_CTX *ecb, const uint8_t *in, uint8_t *out)
{
    int length;

    return EVP_EncryptUpdate(ecb, out, &length, in, BLOCK) == 1 && length == BLOCK;
}

/* Zero padding to a full block: what is mixed in as nothing. */
static void mac_pad(cbc_mac *mac)
{
    if (mac->filled > 0) {
        mac->ok = mac->ok && encrypt_block(mac->ecb, mac->state, mac->state);
        mac->filled = 0;
    }
}

static void mac_update(cbc_mac *mac, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        mac->state[mac->filled++] ^= data[i];
        if (mac->filled == BLOCK)
            mac_pad(mac);
    }
}

/* B_0: flags, nonce, message length (RFC 3610 2.2). */
static void mac_start(cbc_mac *mac, ike_span nonce, size_t aad_length, size_t length,
                      size_t tag_length)
{
    uint8_t block[BLOCK] = {0};
    size_t length_bytes = BLOCK - 1 - nonce.length;

    block[0] =
        (uint8_t)((aad_length > 0 ? 0x40 : 0) | ((tag_length - 2) / 2) << 3 | (length_bytes - 1));
    memcpy(block + 1, nonce.data, nonce.length);
    for (size_t i = 0; i < length_bytes && i < sizeof length; i++)
        block[BLOCK - 1 - i] = (uint8_t)(length >> (8 * i));
    mac_update(mac, block, BLOCK);
}

/* The length of the additional data and the data, padded. Only lengths below 2^32 come here. */
static void mac_aad(cbc_mac *mac, ike_span aad)
{
    uint8_t bytes[6] = {0xff,
                        0xfe,
                        (uint8_t)(aad.length >> 24),
                        (uint8_t)(aad.length >> 16),
                        (uint8_t)(aad.length >> 8),
                        (uint8_t)aad.length};

    if (aad.length == 0)
        return;
    if (aad.length < 0xff00)
        mac_update(mac, bytes + 4, 2);
    else
        mac_update(mac, bytes, sizeof bytes);
    mac_update(mac, aad.data, aad.length);
    mac_pad(mac);
}

static void next_counter(uint8_t *counter, size_t length_bytes)
{
    for (size_t i = 0; i < length_bytes && ++counter[BLOCK - 1 - i] == 0; i++) {
    }
}

bool ike_ccm_decrypt(EVP_CIPHER_CTX *ecb, ike_span nonce, ike_span aad, ike_span in, uint8_t *out,
                     uint8_t *tag, size_t tag_length)
{
    cbc_mac mac = {.ecb = ecb, .ok = true};
    size_t length_bytes = BLOCK - 1 - nonce.length;
    uint8_t counter[BLOCK] = {(uint8_t)(length_bytes - 1)};
    uint8_t stream[BLOCK], first[BLOCK];

    memcpy(counter + 1, nonce.data, nonce.length);
    mac.ok = encrypt_block(ecb, counter, first); /* S_0 covers the tag */
    mac_start(&mac, nonce, aad.length, in.length, tag_length);
    mac_aad(&mac, aad);

    for (size_t at = 0; at < in.length && mac.ok; at += BLOCK) {
        size_t size = in.length - at < BLOCK ? in.length - at : BLOCK;

        next_counter(counter, length_bytes);
        mac.ok = encrypt_block(ecb, counter, stream);
        for (size_t i = 0; i < size; i++)
            out[at + i] = in.data[at + i] ^ stream[i];
        mac_update(&mac, out + at, size);
    }
    mac_pad(&mac);
    for (size_t i = 0; i < tag_length; i++)
        tag[i] = mac.state[i] ^ first[i];
    OPENSSL_cleanse(stream, sizeof stream);
    OPENSSL_cleanse(first, sizeof first);
    OPENSSL_cleanse(&mac.state, sizeof mac.state);
    return mac.ok;
}
