/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that are wiped when they go. */
#include "decrypt/crypto/secret.h"

#include <string.h>

#include <glib.h>
#include <openssl/crypto.h>

uint8_t *ike_secret_resize(ike_secret *secret, size_t length)
{
    ike_secret_clear(secret);
    if (length > 0) {
        secret->data = g_malloc0(length);
        secret->length = length;
    }
    return secret->data;
}

void ike_secret_set(ike_secret *secret, ike_span bytes)
{
    /* First the copy: the bytes may be of this secret. */
    ike_secret copy = {g_memdup2(bytes.length > 0 ? bytes.data : NULL, bytes.length), bytes.length};

    ike_secret_move(secret, &copy);
}

void ike_secret_fill(ike_secret *secret, ike_span bytes)
{
    if (secret->length == 0 && bytes.length > 0)
        ike_secret_set(secret, bytes);
}

void ike_secret_join(const ike_span *parts, size_t count, ike_secret *secret)
{
    ike_secret joined = {0};
    size_t length = 0, at = 0;

    for (size_t i = 0; i < count; i++)
        length += parts[i].length;
    ike_secret_resize(&joined, length);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].length > 0) {
            memcpy(joined.data + at, parts[i].data, parts[i].length);
            at += parts[i].length;
        }
    }
    ike_secret_move(secret, &joined);
}

void ike_secret_move(ike_secret *to, ike_secret *from)
{
    if (to == from)
        return;
    ike_secret_clear(to);
    *to = *from;
    *from = (ike_secret){0};
}

bool ike_secret_equal(const ike_secret *a, const ike_secret *b)
{
    return a->length == b->length &&
           (a->length == 0 || CRYPTO_memcmp(a->data, b->data, a->length) == 0);
}

void ike_secret_clear(ike_secret *secret)
{
    if (secret->data != NULL) {
        OPENSSL_cleanse(secret->data, secret->length);
        g_free(secret->data);
    }
    *secret = (ike_secret){0};
}
